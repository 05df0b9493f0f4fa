"""Which rules of disclosure an incident falls under whatever the time, kept beside it, so that a map can be drawn for readers.

Invariant: a row stands only as long as the incident's row as it was judged; an incident without a row is not known to be
harmless, and is treated as the most sensitive one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from tarikh.store import coding
from tarikh.store.filtering import Filter
from tarikh.store.incidents import chunks
from tarikh.store.listed_schema import listed
from tarikh.store.schema import incident, incident_member, mention, meta, sensitivity
from tarikh.store.search import conditions, ordering
from tarikh.store.spots import Spot, figures
from tarikh.store.store import Store

_WHERE = ("place_precision", "country", "admin1", "admin2", "place", "latitude", "longitude")
_MOST_PLACES = 200
"""Places that one question names at most: SQLite refuses deep conditions."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """Incidents of one place and kind that fall under the same rules; None: not judged yet. `fresh`: their day is new."""

    spot: Spot
    rules: tuple[str, ...] | None
    fresh: bool


class Sensitivity:
    """The kept rules of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def moment(self) -> tuple[int, int]:
        """Rises with whatever may change incidents."""
        query = sa.select(meta.c.name, meta.c.value).where(meta.c.name.in_(("revision", "folded")))
        with self._store._read() as connection:
            found = {row.name: row.value for row in connection.execute(query)}
        return found.get("revision", 0), found.get("folded", 0)

    def unjudged(self, policy: int, most: int) -> list[str]:
        """Ids of incidents that no row of this version of the policy stands for."""
        known = sa.select(sensitivity.c.incident_id).where(sensitivity.c.policy == policy)
        query = sa.select(incident.c.id).where(incident.c.id.not_in(known)).limit(most)
        with self._store._read() as connection:
            return list(connection.execute(query).scalars())

    def digests(self, ids: Iterable[str]) -> dict[str, str]:
        """The digests by which `keep` knows that an incident has not changed meanwhile."""
        found: dict[str, str] = {}
        with self._store._read() as connection:
            for part in chunks(ids):
                query = sa.select(incident.c.id, incident.c.digest).where(incident.c.id.in_(part))
                found |= {row.id: row.digest for row in connection.execute(query)}
        return found

    def keep(self, policy: int, judged: Mapping[str, Sequence[str]], digests: Mapping[str, str]) -> None:
        """Keeps the rules of incidents, of those that still are as their digest says."""
        with self._store._write() as connection:
            for key, rules in judged.items():
                connection.execute(sensitivity.delete().where(sensitivity.c.incident_id == key))
                row = sa.select(incident.c.id, sa.literal(policy), sa.literal(",".join(rules)))
                row = row.where(incident.c.id == key, incident.c.digest == digests.get(key))
                connection.execute(sensitivity.insert().from_select(["incident_id", "policy", "rules"], row))

    def rules(self, policy: int, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The rules of those incidents that are judged."""
        found: dict[str, tuple[str, ...]] = {}
        with self._store._read() as connection:
            for part in chunks(ids):
                query = sa.select(sensitivity.c.incident_id, sensitivity.c.rules).where(
                    sensitivity.c.incident_id.in_(part), sensitivity.c.policy == policy
                )
                found |= {key: _read(rules) for key, rules in connection.execute(query)}
        return found

    def guarded(
        self,
        wanted: Filter,
        policy: int,
        fresh_from: date | None,
        only: Sequence[sa.ColumnElement[bool]] = (),
    ) -> list[Guarded]:
        """The incidents of a filter by place, kind and rules; `fresh_from` is the first day that is fresh."""
        place = [incident.c[name] for name in (*_WHERE, "kind")]
        fresh = sa.literal(False) if fresh_from is None else _is_fresh(fresh_from)
        by = (*place, sensitivity.c.rules, fresh.label("fresh"))
        query = sa.select(*place, *figures(), sensitivity.c.rules, fresh.label("fresh"))
        query = query.select_from(_joined(policy)).where(_asked(wanted), *only).group_by(*by)
        with self._store._read() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        return [
            Guarded(Spot(*row[:-2]), None if row[-2] is None else _read(row[-2]), bool(row[-1]))
            for row in rows
        ]

    def ids_at(
        self,
        wanted: Filter,
        places: Iterable[Guarded],
        policy: int,
        fresh_from: date | None,
        most: int,
    ) -> list[str]:
        """At most so many ids of the incidents of these places and rules, in the filter's order."""
        distinct = {(_place(each.spot), each.rules, each.fresh): each for each in places}
        ordered = ordering(wanted.order)
        query = sa.select(incident.c.id).select_from(_joined(policy))
        query = query.join(listed, listed.c.id == incident.c.id).where(_asked(wanted))
        query = query.order_by(*ordered).limit(most)
        found: list[str] = []
        with self._store._read() as connection:
            for part in chunks(distinct.values(), _MOST_PLACES):
                here = sa.or_(*(_same(each, fresh_from) for each in part))
                found += connection.execute(query.where(here)).scalars()
            first = sa.select(listed.c.id).where(listed.c.id.in_(found)).order_by(*ordered).limit(most)
            return list(connection.execute(first).scalars())


def harmless(policy: int, rules: Collection[str], fresh_from: date | None) -> sa.ColumnElement[bool]:
    """Incidents that are judged, fall under none of these rules, and are not fresh."""
    kept = sensitivity.alias("kept")
    known = sa.exists().where(
        kept.c.incident_id == incident.c.id,
        kept.c.policy == policy,
        *(
            sa.not_(("," + kept.c.rules + ",").contains(f",{rule},", autoescape=True))
            for rule in sorted(rules)
        ),
    )
    old = sa.true() if fresh_from is None else sa.not_(_is_fresh(fresh_from))
    return sa.and_(known.correlate(incident), old)


def careful(
    connection: sa.Connection,
    reports: Sequence[str],
    policy: int,
    rules: Collection[str],
    fresh_from: date | None,
) -> set[str]:
    """Of some reports those that tell of an incident that is not `harmless`, or of something in no incident."""
    ids = sa.func.json_each(json.dumps(list(reports))).table_valued("value")
    query = coding.current(sa.select(mention.c.report_id).distinct())
    query = query.outerjoin(incident_member, incident_member.c.mention_id == mention.c.id)
    query = query.outerjoin(incident, incident.c.id == incident_member.c.incident_id)
    safe = harmless(policy, rules, fresh_from)
    asked = query.where(
        mention.c.report_id.in_(sa.select(ids.c.value)), sa.or_(incident.c.id.is_(None), sa.not_(safe))
    )
    return set(connection.execute(asked).scalars()) if reports else set()


def _is_fresh(first: date) -> sa.ColumnElement[bool]:
    last = sa.func.coalesce(incident.c.date_end, incident.c.date_start, incident.c.published)
    return sa.or_(last.is_(None), last >= first)


def _joined(policy: int) -> sa.FromClause:
    same = sa.and_(sensitivity.c.incident_id == incident.c.id, sensitivity.c.policy == policy)
    return incident.outerjoin(sensitivity, same)


def _same(one: Guarded, fresh_from: date | None) -> sa.ColumnElement[bool]:
    """The incidents of this place and these rules."""
    values = zip(_WHERE, _place(one.spot), strict=True)
    rules = None if one.rules is None else ",".join(one.rules)
    also = (
        [] if fresh_from is None else [_is_fresh(fresh_from) if one.fresh else sa.not_(_is_fresh(fresh_from))]
    )
    return sa.and_(
        *(incident.c[name].is_not_distinct_from(value) for name, value in values),
        sensitivity.c.rules.is_not_distinct_from(rules),
        *also,
    )


def _place(spot: Spot) -> tuple[object, ...]:
    where = (spot.precision, spot.country, spot.admin1, spot.admin2, spot.place)
    return (*where, spot.latitude, spot.longitude)


def _read(rules: str) -> tuple[str, ...]:
    return tuple(rule for rule in rules.split(",") if rule)


def _asked(wanted: Filter) -> sa.ColumnElement[bool]:
    return incident.c.id.in_(sa.select(listed.c.id).where(*conditions(wanted)))
