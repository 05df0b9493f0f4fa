"""One incident with its mentions and reports, as it may be shown at a level.

Invariant: every string that comes from a report or a person goes through `Shower.text` or is replaced; a field that
is new in the model and is not named here shows up in the property test of `tests/test_disclosure.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from tarikh.disclosure.masking import cased, faceless, known_party, masked, unnamed
from tarikh.disclosure.places import Units, coarsened
from tarikh.disclosure.policy import MARK, Level, Policy
from tarikh.errors import UsageError
from tarikh.link import correction_value
from tarikh.link.certainty import Standing
from tarikh.model import (
    Claim,
    Correction,
    Evidence,
    Incident,
    Judgement,
    Mention,
    Phrase,
    Reason,
    Report,
    Where,
)
from tarikh.text import fold

_KEPT_OF_SURVIVORS = ("kind", "date")
"""Fields whose words are still quoted where people survived who must not be found."""
_OF_PLACES = ("place", "places", "region", "note", "details", "names", "far")
"""Features of reasons that tell of the place, or hold what somebody wrote."""


_LETTERS = 4
"""Names of so many letters are looked for within words of a source as well, shorter ones as words of their own."""

Beside = Mapping[str, frozenset[str] | None]
"""By report the folded names of places that an incident which it tells of withholds; None: nothing that was written may
be shown. A report that is not in it has no such incident."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is shown, at which level: `rules` are those of places that apply, `to` how coarse the place becomes.

    `beside` is what other incidents of its reports withhold.
    """

    incident: Incident
    mentions: tuple[Mention, ...]
    reports: Mapping[str, Report]
    level: Level
    policy: Policy
    rules: tuple[str, ...]
    to: str | None
    units: Units
    beside: Beside = field(default_factory=dict)


class Shower:
    """Shows the records of one case. Made anew for each."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.where = self.place(case.incident.where)
        self.survivors = "survivors" in case.rules and case.policy.done("survivors", case.level) != "shown"
        self.fine = _finer_names(case, self)
        others = [case.beside[each] for each in case.reports if each in case.beside]
        self._telling = _Telling(self.fine.union(*(names for names in others if names)))
        unsaid = [r.source for r in case.reports.values() if case.beside.get(r.id, self.fine) is None]
        self._unsaid = frozenset(unsaid)
        self._by_id = {mention.id: mention for mention in case.mentions}
        self._cases: dict[str, bool] = {}

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """Names that stand in the shown record anyway."""
        shown = [self.where.place, self.where.admin1, self.where.admin2]
        shown += [self.source(report.source) for report in self.case.reports.values()]
        if self.case.to is None:
            wheres = [mention.where for mention in self.case.mentions]
            shown += [name for w in wheres for name in (w.place, w.admin1, w.admin2)]
        return tuple(dict.fromkeys(name for name in shown if name and name != MARK))

    def _by_case(self, mention_id: str) -> bool:
        """Whether the text of a mention tells names by capitals; of an unknown one it is not known."""
        if mention_id not in self._cases:
            mention = self._by_id.get(mention_id)
            self._cases[mention_id] = mention is not None and self._cased(mention)
        return self._cases[mention_id]

    def _cased(self, mention: Mention) -> bool:
        report = self.case.reports.get(mention.report_id)
        if report is not None:
            return cased((report.title, report.text))
        return cased([*(word for each in mention.evidence.values() for word in each.words), mention.trigger])

    # ---- values ------------------------------------------------------------------------------------------

    def place(self, where: Where) -> Where:
        """A place, as coarse as the rules want it."""
        return where if self.case.to is None else coarsened(where, self.case.to, self.case.units)

    def parties(self, names: Iterable[str]) -> tuple[str, ...]:
        """Parties, those withheld that may be persons; each stays countable."""
        return tuple(name if known_party(name) and not self._tells(name) else MARK for name in names)

    def source(self, name: str | None) -> str | None:
        """A source, withheld where its name tells the place, or that of another incident of these reports."""
        if name is None:
            return None
        return MARK if name in self._unsaid or self._telling.within(name) else name

    def text(self, words: str, mention_id: str) -> str:
        """Words of a mention's report, without names."""
        shown = masked(words, self._names, self._by_case(mention_id))
        if self.survivors:
            shown = faceless(shown)
        return MARK if self._tells_place(shown) else shown

    def reasoning(self, words: str) -> str:
        """A sentence of ours, which has capitals of its own and may hold names of places and sources."""
        shown = masked(words, self._names, True)
        return MARK if self._tells_place(shown) else shown

    def _tells(self, name: str) -> bool:
        # A generic form and a party of the register are told of the whole country; others may be called by a village.
        return not known_party(name) and self._tells_place(name)

    def _tells_place(self, words: str) -> bool:
        if not self.fine or not words:
            return False
        plain = f" {fold(words)} "
        return any(f" {name} " in plain for name in self.fine)

    def _hidden(self, field: str) -> bool:
        if self.survivors and field not in _KEPT_OF_SURVIVORS:
            return True
        return self.case.to is not None and field == "place"

    # ---- records -----------------------------------------------------------------------------------------

    def mention(self, mention: Mention) -> Mention:
        """A mention as it may be shown."""
        return replace(
            mention,
            coder=self._by(mention.coder),
            attackers=self.parties(mention.attackers),
            targets=self.parties(mention.targets),
            when=replace(mention.when, basis=self.reasoning(mention.when.basis)),
            where=self.place(mention.where),
            attribution=self._said(mention.attribution, "attribution", mention.id),
            trigger=self.text(mention.trigger, mention.id),
            evidence={f: self._evidence(f, e, mention.id) for f, e in mention.evidence.items()},
            phrases={f: self._phrases(f, each, mention.id) for f, each in mention.phrases.items()},
            source=self.source(mention.source),
            details=(),
            terms=(),
        )

    def _said(self, words: str | None, field: str, mention_id: str) -> str | None:
        if words is None:
            return None
        return MARK if self._hidden(field) else self.text(words, mention_id)

    def _evidence(self, field: str, evidence: Evidence, mention_id: str) -> Evidence:
        # Spans would lead to the withheld words in a copy of the text; candidates are names that were weighed.
        hidden = self._hidden(field)
        words = tuple(MARK if hidden else self.text(each, mention_id) for each in evidence.words)
        reason = MARK if hidden and evidence.reason else self.reasoning(evidence.reason)
        return Evidence((), words, evidence.confidence, reason, ())

    def _phrases(self, field: str, phrases: Sequence[Phrase], mention_id: str) -> tuple[Phrase, ...]:
        if self._hidden(field):
            return tuple(Phrase(MARK, (), role=each.role) for each in phrases)
        return tuple(
            replace(p, text=self.text(p.text, mention_id), spans=(), head=self.text(p.head, mention_id))
            for p in phrases
        )

    def claim(self, claim: Claim) -> Claim:
        """An entry of the ledger as it may be shown."""
        hidden = self._hidden(claim.field)
        words = tuple(MARK if hidden else self.text(each, claim.mention_id) for each in claim.words)
        said = self._said(claim.attribution, "attribution", claim.mention_id)
        value = self._value(claim.field, claim.value)
        return replace(claim, value=value, source=self.source(claim.source), attribution=said, words=words)

    def _value(self, field: str, value: Any) -> Any:
        """A value of a field, as it may be shown; one that does not fit its field is withheld."""
        if value is None:
            return None
        try:
            plain = correction_value(field, value)
        except UsageError:
            return MARK
        if field == "place":
            return self.place(plain)
        if field in ("attackers", "targets"):
            return self.parties(plain)
        return plain if field != "date" else replace(plain, basis=self.reasoning(plain.basis))

    def _by(self, by: str) -> str:
        return unnamed(by) if self.case.policy.done("reviewers", self.case.level) != "shown" else by

    def judgement(self, judgement: Judgement) -> Judgement:
        """A judgement as it may be shown."""
        reasons = tuple(self._reason(each) for each in judgement.reasons)
        return replace(judgement, by=self._by(judgement.by), reasons=reasons)

    def _reason(self, reason: Reason) -> Reason:
        tells = any(part in reason.feature for part in _OF_PLACES)
        withheld = reason.feature == "note" or (tells and self.case.to is not None)
        return replace(reason, value=MARK if withheld and reason.value else self.reasoning(reason.value))

    def correction(self, correction: Correction) -> Correction:
        """A correction as it may be shown."""
        value = self._value(correction.field, correction.value)
        note = MARK if correction.note else ""
        return replace(correction, value=value, by=self._by(correction.by), note=note)

    def incident(self, flat: bool = False) -> Incident:
        """The incident as it may be shown; `flat` without ledger, judgements and corrections."""
        given = self.case.incident
        if flat:
            given = replace(given, ledger=(), judgements=(), corrections=())
        return replace(
            given,
            attackers=self.parties(given.attackers),
            targets=self.parties(given.targets),
            when=replace(given.when, basis="" if flat else self.reasoning(given.when.basis)),
            where=self.where,
            sources=tuple(self.source(name) or MARK for name in given.sources),
            ledger=tuple(self.claim(each) for each in given.ledger),
            judgements=tuple(self.judgement(each) for each in given.judgements),
            corrections=tuple(self.correction(each) for each in given.corrections),
        )

    def standing(self, standing: Standing | None) -> Standing | None:
        """How the incident stands, as it may be shown."""
        if standing is None:
            return None
        return replace(
            standing,
            steps=tuple(replace(step, why=self.reasoning(step.why)) for step in standing.steps),
            reasons=tuple(self._reason(each) for each in standing.reasons),
            sources=tuple(self.source(name) or MARK for name in standing.sources),
            of={report: self.source(name) or MARK for report, name in standing.of.items()},
        )

    def _address(self, report: Report, source: str | None) -> str | None:
        """The address of a report; a site is often called as its source is."""
        hosts = self.case.policy.done("addresses", self.case.level) == "host"
        url = _host(report.url) if hosts else report.url
        withheld = source == MARK or (self.case.beside.get(report.id, self.fine) is None)
        return MARK if url is not None and (withheld or self._telling.within(_readable(url))) else url

    def report(self, report: Report) -> Report:
        """A report as it may be shown beside this incident."""
        done, level = self.case.policy.done, self.case.level
        title, source = report.title, self.source(report.source)
        if done("titles", level) == "withheld" or self.case.to is not None or report.id in self.case.beside:
            title = MARK if title else ""
        elif done("titles", level) == "masked":
            title = masked(title, self._names, cased((report.title, report.text)))
        return replace(
            report,
            title=title,
            text=report.text if done("texts", level) == "shown" else MARK,
            source=source,
            url=self._address(report, source),
            given_id=None if report.given_id is None else MARK,
            origin=None if report.origin is None else MARK,
        )


class _Telling:
    """Names of places as they stand in names of sources and sites: "Zouérou24", "radio-dori.example"."""

    def __init__(self, names: frozenset[str]) -> None:
        joined = {name: name.replace(" ", "") for name in names}
        self._parts = tuple(part for part in joined.values() if len(part) >= _LETTERS)
        self._words = tuple(name for name, part in joined.items() if len(part) < _LETTERS)

    def within(self, words: str) -> bool:
        plain = fold(words)
        joined = plain.replace(" ", "")
        return any(part in joined for part in self._parts) or any(
            f" {word} " in f" {plain} " for word in self._words
        )


def _readable(url: str) -> str:
    """An address with the letters that it stands for."""
    plain = unquote(url)
    try:
        return plain + " " + (urlsplit(url).hostname or "").encode("ascii").decode("idna")
    except ValueError:
        return plain


def _host(url: str | None) -> str | None:
    """The site of an address: its last part often is the headline."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return MARK
    return f"{parts.scheme}://{host}/" if host and parts.scheme in ("http", "https") else MARK


def _finer_names(case: Case, shower: Shower) -> frozenset[str]:
    """The folded names of places that are withheld, and that the shown place is not called by as well."""
    if case.to is None:
        return frozenset()
    values = [claim.value for claim in case.incident.ledger if claim.field == "place"]
    values += [row.value for row in case.incident.corrections if row.field == "place"]
    wheres = [case.incident.where, *(m.where for m in case.mentions)]
    for value in values:
        try:
            wheres.append(correction_value("place", value))
        except UsageError:
            continue
    fine, coarse = set(), set()
    for where in wheres:
        fine |= {fold(name) for name in (where.place, where.admin2, where.admin1) if name}
        shown = shower.place(where)
        coarse |= {fold(name) for name in (shown.place, shown.admin2, shown.admin1) if name and name != MARK}
    return frozenset(name for name in fine - coarse if name)
