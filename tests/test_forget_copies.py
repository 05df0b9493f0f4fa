"""Forgetting one of several copies: sources, status and confidence never rise, and the copies still kept are told."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import REPORTS, Tarikh, json_lines
from store_sample import Clock, mention, report, said
from tarikh import link, review, snapshots
from tarikh.history import AsOf
from tarikh.model import Incident, Mention
from tarikh.pipeline import relink
from tarikh.queries import show
from tarikh.store import Store, open_store
from test_independence import OTHER, STORY, sentences

THIRD = " ".join(f"Witness {n} counted {n} lorries on the {n} street of town" for n in range(40))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.db", Clock()) as opened:
        yield opened


def told(store: Store, name: str, text: str, **fields: Any) -> Mention:
    """A report of an outlet of its own with one mention, and its fingerprint, as `pipeline.add` keeps them."""
    about = {key: fields.pop(key) for key in ("url", "published") if key in fields}
    one = report(name, text, source=f"Outlet {name}", **about)
    store.add_report(one)
    store.add_fingerprints({one.id: link.fingerprint(one.title, one.text, one.source)})
    return store.add_mentions(one.id, "rules@1", [mention(one, 0, 6, **fields)])[0]


def joined(store: Store, *mentions: Mention) -> Incident:
    store.add_judgements([said(mentions[0], other, "same") for other in mentions[1:]])
    relink(store)
    (found,) = store.incidents()
    return found


def forget(store: Store, one: Mention) -> review.Done:
    return review.forget(store, one.report_id, "ana", "names a witness")


def count(store: Store) -> int:
    (found,) = store.incidents()
    standing = show(store, found.id).standing
    assert standing is not None
    assert standing.confidence == found.confidence
    return len(standing.sources)


def test_a_forgotten_copy_is_no_source_of_its_own(store: Store, tmp_path: Path) -> None:
    one, two = told(store, "a", STORY), told(store, "b", STORY)
    before = joined(store, one, two)
    then = store.past().now()
    release = snapshots.make(store, tmp_path / "release", then).path
    assert count(store) == 1
    forget(store, two)
    assert count(store) == 1
    assert store.incidents()[0].confidence == before.confidence
    (as_of,) = AsOf(store, then).incidents()
    assert as_of.confidence == before.confidence
    verdict = snapshots.verify(release, store)
    assert verdict.same, verdict.findings


def test_nothing_of_the_text_is_kept_to_confirm_a_guess(store: Store) -> None:
    one, two = told(store, "a", STORY), told(store, "b", STORY)
    joined(store, one, two)
    forget(store, two)
    left = store.fingerprints([two.report_id])[two.report_id]
    assert list(link.copies_among(link.fingerprint("", STORY), {two.report_id: left})) == []
    assert (left.shingles, left.credit, left.copies) == (b"", None, (one.report_id,))


def test_a_forgotten_bridge_between_two_cuts_still_joins_them(store: Store) -> None:
    parts = sentences(STORY)
    cuts = told(store, "a", " ".join(parts[:4])), told(store, "b", " ".join(parts[4:]))
    whole = told(store, "c", STORY)
    joined(store, *cuts, whole)
    assert count(store) == 1
    forget(store, whole)
    assert count(store) == 1
    forget(store, cuts[0])
    assert count(store) == 1


def test_a_credited_agency_is_still_one_source(store: Store) -> None:
    dispatches = [
        told(store, name, f"BAMAKO, March 3 (Reuters) - {text}")
        for name, text in (("a", STORY), ("b", OTHER))
    ]
    joined(store, *dispatches)
    assert count(store) == 1
    forget(store, dispatches[1])
    assert count(store) == 1
    assert store.fingerprints([dispatches[1].report_id])[dispatches[1].report_id].credit == "Reuters"


def test_the_agency_and_the_party_that_spoke_stay(store: Store) -> None:
    parties = {"attackers": ("JNIM", "Islamic State Sahel Province")}
    claims = [
        told(store, name, text, status="claimed", attribution=words, **parties)
        for name, text, words in (
            ("a", STORY, "a JNIM statement that a herder named Zaliha read"),
            ("b", OTHER, "JNIM"),
        )
    ]
    quoted = [
        told(store, name, text, attribution=words)
        for name, text, words in (
            ("c", " ".join(reversed(sentences(STORY))), "the agency Reuters, by phone"),
            ("d", THIRD, "Reuters"),
        )
    ]
    before = joined(store, *claims, *quoted)
    sources = count(store)
    for one in (claims[0], quoted[0]):
        forget(store, one)
        assert count(store) == sources
        assert store.incidents()[0].confidence == before.confidence
    left = {m.id: m.attribution for m in store.mentions()}
    assert (left[claims[0].id], left[quoted[0].id]) == ("JNIM", "Reuters")


def test_a_newer_version_of_the_copy_is_still_one_source(store: Store) -> None:
    one, two = told(store, "a", STORY, url="https://example.org/a"), told(store, "b", STORY)
    joined(store, one, two)
    forget(store, two)
    edited = told(store, "a", STORY.replace("nine", "ten"), url="https://example.org/a")
    store.add_judgements([said(edited, two, "same")])
    relink(store)
    assert len(store.incidents()[0].members) == 2
    assert count(store) == 1


def test_back_again_it_is_compared_by_its_text(store: Store) -> None:
    one, two = told(store, "a", STORY), told(store, "b", STORY)
    joined(store, one, two)
    kept, mentions = store.report(two.report_id), store.mentions(report_ids=[two.report_id])
    forget(store, two)
    assert store.forgetting.remember(kept, mentions, "user:ana")
    store.add_fingerprints({kept.id: link.fingerprint(kept.title, kept.text, kept.source)})
    assert store.fingerprints([kept.id])[kept.id].copies == ()
    relink(store)
    assert count(store) == 1


TEXTS = st.lists(
    st.tuples(
        st.sampled_from([STORY, OTHER, THIRD]),
        st.sampled_from(["", "(AFP) - ", "(Reuters) - "]),
        st.integers(0, 4),
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=12, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_whatever_is_forgotten_nothing_rises(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, int]], chance: random.Random
) -> None:
    path = tmp_path_factory.mktemp("forget") / "t.db"
    with open_store(path, Clock()) as store:
        mentions = [
            told(store, str(n), credit + " ".join(sentences(text)[skipped:]))
            for n, (text, credit, skipped) in enumerate(texts)
        ]
        joined(store, *mentions)
        before, sure = count(store), store.incidents()[0].confidence
        for one in chance.sample(mentions, len(mentions)):
            forget(store, one)
            assert count(store) == before
            assert store.incidents()[0].confidence == sure


# ---- copies that are kept still -----------------------------------------------------------------------------


def test_copies_still_kept_are_told_with_the_commands(store: Store) -> None:
    one, two, other = told(store, "a", STORY), told(store, "b", f"{STORY} More."), told(store, "c", OTHER)
    relink(store)
    done = forget(store, one)
    assert "1 copy of the text is kept still" in done.sentence
    (line,) = done.advice
    assert two.report_id in line
    assert f"tarikh forget {two.report_id} --reason" in line
    assert other.report_id not in line
    assert forget(store, other).advice == ()


def test_with_copies_these_are_forgotten_as_well(store: Store) -> None:
    one, two, other = told(store, "a", STORY), told(store, "b", f"{STORY} More."), told(store, "c", OTHER)
    relink(store)
    done = review.forget(store, one.report_id, "ana", "names a witness", copies=True)
    assert done.advice == ()
    assert {stone.report_id for stone in store.forgetting.tombstones()} == {one.report_id, two.report_id}
    assert store.report(two.report_id).text == ""
    assert store.report(other.report_id).text == OTHER


def test_copies_can_be_forgotten_afterwards(store: Store) -> None:
    one, two = told(store, "a", STORY), told(store, "b", STORY)
    relink(store)
    forget(store, one)
    again = review.forget(store, one.report_id, "ana", "names a witness", copies=True)
    assert "already" in again.sentence
    assert store.report(two.report_id).text == ""
    assert len(store.forgetting.tombstones()) == 2


def test_a_copy_that_has_no_fingerprint_yet_is_found(store: Store) -> None:
    one = told(store, "a", STORY)
    late = report("b", STORY, source="Outlet b")
    store.add_report(late)
    relink(store)
    done = forget(store, one)
    assert late.id in done.advice[0]


def test_copies_of_copies_are_told_and_left(store: Store) -> None:
    parts = sentences(STORY)
    one, two = told(store, "a", " ".join(parts[:4])), told(store, "b", " ".join(parts[4:]))
    whole = told(store, "c", STORY)
    relink(store)
    done = review.forget(store, one.report_id, "ana", "names a witness", copies=True)
    assert store.report(whole.report_id).text == ""
    assert store.report(two.report_id).text != ""
    assert two.report_id in done.advice[0]


def test_copies_on_the_command_line(tarikh: Tarikh, tmp_path: Path) -> None:
    longer = f"{REPORTS[0]['text']} The governor promised an inquiry and visited the families of the dead on Tuesday."
    row = {**REPORTS[0], "text": longer}
    rows = [{**row, "id": "x1"}, {**row, "id": "x2", "source": "Another", "title": "An ambush"}]
    assert tarikh("add", json_lines(tmp_path / "r.jsonl", rows)).code == 0
    done = tarikh("forget", "x1", "--reason", "names a witness", "--by", "ana")
    assert done.code == 0
    assert "1 copy of the text is kept still" in done.err
    assert "An ambush" in done.err
    assert "--copies" in done.err
    again = tarikh("forget", "x1", "--copies", "--reason", "names a witness", "--by", "ana")
    assert "kept still" not in again.err
    assert (
        "promised an inquiry"
        not in json.dumps(tarikh("export", "out.jsonl").code) + Path("out.jsonl").read_text()
    )
    assert tarikh("forget", "x2", "--reason", "x", "--by", "ana").code in (0, 1)


def test_the_scan_finds_what_pairs_find() -> None:
    chance = random.Random(5)
    words = [f"word{n}" for n in range(400)]
    texts = {f"r-{n}": " ".join(chance.choices(words, k=chance.randint(3, 300))) for n in range(40)}
    texts |= {f"{key}x": " ".join(text.split()[: chance.randint(2, 200)]) for key, text in texts.items()}
    prints = {key: link.fingerprint("", text) for key, text in texts.items()}
    for key, mark in prints.items():
        others = {other: each for other, each in prints.items() if other != key}
        assert link.copies_among(mark, others) == [k for k, p in others.items() if link.copies(mark, p)]


def test_a_moment_is_kept_with_a_fingerprint(store: Store) -> None:
    then: datetime = store.past().now()
    one = told(store, "a", STORY)
    assert [d.key for d in store.past().digests(then) if d.table == "fingerprint"] == []
    now = store.past().now()
    assert [d.key for d in store.past().digests(now) if d.table == "fingerprint"] == [one.report_id]
