"""Review from the command line: what each act does to the chronicle, who may take it back, and what is refused.

Invariant: wrong input is one sentence and exit code 2, and changes nothing.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import REPORTS, Run, Tarikh, json_lines
from store_sample import Clock, mention, recode, report, tell
from tarikh import review
from tarikh.conflicts import conflicts, orphans
from tarikh.errors import UsageError
from tarikh.link import conflicts as overruled
from tarikh.link import typed
from tarikh.link.compare import BY
from tarikh.model import Count, Where
from tarikh.review_queue import queue
from tarikh.store import Filter, Store, open_store
from tarikh.store.filtering import REVIEWS


@pytest.fixture
def own(chronicle: Path, tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the chronicle for acts of a person called ana."""
    path = tmp_path / "own.db"
    with open_store(chronicle) as store:
        store.incidents()
    for suffix in ("", "-wal"):
        if Path(f"{chronicle}{suffix}").exists():
            shutil.copy(f"{chronicle}{suffix}", f"{path}{suffix}")
    monkeypatch.setenv("TARIKH_DATABASE", str(path))
    monkeypatch.setenv("TARIKH_USER", "ana")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(tmp_path / "t.db", Clock()) as opened:
        yield opened


def kept(tarikh: Tarikh, *filters: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tarikh("list", "--json", *filters).json()
    return found


def ambush(tarikh: Tarikh) -> dict[str, Any]:
    return next(each for each in kept(tarikh) if len(each["members"]) == 2)


def strike(tarikh: Tarikh) -> dict[str, Any]:
    return next(each for each in kept(tarikh) if each["kind"] == "air_strike")


def fine(run: Run) -> Run:
    assert run.code == 0, run.err
    return run


# ---- what acts do ----------------------------------------------------------------------------------------------


def test_rejected_is_left_out_unless_asked_for_and_undone(own: Path, tarikh: Tarikh) -> None:
    key, before = strike(tarikh)["id"], len(kept(tarikh))
    fine(tarikh("review", "reject", key, "--note", "an exercise"))
    assert key not in {each["id"] for each in kept(tarikh)}
    assert [each["id"] for each in kept(tarikh, "--review", "rejected")] == [key]
    fine(tarikh("export", "out.csv"))
    assert key not in Path("out.csv").read_text(encoding="utf-8")
    fine(tarikh("export", "all.csv", *(word for each in REVIEWS for word in ("--review", each))))
    assert key in Path("all.csv").read_text(encoding="utf-8")
    assert tarikh("show", key, "--json").json()["incident"]["review"] == "rejected"
    fine(tarikh("review", "undo"))
    assert len(kept(tarikh)) == before
    row = tarikh("review", "log", "--json").json()[0]
    assert (row["by"], row["note"], row["withdrawn_by"]) == ("user:ana", "an exercise", "user:ana")


def test_a_mention_is_split_off_and_joined_again(own: Path, tarikh: Tarikh) -> None:
    one = ambush(tarikh)
    founder, other = one["members"]
    fine(tarikh("review", "different", other, one["id"]))
    apart = [each for each in kept(tarikh) if each["members"] in ([founder], [other])]
    assert len(apart) == 2
    assert one["id"] in {each["id"] for each in apart}, "the founder's side keeps the id"
    fine(tarikh("review", "undo"))
    assert ambush(tarikh)["members"] == [founder, other]


def test_incidents_are_judged_by_their_founding_mentions_and_it_is_said(own: Path, tarikh: Tarikh) -> None:
    left, right = ambush(tarikh), strike(tarikh)
    done = fine(tarikh("review", "same", left["id"], right["id"][:10], "--note", "one operation"))
    assert left["members"][0] in done.err
    assert right["members"][0] in done.err
    joined = next(each for each in kept(tarikh) if right["members"][0] in each["members"])
    assert left["members"][0] in joined["members"]
    behind = left["members"][1]
    assert behind in done.err, "a rule's proof kept one back, and that is told"
    fine(tarikh("review", "same", behind, left["members"][0]))
    assert {3} <= {len(each["members"]) for each in kept(tarikh)}
    assert "said so already" in fine(tarikh("review", "same", left["members"][0], right["members"][0])).err


CORRECTIONS: dict[str, tuple[str, str, Any]] = {
    "number": ("killed", "12", lambda i: i["harm"]["killed"] == {"low": 12, "best": 12, "high": 12}),
    "bounds": ("killed", "11,12,?", lambda i: i["harm"]["killed"] == {"low": 11, "best": 12, "high": None}),
    "unknown is not zero": ("killed", "unknown", lambda i: "killed" not in i["harm"]),
    "kind": ("kind", "bombing", lambda i: i["kind"] == "bombing"),
    "status": ("status", "disputed", lambda i: i["status"] == "disputed"),
    "parties": (
        "attackers",
        "JNIM; IS Sahel Province",
        lambda i: i["attackers"] == ["JNIM", "IS Sahel Province"],
    ),
    "no party": ("attackers", "unknown", lambda i: i["attackers"] == []),
    "day": ("date", "2025-03-12", lambda i: i["when"]["start"] == "2025-03-12"),
    "days": ("date", "2025-03-12/2025-03-13", lambda i: i["when"]["end"] == "2025-03-13"),
    "month": (
        "date",
        "2024-02",
        lambda i: (i["when"]["end"], i["when"]["precision"]) == ("2024-02-29", "month"),
    ),
    "place": (
        "place",
        "country=MLI; admin1=Gao; place=Tandou; latitude=16.1; longitude=0.4; precision=near",
        lambda i: (
            (i["where"]["place"], i["where"]["precision"], i["where"]["latitude"]) == ("Tandou", "near", 16.1)
        ),
    ),
    "json": ("place", '{"country": "NER", "precision": "country"}', lambda i: i["where"]["country"] == "NER"),
}


@pytest.mark.parametrize(("field", "value", "holds"), CORRECTIONS.values(), ids=CORRECTIONS)
def test_a_correction_is_shown_in_its_field(
    field: str, value: str, holds: Any, own: Path, tarikh: Tarikh
) -> None:
    key = ambush(tarikh)["id"]
    fine(tarikh("review", "correct", key, field, value, "--note", "by the hospital's list"))
    shown = tarikh("show", key, "--json").json()["incident"]
    assert holds(shown), shown
    assert shown["corrections"][-1]["note"] == "by the hospital's list"
    assert "user:ana" in fine(tarikh("show", key)).out


def test_two_people_at_odds_are_a_recorded_conflict_and_first_in_line(own: Path, tarikh: Tarikh) -> None:
    one, two = ambush(tarikh)["members"]
    fine(tarikh("review", "same", one, two))
    done = fine(tarikh("review", "different", one, two, "--by", "ben"))
    assert "conflict" in done.err
    assert "stay apart" in done.err
    found = tarikh("review", "conflicts", "--json").json()
    assert [{row["by"] for row in each["rows"]} for each in found] == [{"user:ana", "user:ben"}]
    assert tarikh("review", "next", "1", "--json").json()[0]["why"] == "conflict"
    fine(tarikh("review", "undo", "--by", "ben"))
    assert tarikh("review", "conflicts", "--json").json() == []
    assert ambush(tarikh)["members"] == [one, two]


def test_another_persons_row_needs_force_and_who_did_it_is_kept(own: Path, tarikh: Tarikh) -> None:
    fine(tarikh("review", "accept", strike(tarikh)["id"]))
    refused = tarikh("review", "undo", "d1", "--by", "ben")
    assert refused.code == 2
    assert "--force" in refused.sentence()
    fine(tarikh("review", "undo", "d1", "--by", "ben", "--force", "--note", "left the team"))
    row = tarikh("review", "log", "--json").json()[0]
    assert (row["by"], row["withdrawn_by"]) == ("user:ana", "user:ben")
    assert tarikh("review", "undo", "d1", "--force").code == 2


def test_the_queue_says_why_and_what_would_settle_it(own: Path, tarikh: Tarikh) -> None:
    found = tarikh("review", "next", "--json").json()
    assert found
    assert all(each["reasons"] and each["settle"] for each in found)
    assert "because" in fine(tarikh("review", "next", "2")).out
    deadly = next(each for each in found if each["why"] == "high harm")
    fine(tarikh("review", "accept", deadly["incidents"][0]))
    assert deadly["incidents"] not in [
        each["incidents"] for each in tarikh("review", "next", "--json").json()
    ]


# ---- what is refused -------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[list[str], str]] = {
    "unknown incident": (["accept", "i-0000beef"], "no incident"),
    "unknown mention": (["same", "m-0000beef", "INCIDENT"], "no mention"),
    "a mention where an incident is needed": (["accept", "MENTION"], "give the incident"),
    "a mention to correct": (["correct", "MENTION", "killed", "3"], "give the incident"),
    "one thing twice": (["same", "INCIDENT", "MENTION"], "name two"),
    "nothing to split": (["different", "ALONE", "LONELY"], "only mention"),
    "reject without a reason": (["reject", "INCIDENT"], "--note"),
    "unknown field": (["correct", "INCIDENT", "color", "red"], "killed"),
    "review as a field": (["correct", "INCIDENT", "review", "accepted"], "tarikh review accept"),
    "no such month": (["correct", "INCIDENT", "date", "2024-13-01"], "month"),
    "no such day": (["correct", "INCIDENT", "date", "2023-02-29"], "day"),
    "no date": (["correct", "INCIDENT", "date", "yesterday"], "2024-03-19"),
    "a day to come": (["correct", "INCIDENT", "date", "2091-01-01"], "future"),
    "ends before it starts": (["correct", "INCIDENT", "date", "2024-03-02/2024-03-01"], "before it starts"),
    "low above high": (["correct", "INCIDENT", "killed", "9,5,3"], "rise"),
    "below zero": (["correct", "INCIDENT", "killed", "[-1, 1, 1]"], "below 0"),
    "no number": (["correct", "INCIDENT", "killed", "many"], "digits"),
    "two bounds": (["correct", "INCIDENT", "killed", "3,5"], "low,best,high"),
    "a figure beyond measure": (["correct", "INCIDENT", "killed", "99999999999"], "not so many people"),
    "digits of another script": (["correct", "INCIDENT", "killed", "٣"], "digits"),
    "off the earth": (
        ["correct", "INCIDENT", "place", "country=MLI; place=X; latitude=95; longitude=0; precision=exact"],
        "earth",
    ),
    "not a number of degrees": (
        ["correct", "INCIDENT", "place", "country=MLI; place=X; latitude=nan; longitude=0; precision=exact"],
        "earth",
    ),
    "unknown country": (["correct", "INCIDENT", "place", "country=ATL; precision=country"], "no country"),
    "more precise than told": (
        ["correct", "INCIDENT", "place", "country=MLI; precision=exact"],
        "needs place",
    ),
    "no precision": (["correct", "INCIDENT", "place", "country=MLI"], "precision"),
    "no part of a place": (["correct", "INCIDENT", "place", "town=Gao"], "latitude"),
    "unknown kind": (["correct", "INCIDENT", "kind", "ambush"], "armed_clash"),
    "kind unknown": (["correct", "INCIDENT", "kind", "unknown"], "armed_clash"),
    "empty value": (["correct", "INCIDENT", "killed", " "], "unknown"),
    "broken json": (["correct", "INCIDENT", "place", "{"], "place"),
    "json of another form": (["correct", "INCIDENT", "attackers", '{"a": 1}'], "attackers"),
    "deep json": (["correct", "INCIDENT", "killed", "[" * 9000], "killed"),
    "a long value": (["correct", "INCIDENT", "attackers", "x" * 50_000], "shorter"),
    "a long name": (["correct", "INCIDENT", "attackers", "x" * 400], "300"),
    "a party that moves the cursor": (["correct", "INCIDENT", "attackers", "JN\x1b[2JIM"], "control"),
    "a party that turns the line": (["correct", "INCIDENT", "attackers", "JNIM\u202e"], "control"),
    "nothing to undo": (["undo", "--by", "nobody"], "nothing of user:nobody"),
    "undo none": (["undo", "0"], "review log"),
    "undo of words": (["undo", "everything"], "review log"),
    "undo of no row": (["undo", "j999"], "no row j999"),
    "undo of a row without end": (["undo", "j" + "9" * 40], "review log"),
    "agreement with nobody": (["agreement", "ana", "nobody"], "has coded nothing"),
    "no name": (["accept", "INCIDENT", "--by", " "], "--by"),
    "a name that moves the cursor": (["accept", "INCIDENT", "--by", "ana\x1b[2J"], "control"),
    "a name of two lines": (["accept", "INCIDENT", "--by", "ana\nuser:ben"], "control"),
    "a long name of a person": (["accept", "INCIDENT", "--by", "a" * 65], "64"),
    "a note that moves the cursor": (["accept", "INCIDENT", "--note", "x\x1b]0;t\x07"], "control"),
    "a note of ten megabytes": (["accept", "INCIDENT", "--note", "x" * 10_000_000], "2000"),
    "a note that is no text": (["accept", "INCIDENT", "--note", "\udcff"], "control"),
    "an id that is no text": (["accept", "i-\udcff"], "no incident"),
    "none to review": (["next", "0"], "1 or more"),
    "unknown review": (["LIST"], "accepted"),
}


@pytest.mark.parametrize(("words", "advice"), WRONG.values(), ids=WRONG)
def test_wrong_input_is_one_sentence_and_changes_nothing(
    words: list[str], advice: str, own: Path, tarikh: Tarikh
) -> None:
    one, alone = ambush(tarikh), strike(tarikh)
    names = {
        "INCIDENT": one["id"],
        "MENTION": one["members"][0],
        "LONELY": alone["id"],
        "ALONE": alone["members"][0],
    }
    if words == ["LIST"]:
        done = tarikh("list", "--review", "checked")
    else:
        done = tarikh("review", *(names.get(word, word) for word in words))
    assert done.code == 2, done.err
    assert done.out == ""
    assert advice in done.sentence()
    assert "\x1b" not in done.err
    assert len(done.err) < 1000
    assert tarikh("review", "log", "--json").json() == []


def test_without_a_database_nothing_is_made(tarikh: Tarikh, tmp_path: Path) -> None:
    for words in (["next"], ["accept", "i-1234"], ["log"], ["agreement", "a", "b"]):
        assert tarikh("review", *words).code == 2
    assert tarikh("forget", "r-1", "--reason", "x").code == 2
    assert not list(tmp_path.rglob("*.db"))


# ---- coding anew -----------------------------------------------------------------------------------------------


def test_a_decision_follows_to_the_successor_and_waits_without_one(store: Store) -> None:
    first = tell(store, "a", where=Where("MLI", precision="country"))
    review.pipeline.relink(store)
    home = store.incidents()[0].id
    review.reject(store, home, "ana", "no incident")
    recode(store, first, "rules@2")
    review.pipeline.relink(store)
    assert [each.review for each in store.incidents(Filter(review=("rejected",)))] == ["rejected"]
    recode(store, first, "rules@3", start=19, end=29)
    review.pipeline.relink(store)
    assert [each.review for each in store.incidents()] == ["unreviewed"]
    assert [act.row for act, _ in orphans(store)] == ["d1"]
    assert queue(store)[0].why == "orphan"
    recode(store, first, "rules@4", start=7, end=29)
    review.pipeline.relink(store)
    assert [each.review for each in store.incidents()] == ["rejected"]


def test_what_joins_a_rejected_incident_is_not_hidden_in_silence(store: Store) -> None:
    first, other = tell(store, "a"), tell(store, "b")
    review.pipeline.relink(store)
    home = next(each.id for each in store.incidents() if other.id in each.members)
    review.reject(store, home, "ana", "a drill")
    assert queue(store) == []
    recode(store, other, "rules@2")
    review.pipeline.relink(store)
    assert queue(store) == [], "a mention coded anew is the one that was seen"
    review.same(store, first.id, other.id, "ben")
    item = queue(store)[0]
    assert (item.why, first.id in item.reasons[0]) == ("new reports", True)
    assert review.reject(store, item.incidents[0], "ana", "still a drill").rows
    assert queue(store) == []


def test_values_at_odds_are_conflicts_and_ones_own_later_word_is_none(store: Store) -> None:
    tell(store, "a")
    review.pipeline.relink(store)
    home = store.incidents()[0].id
    review.correct(store, home, "killed", "3", "ana")
    review.correct(store, home, "killed", "4", "ana")
    assert conflicts(store) == []
    done = review.correct(store, home, "killed", "5", "ben")
    assert [{act.row for act in each.acts} for each in done.conflicts] == [{"c2", "c3"}]
    assert store.incidents()[0].harm["killed"] == Count(5, 5, 5)
    review.undo(store, "ben")
    assert store.incidents()[0].harm["killed"] == Count(4, 4, 4)
    review.accept(store, home, "ana")
    assert review.reject(store, home, "ben", "a drill").conflicts


def test_a_same_that_a_chain_forbids_is_a_conflict(store: Store) -> None:
    one, two, three = (tell(store, name) for name in "abc")
    review.different(store, one.id, three.id, "ana")
    review.same(store, one.id, two.id, "ben")
    done = review.same(store, two.id, three.id, "ben")
    assert [each.sentence for each in done.conflicts]
    basis = store.basis()
    assert [j.by for j in overruled(basis.mentions, basis.judgements)] == ["user:ben"]


def test_unread_values_of_other_hands_are_told(store: Store) -> None:
    tell(store, "a")
    review.pipeline.relink(store)
    home = store.incidents()[0]
    with store.acting(BY) as (saying, _):
        saying.correct(home.founder, "kind", "dance", "user:ana")
    review.pipeline.relink(store)
    assert "cannot be read" in conflicts(store)[0].sentence


def test_only_known_mentions_of_known_incidents(store: Store) -> None:
    told = report("a")
    store.add_report(told)
    old = store.add_mentions(told.id, "rules@1", [mention(told)])[0]
    store.add_mentions(told.id, "rules@2", [])
    other = tell(store, "b")
    with pytest.raises(UsageError, match="no more"):
        review.same(store, old.id, other.id, "ana")


def test_the_demo_of_the_readme_can_be_reviewed(tarikh: Tarikh, tmp_path: Path) -> None:
    """A new database, the system's user, and every command once."""
    path = json_lines(tmp_path / "r.jsonl", REPORTS[:3])
    fine(tarikh("add", path))
    key = kept(tarikh)[0]["id"]
    fine(tarikh("review", "accept", key))
    by = tarikh("review", "log", "--json").json()[0]["by"]
    assert by.startswith("user:")
    assert key in fine(tarikh("review", "log")).out or by in fine(tarikh("review", "log")).out


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("place", "country=MLI;place=Gao;geonameid=99999999999999999999999;precision=exact", "GeoNames id"),
        ("place", "country=MLI;place=Gao;geonameid=-5;precision=exact", "GeoNames id"),
        ("place", "country=MLI;country=NER;precision=country", "stands twice"),
        ("attackers", ";;", "between semicolons"),
        ("targets", "unknown;JNIM", "alone where nobody is known"),
    ],
)
def test_values_that_break_the_row_or_contradict_themselves_are_refused(
    field: str, value: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        typed(field, value)
