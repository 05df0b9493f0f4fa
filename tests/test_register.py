"""The register's files: what is refused and how it is told, what is merged, who stands for whom; and `tarikh parties`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from conftest import Tarikh
from tarikh import reference
from tarikh.errors import RegisterError
from tarikh.reference import entries, register
from tarikh.reference.entries import read

FAULTS = [
    ("parties:\n  Owls: {class: rebel,\n    colour: grey}", "line 3", "did you mean|the keys are"),
    ("parties:\n  Owls: {class: rebel, alias: [Night Owls]}", "line 2", "did you mean 'aliases'"),
    ("partys:\n  Owls: {class: rebel}", "line 1", "no section"),
    ("parties:\n  Owls: {class: birds}", "line 2", "it is one of rebel"),
    ("parties:\n  Owls: {class: rebel, parent: Eagles}", "line 2", "add an entry|did you mean"),
    ("parties:\n  Owls: {class: rebel, countries: [XQX]}", "line 2", "alpha-3"),
    ("parties:\n  Owls: {class: rebel, countries: [Mali]}", "line 2", "write MLI"),
    ("parties:\n  Owls: {class: rebel, aliases: [{countries: [MLI]}]}", "line 2", "without a name"),
    ("parties:\n  Owls: {class: rebel, aliases: [{name: Hoot, units: [Gao]}]}", "line 2", "whose units"),
    ("parties:\n  Owls: {class: rebel, aliases: [{name: Hoot, told: true}]}", "line 2", "only where it has countries"),
    ("parties:\n  Owls: {class: rebel, from: spring}", "line 2", "2017-03-02"),
    ("parties:\n  Owls: {class: rebel, from: 2021-02-31}", "line 2", "2017-03-02"),
    ("parties:\n  Owls: {class: rebel, from: 2021-02-01, to: 2020-01-01}", "line 2", "before it begins"),
    ("parties:\n  Owls: [rebel]", "line 2", "must be a mapping"),
    ("parties:\n  Owls: {class: rebel}\n  Owls: {class: gang}", "line 3", "stands twice .* line 2"),
    ("parties:\n  Owls: {class: rebel, local: [NO]}", "line 2", "with quotes"),
    ("parties:\n  Owls: {class: rebel, local: [Hoot]}", "line 2", "no countries"),
    ("parties:\n  Owls: {class: rebel, aliases: [fighters]}", "line 2", "common words"),
    ("parties:\n  Owls: {class: rebel, parent: Hawks}\n  Hawks: {class: rebel, parent: Owls}", "line 3", "cycle"),
    ("parties:\n  Owls: {class: rebel, successor: Owls}", "line 2", "cycle of successors: Owls → Owls"),
    ("parties:\n  Hawks: {class: gang, aliases: [Night Watch]}\n  Owls: {class: gang, aliases: [night watch]}",
     "line 3", "claimed twice, by 'Hawks'"),
    ("parties:\n  Owls: {class: gang, countries: [BFA],\n    local: [volunteers]}", "line 3", "'VDP'"),
    ("parties:\n  Owls: {class: gang}}", "line 2", "not valid YAML"),
    ("communities:\n  Bozo: {countries: [MLI]}", "line 2", "no words"),
    ("parties:\n  Owls: &o {class: gang}\n  Hawks: *o", "line 2", "used again by an alias"),
    ("parties:\n  Owls: {class: gang, aliases: [{name: Hoot, name: Toot}]}", "line 2", "stands twice"),
    ("parties:\n  Owls: {class: gang, local: [[[[[[[[[[Hoot]]]]]]]]]]}", "line 2", "nested too deep"),
    ("parties:\n  Owls:\n    class: gang\x00", "line 3", "control character"),
    ('parties:\n  Owls:\n    class: "gang\\0"', "line 3", "control character"),
    ("parties:\n  Owls: {class: gang, ucdp: 0x" + "f" * 9000 + "}", "line 2", "more than 500 characters"),
    ('parties:\n  "": {class: gang}', "line 2", "no letter or digit"),
    ('parties:\n  " ": {class: gang}', "line 2", "no letter or digit"),
    ('parties:\n  "-": {class: gang}', "line 2", "no letter or digit"),
    ('parties:\n  Owls: {class: gang, aliases:\n    [{name: ".", countries: [MLI]}]}', "line 3", "no letter or digit"),
    ('parties:\n  Owls: {class: gang, countries: [MLI],\n    local: ["…"]}', "line 3", "no letter or digit"),
    ("communities:\n  Bozo: {words: [Bozo],\n    nationality: [MLI]}", "line 3", "alpha-3"),
    ("communities:\n  Bozo: {words: [Bozo,\n    the]}", "line 3", "common word"),
    ('communities:\n  Bozo: {words: ["-"]}', "line 2", "no letter or digit"),
    ("parties:\n  Owls: {class: gang, ucdp: true}", "line 2", "number of an actor"),
    ("parties:\n  Owls: {class: gang, ucdp: -1}", "line 2", "number of an actor"),
    ("parties:\n  Owls: {class: gang, inherits: true}", "line 2", "no parent"),
    ("parties:\n  Owls: {class: gang, parent: Hawks}\n  Hawks: {class: gang, successor: Owls}", "line 2",
     "both a part and the successor"),
    ("parties:\n  Owls: {class: gang, parent: Hawks}\n  Hawks: {class: gang, parent: Crows}\n  Crows: {class: gang, successor: Owls}",
     "line 4", "'Crows' comes back to itself .*: the parent of 'Owls' is 'Hawks', the parent of 'Hawks' is 'Crows', the successor"),
    ("parties:\n  Owls: {class: gang, successor: Hawks}\n  Hawks: {class: gang, successor: Crows}\n  Crows: {class: gang, parent: Owls}",
     "line 4", "the parent of 'Crows' is 'Owls'; take one of them out"),
    ("parties:\n  Owls: {class: gang, parent: Hawks}\n  Hawks: {class: gang, successor: Crows}\n  Crows: {class: gang, parent: Owls}",
     "line 4", "comes back to itself"),
    ("parties:\n  Owls: {class: gang, parent: Hawks, successor: Crows}\n  Hawks: {class: gang}\n  Crows: {class: gang, parent: Hawks, successor: Larks}\n"
     "  Larks: {class: gang, successor: Wrens}\n  Wrens: {class: gang, parent: Crows}", "line 6", "'Wrens' comes back to itself"),
    ("parties:\n  JNIM: {drop: [Katiba Masina X]}", "line 2", "did you mean"),
    ("parties:\n  JNIM: {drop: [JNIM]}", "line 2", "no earlier file"),
    ("parties:\n  Owls: {class: gang, countries: MLI}", "line 2", '"MLI", "NER"'),
    ("parties:\n  Owls:\n    class: gang\n    aliases:\n      - Hoot\n      - 3", "line 6", "quote it"),
    ("parties:\n  Owls:\n    class: gang\n    aliases:\n      - Hoot\n      -", "line 6", "quote it"),
    ("parties:\n  Owls: {class: gang, aliases: false}", "line 2", "must be a list"),
    ("parties:\n  Owls: {<<: {class: gang}}", "line 2", "a merge"),
    ("- Owls", "line 1", "must be a mapping"),
    ("", "", "is empty"),
]  # fmt: skip


@pytest.fixture
def fresh() -> Iterator[None]:
    """The register is read again by the test, and once more by the tests behind it."""
    caches = (register.register, register._parties_by_name, reference.names._names, reference.named)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(("text", "line", "way"), FAULTS)
def test_a_fault_is_told_with_file_line_and_way_out(tmp_path: Path, text: str, line: str, way: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RegisterError, match=way) as told:
        reference.checked(file)
    assert len(str(told.value)) < 600 + len(str(file))
    assert str(told.value).startswith(f"{file}, {line}" if line else str(file))


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe\x00", b"parties: " + b"[" * 5000, b"<html><body>404</body></html>"]
)
def test_what_is_no_register_is_refused_with_a_sentence(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "own.yaml"
    file.write_bytes(raw)
    with pytest.raises(RegisterError, match=r"own\.yaml"):
        reference.checked(file)
    with pytest.raises(RegisterError, match="cannot be read"):
        reference.checked(tmp_path / "none.yaml")


def test_a_nest_of_aliases_is_refused_before_it_is_built(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    nest = "".join(f"  P{n}: &a{n} {{x: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12))
    file.write_text("parties:\n  P0: &a0 {class: gang}\n" + nest, encoding="utf-8")
    with pytest.raises(RegisterError, match="alias"):
        reference.checked(file)


def test_a_long_chain_of_parents_is_checked_at_once(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    rows = (f"  Owls {n}: {{class: gang, parent: Owls {n + 1}}}\n" for n in range(2000))
    file.write_text("parties:\n" + "".join(rows) + "  Owls 2000: {class: gang}\n", encoding="utf-8")
    assert reference.checked(file) == (2001, 0)


def test_a_states_forces_may_succeed_a_party_and_be_nobodys_parent(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("parties:\n  Owls: {class: gang, successor: Military of Mali}\n", encoding="utf-8")
    assert reference.checked(file) == (1, 0)
    file.write_text("parties:\n  Owls: {class: gang, parent: Military of Mali}\n", encoding="utf-8")
    with pytest.raises(RegisterError, match="unknown parent"):
        reference.checked(file)
    file.write_text("parties:\n  Owls: {class: gang, successor: Military of Malli}\n", encoding="utf-8")
    with pytest.raises(RegisterError, match="did you mean 'Military of Mali'"):
        reference.checked(file)


def test_parts_and_heirs_that_meet_make_no_ring(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "parties:\n  Owls: {class: gang, parent: Hawks, successor: Hawks}\n  Hawks: {class: gang, successor: Crows}\n"
        "  Larks: {class: gang, parent: Owls, successor: Crows}\n  Crows: {class: gang}\n",
        encoding="utf-8",
    )
    assert reference.checked(file) == (4, 0)


def test_an_own_entry_that_closes_a_ring_with_shipped_ones_is_told_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("parties:\n  HTS:\n    parent: Al-Nusra Front\n", encoding="utf-8")
    with pytest.raises(RegisterError, match=r"own\.yaml, line 3: .*comes back to itself|both a part"):
        reference.checked(file)


def test_a_file_of_too_many_parties_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_ENTRIES", 2)
    file = tmp_path / "own.yaml"
    file.write_text(
        "parties:\n" + "".join(f"  Owls {n}: {{class: gang}}\n" for n in range(3)), encoding="utf-8"
    )
    with pytest.raises(RegisterError, match="3 parties, more than 2; split"):
        read(file)


def test_country_unit_or_day_tell_a_shared_name_apart(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "parties:\n"
        "  Owls: {class: gang, aliases: [{name: Watch, countries: [MLI]}]}\n"
        "  Hawks: {class: gang, aliases: [{name: Watch, countries: [NER], to: 2020-01-01}]}\n"
        "  Crows: {class: gang, aliases: [{name: Watch, countries: [NER], from: 2020-01-02}]}\n"
        "  Larks: {class: gang, aliases: [{name: Watch, countries: [MLI], units: [Gao]}]}\n",
        encoding="utf-8",
    )
    assert reference.checked(file) == (4, 0)


def test_no_entry_of_the_shipped_register_stands_in_two_files() -> None:
    files = [read(path) for path in register.shipped_files()]
    names = Counter(entry.name for file in files for entry in (*file.parties, *file.communities))
    assert [name for name, count in names.items() if count > 1] == []


def test_shipped_names_are_none_of_common_words() -> None:
    plain = [u.text for p in reference.parties() for u in p.uses if not u.strict]
    assert [text for text in plain if register._too_common(text)] == []


MEANT = {
    "ADF": {"soldats du califat", "soldiers of the caliphate"},
    "Ambazonia insurgents": {
        "indépendantiste", "indépendantistes", "secessionists", "separatist fighters", "separatist rebels",
        "separatist terrorists", "separatists", "sécessionniste", "sécessionnistes", "séparatiste", "séparatistes",
    },
    "Brazilian militias": {"milícias"},
    "Contras (Nicaragua)": {"contra rebels", "contras"},
    "Guatemalan death squads": {"escadrons de la mort"},
    "IS Mozambique": {"soldiers of the caliphate"},
    "IS Sahel Province": {"soldats du califat", "soldiers of the caliphate"},
    "ISWAP": {"soldiers of the caliphate"},
    "Islamic State": {"soldiers of the caliphate"},
    "Janjaweed": {"milices janjawid"},
    "PAC (Guatemala)": {"patrullas de autodefensa civil"},
    "Rondas campesinas": {"rondero", "ronderos"},
    "Salvadoran death squads": {"escadron de la mort", "escadrons de la mort"},
    "Sikh insurgents": {"séparatistes sikhs"},
    "VDP": {
        "army auxiliaries", "auxiliaires civils", "auxiliaires de l'armée", "civilian auxiliaries", "civilian volunteers",
        "supplétifs civils", "supplétifs de l'armée", "volunteer fighters",
    },
}  # fmt: skip
"""Names of common words that mean their party without being told: nobody else is called so there and then, or the party
has no other name."""


def test_shipped_common_nouns_mean_a_party_only_where_it_is_told() -> None:
    found: dict[str, set[str]] = {}
    for party in reference.parties():
        for use in party.uses:
            if not use.told and use.text.islower() and register._too_common(use.text):
                found.setdefault(party.name, set()).add(use.text)
    assert found == MEANT


def test_a_name_of_a_states_force_is_no_partys_in_that_country() -> None:
    forces = {
        (reference.flat(n), c.iso3)
        for c in reference.countries()
        for names in c.forces.values()
        for n in names
    }
    uses = [
        u for p in reference.parties() for u in p.uses if u.end is None
    ]  # "SPLA" was a party's until 2011
    assert [
        (u.text, u.party) for u in uses for c in u.countries if (reference.flat(u.text), c) in forces
    ] == []


@pytest.mark.usefixtures("fresh")
def test_an_own_register_is_merged_over_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_text(
        "parties:\n  JNIM: {aliases: [Brigade of the Example], drop: [Katiba Macina]}\n"
        "  River Owls: {class: militia, countries: [MLI], parent: JNIM, inherits: true, from: 2030-01-01}\n"
        "communities:\n  Wren: {words: [Wren], countries: [MLI]}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("TARIKH_PARTIES", str(tmp_path))
    party = reference.party("JNIM")
    assert party is not None
    assert party.category == "rebel"
    assert "Brigade of the Example" in party.aliases
    assert "Katiba Macina" not in party.aliases
    assert means("GSIM", "MLI", date(2031, 1, 1)) == "River Owls"
    assert means("GSIM", "MLI", date(2024, 1, 1)) == "JNIM"
    assert "Wren" in {c.name for c in reference.communities()}


@pytest.mark.usefixtures("fresh")
def test_a_setting_that_leads_nowhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARIKH_PARTIES", str(tmp_path / "none"))
    with pytest.raises(RegisterError, match="TARIKH_PARTIES"):
        reference.parties()


# --- who a name means --------------------------------------------------------------------------------------


def means(words: str, country: str | None, day: date | None = None, unit: str | None = None) -> str | None:
    (found,) = reference.named(words)
    return reference.meaning(found.uses, country, day, unit)


@pytest.mark.parametrize(
    ("words", "country", "day", "party"),
    [
        ("ISIS", "MLI", date(2023, 5, 1), "IS Sahel Province"),
        ("داعش", "IRQ", date(2016, 5, 1), "Islamic State"),
        ("ISIS", "LBY", date(2016, 5, 1), "IS Libya"),
        ("ISIS", "YEM", date(2016, 5, 1), "IS Yemen"),
        ("Daech", "DZA", date(2015, 5, 1), "IS Algeria"),
        ("Boko Haram", "NGA", date(2012, 5, 1), "Boko Haram"),
        ("Boko Haram", "NGA", date(2018, 5, 1), "Boko Haram"),
        ("ISWAP", "NGA", date(2018, 5, 1), "ISWAP"),
        ("ISWAP", "NGA", date(2012, 5, 1), None),
        ("Russian paramilitaries", "MLI", date(2025, 6, 5), "Wagner Group"),
        ("Russian mercenaries", "MLI", date(2023, 6, 6), "Wagner Group"),
        ("Russian mercenaries", "MLI", date(2025, 8, 1), "Africa Corps"),
        ("mercenaires russes", "MLI", date(2025, 8, 1), "Africa Corps"),
        ("Ansar Dine", "MLI", date(2019, 5, 1), "JNIM"),
        ("GSPC", "DZA", date(2010, 5, 1), "AQIM"),
        ("GIA", "DZA", date(1995, 5, 1), "GIA"),
        ("al-Nusra Front", "SYR", date(2014, 5, 1), "Al-Nusra Front"),
        ("al-Nusra Front", "SYR", date(2019, 5, 1), "HTS"),
        ("LTTE", "LKA", date(2015, 5, 1), None),
        ("SLA", "LBN", date(1995, 5, 1), "South Lebanon Army"),
        ("SLA", "SUR", date(1989, 5, 1), "Surinamese Liberation Army"),
        ("UCK", "XKX", date(1998, 5, 1), "KLA"),
        ("UÇK", "MKD", date(2001, 5, 1), "NLA (Macedonia)"),
        ("IRA", "GBR", date(1990, 5, 1), "Provisional IRA"),
        ("IRA", "GBR", date(2020, 5, 1), "New IRA"),
        ("Maoists", "NPL", date(2003, 5, 1), "CPN-Maoist"),
        ("Maoists", "IND", date(2003, 5, 1), "CPI-Maoist"),
        ("Janjaweed", "SDN", date(2005, 5, 1), "Janjaweed"),
        ("Janjaweed", "SDN", date(2023, 5, 1), "RSF"),
        ("FARC", "COL", date(1998, 5, 1), "FARC"),
        ("FARC", "COL", date(2021, 5, 1), "FARC dissidents"),
        ("FAR", "GTM", date(1989, 5, 1), "FAR (Guatemala)"),
        ("UPC", "CAF", date(2020, 5, 1), "UPC"),
        ("UPC", "COD", date(2003, 5, 1), "UPC (Ituri)"),
        ("MONUC", "COD", date(2012, 5, 1), "Peacekeepers (MONUSCO)"),
        ("séparatistes prorusses", "UKR", date(2014, 8, 1), "Novorossiya forces"),
        ("Army of Islam", "PSE", date(2007, 5, 1), "Jaysh al-Islam (Gaza)"),
        ("Army of Islam", "SYR", date(2015, 5, 1), "Jaysh al-Islam"),
    ],
)
def test_a_name_follows_place_and_day(words: str, country: str, day: date, party: str | None) -> None:
    assert means(words, country, day) == party


def test_an_undated_name_means_who_still_exists() -> None:
    assert means("Janjaweed", "SDN") == "RSF"
    assert means("IRA", "GBR") == "New IRA"


# --- the commands -----------------------------------------------------------------------------------------


def test_show_knows_every_name(tarikh: Tarikh) -> None:
    shown = tarikh("parties", "show", "isgs", "--json").json()
    assert [p["name"] for p in shown] == ["IS Sahel Province"]
    assert "IS Sahel Province" in tarikh("parties", "show", "ISGS").out
    missing = tarikh("parties", "show", "ISGZ")
    assert missing.code == 1
    assert "near it are ISGS" in missing.sentence()


def test_find_says_what_a_name_means_there_and_then(tarikh: Tarikh) -> None:
    run = tarikh("parties", "find", "ISIS near Ménaka", "--country", "Mali", "--date", "2023-05-01", "--json")
    assert [row["means"] for row in json.loads(run.out)] == ["IS Sahel Province"]
    assert tarikh("parties", "find", "nobody at all").code == 1
    assert tarikh("parties", "find", "ISIS", "--date", "soon").code == 2


def test_words_that_are_no_text_are_refused_with_a_sentence(tarikh: Tarikh) -> None:
    for args in (("find", "\udcff\udcfe"), ("show", "\udcff"), ("find", "JNIM", "--unit", "\udcff")):
        done = tarikh("parties", *args)
        assert done.code == 2
        assert "UTF-8" in done.sentence()


def test_check_accepts_and_refuses(tarikh: Tarikh, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("parties:\n  River Owls: {class: militia, countries: [MLI]}\n", encoding="utf-8")
    bad.write_text("parties:\n  River Owls: {class: owls}\n", encoding="utf-8")
    assert tarikh("parties", "check", str(good)).code == 0
    run = tarikh("parties", "check", str(bad))
    assert run.code == 2
    assert "line 2" in run.sentence()


@pytest.mark.usefixtures("fresh")
def test_a_faulty_register_stops_coding_with_one_sentence(
    tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("parties:\n  River Owls: {class: militia, colour: grey}\n", encoding="utf-8")
    report = tmp_path / "report.txt"
    report.write_text(
        "Bamako, 3 March 2025. Gunmen killed four farmers near Gao on Monday.", encoding="utf-8"
    )
    monkeypatch.setenv("TARIKH_PARTIES", str(file))
    for command in (("code", report), ("parties", "show", "JNIM")):
        run = tarikh(*command)
        assert (run.code, run.out) == (2, "")
        assert "own.yaml, line 2" in run.sentence()
    assert "own.yaml, line 2" in tarikh("doctor").out
