"""Linking and folding part by part gives what linking and folding everything at once gives, whatever came in between."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_sample import START, Clock, mention, recode, report, said, tell
from tarikh import link, pipeline
from tarikh.errors import StoreError, UnknownIdError
from tarikh.link.compare import BY
from tarikh.model import Correction, Count, Incident, Mention, When, Where
from tarikh.store import Store, open_store

MONDAY = date(2024, 5, 6)
TOWNS = [
    Where("MLI", "Mopti", None, "Tandou", 14.30, -3.40, "exact"),
    Where("MLI", "Mopti", None, "Sanga", 14.45, -3.40, "near"),
    Where("MLI", "Mopti", None, None, 14.5, -4.2, "admin1"),
    Where("MLI", precision="country"),
    Where(),
]
DAYS = [
    When(MONDAY, MONDAY, "day"),
    When(MONDAY + timedelta(1), MONDAY + timedelta(1), "day"),
    When(date(2024, 5, 1), date(2024, 5, 31), "month"),
    When(),
]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("stores") / "empty.db"
    open_store(path).close()
    return path


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(empty, tmp_path / "t.db")
    with open_store(tmp_path / "t.db", Clock()) as opened:
        yield opened


def drawn(chance: random.Random) -> dict[str, Any]:
    """Fields of a mention out of few values, so that many are one incident or nearly so."""
    return {
        "kind": chance.choice(["armed_clash", "armed_clash", "bombing", "arrest"]),
        "where": chance.choices(TOWNS, (6, 2, 2, 1, 1))[0],
        "when": chance.choices(DAYS, (6, 2, 1, 1))[0],
        "attackers": chance.choice([("JNIM",), ("JNIM",), (), ("Military of Mali",)]),
        "harm": chance.choice([{"killed": Count(12, 12, 12)}, {"killed": Count(3, 3, 3)}, {}]),
        "published": chance.choice([None, MONDAY + timedelta(2)]),
        "aspect": chance.choice(["new", "new", "background"]),
    }


class History:
    """The same history told to two stores: one folded part by part, one as a whole each time."""

    def __init__(self, parts: Store, whole: Store, chance: random.Random) -> None:
        self.parts, self.whole, self.chance = parts, whole, chance
        self.ids: list[str] = []
        self.shown: set[str] = set()

    def step(self) -> None:
        does = self.chance.choices(
            [self.add, self.judge, self.withdraw, self.correct, self.recode, self.drop], (6, 4, 2, 2, 2, 1)
        )[0]
        does()

    def add(self) -> None:
        name = str(len(self.ids))
        for number in range(self.chance.choice([1, 1, 2])):
            fields = drawn(self.chance)
            told = report(f"{name}-{number % 2}")
            rows = [mention(told, **fields), mention(told, 12, 15, **drawn(self.chance))]
            rows = rows[: self.chance.choice([1, 1, 2])]
            for store in (self.parts, self.whole):
                store.add_report(told)
                kept = store.add_mentions(told.id, "rules@1", rows)
            self.ids += [each.id for each in kept]

    def two(self) -> tuple[str, str] | None:
        return tuple(sorted(self.chance.sample(self.ids, 2))) if len(self.ids) > 1 else None  # type: ignore[return-value]

    def judge(self) -> None:
        if pair := self.two():
            at = START + timedelta(hours=self.chance.randrange(50))
            verdict = self.chance.choice(["same", "same", "different", "unsure"])
            one, two = (self.whole.mentions(ids=[key], all_coders=True)[0] for key in pair)
            word = replace(said(one, two, verdict, self.chance.choice(["user:ana", "user:ben"])), at=at)
            for store in (self.parts, self.whole):
                store.add_judgements([word])

    def withdraw(self) -> None:
        people = [j for j in self.whole.judgements() if j.by_person() and j.withdrawn_at is None]
        if people:
            gone = self.chance.choice(people)
            for store in (self.parts, self.whole):
                store.withdraw_judgements(gone.left, gone.right)

    def correct(self) -> None:
        if self.ids:
            key, at = self.chance.choice(self.ids), START + timedelta(hours=self.chance.randrange(50))
            word = Correction(key, "kind", self.chance.choice(["shelling", "grenade"]), "user:ana", at)
            for store in (self.parts, self.whole):
                store.add_correction(word)
                if at.hour % 5 == 0:
                    store.withdraw_corrections(key, "kind")

    def recode(self) -> None:
        current = self.whole.mentions()
        if current:
            old, fields = self.chance.choice(current), drawn(self.chance)
            coder = f"rules@{int(old.coder.partition('@')[2]) + 1}"
            for store in (self.parts, self.whole):
                recode(store, old, coder, **fields)
            self.ids += [each.id for each in self.whole.mentions([old.report_id])]

    def drop(self) -> None:
        current = self.whole.mentions()
        if current:
            old = self.chance.choice(current)
            coder = f"rules@{int(old.coder.partition('@')[2]) + 1}"
            for store in (self.parts, self.whole):
                store.add_mentions(old.report_id, coder, [])

    def check(self) -> None:
        pipeline.relink(self.parts, progress=lambda done, total: None)
        at_once(self.whole)
        one, two = (plain(store.incidents()) for store in (self.parts, self.whole))
        assert one == two
        self.shown |= set(one)
        for key in self.shown:
            assert led(self.parts, key) == led(self.whole, key)
            if key in one:
                assert self.parts.redirects(key) == self.whole.redirects(key)
        assert self.parts.stats() == replace(
            self.whole.stats(), judgements=self.parts.stats().judgements, folded=True
        )


def at_once(store: Store) -> None:
    """Links and folds everything, the way without blocks in the database and without parts."""
    basis = store.basis()
    store.add_judgements(link.judge(basis.mentions, basis.judgements), compared=basis.mentions, by=BY)
    basis = store.basis()
    folded = link.fold(
        basis.mentions, basis.judgements, basis.corrections, origins=basis.origins, previous=basis.previous
    )
    assert store.replace_incidents(folded, basis)


def plain(incidents: list[Incident]) -> dict[str, Incident]:
    """By id; the moment at which a rule spoke is the store's."""
    return {
        each.id: replace(
            each,
            judgements=tuple(
                sorted(
                    (j if j.by_person() else replace(j, at=None) for j in each.judgements),
                    key=lambda j: (j.left, j.right, j.by, j.score, str(j.at)),
                )
            ),
        )
        for each in incidents
    }


def led(store: Store, key: str) -> str | None:
    try:
        return store.incident(key).id
    except UnknownIdError:
        return None


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_parts_give_what_the_whole_gives(
    seed: int, empty: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("history")
    for name in ("parts.db", "whole.db"):
        shutil.copy(empty, folder / name)
    with open_store(folder / "parts.db", Clock()) as parts, open_store(folder / "whole.db", Clock()) as whole:
        history = History(parts, whole, chance)
        for _ in range(6):
            for _ in range(chance.choice([1, 1, 3, 8])):
                history.step()
            history.check()
        before = plain(parts.incidents())
        pipeline.relink(parts, whole=True, progress=lambda done, total: None)
        assert plain(parts.incidents()) == before
    shutil.rmtree(folder)
