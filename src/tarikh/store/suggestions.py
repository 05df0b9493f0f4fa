"""Names to choose from in a form: what the newest incidents bear, so that offering them costs the same however many there are.

Invariant: a name that is not offered can be asked for all the same.
"""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from tarikh.store.listed_schema import listed
from tarikh.store.schema import incident

_NEWEST = 5_000
"""Incidents that are looked at."""


def sources(connection: sa.Connection, most: int = 500) -> list[str]:
    """Names of sources of the newest incidents, the most frequent first."""
    newest = sa.select(listed.c.id).order_by(listed.c.key.desc()).limit(_NEWEST)
    query = sa.select(incident.c.sources).where(incident.c.id.in_(newest))
    counted = Counter(name for names in connection.execute(query).scalars() for name in names)
    return [name for name, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:most]]
