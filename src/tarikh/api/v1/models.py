"""What the answers of the API hold, for its document; `rows` makes them.

Invariant: null is unknown, and never 0 or ""; `[withheld]` is what is known and not shown.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Bounds = list[int | None]
"""Low, best and high; null is an open bound."""


class Disclosed(BaseModel):
    """At which level of the disclosure policy something is shown."""

    level: str = Field(description="public, partner or full")
    policy: int = Field(description="version of the policy")


class _Page(BaseModel):
    next: str | None = Field(description="address of the next page; null where this is the last")
    disclosure: Disclosed


class Day(BaseModel):
    """When: days, inclusive."""

    date_start: date | None
    date_end: date | None
    date_precision: str = Field(description="day, week, month, year or unknown")


class Place(BaseModel):
    """Where. The degrees are the place's own at the precisions exact and near, else only for drawing."""

    country: str | None = Field(description="ISO 3166-1 alpha-3")
    admin1: str | None
    place: str | None
    latitude: float | None = Field(description="WGS 84")
    longitude: float | None = Field(description="WGS 84")
    place_precision: str = Field(description="exact, near, admin2, admin1, country or unknown")


class IncidentRow(Day, Place):
    """An incident as lists have it; `href` leads to all of it."""

    id: str
    kind: str = Field(description="kind of the codebook")
    status: str = Field(description="reported, claimed, alleged or disputed")
    review: str = Field(description="unreviewed, accepted or rejected by a person")
    attackers: list[str] = Field(description="who started it; empty is unknown")
    targets: list[str] = Field(description="whom it was done to; empty is unknown or nobody")
    admin2: str | None
    killed_low: int | None
    killed_best: int | None
    killed_high: int | None
    sources: int = Field(description="how many sources tell of it")
    confidence: float = Field(description="0 to 1")
    href: str


class Incidents(_Page):
    """A page of incidents."""

    items: list[IncidentRow]


class Reason(BaseModel):
    """A feature, its value and the weight that it added."""

    feature: str
    value: str
    weight: float


class Said(BaseModel):
    """What was judged of two mentions, by a linker or a person (`user:…`)."""

    left: str
    right: str
    verdict: str = Field(description="same, different or unsure")
    score: float
    by: str
    reasons: list[Reason]


class Span(BaseModel):
    """Characters of a report: a half-open range of code points of its title or text as given."""

    model_config = ConfigDict(populate_by_name=True)
    part: str = Field(alias="in")
    start: int
    end: int


class Mention(Day, Place):
    """One event as one report tells it. Below the level full spans are left out, and names in words withheld."""

    id: str
    report: str
    coder: str
    incident: str | None = Field(description="the incident that it is a part of; null while it is linked")
    kind: str
    status: str
    aspect: str
    attackers: list[str]
    targets: list[str]
    harm: dict[str, Bounds] = Field(description="low, best, high by kind of harm; absent is unknown")
    trigger: str
    attribution: str | None
    words: dict[str, str] = Field(description="by field the words that bear its value")
    confidence: dict[str, float] = Field(description="by field how sure, 0 to 1")
    spans: dict[str, list[Span]]


class KeptMention(Mention):
    """A mention, and when it came in."""

    recorded_at: datetime | None
    succeeds: str | None = Field(description="the mention of an earlier coder that it stands in for")


class Mentions(_Page):
    """A page of mentions, in the order in which they came in."""

    items: list[KeptMention]


class Claim(BaseModel):
    """Who said what of a field, when, in which words; `chosen` is what the incident has."""

    field: str
    value: Any
    mention: str
    report: str
    source: str | None
    published: date | None
    chosen: bool
    attribution: str | None
    words: list[str]


class ReportOf(BaseModel):
    """A report that tells of an incident."""

    id: str
    given_id: str | None = Field(description="the id that it had where it came from")
    title: str
    source: str | None
    published: date | None
    language: str
    url: str | None


class DisclosedOf(Disclosed):
    """At which level an incident is shown, and what of it is withheld."""

    withheld: list[dict[str, Any]] = Field(description="field, rule of the policy, and what was done")


class Incident(Day, Place):
    """A whole incident with its ledger, evidence, links and corrections, as the JSON lines of exports have it."""

    id: str
    kind: str
    status: str
    review: str
    attackers: list[str]
    targets: list[str]
    admin2: str | None
    geonameid: int | None
    contested: list[dict[str, Any]] = Field(description="contested areas that the place lies in")
    harm: dict[str, Bounds] = Field(description="low, best, high by kind of harm; absent is unknown")
    confidence: float
    sources: list[str]
    support: dict[str, list[str]] = Field(description="by field the mentions that bear its value")
    ledger: list[Claim]
    mentions: list[Mention]
    reports: list[ReportOf]
    judgements: list[Said]
    corrections: list[dict[str, Any]]
    absorbed: list[str] = Field(description="ids that lead here")
    disclosure: DisclosedOf


class MentionsOf(BaseModel):
    """The mentions of an incident, the founding one first."""

    items: list[Mention]
    disclosure: Disclosed


class Report(ReportOf):
    """What is known of a report besides its text."""

    fetched: datetime | None
    recorded_at: datetime
    version: int = Field(description="counts from 1 among reports of one source and address")
    previous: str | None = Field(description="id of the version before")
    href: str


class Reports(_Page):
    """A page of reports, in the order in which they came in."""

    items: list[Report]


class MentionOf(BaseModel):
    """A mention of a report, and its incident."""

    id: str
    incident: str | None
    href: str


class WholeReport(Report):
    """A report with its text, which is shown at the level full alone."""

    text: str = Field(description="empty where the report was forgotten")
    forgotten: bool = Field(description="whether its words were erased on purpose")
    mentions: list[MentionOf]
    disclosure: Disclosed


class Judgement(Said):
    """A judgement, when it was said, and when it was withdrawn if it was."""

    id: int
    at: datetime | None
    withdrawn_at: datetime | None


class Judgements(_Page):
    """A page of judgements, in the order in which they were said."""

    items: list[Judgement]


class Fault(BaseModel):
    """Something that could not be read or coded."""

    id: int
    stage: str
    reason: str
    origin: str | None
    line: int | None
    report: str | None
    at: datetime | None


class Faults(_Page):
    """A page of problems, in the order in which they came up."""

    items: list[Fault]


class Cause(BaseModel):
    """A row that came in, or was withdrawn; what does not apply is left out."""

    what: str = Field(description="report, coding, judgement, correction or role")
    at: datetime
    by: str | None = None
    report: str | None = None
    source: str | None = None
    published: date | None = None
    detail: str | None = None
    note: str | None = None
    withdrawn: bool | None = None
    mentions: list[str] | None = None


class Update(BaseModel):
    """A field before and after, and the numbers of the causes that bear the difference."""

    model_config = ConfigDict(populate_by_name=True)
    before: Any = Field(alias="from")
    after: Any = Field(alias="to")
    because: list[int]


class Change(BaseModel):
    """What became of an incident; what does not apply is left out."""

    model_config = ConfigDict(populate_by_name=True)
    change: str = Field(description="new, updated, merged, split or withdrawn")
    id: str
    at: datetime | None
    into: list[str] | None = None
    come_from: list[str] | None = Field(default=None, alias="from")
    instead_of: list[str] | None = None
    together_with: list[str] | None = Field(default=None, alias="with")
    fields: dict[str, Update] | None = None
    evidence: list[str] | None = None
    because: list[Cause]
    incident: dict[str, Any] | None = Field(
        default=None, description="the whole incident after; at full alone"
    )
    href: str | None = Field(default=None, description="the incident as it is now, where there is one")


class Changes(BaseModel):
    """What changed after `since`, up to `until`, in order of time."""

    since: datetime
    until: datetime = Field(description="ask on with it as `since`: nothing is lost or told twice")
    more: bool = Field(description="whether there is more to ask for at once")
    next: str = Field(description="address of what follows, also where there is nothing yet")
    items: list[Change]
    disclosure: Disclosed


class Tally(BaseModel):
    """Sums over incidents. Killed are null where no toll is known; a missing bound of a known toll counts as its figure."""

    incidents: int
    unknown: int = Field(description="incidents of which no toll is known; they add nothing to the killed")
    open: int = Field(description="incidents that killed at least so many, with no upper bound")
    killed_low: int | None
    killed_best: int | None
    killed_high: int | None


class Period(BaseModel):
    """A day, week or month: first and last day, and what is known to fall into it."""

    start: date
    end: date
    tally: Tally


class Timeline(BaseModel):
    """Periods in order, those without incidents left out, and what no period can hold."""

    by: str
    periods: list[Period]
    imprecise: Tally = Field(description="incidents whose day is not known so precisely")
    undated: Tally


class Series(BaseModel):
    """The timeline of one kind, country, region or party; null is unknown."""

    value: str | None
    country: str | None = Field(description="of a region")
    timeline: Timeline


class WholeTimeline(Timeline):
    """Incidents over time."""

    disclosure: Disclosed


class Trends(BaseModel):
    """Series, the one with most incidents first; `left_out` is how many further ones there are."""

    by: str
    split: str
    series: list[Series]
    left_out: int
    disclosure: Disclosed


class Stats(BaseModel):
    """How many incidents a filter finds."""

    incidents: int
    exact: bool = Field(description="whether it is their number, or counting stopped there")
    disclosure: Disclosed


class Feature(BaseModel):
    """A GeoJSON feature (RFC 7946): the properties are the columns of the exports; no geometry is an unknown place."""

    type: str
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class Features(BaseModel):
    """A page of features; the link `next` leads to the next one."""

    type: str
    features: list[Feature]
    links: list[dict[str, str]]
    disclosure: Disclosed


class Link(BaseModel):
    """An address of the API, and what is there."""

    href: str
    what: str


class Index(BaseModel):
    """What the API is and has."""

    title: str
    software: str
    version: str
    notice: str
    licences: dict[str, str]
    links: dict[str, Link]
    disclosure: Disclosed
