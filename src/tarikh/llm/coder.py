"""A report and the model's answer to mentions with phrases and spans, as the rules' coder gives them: nothing is resolved here.

Invariant: every word of a mention stands in the report; what the model quoted and is not there, or is no event by the rules' own
checks, is refused with its reason. Its numbers, names and days are never taken, only the place where it points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from tarikh.extract import counts, reality, telling, times, toponyms
from tarikh.extract.coder import Extraction, Refusal, scene_of
from tarikh.extract.kinds import NO_TARGETS
from tarikh.extract.parse import parse
from tarikh.extract.roles import Sides
from tarikh.extract.scene import Scene
from tarikh.extract.sentences import Sentence, split
from tarikh.extract.tally import Toll
from tarikh.extract.trace import Fate
from tarikh.gazetteer import Gazetteer
from tarikh.llm import checks
from tarikh.llm.answers import Refused, Said, heard
from tarikh.llm.instructions import orders
from tarikh.llm.prompt import prompt
from tarikh.llm.quotes import Finder
from tarikh.llm.tolls import Counted, shared
from tarikh.model import Aspect, Candidate, Evidence, Mention, Phrase, Report, Span, Status, stable_id
from tarikh.reference import trained

SURE = 0.5
"""How sure a value is that the model read: nothing was measured of a user's model, so it is neither likely nor unlikely."""
SURE_OF_ASPECT = 0.8
"""How much the model's aspect weighs beside the days of the report's events (`resolve.aspect`)."""
LEAD = 1
"""Sentences of the text that are parsed beside those that are quoted: they show whether the story is an accident."""
WHY = "quoted by the language model"


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of an answer: the extraction, and everything that was refused, with reasons."""

    extraction: Extraction
    refused: tuple[Refused, ...]


@dataclass(slots=True)
class Placed:
    """A mention of the model's whose trigger stands in the report, with the spans of its other quotes."""

    said: Said
    trigger: Span
    sides: dict[str, list[Span]] = field(default_factory=dict)
    single: dict[str, Span] = field(default_factory=dict)
    counts: list[Counted] = field(default_factory=list)

    def spans(self) -> list[Span]:
        """All of them."""
        several = [span for spans in self.sides.values() for span in spans]
        return [self.trigger, *several, *self.single.values(), *(c.span for c in self.counts)]


Refuse = Callable[[str, str, str], None]
"""Takes field, words and reason."""


def own_name(model: str) -> str:
    """A model's name as a coder's: with the version of what it is told."""
    return f"llm:{model}@{prompt().version}"


def coder_name(model: str) -> str:
    """The name under which mentions of a model are kept: the days' weights and the curves that its fields go through are in it."""
    return trained.named(own_name(model))


def extraction(report: Report, gazetteer: Gazetteer, answer: str, model: str) -> Checked:
    """What a report tells by an answer. `report` is the report as it is read (`extract.casing`).

    Raises `ModelError` where the answer is none, `MissingError` where the language's parser is not installed.
    """
    told = heard(answer)
    refused = list(told.refused)

    def refuse(field: str, words: str, reason: str) -> None:
        refused.append(Refused(field, words[:80], reason))

    placed = _placed(told.mentions, Finder(report), refuse)
    if not placed:
        return Checked(Extraction(()), tuple(refused))
    found, sentences = _found(report, gazetteer, placed)
    story = reality.accident_story(found.scenes)
    real: list[Placed] = []
    located: list[Refusal] = []
    for each in placed:
        scene = telling.scene_of(found, each.trigger)
        reason = "it stands in no sentence" if scene is None else checks.unreal(scene, each.trigger, story)
        if reason is None:
            real.append(each)
        else:
            refuse("mention", report.words(each.trigger), reason)
            located.append(Refusal(each.trigger, report.words(each.trigger), reason))
    tolls = shared(found, [(each.trigger, each.counts) for each in real], refuse)
    homes = frozenset(telling.sentence_of(found, each.trigger) for each in real)
    mentions = tuple(
        _Maker(found, each, model, homes, refuse).mention(own) for each, own in zip(real, tolls, strict=True)
    )
    fates = tuple(Fate(m.evidence["kind"].spans[0], m.trigger, m.kind, m.id) for m in mentions)
    hits = tuple(hit for scene in found.scenes for hit in scene.parties)
    parsed = tuple(s.span(0, len(s.text)) for s in sentences)
    whole = Extraction(mentions, tuple(found.places), tuple(found.times), hits, tuple(located), parsed, fates)
    return Checked(whole, tuple(refused))


# ---- where the quotes stand ------------------------------------------------------------------------------------


def _placed(said: Sequence[Said], finder: Finder, refuse: Refuse) -> list[Placed]:
    placed: list[Placed] = []
    for each in said:
        taken = [p.trigger for p in placed]
        others = [*each.attackers, *each.targets, each.date, each.place, *(quote for _, quote in each.counts)]
        trigger = finder.trigger(each.trigger, [quote for quote in others if quote], taken)
        if trigger is None:
            refuse("mention", each.trigger, "the words of its act stand nowhere in the report")
        elif any(p.trigger == trigger and p.said.kind == each.kind for p in placed):
            refuse("mention", each.trigger, "it is told twice in the answer")
        else:
            whole = _with_quotes(Placed(each, trigger), finder, refuse)
            there = len(whole.spans()) - 1
            given = len([quote for quote in others if quote]) + (each.attribution is not None)
            if given - there > max(1, there):
                refuse("mention", each.trigger, "most of the words quoted for it stand nowhere in the report")
            else:
                placed.append(whole)
    return placed


def _with_quotes(placed: Placed, finder: Finder, refuse: Refuse) -> Placed:
    said = placed.said

    def find(field: str, quote: str) -> Span | None:
        span = finder.nearest(quote, placed.trigger)
        if span is None:
            refuse(field, quote, "these words stand nowhere in the report")
        return span

    for side, quotes in (("attackers", said.attackers), ("targets", said.targets)):
        spans = [span for quote in quotes if (span := find(side, quote)) is not None]
        placed.sides[side] = list(dict.fromkeys(spans))
    for name, quote in (("date", said.date), ("place", said.place), ("attribution", said.attribution)):
        if quote is not None and (span := find(name, quote)) is not None:
            placed.single[name] = span
    for harm, quote in said.counts:
        if (span := find(f"harm.{harm}", quote)) is not None:
            placed.counts.append(Counted(harm, span))
    return placed


def _found(
    report: Report, gazetteer: Gazetteer, placed: Sequence[Placed]
) -> tuple[telling.Found, list[Sentence]]:
    """What the finders know of the quoted sentences and the lead."""
    spans = [span for each in placed for span in each.spans()]
    wanted = [
        s
        for s in split(report)
        if s.index <= LEAD or any(s.part == x.part and x.start < s.end and s.start < x.end for x in spans)
    ]
    places = toponyms.find(report, gazetteer, report.language)
    days = times.find(report, report.language)
    scenes = [scene_of(s, doc, report, places, days) for s, doc in parse(wanted, report.language)]
    return telling.Found(report, scenes, places, days), wanted


# ---- the mention -----------------------------------------------------------------------------------------------


class _Maker:
    """One mention from its quotes."""

    def __init__(
        self, found: telling.Found, placed: Placed, model: str, homes: frozenset[int | None], refuse: Refuse
    ) -> None:
        self.found, self.placed, self.homes, self.refuse = found, placed, homes, refuse
        self.report, self.coder = found.report, coder_name(model)

    def mention(self, tolls: Sequence[Toll]) -> Mention:
        """The mention, with the counts that are its own."""
        said, trigger, report = self.placed.said, self.placed.trigger, self.report
        attackers = self._side("attackers", ())
        targets = self._side("targets", attackers)
        agents, patients = checks.classes(attackers), checks.classes(targets)
        kind, why = checks.kind_by_parties(said.kind, agents, patients)
        if kind in NO_TARGETS and targets:
            targets = ()
        sides = Sides(attackers, targets, agents, patients, "protesters" in agents, report.language)
        recast = [telling.recast(toll, kind) for toll in tolls]
        harm = counts.combine(recast, sides.side_of)
        evidence = self._evidence(why) | self._harm_evidence(harm, recast)
        status, evidence["status"] = self._status()
        attribution = self.placed.single.get("attribution")
        if attribution is not None:
            evidence["attribution"] = self._quoted(attribution)
        return Mention(
            id=stable_id("m", report.id, self.coder, kind, trigger.part, trigger.start, trigger.end),
            report_id=report.id,
            coder=self.coder,
            kind=kind,
            status=status,
            aspect=cast(Aspect, said.aspect),
            harm=harm,
            attribution=report.words(attribution) if attribution is not None else None,
            trigger=report.words(trigger),
            evidence=evidence,
            phrases={
                "attackers": attackers,
                "targets": targets,
                "place": self._places(),
                "date": self._times(),
            },
            published=report.published,
            source=report.source,
            language=report.language,
        )

    def _quoted(self, *spans: Span, sure: float = SURE) -> Evidence:
        return Evidence(spans, tuple(self.report.words(s) for s in spans), sure, WHY)

    def _status(self) -> tuple[Status, Evidence]:
        """The model's status; an act that hangs on a denial is disputed, whatever it says."""
        said, own = cast(Status, self.placed.said.status), self._quoted(self.placed.trigger)
        scene = telling.scene_of(self.found, self.placed.trigger)
        denial = checks.denial(scene, self.placed.trigger) if scene is not None else None
        if scene is None or denial is None or said == "disputed":
            return said, own
        span = scene.span(denial.idx, denial.idx + len(denial))
        other = Candidate(said, SURE, ("the language model's status",))
        return "disputed", Evidence((span,), (denial.text,), SURE, "one says yes, another no", (other,))

    def _evidence(self, why: str) -> dict[str, Evidence]:
        own = self._quoted(self.placed.trigger)
        chosen = own
        if why:
            other = Candidate(self.placed.said.kind, SURE, ("the language model's kind",))
            chosen = Evidence(own.spans, own.words, SURE, why, (other,))
        aspect = self._quoted(self.placed.trigger, sure=SURE_OF_ASPECT)
        # The resolvers multiply their own confidence by these.
        pointed = {name: Evidence(confidence=SURE) for name in ("attackers", "targets", "date", "place")}
        return {"kind": chosen, "aspect": aspect, **pointed}

    def _harm_evidence(self, harm: Mapping[str, object], tolls: Sequence[Toll]) -> dict[str, Evidence]:
        evidence: dict[str, Evidence] = {}
        for name in harm:
            spans = dict.fromkeys(s for t in tolls if t.harm == name.partition("_")[0] for s in t.spans)
            evidence[f"harm.{name}"] = self._quoted(*spans)
        return evidence

    def _side(self, side: str, other: Sequence[Phrase]) -> tuple[Phrase, ...]:
        """The phrases of one side: the parties that the finders know in its quotes, else a proper name as it stands."""
        phrases: list[Phrase] = []
        for span in self.placed.sides.get(side, ()):
            words = self.report.words(span)
            scene = telling.scene_of(self.found, span)
            if scene is not None and orders(scene):
                self.refuse(side, words, checks.ORDER)
                continue
            hits = self._hits(span, scene)
            if not hits:
                self.refuse(side, words, "it names and describes no party that Tarikh can read")
            phrases += hits
        kept = [p for p in phrases if not any(p.spans[0].overlaps(o.spans[0]) for o in other)]
        if len(kept) < len(phrases):
            self.refuse(side, phrases[0].text, "the same words are quoted for the other side")
        return tuple(dict.fromkeys(kept))

    def _hits(self, span: Span, scene: Scene | None) -> list[Phrase]:
        inside = [] if scene is None else [h for h in scene.parties if _overlap(scene, h.start, h.end, span)]
        if scene is not None and inside:
            return [
                Phrase(h.text, (scene.span(h.start, h.end),), h.head, h.role, h.nationality) for h in inside
            ]
        hits = telling.party_hits(self.found, span)
        if hits:
            return hits
        words = self.report.words(span)
        first = scene is not None and scene.local(span)[0] == 0 and not words.split()[0].isupper()
        if not any(w[:1].isupper() for w in words.split()[first:]):
            return []  # "they", "those responsible"; the first word of a sentence bears a capital anyway
        return [Phrase(words, (span,), words.split()[-1].lower(), None)]

    def _places(self) -> tuple[Phrase, ...]:
        span = self.placed.single.get("place")
        found = telling.places(self.found, self.placed.trigger, span)
        if span is not None and not any(span.overlaps(p.spans[0]) for p in found):
            self.refuse("place", self.report.words(span), "no place that the gazetteer knows stands in it")
        return found or self._carried()

    def _carried(self) -> tuple[Phrase, ...]:
        """Where nothing is said of the place: the last one that was told before it with an act that stands."""
        trigger = self.placed.trigger
        before = [
            place
            for scene in self.found.scenes
            if scene.sentence.part == trigger.part and scene.sentence.index in self.homes
            for place in scene.places
            if place.role in (None, "in", "near", "admin2") and place.spans[0].end <= trigger.start
        ]
        return tuple(before[-1:])

    def _times(self) -> tuple[Phrase, ...]:
        span = self.placed.single.get("date")
        if span is None:
            return ()
        inside = tuple(t.phrase for t in self.found.times if span.overlaps(t.phrase.spans[0]))
        if not inside:
            self.refuse("date", self.report.words(span), "no words of time that Tarikh can read stand in it")
        return inside or telling.times(self.found, self.placed.trigger, span)


def _overlap(scene: Scene, start: int, end: int, span: Span) -> bool:
    low, high = scene.local(span)
    return scene.sentence.part == span.part and start < high and low < end
