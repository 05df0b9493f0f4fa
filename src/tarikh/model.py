"""The words of the trade: report, mention, judgement, correction, decision, incident, problem.

Invariant: everything here is immutable and knows nothing of clocks, files or networks.
Unknown is `None` (or an empty tuple for a side of parties); it is never 0, "" or today.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Part = Literal["title", "text"]
Status = Literal["reported", "claimed", "alleged", "disputed"]
Aspect = Literal["new", "background"]
DatePrecision = Literal["day", "week", "month", "year", "unknown"]
PlacePrecision = Literal["exact", "near", "admin2", "admin1", "country", "unknown"]
Verdict = Literal["same", "different", "unsure"]

LOCATED: tuple[PlacePrecision, ...] = ("exact", "near")
"""At these precisions a place is known, or one that it is near to; at the others only a unit that holds it."""

HARMS = (
    "killed",
    "killed_attackers",
    "killed_targets",
    "killed_civilians",
    "injured",
    "abducted",
    "displaced",
    "arrested",
)
"""The counts of codebook section 7, in their order of output."""


def stable_id(prefix: str, *parts: object) -> str:
    """A short id that depends on its parts alone: prefix, dash, 16 hex digits of SHA-256."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return f"{prefix}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of Unicode code points in a report's title or text, as given."""

    part: Part
    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether two spans share a character."""
        return self.part == other.part and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Document:
    """What a source yields: strings as found, nothing interpreted.

    `origin` says where it stood in words a person can follow ("news.jsonl:12", an address, "-");
    `line` is the 1-based line of a line-based source.
    """

    origin: str
    text: str
    line: int | None = None
    id: str | None = None
    title: str | None = None
    published: str | None = None
    source: str | None = None
    language: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One news text from one source. `id` is a hash of source, address, title, text and day.

    `given_id` is the id that the user's file gave it, if any. `published` is None when unknown.
    """

    id: str
    title: str
    text: str
    language: str
    published: date | None = None
    fetched: datetime | None = None
    source: str | None = None
    url: str | None = None
    given_id: str | None = None
    origin: str | None = None

    def words(self, span: Span) -> str:
        """The characters that a span covers."""
        return (self.title if span.part == "title" else self.text)[span.start : span.end]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a text to know its copies by: no word of it can be read from this.

    `shingles` are the smallest hashes of its runs of words, rising, each as 4 bytes, the lowest first; `whole` says
    that they are all there are. `credit` is the news agency that the text itself names as its source. Of a text that
    was forgotten no shingle is left; `copies` are the reports, by id, of which it was a copy.
    """

    shingles: bytes = b""
    whole: bool = True
    credit: str | None = None
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read or coded. Nothing is dropped in silence."""

    stage: str
    reason: str
    origin: str | None = None
    line: int | None = None
    report_id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that was weighed for a field: its score and the reasons for it, best first."""

    value: str
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a field has its value: the words, how sure (0 to 1), and what was weighed and rejected."""

    spans: tuple[Span, ...] = ()
    words: tuple[str, ...] = ()
    confidence: float = 0.5
    reason: str = ""
    rejected: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of the text that speak of a party, a place or a time, before anything is resolved.

    `role` is the lexicon's class of its head word: for parties `military`, `police`, `government`,
    `armed`, `civilians`, `protesters`, `rioters`, `militia`, `peacekeepers`, `aid_workers`, `faction`,
    `thing` or None (a bare name); for places the relation in which the place stands: `in`, `near`,
    `between`, `toward`, `unit` … `nationality` is an ISO alpha-3 code when the words name one
    ("Nigerien soldiers" → NER).
    """

    text: str
    spans: tuple[Span, ...]
    head: str = ""
    role: str | None = None
    nationality: str | None = None


@dataclass(frozen=True, slots=True)
class When:
    """Inclusive ISO days, or None when unknown. `basis` says what they were counted from."""

    start: date | None = None
    end: date | None = None
    precision: DatePrecision = "unknown"
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """A place as the gazetteer names it. `country` is ISO 3166-1 alpha-3; degrees are WGS 84.

    At admin2, admin1 and country precision the point is only for drawing.
    """

    country: str | None = None
    admin1: str | None = None
    admin2: str | None = None
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    precision: PlacePrecision = "unknown"
    geonameid: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Low, best and high of a number of people; None is an open bound or unknown."""

    low: int | None = None
    best: int | None = None
    high: int | None = None

    def known(self) -> bool:
        """Whether any of the three is a number."""
        return self.low is not None or self.best is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class Mention:
    """One event as told in one report.

    `evidence` is keyed by field: `kind`, `status`, `aspect`, `attackers`, `targets`, `date`, `place`,
    `attribution` and `harm.killed` … for each count. `phrases` keeps the words that the resolvers
    worked from, keyed by `attackers`, `targets`, `date` and `place`. `harm` holds only counts that are
    stated; a key that is absent is unknown. `published`, `source` and `language` are the report's. `details` are the
    rare names told with it, as numbers that cannot be read (`extract.details`), `terms` the words that mark its
    text, as numbers too (`extract.terms`): for linking alone, never shown.
    """

    id: str
    report_id: str
    coder: str
    kind: str
    status: Status = "reported"
    aspect: Aspect = "new"
    attackers: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    when: When = When()
    where: Where = Where()
    harm: Mapping[str, Count] = field(default_factory=dict)
    attribution: str | None = None
    trigger: str = ""
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    phrases: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    published: date | None = None
    source: str | None = None
    language: str | None = None
    recorded_at: datetime | None = None
    succeeds: str | None = None
    details: tuple[int, ...] = ()
    terms: tuple[int, ...] = ()


def rarity_of(detail: int) -> int:
    """How rare the name behind one of a mention's `details` is: its lowest eight bits (natural log, `extract.details`)."""
    return detail & 255


def word_of(term: int) -> int:
    """The number that stands for the word behind one of a mention's `terms` (`extract.terms`)."""
    return term >> 8


def share_of(term: int) -> int:
    """The part that a term has in the vector of its text, whose length is 255."""
    return term & 255


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a scored table: the feature, what it was, and the weight that it added."""

    feature: str
    value: str
    weight: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Same, different or unsure on two mentions (`left` < `right` by id), by a rule or a person."""

    left: str
    right: str
    verdict: Verdict
    score: float
    by: str
    reasons: tuple[Reason, ...] = ()
    at: datetime | None = None
    withdrawn_at: datetime | None = None

    def by_person(self) -> bool:
        """Whether a person said it; a person outranks a rule."""
        return self.by.startswith("user:")


Pair = tuple[str, str]
"""Two mentions by id, the smaller first."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What leads out of some mentions that are folded by themselves: the rules' links to others, of which vague mentions give
    some up for better ones.

    `links` are scores by pair, `same` every pair with one of the mentions that stands as "same", `mentions` the others.
    """

    links: Mapping[Pair, float] = field(default_factory=dict)
    same: frozenset[Pair] = frozenset()
    mentions: Mapping[str, Mention] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's value for a field of an incident, hung on its founding mention."""

    mention_id: str
    field: str
    value: Any
    by: str
    at: datetime
    note: str = ""
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceRole:
    """A person's word on what a source is, by the name that its reports bear; it holds until the next word on the source.

    `role` is one of `link.speakers.ROLE_RANKS`; None takes back what was said.
    """

    source: str
    role: str | None
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on whether an incident is one, hung on its founding mention.

    `seen` are the mentions that it had then: one that joins later was not decided upon.
    """

    mention_id: str
    verdict: Literal["accepted", "rejected"]
    by: str
    at: datetime
    note: str = ""
    withdrawn_at: datetime | None = None
    seen: tuple[str, ...] = ()

    def heard(self) -> Correction:
        """The decision as the fold hears it: a person's value of the field `review`."""
        return Correction(
            self.mention_id, "review", self.verdict, self.by, self.at, self.note, self.withdrawn_at
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """One entry of an incident's ledger: who said which figure or value, when, in which words."""

    field: str
    value: Any
    mention_id: str
    report_id: str
    source: str | None
    published: date | None
    attribution: str | None
    words: tuple[str, ...] = ()
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """What happened, derived from its mentions and never edited.

    `id` belongs to the founding mention (the earliest by `recorded_at`, id). `support` names, for each
    field, the mentions that bear its value; `ledger` keeps every claim, also those not chosen;
    `judgements` are those between its members. `absorbed` are ids of incidents that merged into this one.
    """

    id: str
    founder: str
    members: tuple[str, ...]
    kind: str
    status: Status
    attackers: tuple[str, ...]
    targets: tuple[str, ...]
    when: When
    where: Where
    harm: Mapping[str, Count]
    sources: tuple[str, ...] = ()
    support: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ledger: tuple[Claim, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    corrections: tuple[Correction, ...] = ()
    review: Literal["unreviewed", "accepted", "rejected"] = "unreviewed"
    absorbed: tuple[str, ...] = ()
    confidence: float = 0.5


DATA_SETS = ("UCDP GED",)
"""Sources that are data sets of events, coded elsewhere: no news that was read here."""
GED = "ucdp-ged@"
"""How the names of coders of UCDP GED begin."""
EVENT_SETS = (GED,)
"""The same of all data sets that have one row an event, however alike two rows are."""


def imported_alone(incident: Incident) -> bool:
    """Whether an incident rests on imported events alone, on no report that was read here."""
    return bool(incident.sources) and set(incident.sources) <= set(DATA_SETS)
