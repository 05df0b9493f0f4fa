"""Public ids that were shown once and are not any more: merged into others, or of incidents that are gone or rejected.

Invariant: an id counts as gone only by its last row; nothing here tells what an incident was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tarikh.model import Correction
from tarikh.store.rows import from_json
from tarikh.store.schema import incident, public_id
from tarikh.store.store import Store


@dataclass(frozen=True, slots=True)
class Gone:
    """An id that is not shown any more: since when, None where that is not known, and the id that it leads to, if any."""

    id: str
    at: datetime | None
    leads_to: str | None


def gone(store: Store) -> Iterator[Gone]:
    """Every such id, those of merged and vanished incidents first, the oldest first, then those of rejected ones."""
    last = sa.select(sa.func.max(public_id.c.id)).group_by(public_id.c.shown_id)
    away = sa.or_(public_id.c.leads_to.is_(None), public_id.c.leads_to != public_id.c.shown_id)
    vanished = sa.select(public_id.c.shown_id, public_id.c.at, public_id.c.leads_to)
    vanished = vanished.where(public_id.c.id.in_(last), away).order_by(public_id.c.id)
    rejected = sa.select(incident.c.id, incident.c.corrections).where(incident.c.review == "rejected")
    with store._read() as connection:
        found = [Gone(*row) for row in connection.execute(vanished)]
        said = [(key, _said(corrections)) for key, corrections in connection.execute(rejected)]
    yield from found
    for key, at in sorted(said, key=lambda one: (one[1] is None, str(one[1]), one[0])):
        yield Gone(key, at, None)


def _said(corrections: Iterable[Any]) -> datetime | None:
    """When the review of an incident was last said; its founding mention may have been another then."""
    heard: list[Correction] = [from_json(Correction, each) for each in corrections]
    moments = [each.at for each in heard if each.field == "review" and not each.withdrawn_at]
    return max((each for each in moments if each), default=None)
