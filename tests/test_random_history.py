"""Random histories of telling, judging, correcting, deciding, undoing and coding anew: no word of a person is lost.

Invariant: the test keeps its own account of who said what and of what became of each mention, and asks networkx, not
the code under test, which mentions belong together where nobody said "different".
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from store_sample import Clock, mention, report
from tarikh import link, review, source_roles
from tarikh.errors import UnknownIdError, UsageError
from tarikh.link.corrections import correction_value
from tarikh.model import Correction, Decision, Incident, Judgement, Mention
from tarikh.pipeline import relink
from tarikh.review_queue import MOST, conflicts, orphans, queue
from tarikh.store import Act, Store, open_store, opening

TEXT = "Shells fell on the old bridge on Monday, and on the mill in the night."
SPOTS = ((0, 6), (3, 11), (7, 11), (19, 29), (19, 22), (55, 59), (0, 30))
"""Where a coder may see the trigger: some overlap, some do not, the last joins what stood apart."""
PEOPLE = ("ana", "ben", "eva")
VALUES = {
    "killed": ("3", "7,9,12", "unknown"),
    "kind": ("riot", "bombing"),
    "attackers": ("JNIM", "ISWAP; JNIM"),
}


@dataclass
class History:
    """One chronicle and the test's own account of it."""

    store: Store
    tellings: list[str] = field(default_factory=list)
    spots: dict[str, tuple[int, int]] = field(default_factory=dict)
    of_report: dict[str, list[str]] = field(default_factory=dict)
    current: dict[str, str | None] = field(default_factory=dict)
    became: dict[str, str] = field(default_factory=dict)
    rules: list[tuple[str, str]] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    said: int = 0
    taken_back: int = 0
    coders: int = 0

    def head(self, key: str) -> str | None:
        """The test's own answer to what a mention is now."""
        while key in self.became:
            key = self.became[key]
        return key if key in self.current.values() else None

    def heads(self) -> list[str]:
        return [key for key in self.current.values() if key is not None]

    def incidents(self) -> list[Incident]:
        found = self.store.incidents()
        self.shown |= {each.id for each in found}
        return found

    # ---- what can happen ----

    def tell(self, spot: int) -> None:
        told = report(f"r{len(self.tellings)}", TEXT, source=f"s{len(self.tellings)}")
        self.store.add_report(told)
        self.tellings.append(told.id)
        self.of_report[told.id] = []
        self.current[told.id] = None
        self.code(told.id, "rules@1", spot)
        relink(self.store)

    def code(self, report_id: str, coder: str, spot: int | None) -> None:
        made: list[Mention] = []
        if spot is not None:
            made = [mention(self.store.report(report_id), *SPOTS[spot % len(SPOTS)], coder=coder)]
        kept = self.store.add_mentions(report_id, coder, made)
        self.current[report_id] = kept[0].id if kept else None
        for each in kept:
            span = SPOTS[spot % len(SPOTS)] if spot is not None else (0, 0)
            for old in self.of_report[report_id]:
                if old not in self.became and self.spots[old][0] < span[1] and span[0] < self.spots[old][1]:
                    self.became[old] = each.id
            self.spots[each.id] = span
            self.of_report[report_id].append(each.id)

    def recode(self, which: int, spot: int | None) -> None:
        if self.tellings:
            self.coders += 1
            self.code(self.tellings[which % len(self.tellings)], f"rules@{self.coders + 1}", spot)
            relink(self.store)

    def recode_all(self) -> None:
        """A new coder sees every event where the last one saw it."""
        for number, key in enumerate(self.tellings):
            now = self.current[key]
            self.recode(number, None if now is None else SPOTS.index(self.spots[now]))

    def rule(self, one: int, two: int) -> None:
        heads = self.heads()
        if len(heads) > 1 and heads[one % len(heads)] != heads[two % len(heads)]:
            left, right = sorted((heads[one % len(heads)], heads[two % len(heads)]))
            self.store.add_judgements([Judgement(left, right, "same", 7.0, "linker@0")])
            self.rules.append((left, right))
            relink(self.store)

    def judge(self, verdict: str, one: int, two: int, who: int, whole: int) -> None:
        things = [self.thing(one, whole & 1), self.thing(two, whole & 2)]
        if None not in things:
            act = review.same if verdict == "same" else review.different
            self.act(act, *things, PEOPLE[who % 3])

    def odds(self, one: int, two: int, who: int) -> None:
        """Two people say the contrary of one pair."""
        self.judge("different", one, two, who, 0)
        self.judge("same", one, two, who + 1, 0)

    def chain(self, one: int, who: int) -> None:
        """A person's "different" on the ends of another's two "same"."""
        self.judge("different", one, one + 2, who, 0)
        self.judge("same", one, one + 1, who + 1, 0)
        self.judge("same", one + 1, one + 2, who + 1, 0)

    def thing(self, which: int, whole: int) -> str | None:
        ids = [each.id for each in self.incidents()] if whole else self.heads()
        return ids[which % len(ids)] if ids else None

    def correct(self, which: int, name: str, value: int, who: int) -> None:
        if (home := self.thing(which, 1)) is not None:
            self.act(review.correct, home, name, VALUES[name][value % len(VALUES[name])], PEOPLE[who % 3])

    def decide(self, which: int, verdict: str, who: int) -> None:
        if (home := self.thing(which, 1)) is not None:
            act = review.accept if verdict == "accept" else review.reject
            self.act(act, home, PEOPLE[who % 3], "so I read it")

    def role(self, which: int, role: int, who: int) -> None:
        """A person says what one of the sources is, or takes it back."""
        if self.tellings:
            words = source_roles.WORDS
            source = f"s{which % len(self.tellings)}"
            source_roles.say(self.store, source, words[role % len(words)], PEOPLE[who % 3])

    def undo(self, who: int, count: int) -> None:
        with suppress(UsageError):
            self.taken_back += len(review.undo(self.store, PEOPLE[who % 3], str(count)).rows)

    def act(self, act: Any, *arguments: Any) -> None:
        with suppress(UsageError):  # two names of one mention, or nothing to split
            self.said += len(act(self.store, *arguments).rows)


NUMBER = st.integers(0, 7)
STEPS = st.one_of(
    st.tuples(st.just("tell"), NUMBER),
    st.tuples(st.just("tell"), NUMBER),
    st.tuples(st.just("recode"), NUMBER, st.one_of(st.none(), NUMBER)),
    st.tuples(st.just("recode_all")),
    st.tuples(st.just("rule"), NUMBER, NUMBER),
    st.tuples(st.just("rule"), NUMBER, NUMBER),
    st.tuples(st.just("judge"), st.sampled_from(["same", "different"]), NUMBER, NUMBER, NUMBER, NUMBER),
    st.tuples(st.just("judge"), st.just("same"), NUMBER, NUMBER, NUMBER, NUMBER),
    st.tuples(st.just("odds"), NUMBER, NUMBER, NUMBER),
    st.tuples(st.just("chain"), NUMBER, NUMBER),
    st.tuples(st.just("correct"), NUMBER, st.sampled_from(sorted(VALUES)), NUMBER, NUMBER),
    st.tuples(st.just("decide"), NUMBER, st.sampled_from(["accept", "reject"]), NUMBER),
    st.tuples(st.just("role"), NUMBER, NUMBER, NUMBER),
    st.tuples(st.just("undo"), NUMBER, st.integers(1, 3)),
)


@contextmanager
def replayed(steps: list[tuple[Any, ...]]) -> Iterator[History]:
    """A history that has happened, in a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.db"
        path.write_bytes(_empty())
        with open_store(path, Clock()) as store:
            yield _happened(store, steps)


@cache
def _empty() -> bytes:
    """An empty database: making its tables for each history would be most of the time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.db"
        open_store(path).close()
        return path.read_bytes()


def _happened(store: Store, steps: list[tuple[Any, ...]]) -> History:
    history = History(store)
    for spot in (0, 2, 3):
        history.tell(spot)
    for name, *arguments in steps:
        getattr(history, name)(*arguments)
        history.incidents()
    return history


@pytest.fixture(autouse=True)
def no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power fails here, and waiting for the disk would be most of the time."""
    set_up = opening._set_up

    def quick(connection: Any, record: object) -> None:
        set_up(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    monkeypatch.setattr(opening, "_set_up", quick)


CALM = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


# ---- nothing a person said is lost ---------------------------------------------------------------------------


@CALM
@given(st.lists(STEPS, max_size=18))
def test_every_word_of_a_person_is_in_force_or_up_for_review(steps: list[tuple[Any, ...]]) -> None:
    with replayed(steps) as history:
        log = history.store.acts.log()
        assert len(log) == history.said
        assert sum(not act.standing for act in log) == history.taken_back
        waiting = {act.row for each in conflicts(history.store) for act in each.acts}
        waiting |= {act.row for act, _ in orphans(history.store)}
        standing = [act for act in reversed(log) if act.standing]
        for number, act in enumerate(standing):
            assert (
                in_force(history, act)
                or act.row in waiting
                or any(takes_its_place(history, later, act) for later in standing[number + 1 :])
            ), f"{act} is neither in force nor up for review"
        queued = {act.row for item in queue(history.store, limit=MOST) for act in item.acts}
        assert waiting <= queued


def in_force(history: History, act: Act) -> bool:
    """Whether the incidents show what a row says, by the test's own account of its mentions."""
    heads = [history.head(key) for key in act.mentions]
    found = history.incidents()
    homes = [next((i for i in found if head in i.members), None) for head in heads]
    if None in heads or None in homes:
        return False
    record, home = act.record, homes[0]
    assert home is not None
    if isinstance(record, Judgement):
        together = homes[0] == homes[1]
        return together if record.verdict == "same" else not together
    if isinstance(record, Decision):
        return home.review == record.verdict
    value = correction_value(record.field, record.value)
    if record.field == "harm.killed":
        return home.harm.get("killed", correction_value(record.field, None)) == value
    return bool(getattr(home, record.field) == value)


def takes_its_place(history: History, later: Act, act: Act) -> bool:
    """Whether its author has spoken anew of the same thing, or of what it was coded anew as."""
    if later.by != act.by or type(later.record) is not type(act.record):
        return False
    if isinstance(act.record, Correction) and later.record.field != act.record.field:  # type: ignore[union-attr]
        return False
    return all(trail(history, key) & set(later.mentions) for key in act.mentions)


def trail(history: History, key: str) -> set[str]:
    found = {key}
    while key in history.became:
        key = history.became[key]
        found.add(key)
    return found


# ---- who belongs together ------------------------------------------------------------------------------------


@CALM
@given(
    st.lists(
        STEPS.filter(lambda step: step[:2] != ("judge", "different") and step[0] not in ("odds", "chain")),
        max_size=18,
    )
)
@example([("judge", "same", 0, 1, 0, 0), ("recode_all",)])
def test_where_nobody_said_different_incidents_are_the_connected_components(
    steps: list[tuple[Any, ...]],
) -> None:
    with replayed(steps) as history:
        graph: nx.Graph[str] = nx.Graph()
        heads = set(history.heads())
        graph.add_nodes_from(heads)
        graph.add_edges_from(pair for pair in history.rules if set(pair) <= heads)
        for act in history.store.acts.log(standing=True):
            if isinstance(act.record, Judgement):
                ends = [history.head(key) for key in act.mentions]
                if None not in ends:
                    graph.add_edge(*ends)
        expected = {frozenset(part) for part in nx.connected_components(graph)}
        assert {frozenset(each.members) for each in history.incidents()} == expected


@CALM
@given(st.lists(STEPS, max_size=14), st.integers(0, 10_000))
def test_rows_in_any_order_fold_to_the_same(steps: list[tuple[Any, ...]], seed: int) -> None:
    with replayed(steps) as history:
        basis, chance = history.store.basis(), random.Random(seed)
        prints = history.store.fingerprints({each.report_id for each in basis.mentions})
        more = {"origins": basis.origins, "previous": basis.previous, "prints": prints}
        more["report_sources"] = basis.roles
        folded = link.fold(basis.mentions, basis.judgements, basis.corrections, **more)
        turned = link.fold(*(chance.sample(rows, len(rows)) for rows in _rows(basis)), **more)
        assert folded == turned
        assert {each.id: each for each in folded} == {each.id: each for each in history.incidents()}


def _rows(basis: Any) -> tuple[list[Any], list[Any], list[Any]]:
    return basis.mentions, basis.judgements, basis.corrections


@CALM
@given(st.lists(STEPS, max_size=18))
def test_an_id_once_shown_leads_on_or_says_why_not(steps: list[tuple[Any, ...]]) -> None:
    with replayed(steps) as history:
        for key in history.shown:
            told = ""
            try:
                assert history.store.incident(key).members
            except UnknownIdError as error:
                told = str(error)
            assert not told or "no more" in told
