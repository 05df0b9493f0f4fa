"""Which reports are one source: copies of one text, agencies by their credit, outlets."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh.link.independence import attributed, containment, copies, credit, fingerprint, same_texts, sources
from tarikh.model import Fingerprint, Mention

STORY = (
    "Gunmen on motorcycles attacked a convoy of traders on the road to Tandou on Monday, killing nine of them, a member"
    " of the district council said. The attackers came from two sides and burned four lorries. Soldiers from the nearby"
    " post arrived an hour later and took the wounded to the hospital of the district. It was the second attack on that"
    " road this month. Traders had asked for an escort after the first one, but none was given, the council member said."
    " Shops in the town stayed shut on Tuesday while the dead were buried. The governor promised an inquiry and visited"
    " the families. Nobody has claimed responsibility for the attack so far."
)
OTHER = (
    "Nine traders died on Monday when their lorries were ambushed north of Tandou, hospital staff and two survivors told"
    " this newspaper. One driver who hid in a ditch counted about thirty men. He said that they shouted at the traders to"
    " lie down and then fired. Four vehicles were set alight. The army says it is in pursuit of the men, who fled toward"
    " the river with goods and cattle. Families gathered in front of the clinic all night for news of their relatives."
)
FOOT = "Subscribe to our newsletter and follow us for more news of the region. All rights reserved by the publisher."


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.)\s", text)


def without(text: str, share: float, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(s for s in sentences(text) if chance.random() >= share) or text


COPIES = {
    "the same under another headline": STORY,
    "another byline": f"By our correspondent in the capital. {STORY}",
    "boilerplate appended": f"{STORY} {FOOT}",
    "three sentences alone": " ".join(sentences(STORY)[:3]),
    "inside a longer story": f"{OTHER} {STORY} {FOOT}",
    "in capitals, other signs": STORY.upper().replace(",", " –"),
}


@pytest.mark.parametrize("way", COPIES)
def test_copies_are_known(way: str) -> None:
    assert copies(fingerprint("Nine traders dead", STORY), fingerprint("Attack on traders", COPIES[way]))


@pytest.mark.parametrize("seed", range(12))
def test_a_cut_of_thirty_percent_is_a_copy(seed: int) -> None:
    assert copies(fingerprint("A", STORY), fingerprint("B", without(STORY, 0.3, seed)))


def test_another_report_of_the_same_event_is_no_copy() -> None:
    one, two = fingerprint("Nine traders dead", STORY), fingerprint("Nine traders dead", OTHER)
    assert containment(one, two)[0] < 0.1
    assert not copies(one, two)


def test_shared_boilerplate_alone_is_no_copy() -> None:
    assert not copies(fingerprint("", f"{STORY} {FOOT}"), fingerprint("", f"{OTHER} {FOOT}"))


def test_empty_and_tiny_texts() -> None:
    nothing, few = fingerprint("", ""), fingerprint("", "Two dead in Tandou")
    assert not copies(nothing, nothing)
    assert copies(few, few)
    assert not copies(few, fingerprint("", "Two dead in Tandou after an attack by gunmen"))
    assert containment(nothing, few) == (0.0, 0)


def test_hostile_text_and_a_spoiled_row_are_borne() -> None:
    fingerprint("\ud800", "\ud800\x00 " * 50)
    fingerprint("", "(" * 20_000 + "AFP " * 5_000)
    assert not copies(Fingerprint(b"\x01\x02\x03"), fingerprint("", STORY))


def test_long_texts_compare_by_samples() -> None:
    chance = random.Random(5)
    words = [f"w{chance.randrange(5000)}" for _ in range(3000)]
    whole, third = fingerprint("", " ".join(words)), fingerprint("", " ".join(words[:1000]))
    assert not whole.whole
    assert len(whole.shingles) == 4 * 256
    assert containment(whole, third)[0] > 0.95
    half = [*words[:500], *(f"x{n}" for n in range(500))]
    assert containment(whole, fingerprint("", " ".join(half)))[0] == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("BAMAKO, March 3 (Reuters) - Gunmen killed two.", "Reuters"),
        ("NIAMEY (AFP) — Deux soldats ont été tués.", "Agence France-Presse"),
        ("By The Associated Press\nTwo soldiers were killed.", "Associated Press"),
        ("Deux soldats ont été tués lundi.\n\nAvec AFP", "Agence France-Presse"),
        ("Two soldiers were killed.\n(Xinhua)", "Xinhua"),
        ("Source: Anadolu Agency. Two were killed.", "Anadolu Agency"),
    ],
)
def test_credits(text: str, agency: str) -> None:
    assert credit("Two dead", text) == agency


@pytest.mark.parametrize(
    "text",
    [
        "A security source told AFP that two soldiers were killed near the town on Monday evening, and AP heard the same.",
        "Gunmen killed two. The MENA region is restless. " * 3,
        "Two were killed, aa, said the app of the town. An ap-like thing (app) was found.",
        "The staff of the reutersward building fled.",
    ],
)
def test_what_is_no_credit(text: str) -> None:
    assert credit("Two dead", text) is None


def test_an_outlet_that_is_an_agency_and_an_agency_in_the_words_of_attribution() -> None:
    assert credit("Two dead", "Gunmen killed two.", "AFP") == "Agence France-Presse"
    assert attributed("according to the agency Reuters") == "Reuters"
    assert attributed("captains of the army") is None
    assert attributed(None) is None


# ---- groups ----------------------------------------------------------------------------------------------


def told(report: str, source: str | None = None, **fields: object) -> Mention:
    return replace(
        Mention(f"m-{report}", report, "hand", "armed_clash", source=source),
        **fields,  # type: ignore[arg-type]
    )


def test_ten_copies_of_one_story_are_one_source() -> None:
    mentions = [told(f"r{n}", f"Paper {n}") for n in range(10)] + [told("own", "River Radio")]
    prints = {f"r{n}": fingerprint(f"Headline {n}", without(STORY, 0.15, n)) for n in range(10)}
    prints["own"] = fingerprint("Nine traders", OTHER)
    found = sources(mentions, prints)
    assert len({found.source(m) for m in mentions}) == 2
    assert found.weight(mentions) == (2, 2)


def test_one_agency_is_one_source_and_an_outlet_does_not_tie_two_agencies() -> None:
    mentions = [told("a", "Paper"), told("b", "Paper"), told("c", "Paper"), told("d", "Post")]
    texts = {
        "a": "X (Reuters) - Two died.",
        "b": "X (AFP) - Two died here.",
        "c": "Our man counted two dead.",
    }
    prints = {key: fingerprint("", text) for key, text in texts.items()}
    prints["d"] = fingerprint("", "Y (AFP) - A third soldier died of his wounds.")
    found = sources(mentions, prints)
    assert found.of == {
        "a": "Reuters",
        "b": "Agence France-Presse",
        "c": "Paper",
        "d": "Agence France-Presse",
    }


def test_without_fingerprints_each_outlet_is_a_source() -> None:
    found = sources([told("a", "Paper"), told("b", "Paper"), told("c"), told("d")])
    assert found.of == {"a": "Paper", "b": "Paper", "c": "c", "d": "d"}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 4), st.booleans()), min_size=1, max_size=9),
    st.integers(0, 9),
    st.randoms(use_true_random=False),
)
def test_order_never_matters_and_a_copy_only_joins(
    rows: list[tuple[str, int, bool]], of: int, chance: random.Random
) -> None:
    bodies = [STORY, OTHER, f"{STORY} {FOOT}", f"X (AFP) - {OTHER}", " ".join(sentences(STORY)[:4])]
    mentions = [told(f"r{n}", source if named else None) for n, (source, _, named) in enumerate(rows)]
    prints = {f"r{n}": fingerprint("", bodies[body]) for n, (_, body, _) in enumerate(rows)}
    found = sources(mentions, prints)
    shuffled = mentions[:]
    chance.shuffle(shuffled)
    assert sources(shuffled, dict(reversed(prints.items()))) == found
    original = of % len(rows)
    again = sources([*mentions, told("copy", "Z")], prints | {"copy": prints[f"r{original}"]})
    assert len(set(again.of.values())) <= len(set(found.of.values()))


def test_groups_of_many_texts_are_found_without_comparing_all() -> None:
    chance = random.Random(2)
    words = [f"w{n}" for n in range(3000)]
    prints = {}
    for n in range(300):
        body = " ".join(chance.choices(words, k=120))
        prints[f"a{n}"] = fingerprint("", f"{body} {FOOT}")
        prints[f"b{n}"] = fingerprint("", f"By staff {body} {FOOT}")
    groups = same_texts(prints)
    assert len(groups) == 300
    assert all(len(group) == 2 and group[0][1:] == group[1][1:] for group in groups)
