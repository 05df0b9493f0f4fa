"""Review decisions of another Tarikh: what is taken over, what does not apply, what is at odds; and what a wrong file does.

Invariant: a file is taken over in one step or not at all, and taking it over again changes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import REPORTS, Run, Tarikh, json_lines
from store_sample import Clock, mention, recode, report, tell
from tarikh import review
from tarikh.conflicts import conflicts
from tarikh.errors import SourceError, UsageError
from tarikh.imports import review_form, taking_over
from tarikh.model import Count
from tarikh.store import Store, open_store


@pytest.fixture
def there(tmp_path: Path) -> Any:
    with open_store(tmp_path / "there.db", Clock()) as opened:
        yield opened


@pytest.fixture
def here(tmp_path: Path) -> Any:
    with open_store(tmp_path / "here.db", Clock()) as opened:
        yield opened


def told_in(*stores: Store) -> list[str]:
    """Three reports of different places in each store; the ids of their mentions, which are the same in all."""
    for store in stores:
        found = [tell(store, name).id for name in ("one", "two", "three")]
        review.pipeline.relink(store)
    return found


def incident(store: Store, key: str) -> str:
    return store.acts.homes([key])[key]


def moved(there: Store, here: Store, tmp_path: Path, origin: str | None = None) -> taking_over.TakenOver:
    path = tmp_path / "rows.jsonl"
    taking_over.export_rows(there, path, "geneva", Clock()())
    return taking_over.take_over(here, review_form.read(path), path, origin)


# ---- what is taken over ----------------------------------------------------------------------------------------


def test_judgements_corrections_and_decisions_are_taken_over_under_their_names(
    there: Store, here: Store, tmp_path: Path
) -> None:
    one, two, three = told_in(there, here)
    review.different(there, one, two, "ana", "another bridge")
    review.correct(there, incident(there, three), "killed", "3,4,?", "ben")
    review.reject(there, incident(there, three), "ana", "an exercise")
    done = moved(there, here, tmp_path)
    assert (done.said, done.known, done.problems) == (3, 0, [])
    acts = here.acts.log()
    assert {act.by for act in acts} == {"user:ana@geneva", "user:ben@geneva"}
    assert any(
        act.note.startswith("another bridge [j") and act.note.endswith("UTC in geneva]") for act in acts
    )
    changed = here.incident(incident(here, three))
    assert (changed.harm["killed"], changed.review) == (Count(3, 4, None), "rejected")
    assert incident(here, one) != incident(here, two)


def test_the_same_file_again_changes_nothing(there: Store, here: Store, tmp_path: Path) -> None:
    one, two, three = told_in(there, here)
    review.different(there, one, two, "ana")
    review.accept(there, incident(there, three), "ana")
    moved(there, here, tmp_path)
    before = here.acts.log()
    done = moved(there, here, tmp_path)
    assert (done.said, done.known, done.taken_back) == (0, 2, 0)
    assert here.acts.log() == before


def test_the_last_word_counts_and_what_was_taken_back_is_taken_back(
    there: Store, here: Store, tmp_path: Path
) -> None:
    one, _, _ = told_in(there, here)
    key = incident(there, one)
    review.correct(there, key, "killed", "5", "ana")
    review.correct(there, key, "killed", "6", "ana")
    assert moved(there, here, tmp_path).said == 1
    assert here.incident(incident(here, one)).harm["killed"].best == 6
    review.undo(there, "ana")
    review.undo(there, "ana")
    done = moved(there, here, tmp_path)
    assert (done.said, done.taken_back) == (0, 1)
    assert "killed" not in here.incident(incident(here, one)).harm
    (act,) = here.acts.log()
    assert act.withdrawn_by == "user:ana@geneva"
    assert moved(there, here, tmp_path).taken_back == 0


def test_work_follows_to_a_mention_that_was_coded_anew(there: Store, here: Store, tmp_path: Path) -> None:
    one, _, _ = told_in(there, here)
    (fresh,) = recode(here, here.mentions(ids=[one])[0], "rules@2")
    review.pipeline.relink(here)
    review.correct(there, incident(there, one), "killed", "5", "ana")
    assert moved(there, here, tmp_path).said == 1
    assert here.acts.log()[0].mentions == (fresh.id,)
    done = moved(there, here, tmp_path)
    assert (done.said, done.known) == (0, 1)
    recode(here, fresh, "rules@3")
    review.pipeline.relink(here)
    done = moved(there, here, tmp_path)
    assert (done.said, done.known) == (0, 1), "known also on what was coded anew since"


def test_a_mention_of_another_coder_is_known_by_its_report_and_trigger(
    there: Store, here: Store, tmp_path: Path
) -> None:
    one, _, _ = told_in(there)
    told = report("one")
    here.add_report(told)
    (own,) = here.add_mentions(told.id, "rules@9", [mention(told, 5, 12, coder="rules@9")])
    review.pipeline.relink(here)
    review.correct(there, incident(there, one), "killed", "5", "ana")
    assert moved(there, here, tmp_path).said == 1
    assert here.acts.log()[0].mentions == (own.id,)


def test_what_is_not_here_is_listed_and_the_rest_taken(there: Store, here: Store, tmp_path: Path) -> None:
    one, two, three = told_in(there)
    tell(here, "one")
    review.pipeline.relink(here)
    review.different(there, two, three, "ana")
    review.correct(there, incident(there, one), "killed", "5", "ana")
    done = moved(there, here, tmp_path)
    assert done.said == 1
    (problem,) = done.problems
    assert "does not apply: no current mention here is" in problem.reason
    assert problem.line == 2
    moved(there, here, tmp_path)
    assert len(here.problems()) == 1, "told once"


def test_two_who_are_at_odds_are_a_conflict(there: Store, here: Store, tmp_path: Path) -> None:
    one, two, three = told_in(there, here)
    review.same(here, one, two, "carl")
    review.correct(here, incident(here, three), "killed", "5", "carl")
    review.different(there, one, two, "ana")
    review.correct(there, incident(there, three), "killed", "6", "ana")
    done = moved(there, here, tmp_path)
    assert done.said == 2
    assert len(done.conflicts) == 2
    assert len(conflicts(here)) == 2
    assert any("user:carl" in each.sentence and "user:ana@geneva" in each.sentence for each in done.conflicts)


def test_what_came_from_elsewhere_is_not_passed_on(there: Store, here: Store, tmp_path: Path) -> None:
    one, _, _ = told_in(there, here)
    review.correct(there, incident(there, one), "killed", "5", "ana")
    moved(there, here, tmp_path)
    review.accept(here, incident(here, one), "carl")
    assert taking_over.export_rows(here, tmp_path / "back.jsonl", "paris", Clock()()) == 1


def test_a_failure_while_folding_keeps_nothing(
    there: Store, here: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = told_in(there, here)
    review.different(there, one, two, "ana")

    def fails(*_: Any) -> None:
        raise RuntimeError("no space")

    monkeypatch.setattr("tarikh.pipeline.settle", fails)
    with pytest.raises(Exception, match="was not kept"):
        moved(there, here, tmp_path)
    assert here.acts.log() == []


def test_no_word_of_a_report_is_in_the_file(there: Store, tmp_path: Path) -> None:
    one, two, _ = told_in(there)
    review.different(there, one, two, "ana", "my own note")
    path = tmp_path / "rows.jsonl"
    taking_over.export_rows(there, path, "geneva", Clock()())
    text = path.read_text(encoding="utf-8")
    assert "my own note" in text
    for word in ("Shells", "bridge", "Herald"):
        assert word not in text


# ---- what is refused -------------------------------------------------------------------------------------------

Change = Callable[[list[dict[str, Any]]], Any]


def _set(line: int, name: str, value: Any) -> Change:
    return lambda rows: rows[line].update({name: value})


def _drop(line: int, name: str) -> Change:
    return lambda rows: rows[line].pop(name)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (_set(0, "tarikh_review", 2), 1, "reads format 1: install a newer Tarikh"),
        (_set(0, "tarikh_review", "1"), 1, "has format '1'"),
        (_drop(0, "tarikh_review"), 1, "is no file of tarikh review export"),
        (_drop(0, "rows"), 1, "lacks the field 'rows'"),
        (_set(0, "from", "two words"), 1, "holds ' '"),
        (_set(0, "extra", 1), 1, "unknown field 'extra'"),
        (_set(1, "verdct", "same"), 2, "did you mean 'verdict'"),
        (_drop(1, "at"), 2, "lacks the field 'at'"),
        (_set(1, "what", "opinion"), 2, "'what' is 'opinion'"),
        (_set(1, "verdict", "maybe"), 2, "the verdict is 'maybe'"),
        (_set(1, "at", "yesterday"), 2, "no moment"),
        (_set(1, "by", "rules@1"), 2, "user:NAME"),
        (_set(1, "by", "user:ana@paris"), 2, "user:NAME"),
        (_set(1, "by", "user:a\u202eb"), 2, "control characters"),
        (_set(1, "note", "\x1b[31m"), 2, "control characters"),
        (_set(1, "note", "n" * 3000), 2, "the note has 3000 characters"),
        (_set(1, "mentions", []), 2, "on two mentions, not 0"),
        (_set(1, "mentions", [{"id": "m-1"}, {"id": "m-2"}]), 2, "lacks the field 'report'"),
        (_set(1, "mentions", 7), 2, "not of the form"),
        (_set(2, "field", "weather"), 3, "no field 'weather'"),
        (_set(2, "field", "review"), 3, "is a decision"),
        (_set(2, "value", {"$": "Nothing"}), 3, "not of the form"),
        (_set(2, "value", {"$": "Count", "low": 9, "best": 1, "high": 1}), 3, "harm.killed"),
        (_set(2, "value", "many"), 3, "harm.killed"),
        (lambda rows: rows.pop(), 2, "it holds 1 rows, and its first line promises 2"),
        (lambda rows: rows.append(rows[1]), 4, "it holds 3 rows"),
    ],
)
def test_a_wrong_file_is_refused_whole_with_its_line(
    there: Store, here: Store, tmp_path: Path, change: Change, line: int, words: str
) -> None:
    one, two, three = told_in(there, here)
    review.different(there, one, two, "ana")
    review.correct(there, incident(there, three), "killed", "6", "ana")
    path = tmp_path / "rows.jsonl"
    taking_over.export_rows(there, path, "geneva", Clock()())
    rows = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    change(rows)
    json_lines(path, rows)
    with pytest.raises(SourceError, match=re.escape(words)) as told:
        review_form.read(path)
    assert str(told.value).startswith(f"{path}:{line}: ")
    assert here.acts.log() == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["$", "low", "start", "id", "x", "items"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    with open_store(folder / "there.db", Clock()) as store:
        one, two, three = told_in(store)
        review.different(store, one, two, "ana")
        review.correct(store, incident(store, three), "killed", "6", "ana")
        review.accept(store, incident(store, three), "ana")
        taking_over.export_rows(store, folder / "rows.jsonl", "geneva", Clock()())
    return folder / "rows.jsonl"


@given(value=_JSON, data=st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_in_any_field_is_read_or_refused(exported: Path, value: Any, data: st.DataObject) -> None:
    rows = [json.loads(text) for text in exported.read_text(encoding="utf-8").splitlines()]
    row = data.draw(st.sampled_from(rows))
    row[data.draw(st.sampled_from(sorted(row)))] = value
    path = json_lines(exported.with_name("changed.jsonl"), rows)
    told = None
    try:
        assert len(review_form.read(path).rows) == 3
    except SourceError as error:
        told = str(error)
    assert told is None or re.match(rf"{re.escape(str(path))}:\d+: ", told)


def test_names_that_cannot_be_kept_are_refused(there: Store, here: Store, tmp_path: Path) -> None:
    one, _, _ = told_in(there, here)
    review.correct(there, incident(there, one), "killed", "6", "a" * 60)
    with pytest.raises(UsageError, match="64"):
        moved(there, here, tmp_path)
    with pytest.raises(UsageError):
        taking_over.export_rows(there, tmp_path / "x.jsonl", "two words", Clock()())
    assert here.acts.log() == []


# ---- from the command line -------------------------------------------------------------------------------------


def done(run: Run) -> Run:
    assert run.code == 0, run.err
    return run


def test_the_whole_way_from_one_database_to_another(tarikh: Tarikh, tmp_path: Path) -> None:
    reports = json_lines(tmp_path / "reports.jsonl", REPORTS)
    for name in ("there.db", "here.db"):
        done(tarikh("add", reports, "--db", name))
    strike = next(i for i in tarikh("list", "--json", "--db", "there.db").json() if i["kind"] == "air_strike")
    done(tarikh("review", "correct", strike["id"], "killed", "8,9,10", "--by", "ana", "--db", "there.db"))
    out = done(tarikh("review", "export", "rows.jsonl", "--as", "geneva", "--db", "there.db"))
    assert "1 rows written to rows.jsonl" in out.err
    taken = done(tarikh("import", "review", "rows.jsonl", "--db", "here.db"))
    assert "1 rows taken over from geneva, 0 said already, 0 taken back, 0 do not apply here" in taken.err
    shown = tarikh("show", strike["id"], "--db", "here.db")
    assert "user:ana@geneva" in shown.out
    assert "9 (8–10)" in shown.out


@pytest.mark.parametrize("text", [b"", b"{", b"[]\n", b"\xff\xfe\x00", b'{"a": 1}\n'])
def test_what_is_no_such_file_is_one_sentence(tarikh: Tarikh, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "rows.jsonl").write_bytes(text)
    refused = tarikh("import", "review", "rows.jsonl")
    assert refused.code == 1
    assert "rows.jsonl" in refused.sentence()
    assert not (tmp_path / "home" / "tarikh.db").exists()
