"""The rows of exports at each level: the same as of whole incidents shown together, whatever is asked for."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import Tarikh
from store_sample import Clock
from tarikh import history, pipeline, review
from tarikh.disclosure import MARK, disclosed_all, flat, noted, policy
from tarikh.disclosure.sight import Guarding, Sight
from tarikh.errors import ForbiddenError
from tarikh.model import Count, Evidence, Mention, Report, Span, When, Where
from tarikh.store import Filter, Store, open_store
from tarikh.store import flat as rows_of_store
from tarikh.store.filtering import REVIEWS
from tarikh.store.flat import flat_of

NOW = datetime(2025, 6, 1, tzinfo=UTC)
PLACES = [
    Where("MLI", "Gao", "Ansongo", "Tessit", 15.22, 0.29, "exact", 3),
    Where("MLI", "Mopti", "Bandiagara", "Dia", 14.3, -3.6, "near", 4),
    Where("MLI", "Mopti", "Bandiagara", None, 14.3, -3.6, "admin2", 5),
    Where("BFA", "Sahel", "Séno", "Hospital of Dori", 14.03, -0.03, "exact", 6),
    Where("BFA", None, None, None, 12.0, -1.5, "country", 7),
    Where("UKR", "Crimea", None, "Sevastopol", 44.6, 33.5, "exact", 8),
    Where(),
]
KINDS = ["armed_clash", "abduction", "bombing", "sexual_violence", "looting_or_arson", "peaceful_protest"]
NAMES = ["JNIM", "Military of Mali", "Moussa Traoré", "Civilians (Mali)", "Chief of Tessit"]
SOURCES = ["Radio Tessit", "Séno Info", "Nile Daily", "Dori24", "River Radio"]


def units(where: Where) -> tuple[float, float, int | None]:
    """A unit's own point."""
    return (14.0, -1.0, 7)


def _told(draw: random.Random, report: Report, number: int) -> Mention:
    first = date(2025, 1, 1 + draw.randrange(28))
    when = When(first, first, "day") if draw.random() < 0.9 else When()
    names = {side: tuple(draw.sample(NAMES, draw.randrange(3))) for side in ("attackers", "targets")}
    harm = {"killed": Count(n, n, None if n == 2 else n)} if (n := draw.randrange(-1, 3)) >= 0 else {}
    words = ("Gunmen",) if draw.random() < 0.8 else ("at the school",)
    evidence = {"kind": Evidence((Span("text", 0, 6),), words, 0.9)}
    return Mention(
        f"m-{report.id}-{number}", report.id, "rules@1", draw.choice(KINDS), when=when, where=draw.choice(PLACES),
        trigger="fought", evidence=evidence, published=report.published, source=report.source, language="en", harm=harm,
        **names,
    )  # fmt: skip


def fill(path: Path, seed: int, reports: int = 60) -> Path:
    """Reports of one to three events each, some of which people have corrected."""
    draw = random.Random(seed)
    with open_store(path, Clock()) as store:
        for number in range(reports):
            source = draw.choice(SOURCES)
            published = None if draw.random() < 0.05 else date(2025, 2, 1)
            told = f"Gunmen fought soldiers on Monday, it was said ({number})."
            report = Report(f"r-{number}", "News", told, "en", published, source=source)
            store.add_report(report)
            store.add_mentions(
                report.id, "rules@1", [_told(draw, report, n) for n in range(draw.randint(1, 3))]
            )
        pipeline.relink(store)
        for each in draw.sample(store.incidents(), 6):
            review.correct(store, each.id, "killed", "5", "ana", "he told me")
        review.accept(store, store.incidents()[0].id, "ana")
    return path


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("exports") / "t.db", 5)


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with open_store(database, Clock()) as opened:
        yield opened


def _sight(store: Store, level: Any, fresh: int | None = None) -> Sight:
    guarding = Guarding(store, None, policy(fresh))
    guarding.__dict__["units"] = units
    return Sight(guarding, level, NOW)


def _expected(store: Store, level: Any, fresh: int | None = None) -> dict[str, tuple[Any, Any]]:
    """All incidents shown together, as rows."""
    found = store.incidents(Filter(review=REVIEWS))
    mentions, reports = store.mentions(all_coders=True), list(store.reports())
    shown = disclosed_all(found, mentions, reports, level, NOW, policy(fresh), units, flat=True)
    of = {m.id: m.report_id for m in mentions}
    return {
        each.id: (
            flat_of(each, len({of[m] for m in each.members})),
            noted(shown.withheld.get(each.id, ())),
        )
        for each in shown.incidents
    }


def _plain(row: tuple[Any, Any]) -> Any:
    return row[0]._replace(recorded=None), row[1].notes


@pytest.mark.parametrize("fresh", [None, 24 * 140])
@pytest.mark.parametrize("level", ["public", "partner", "full"])
def test_rows_are_those_of_whole_incidents_shown_together(
    store: Store, level: Any, fresh: int | None
) -> None:
    wanted = Filter(review=REVIEWS)
    got = {row[0].id: _plain(row) for row in flat.rows(_sight(store, level, fresh), wanted)}
    expected = {key: _plain(row) for key, row in _expected(store, level, fresh).items()}
    assert got == expected
    again = {row[0].id: _plain(row) for row in flat.rows(_sight(store, level, fresh), wanted)}
    assert again == got, "rules that are kept give the same as those worked out"


def test_most_rows_are_shown_from_their_columns_alone(store: Store) -> None:
    sight = _sight(store, "public")
    list(flat.rows(sight, Filter()))
    told = list(rows_of_store.portions(store, Filter(), guard=flat.guard_of(sight)))
    hides = {key for portion in told for key in portion.hides}
    every = {row.id for portion in told for row in portion.rows}
    assert hides
    assert every - hides


@pytest.mark.parametrize("order", ["newest", "oldest", "deadliest"])
def test_rows_come_in_the_filters_order_with_its_conditions(store: Store, order: Any) -> None:
    for wanted in (
        Filter(order=order),
        Filter(kinds=("armed_clash", "bombing"), order=order),
        Filter(minimum_killed=1, order=order, limit=7, offset=2),
        Filter(text="tessit", order=order),
    ):
        ids = [row.id for row, _ in flat.rows(_sight(store, "full"), wanted)]
        assert ids == [each.id for each in store.incidents(wanted)]
        assert [i.id for shown in flat.wholes(_sight(store, "full"), wanted) for i in shown.incidents] == ids


@pytest.mark.parametrize("level", ["public", "partner"])
def test_a_part_shows_each_incident_as_the_whole_does(store: Store, level: Any) -> None:
    """A report that is shared with an incident which the filter leaves out may not tell of it."""
    expected = {key: _plain(row) for key, row in _expected(store, level).items()}
    for wanted in (
        Filter(kinds=("armed_clash",)),
        Filter(since=date(2025, 1, 15)),
        Filter(countries=("MLI",)),
    ):
        rows = {row[0].id: _plain(row) for row in flat.rows(_sight(store, level), wanted)}
        assert rows
        assert rows == {key: expected[key] for key in rows}
        for shown in flat.wholes(_sight(store, level), wanted):
            for each in shown.incidents:
                assert tuple(each.sources) == tuple(expected[each.id][0].sources)
        then = history.AsOf(store, datetime(2027, 1, 1, tzinfo=UTC))
        past = flat.of_chronicle(then, then.incidents(wanted), _sight(store, level), True)
        assert {row[0].id: _plain(row) for row in flat.rows_of(past)} == rows


def test_a_question_for_a_place_or_source_finds_only_what_is_shown_there(store: Store) -> None:
    for wanted in (
        Filter(bbox=(-20.0, 0.0, 40.0, 60.0)),
        Filter(sources=("Dori24",)),
        Filter(admin1=("Gao",)),
    ):
        every = [row.id for row, _ in flat.rows(_sight(store, "full"), wanted)]
        shown = list(flat.rows(_sight(store, "public"), wanted))
        assert 0 < len(shown) < len(every)
        assert not [notes for _, notes in shown if any(note.field == "place" for note in notes.notes)]
    for wanted in (Filter(text="gunmen"), Filter(parties=("Moussa Traoré",))):
        with pytest.raises(ForbiddenError):
            flat.rows(_sight(store, "public"), wanted)


def test_what_is_in_no_incident_yet_hides_the_source(tmp_path: Path) -> None:
    with open_store(fill(tmp_path / "t.db", 7, 12), Clock()) as store:
        list(flat.rows(_sight(store, "public"), Filter()))
        shared = next(each for each in store.incidents() if len(each.members) == 1)
        report = next(iter(store.mentions(ids=shared.members))).report_id
        with store._write() as connection:
            other = sa.text("DELETE FROM incident_member WHERE mention_id LIKE :key AND incident_id <> :own")
            gone = connection.execute(other, {"key": f"m-{report}-%", "own": shared.id}).rowcount
        [mine] = [row for row, _ in flat.rows(_sight(store, "public"), Filter()) if row.id == shared.id]
        assert (set(mine.sources) == {MARK}) == bool(gone) or MARK in mine.sources


def test_damaged_values_name_their_row(tmp_path: Path) -> None:
    with open_store(fill(tmp_path / "t.db", 7, 4), Clock()) as store:
        with store._write() as connection:
            connection.execute(sa.text("UPDATE incident SET harm = '[1]'"))
        with pytest.raises(Exception, match="damaged row"):
            list(flat.rows(_sight(store, "full"), Filter()))


# ---- the command -----------------------------------------------------------------------------------------


def test_a_filtered_export_does_not_tell_of_what_it_leaves_out(tarikh: Tarikh, tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with open_store(path) as store:
        both = Report(
            "r-two", "News", "Gunmen fought at Dori.", "en", date(2025, 3, 12), source="Radio Zouérou"
        )
        store.add_report(both)
        draw = random.Random(1)
        hidden = Where("BFA", "Sahel", "Bambougou", "Zouérou", 12.89, -2.13, "exact", 2)
        clash = replace(_told(draw, both, 0), kind="armed_clash", where=PLACES[0])
        rape = replace(_told(draw, both, 1), kind="sexual_violence", where=hidden)
        store.add_mentions(both.id, "rules@1", [clash, rape])
        pipeline.relink(store)
    for name in ("one.csv", "one.jsonl", "one.geojson", "one.zip"):
        assert tarikh("export", name, "--db", path, "--kind", "armed_clash").code == 0
        assert b"Zou\xc3\xa9rou" not in Path(name).read_bytes()
    [row] = csv.DictReader(Path("one.csv").read_text(encoding="utf-8").splitlines())
    assert row["sources"] == MARK
    [line] = map(json.loads, Path("one.jsonl").read_text(encoding="utf-8").splitlines())
    assert line["sources"] == [MARK]
    now = datetime.now(UTC).isoformat()
    assert tarikh("export", "then.csv", "--db", path, "--kind", "armed_clash", "--as-of", now).code == 0
    assert Path("then.csv").read_text(encoding="utf-8") == Path("one.csv").read_text(encoding="utf-8")


def test_no_export_names_the_people_who_coded(tarikh: Tarikh, tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with open_store(path) as store:
        told = Report("r-one", "News", "Gunmen fought at Dori.", "en", date(2025, 3, 12), source="Radio")
        store.add_report(told)
        clash = replace(_told(random.Random(1), told, 0), kind="armed_clash")
        store.add_mentions(told.id, "person:zenobia", [replace(clash, coder="person:zenobia")])
        pipeline.relink(store)
    for name in ("one.csv", "one.jsonl", "one.geojson", "one.kml", "one.sqlite", "one.html"):
        assert tarikh("export", name, "--db", path).code == 0
        for file in (Path(name), Path(f"{name}-metadata.json")):
            assert not file.exists() or b"zenobia" not in file.read_bytes(), file
    assert tarikh("export", "full.jsonl", "--db", path, "--disclosure", "full").code == 0
    assert "person:zenobia" in Path("full.jsonl").read_text(encoding="utf-8")
