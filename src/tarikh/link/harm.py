"""One low, best and high for each count of an incident, by a named rule.

Invariant: figures are chosen, never averaged; what nobody stated stays unknown, and never becomes 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tarikh.errors import UsageError
from tarikh.link.consolidate import ALONE
from tarikh.link.independence import Sources
from tarikh.link.speakers import Roles, independence, is_party, newness
from tarikh.model import HARMS, Count, Mention


@dataclass(frozen=True, slots=True)
class Chosen:
    """A consolidated count and the mentions that bear its best figure (or, without one, its bounds)."""

    count: Count
    support: tuple[str, ...]


Rule = Callable[[Sequence[Mention], str, Roles], Chosen | None]


def check(rule: str) -> None:
    """Raises `UsageError` when there is no rule of this name."""
    if rule not in RULES:
        raise UsageError(f"no rule {rule!r} for figures; there are: {', '.join(RULES)}")


def counts(members: Sequence[Mention], rule: str, roles: Roles, told: Sources = ALONE) -> dict[str, Chosen]:
    """Each count that somebody stated. Raises `UsageError` when there is no rule of this name."""
    check(rule)
    found: dict[str, Chosen] = {}
    for what in HARMS:
        stating = [m for m in members if what in m.harm and m.harm[what].known()]
        if what == "injured" and "killed" in found:
            stating = [m for m in stating if not _all_died(m, found["killed"].count)]
        first = _first(stating, what, told)
        chosen = RULES[rule](list(first.values()), what, roles) if first else None
        if chosen is not None:
            bearing = {key for key, mention in first.items() if mention.id in chosen.support}
            also = (m.id for m in stating if _text(m, what, told) in bearing)
            found[what] = Chosen(chosen.count, tuple(sorted({*chosen.support, *also})))
    return found


def _all_died(mention: Mention, killed: Count) -> bool:
    """Whether a report tells only how many were hit ("two were shot": at most two injured), and others that as many died."""
    hit = mention.harm["injured"]
    only_hit = hit.low is None and hit.best is not None and "killed" not in mention.harm
    return only_hit and (hit.best or 0) <= (killed.best or 0)


def _text(mention: Mention, what: str, told: Sources) -> tuple[str, Count, str]:
    return told.text.get(mention.report_id, mention.report_id), mention.harm[what], mention.status


def _first(stating: Sequence[Mention], what: str, told: Sources) -> dict[tuple[str, Count, str], Mention]:
    """Of the copies of one text that state one figure only the oldest: printed again it is no newer.

    A text whose figure was changed states another figure, and that is as new as its report.
    """
    first: dict[tuple[str, Count, str], Mention] = {}
    for mention in sorted(stating, key=newness):
        first.setdefault(_text(mention, what, told), mention)
    return first


def _codebook(stating: Sequence[Mention], what: str, roles: Roles) -> Chosen | None:
    """Smallest low, largest high, best from the newest report of the most independent speaker; of one who gives a bound
    alone ("at least 3"), an exact figure within it is heard instead."""
    figures = [m.harm[what] for m in stating]
    best = _heard(stating, what, roles)
    lows = [c.low for c in figures if c.low is not None]
    highs = [c.high for c in figures if c.high is not None]
    count = _coherent(
        min(lows, default=None), None if best is None else best.harm[what].best, max(highs, default=None)
    )
    return Chosen(count, _bearers(stating, what, count))


def _heard(stating: Sequence[Mention], what: str, roles: Roles) -> Mention | None:
    def rank(mention: Mention) -> tuple[int, tuple[int, float, str]]:
        return independence(mention, roles), newness(mention)

    told = [m for m in stating if m.harm[what].best is not None]
    newest = max(told, key=rank, default=None)
    if newest is None or _exact(newest.harm[what]):
        return newest
    as_independent = (m for m in told if rank(m)[0] == rank(newest)[0])
    within = [m for m in as_independent if _exact(m.harm[what]) and _holds(newest.harm[what], m.harm[what])]
    return max(within, key=rank, default=newest)


def _exact(count: Count) -> bool:
    return count.low is not None and count.high is not None


def _holds(bound: Count, exact: Count) -> bool:
    """Whether a figure lies within another's bounds."""
    best = exact.best or 0
    return (bound.low is None or best >= bound.low) and (bound.high is None or best <= bound.high)


def _coherent(low: int | None, best: int | None, high: int | None) -> Count:
    """A bound that the best figure has passed is an open bound: "at least 20" beside "17" has no high."""
    if best is not None:
        low = None if low is not None and low > best else low
        high = None if high is not None and high < best else high
    elif low is not None and high is not None and low > high:
        low, high = high, low
    return Count(low, best, high)


def _bearers(stating: Sequence[Mention], what: str, count: Count) -> tuple[str, ...]:
    def bears(told: Count) -> bool:
        if count.best is not None:
            return told.best == count.best
        return (count.low is not None and told.low == count.low) or (
            count.high is not None and told.high == count.high
        )

    return tuple(sorted(m.id for m in stating if bears(m.harm[what])))


def _as_told(chosen: Mention, stating: Sequence[Mention], what: str) -> Chosen:
    return Chosen(
        chosen.harm[what], tuple(sorted(m.id for m in stating if m.harm[what] == chosen.harm[what]))
    )


def _size(count: Count) -> int:
    return next((n for n in (count.best, count.low, count.high) if n is not None), 0)


def _lowest(stating: Sequence[Mention], what: str, roles: Roles) -> Chosen | None:
    """The smallest figure, as it was told; of two alike, that of the more independent speaker."""
    chosen = max(stating, key=lambda m: (-_size(m.harm[what]), independence(m, roles), newness(m)))
    return _as_told(chosen, stating, what)


def _highest(stating: Sequence[Mention], what: str, roles: Roles) -> Chosen | None:
    """The largest figure, as it was told; of two alike, that of the more independent speaker."""
    chosen = max(stating, key=lambda m: (_size(m.harm[what]), independence(m, roles), newness(m)))
    return _as_told(chosen, stating, what)


def _newest(stating: Sequence[Mention], what: str, roles: Roles) -> Chosen | None:
    """The figure of the newest report, as it was told; on one day that of the more independent speaker."""
    chosen = max(stating, key=lambda m: (newness(m)[0], independence(m, roles), newness(m)))
    return _as_told(chosen, stating, what)


def _without_parties(stating: Sequence[Mention], what: str, roles: Roles) -> Chosen | None:
    """The codebook's rule over those who are no party to the conflict; unknown when only parties speak."""
    others = [m for m in stating if not is_party(m, roles)]
    return _codebook(others, what, roles) if others else None


RULES: Mapping[str, Rule] = {
    "codebook": _codebook,
    "lowest": _lowest,
    "highest": _highest,
    "newest": _newest,
    "without-parties": _without_parties,
}
"""The named rules, selectable at query time."""
