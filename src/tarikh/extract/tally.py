"""What a mention's tolls come to: low, best and high of each harm, by the rules of codebook section 7.

Invariant: a harm that no toll states is absent from the result; nothing is averaged but a range's own middle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tarikh.model import Count, Span

Side = Literal["attackers", "targets", "civilians"] | None
FLAGS = ("zero", "aggregate", "subset", "superseded", "update", "added", "elliptic", "generic", "pronoun")
"""The fields of a toll that qualify its count."""
ESTABLISHED = 9
"""Rank of a figure that the report gives as its own, above every named speaker."""


@dataclass(frozen=True, slots=True)
class Toll:
    """One count of one harm, with its words.

    `harm` is killed, injured, abducted, displaced or arrested, or one of missing and released, which are no harm of
    the codebook and are kept apart from them, or hit: killed or injured, nobody says which (`extract.scope`). `head` is the token of the harm word. Tolls of one `group` are parts of
    one figure ("three soldiers and two civilians"). `rank` is the speaker's independence (0 a side that claims … 3 a
    hospital or witness, `ESTABLISHED` where nobody is named). `update`: a toll that replaces what was said before;
    `added`: more than were told before; `subset`: some of a figure already given; `superseded`: an old figure;
    `aggregate`: a running toll; `elliptic`: a bare figure that a speaker gives; `generic`: victims who may be of any side.
    """

    harm: str
    count: Count
    head: int
    spans: tuple[Span, ...]
    group: int
    victims: str | None = None
    noun: str | None = None
    victims_span: Span | None = None
    number_span: Span | None = None
    side_hint: Side = None
    speaker: str | None = None
    rank: int = ESTABLISHED
    order: int = 0
    title: bool = False
    zero: bool = False
    aggregate: bool = False
    subset: bool = False
    superseded: bool = False
    update: bool = False
    added: bool = False
    elliptic: bool = False
    generic: bool = False
    pronoun: bool = False


@dataclass(frozen=True, slots=True)
class _Figure:
    """A sum of parts, as one speaker gives it."""

    count: Count
    head: str
    first: Toll

    @property
    def best(self) -> int:
        return self.count.best or 0


def combine(tolls: Sequence[Toll], side_of: Callable[[Toll], Side]) -> dict[str, Count]:
    """The harm of one mention from its tolls: keys of `model.HARMS` that are stated, each a `Count` of persons.

    `side_of` says which side a toll's victims stood on. Bystanders are civilians alone; civilians are targets as well
    where nobody else was hit.
    """
    counted = [t for t in tolls if not (t.superseded or t.aggregate)]
    harm: dict[str, Count] = {}
    for name in ("injured", "abducted", "displaced", "arrested"):
        count = _settle([t for t in counted if t.harm == name and not t.subset])
        if count is not None:
            harm[name] = count
    killed = _killed([t for t in counted if t.harm == "killed"], side_of)
    shot = [t for t in counted if t.harm == "hit" and not t.subset]
    hit = _settle(shot)
    if hit is not None and "injured" not in harm:
        # "One was killed and five others were shot": the dead are none of the five.
        dead = killed["killed"].best or 0 if "killed" in killed and not any(t.added for t in shot) else 0
        hurt = (hit.best or 0) - dead
        if hurt > 0:
            # "Five people were shot" says nothing of who died of it: no more than five were injured.
            harm["injured"] = Count(None, hurt, hurt)
    return {**killed, **harm}


def _killed(tolls: Sequence[Toll], side_of: Callable[[Toll], Side]) -> dict[str, Count]:
    whole: list[Toll] = []
    apart: dict[Side, list[Toll]] = {"attackers": [], "targets": [], "civilians": [], None: []}
    kept = [t for t in tolls if not t.subset]
    sizes = Counter((t.order, t.group) for t in kept)
    sides_known = _group_sides(kept, side_of)
    for toll in kept:
        side = side_of(toll) or sides_known.get((toll.order, toll.group))
        # A nameless part of an enumeration ("four of them and the driver") is no figure for all.
        if side is None and (toll.generic or toll.zero) and sizes[toll.order, toll.group] == 1:
            whole.append(toll)
        else:
            apart[side].append(toll)
    settled = {side: count for side, found in apart.items() if (count := _settle(found)) is not None}
    sides = {str(side): count for side, count in settled.items() if side is not None}
    unknown = settled.get(None)
    # "Nine workers" and "nine civilians" are the same nine.
    if unknown is not None and any(c.best == unknown.best for c in sides.values()):
        unknown = None
    total = _total(
        _settle(whole),
        [*sides.values(), *([unknown] if unknown is not None else [])],
        any(t.update for t in whole),
    )
    if total is None:
        return {}
    return {"killed": total, **_by_side(total, sides, [t for t in tolls if t.subset], side_of)}


def _group_sides(tolls: Sequence[Toll], side_of: Callable[[Toll], Side]) -> dict[tuple[int, int], Side]:
    """The one side that an enumeration names, for its parts that name none ("a trader and her son")."""
    named: dict[tuple[int, int], set[Side]] = {}
    for toll in tolls:
        named.setdefault((toll.order, toll.group), set()).add(side_of(toll))
    return {
        key: max(found - {None}, key=str) for key, found in named.items() if len(found) == 2 and None in found
    }


def _total(whole: Count | None, parts: Sequence[Count], updated: bool) -> Count | None:
    """Everybody killed: the figure for all, or the sum of the sides where it is greater."""
    summed = add(parts) if parts else None
    if whole is None or summed is None:
        return whole if summed is None else summed
    if updated or (whole.best or 0) >= (summed.best or 0):
        return whole
    return summed


def _by_side(
    total: Count, sides: dict[str, Count], parts: Sequence[Toll], side_of: Callable[[Toll], Side]
) -> dict[str, Count]:
    if not sides and parts:
        named = {
            side: [t for t in parts if side_of(t) == side] for side in ("attackers", "targets", "civilians")
        }
        split = {side: add(t.count for t in found) for side, found in named.items() if found}
        if sum(c.best or 0 for c in split.values()) == total.best:
            sides = split
    found = {f"killed_{side}": count for side, count in sides.items()}
    if "civilians" in sides and "targets" not in sides:
        found["killed_targets"] = sides["civilians"]
    return found


def add(counts: Iterable[Count]) -> Count:
    """The sum, bound by bound; a bound is None as soon as one part has none."""
    low: int | None = 0
    best: int | None = 0
    high: int | None = 0
    for count in counts:
        low = None if low is None or count.low is None else low + count.low
        best = None if best is None or count.best is None else best + count.best
        high = None if high is None or count.high is None else high + count.high
    return Count(low, best, high)


def _settle(tolls: Sequence[Toll]) -> Count | None:
    """One count of all that is said of one harm (or of one side's dead)."""
    positive = [t for t in tolls if not t.zero]
    zeros = [t for t in tolls if t.zero]
    if not positive:
        return Count(0, 0, 0) if zeros else None
    if any(not t.pronoun for t in positive):
        positive = [t for t in positive if not t.pronoun]
    if all(t.elliptic for t in positive):
        return None
    figures = _figures(positive)
    updates = [n for n, f in enumerate(figures) if f.first.update]
    if updates:
        newest = updates[-1]
        figures = [
            figures[newest],
            *[
                f
                for f in figures[newest + 1 :]
                if f.first.speaker not in (None, figures[newest].first.speaker)
            ],
        ]
    more = [f for f in figures if f.first.added]
    base = _merge([f for f in figures if not f.first.added] or more[:1])
    extra = [f for f in more if f is not more[0] or len(more) < len(figures)]
    return _with_more(base, extra, figures)


def _with_more(base: Count, extra: Sequence[_Figure], figures: Sequence[_Figure]) -> Count:
    known = {f.best for f in figures if not f.first.added}
    for figure in extra:
        if (base.best or 0) + figure.best not in known and figure.best not in known:
            base = add((base, figure.count))
            known.add(figure.best)
    return base


def _figures(tolls: Sequence[Toll]) -> list[_Figure]:
    """The parts of each group added up, in the order of the report, headline last: it drops the hedges."""
    groups: dict[tuple[int, int], list[Toll]] = {}
    for toll in sorted(tolls, key=lambda t: (t.title, t.order, t.head)):
        groups.setdefault((toll.order, toll.group), []).append(toll)
    return [_Figure(add(t.count for t in parts), _head(parts), parts[0]) for parts in groups.values()]


def _head(parts: Sequence[Toll]) -> str:
    if any(t.generic or not t.victims for t in parts):
        return ""
    return " ".join(sorted({t.noun or (t.victims or "").split()[-1].lower().rstrip("s") for t in parts}))


def _merge(figures: Sequence[_Figure]) -> Count:
    distinct: list[_Figure] = []
    for figure in figures:
        if all(f.best != figure.best for f in distinct):
            distinct.append(figure)
    if len(distinct) == 1:
        return distinct[0].count
    speakers = {f.first.speaker for f in distinct}
    if (len(speakers) > 1 and any(speakers)) or any(f.first.elliptic for f in distinct):
        return _disputed(distinct)
    heads = {f.head for f in distinct}
    if "" not in heads and len(heads) == len(distinct):
        return add(f.count for f in distinct)
    return max(distinct, key=lambda f: f.best).count


def _disputed(figures: Sequence[_Figure]) -> Count:
    """Figures of different speakers: the widest bounds, the best of the most independent."""
    lows = [f.count.low for f in figures if f.count.low is not None]
    highs = [f.count.high for f in figures]
    best = max(figures, key=lambda f: f.first.rank).count.best
    return Count(
        min(lows) if lows else None, best, None if None in highs else max(h for h in highs if h is not None)
    )
