"""A report to its mentions: gate, reader, sentences, parse, triggers, events, each event's fields with their words, and fusion.

Invariant: what is returned has phrases and spans only; days, places and party names are resolved elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tarikh.errors import ReportError
from tarikh.extract import (
    aspect,
    authorship,
    counts,
    fusion,
    gate,
    grouping,
    parties,
    reader,
    reality,
    status,
    telling,
    times,
    toponyms,
    triggers,
)
from tarikh.extract import scope as scopes
from tarikh.extract.acts import family
from tarikh.extract.attribution import attribution_of
from tarikh.extract.grouping import Event
from tarikh.extract.kinds import Picture, decide
from tarikh.extract.lexicon import events as event_lexicon
from tarikh.extract.parse import parse
from tarikh.extract.parties import PartyHit
from tarikh.extract.roles import Sides, sides_of
from tarikh.extract.scene import Scene
from tarikh.extract.scope import Scope
from tarikh.extract.sentences import Sentence, split
from tarikh.extract.stance import Setting
from tarikh.extract.times import TimePhrase
from tarikh.extract.trace import Fate, fates
from tarikh.extract.triggers import Trigger
from tarikh.gazetteer import Gazetteer
from tarikh.model import Evidence, Mention, Phrase, Report, Span, stable_id
from tarikh.reference import trained

PARSED = 0.005
"""The heat from which on a sentence is parsed: less than what the rules' mention in it needs to be kept, unless it is concrete."""
CODER = trained.CODER


MOST_SENTENCES = 800
"""A yearbook is no report: events are compared with each other, and a hostile text must not stop a run."""
MOST_IN_SENTENCE = 24
"""Triggers and counts of one sentence that are read; no sentence of a news text has as many."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A trigger that is no event, and why."""

    span: Span
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Signs:
    """The names of the signs of status and of aspect that the telling of a mention of the rules shows."""

    status: frozenset[str]
    aspect: frozenset[str]


@dataclass(frozen=True, slots=True)
class Extraction:
    """Mentions of a report, with what the resolvers need to know of the rest of it.

    `parsed` are the sentences that were parsed, `fates` says of each trigger that was not refused, and of each act that the
    reader alone found, which mention it went to, if any: `extract.explain` tells a person why from these.
    `signs` has by the id of each mention of the rules what `tarikh train` fits.
    """

    mentions: tuple[Mention, ...]
    toponyms: tuple[Phrase, ...] = ()
    times: tuple[TimePhrase, ...] = ()
    parties: tuple[PartyHit, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    parsed: tuple[Span, ...] = ()
    fates: tuple[Fate, ...] = ()
    signs: Mapping[str, Signs] = field(default_factory=dict)


def extract(report: Report, gazetteer: Gazetteer, scope: Scope = "conflict") -> Extraction:
    """What a report tells within a scope. Raises `MissingError` where the language's parser is not installed."""
    passages = scopes.passages(report, scope)
    if not passages:
        return Extraction(())
    open_ = _open(report, passages)
    if len(open_) > MOST_SENTENCES:  # before the reader sees it: a yearbook costs little to refuse
        raise ReportError(
            f"the report has {len(open_)} sentences that may tell of incidents; up to {MOST_SENTENCES} are coded at once."
            " Split it into its parts and add them as reports of their own"
        )
    reads = scope == "conflict" and reader.reads(report.language)
    read = reader.read(report) if reads else None
    wanted = open_ if read is None else _wanted(report, open_, read)
    found_places = toponyms.find(report, gazetteer, report.language)
    found_times = times.find(report, report.language)
    scenes = [
        scene_of(s, doc, report, found_places, found_times) for s, doc in parse(wanted, report.language)
    ]
    scenes = [scopes.seen(scene, scope) for scene in scenes]
    refusals: list[Refusal] = []
    accepted: list[Trigger] = []
    groups: list[list[Event]] = []
    story = reality.accident_story(scenes)
    for scene in scenes:
        kept = []
        for trigger in triggers.find(scene)[:MOST_IN_SENTENCE]:
            reason = reality.refusal(trigger, story)
            if reason is None:
                kept.append(trigger)
            else:
                refusals.append(Refusal(scene.span(trigger.start, trigger.end), trigger.words, reason))
        accepted.extend(kept)
        groups.append(grouping.in_sentence(scene, kept))
    hits = tuple(hit for scene in scenes for hit in scene.parties)
    events = grouping.in_report(groups)
    for number, event in enumerate(events):
        if not event.places:
            event.places.extend(_carried_places(event, events[:number], found_places))
    setting = Setting(report, tuple(scenes), tuple(events))
    signs: dict[str, Signs] = {}
    made = [(e, _mention(setting, e, n, signs)) for n, e in enumerate(events)]
    mentions = tuple(m for _, m in made if m is not None)
    whole = Extraction(
        mentions,
        found_places,
        found_times,
        hits,
        tuple(refusals),
        tuple(s.span(0, len(s.text)) for s in wanted),
        fates(accepted, made),
        signs,
    )
    if read is not None:
        whole = _fused(whole, telling.Found(report, scenes, found_places, found_times), read)
    return replace(whole, mentions=scopes.named(authorship.credited(whole.mentions, scenes), scope))


def _open(report: Report, passages: Sequence[gate.Range]) -> list[Sentence]:
    """The sentences that the gate lets by."""
    return [s for s in split(report) if gate.lets_by(s, passages, report.language)]


def _wanted(report: Report, open_: Sequence[Sentence], read: reader.Read) -> list[Sentence]:
    """The sentences worth a parse: of those that the gate lets by the warm ones and the few behind them, and any that holds
    words of a likely act."""
    let_by = {s.index for s in open_}
    least, warm = min(PARSED, fusion.fitting(report).unread), -10
    likely = [act for act in read.acts if act.probability >= telling.WORTH]
    found: list[Sentence] = []
    sentences = split(report)
    heats = read.heats([(s.part, s.start, s.end) for s in sentences])
    for s, heat in zip(sentences, heats, strict=True):
        acting = any(telling.stands_in(act, s) for act in likely)
        if acting or heat >= least:
            warm = s.index
        near = s.part == "title" or s.index - warm <= telling.REACH
        if acting or (s.index in let_by and near):
            found.append(s)
    return found[:MOST_SENTENCES]


_WORTH_TELLING = 0.15
"""From this chance on an act that was too unlikely is told to who asks why."""


def _fused(whole: Extraction, found: telling.Found, read: reader.Read) -> Extraction:
    """What the rules extracted, weighed with what the reader read."""
    both = fusion.fused(found, read, whole.mentions, trained.named(CODER))
    words = found.report.words
    told = [
        replace(
            fate,
            mention=None,
            reason=f"the reader finds an incident here unlikely ({both.dropped[fate.mention]:.2f})",
        )
        if fate.mention is not None and fate.mention in both.dropped
        else fate
        for fate in whole.fates
    ]
    told += [Fate(a.trigger, words(a.trigger), a.kind, home) for a, home in both.acts if home is not None]
    weak = [
        Refusal(
            a.trigger,
            words(a.trigger),
            f"no rule sees it, and the reader alone is not sure enough ({a.probability:.2f})",
        )
        for a, home in both.acts
        if home is None and a.probability >= _WORTH_TELLING
    ]
    return replace(whole, mentions=both.mentions, fates=tuple(told), refusals=(*whole.refusals, *weak))


_CARRIED_ROLES = (None, "in", "near", "admin2", "admin1", "country")


def _carried_places(event: Event, earlier: Sequence[Event], places: Sequence[Phrase]) -> list[Phrase]:
    """Places told before: the last sentence of the text that names one, else those of the event before."""
    start = event.scenes[0].sentence.span(0, 0)
    before = [
        p
        for p in places
        if p.spans[0].part == start.part and p.spans[0].start < start.start and p.role in _CARRIED_ROLES
    ]
    towns = [p for p in before if p.role in (None, "in", "near", "admin2")]
    if earlier and earlier[-1].places:
        return list(earlier[-1].places)
    return (towns or before)[-1:]


def mentions(report: Report, gazetteer: Gazetteer) -> list[Mention]:
    """The mentions alone."""
    return list(extract(report, gazetteer).mentions)


def _is_time(place: Phrase, found: Sequence[TimePhrase]) -> bool:
    """ "Thursday's ambush": there are towns of every name."""
    span = place.spans[0]
    return any(
        t.phrase.spans[0].part == span.part and t.phrase.spans[0].start <= span.start < t.phrase.spans[0].end
        for t in found
    )


def _touches(span: Span, sentence: Sentence) -> bool:
    return span.part == sentence.part and span.start < sentence.end and sentence.start < span.end


def scene_of(
    sentence: Sentence,
    doc: object,
    report: Report,
    places: Sequence[Phrase],
    found_times: Sequence[TimePhrase],
) -> Scene:
    """A parsed sentence with the report's places and times, the parties and the counts that stand in it."""

    def within(span: Span) -> bool:
        return span.part == sentence.part and sentence.start <= span.start < sentence.end

    # Each sentence has few of a long text's times, and each place is held against them.
    near = [t for t in found_times if _touches(t.phrase.spans[0], sentence)]
    return Scene(
        sentence,
        doc,  # type: ignore[arg-type]
        event_lexicon(report.language),
        report.language,
        tuple(parties.find(sentence.text, report.language)),
        tuple(p for p in places if within(p.spans[0]) and not _is_time(p, near)),
        tuple(t for t in near if within(t.phrase.spans[0])),
        tuple(counts.find(sentence, doc, report.language)[:MOST_IN_SENTENCE]),  # type: ignore[arg-type]
    )


_GENERIC = family("generic")
_SUPPORT = family("support")


def _kind(event: Event, sides: Sides, harm: dict[str, counts.Count]) -> tuple[str, str] | None:
    """The kind by the sentence that tells the act; later sentences only make a generic one precise."""
    whole = _picture(event, sides, harm)
    telling = next(
        (
            t.scene
            for t in event.triggers
            if t.act not in grouping.HARM_ONLY and t.scene.sentence.part != "title"
        ),
        None,
    )
    if telling is None or len(event.scenes) == 1:
        return decide(whole)
    early = [t for t in event.triggers if t.scene is telling or t.scene.sentence.part == "title"]
    acts = frozenset(t.act for t in early if not grouping.is_means(t.act))
    means = frozenset(t.act.partition(":")[2] for t in early if grouping.is_means(t.act))
    first = decide(replace(whole, acts=acts, means=means))
    if first is None or (acts <= _GENERIC and not means):
        return decide(whole)
    # Mortars on the camp that is stormed, and helicopters that answer, never change what the attack is.
    late = whole.means - means - _SUPPORT
    return decide(replace(whole, acts=acts, means=means | late)) or first


def _picture(event: Event, sides: Sides, harm: dict[str, counts.Count]) -> Picture:
    def best(name: str) -> int:
        return (harm[name].best or 0) if name in harm else 0

    return Picture(
        acts=event.acts,
        means=frozenset(event.means),
        agents=frozenset(sides.agent_classes),
        patients=frozenset(sides.patient_classes),
        protest_near=bool(event.acts & {"protest", "disperse"}),
        crowd_agent=sides.crowd_agent,
        killed=best("killed"),
        abducted=best("abducted"),
    )


def _mention(
    setting: Setting,
    event: Event,
    number: int,
    shown: dict[str, Signs],
) -> Mention | None:
    """The mention that an event makes, if any; what its telling shows is put under its id into `shown`."""
    report, scenes = setting.report, setting.scenes
    if not event.core and not event.means:
        return None
    sides = sides_of(event, report.language, None, scenes)
    harm = counts.combine(event.tolls, sides.side_of)
    decided = _kind(event, sides, harm)
    if decided is None:
        return None
    kind, why = decided
    sides = sides_of(event, report.language, kind, scenes)
    if not event.times and not event.places and not sides.agent_classes and not sides.patient_classes:
        return None  # nobody, nowhere, at no time: talk, not an event
    event.tolls = [telling.recast(toll, kind) for toll in event.tolls]
    harm = counts.combine(event.tolls, sides.side_of)
    core = [
        t for t in event.triggers if t.act not in grouping.HARM_ONLY and not grouping.is_means(t.act)
    ] or event.triggers
    core.sort(key=lambda t: t.scene.sentence.part == "title")  # the body tells more than the headline
    main = core[0]
    spans = tuple(dict.fromkeys(t.scene.span(t.start, t.end) for t in core))
    stance = status.signs(event, sides, setting)
    position = aspect.signs(event, number, setting)
    sure_of, status_evidence = status.status_of(stance)
    told_as, aspect_evidence = aspect.aspect_of(position)
    attribution, attribution_evidence = attribution_of(event)
    evidence = {
        "kind": Evidence(spans, (main.words,), 0.6, why),
        "status": status_evidence,
        "aspect": aspect_evidence,
    }
    if attribution is not None:
        evidence["attribution"] = attribution_evidence
    for name in harm:
        carried = [t for t in event.tolls if t.harm == name.partition("_")[0]]
        evidence[f"harm.{name}"] = Evidence(
            tuple(s for t in carried for s in t.spans),
            tuple(report.words(s) for t in carried for s in t.spans),
            0.6,
        )
    coder = trained.named(CODER)
    made = stable_id("m", report.id, coder, kind, spans[0].part, spans[0].start, spans[0].end)
    shown[made] = Signs(frozenset(stance), frozenset(position))
    return Mention(
        id=made,
        report_id=report.id,
        coder=coder,
        kind=kind,
        status=sure_of,
        aspect=told_as,
        harm=harm,
        attribution=attribution,
        trigger=main.words,
        evidence=evidence,
        phrases={
            "attackers": sides.attackers,
            "targets": sides.targets,
            # The body before the headline: "near Ménaka" is more honest than "Ménaka: …".
            "place": tuple(sorted(event.places, key=lambda p: p.spans[0].part == "title")),
            "date": tuple(t.phrase for t in event.times),
        },
        published=report.published,
        source=report.source,
        language=report.language,
    )
