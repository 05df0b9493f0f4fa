"""How far two coders agree, field by field, on the same reports or incidents: Krippendorff's alpha (by NLTK).

Invariant: a value that one of the two did not give is missing and counts for nothing, never as disagreement;
unknown, where it was said, is a value of its own, but for days and figures, which it cannot be compared with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tarikh import link
from tarikh.errors import UsageError
from tarikh.model import HARMS, Count, Incident, Judgement, Mention, When, Where
from tarikh.store import Store, successors
from tarikh.store.succession import Lineage

Scale = Literal["nominal", "interval", "ratio"]
Labels = Mapping[str, Mapping[str, Hashable]]
"""Field → unit → what one coder says of it."""

SCALES: Mapping[str, Scale] = {
    "kind": "nominal",
    "status": "nominal",
    "aspect": "nominal",
    "country": "nominal",
    "place": "nominal",
    "attackers": "nominal",
    "targets": "nominal",
    "review": "nominal",
    "link": "nominal",
    "date": "interval",
    **dict.fromkeys((f"harm.{what}" for what in HARMS), "ratio"),
}
"""How far apart two values of a field are: other or not; days between first days; figures by their ratio."""

FEW = 30
"""Units below which an alpha says little."""


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """One field: `units` that both gave a value, the share of them on which both are equal, and alpha.

    `alpha` is 1 for perfect agreement, 0 for what chance gives, None where it cannot be had, as `note` says.
    """

    field: str
    scale: Scale
    units: int
    equal: float | None
    alpha: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two coders: what the units are, how many both have and each alone, and each field."""

    left: str
    right: str
    unit: str
    both: int
    only_left: int
    only_right: int
    fields: tuple[FieldAgreement, ...]


def agreement(store: Store, left: str, right: str) -> Agreement:
    """The agreement of two people (`user:ana` or ana) or of two coders of mentions (`rules@1`).

    Of people the units are incidents that both accepted, rejected or corrected, and pairs that both judged. Who
    accepted an incident stands behind every field as it was told without corrections, but for those that they
    corrected themselves; who only corrected some fields has said nothing of the others. Of coders the units are
    mentions of one report whose triggers overlap. Raises `UsageError` where a name is nobody's, or nothing is common.
    """
    one, two = _coder(store, left), _coder(store, right)
    if one == two:
        raise UsageError(f"{left} and {right} are one and the same; name two")
    if one.startswith("user:") != two.startswith("user:"):
        raise UsageError(f"{one} is {_sort(one)} and {two} {_sort(two)}; compare two of one sort")
    if one.startswith("user:"):
        given, unit = [_said_by(store, each) for each in (one, two)], "incidents and judged pairs"
    else:
        given, unit = list(_coded_by(store, one, two)), "mentions"
    sets = [{key for labels in each.values() for key in labels} for each in given]
    if not sets[0] & sets[1]:
        raise UsageError(f"{one} and {two} have looked at no {unit} in common; nothing can be compared")
    fields = [field_agreement(name, given[0].get(name, {}), given[1].get(name, {})) for name in SCALES]
    return Agreement(
        one,
        two,
        unit,
        len(sets[0] & sets[1]),
        len(sets[0] - sets[1]),
        len(sets[1] - sets[0]),
        tuple(each for each in fields if each is not None),
    )


def _sort(name: str) -> str:
    return "a person" if name.startswith("user:") else "a coder"


def _coder(store: Store, name: str) -> str:
    """A coder of mentions or a person who has said something."""
    known = store.coders()
    if name in known:
        return name
    people = {act.by for act in store.acts.log()}
    user = name if name.startswith("user:") else f"user:{name}"
    if user in people:
        return user
    there = ", ".join(sorted((*known, *people))[:20]) or "nobody yet"
    raise UsageError(f"{name[:64]!r} has coded nothing here; there are: {there}")


# ---- alpha -----------------------------------------------------------------------------------------------------


def alpha(pairs: Sequence[tuple[Hashable, Hashable]], scale: Scale) -> float:
    """Krippendorff's alpha of two coders' values, a pair a unit; at least two different values must occur.

    Source: Krippendorff, Content Analysis (4th ed. 2019), chapter 12, as NLTK computes it.
    """
    from nltk.metrics.agreement import AnnotationTask  # late: only this command needs it

    data = [(coder, str(n), pair[i]) for n, pair in enumerate(pairs) for i, coder in enumerate("ab")]
    return float(AnnotationTask(data, distance=_DISTANCES[scale]).alpha())


def _nominal(left: Hashable, right: Hashable) -> float:
    return float(left != right)


def _interval(left: Any, right: Any) -> float:
    return float((left - right) ** 2)


def _ratio(left: Any, right: Any) -> float:
    return 0.0 if left == right else float(((left - right) / (left + right)) ** 2)


_DISTANCES = {"nominal": _nominal, "interval": _interval, "ratio": _ratio}


def field_agreement(
    name: str, left: Mapping[str, Hashable], right: Mapping[str, Hashable]
) -> FieldAgreement | None:
    """How far two coders' values of a field agree, by unit; None where they have no unit in common."""
    pairs = [(left[key], right[key]) for key in sorted(left.keys() & right.keys())]
    scale = SCALES[name]
    if not pairs:
        return None
    equal = sum(one == two for one, two in pairs) / len(pairs)
    if len({value for pair in pairs for value in pair}) < 2:
        return FieldAgreement(
            name, scale, len(pairs), equal, None, "one value alone: nothing to tell from chance"
        )
    few = f"fewer than {FEW} units: it says little" if len(pairs) < FEW else ""
    return FieldAgreement(name, scale, len(pairs), equal, alpha(pairs, scale), few)


# ---- what each of them said ----------------------------------------------------------------------------------------


def _labels(said: Mapping[str, Any]) -> dict[str, Hashable]:
    """Values of fields as labels; what cannot be compared is left out."""
    found: dict[str, Hashable] = {}
    for field, value in said.items():
        if isinstance(value, Count):
            if value.best is not None:
                found[field] = value.best
        elif isinstance(value, When):
            if value.start is not None:
                found["date"] = value.start.toordinal()
        elif isinstance(value, Where):
            found["country"] = value.country or "unknown"
            found["place"] = (
                f"{value.country} {value.place or value.admin2 or value.admin1} {value.precision}"
            )
        elif isinstance(value, tuple):
            found[field] = " & ".join(sorted(value)) or "unknown"
        else:
            found[field] = str(value)
    return found


def _fields(told: Mention | Incident) -> dict[str, Any]:
    harm = {f"harm.{what}": count for what, count in told.harm.items()}
    return {
        "kind": told.kind,
        "status": told.status,
        "attackers": told.attackers,
        "targets": told.targets,
        "date": told.when,
        "place": told.where,
        **harm,
    }


def _by_field(units: Iterable[tuple[str, Mapping[str, Hashable]]]) -> Labels:
    found: dict[str, dict[str, Hashable]] = defaultdict(dict)
    for unit, labels in units:
        for field, label in labels.items():
            found[field][unit] = label
    return found


def _said_by(store: Store, by: str) -> Labels:
    """A person's values by field and unit; a later word takes the place of an earlier one."""
    lineage = store.acts.lineage()
    acts = store.acts.log(by, standing=True)[::-1]
    heads = {key: head for act in acts for key in act.mentions if (head := lineage.head(key)) is not None}
    homes = store.acts.homes(heads.values())
    said: dict[str, dict[str, Any]] = defaultdict(dict)
    pairs: dict[str, dict[str, Hashable]] = {}
    for act in acts:
        if isinstance(act.record, Judgement):
            pairs |= _pair(act.record, lineage)
        elif (home := homes.get(heads.get(act.mentions[0], ""))) is not None:
            heard = act.record.heard() if hasattr(act.record, "heard") else act.record
            try:
                said[home][heard.field] = link.correction_value(heard.field, heard.value)
            except UsageError:
                continue  # it is listed as a conflict, and is in force nowhere
    units = [
        (home, _labels((_uncorrected(store, home) if own.get("review") == "accepted" else {}) | own))
        for home, own in sorted(said.items())
    ]
    return _by_field([*units, *pairs.items()])


def _pair(said: Judgement, lineage: Lineage) -> dict[str, dict[str, Hashable]]:
    heard = lineage.judgement(said)
    if not isinstance(heard, Judgement):
        return {}
    return {f"{heard.left} {heard.right}": {"link": heard.verdict}}


def _uncorrected(store: Store, incident_id: str) -> dict[str, Any]:
    """The fields of an incident as its mentions tell them, whatever people have put over them."""
    members = store.mentions(ids=store.incident(incident_id).members)
    first = members[0]
    held = [
        Judgement(min(first.id, m.id), max(first.id, m.id), "same", 1.0, "user:agreement")
        for m in members[1:]
    ]
    return _fields(link.fold(members, held, report_sources=store.roles())[0])


def _coded_by(store: Store, left: str, right: str) -> tuple[Labels, Labels]:
    """What two coders say of mentions that overlap; those of reports that one has not coded are left out."""
    by_report: dict[str, dict[str, list[Mention]]] = defaultdict(lambda: {left: [], right: []})
    common = store.coded_reports(left) & store.coded_reports(right)
    for mention in store.mentions(all_coders=True):
        if mention.coder in (left, right) and mention.report_id in common:
            by_report[mention.report_id][mention.coder].append(mention)
    one: list[tuple[str, Mapping[str, Hashable]]] = []
    two: list[tuple[str, Mapping[str, Hashable]]] = []
    for both in by_report.values():
        steps, taken = successors(both[left], both[right]), set()
        unit_of = {}
        for old, new in steps.items():
            if new not in taken:
                taken.add(new)
                unit_of[new] = old
        one += [(m.id, _labels({**_fields(m), "aspect": m.aspect})) for m in both[left]]
        two += [(unit_of.get(m.id, m.id), _labels({**_fields(m), "aspect": m.aspect})) for m in both[right]]
    return _by_field(one), _by_field(two)
