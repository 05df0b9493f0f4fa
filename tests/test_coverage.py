"""`tarikh coverage`: who saw what, what was missed, who is silent; and bad input as sentences."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import Tarikh, json_lines
from store_sample import Clock, mention, refold, report, said, set_back
from tarikh import analysis, link
from tarikh.errors import UsageError
from tarikh.estimates import Estimate, Refusal
from tarikh.model import When, Where
from tarikh.store import Filter, Store, open_store

MAY = date(2024, 5, 1)
WORDS = [f"word{n}" for n in range(500)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tarikh.db", Clock()) as opened:
        yield opened


def tell(store: Store, name: str, source: str | None, text: str = "", **fields: Any) -> Any:
    """One report with one mention, kept with its fingerprint."""
    words = random.Random(name).choices(WORDS, k=40)  # no two texts are copies
    text = text or f"Shells fell on a bridge {' '.join(words)}."
    made = report(name, text, source=source, published=fields.pop("published", MAY))
    store.add_report(made)
    store.add_fingerprints({made.id: link.fingerprint(made.title, made.text, made.source)})
    return store.add_mentions(made.id, "rules@1", [mention(made, **fields)])[0]


def incident(
    store: Store, number: int, sources: list[str], country: str | None = "MLI", month: int = 5
) -> None:
    """One incident that these sources saw."""
    day = date(2024, month, 1 + number % 28)
    where = Where(country, "Mopti" if country else None, precision="admin1" if country else "unknown")
    told = [
        tell(store, f"{number} {s}", s, when=When(day, day, "day"), where=where, published=day)
        for s in sources
    ]
    store.add_judgements([said(told[0], other, "same", score=9.0) for other in told[1:]])


def test_counts_by_area_and_month(store: Store) -> None:
    incident(store, 1, ["A"])
    incident(store, 2, ["A", "B"])
    incident(store, 3, ["A", "B", "C", "D"], month=6)
    incident(store, 4, ["B"], country=None)
    tell(store, "undated", "A", where=Where("MLI", precision="country"))
    refold(store)
    found = analysis.coverage(store, Filter())
    told = [(r.area, r.month, r.incidents, r.by_one, r.by_two, r.by_more) for r in found.rows]
    assert told == [
        ("MLI", "all", 4, 2, 1, 1),
        ("MLI", "2024-05", 2, 1, 1, 0),
        ("MLI", "2024-06", 1, 0, 0, 1),
        ("MLI", None, 1, 1, 0, 0),
        (None, "all", 1, 1, 0, 0),
        (None, "2024-05", 1, 1, 0, 0),
    ]
    units = {r.area for r in analysis.coverage(store, Filter(), "admin1").rows}
    assert units == {"MLI Mopti", None}
    assert all(isinstance(row.lower_bound, Refusal) for row in found.rows)


def test_copies_and_agencies_are_one_source(store: Store) -> None:
    story = "Shells fell on the old bridge on Monday and killed nine people who were on their way to the market, a man said."
    told = [
        tell(store, f"p{n}", f"Paper {n}", f"{story} This is printed by paper number {n}.") for n in range(5)
    ]
    wire = [
        tell(store, f"w{n}", f"Post {n}", f"TOWN (AFP) - A bridge was hit, number {n}.") for n in range(3)
    ]
    store.add_judgements([said(told[0], other, "same", score=9.0) for other in [*told[1:], *wire]])
    refold(store)
    (row, *_) = analysis.coverage(store, Filter()).rows
    assert (row.incidents, row.by_two, row.sources) == (1, 1, 2)


def test_estimates_of_a_known_world(store: Store) -> None:
    chance = random.Random(4)
    for number in range(60):
        if seen := [s for s in "ABC" if chance.random() < 0.5]:
            incident(store, number, seen)
    refold(store)
    row = analysis.coverage(store, Filter()).rows[0]
    assert isinstance(row.lower_bound, Estimate)
    assert isinstance(row.two_sources, Estimate)
    assert row.incidents < 60
    assert row.lower_bound.low <= 60 <= row.lower_bound.high
    assert row.two_sources.low <= 60 <= row.two_sources.high
    assert len(row.pair) == 2


# ---- silence ---------------------------------------------------------------------------------------------


def weekly(weeks: int, each: int, until: date) -> dict[date, int]:
    """So many reports on the last day of each of these weeks."""
    return {until - timedelta(7 * n): each for n in range(weeks)}


def test_a_source_that_stops_raises_an_alarm_and_a_young_or_rare_one_does_not() -> None:
    end = date(2024, 12, 30)
    found = analysis.silences(
        {
            "steady": weekly(40, 5, end),
            "stopped": weekly(40, 5, end - timedelta(21)),
            "young": weekly(5, 5, end - timedelta(21)),
            "rare": {end - timedelta(300): 1, end - timedelta(100): 1},
        }
    )
    assert [alarm.source for alarm in found.alarms] == ["stopped"]
    assert (found.judged, found.unjudged, found.until) == (2, 2, end)
    (alarm,) = found.alarms
    assert alarm.seen == 0
    assert alarm.since == end - timedelta(13)
    assert alarm.last == end - timedelta(21)
    assert alarm.chance <= analysis.ALARM


def test_a_database_that_nobody_feeds_is_no_silence_and_an_empty_one_says_nothing() -> None:
    assert not analysis.silences({"A": weekly(40, 5, date(2020, 1, 6))}).alarms
    assert analysis.silences({}).until is None


def test_days_of_publication_are_of_all_reports_also_of_those_that_tell_nothing(store: Store) -> None:
    store.add_report(report("nothing", "The price of tomatoes rose.", source="A", published=MAY))
    store.add_report(report("undated", "Nothing.", source="A"))
    assert store.published_days() == {"A": {MAY: 1}}


# ---- fingerprints ----------------------------------------------------------------------------------------


def test_fingerprints_come_back_as_they_went_in_and_are_written_once(store: Store) -> None:
    one = report("a", "TOWN (AFP) - " + "Shells fell on the old bridge on Monday. " * 3)
    store.add_report(one)
    made = link.fingerprint(one.title, one.text, one.source)
    store.add_fingerprints({one.id: made})
    store.add_fingerprints({one.id: link.fingerprint("", "other words")})
    assert store.fingerprints([one.id, "r-none"]) == {one.id: made}
    assert made.credit == "Agence France-Presse"


def test_a_database_without_fingerprints_gets_them_when_it_is_linked(store: Store) -> None:
    from tarikh import pipeline

    one = tell(store, "a", "A")
    with store._write() as connection:
        connection.exec_driver_sql("DELETE FROM fingerprint")
    pipeline.relink(store)
    assert set(store.fingerprints([one.report_id])) == {one.report_id}


# ---- the command -----------------------------------------------------------------------------------------


def test_table_json_and_csv(tarikh: Tarikh, chronicle: Path) -> None:
    shown = tarikh("coverage", "--db", chronicle)
    assert shown.code == 0
    assert "MLI" in shown.out
    assert "– few seen" in shown.out
    assert "assumes: " in shown.err
    told = tarikh("coverage", "--db", chronicle, "--json").json()
    (mali,) = [row for row in told["rows"] if row["area"] == "MLI" and row["month"] == "all"]
    assert (mali["incidents"], mali["seen_by_2"], mali["at_least"]) == (1, 1, None)
    assert "needed" in mali["at_least_why_not"]
    assert told["alarms"] == []
    rows = list(csv.DictReader(io.StringIO(tarikh("coverage", "--db", chronicle, "--csv").out)))
    assert len(rows) == len(told["rows"])
    assert rows[0]["at_least"] == ""


def test_csv_starts_no_formula(store: Store, tarikh: Tarikh) -> None:
    incident(store, 1, ["=HYPERLINK(1)", "B"])
    refold(store)
    out = tarikh("coverage", "--db", store.path, "--csv").out
    assert "'=HYPERLINK(1)" in out


BAD: dict[str, tuple[list[str], str]] = {
    "no database": (["--db", "none.db"], "there is no database at none.db yet; type: tarikh add"),
    "unknown country": (["--country", "Atlantis"], "no country is called 'Atlantis'"),
    "inverted": (["--since", "2025-02-01", "--until", "2025-01-01"], "swap the two days"),
    "no date": (["--since", "soon"], "--since 'soon' is no date"),
    "area": (["--by", "village"], "--by 'village' is no area; write country or admin1"),
    "unit": (["--unit", "Nowhere"], "no incident is in a unit called 'Nowhere'; there are incidents in"),
    "nothing": (["--country", "NZL"], "no incidents match"),
    "two forms": (["--csv", "--json"], "choose one"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_a_sentence(case: str, tarikh: Tarikh, chronicle: Path) -> None:
    arguments, words = BAD[case]
    database = [] if case == "no database" else ["--db", str(chronicle)]
    ended = tarikh("coverage", *database, *arguments)
    assert ended.code == 2
    assert words in ended.sentence()
    assert ended.out == ""


def test_an_empty_database_says_what_to_do(store: Store) -> None:
    with pytest.raises(UsageError, match="tarikh add"):
        analysis.coverage(store, Filter())


# ---- figures and standing on the command line ------------------------------------------------------------


def test_figures_by_another_rule(tarikh: Tarikh, chronicle: Path, tmp_path: Path) -> None:
    def killed(*more: str) -> list[Any]:
        found = tarikh("list", "--db", chronicle, "--country", "MLI", "--json", *more).json()
        return [each["harm"]["killed"]["best"] for each in found]

    assert killed("--figures", "lowest") == [11]
    assert killed("--figures", "highest") == [14]
    assert killed("--figures", "highest", "--min-killed", "12") == [14]
    assert killed("--figures", "lowest", "--min-killed", "12") == []
    refused = tarikh("list", "--db", chronicle, "--figures", "mean")
    assert refused.code == 2
    assert "no rule 'mean' for figures; there are: codebook, lowest" in refused.sentence()
    done = tarikh("export", tmp_path / "x.csv", "--db", chronicle, "--country", "MLI", "--figures", "lowest")
    assert done.code == 0
    (row,) = csv.DictReader((tmp_path / "x.csv").open(encoding="utf-8"))
    assert row["killed_best"] == "11"


def test_show_says_why_the_status(tarikh: Tarikh, chronicle: Path) -> None:
    (found,) = tarikh("list", "--db", chronicle, "--country", "MLI", "--json").json()
    shown = tarikh("show", found["id"], "--db", chronicle, "--figures", "lowest").out
    assert "independent sources     2: River Radio, Sahel Post" in shown
    assert "status reported" in shown
    assert "since 2025-03-14: Sahel Post, which is no party to it, states it as fact" in shown
    assert "by the rule lowest" in shown
    told = tarikh("show", found["id"], "--db", chronicle, "--json").json()
    assert told["standing"]["confidence"] == found["confidence"]
    assert told["figures"] == "codebook"


def test_a_dispatch_in_two_papers_is_one_source_from_the_text_to_the_screen(
    tarikh: Tarikh, tmp_path: Path
) -> None:
    body = (
        "BAMAKO, March 14 (AFP) - Gunmen on motorcycles ambushed an army convoy near Ménaka in Mali on Thursday, killing"
        " eleven Malian soldiers, a security source said."
    )
    common = {"published": "2025-03-14", "language": "en", "text": body}
    rows = [
        {"id": f"p{n}", "source": f"Paper {n}", "title": title, "url": f"https://example.org/{n}", **common}
        for n, title in enumerate(["Ambush near Ménaka", "Eleven Malian soldiers killed in ambush"])
    ]
    assert tarikh("add", json_lines(tmp_path / "r.jsonl", rows)).code == 0
    (found,) = tarikh("list", "--json").json()
    assert len(found["members"]) == 2
    shown = tarikh("show", found["id"]).out
    assert "independent sources     1: Agence France-Presse" in shown
    assert "since 2025-03-14: Agence France-Presse, which is no party to it" in shown
    assert "(from Agence" in shown
    assert "example.org/1" in shown.replace("\n", "")
    (row, *_) = tarikh("coverage", "--json").json()["rows"]
    assert (row["incidents"], row["seen_by_1"], row["sources"]) == (1, 1, 1)


def test_a_database_of_the_first_schema_is_upgraded(store: Store) -> None:
    tell(store, "a", "A")
    refold(store)
    path = store.path
    store.close()
    set_back(path)
    with open_store(path) as again:
        assert analysis.coverage(again, Filter()).rows[0].incidents == 1
