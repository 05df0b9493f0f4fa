"""What pages and API ask of the store: lists by page, the map, sums over time, how many; each in one read transaction.

Invariant: nothing is written, and no whole incident is built.
"""

from __future__ import annotations

from collections.abc import Sequence

from tarikh.store import counting, overview, paging, suggestions, trends
from tarikh.store.filtering import Filter
from tarikh.store.grid import Box
from tarikh.store.opening import Database
from tarikh.store.search import Condition


class Views:
    """The reading side of one database; see the functions of the same names for what they raise."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, wanted: Filter, after: str | None = None, limit: int = 50, only: Sequence[Condition] = ()
    ) -> paging.Page:
        """`paging.page`."""
        with self._database.read() as connection:
            return paging.page(connection, wanted, after, limit, only)

    def overview(
        self, wanted: Filter, bbox: Box | None = None, zoom: int = 2, most: int = overview.FEATURES
    ) -> overview.Overview:
        """`overview.overview`."""
        with self._database.read() as connection:
            return overview.overview(connection, wanted, bbox, zoom, most)

    def timeline(
        self, wanted: Filter, by: trends.By = "week", limits: trends.Limits = trends.UNLIMITED
    ) -> trends.Timeline:
        """`trends.timeline`."""
        with self._database.read() as connection:
            return trends.timeline(connection, wanted, by, limits=limits)

    def trends(
        self,
        wanted: Filter,
        by: trends.By = "month",
        split: trends.Split = "kind",
        most: int = 50,
        limits: trends.Limits = trends.UNLIMITED,
    ) -> trends.Trends:
        """`trends.trends`."""
        with self._database.read() as connection:
            return trends.trends(connection, wanted, by, split, most, limits=limits)

    def counts(self, wanted: Filter) -> counting.Counts:
        """`counting.counts`."""
        with self._database.read() as connection:
            return counting.counts(connection, wanted)

    def sources(self) -> list[str]:
        """`suggestions.sources`."""
        with self._database.read() as connection:
            return suggestions.sources(connection)
