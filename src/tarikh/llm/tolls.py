"""Which counts of the report a mention's quotes point at: read by the rules' own code, never the model's numbers.

Invariant: a count has its number in its quote, stands in a sentence that tells and does not order, and belongs to one mention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tarikh.extract import numbers
from tarikh.extract.scene import Scene
from tarikh.extract.tally import Toll
from tarikh.extract.telling import REACH, Found, scene_of, sentence_of
from tarikh.llm import checks
from tarikh.llm.instructions import orders
from tarikh.llm.quotes import distance
from tarikh.model import Span

Refuse = Callable[[str, str, str], None]

_ALIKE = {"abducted": ("abducted", "arrested"), "arrested": ("arrested", "abducted")}
"""Who takes decides which of the two it is (`telling.recast`), whichever verb tells it."""
_OWN = {"killed": ("killed",), "injured": ("injured",), "displaced": ("displaced",), **_ALIKE}


@dataclass(frozen=True, slots=True)
class Counted:
    """A harm, and where its quote stands."""

    harm: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Claim:
    """A toll that a mention (by number) quotes, and how far its trigger is."""

    mention: int
    toll: Toll
    far: tuple[bool, int]


def shared(found: Found, acts: Sequence[tuple[Span, Sequence[Counted]]], refuse: Refuse) -> list[list[Toll]]:
    """The tolls of each mention, which is its trigger with its counts; one that two mentions quote goes to the nearer."""
    claims: list[_Claim] = []
    for number, (trigger, counted) in enumerate(acts):
        for each in counted:
            tolls, reason = _pointed(found, trigger, each)
            if not tolls:
                refuse(f"harm.{each.harm}", found.report.words(each.span), reason)
            claims += [_Claim(number, toll, _far(found, toll, trigger, each.span)) for toll in tolls]
    owners: dict[tuple[str, tuple[Span, ...]], _Claim] = {}
    for claim in claims:
        key = claim.toll.harm, claim.toll.spans
        if key not in owners or claim.far < owners[key].far:
            owners[key] = claim
    found_tolls: list[list[Toll]] = [[] for _ in acts]
    for claim in dict.fromkeys(owners.values()):
        found_tolls[claim.mention].append(claim.toll)
    for claim in claims:
        owner = owners[claim.toll.harm, claim.toll.spans]
        if owner.mention != claim.mention:
            words = " … ".join(found.report.words(s) for s in claim.toll.spans)
            refuse(f"harm.{claim.toll.harm}", words, "it belongs to another mention, whose act is nearer")
    return found_tolls


def _far(found: Found, toll: Toll, trigger: Span, quote: Span) -> tuple[bool, int]:
    """How far a toll is from an act: in another sentence, and in characters."""
    spans = toll.spans or (quote,)
    other = all(sentence_of(found, span) != sentence_of(found, trigger) for span in spans)
    return other, min(distance(span, trigger) for span in spans)


def _pointed(found: Found, trigger: Span, counted: Counted) -> tuple[list[Toll], str]:
    """The tolls that a quote points at, or why there are none."""
    scene = scene_of(found, counted.span)
    if scene is None:
        return [], "it stands in no sentence"
    if orders(scene):
        return [], checks.ORDER
    inside = [t for t in scene.tolls if any(_in_number(t, s, counted.span) for s in (t.spans or ()))]
    own = [t for t in inside if t.harm in _OWN[counted.harm]]
    kept = [t for t in own if not (t.aggregate or t.superseded)]
    if kept:
        return kept, ""
    if own:
        return [], "it is a running or an older toll, by its own sentence"
    if inside:
        return [], f"its sentence counts them as {inside[0].harm}, not as {counted.harm}"
    return _bare(found, scene, trigger, counted)


def _in_number(toll: Toll, span: Span, quote: Span) -> bool:
    """Whether the words that say how many stand in the quote: its number, or where none is written, the noun that is counted."""
    number = toll.number_span
    return number.overlaps(quote) if number is not None else span.overlaps(quote)


def _bare(found: Found, scene: Scene, trigger: Span, counted: Counted) -> tuple[list[Toll], str]:
    """A number with no word of harm that the rules know: it must stand at the act, in words that are no plan or denial."""
    home, here = sentence_of(found, trigger), scene.sentence.index
    given = numbers.find(found.report.words(counted.span), found.report.language)
    if not given:
        return [], "there is no number of people in it"
    if counted.harm not in ("killed", "injured"):
        return [], f"no words in its sentence say that they were {counted.harm}"
    if home is None or not 0 <= here - home <= REACH:
        return [], "it stands far from the act, and no word of harm with it"
    reason = checks.unreal(scene, counted.span, story=False)
    if reason is not None:
        return [], reason
    number = given[0]
    span = Span(counted.span.part, counted.span.start + number.start, counted.span.start + number.end)
    return [Toll(counted.harm, number.count(), -1, (span,), group=-1, number_span=span, order=here)], ""
