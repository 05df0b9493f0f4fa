"""From pairs to judgements, in one go or as mentions come in.

Invariant: a pair is judged once by one version of the rules, whether a person spoke of it before or after: the
person outranks the rule, and the rule stands ready for the day when the person's word is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tarikh.link.candidates import candidates, candidates_of, worth_comparing
from tarikh.link.compare import BY, compare
from tarikh.model import Judgement, Mention


def judge(mentions: Iterable[Mention], judgements_so_far: Iterable[Judgement] = ()) -> list[Judgement]:
    """Judgements on every pair worth comparing that this linker has not judged yet."""
    settled = _settled(judgements_so_far)
    pairs = candidates(mentions)
    return [compare(left, right) for left, right in pairs if (left.id, right.id) not in settled]


def judge_new(
    new: Sequence[Mention], existing: Iterable[Mention], judgements_so_far: Iterable[Judgement] = ()
) -> list[Judgement]:
    """Judgements on pairs of which one mention at least is new: what `judge` over all would add."""
    settled = _settled(judgements_so_far)
    pairs = candidates_of(new, existing)
    return [compare(left, right) for left, right in pairs if (left.id, right.id) not in settled]


def judge_met(new: Sequence[Mention], met: Mapping[str, Iterable[Mention]]) -> list[Judgement]:
    """`judge_new` where a database has looked up the blocks: `met` are those that each new one shares one with."""
    pairs: dict[tuple[str, str], tuple[Mention, Mention]] = {}
    for each in new:
        for other in met.get(each.id, ()):
            if worth_comparing(each, other):
                one, two = (each, other) if each.id < other.id else (other, each)
                pairs[one.id, two.id] = (one, two)
    return [compare(*pairs[key]) for key in sorted(pairs)]


def _settled(judgements: Iterable[Judgement]) -> set[tuple[str, str]]:
    return {
        (min(j.left, j.right), max(j.left, j.right))
        for j in judgements
        if j.withdrawn_at is None and j.by == BY
    }
