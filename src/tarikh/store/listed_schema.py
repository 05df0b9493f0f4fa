"""Tables derived from incidents, which lists, maps and plots read: slim rows, names, and sums kept in step (`listing`).

Invariant: they hold what the rows of `incident` hold and nothing more; unknown is NULL.
"""

from __future__ import annotations

import sqlalchemy as sa

from tarikh.store.schema import Nested, Words, metadata

listed = sa.Table(
    "listed",
    metadata,
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", Words, nullable=False, unique=True),
    sa.Column("kind", Words, nullable=False, index=True),
    sa.Column("status", Words, nullable=False),
    sa.Column("review", Words, nullable=False),
    sa.Column("first_day", sa.Integer),
    sa.Column("last_day", sa.Integer),
    sa.Column("date_precision", Words, nullable=False),
    sa.Column("day", sa.Integer),
    sa.Column("week", sa.Integer),
    sa.Column("month", sa.Integer),
    sa.Column("span", sa.Integer),
    sa.Column("country", Words, index=True),
    sa.Column("admin1", Words),
    sa.Column("admin2", Words),
    sa.Column("place", Words),
    sa.Column("latitude", sa.Float),
    sa.Column("longitude", sa.Float),
    sa.Column("place_precision", Words, nullable=False),
    sa.Column("cell", sa.Integer, index=True),
    sa.Column("unit", sa.Integer),
    sa.Column("attackers", Nested, nullable=False),
    sa.Column("targets", Nested, nullable=False),
    sa.Column("toll", sa.Integer, index=True),
    sa.Column("killed_low", sa.Integer),
    sa.Column("killed_best", sa.Integer),
    sa.Column("killed_high", sa.Integer),
    sa.Column("sources", sa.Integer, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("version", Words, nullable=False),
    sa.Index("ix_listed_review", "review", sqlite_where=sa.text("review <> 'unreviewed'")),
    sa.Index("ix_listed_span", "span", sqlite_where=sa.text("span IS NOT NULL")),
    sa.Index("ix_listed_unit", "unit", sqlite_where=sa.text("unit IS NOT NULL")),
)
"""One slim row for each incident (`listing`). `key` rises with the first day, so that rows lie in the order of lists.

Days count as `date.toordinal`. `day`, `week` (from Monday) and `month` are what it can be put on without saying more than
is known; `span` is set where its last day is far from its first; `cell` is that of its point on a fixed grid; `unit` is 1
where it is no point: only a unit, or nothing, is known; `toll` is the best figure of killed, else the lower bound."""

listed_name = sa.Table(
    "listed_name",
    metadata,
    sa.Column("code", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Which incidents bear a name: `code` is a hash of what it names (party, source, place, admin1) and its folded letters."""

tally = sa.Table(
    "tally",
    metadata,
    sa.Column("code", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("axis", Words, nullable=False),
    sa.Column("name", Words),
    sa.Column("country", Words),
    sa.Column("review", Words, nullable=False),
    sa.Column("week", sa.Integer),
    sa.Column("month", sa.Integer),
    sa.Column("dated", sa.Boolean, nullable=False),
    sa.Column("incidents", sa.Integer, nullable=False),
    sa.Column("unknown", sa.Integer, nullable=False),
    sa.Column("open", sa.Integer, nullable=False),
    sa.Column("low", sa.Integer, nullable=False),
    sa.Column("best", sa.Integer, nullable=False),
    sa.Column("high", sa.Integer, nullable=False),
)
"""Sums over incidents by country, kind, admin1 or party (`axis`) or all, kept in step with them; `code` is a hash of what a row sums."""

map_tally = sa.Table(
    "map_tally",
    metadata,
    sa.Column("code", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("level", sa.Integer),
    sa.Column("cell", sa.Integer),
    sa.Column("precision", Words),
    sa.Column("country", Words),
    sa.Column("admin1", Words),
    sa.Column("admin2", Words),
    sa.Column("kind", Words, nullable=False),
    sa.Column("review", Words, nullable=False),
    sa.Column("incidents", sa.Integer, nullable=False),
    sa.Column("unknown", sa.Integer, nullable=False),
    sa.Column("killed", sa.Integer, nullable=False),
    sa.Column("points", sa.Integer, nullable=False),
    sa.Column("latitudes", sa.Integer, nullable=False),
    sa.Column("longitudes", sa.Integer, nullable=False),
    sa.Index(None, "level", "cell"),
)
"""Sums over incidents by cell of the map, once for each `level` (`grid.LEVELS`), or by unit (`precision`) where no point is
known; both NULL: no place at all.

`latitudes` and `longitudes` are sums over `points` of them, in millionths of a degree: whole, so that nothing drifts."""
