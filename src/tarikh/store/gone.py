"""Public ids that were shown once and are not any more: merged into others, or of incidents that are gone or rejected.

Invariant: an id counts as gone only by its last row; nothing here tells what an incident was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tarikh.store.schema import decision, incident, public_id
from tarikh.store.store import Store


@dataclass(frozen=True, slots=True)
class Gone:
    """An id that is not shown any more: since when, and the id that it leads to; None where it leads nowhere."""

    id: str
    at: datetime
    leads_to: str | None


def gone(store: Store) -> Iterator[Gone]:
    """Every such id, those of merged and vanished incidents first, the oldest first, then those of rejected ones."""
    last = sa.select(sa.func.max(public_id.c.id)).group_by(public_id.c.shown_id)
    away = sa.or_(public_id.c.leads_to.is_(None), public_id.c.leads_to != public_id.c.shown_id)
    vanished = sa.select(public_id.c.shown_id, public_id.c.at, public_id.c.leads_to)
    vanished = vanished.where(public_id.c.id.in_(last), away).order_by(public_id.c.id)
    said = sa.func.max(decision.c.at)
    rejected = sa.select(incident.c.id, said).join(decision, decision.c.mention_id == incident.c.founder)
    rejected = rejected.where(incident.c.review == "rejected", decision.c.withdrawn_at.is_(None))
    rejected = rejected.group_by(incident.c.id).order_by(said, incident.c.id)
    with store._read() as connection:
        found = [Gone(*row) for row in connection.execute(vanished)]
        found += [Gone(key, at, None) for key, at in connection.execute(rejected)]
    yield from found
