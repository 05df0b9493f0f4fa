"""From pairs to judgements, in one go or as mentions come in.

Invariant: a pair is judged once by one version of the rules; what a person said is never judged again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tarikh.link.candidates import candidates, candidates_of
from tarikh.link.compare import BY, compare
from tarikh.model import Judgement, Mention


def judge(mentions: Iterable[Mention], judgements_so_far: Iterable[Judgement] = ()) -> list[Judgement]:
    """Judgements on every pair worth comparing that neither this linker nor a person has judged yet."""
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


def _settled(judgements: Iterable[Judgement]) -> set[tuple[str, str]]:
    return {
        (min(j.left, j.right), max(j.left, j.right))
        for j in judgements
        if j.withdrawn_at is None and (j.by == BY or j.by_person())
    }
