"""Records as JSON values of the API, in the form that `models` tells of.

Invariant: only what was shown comes in here: nothing is withheld or put in a cleaner form by this room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tarikh.disclosure.sight import Sight
from tarikh.exports import jsonl, plain
from tarikh.exports.gold_form import mention_entry
from tarikh.model import Judgement, Mention, Problem, Report
from tarikh.queries import IncidentRow, Series, Tally, Timeline, Trends
from tarikh.store.records import Kept

Json = dict[str, Any]


def disclosed(sight: Sight) -> Json:
    """At which level something is shown."""
    return {"level": sight.level, "policy": sight.guarding.policy.version}


def incident(row: IncidentRow, href: str) -> Json:
    """An incident of a list."""
    return {
        "id": row.id,
        "kind": row.kind,
        "status": row.status,
        "review": row.review,
        "attackers": list(row.attackers),
        "targets": list(row.targets),
        **plain.when(row.when),
        **plain.where(row.where),
        "admin2": row.where.admin2,
        "killed_low": row.killed.low,
        "killed_best": row.killed.best,
        "killed_high": row.killed.high,
        "sources": row.sources,
        "confidence": row.confidence,
        "href": href,
    }


def mention(each: Mention, home: str | None) -> Json:
    """A mention with its words."""
    return {"id": each.id, "report": each.report_id, "coder": each.coder, **mention_entry(each, home)}


def kept_mention(each: Mention, home: str | None) -> Json:
    """A mention, and when it came in."""
    at = {"recorded_at": plain.plain(each.recorded_at), "succeeds": each.succeeds}
    return {**mention(each, home), **at}


def report(shown: Report, kept: Kept, href: str) -> Json:
    """What is known of a report besides its text."""
    return {
        "id": shown.id,
        "given_id": shown.given_id,
        "title": shown.title,
        "source": shown.source,
        "published": plain.plain(shown.published),
        "language": shown.language,
        "url": shown.url,
        "fetched": plain.plain(shown.fetched),
        "recorded_at": kept.recorded_at.isoformat(),
        "version": kept.version,
        "previous": kept.previous,
        "href": href,
    }


def judgement(number: int, said: Judgement) -> Json:
    """A judgement with its moments."""
    moments = {"at": plain.plain(said.at), "withdrawn_at": plain.plain(said.withdrawn_at)}
    return {"id": number, **jsonl.judgement(said), **moments}


def problem(number: int, each: Problem) -> Json:
    """A problem."""
    values = {name: value for name, value in asdict(each).items() if name not in ("report_id", "at")}
    return {"id": number, **values, "report": each.report_id, "at": plain.plain(each.at)}


# ---- sums ----------------------------------------------------------------------------------------------------


def tally(sums: Tally) -> Json:
    """Sums; of killed none where no toll is known, for that is not 0."""
    killed = ("killed_low", "killed_best", "killed_high")
    known = sums.incidents > sums.unknown
    counts = {name: getattr(sums, name) for name in ("incidents", "unknown", "open")}
    return {**counts, **{name: getattr(sums, name) if known else None for name in killed}}


def timeline(found: Timeline) -> Json:
    """Periods, and what no period can hold."""
    periods = [
        {"start": p.start.isoformat(), "end": p.end.isoformat(), "tally": tally(p.tally)}
        for p in found.periods
    ]
    beside = {"imprecise": tally(found.imprecise), "undated": tally(found.undated)}
    return {"by": found.by, "periods": periods, **beside}


def trends(found: Trends) -> Json:
    """Series with their timelines."""
    return {
        "by": found.by,
        "split": found.split,
        "series": [_series(each) for each in found.series],
        "left_out": found.left_out,
    }


def _series(each: Series) -> Json:
    return {"value": each.value, "country": each.country, "timeline": timeline(each.timeline)}


def paged(items: list[Json], following: str | None, sight: Sight) -> Mapping[str, Any]:
    """A page."""
    return {"items": items, "next": following, "disclosure": disclosed(sight)}
