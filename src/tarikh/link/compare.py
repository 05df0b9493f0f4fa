"""Are two mentions one incident? A scored table with a reason in each line (codebook, section 9).

Invariant: pure and symmetric; what is unknown never counts as agreement (for an undated mention, the day of
its publication is evidence of its own). The table of weights (`link.weights`) decides, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import yaml

from tarikh import earth
from tarikh.link.alike import MISDATED, alike, resemblance, told_alike
from tarikh.link.figures import figure, killed_level, middle
from tarikh.link.sides import meeting, specific
from tarikh.link.weighed import weighed_same
from tarikh.link.weights import WEIGHTS
from tarikh.model import EVENT_SETS, HARMS, LOCATED, Judgement, Mention, Reason, Verdict, When, Where
from tarikh.reference import data_path
from tarikh.text import folded as plain

BY = "linker@5"

SAME_FROM = 5.0
DIFFERENT_BELOW = 3.0

_FAMILIES_THAT_MIX = frozenset(
    {
        frozenset({"battle", "remote"}),
        frozenset({"battle", "civilians"}),
        frozenset({"remote", "civilians"}),
    }
)
_KINDS_THAT_MIX = frozenset(
    frozenset(pair)
    for pair in (
        ("mob_violence", "attack_on_civilians"),
        ("mob_violence", "looting_or_arson"),
        ("mob_violence", "armed_clash"),
        ("excessive_force", "attack_on_civilians"),
        ("riot", "looting_or_arson"),
        ("coup", "armed_clash"),
        ("territory_taken", "withdrawal"),
        ("territory_taken", "movement"),
        ("withdrawal", "movement"),
        ("arrest", "weapons_seized"),
        ("base_established", "movement"),
        ("abduction", "arrest"),
        ("air_strike", "weapons_seized"),
        ("bombing", "weapons_seized"),
    )
)
_ORDERED_FAMILIES = ("battle", "remote", "civilians", "crowd")
TWO_WAY_KINDS = frozenset({"armed_clash", "territory_taken", "mob_violence", "agreement"})
_LOOSE_TIMES = ("unknown", "unknown, told within days", "unknown, told much later", "day in year")
_LOOSE_PLACES = ("unknown", "same country", "inside country")


@cache
def kinds() -> Mapping[str, str]:
    """The codebook's kinds in order of precedence, each with its family."""
    loaded = yaml.safe_load(data_path("codebook.yaml").read_text(encoding="utf-8"))
    return MappingProxyType({name: entry["family"] for name, entry in loaded["kinds"].items()})


def compare(left: Mention, right: Mention) -> Judgement:
    """The judgement of the rules on two mentions: a sum of weights, each with its reason.

    The order of the two does not matter; in the result `left` is the smaller id.
    """
    if right.id < left.id:
        left, right = right, left
    reasons = tuple(
        line
        for line in (
            _report(left, right),
            _kind(left.kind, right.kind),
            _date(left, right),
            _place(left, right),
            _hold(left, right),
            *_sides(left, right),
            _named_alike(left, right),
            _text(left, right),
            _killed(left, right),
            _other_counts(left, right),
            _line("status", "alike" if left.status == right.status else "unlike"),
        )
        if line is not None
    )
    score = round(sum(reason.weight for reason in reasons), 2)
    return Judgement(left.id, right.id, _verdict(score), score, BY, reasons)


def explain(left: Mention, right: Mention) -> list[Reason]:
    """Why two mentions are one incident or not, heaviest reason first."""
    return sorted(compare(left, right).reasons, key=lambda reason: (-abs(reason.weight), reason.feature))


def contradiction(left: Mention, right: Mention) -> str | None:
    """What proves two mentions to be two incidents by itself, in words, or None.

    One report tells two mentions only of two incidents, and a data set two events only of two; days that are apart and places that are apart
    prove two. Cheap, so that `fold` can ask it of pairs that were never candidates.
    """
    if (apart := told_apart(left, right)) is not None:
        return apart
    if date_level(left, right) in ("apart", "not yet when told"):
        return "dates apart"
    if where_level(left, right)[0] in ("far", "other country", "other unit"):
        return "places apart"
    return "other act" if kind_level(left.kind, right.kind) == "other act" else None


def _verdict(score: float) -> Verdict:
    if score >= SAME_FROM:
        return "same"
    return "different" if score < DIFFERENT_BELOW else "unsure"


def _line(feature: str, level: str, value: str = "") -> Reason:
    return Reason(feature, f"{level}: {value}" if value else level, WEIGHTS[feature][level])


def told_apart(left: Mention, right: Mention) -> str | None:
    """Whether who tells two mentions tells them as two events: in one report, or as two events of one data set."""
    if left.report_id == right.report_id:
        return "same report"
    one_set = any(left.coder.startswith(each) and right.coder.startswith(each) for each in EVENT_SETS)
    return "same data set" if one_set else None


def _report(left: Mention, right: Mention) -> Reason | None:
    apart = told_apart(left, right)
    return _line("report", apart) if apart is not None else None


# --- what happened ---------------------------------------------------------------------------------


@cache
def kind_level(left: str, right: str) -> str:
    """How two kinds of act agree."""
    if left == right:
        return "same kind"
    families = (kinds().get(left, left), kinds().get(right, right))
    pair = frozenset((left, right))
    if families[0] == families[1] and families[0] in _ORDERED_FAMILIES:
        return "same family"
    if frozenset(families) in _FAMILIES_THAT_MIX or pair in _KINDS_THAT_MIX:
        return "compatible families"
    return "other act"


def _kind(left: str, right: str) -> Reason:
    return _line("kind", kind_level(left, right), left if left == right else f"{left}, {right}")


# --- when ------------------------------------------------------------------------------------------


def date_level(left: Mention, right: Mention) -> str:
    """How two dates agree. Publication counts only where a date is unknown: background is told months later."""
    one, two = left.when, right.when
    if one.start is None or two.start is None:
        return _undated_level(left, right)
    gap = max(two.start.toordinal() - _end(one), one.start.toordinal() - _end(two))
    if gap > 0:
        level = _gap_level(gap, {one.precision, two.precision}, _doubtful(left) or _doubtful(right))
        # Names excuse a day or a place that is off, never both: two acts are told of with the same officials.
        here = place_level(left.where, right.where)[0] not in _ELSEWHERE
        softly = told_alike(left, right) if level == "apart" and gap <= MISDATED and here else None
        if here and softly != "told alike" and weighed_same(left, right):
            return "other day weighed"
        return f"{level}, {softly}" if softly else level
    return _overlap_level(one, two)


def _end(when: When) -> int:
    day = when.end or when.start
    return 0 if day is None else day.toordinal()


def _doubtful(mention: Mention) -> bool:
    """Whether the coder itself was unsure of the date: the neighboring day is then no proof of two events."""
    evidence = mention.evidence.get("date")
    return evidence is not None and evidence.confidence < 0.5


def _gap_level(gap: int, precisions: set[str], doubtful: bool) -> str:
    if gap == 1 and precisions == {"day"}:
        return "next day, one doubtful" if doubtful else "next day"
    return "weeks touch" if gap <= 2 and "week" in precisions else "apart"


def _overlap_level(one: When, two: When) -> str:
    if one.precision == two.precision and (one.start, _end(one)) == (two.start, _end(two)):
        return {"day": "same days", "week": "same week", "month": "same month"}.get(
            one.precision, "day in year"
        )
    precisions = {one.precision, two.precision}
    if precisions == {"day"}:
        return "days overlap" if _share_of_days(one, two) >= 0.3 else "long spans overlap"
    for precision in ("year", "month", "week"):
        if precision in precisions:
            return f"day in {precision}"
    return "unknown"


def _share_of_days(one: When, two: When) -> float:
    if one.start is None or two.start is None:
        return 0.0
    starts, ends = (one.start.toordinal(), two.start.toordinal()), (_end(one), _end(two))
    return (min(ends) - max(starts) + 1) / (max(ends) - min(starts) + 1)


def _undated_level(left: Mention, right: Mention) -> str:
    """One date at least is unknown: what the report's publication allows."""
    if left.when.start is None and right.when.start is None:
        return "unknown"
    undated, dated = (left, right) if left.when.start is None else (right, left)
    if undated.published is None or dated.when.start is None:
        return "unknown"
    days = (undated.published - dated.when.start).days
    if days < -1:
        return "not yet when told"
    if undated.aspect == "background":
        return "unknown"
    if _end(dated.when) >= undated.published.toordinal() - 10:
        return "unknown, told within days"
    return "unknown, told much later" if days > 60 else "unknown"


def _date(left: Mention, right: Mention) -> Reason:
    return _line("date", date_level(left, right), f"{_days(left.when)}, {_days(right.when)}")


def _days(when: When) -> str:
    if when.start is None:
        return "unknown"
    end = when.end or when.start
    return when.start.isoformat() if end == when.start else f"{when.start} to {end}"


# --- where -----------------------------------------------------------------------------------------


def distance_km(left: Where, right: Where) -> float | None:
    """Great-circle distance in kilometers, None when a point is unknown."""
    if left.latitude is None or left.longitude is None or right.latitude is None or right.longitude is None:
        return None
    return earth.kilometers((left.latitude, left.longitude), (right.latitude, right.longitude))


def place_level(left: Where, right: Where) -> tuple[str, float | None]:
    """How two places agree, and their distance in kilometers where both are towns."""
    if left.precision == "unknown" or right.precision == "unknown":
        return "unknown", None
    if left.precision in LOCATED and right.precision in LOCATED:
        return _town_level(left, right)
    if left.country is None or right.country is None:
        return "unknown", None
    if left.country != right.country:
        return "other country", None
    if "country" in (left.precision, right.precision):
        return ("same country" if left.precision == right.precision else "inside country"), None
    return _unit_level(left, right), None


def _town_level(left: Where, right: Where) -> tuple[str, float | None]:
    km = distance_km(left, right)
    same_name = left.place is not None and right.place is not None and plain(left.place) == plain(right.place)
    if km is None:
        return ("same place" if same_name and left.country == right.country else "unknown"), None
    if km <= 2:
        return "same place", km
    if km <= 10:
        return "within 10 km", km
    near = "near" in (left.precision, right.precision)
    if km <= 25:
        return ("within 25 km, one near" if near else "within 25 km"), km
    if same_name and left.country == right.country:
        return "same name, other point", km
    return ("within 40 km, one near" if near and km <= 40 else "far"), km


def _names(where: Where, unit: str) -> set[str]:
    """The folded names that a place may have at a unit's level."""
    given = (where.admin2, where.place if where.precision == "admin2" else None)
    if unit == "admin1":
        given = (where.admin1, where.place if where.precision == "admin1" else None)
    return {plain(name) for name in given if name}


def _unit_level(left: Where, right: Where) -> str:
    """Two places of one country of which one is an admin1 or admin2 unit."""
    pair = (left.precision, right.precision)
    first = (_names(left, "admin1"), _names(right, "admin1"))
    if first[0] and first[1] and not first[0] & first[1]:
        return "other unit"
    if "admin1" in pair:
        if not first[0] or not first[1]:
            return "unknown"
        return "same admin1" if pair == ("admin1", "admin1") else "town in admin1"
    second = (_names(left, "admin2"), _names(right, "admin2"))
    if second[0] and second[1]:
        if not second[0] & second[1]:
            return "other unit"
        return "same admin2" if pair == ("admin2", "admin2") else "town in admin2"
    km = distance_km(left, right)
    return "town in admin1" if km is None or km <= 80 else "other unit"


_ELSEWHERE = frozenset(("far", "other unit", "other country", "within 25 km", "within 40 km, one near"))


def _apart(one: When, two: When) -> bool:
    """Whether two days are known and do not meet."""
    if one.start is None or two.start is None:
        return False
    return max(two.start.toordinal() - _end(one), one.start.toordinal() - _end(two)) > 0


def where_level(left: Mention, right: Mention) -> tuple[str, float | None]:
    """How the places of two mentions agree, less strictly where both are told with the same names or words, and tolls agree."""
    level, km = place_level(left.where, right.where)
    softened = level in ("far", "other unit") and left.where.country == right.where.country
    softened = softened and not _apart(left.when, right.when) and not _tolls_differ(left, right)
    softly = told_alike(left, right, by_place=False) if softened else None
    return (f"{level}, {softly}" if softly else level), km


def _tolls_differ(left: Mention, right: Mention) -> bool:
    """Whether both say how many were killed, and not the same: with another place that makes two events."""
    one, two = left.harm.get("killed"), right.harm.get("killed")
    if one is None or two is None or not one.known() or not two.known():
        return False
    return killed_level(one, two) not in ("same figure", "same telling figure", "bounds overlap")


def _place(left: Mention, right: Mention) -> Reason:
    level, km = where_level(left, right)
    one, two = left.where, right.where
    names = ", ".join(where.place or where.admin1 or where.country or "unknown" for where in (one, two))
    apart = "" if km is None else f" ({km:.0f} km, {one.precision}, {two.precision})"
    return _line("place", level, names + apart)


def _hold(left: Mention, right: Mention) -> Reason | None:
    time, place = date_level(left, right), place_level(left.where, right.where)[0]
    return _line("hold", "no place, no time") if time in _LOOSE_TIMES and place in _LOOSE_PLACES else None


# --- who -------------------------------------------------------------------------------------------


def _sides(left: Mention, right: Mention) -> list[Reason]:
    """The two sides; where neither side is the sure beginner, told either way round."""
    straight = [
        _side("attackers", left.attackers, right.attackers),
        _side("targets", left.targets, right.targets),
    ]
    if left.kind not in TWO_WAY_KINDS and right.kind not in TWO_WAY_KINDS:
        return straight
    turned = [
        _side("attackers", left.attackers, right.targets),
        _side("targets", left.targets, right.attackers),
        _line("sides", "told the other way round"),
    ]
    return max(straight, turned, key=lambda lines: sum(line.weight for line in lines))


def _side(feature: str, left: tuple[str, ...], right: tuple[str, ...]) -> Reason:
    level: str = meeting(left, right)
    if level == "same" and any(specific(name) for name in left):
        level = "same, specific"
    return _line(feature, level, f"{'; '.join(left) or 'nobody named'}, {'; '.join(right) or 'nobody named'}")


# --- told with which names ---------------------------------------------------------------------------


def _named_alike(left: Mention, right: Mention) -> Reason | None:
    level, shared = alike(left, right)
    return _line("names", level, f"{shared:.1f}") if level is not None else None


def _text(left: Mention, right: Mention) -> Reason | None:
    level, cosine = resemblance(left, right)
    return _line("text", level, f"{cosine:.2f}") if level is not None else None


# --- how many --------------------------------------------------------------------------------------


def _killed(left: Mention, right: Mention) -> Reason:
    one, two = left.harm.get("killed"), right.harm.get("killed")
    if one is None or two is None or not one.known() or not two.known():
        return _line("killed", "not stated")
    return _line("killed", killed_level(one, two), f"{figure(one)}, {figure(two)}")


def _other_counts(left: Mention, right: Mention) -> Reason:
    equal, far, stated = [], 0, 0
    for what in HARMS[1:]:
        one, two = left.harm.get(what), right.harm.get(what)
        if one is None or two is None or not one.known() or not two.known():
            continue
        stated += 1
        first, second = middle(one), middle(two)
        if first == second and first > 0:
            equal.append(what)
        least, most = sorted((first, second))
        far += most > 4 * max(least, 1) and most - least > 8
    if equal:
        return _line(
            "other counts", "one equal" if len(equal) == 1 else "two or more equal", ", ".join(equal)
        )
    return _line("other counts", "all far" if stated and far == stated else "none equal")
