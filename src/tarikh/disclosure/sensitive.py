"""Which incidents are sensitive: by site, by what was done to people, by age.

Invariant: what is not known never makes an incident less sensitive; one mention that says so is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import cache, lru_cache
from typing import Any

from tarikh import reference
from tarikh.disclosure.policy import Policy
from tarikh.model import Evidence, Incident, Mention, Report, Span
from tarikh.text import fold

_SITE_FIELDS = ("place", "targets", "kind")
_AID = re.compile(r"^Aid workers \(")
_STOP = ".!?\n"
_CLAUSES = re.compile(r"[,;:()\[\]\"“”«»–—]")
_REACH = 600
"""Code points to each side of the act in which its sentence is looked for."""
_BEFORE = 40


def lasting_rules(
    incident: Incident, mentions: Sequence[Mention], reports: Mapping[str, Report], policy: Policy
) -> tuple[str, ...]:
    """The rules of places that an incident falls under whatever the time: `sites`, `survivors`.

    They follow from the records alone, so that they may be kept with the incident; it is the costly part.
    """
    found = ("sites",) if at_a_site(incident, mentions, reports) else ()
    return (*found, "survivors") if of_survivors(incident, mentions, policy) else found


def of_survivors(incident: Incident, mentions: Sequence[Mention], policy: Policy) -> bool:
    """Whether people survived it who must not be found: raped, abducted, arrested."""
    kinds = {incident.kind, *(mention.kind for mention in mentions)}
    harms = [incident.harm, *(mention.harm for mention in mentions)]
    return bool(kinds & policy.survivor_kinds) or any(
        what in harm and _some(harm[what]) for harm in harms for what in policy.survivor_harms
    )


def _some(count: Any) -> bool:
    return any(bound for bound in (count.low, count.best, count.high))


def is_fresh(incident: Incident, mentions: Sequence[Mention], policy: Policy, now: datetime) -> bool:
    """Whether it is younger than the policy's delay. Where no day is known, its newest report's counts; without one it is."""
    if not policy.fresh:
        return False
    published = max((m.published for m in mentions if m.published is not None), default=None)
    last = incident.when.end or incident.when.start or published
    if last is None:
        return True
    return now - policy.fresh < datetime.combine(last, time.max, UTC)


# ---- sites -------------------------------------------------------------------------------------------------


def at_a_site(incident: Incident, mentions: Sequence[Mention], reports: Mapping[str, Report]) -> bool:
    """Whether it happened at a hospital, a school, a camp of displaced people or an aid office, by any account."""
    wheres = [incident.where, *(mention.where for mention in mentions)]
    targets = [*incident.targets, *(name for mention in mentions for name in mention.targets)]
    names = [name for where in wheres for name in (where.place, where.admin2) if name]
    if _has(_terms, names) or any(_AID.match(name) for name in targets):
        return True
    return any(_told(mention, reports.get(mention.report_id)) for mention in mentions)


def _told(mention: Mention, report: Report | None) -> bool:
    words = [word for field in _SITE_FIELDS for word in _words(mention, field)]
    if _has(_terms, [*words, mention.trigger]) or _has(_targets, _words(mention, "targets")):
        return True
    return report is not None and any(_hit_there(sentence) for sentence in _sentences(mention, report))


def _words(mention: Mention, field: str) -> list[str]:
    evidence = mention.evidence.get(field)
    said = list(evidence.words) if evidence is not None else []
    return said + [phrase.text for phrase in mention.phrases.get(field, ())]


def _has(pattern: Callable[[], re.Pattern[str]], texts: Iterable[str]) -> bool:
    return any(_holds(pattern, text) for text in texts)


@lru_cache(maxsize=50_000)
def _holds(pattern: Callable[[], re.Pattern[str]], text: str) -> bool:
    return pattern().search(fold(text)) is not None


def _sentences(mention: Mention, report: Report) -> Iterable[str]:
    """The sentences around the act, without the words of who says it."""
    spoken = mention.evidence.get("attribution", Evidence()).spans
    for span in mention.evidence.get("kind", Evidence()).spans:
        text = report.title if span.part == "title" else report.text
        start, end = _around(text, span)
        letters = list(text[start:end])
        for other in spoken:
            if other.part == span.part:
                for place in range(max(start, other.start), min(end, other.end)):
                    letters[place - start] = " "
        yield "".join(letters)


def _around(text: str, span: Span) -> tuple[int, int]:
    low = max(0, span.start - _REACH)
    start = max([text.rfind(sign, low, span.start) for sign in _STOP]) + 1
    ends = [place for sign in _STOP if (place := text.find(sign, span.end, span.end + _REACH)) >= 0]
    return max(low, start), min(ends, default=min(len(text), span.end + _REACH))


def _hit_there(sentence: str) -> bool:
    # By clause: in "struck the hospital, officials said" nobody at the hospital speaks.
    for clause in _CLAUSES.split(sentence):
        plain = fold(clause)
        for found in _terms().finditer(plain):
            before, after = plain[max(0, found.start() - _BEFORE) : found.start()], plain[found.end() :]
            if not _carried().search(before) and not _speaking().match(after):
                return True
    return False


# ---- the words ---------------------------------------------------------------------------------------------


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = reference.load(reference.data_path("disclosure", "sites.yaml"))
    return data


def pattern(words: Iterable[str], plural: bool = True) -> re.Pattern[str]:
    """Any of these words in folded text; the longest first, so that it is linear."""
    ordered = sorted({fold(word) for word in words}, key=lambda word: (-len(word), word))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, ordered))}){'s?' if plural else ''}\b")


@cache
def _terms() -> re.Pattern[str]:
    return pattern(
        w for by_language in _data()["terms"].values() for words in by_language.values() for w in words
    )


@cache
def _targets() -> re.Pattern[str]:
    return pattern(word for words in _data()["targets"].values() for word in words)


@cache
def _carried() -> re.Pattern[str]:
    return pattern((word for words in _data()["carried"].values() for word in words), plural=False)


@cache
def _speaking() -> re.Pattern[str]:
    words = "|".join(map(re.escape, _data()["speaking"]))
    # "the hospital in Gao counts 14 dead"
    return re.compile(rf"(?: (?:in|of|at|de|du|d|a|en) \w+)? (?:{words})\b")
