"""Which mentions are one incident: grouping by judgements.

Invariant: a person outranks a rule, and a person's "different" holds through chains; the order of the rows
never matters. With no "different" said and nothing contradictory, groups are the connected components.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from tarikh.link.blocks import LONG_SPAN
from tarikh.link.compare import SAME_FROM, contradiction
from tarikh.link.speakers import moment
from tarikh.model import LOCATED, Edge, Judgement, Mention, Pair

Better = tuple[float, str]
"""A link of a mention: minus its score, and the other end."""

PROOF = -6.0
"""A rule's "different" at or below this score is a proof: no other link puts the two together."""

DOUBT = SAME_FROM
"""A "different" that is no proof counts by how far it falls short of "same"."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups, members sorted, and the persons' "same" that a person's "different" overruled."""

    groups: tuple[tuple[str, ...], ...]
    overruled: tuple[Judgement, ...] = ()


@dataclass(slots=True)
class _Groups:
    """Growing groups of mention ids with what was said between them."""

    mentions: Mapping[str, Mention]
    said: Mapping[Pair, Judgement]
    group_of: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.group_of = {key: key for key in self.mentions}
        self.members = {key: [key] for key in self.mentions}

    def join(self, left: str, right: str) -> None:
        kept, gone = sorted((self.group_of[left], self.group_of[right]))
        for member in self.members[gone]:
            self.group_of[member] = kept
        self.members[kept] += self.members.pop(gone)

    def across(self, left: str, right: str) -> Iterable[Pair]:
        for one in self.members[self.group_of[left]]:
            for two in self.members[self.group_of[right]]:
                yield (one, two) if one < two else (two, one)


def pair_of(judgement: Judgement) -> Pair:
    """The two ids in order, whichever way the row was written."""
    left, right = judgement.left, judgement.right
    return (left, right) if left <= right else (right, left)


def _rank(judgement: Judgement) -> tuple[bool, float, int, str, float, str]:
    by = judgement.by
    # linker@10 is newer than linker@9: the longer name first, then by letter.
    return (judgement.by_person(), moment(judgement.at), len(by), by, judgement.score, judgement.verdict)


def standing(judgements: Iterable[Judgement], ids: Mapping[str, Mention]) -> dict[Pair, Judgement]:
    """The one judgement that counts for each pair: people's before rules', of each the newest.

    Of two people at odds the one who says "different" holds, as through chains: what was put together wrongly hides
    more than what was kept apart.
    """
    best: dict[Pair, dict[str, Judgement]] = {}
    for judgement in judgements:
        pair = pair_of(judgement)
        if (
            judgement.withdrawn_at is not None
            or pair[0] == pair[1]
            or pair[0] not in ids
            or pair[1] not in ids
        ):
            continue
        said = best.setdefault(pair, {})
        author = judgement.by if judgement.by_person() else ""
        if author not in said or _rank(judgement) > _rank(said[author]):
            said[author] = judgement
    return {pair: max(said.values(), key=_precedence) for pair, said in best.items()}


def _precedence(judgement: Judgement) -> tuple[Any, ...]:
    return judgement.by_person(), judgement.verdict == "different", _rank(judgement)


def _at_odds(judgements: Iterable[Judgement], said: Mapping[Pair, Judgement]) -> tuple[Judgement, ...]:
    """The newest "same" of each person on a pair of which another person's word counts and is not "same"."""
    newest: dict[tuple[Pair, str], Judgement] = {}
    for judgement in judgements:
        key = (pair_of(judgement), judgement.by)
        if judgement.withdrawn_at is None and judgement.by_person() and key[0] in said:
            newest[key] = max(newest.get(key, judgement), judgement, key=_rank)
    return tuple(
        judgement
        for (pair, by), judgement in sorted(newest.items())
        if judgement.verdict == "same" and said[pair].verdict != "same" and said[pair].by != by
    )


def group(mentions: Sequence[Mention], judgements: Iterable[Judgement], edge: Edge | None = None) -> Grouping:
    """Put mentions together: first what persons say is the same, then the rules' pairs, best score first.

    Where a person's "same" would join two mentions that a person called different, through whatever chain,
    the "different" holds and the "same" is returned as overruled; newer words of persons are heard first.
    `edge`: where the mentions are a part, what leads out of it.
    """
    rows = {mention.id: mention for mention in mentions}
    judgements = list(judgements)
    said = standing(judgements, rows)
    groups = _Groups(rows, said)
    overruled = _join_as_persons_say(groups, said)
    _join_as_rules_say(groups, said, edge or Edge())
    found = sorted(tuple(sorted(members)) for members in groups.members.values())
    return Grouping(tuple(found), overruled + _at_odds(judgements, said))


def _join_as_persons_say(groups: _Groups, said: Mapping[Pair, Judgement]) -> tuple[Judgement, ...]:
    wishes = [(pair, j) for pair, j in said.items() if j.by_person() and j.verdict == "same"]
    wishes.sort(key=lambda wish: wish[0])
    wishes.sort(key=lambda wish: _rank(wish[1]), reverse=True)
    overruled = []
    for (left, right), judgement in wishes:
        if groups.group_of[left] == groups.group_of[right]:
            continue
        if any(_kept_apart_by_a_person(said, pair) for pair in groups.across(left, right)):
            overruled.append(judgement)
        else:
            groups.join(left, right)
    return tuple(overruled)


def _kept_apart_by_a_person(said: Mapping[Pair, Judgement], pair: Pair) -> bool:
    judgement = said.get(pair)
    return judgement is not None and judgement.by_person() and judgement.verdict == "different"


def _join_as_rules_say(groups: _Groups, said: Mapping[Pair, Judgement], edge: Edge) -> None:
    same = {pair for pair, j in said.items() if j.verdict == "same"}
    scores = {pair: said[pair].score for pair in same if not said[pair].by_person()}
    known = {**edge.mentions, **groups.mentions}
    better = better_links({**edge.links, **scores}, known)
    clear = clear_links(scores, better, same | edge.same, known)
    links = [(pair, said[pair]) for pair in clear]
    links.sort(key=lambda link: (-link[1].score, link[0]))
    refused: dict[Pair, tuple[int, int]] = {}
    for (left, right), _ in links:
        one, two = sorted((groups.group_of[left], groups.group_of[right]))
        if one == two:
            continue
        sizes = (len(groups.members[one]), len(groups.members[two]))
        # Asking again whether two groups go together is only worth it when one of them has grown.
        if refused.get((one, two)) == sizes:
            continue
        if _go_together(groups, left, right):
            groups.join(left, right)
        else:
            refused[one, two] = sizes


def better_links(scores: Mapping[Pair, float], mentions: Mapping[str, Mention]) -> dict[str, list[Better]]:
    """Of each vague mention its links, the best first: minus the score, and the other end."""
    found: dict[str, list[Better]] = defaultdict(list)
    for pair, score in scores.items():
        for one, other in (pair, pair[::-1]):
            if one in mentions and is_vague(mentions[one]):
                found[one].append((-score, other))
    for links in found.values():
        links.sort()
    return found


def clear_links(
    scores: Mapping[Pair, float],
    better: Mapping[str, Sequence[Better]],
    same: Container[Pair],
    mentions: Mapping[str, Mention],
) -> set[Pair]:
    """Of some of the rules' links (pair → score) those that a vague mention does not give up for a better one.

    One that tells no town, or no day, fits many events and would tie all of them together. Where it fits another
    mention better, and that one and this contradict each other and are not called the `same`, this is another event. So groups hang together by what
    is clear, and what hangs together stays small, however many mentions there are.
    `better`: all links of each vague mention that is an end of theirs, as `better_links` has them.
    """

    def two_events(left: str, right: str) -> bool:
        if (min(left, right), max(left, right)) in same or left not in mentions or right not in mentions:
            return False
        return contradiction(mentions[left], mentions[right]) is not None

    def given_up(one: str, other: str, score: float) -> bool:
        links = better.get(one, ())
        least = (-score, other)
        return any(two_events(link[1], other) for link in takewhile(least.__gt__, links))

    return {
        (left, right)
        for (left, right), score in scores.items()
        if not given_up(left, right, score) and not given_up(right, left, score)
    }


def is_vague(mention: Mention) -> bool:
    """Whether it tells no town, or no day: it fits many events."""
    start, end = mention.when.start, mention.when.end
    if mention.where.precision not in LOCATED or start is None:
        return True
    return end is not None and (end - start).days > LONG_SPAN


def _go_together(groups: _Groups, left: str, right: str) -> bool:
    """Nobody's proof against it, and what was said across the two groups speaks for one on average."""
    total = 0.0
    for pair in groups.across(left, right):
        judgement = groups.said.get(pair)
        if judgement is None:
            if contradiction(groups.mentions[pair[0]], groups.mentions[pair[1]]) is not None:
                return False
        elif judgement.verdict == "different":
            if judgement.by_person() or judgement.score <= PROOF:
                return False
            total += min(judgement.score - DOUBT, 0.0)
        elif judgement.verdict == "same" and not judgement.by_person():
            total += max(judgement.score, 0.0)
    return total > 0.0
