"""From the acts that the reader found to mentions: each field's words matched with the parties, places, times and counts
that the finders know.

Invariant: what is returned has phrases and spans only, as the rules' mentions have; every one has a trigger in the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tarikh.extract import counts, numbers, parties
from tarikh.extract.answers import chosen
from tarikh.extract.kinds import NO_TARGETS
from tarikh.extract.reader import ROLES, Told, Words
from tarikh.extract.roles import Sides
from tarikh.extract.scene import CLASS_OF_ROLE, Scene
from tarikh.extract.sentences import Sentence
from tarikh.extract.tally import Toll
from tarikh.extract.times import TimePhrase
from tarikh.model import Evidence, Mention, Phrase, Report, Span, stable_id

LIKELY = 0.5
"""From this probability on an act is an incident."""
WORTH = 0.3
"""From this probability on the sentences of an act are parsed."""
SILENT = 0.6
"""From this probability on nothing is said of the number killed, whatever figure stands near."""
CLASS = 0.5
"""From this probability on a side has a class of party."""
FITTING = 0.2
"""How much it counts whether an answer's class of party is the one that the reader expects."""
BOTH = 3.0
"""What it costs that both sides would be the same words."""
REACH = 2
"""Sentences behind an act in which a count that hangs on no other act can be its own."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the finders know of a report."""

    report: Report
    scenes: Sequence[Scene]
    places: Sequence[Phrase]
    times: Sequence[TimePhrase]


def stands_in(act: Told, sentence: Sentence) -> bool:
    """Whether a sentence holds the act's trigger or the words of one of its fields."""
    spans = [act.trigger, *(w.span for w in act.roles.values() if w.span is not None)]
    return any(s.part == sentence.part and sentence.start <= s.start < sentence.end for s in spans)


def mentions(found: Found, told: Sequence[Told], coder: str) -> list[Mention]:
    """The mentions of a report from acts of it, in order."""
    tolls = _shared(found, told)
    return [_mention(found, act, tolls[n], coder) for n, act in enumerate(told)]


# --- counts -----------------------------------------------------------------------------------------------


def sentence_of(found: Found, span: Span) -> int | None:
    """The number of the sentence that holds a span's beginning."""
    for scene in found.scenes:
        sentence = scene.sentence
        if sentence.part == span.part and sentence.start <= span.start < sentence.end:
            return sentence.index
    return None


def _shared(found: Found, acts: Sequence[Told]) -> list[list[Toll]]:
    """The counts of a report by the act that each belongs to."""
    shares: list[list[Toll]] = [[] for _ in acts]
    homes = [sentence_of(found, act.trigger) for act in acts]
    for scene in found.scenes:
        for toll in scene.tolls:
            owner = _owner(scene, toll, acts, homes)
            if owner is not None:
                shares[owner].append(toll)
    return shares


def _owner(scene: Scene, toll: Toll, acts: Sequence[Told], homes: Sequence[int | None]) -> int | None:
    pointed = [n for n, act in enumerate(acts) if _points_at(act, toll)]
    if pointed:
        return max(pointed, key=lambda n: acts[n].roles["killed"].probability)
    here = scene.sentence.index
    own = [n for n, home in enumerate(homes) if home == here]
    if own:
        at = toll.spans[0].start if toll.spans else scene.sentence.start
        return min(own, key=lambda n: abs(acts[n].trigger.start - at))
    if scene.sentence.part == "title":
        return None
    before = [n for n, home in enumerate(homes) if home is not None and 0 < here - home <= REACH]
    return before[-1] if before else None


def _points_at(act: Told, toll: Toll) -> bool:
    span = act.roles["killed"].span
    return toll.harm == "killed" and span is not None and any(span.overlaps(own) for own in toll.spans)


TAKEN = {"arrest": ("abducted", "arrested"), "abduction": ("arrested", "abducted")}


def recast(toll: Toll, kind: str) -> Toll:
    """Who is taken by security forces is arrested, by others abducted, whichever verb tells it."""
    old, new = TAKEN.get(kind, ("", ""))
    return replace(toll, harm=new) if toll.harm == old else toll


def _harm(found: Found, act: Told, tolls: Sequence[Toll], sides: Sides) -> dict[str, counts.Count]:
    killed = act.roles["killed"]
    kept = list(tolls)
    if killed.span is None and killed.probability >= SILENT:
        kept = [t for t in kept if t.harm != "killed" or t.zero]
    harm = counts.combine(kept, sides.side_of)
    if killed.span is not None and "killed" not in harm:
        stated = _stated(found, killed)
        if stated is not None:
            harm["killed"] = stated
    return harm


def _stated(found: Found, killed: Words) -> counts.Count | None:
    """The number in words that the rules of harm do not see as one: "23 bodies lay there"."""
    if killed.span is None:
        return None
    text = found.report.words(killed.span)
    given = numbers.find(text, found.report.language)
    return given[0].count() if given else None


# --- sides ------------------------------------------------------------------------------------------------


def _classes(act: Told, side: str) -> list[str]:
    chances = act.classes.get(side, {})
    return [name for name, chance in chances.items() if chance >= CLASS]


def party_hits(found: Found, span: Span) -> list[Phrase]:
    """The finders' parties in a span, as phrases of the report."""
    text = found.report.title if span.part == "title" else found.report.text
    words = text[span.start : span.end]
    # What the reader points at as a party may be one by its place alone: "Russia", "Moscow", "the guards".
    language = found.report.language
    hits = parties.find(words, language) or parties.coordinated(words, language)
    return [
        Phrase(
            h.text,
            (Span(span.part, span.start + h.start, span.start + h.end),),
            h.head,
            h.role,
            h.nationality,
        )
        for h in hits
    ]


def party(found: Found, act: Told, side: str, words: Words) -> tuple[Phrase, ...]:
    """The phrases of one side in words: the parties that they name, else the words with the class that the reader gives."""
    classes = _classes(act, side)
    described = [c for c in classes if c != "named"]
    if words.span is None:
        if not described:
            return ()
        # Words of nobody in particular: the act itself is what shows that such a side was there.
        return tuple(Phrase(found.report.words(act.trigger), (act.trigger,), "", role) for role in described)
    hits = party_hits(found, words.span)
    if hits:
        return tuple(hits)
    whole = found.report.words(words.span)
    role = max(described, key=lambda c: act.classes[side][c], default=None)
    if role is None and not classes:
        return ()
    return (Phrase(whole, (words.span,), whole.split()[-1].lower() if whole.split() else "", role),)


def _sides(act: Told, attackers: tuple[Phrase, ...], targets: tuple[Phrase, ...], language: str) -> Sides:
    def groups(side: str, phrases: Sequence[Phrase]) -> set[str]:
        learned = {CLASS_OF_ROLE.get(c, "armed") for c in _classes(act, side)}
        return learned or {CLASS_OF_ROLE[p.role] for p in phrases if p.role in CLASS_OF_ROLE}

    return Sides(
        attackers,
        () if act.kind in NO_TARGETS else targets,
        groups("attackers", attackers),
        groups("targets", targets),
        bool(groups("attackers", attackers) & {"protesters"}),
        language,
    )


# --- places and times -------------------------------------------------------------------------------------

_NOWHERE = ("dateline", "demonym", "metonym")


def places(found: Found, trigger: Span, span: Span | None) -> tuple[Phrase, ...]:
    """The finders' places in the words of a place, else those of the trigger's sentence."""
    if span is not None:
        inside = [p for p in found.places if span.overlaps(p.spans[0]) and p.role not in _NOWHERE]
        if inside:
            return tuple(inside)
    near = scene_of(found, trigger)
    if near is None:
        return ()
    return tuple(p for p in near.places if p.role not in (*_NOWHERE, "toward", "origin"))


def times(found: Found, trigger: Span, span: Span | None) -> tuple[Phrase, ...]:
    """The finders' times in the words of a day, else, where there are such words, those of the trigger's sentence."""
    if span is None:
        return ()
    inside = [t for t in found.times if span.overlaps(t.phrase.spans[0])]
    if inside:
        return tuple(t.phrase for t in inside)
    near = scene_of(found, trigger)
    if near is None:
        return ()
    return tuple(t.phrase for t in near.times if not t.dateline and not t.clock)


def scene_of(found: Found, span: Span) -> Scene | None:
    """The parsed sentence that holds a span's beginning."""
    index = sentence_of(found, span)
    return next((s for s in found.scenes if s.sentence.index == index), None)


# --- the mention ------------------------------------------------------------------------------------------


def _best(chances: Mapping[str, float]) -> tuple[str, float]:
    name = max(chances, key=lambda key: chances[key])
    return name, chances[name]


def _mention(found: Found, act: Told, tolls: Sequence[Toll], coder: str) -> Mention:
    report = found.report
    named = chosen(act, None, lambda side, words: party(found, act, side, words), (0, 0, FITTING, BOTH))
    attackers, targets = named["attackers"], named["targets"]
    sides = _sides(act, attackers, targets, report.language)
    tolls = [recast(toll, act.kind) for toll in tolls]
    harm = _harm(found, act, tolls, sides)
    status, sure_status = _best(act.statuses)
    aspect, sure_aspect = _best(act.aspects)
    trigger = report.words(act.trigger)
    evidence = {
        "kind": Evidence((act.trigger,), (trigger,), act.probability * act.kinds[act.kind], "read"),
        "status": Evidence((act.trigger,), (trigger,), sure_status, "read"),
        "aspect": Evidence((act.trigger,), (trigger,), sure_aspect, "read"),
        **{role: Evidence(confidence=act.roles[role].probability) for role in ROLES if role != "killed"},
    }
    for name in harm:
        carried = [t for t in tolls if t.harm == name.partition("_")[0]]
        spans = tuple(s for t in carried for s in t.spans)
        killed = act.roles["killed"]
        if not spans and killed.span is not None and name.startswith("killed"):
            spans = (killed.span,)
        evidence[f"harm.{name}"] = Evidence(
            spans, tuple(report.words(s) for s in spans), killed.probability if "killed" in name else 0.6
        )
    return Mention(
        id=stable_id("m", report.id, coder, act.kind, act.trigger.part, act.trigger.start, act.trigger.end),
        report_id=report.id,
        coder=coder,
        kind=act.kind,
        status=status,  # type: ignore[arg-type]
        aspect=aspect,  # type: ignore[arg-type]
        harm=harm,
        trigger=trigger,
        evidence=evidence,
        phrases={
            "attackers": sides.attackers,
            "targets": sides.targets,
            "place": places(found, act.trigger, act.roles["place"].span),
            "date": times(found, act.trigger, act.roles["date"].span),
        },
        published=report.published,
        source=report.source,
        language=report.language,
    )
