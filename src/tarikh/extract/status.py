"""How sure the report is that it happened: reported, claimed, alleged or disputed (codebook section 3).

Invariant: a sum of small signs, each with the words that show it; the act and its author are two things, so who is
only accused of an act that is stated as fact leaves it reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from tarikh import reference
from tarikh.extract import parties
from tarikh.extract.attribution import above, same_side, speaker, speech, spoken_by
from tarikh.extract.grouping import Event
from tarikh.extract.parties import PartyHit
from tarikh.extract.roles import Sides, hit_class
from tarikh.extract.stance import Cue, Setting, about, beside, core, named, plain, share, speaks_of, told_in
from tarikh.extract.triggers import Trigger
from tarikh.model import Candidate, Evidence, Status

if TYPE_CHECKING:
    from spacy.tokens import Token


@dataclass(frozen=True, slots=True)
class Telling:
    """An event as it is first told, with its sides and the report around it."""

    event: Event
    sides: Sides
    setting: Setting
    first: Trigger

    @property
    def words(self) -> Mapping[str, frozenset[str]]:
        """The lexicon's lists."""
        return self.first.scene.lexicon.words

    def evidence(self, token: Token, reason: str, trigger: Trigger | None = None) -> Evidence:
        """A word of the sentence as evidence."""
        span = (trigger or self.first).scene.span(token.idx, token.idx + len(token))
        return Evidence((span,), (token.text,), 0.5, reason)

    def own(self, hit: PartyHit | None) -> bool:
        """Whether a party is the one that did it."""
        return hit is not None and bool(self.sides.attackers) and same_side(hit, self.sides.attackers)


Sign = Callable[[Telling], Evidence | None]


# ---- signs of the parse -------------------------------------------------------------------------------------


def _denied_above(telling: Telling) -> Evidence | None:
    for number, trigger in enumerate(core(telling.event)):
        over = above(trigger, telling.words["denial_verbs"])
        near = (*trigger.token.children, *trigger.token.head.children)
        denial = over or next((t for t in near if t.lower_ in telling.words["denial_words"]), None)
        if denial is not None and (number == 0 or not telling.own(speaker(trigger.scene, denial))):
            return telling.evidence(denial, "one says yes, another no", trigger)
    return None


def _accused(telling: Telling) -> Evidence | None:
    found = above(telling.first, telling.words["accusation_verbs"])
    return telling.evidence(found, "one party accuses another") if found is not None else None


def _alleged_word(telling: Telling) -> Evidence | None:
    words = telling.words["accusation_words"]
    found = next((c for c in telling.first.token.children if c.lower_ in words), None)
    return telling.evidence(found, "only alleged") if found is not None else None


def _hearsay(telling: Telling) -> Evidence | None:
    grammar = telling.first.scene.grammar
    auxiliaries = grammar.children(telling.first.token, "auxiliary", "passive_auxiliary")
    found = next((a for a in auxiliaries if grammar.conditional(a)), None)
    return (
        telling.evidence(found, "told as hearsay") if found is not None and telling.sides.attackers else None
    )


def _speakers(telling: Telling) -> Iterator[tuple[Token, PartyHit]]:
    """Parties that the sentence of the first telling has speak of it."""
    scene = telling.first.scene
    verb = speech(telling.first)
    hit = speaker(scene, verb) if verb is not None else None
    if verb is not None and hit is not None:
        yield verb, hit
    for token in scene.doc:
        if token.lower_ in telling.words["according"]:
            noun = spoken_by(scene, token)
            low, high = scene.grammar.noun_phrase(noun) if noun is not None else (0, 0)
            yield from ((token, h) for h in scene.party_within(low, high))


def _said_by_author(telling: Telling) -> Evidence | None:
    found = next((v for v, hit in _speakers(telling) if telling.own(hit)), None)
    return telling.evidence(found, "said by the party that did it") if found is not None else None


def _said_by_enemy(telling: Telling) -> Evidence | None:
    if not telling.sides.attackers:
        return None
    found = next(
        (
            v
            for v, hit in _speakers(telling)
            if not telling.own(hit) and hit_class(hit) in ("armed", "forces")
        ),
        None,
    )
    return (
        telling.evidence(found, "said by another party than the one that did it")
        if found is not None
        else None
    )


def _claimed_above(telling: Telling) -> Evidence | None:
    verb = above(telling.first, telling.words["claim_verbs"])
    if verb is None or speaker(telling.first.scene, verb) is None:
        return None
    return telling.evidence(verb, "a claim of one's own deed")


def _said(telling: Telling) -> Evidence | None:
    verb = speech(telling.first)
    return telling.evidence(verb, "told by a speaker") if verb is not None else None


# ---- signs of the report ------------------------------------------------------------------------------------

_OWN_WORK = frozenset({"arrest", "find", "find_down", "base", "withdraw", "move"})
_ORGANS = (("state_organs", "partisan_state", "forces"), ("group_organs", "partisan_group", "armed"))
_PARTISAN = 2
"""So many words of a party's own tongue make a report without speakers its mouth."""


def _success_of(group: str, telling: Telling) -> bool:
    """Whether the event is a deed or success of the forces, or of an armed group."""
    sides = telling.sides
    if sides.attackers:
        return group in sides.agent_classes
    other = "armed" if group == "forces" else "forces"
    return other in sides.patient_classes or (group == "forces" and bool(telling.event.acts & _OWN_WORK))


def _mouth(telling: Telling) -> Evidence | None:
    """The report itself is the mouth of the party that did it."""
    name = plain((telling.setting.report.source or "").lower())
    for organ, _, group in _ORGANS:
        if _success_of(group, telling) and any(w in name for w in telling.words[organ]):
            return Evidence((), (), 0.5, "the source is the mouth of the party that did it")
    return None


def _partisan(telling: Telling) -> Evidence | None:
    """The report speaks the tongue of the party that did it."""
    for _, tongue, group in _ORGANS:
        found = list(named(telling.setting, tongue))
        if len(found) >= _PARTISAN and _success_of(group, telling):
            return found[0].evidence("told in the tongue of the party that did it")
    return None


def _own_paper(telling: Telling) -> Evidence | None:
    """The source or the title of a communiqué names the party that did it."""
    report = telling.setting.report
    if _communique(telling) is None:
        return None
    hits = (*parties.find(report.source or "", report.language), *parties.find(report.title, report.language))
    if any(telling.own(hit) for hit in hits[:2]):
        return Evidence((), (), 0.5, "the communiqué is of the party that did it")
    return None


def _communique(telling: Telling) -> Evidence | None:
    report = telling.setting.report
    head = plain(f"{report.source or ''} | {report.title}".lower())
    if any(re.search(rf"(?<!\w){re.escape(w)}", head) for w in telling.words["claim_words"]):
        return Evidence((), (), 0.5, "the report is a communiqué")
    return None


def _own_success(telling: Telling) -> Evidence | None:
    """The speaker's side had the better of it, whoever the sentence says did it."""
    for verb, hit in _speakers(telling):
        group = hit_class(hit)
        if group not in ("forces", "armed") or same_side(hit, telling.sides.targets):
            continue
        deed = not telling.sides.attackers or telling.own(hit) or _possessed(telling)
        if deed and _success_of(group, telling):
            return telling.evidence(verb, "a success told by its own side")
    return None


def _possessed(telling: Telling) -> bool:
    """Whether who did it is only pointed at: "its men", "they", "ses combattants"."""
    grammar = telling.first.scene.grammar
    subject = grammar.subject_of(telling.first.token)
    if subject is None:
        return False
    return subject.pos_ == "PRON" or any(
        c.pos_ in ("PRON", "DET") and "Poss=Yes" in str(c.morph) for c in subject.children
    )


def _own_subject(telling: Telling) -> Evidence | None:
    """Who speaks says "we", "they" or "its men" of who did it."""
    verb = speech(telling.first)
    if verb is None or not _possessed(telling):
        return None
    hit = speaker(telling.first.scene, verb)
    if hit is None or hit_class(hit) not in ("armed", "forces"):
        return None
    return telling.evidence(verb, "said by the party that did it")


def _answered(telling: Telling) -> Evidence | None:
    """Another answers with a no, in the sentence that tells the act or the next one of its paragraph."""
    told = told_in(telling.event)
    tellers = [hit for _, hit in _speakers(telling)]
    for cue in named(telling.setting, "answer"):
        at = cue.sentence.index
        behind = at not in told and told.get(at - 1) == cue.sentence.paragraph
        if behind and not (tellers and share(cue.parties[:1], tellers)):
            return cue.evidence("one says yes, another no")
    return None


def _answered_by_party(telling: Telling) -> Evidence | None:
    """The answer is of an armed party, a force or a government."""
    found = _answered(telling)
    if found is None:
        return None
    parties_of = next(c.parties for c in named(telling.setting, "answer") if c.span == found.spans[0])
    speaks = any(hit_class(h) in ("armed", "forces") or h.role == "government" for h in parties_of)
    return found if speaks else None


def _author_unknown(telling: Telling) -> Evidence | None:
    return Evidence((), (), 0.5, "nobody is said to have done it") if not telling.sides.attackers else None


def _in_headline(telling: Telling) -> Evidence | None:
    told = next((t for t in telling.event.triggers if t.scene.sentence.part == "title"), None)
    return telling.evidence(told.token, "stated in the headline", told) if told is not None else None


def _told_again(telling: Telling) -> Evidence | None:
    return Evidence((), (), 0.5, "told in several sentences") if len(told_in(telling.event)) > 1 else None


_PLACE_ACTS = frozenset({"take", "take_weak", "withdraw", "coup"})


def _place_taken(telling: Telling) -> Evidence | None:
    return Evidence((), (), 0.5, "a place changes hands") if telling.event.acts & _PLACE_ACTS else None


def _held(telling: Telling) -> Evidence | None:
    cue = about(telling.event, telling.setting, "holding")
    return cue.evidence("said to be held still") if cue and telling.event.acts & _PLACE_ACTS else None


def _silent(telling: Telling) -> Evidence | None:
    """The one that did it keeps silent: named in the sentence, or nobody else is."""
    for cue in named(telling.setting, "silence"):
        if speaks_of(cue, telling.event, telling.setting) and _of_author(cue, telling):
            return cue.evidence("the accused is silent")
    return None


def _of_author(cue: Cue, telling: Telling) -> bool:
    armed = [h for h in cue.parties if hit_class(h) in ("armed", "forces") or h.role == "government"]
    return any(telling.own(hit) for hit in armed) or not armed


def _denied_by_author(telling: Telling) -> Evidence | None:
    for cue in named(telling.setting, "denial"):
        if speaks_of(cue, telling.event, telling.setting) and any(telling.own(h) for h in cue.parties):
            return cue.evidence("denied by the one that is said to have done it")
    return None


def _denied_near(telling: Telling) -> Evidence | None:
    told = told_in(telling.event)
    for cue in named(telling.setting, "denial"):
        at = cue.sentence.index
        if (at in told or at - 1 in told) and speaks_of(cue, telling.event, telling.setting):
            return cue.evidence("denied in the same breath")
    return None


def _cue(name: str, reason: str, here: bool = False) -> Sign:
    find = beside if here else about

    def sign(telling: Telling) -> Evidence | None:
        cue = find(telling.event, telling.setting, name)
        return cue.evidence(reason) if cue is not None else None

    return sign


SIGNS: Mapping[str, Sign] = {
    "denied_above": _denied_above,
    "accused": _accused,
    "alleged_word": _alleged_word,
    "hearsay": _hearsay,
    "said_by_author": _said_by_author,
    "said_by_enemy": _said_by_enemy,
    "claimed_above": _claimed_above,
    "said": _said,
    "mouth": _mouth,
    "own_paper": _own_paper,
    "communique": _communique,
    "author_unknown": _author_unknown,
    "in_headline": _in_headline,
    "told_again": _told_again,
    "place_taken": _place_taken,
    "held": _held,
    "silent": _silent,
    "partisan": _partisan,
    "own_success": _own_success,
    "own_subject": _own_subject,
    "answered": _answered,
    "answered_by_party": _answered_by_party,
    "denied_by_author": _denied_by_author,
    "denied_near": _denied_near,
    "denied": _cue("denial", "one says yes, another no"),
    "author_denied": _cue("author_denial", "only its authorship is denied"),
    "silence": _cue("silence", "somebody is silent"),
    "unverified": _cue("unverified", "nobody else could confirm it"),
    "own_deed": _cue("own_deed", "told as one's own deed", here=True),
    "vouched": _cue("vouched", "somebody independent speaks of it", here=True),
    "vouched_near": _cue("vouched", "somebody independent speaks near it"),
    "accusing": _cue("accusing", "an accusation", here=True),
    "attributed": _cue("attributed", "somebody tells it", here=True),
    "owned_up": _cue("owned_up", "the other side owns to it"),
}


# ---- the sum ------------------------------------------------------------------------------------------------


def signs(event: Event, sides: Sides, setting: Setting) -> dict[str, Evidence]:
    """The signs that the telling of an event shows, with the words that show them."""
    telling = Telling(event, sides, setting, core(event)[0])
    found = ((name, sign(telling)) for name, sign in SIGNS.items())
    return {name: shown for name, shown in found if shown is not None}


def status_of(shown: Mapping[str, Evidence]) -> tuple[Status, Evidence]:
    """The status with the largest sum of what the `signs` weigh, and of its signs the one that weighs most."""
    table = reference.weights("status")
    sums: dict[Status, float] = {"reported": 0.0}
    for status in UNSURE:
        sums[status] = table["bias"][status] + sum(table["weights"][name][status] for name in shown)
    best = max(sums, key=lambda status: sums[status])
    sure = exp(sums[best]) / sum(exp(value) for value in sums.values())
    rejected = tuple(Candidate(s, round(v, 2)) for s, v in sums.items() if s != best)
    if best == "reported":
        return best, Evidence((), (), sure, "stated", rejected)
    telling = {
        name: evidence for name, evidence in shown.items() if evidence.words and name not in _PLAIN
    } or shown
    main = telling[max(telling, key=lambda name: table["weights"][name][best])]
    return best, Evidence(main.spans, main.words, sure, main.reason, rejected)


_PLAIN = ("attributed", "said", "told_again", "vouched", "vouched_near")
"""Signs that weigh but explain nothing alone."""
UNSURE: tuple[Status, ...] = ("claimed", "alleged", "disputed")
