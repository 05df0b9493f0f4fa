"""What the entries of a register claim of each other: parents and successors, and names that two parties might share.

Invariant: what passes has no cycle of kin, and no name that means two parties at one place on one day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tarikh.errors import RegisterError
from tarikh.reference.countries import militaries
from tarikh.reference.loading import flat, shown

if TYPE_CHECKING:
    from tarikh.reference.entries import Entry
    from tarikh.reference.members import Party, Use

_KIN = ("parent", "successor")
MOST_USES = 300
"""Most uses of one name: each is compared with each."""


def check_kin(parties: Sequence[Party], entries: Mapping[str, Entry]) -> None:
    """Every parent and successor is a party (a successor also a state's armed forces), and none comes back to itself over parents, successors, or both."""
    by_name = {party.name: party for party in parties}
    for kind in _KIN:
        sound: set[str] = set()  # so that each link is followed once
        for party in parties:
            chain: dict[str, None] = {}
            name = party.name
            while name not in sound:
                chain[name] = None
                other = getattr(by_name[name], kind)
                if other is None or (kind == "successor" and other in militaries()):
                    break
                if other not in by_name:
                    raise _unknown(entries[name], kind, other, by_name)
                if other in chain:
                    told = [shown(n)[1:-1] for n in (*chain, other)]
                    told = [*told[:3], "…", *told[-3:]] if len(told) > 7 else told
                    raise RegisterError(
                        f"{entries[name].at(other)}: a cycle of {kind}s: {' → '.join(told)}; take one of these {kind}s out"
                    )
                name = other
            sound.update(chain)
    for party in parties:
        if party.parent is not None and by_name[party.parent].successor == party.name:
            part, whole = shown(party.name), shown(party.parent)
            raise RegisterError(
                f"{entries[party.name].at(party.parent)}: {part} is both a part and the successor of {whole};"
                " take the parent or the successor out"
            )
    _check_rings(by_name, entries)


def _check_rings(by_name: Mapping[str, Party], entries: Mapping[str, Entry]) -> None:
    """No ring of parents and successors: what a whole became, over others, cannot be its own part."""

    def links(name: str) -> Iterator[tuple[str, str]]:
        return ((kind, other) for kind in _KIN if (other := getattr(by_name[name], kind)) in by_name)

    sound: set[str] = set()
    for first in by_name:
        path = [] if first in sound else [first]
        open_ = {name: links(name) for name in path}
        taken: dict[str, str] = {}  # the kind of link by which each party of the path was left
        while path:
            name = path[-1]
            kind, other = next(open_[name], ("", ""))
            if not kind:
                del open_[path.pop()]
                sound.add(name)
                continue
            taken[name] = kind
            if other in open_:
                raise _ring({n: taken[n] for n in path[path.index(other) :]}, by_name, entries)
            if other not in sound:
                path.append(other)
                open_[other] = links(other)


def _ring(ring: dict[str, str], by_name: Mapping[str, Party], entries: Mapping[str, Entry]) -> RegisterError:
    """The fault of a ring, given as its parties in order, each with the kind of its link; told at a link of the user's own."""
    told = [
        f"the {kind} of {shown(name)} is {shown(getattr(by_name[name], kind))}" for name, kind in ring.items()
    ]
    told = [*told[:3], "…", *told[-2:]] if len(told) > 6 else told
    name = next((n for n in reversed(ring) if not entries[n].shipped), next(reversed(ring)))
    return RegisterError(
        f"{entries[name].at(getattr(by_name[name], ring[name]))}: {shown(name)} comes back to itself over parents and"
        f" successors: {', '.join(told)}; take one of them out"
    )


def _unknown(entry: Entry, kind: str, other: str, known: Mapping[str, Party]) -> RegisterError:
    near = get_close_matches(other, [*known, *(militaries() if kind == "successor" else ())], 1)
    way = f"did you mean {shown(near[0])}?" if near else f"add an entry for {shown(other)} or take it out"
    return RegisterError(
        f"{entry.at(other)}: {shown(entry.name)} has an unknown {kind} {shown(other)}; {way}"
    )


def _meet(left: Use, right: Use) -> bool:
    """Whether two uses of one name hold at the same place on the same day, with nothing to tell them apart."""
    if (left.end and right.start and left.end < right.start) or (
        right.end and left.start and right.end < left.start
    ):
        return False
    if bool(left.units) != bool(right.units):  # the narrower wins
        return False
    if left.units and not {flat(u) for u in left.units} & {flat(u) for u in right.units}:
        return False
    return bool(set(left.countries) & set(right.countries)) or not (left.countries or right.countries)


def check_names(parties: Sequence[Party], entries: Mapping[str, Entry]) -> None:
    """No two parties claim one name at one place and time, unless one is part of the other and says it more narrowly."""
    parents = {party.name: party.parent for party in parties}
    seen: dict[str, list[Use]] = defaultdict(list)
    for party in parties:
        for use in party.uses:
            for twin in seen[flat(use.text)]:
                # A part may take its parent's name for itself: the narrower use wins.
                kin = twin.strict != use.strict and (
                    parents[twin.party] == use.party or parents[use.party] == twin.party
                )
                if twin.party != use.party and not kin and _meet(twin, use):
                    both = sorted(set(twin.countries) & set(use.countries)) or ["every country"]
                    raise RegisterError(
                        f"{entries[use.party].at(use.text)}: the name {shown(use.text)} is claimed twice, by {shown(twin.party)}"
                        f" ({entries[twin.party].at(twin.text)}) and {shown(use.party)}, in {', '.join(both[:5])} at one time;"
                        " give one of them other countries, units or days, or drop it"
                    )
            seen[flat(use.text)].append(use)
            if len(seen[flat(use.text)]) > MOST_USES:
                raise RegisterError(
                    f"{entries[use.party].at(use.text)}: the name {shown(use.text)} is given more than {MOST_USES}"
                    " times; take it out where it tells little"
                )
