"""Linking and folding part by part gives what linking and folding everything at once gives, whatever came in between."""

from __future__ import annotations

import importlib.util
import math
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_sample import START, Clock, mention, recode, replace_incidents, report, said, set_back, tell
from tarikh import link, pipeline, relinking
from tarikh.errors import StoreError, UnknownIdError
from tarikh.link.compare import BY
from tarikh.link.speakers import ROLE_RANKS
from tarikh.model import Candidate, Correction, Count, Evidence, Incident, Mention, When, Where
from tarikh.store import Store, nearness, open_store

MONDAY = date(2024, 5, 6)
TOWNS = [
    Where("MLI", "Mopti", None, "Tandou", 14.30, -3.40, "exact"),
    Where("MLI", "Mopti", None, "Sanga", 14.45, -3.40, "near"),
    Where("MLI", "Mopti", None, None, 14.5, -4.2, "admin1"),
    Where("MLI", precision="country"),
    Where(),
    Where("MLI", "Gao", None, "Wami", 16.27, -0.04, "exact"),
]
DAYS = [
    When(MONDAY, MONDAY, "day"),
    When(MONDAY + timedelta(1), MONDAY + timedelta(1), "day"),
    When(date(2024, 5, 1), date(2024, 5, 31), "month"),
    When(),
    When(MONDAY + timedelta(9), MONDAY + timedelta(9), "day"),
]
NAMES = [number << 8 | rarity for number, rarity in enumerate((12, 18, 22, 26, 31), 1)]
"""Names told with an act, with their rarity."""
WEIGHED = {"date": Evidence(rejected=(Candidate(f"{MONDAY}/{MONDAY}", 0.7),))}
"""What is kept of a day that was weighed and not taken."""
WORDED: list[tuple[int, ...]] = [(), *(tuple(n << 8 | 80 for n in range(at, at + 10)) for at in (1, 7, 40))]
"""Terms of two texts that are alike, of one like neither, and of a text too brief to have any."""


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
        "where": chance.choices(TOWNS, (6, 2, 2, 1, 1, 2))[0],
        "when": chance.choices(DAYS, (6, 2, 1, 1, 2))[0],
        "attackers": chance.choice([("JNIM",), ("JNIM",), (), ("Military of Mali",)]),
        "harm": chance.choice([{"killed": Count(12, 12, 12)}, {"killed": Count(3, 3, 3)}, {}]),
        "published": chance.choice([None, MONDAY + timedelta(2)]),
        "aspect": chance.choice(["new", "new", "background"]),
        "details": tuple(sorted(chance.sample(NAMES, chance.choice([0, 0, 1, 2, 3])))),
        "language": "en",
        "terms": chance.choice(WORDED),
        "weighed": chance.choice([{}, {}, WEIGHED]),
    }


class History:
    """The same history told to two stores: one folded part by part, one as a whole each time."""

    def __init__(self, parts: Store, whole: Store, chance: random.Random) -> None:
        self.parts, self.whole, self.chance = parts, whole, chance
        self.ids: list[str] = []
        self.shown: set[str] = set()

    def step(self) -> None:
        does = self.chance.choices(
            [
                self.add,
                self.judge,
                self.withdraw,
                self.correct,
                self.recode,
                self.drop,
                self.renew,
                self.role,
            ],
            (6, 4, 2, 2, 2, 1, 1, 2),
        )[0]
        does()

    def add(self) -> None:
        name = str(len(self.ids))
        for number in range(self.chance.choice([1, 1, 2])):
            fields = drawn(self.chance)
            told = report(f"{name}-{number % 2}", source=f"Herald {len(self.ids) % 3}")
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

    def renew(self) -> None:
        """A new version of a text at its address, in the place of the old one."""
        name = f"at-{self.chance.randrange(3)}"
        told = report(name, f"Shells fell on {len(self.ids)} towns.", url=f"https://news.example/{name}")
        rows = [mention(told, **drawn(self.chance))]
        for store in (self.parts, self.whole):
            store.add_report(told)
            kept = store.add_mentions(told.id, "rules@1", rows)
        self.ids += [each.id for each in kept]

    def role(self) -> None:
        """A person says what a source is, or takes it back."""
        source, role = f"Herald {self.chance.randrange(3)}", self.chance.choice([*ROLE_RANKS, None])
        if any(each.source == source for each in self.whole.reports()):
            said = {store.source_roles.say(source, role, "user:ana") for store in (self.parts, self.whole)}
            assert len(said) == 1

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
        basis.mentions,
        basis.judgements,
        basis.corrections,
        report_sources=basis.roles,
        origins=basis.origins,
        previous=basis.previous,
    )
    assert replace_incidents(store, folded, basis)


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


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_parts_give_what_the_whole_gives(
    seed: int, empty: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch = pytest.MonkeyPatch()
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("history")
    for name in ("parts.db", "whole.db"):
        shutil.copy(empty, folder / name)
    with open_store(folder / "parts.db", Clock()) as parts, open_store(folder / "whole.db", Clock()) as whole:
        history = History(parts, whole, chance)
        monkeypatch.setattr(relinking, "LINKED_AT_ONCE", chance.choice([1, 2, 1000]))
        # So few links are looked at first that some are only given up for one of the others.
        monkeypatch.setattr(nearness, "FEW", chance.choice([1, nearness.FEW]))
        for _ in range(6):
            for _ in range(chance.choice([1, 1, 3, 8])):
                history.step()
            history.check()
        before = plain(parts.incidents())
        pipeline.relink(parts, whole=True, progress=lambda done, total: None)
        assert plain(parts.incidents()) == before
    monkeypatch.undo()
    shutil.rmtree(folder)


def settled(store: Store) -> None:
    pipeline.relink(store, progress=lambda done, total: None)


def at(name: str, store: Store, town: int = 0, days: int = 0, **fields: Any) -> Mention:
    """A report with one mention, told alike but for town and day."""
    day = MONDAY + timedelta(days)
    same = {"attackers": ("JNIM",), "harm": {"killed": Count(12, 12, 12)}, "published": day + timedelta(1)}
    return tell(store, name, where=TOWNS[town], when=When(day, day, "day"), **{**same, **fields})


def test_a_new_report_touches_only_what_it_hangs_together_with(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        at(f"old{number}", store, days=3 * number)
    settled(store)
    written = {each.id: each for each in store.incidents()}
    folded: list[int] = []
    fold = link.fold
    monkeypatch.setattr(link, "fold", lambda rows, *a, **k: folded.append(len(rows)) or fold(rows, *a, **k))
    joined = at("new", store, days=60)
    settled(store)
    assert folded == [2]
    after = {each.id: each for each in store.incidents()}
    assert {key for key in after if after[key] != written[key]} == {
        key for key, each in after.items() if joined.id in each.members
    }
    settled(store)
    assert folded == [2], "nothing has changed, nothing is folded"


def test_a_former_id_follows_its_founding_mention_through_parts(store: Store) -> None:
    told = [at(name, store, days=9 * number) for number, name in enumerate("abc")]
    settled(store)
    first, second, third = (link.incident_id(each.id) for each in told)
    store.add_judgements([said(told[0], told[1], "same"), said(told[1], told[2], "same")])
    settled(store)
    assert store.redirects(first) == tuple(sorted((second, third)))
    store.withdraw_judgements(told[0].id, told[1].id)
    settled(store)
    assert store.incident(third).id == second
    assert store.redirects(first) == ()
    store.withdraw_judgements(told[1].id, told[2].id)
    settled(store)
    assert [store.incident(key).id for key in (first, second, third)] == [first, second, third]


def test_a_run_that_breaks_off_changes_nothing_and_is_taken_up_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("a", store)
    settled(store)
    before = store.incidents()
    late = at("b", store)
    with monkeypatch.context() as broken:
        broken.setattr(link, "fold", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            settled(store)
    assert store.incidents() == before
    assert store.judgements() == []
    assert [each.id for each in store.unlinked(BY)] == [late.id]
    settled(store)
    assert [len(each.members) for each in store.incidents()] == [2]


def test_what_is_not_linked_is_not_folded(store: Store) -> None:
    at("a", store)
    with pytest.raises(StoreError, match="not linked yet"), store.linking(BY) as work:
        work.part(10, link.clear_links, link.is_vague)
    assert store.incidents() == []


def test_a_word_withdrawn_leaves_the_rules_word(store: Store) -> None:
    """Also where the person spoke before the rules did."""
    one, two = at("a", store), at("b", store)
    store.add_judgements([said(one, two, "different")])
    settled(store)
    assert len(store.incidents()) == 2
    store.withdraw_judgements(one.id, two.id)
    settled(store)
    assert len(store.incidents()) == 1


def test_several_who_link_at_once_make_one_chronicle(store: Store) -> None:
    def work(number: int) -> None:
        for day in range(6):
            at(f"{number}-{day}", store, days=3 * day)
            settled(store)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert sorted(len(each.members) for each in store.incidents()) == [3] * 6
    assert store.stats().folded


def test_a_whole_fold_from_older_rows_leaves_what_came_since_to_be_folded(store: Store) -> None:
    at("a", store)
    settled(store)
    basis = store.basis()
    at("b", store)
    assert replace_incidents(store, link.fold(basis.mentions, ()), basis)
    assert not store.stats().folded
    settled(store)
    assert [len(each.members) for each in store.incidents()] == [2]


def test_a_database_without_blocks_is_linked_anew(store: Store, tmp_path: Path) -> None:
    """As a version before blocks left it: its judgements and ids stay, and new reports find the old ones."""
    at("a", store)
    at("b", store, days=40)
    settled(store)
    before = plain(store.incidents())
    store.close()
    set_back(store.path)
    with open_store(store.path, Clock()) as upgraded:
        settled(upgraded)
        assert plain(upgraded.incidents()) == before
        at("c", upgraded, days=40)
        settled(upgraded)
        assert sorted(len(each.members) for each in upgraded.incidents()) == [1, 2]


# ---- growth ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bench() -> Any:
    path = Path(__file__).parent.parent / "benchmarks" / "linking.py"
    spec = importlib.util.spec_from_file_location("bench_linking", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_compared_pairs_grow_as_the_mentions_do(bench: Any) -> None:
    """The archive grows in time, as news does; few mentions a day, so that both sizes are longer than any recall."""
    compared: dict[int, int] = {}
    lost = true = 0
    for size in (2000, 8000):
        made = list(bench.synthetic(size, seed=3, per_day=3.0))
        rows = [each for _, mentions, _ in made for each in mentions]
        truth = {m.id: n for _, ms, numbers in made for m, n in zip(ms, numbers, strict=True)}
        pairs = [(one.id, two.id) for one, two in link.candidates(rows)]
        compared[size] = len(pairs)
        events = Counter(truth.values())
        found = sum(truth[one] == truth[two] for one, two in pairs)
        true = sum(count * (count - 1) // 2 for count in events.values())
        lost = true - found
    exponent = math.log(compared[8000] / compared[2000]) / math.log(4)
    assert exponent <= 1.15, compared
    assert lost <= 0.01 * true


def test_the_synthetic_mentions_are_the_same_every_time(bench: Any) -> None:
    one, two = (list(bench.synthetic(300)) for _ in range(2))
    assert one == two
    assert len({m.id for _, mentions, _ in one for m in mentions}) >= 300


def test_what_hangs_together_stays_small(bench: Any) -> None:
    """A busy archive has many who tell a country or a month alone: they must not tie its events together."""
    rows = [each for _, mentions, _ in bench.synthetic(5000, seed=7, per_day=275.0) for each in mentions]
    same = {(j.left, j.right): j.score for j in link.judge(rows) if j.verdict == "same"}
    told = {m.id: m for m in rows}
    clear = link.clear_links(same, link.better_links(same, told), same, told)
    tied = {}
    for name, links in (("all", same), ("clear", clear)):
        sizes = [len(each) for each in nx.connected_components(nx.Graph(list(links)))]
        tied[name] = sum(size**2 for size in sizes) / len(rows)
    assert tied["clear"] < 10 < tied["all"] / 3, tied
