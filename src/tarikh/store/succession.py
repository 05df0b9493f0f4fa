"""Who takes the place of whom when a report is coded anew, and where people's work then is.

Invariant: an old mention has one successor at most and never loses it; what a person said of the old one is heard
of the newest, and what cannot be is listed as an orphan, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tarikh.model import Correction, Judgement, Mention, Span

Origin = tuple[datetime | None, str]

_LAST = datetime.max.replace(tzinfo=UTC)


def successors(old: Sequence[Mention], new: Sequence[Mention]) -> dict[str, str]:
    """Id of each old mention that has a successor → the new mention that takes its place.

    Both are mentions of one report. A successor's trigger overlaps; among several, the one that agrees on kind,
    place and day, then the one with more words in common. Each new one is first given to one old one (these come
    first in the answer), then the old ones left over join the new one that overlaps them.
    """
    pairs = sorted(
        (-_agreement(left, right), -shared, left.recorded_at or _LAST, left.id, right.id)
        for left in old
        for right in new
        if (shared := _shared(left, right))
    )
    found: dict[str, str] = {}
    taken: set[str] = set()
    for one_to_one in (True, False):
        for *_, left_id, right_id in pairs:
            if left_id not in found and not (one_to_one and right_id in taken):
                found[left_id] = right_id
                taken.add(right_id)
    return found


def trigger_spans(mention: Mention) -> tuple[Span, ...]:
    """Where the words stand that tell the act: the evidence of its kind."""
    evidence = mention.evidence.get("kind")
    return () if evidence is None else evidence.spans


def _shared(left: Mention, right: Mention) -> int:
    """How many code points of triggers two mentions have in common."""
    return sum(
        max(0, min(one.end, two.end) - max(one.start, two.start))
        for one in trigger_spans(left)
        for two in trigger_spans(right)
        if one.part == two.part
    )


def _agreement(left: Mention, right: Mention) -> int:
    """One sentence may tell two events with one trigger: kind, place and day tell them apart."""
    place = (left.where.country, left.where.place) == (right.where.country, right.where.place)
    return (left.kind == right.kind) + place + (left.when.start == right.when.start)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A person's judgement or correction that no current mention bears: `lost` are the mentions without successor."""

    record: Judgement | Correction
    lost: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which mentions are current, and the steps (old id → new id) that lead to them."""

    current: frozenset[str]
    steps: Mapping[str, str]

    def head(self, mention_id: str) -> str | None:
        """The current mention that this one is or became; None where the trail ends."""
        while mention_id not in self.current:
            if mention_id not in self.steps:
                return None
            mention_id = self.steps[mention_id]
        return mention_id

    def judgement(self, said: Judgement) -> Judgement | Orphan | None:
        """What a standing judgement says of current mentions.

        A rule's holds for the very mentions that it compared, a person's for their successors. None is a rule's
        on old mentions, or a "same" on two that are one mention by now.
        """
        ends = self.head(said.left), self.head(said.right)
        if not said.by_person():
            return said if ends == (said.left, said.right) else None
        lost = tuple(key for key, end in zip((said.left, said.right), ends, strict=True) if end is None)
        if lost:
            return Orphan(said, lost, "the current coder found no such event in the report")
        left, right = sorted(str(end) for end in ends)
        if left == right:
            if said.verdict == "same":
                return None
            reason = "the current coder tells both as one event"
            return Orphan(said, (said.left, said.right), reason)
        return replace(said, left=left, right=right)

    def correction(self, said: Correction) -> Correction | Orphan:
        """A standing correction, hung on the current mention."""
        end = self.head(said.mention_id)
        if end is None:
            reason = "the current coder found no such event in the report"
            return Orphan(said, (said.mention_id,), reason)
        return said if end == said.mention_id else replace(said, mention_id=end)


def origins(lineage: Lineage, recorded: Mapping[str, Origin]) -> dict[str, Origin]:
    """For each current mention that was coded anew: the first of all codings that it stands for.

    `recorded` gives (`recorded_at`, id) of every mention in the lineage's steps.
    """
    found: dict[str, Origin] = {}
    for old in lineage.steps:
        end = lineage.head(old)
        if end is not None:
            found[end] = min(found.get(end, recorded[end]), recorded[old], key=_age)
    return found


def _age(origin: Origin) -> tuple[datetime, str]:
    return origin[0] or _LAST, origin[1]


def heads(mentions: Iterable[Mention], steps: Mapping[str, str]) -> list[Mention]:
    """The mentions that have no successor yet."""
    return [mention for mention in mentions if mention.id not in steps]
