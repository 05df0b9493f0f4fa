"""Contested places: what a file is refused for, which places lie in an area, who holds it on which day, where it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import chronicle_sample as sample
from conftest import Tarikh
from tarikh import reference
from tarikh.errors import RegisterError
from tarikh.exports import context, jsonl, page, record
from tarikh.model import When, Where
from tarikh.reference import contested
from tarikh.reference.areas import Contested, Tenure, first_day, last_day

STEPANAKERT = Where("AZE", "Khankendi", None, "Khankendi", 39.82, 46.75, "exact")
KIDAL = Where("MLI", "Kidal", None, "Kidal", 18.44, 1.41, "exact")
AREA = """areas:
  owl-hills:
    name: Owl Hills
    where: [{countries: [MLI], units: [Gao]}]
    claimed_by: [{state: MLI}]
    held_by: [{party: JNIM, from: 2020-03}]
    as_of: 2025
    source: a report
"""


def _with(old: str, new: str) -> str:
    assert old in AREA
    return AREA.replace(old, new)


FAULTS = [
    (_with("name: Owl Hills", "nom: Owl Hills"), "line 3", "unknown key 'nom'; did you mean 'name'|the keys are"),
    (_with("areas:", "aeras:"), "line 1", "no section .* areas and authorities"),
    (_with("owl-hills:", "Owl Hills:"), "line 2", "is no id"),
    (_with("    source: a report\n", ""), "line 2", "lacks 'source'"),
    (_with("    as_of: 2025\n", ""), "line 2", "lacks 'as_of'"),
    (_with("source: a report", "source: []"), "line 8", "needs words for 'source'"),
    (_with("as_of: 2025", "as_of: spring"), "line 7", "no date; write a year"),
    (_with("2020-03", "2020-13"), "line 6", "no date; write a year"),
    (_with("2020-03", "2021-02-30"), "line 6", "cannot be read|no date"),
    (_with("from: 2020-03", "from: 2020-03, to: 2019"), "line 6", "an end before the beginning"),
    (_with("party: JNIM", "party: JNIMM"), "line 6", "unknown party 'JNIMM'; did you mean 'JNIM'"),
    (_with("party: JNIM", "party: Qwertzuiop"), "line 6", "unknown party .* canonical name"),
    (_with("party: JNIM", "state: Mali"), "line 6", "unknown country 'Mali'; write MLI"),
    (_with("party: JNIM", "state: XQX"), "line 6", "alpha-3"),
    (_with("party: JNIM", "authority: owls"), "line 6", "unknown authority 'owls'; add it|did you mean"),
    (_with("party: JNIM", "party: JNIM, state: MLI"), "line 6", "does not say who"),
    (_with("party: JNIM, ", ""), "line 6", "does not say who"),
    (_with("party: JNIM", "party: JNIM, since: 2020"), "line 6", "unknown key 'since'"),
    (_with("[{state: MLI}]", "MLI"), "line 5", r"needs a list for 'claimed_by', \[\] where nobody does"),
    (_with("countries: [MLI], ", ""), "line 4", "without countries"),
    (_with("countries: [MLI]", "countries: [MALI]"), "line 4", "unknown country"),
    (_with("units: [Gao]", "units: Gao"), "line 4", "list of words"),
    (_with("units: [Gao]", "units: [NO]"), "line 4", "with quotes"),
    (_with("units: [Gao]", 'units: ["-"]'), "line 4", "no letter or digit"),
    (_with("units: [Gao]", "unit: [Gao]"), "line 4", "did you mean 'units'"),
    (_with("units: [Gao]", "box: [16, 0, 15, 1]"), "line 4", "which is empty; write .south, west, north, east"),
    (_with("units: [Gao]", "box: [16, 0, 17]"), "line 4", "write .south, west, north, east"),
    (_with("units: [Gao]", "outline: [[16, 0], [17, 0]]"), "line 4", "less than three corners"),
    (_with("units: [Gao]", "outline: [[16, 0], [97, 0], [16, 1]]"), "line 4", "not on earth; latitude comes first"),
    (_with("units: [Gao]", "outline: [[16, 0], [17, .nan], [16, 1]]"), "line 4", "not on earth"),
    (_with("units: [Gao]", "box: [1" + "0" * 400 + ", 0, 2, 1]"), "line 4", "not on earth"),
    (_with("units: [Gao]", "units: [Gao], places: [Gao], partly: true"), "line 4", "just units, districts or places"),
    (_with("units: [Gao]", "partly: true"), "line 4", "just units, districts or places"),
    (AREA + "  owl-hills: {drop: true}\n", "line 9", "stands twice .* line 2"),
    ("areas:\n  owl-hills: {drop: true}", "line 2", "only where an earlier file has it"),
    (AREA + "    names: {french: [Hiboux]}\n", "line 9", "ISO 639-1"),
    (AREA + "authorities:\n  owls: {title: Owls}\n", "line 10", "unknown key 'title'"),
    ("areas: [1]", "line 1", "must be a mapping; see docs/gazetteers.md"),
    ("areas:\n  owl-hills: 3", "line 2", "must be a mapping"),
    ("", "", "is empty"),
]  # fmt: skip


@pytest.fixture
def fresh() -> Iterator[None]:
    """The areas are read again by the test, and once more by the tests behind it."""
    caches = (contested.areas, contested._by_country, contested.at)
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
        contested.checked(file)
    assert str(told.value).startswith(f"{file}, {line}" if line else str(file))
    assert len(str(told.value)) < 600 + len(str(file))


# ---- the shipped files ---------------------------------------------------------------------------------------


def test_every_shipped_party_is_in_the_register_and_every_entry_has_its_source() -> None:
    areas = contested.areas()
    assert len(areas) > 100
    for area in areas:
        assert area.source, area.id
        for each in (*area.claimed_by, *area.held_by):
            assert each.party is None or reference.party(each.party), (area.id, each.party)
            assert each.start is None or first_day(each.start) <= last_day(area.as_of), (area.id, each)
    assert len({area.name for area in areas}) == len(areas)


def _holders(where: Where, day: date | None, area: str) -> list[str]:
    found = {each.area: each for each in contested.at(where, day, day)}
    return [each.name for each in found[area].held_by]


def test_stepanakert_has_other_holders_in_2019_2021_and_2024() -> None:
    artsakh = "Nagorno-Karabakh (Artsakh) authorities"
    assert _holders(STEPANAKERT, date(2019, 6, 1), "nagorno-karabakh") == [artsakh, "Armenia"]
    assert _holders(STEPANAKERT, date(2021, 6, 1), "nagorno-karabakh") == [artsakh, "Russia"]
    assert _holders(STEPANAKERT, date(2024, 6, 1), "nagorno-karabakh") == ["Azerbaijan"]


def test_kidal_is_the_coordinations_in_2015_and_malis_in_2024() -> None:
    assert _holders(KIDAL, date(2015, 6, 1), "kidal") == ["CMA"]
    assert _holders(KIDAL, date(2024, 6, 1), "kidal") == ["Mali"]
    assert KIDAL.country == "MLI"


def test_a_place_that_one_alone_claims_and_holds_is_not_disputed_then() -> None:
    mosul = Where("IRQ", "Nineveh", "Mosul", "Mosul", 36.34, 43.12, "exact")
    for year, disputed in ((2015, True), (2020, False)):
        (found,) = contested.at(mosul, date(year, 1, 1), date(year, 1, 1))
        assert found.disputed is disputed


def test_a_month_in_which_it_changed_hands_gives_both_and_an_unknown_day_all_with_their_dates() -> None:
    assert _holders(KIDAL, date(2023, 11, 2), "kidal") == ["CMA", "Mali"]
    (found,) = contested.at(KIDAL)
    assert len(found.held_by) == len(next(a for a in contested.areas() if a.id == "kidal").held_by)
    assert all(each.start or each.end for each in found.held_by)
    assert not found.covered


def test_what_came_after_the_entry_is_told_not_to_be_covered() -> None:
    assert contested.at(KIDAL, date(2024, 6, 1), date(2024, 6, 1))[0].covered
    assert not contested.at(KIDAL, date(2040, 6, 1), date(2040, 6, 1))[0].covered


@pytest.mark.parametrize("country", ["MLI", "XKX", "ESH", "TWN"])
@pytest.mark.parametrize("precision", ["country", "unknown"])
def test_a_place_of_precision_country_is_in_no_area(country: str, precision: str) -> None:
    where = Where(country, None, None, None, 18.4, 1.4, precision)  # type: ignore[arg-type]
    assert contested.at(where) == ()
    assert contested.at(Where()) == ()


def _lies(where: Where) -> dict[str, str]:
    return {each.area: each.lies for each in contested.at(where)}


def test_a_unit_is_in_an_area_only_where_all_of_it_is_and_else_is_told_to_be_partly_in_it() -> None:
    assert _lies(Where("MLI", "Kidal", None, None, 18.4, 1.4, "admin1")) == {"kidal": "in"}
    georgia = Where("GEO", "Shida Kartli", None, None, 42.23, 43.97, "admin1")
    assert _lies(georgia) == {"south-ossetia": "part"}
    assert (
        _lies(
            replace(georgia, place="Gori", admin2="Gori", latitude=41.99, longitude=44.11, precision="exact")
        )
        == {}
    )
    assert _lies(replace(georgia, place="Java", latitude=42.39, longitude=43.92, precision="exact")) == {
        "south-ossetia": "in"
    }
    # The drawing point of a unit lies in an outline, and says nothing.
    sudan = Where("SDN", "West Kordofan", None, None, 9.6, 28.43, "admin1")
    assert _lies(sudan) == {}
    assert _lies(replace(sudan, place="Abyei", precision="exact")) == {"abyei": "in"}
    assert _lies(replace(sudan, place="Abyei", precision="near")) == {"abyei": "near"}


@pytest.mark.parametrize(
    ("place", "areas"),
    [
        (Where("UKR", "Crimea", "Yalta", "Yalta", 44.5, 34.17, "exact"), {"crimea"}),
        (Where("PSE", "West Bank", None, "East Jerusalem", 31.78, 35.23, "exact"), {"west-bank", "east-jerusalem"}),
        (Where("ISR", None, None, "Katzrin", 32.99, 35.69, "exact"), {"golan-heights"}),
        (Where("ISR", "Northern", None, "Kiryat Shmona", 33.21, 35.57, "exact"), set()),
        (Where("CYP", "Keryneia", None, "Kyrenia", 35.34, 33.32, "exact"), {"northern-cyprus"}),
        (Where("CYP", "Lefkosia", None, "Nicosia", 35.17, 33.35, "exact"), {"northern-cyprus"}),
        (Where("CYP", "Lefkosia", None, "Peristerona", 35.13, 33.08, "exact"), set()),
        (Where("MAR", "Laâyoune-Sakia El Hamra", None, "Smara", 26.74, -11.67, "exact"), {"western-sahara"}),
        (Where("MAR", "Laâyoune-Sakia El Hamra", None, "Tarfaya", 27.94, -12.93, "exact"), set()),
        (Where("MLI", "Bamako", None, "Bamako", 12.65, -8.0, "exact"), set()),
        (Where("CMR", "Kidal", None, "Kidal", 18.4, 1.4, "exact"), set()),
    ],
)  # fmt: skip
def test_towns_lie_where_they_are_known_to(place: Where, areas: set[str]) -> None:
    assert set(_lies(place)) == areas


def test_days_of_a_month_and_a_year_count_whole() -> None:
    each = Tenure("Owls", authority="owls", start="2020-03", end="2021")
    assert not each.overlaps(date(2020, 2, 1), date(2020, 2, 29))
    assert each.overlaps(date(2020, 3, 31), date(2020, 3, 31))
    assert each.overlaps(date(2021, 12, 31), None)
    assert not each.overlaps(date(2022, 1, 1), date(2022, 1, 2))
    assert each.overlaps(None, None)
    assert (first_day("2020-02"), last_day("2020-02")) == (date(2020, 2, 1), date(2020, 2, 29))


# ---- the user's own files ------------------------------------------------------------------------------------


def test_own_files_are_laid_over_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None
) -> None:
    folder = tmp_path / "areas"
    folder.mkdir()
    own = AREA + "  kidal:\n    held_by: [{authority: owls, from: 2024-01-02}]\n  sabah: {drop: true}\n"
    (folder / "a.yaml").write_text(
        own + "authorities:\n  owls: {name: Owls of the Hills}\n", encoding="utf-8"
    )
    monkeypatch.setenv("TARIKH_CONTESTED", str(folder))
    areas = {area.id: area for area in contested.areas()}
    assert [each.name for each in areas["owl-hills"].held_by] == ["JNIM"]
    assert [(each.name, each.start) for each in areas["kidal"].held_by] == [
        ("Owls of the Hills", "2024-01-02")
    ]
    assert areas["kidal"].claimed_by[0].state == "MLI"
    assert "sabah" not in areas
    (folder / "b.yaml").write_text(AREA, encoding="utf-8")
    contested.areas.cache_clear()
    with pytest.raises(
        RegisterError, match=r"b\.yaml, line 2: 'owl-hills' stands in two files, first in .*a\.yaml, line 2"
    ):
        contested.areas()
    monkeypatch.setenv("TARIKH_CONTESTED", str(tmp_path / "none"))
    contested.areas.cache_clear()
    with pytest.raises(RegisterError, match="TARIKH_CONTESTED names"):
        contested.areas()


# ---- where it shows ------------------------------------------------------------------------------------------


def test_exports_say_it_and_change_nothing_else() -> None:
    day = When(date(2015, 6, 1), date(2015, 6, 1), "day")
    incident = replace(sample.incidents()[0], where=KIDAL, when=day)
    given = context(sample.mentions(), sample.reports())
    row = record.record(incident, given)
    assert (row["country"], row["contested"], row["contested_lies"]) == ("MLI", ["kidal"], ["in"])
    assert row["contested_disputed"] == ["yes"]
    assert row["contested_held_by"] == ["kidal: CMA, from 2014-05 to 2023-11"]
    entry = jsonl.entry(incident, given)
    assert entry["country"] == "MLI"
    (area,) = entry["contested"]
    assert (area["area"], area["covered"]) == ("kidal", True)
    (holder,) = area["held_by"]
    assert (holder["party"], holder["state"], holder["from"], holder["to"]) == (
        "CMA",
        None,
        "2014-05",
        "2023-11",
    )
    assert page.data([incident], given)["incidents"][0]["contested"] == entry["contested"]
    nowhere = replace(incident, where=Where("MLI", precision="country"))
    assert jsonl.entry(nowhere, given)["contested"] == []
    assert record.record(nowhere, given)["contested"] == []


def test_commands_show_and_check(tmp_path: Path, tarikh: Tarikh) -> None:
    shown = tarikh("gazetteer", "contested", "Haut-Karabagh")
    assert shown.code == 0
    assert "Azerbaijan, from 2023-09" in shown.out
    assert tarikh("gazetteer", "contested", "crimea", "--json").json()[0]["claimed_by"][1]["state"] == "RUS"
    assert tarikh("gazetteer", "contested", "Atlantis").code == 1
    assert len(tarikh("gazetteer", "contested").out.splitlines()) == len(contested.areas()) + 1
    found = tarikh("gazetteer", "find", "Stepanakert", "--json").json()
    assert [area["area"] for area in found[0]["contested"]] == ["nagorno-karabakh"]
    assert "nagorno-karabakh" in tarikh("gazetteer", "find", "Stepanakert").out
    file = tmp_path / "own.yaml"
    file.write_text(AREA.replace("[Gao]", "[Gao, Gaoland]"), encoding="utf-8")
    told = tarikh("gazetteer", "check", str(file))
    assert told.code == 0
    assert "1 contested area" in told.err
    assert "'gaoland'" in told.err
    assert "'gao'" not in told.err
    file.write_text(_with("2020-03", "soon"), encoding="utf-8")
    told = tarikh("gazetteer", "check", str(file))
    assert told.code == 2
    assert "line 6" in told.sentence()


def test_records_are_plain(fresh: None) -> None:
    (found,) = contested.at(KIDAL)
    assert isinstance(found, Contested)
    assert json.loads(json.dumps(page.plain.area(found)))["name"] == "Kidal Region"
