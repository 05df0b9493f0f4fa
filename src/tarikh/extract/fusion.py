"""What the rules and the reader found, weighed against each other: which acts are incidents, and whose answer each field takes.

Invariant: an answer is one that the rules or the reader gave, never a mixture; where only one of them saw an act, its answer
stands. The weights are few and were set on reports that the reader was not trained on (docs/accuracy.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tarikh.extract import telling
from tarikh.extract.answers import LEAST as _LEAST
from tarikh.extract.answers import chosen, log, supported
from tarikh.extract.kinds import NO_TARGETS
from tarikh.extract.reader import Read, Told
from tarikh.extract.telling import Found
from tarikh.model import Count, Evidence, Mention, Phrase, Report, Span


@dataclass(frozen=True, slots=True)
class Weights:
    """`seen`: added to the log-odds of an act that the rules see as well; `unseen`: of one that they do not;
    `unread`: the chance from which on an act that the reader does not name is kept; `whole`: the chance that the likeliest act
    of a report must have for any to be kept. The others are added to the log-chance of the
    rules' own answer: `kind`, `party`, `place`, `date`, `killed`, `status`, `aspect`; `blank` where their answer is none, of
    a side `silent`. `fitting` is how much it counts whether a side's answer is of the class that the reader expects, `both` what
    it costs that both sides are the same words (`extract.answers`).
    `doubt` is added to the log-chance of every status but reported: a claim taken for a fact costs more than the reverse."""

    seen: float = 2.0
    unseen: float = -2.0
    unread: float = 0.03
    whole: float = 0.9
    kind: float = 7.0
    party: float = 3.5
    place: float = 4.0
    date: float = 3.0
    killed: float = 4.0
    blank: float = 3.0
    silent: float = 3.0
    fitting: float = 0.2
    both: float = 3.0
    status: float = 2.5
    aspect: float = 2.2
    doubt: float = 1.2


WEIGHTS = Weights()
BRIEF = 115
"""A report of fewer words is a flash: the reader, which learned from longer ones, is cold to it, so it only adds to the rules."""
_OF_RULES = ("seen", "kind", "party", "place", "date", "killed", "status", "aspect")
_TRUSTING = {"unread": 0.0, "whole": 0.0, **dict.fromkeys(_OF_RULES, 9.0)}
CLOSE = 120
"""Characters between the triggers of rules and reader that can still mean one act, in one sentence."""


def brief(report: Report) -> bool:
    """Whether a report is a flash."""
    return len(report.title.split()) + len(report.text.split()) < BRIEF


def fitting(report: Report, weights: Weights = WEIGHTS) -> Weights:
    """The weights for a report: those of a flash drop nothing that the rules found."""
    return replace(weights, **_TRUSTING) if brief(report) else weights


def _odds(chance: float, shift: float) -> float:
    """A chance with its log-odds shifted."""
    chance = min(max(chance, _LEAST), 1 - _LEAST)
    return 1 / (1 + math.exp(-(math.log(chance / (1 - chance)) + shift)))


def _distance(left: Span, right: Span) -> float:
    if left.part != right.part:
        return math.inf
    return max(0, left.start - right.end, right.start - left.end)


def _pairs(found: Found, acts: Sequence[Told], rules: Sequence[Mention]) -> dict[int, list[int]]:
    """The acts (numbers) that each mention of the rules stands for: those nearest to one of its triggers, in its sentence."""
    made: dict[int, list[int]] = {}
    for number, act in enumerate(acts):
        home = telling.sentence_of(found, act.trigger)
        near: list[tuple[float, int]] = []
        for n, mention in enumerate(rules):
            for span in mention.evidence["kind"].spans:
                away = _distance(span, act.trigger)
                if away <= CLOSE and telling.sentence_of(found, span) == home:
                    near.append((away, n))
        if near:
            made.setdefault(min(near)[1], []).append(number)
    return made


@dataclass(frozen=True, slots=True)
class Fused:
    """The mentions of a report; the chance of those of the rules that were dropped, by id; acts of the reader with the id of
    the mention that each became, where the rules had none, or None where it was too unlikely."""

    mentions: tuple[Mention, ...]
    dropped: Mapping[str, float]
    acts: tuple[tuple[Told, str | None], ...]


def _heat(found: Found, read: Read, mention: Mention) -> float:
    """How warm the reader is about the sentences in which the rules see an act; about the whole text for a headline's."""
    spans = mention.evidence["kind"].spans
    if all(span.part == "title" for span in spans):
        return read.hottest("text", 0, len(found.report.text) or 1)
    homes = {telling.sentence_of(found, span) for span in spans}
    sentences = [s.sentence for s in found.scenes if s.sentence.index in homes]
    return max((read.hottest(s.part, s.start, s.end) for s in sentences), default=0.0)


def fused(
    found: Found, read: Read, rules: Sequence[Mention], coder: str, weights: Weights = WEIGHTS
) -> Fused:
    """The mentions of a report, in the order of their triggers."""
    acts = read.acts
    weights = fitting(found.report, weights)
    likeliest = max((act.probability for act in acts), default=0.0)
    if likeliest < weights.whole:
        sure = [_unread(mention, likeliest) for mention in rules if _concrete(mention)]
        dropped = {m.id: likeliest for m in rules if not _concrete(m)}
        return Fused(tuple(sure), dropped, tuple((act, None) for act in acts))
    pairs = _pairs(found, acts, rules)
    taken = {n for numbers in pairs.values() for n in numbers}
    best_of = {
        number: max((acts[n] for n in own), key=lambda act: act.probability) for number, own in pairs.items()
    }
    free = [act for n, act in enumerate(acts) if n not in taken]
    likely = [act for act in free if _odds(act.probability, weights.unseen) >= telling.LIKELY]
    # All at once: what is counted near two acts belongs to one of them.
    used = sorted(
        [*best_of.values(), *likely], key=lambda act: (act.trigger.part == "text", act.trigger.start)
    )
    read_as = {id(act): told for act, told in zip(used, telling.mentions(found, used, coder), strict=True)}
    kept: list[Mention] = []
    dropped = {}
    for number, mention in enumerate(rules):
        best = best_of.get(number)
        chance = _odds(best.probability, weights.seen) if best else 0.0
        heat = _heat(found, read, mention)
        if best is not None and chance >= telling.LIKELY:
            kept.append(_weighed(found, mention, best, read_as[id(best)], chance, weights))
        elif best is None and (heat >= weights.unread or _concrete(mention)):
            kept.append(_unread(mention, heat))
        else:
            dropped[mention.id] = max(chance, heat)
    alone = [read_as[id(act)] for act in likely]
    became: list[tuple[Told, str | None]] = [(a, m.id) for a, m in zip(likely, alone, strict=True)]
    became += [(act, None) for act in free if all(act is not other for other in likely)]
    ordered = sorted((*kept, *alone), key=_place)
    return Fused(tuple(ordered), dropped, tuple(became))


def _place(mention: Mention) -> tuple[bool, int]:
    first = mention.evidence["kind"].spans[0]
    return first.part == "text", first.start


def _unread(mention: Mention, heat: float) -> Mention:
    """A mention of the rules alone: less sure the cooler the reader is about its sentence."""
    kind = mention.evidence["kind"]
    evidence = {**mention.evidence, "kind": replace(kind, confidence=kind.confidence * max(heat, 0.1))}
    return replace(mention, evidence=evidence)


def _concrete(mention: Mention) -> bool:
    """Whether the rules found a day, a place, and who was killed or who did it to whom: no talk, whatever the reader says."""
    said = mention.phrases
    both = bool(said.get("attackers") and said.get("targets"))
    return bool(said.get("date") and said.get("place") and ("killed" in mention.harm or both))


def _weighed(
    found: Found, mention: Mention, act: Told, read: Mention, chance: float, weights: Weights
) -> Mention:
    """The rules' mention with the reader's answers where they weigh more; each answer with its own words and reason."""
    kind, sure = _choice(act.kinds, mention.kind, weights.kind)
    status, sure_status = _choice(_doubted(act.statuses, weights.doubt), mention.status, weights.status)
    aspect, sure_aspect = _choice(act.aspects, mention.aspect, weights.aspect)
    phrases = dict(mention.phrases)
    phrases |= chosen(
        act,
        mention.phrases,
        lambda side, words: telling.party(found, act, side, words),
        (weights.party, weights.silent, weights.fitting, weights.both),
    )
    for role, weight in (("place", weights.place), ("date", weights.date)):
        own = mention.phrases.get(role, ())
        phrases[role] = _phrases(act, role, own, read.phrases.get(role, ()), weight if own else weights.blank)
    harm, evidence = _harm(act, mention, read, weights)
    # How much the reader points at each answer; the resolvers' own confidence is multiplied by it (resolve.confidence).
    evidence |= {role: Evidence(confidence=supported(act, role, said)) for role, said in phrases.items()}
    for field, value, own_value, chance_of in (
        ("kind", kind, mention.kind, chance * sure),
        ("status", status, mention.status, sure_status),
        ("aspect", aspect, mention.aspect, sure_aspect),
    ):
        source = mention if value == own_value or field not in read.evidence else read
        evidence[field] = replace(source.evidence[field], confidence=chance_of)
    # Where the kind is the reader's, the triggers are still those of the rules: they lead to the mention's other fields.
    evidence["kind"] = replace(
        evidence["kind"], spans=mention.evidence["kind"].spans, words=mention.evidence["kind"].words
    )
    if "harm.killed" in evidence:
        told = max((act.near("killed", span) for span in evidence["harm.killed"].spans), default=0.0)
        evidence["harm.killed"] = replace(evidence["harm.killed"], confidence=max(told, _LEAST))
    if kind in NO_TARGETS:
        phrases["targets"] = ()
    harm, evidence = _renamed(harm, evidence, kind)
    return replace(
        mention,
        kind=kind,
        status=status,  # type: ignore[arg-type]
        aspect=aspect,  # type: ignore[arg-type]
        phrases=phrases,
        harm=harm,
        evidence=evidence,
    )


def _renamed(
    harm: dict[str, Count], evidence: dict[str, Evidence], kind: str
) -> tuple[dict[str, Count], dict[str, Evidence]]:
    """The counts under the names that the kind gives them: security forces arrest whom others abduct."""
    old, new = telling.TAKEN.get(kind, ("", ""))
    if old not in harm or new in harm:
        return harm, evidence
    moved = {new if name == old else name: count for name, count in harm.items()}
    return moved, {f"harm.{new}" if key == f"harm.{old}" else key: e for key, e in evidence.items()}


def _doubted(statuses: Mapping[str, float], doubt: float) -> dict[str, float]:
    """The chances of each status with those of doubt raised."""
    raised = {
        status: chance * (1 if status == "reported" else math.exp(doubt))
        for status, chance in statuses.items()
    }
    total = sum(raised.values())
    return {status: chance / total for status, chance in raised.items()}


def _choice(chances: Mapping[str, float], own: str, weight: float) -> tuple[str, float]:
    """The value of the greatest log-chance, the rules' own with its weight added, and its share of all."""
    scores = {value: log(chance) + weight * (value == own) for value, chance in chances.items()}
    best = max(scores, key=lambda value: scores[value])
    total = sum(math.exp(score) for score in scores.values())
    return best, math.exp(scores[best]) / total


def _phrases(
    act: Told, role: str, own: tuple[Phrase, ...], read: tuple[Phrase, ...], weight: float
) -> tuple[Phrase, ...]:
    """The phrases of a field: the rules' or the reader's, by how much the reader points at each."""
    if {p.spans for p in own} == {p.spans for p in read}:
        return own
    rules, reader = supported(act, role, own), supported(act, role, read)
    return own if log(rules) + weight >= log(reader) else read


def _harm(
    act: Told, mention: Mention, read: Mention, weights: Weights
) -> tuple[dict[str, Count], dict[str, Evidence]]:
    """Counts of the rules; those of the dead the reader's where it points elsewhere or says that nothing is said."""
    evidence = dict(mention.evidence)
    own = {name: count for name, count in mention.harm.items() if name.startswith("killed")}
    new = {name: count for name, count in read.harm.items() if name.startswith("killed")}
    if own == new:
        return dict(mention.harm), evidence
    spans = mention.evidence["harm.killed"].spans if own else ()
    rules = max(
        (act.near("killed", span) for span in spans), default=act.silent("killed") if not own else _LEAST
    )
    words = act.roles["killed"]
    reader = words.probability if (words.span is not None) == bool(new) else _LEAST
    if log(rules) + (weights.killed if own else weights.blank) >= log(reader):
        return dict(mention.harm), evidence
    harm = {name: count for name, count in mention.harm.items() if name not in own} | new
    for name in own:
        evidence.pop(f"harm.{name}", None)
    evidence.update({f"harm.{name}": read.evidence[f"harm.{name}"] for name in new})
    return harm, evidence
