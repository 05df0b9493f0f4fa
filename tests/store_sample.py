"""Builders for tests of the store: a clock, reports with one mention each, judgements, incidents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tarikh import link
from tarikh.errors import StoreError
from tarikh.model import (
    Evidence,
    Incident,
    Judgement,
    Mention,
    Reason,
    Report,
    Span,
    When,
    Where,
    stable_id,
)
from tarikh.store import Basis, Store, coding, queues
from tarikh.store import incidents as derived
from tarikh.store.schema import incident, incident_member
from tarikh.store.store import _meta, _set_meta

START = datetime(2024, 5, 1, 8, tzinfo=UTC)


class Clock:
    """A minute passes at every look."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        self.moment += timedelta(minutes=1)
        return self.moment


def report(name: str, text: str = "Shells fell on the old bridge on Monday.", **fields: Any) -> Report:
    fields = {"title": f"News {name}", "source": "The Herald", "language": "en", **fields}
    return Report(id=stable_id("r", name, fields.get("url"), text), text=text, **fields)


def mention(told: Report, start: int = 7, end: int = 11, coder: str = "rules@1", **fields: Any) -> Mention:
    """A mention whose trigger stands at these code points of the text."""
    span = Span("text", start, end)
    of_report = {"published": told.published, "source": told.source, "language": told.language}
    fields = {"kind": "shelling", "trigger": told.words(span), **of_report, **fields}
    return Mention(
        id=stable_id("m", told.id, coder, start, end, fields.get("where")),
        report_id=told.id,
        coder=coder,
        evidence={"kind": Evidence((span,), (told.words(span),))} | fields.pop("weighed", {}),
        **fields,
    )


def tell(store: Store, name: str, **fields: Any) -> Mention:
    """A report with one mention, kept."""
    told = report(name)
    store.add_report(told)
    return store.add_mentions(told.id, "rules@1", [mention(told, **fields)])[0]


def recode(store: Store, old: Mention, coder: str, **fields: Any) -> list[Mention]:
    """The report of a mention coded again: by default with the trigger one letter longer."""
    told = store.report(old.report_id)
    fields = {"start": 6, "end": 11, **fields}
    return store.add_mentions(told.id, coder, [mention(told, coder=coder, **fields)])


def said(left: Mention, right: Mention, verdict: str, by: str = "user:ana", score: float = 1.0) -> Judgement:
    one, two = sorted((left.id, right.id))
    return Judgement(one, two, verdict, score, by, (Reason("told", "so", 1.0),))  # type: ignore[arg-type]


def set_back(path: Path, revision: str = "0001") -> None:
    """Makes a database what the first schema left: its rows stay, what came later goes."""
    with sqlite3.connect(":memory:") as first:
        engine = sa.create_engine("sqlite://", creator=lambda: first, poolclass=sa.pool.StaticPool)
        config = Config()
        config.set_main_option("script_location", "tarikh.store:migrations")
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        query = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        kept = set(first.execute(query).fetchall())
        made = first.execute(query.replace("type, name", "type, name, sql")).fetchall()
        columns = {
            name: {row[1] for row in first.execute(f"PRAGMA table_info({name})")}
            for kind, name in kept
            if kind == "table"
        }
    with sqlite3.connect(path) as raw:
        there = raw.execute(query).fetchall()
        for sort in ("trigger", "index", "table"):
            for kind, name in there:
                if kind == sort and (kind, name) not in kept:
                    raw.execute(f"DROP {kind} IF EXISTS {name}")
        for name, known in columns.items():
            for row in raw.execute(f"PRAGMA table_info({name})").fetchall():
                if row[1] not in known:
                    raw.execute(f"ALTER TABLE {name} DROP COLUMN {row[1]}")
        # A table that has gone since stands empty again, with its indexes.
        for sort in ("table", "index"):
            for kind, name, statement in made:
                if kind == sort and (kind, name) not in there:
                    raw.execute(statement)
        raw.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def replace_incidents(
    store: Store, incidents: Iterable[Incident], basis: Basis | None = None, partial: bool = False
) -> bool:
    """Puts these incidents in the place of all kept ones, or (`partial`) of those that share a member or an id with them,
    as one fold of all rows would; False where those of a newer basis are there."""
    given = list(incidents)
    fresh = derived.prepared(given, store.told(given))
    if len(fresh) != len(given):
        raise StoreError("two incidents have one id; each founding mention gives one")
    with store._write() as connection:
        revision = _meta(connection, "revision") if basis is None else basis.revision
        if revision < _meta(connection, "folded"):
            return False
        lineage = coding.lineage(connection)
        homes = {key for each in given for key in each.members}
        query = sa.select(incident.c.id, incident.c.digest)
        kept = {row.id: row.digest for row in connection.execute(query)}
        if partial:
            before = homes | {old for old in lineage.steps if lineage.head(old) in homes}
            query = sa.select(incident_member.c.mention_id, incident_member.c.incident_id)
            touched = {home for key, home in connection.execute(query) if key in before} | set(fresh)
            kept = {key: digest for key, digest in kept.items() if key in touched}
        derived.exchange(connection, fresh, kept, lineage, store._database.now())
        _set_meta(connection, "folded", revision)
        if not partial:
            queues.folded(connection, revision)
    return True


def refold(store: Store) -> list[Incident]:
    basis = store.basis()
    folded = link.fold(
        basis.mentions,
        basis.judgements,
        basis.corrections,
        report_sources=basis.roles,
        origins=basis.origins,
        previous=basis.previous,
        prints=store.fingerprints({each.report_id for each in basis.mentions}),
    )
    assert replace_incidents(store, folded, basis)
    return folded


def made(key: str, *members: Mention, **fields: Any) -> Incident:
    first = members[0]
    base = Incident(
        key, first.id, tuple(m.id for m in members), first.kind, "reported", (), (), When(), Where(), {}
    )
    return replace(base, **fields)
