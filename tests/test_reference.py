"""What is known beforehand: countries, the party register, and names found in text."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh import reference


@given(st.text())
def test_flat_keeps_every_offset(text: str) -> None:
    assert len(reference.flat(text)) == len(text)


def test_flat_folds_case_accents_hyphens_and_quotes() -> None:
    assert reference.flat("Al‑Shabaab’s “Côte”") == 'al shabaab\'s "cote"'


def test_every_country_has_unique_codes_and_name() -> None:
    rows = reference.countries()
    assert (
        len(rows) == len({c.iso3 for c in rows}) == len({c.iso2 for c in rows}) == len({c.name for c in rows})
    )
    assert all(len(c.iso3) == 3 and len(c.iso2) == 2 for c in rows)
    assert [c.iso3 for c in rows] == sorted(c.iso3 for c in rows)


@pytest.mark.parametrize(
    ("iso3", "name"),
    [
        ("CIV", "Ivory Coast"),
        ("COD", "DR Congo"),
        ("CAF", "Central African Republic"),
        ("SSD", "South Sudan"),
        ("MMR", "Myanmar"),
        ("USA", "United States"),
        ("GBR", "United Kingdom"),
        ("PSE", "Palestine"),
    ],
)
def test_short_names_are_the_codebooks(iso3: str, name: str) -> None:
    found = reference.country(iso3)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("words", "iso3"),
    [
        ("côte d'ivoire", "CIV"),
        ("DRC", "COD"),
        ("Birmanie", "MMR"),
        ("Gaza", "PSE"),
        ("NER", "NER"),
        ("SD", "SDN"),
        ("Türkiye", "TUR"),
    ],
)
def test_country_by_any_name_or_code(words: str, iso3: str) -> None:
    found = reference.country_by_name(words)
    assert found is not None
    assert found.iso3 == iso3


def test_unknown_country_is_none() -> None:
    assert reference.country_by_name("Freedonia") is None
    assert reference.country(None) is None


def test_nigerien_is_not_nigerian() -> None:
    assert [c.iso3 for c in reference.countries_by_adjective("Nigerien")] == ["NER"]
    assert [c.iso3 for c in reference.countries_by_adjective("Nigerians")] == ["NGA"]
    assert [c.iso3 for c in reference.countries_by_adjective("nigérienne", "fr")] == ["NER"]
    assert [c.iso3 for c in reference.countries_by_adjective("Congolese")] == ["COD", "COG"]


def test_register_is_sound() -> None:
    rows = reference.parties()
    assert len([p for p in rows if p.category not in ("igo", "peacekeepers", "political")]) >= 350
    assert len({p.name for p in rows}) == len(rows)
    ids = [p.ucdp for p in rows if p.ucdp is not None]
    assert len(ids) == len(set(ids))
    assert all(p.start is None or p.end is None or p.start < p.end for p in rows)


def meaning(words: str, country: str | None, day: date | None = None, unit: str | None = None) -> str | None:
    (found,) = reference.named(words)
    return reference.meaning(found.uses, country, day, unit)


@pytest.mark.parametrize(
    ("words", "country", "unit", "party"),
    [
        ("Islamic State", "MLI", None, "IS Sahel Province"),
        ("ISIS", "BFA", None, "IS Sahel Province"),
        ("EIGS", "NER", "Tillabéri", "IS Sahel Province"),
        ("Islamic State", "NER", "Diffa", "ISWAP"),
        ("Islamic State", "NER", "Tahoua", "IS Sahel Province"),
        ("Islamic State", "NGA", None, "ISWAP"),
        ("État islamique", "CMR", None, "ISWAP"),
        ("Islamic State", "AFG", None, "ISKP"),
        ("IS", "MOZ", None, "IS Mozambique"),
        ("Islamic State", "COD", None, "ADF"),
        ("Islamic State", "SYR", None, "Islamic State"),
        ("Islamic State", "FRA", None, "Islamic State"),
        ("Islamic State", None, None, "Islamic State"),
        ("al-Qaeda", "YEM", None, "AQAP"),
        ("al Qaeda", "AFG", None, "Al-Qaeda"),
        ("SDF", "LBY", None, "Special Deterrence Force"),
        ("SDF", "SYR", None, "SDF"),
        ("SNA", "SOM", None, "Military of Somalia"),
        ("Taliban", "PAK", None, "TTP"),
        ("Taliban", "AFG", None, "Taliban"),
        ("UPDF", "COD", None, "Military of Uganda"),
    ],
)
def test_a_name_follows_the_place(words: str, country: str | None, unit: str | None, party: str) -> None:
    assert meaning(words, country, unit=unit) == party


def test_a_name_follows_the_day() -> None:
    assert meaning("al-Qaeda", "MLI", date(2023, 5, 1)) == "JNIM"
    assert meaning("al-Qaeda", "MLI", date(2013, 5, 1)) == "AQIM"
    assert meaning("Janjaweed", "SDN", date(2023, 5, 1)) == "RSF"


def test_a_description_means_nothing_elsewhere() -> None:
    assert meaning("separatist fighters", "CMR") == "Ambazonia insurgents"
    assert meaning("separatist fighters", "ESP") is None


def test_capitals_decide_about_short_acronyms() -> None:
    assert [n.text for n in reference.named("The AA is in town, aa let it be")] == ["AA"]
    assert [n.text for n in reference.named("Unifil and unifil and UNIFIL")] == ["Unifil", "UNIFIL"]
    assert reference.named("WHO IS THERE") == ()


def test_names_stop_at_word_boundaries_and_the_longest_wins() -> None:
    assert [n.text for n in reference.named("Frelimov, M234 and Islamic State Khorasan Province")] == [
        "Islamic State Khorasan Province"
    ]


@given(st.text(alphabet="IS UNal-Qed(M23)JNIM.’'\n", max_size=80))
def test_names_lie_in_the_text_and_never_overlap(text: str) -> None:
    last = 0
    for found in reference.named(text):
        assert found.start >= last
        assert text[found.start : found.end] == found.text
        last = found.end


def test_kinds_keep_the_codebooks_precedence() -> None:
    names = [kind.name for kind in reference.kinds()]
    assert names[0] == "chemical_attack"
    assert names.index("suicide_bombing") < names.index("armed_clash") < names.index("movement")
