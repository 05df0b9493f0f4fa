"""The store: what is read and said is added to it and never changed; incidents are put in and looked up.

Invariant: every method is one short transaction; when a writing method returns, its rows outlive a `kill -9`.
Saying the same twice changes nothing. The clock is the store's: `recorded_at` is the moment of first insertion.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from tarikh.errors import StoreError, UnknownIdError
from tarikh.model import Correction, Fingerprint, Incident, Judgement, Mention, Problem, Report
from tarikh.store import coding, queues, rows, sayings, source_roles, tellings
from tarikh.store import incidents as derived
from tarikh.store.accounts import Accounts
from tarikh.store.basis import Basis, Stats
from tarikh.store.bringing import Bringing
from tarikh.store.decisions import Acts, Saying
from tarikh.store.editions import before, same_address
from tarikh.store.filtering import REVIEWS, Filter
from tarikh.store.folding import Linking, refile
from tarikh.store.forgetting import Forgetting, is_forgotten
from tarikh.store.incidents import chunks
from tarikh.store.opening import Clock, Database, open_database, system_clock
from tarikh.store.past import Past
from tarikh.store.remembered import Remembered
from tarikh.store.schema import (
    coded,
    correction,
    incident,
    judgement,
    linked,
    mention,
    meta,
    problem,
    report,
    tombstone,
)
from tarikh.store.succession import Orphan, origins
from tarikh.store.views import Views

PAGE = 200
"""Reports read at a time by `reports`."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def open_store(path_or_url: str | os.PathLike[str], clock: Clock = system_clock) -> Store:
    """The store in a file (a path, or sqlite:///path), created or upgraded where need be.

    `clock` gives the moments of recording. Raises `StoreError` with a sentence to act on.
    """
    return Store(open_database(path_or_url, clock))


class Store:
    """One chronicle. It may be used by several threads, and its file by several processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.path = database.path
        self._remembered = Remembered()
        self.acts = Acts(database)
        self.forgetting = Forgetting(database, _rise)
        self.accounts = Accounts(database)
        self.views = Views(database)
        self.bringing = Bringing(database, _rise)
        self.source_roles = source_roles.SourceRoles(database, _rise)

    def today(self) -> date:
        """The day of the store's clock, in UTC."""
        return self._database.now().date()

    def close(self) -> None:
        """Gives the database's connections back."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> AbstractContextManager[sa.Connection]:
        return self._database.read()

    def _write(self) -> AbstractContextManager[sa.Connection]:
        return self._database.write()

    def past(self) -> Past:
        """The rows as they stood at earlier moments."""
        return Past(self._database)

    def told(self, incidents: Iterable[Incident]) -> derived.Told:
        """Titles and days of the reports of all members."""
        with self._read() as connection:
            return derived.told(connection, incidents)

    # ---- reports -----------------------------------------------------------------------------------------

    def add_report(self, added: Report) -> bool:
        """Keeps a report; False when the very same (id) is there already.

        A changed text of the same source and address is a report of its own with the next version number.
        """
        with self._write() as connection:
            if coding.exists(connection, report.c.id, added.id):
                return False
            version, previous = before(connection, added)
            extra = {"version": version, "previous": previous, "recorded_at": self._database.now()}
            connection.execute(report.insert(), {**rows.report_row(added), **extra})
        return True

    def report(self, report_id: str) -> Report:
        """The report of this id. Raises `UnknownIdError`."""
        with self._read() as connection:
            return _report(connection, report.c.id, report_id)

    def report_by_given_id(self, given_id: str) -> Report:
        """The newest report that the user's file gave this id. Raises `UnknownIdError`."""
        with self._read() as connection:
            return _report(connection, report.c.given_id, given_id)

    def versions(self, report_id: str) -> list[Report]:
        """All versions of a report, the first one first. Raises `UnknownIdError`."""
        with self._read() as connection:
            wanted = _report(connection, report.c.id, report_id)
            if wanted.url is None:
                return [wanted]
            query = sa.select(report).where(*same_address(wanted)).order_by(report.c.version)
            return [rows.report_of(row) for row in connection.execute(query).mappings()]

    def reports(self, ids: Iterable[str] | None = None, not_coded_by: str | None = None) -> Iterator[Report]:
        """Reports in the order of recording, read a page at a time, so that an archive fits and others may write.

        `ids`: only these (unknown ones are left out). `not_coded_by`: only those whose mentions of now are not this
        coder's, also by a former turn of it (`coding.TURN`), and that are neither forgotten nor coded elsewhere.
        """
        query = sa.select(report).order_by(report.c.recorded_at, report.c.id)
        if not_coded_by is not None:
            done = coding.coded_last_by(not_coded_by)
            forgotten = sa.select(tombstone.c.report_id).where(tombstone.c.lifted_at.is_(None))
            query = query.where(*(report.c.id.not_in(ids) for ids in (done, forgotten, coding.brought())))
        if ids is None:
            yield from self._paged(query)
            return
        found: list[tuple[datetime, Report]] = []
        with self._read() as connection:
            for part in chunks(dict.fromkeys(ids)):
                page = connection.execute(query.where(report.c.id.in_(part))).mappings()
                found += [(row["recorded_at"], rows.report_of(row)) for row in page]
        yield from (each for _, each in sorted(found, key=lambda pair: (pair[0], pair[1].id)))

    def _paged(self, query: sa.Select[tuple[object, ...]]) -> Iterator[Report]:
        after = None
        while True:
            beyond = (
                () if after is None else (sa.tuple_(report.c.recorded_at, report.c.id) > sa.tuple_(*after),)
            )
            with self._read() as connection:
                page = connection.execute(query.where(*beyond).limit(PAGE)).mappings().all()
            if not page:
                return
            yield from (rows.report_of(row) for row in page)
            after = (
                sa.literal(page[-1]["recorded_at"], report.c.recorded_at.type),
                sa.literal(page[-1]["id"]),
            )

    # ---- mentions ----------------------------------------------------------------------------------------

    def is_coded(self, report_id: str, coder: str) -> bool:
        """Whether this coder has coded the report, also where it found nothing."""
        with self._read() as connection:
            return coding.is_coded(connection, report_id, coder)

    def next_turn(self, report_id: str, coder: str) -> int:
        """Which time it will be that this coder codes a report: 1 where it has not yet."""
        with self._read() as connection:
            return coding.turns(connection, report_id, coder) + 1

    def last_coder(self) -> str | None:
        """Who coded last here, imports left out; None where nobody has."""
        with self._read() as connection:
            return coding.last_coder(connection)

    def coders(self) -> list[str]:
        """Who has coded reports here, by name."""
        with self._read() as connection:
            return sorted(connection.execute(sa.select(coded.c.coder).distinct()).scalars())

    def coded_reports(self, coder: str) -> set[str]:
        """The ids of the reports that a coder has coded."""
        with self._read() as connection:
            query = sa.select(coded.c.report_id).where(coded.c.coder == coder)
            return set(connection.execute(query).scalars())

    def add_mentions(self, report_id: str, coder: str, mentions: Sequence[Mention]) -> list[Mention]:
        """Keeps what a coder found in a report, also nothing; from now on these are the report's current mentions.

        Returns them as kept, with `recorded_at` and whom they succeed. When this coder has coded the report before,
        nothing changes and its mentions from then are returned. Raises `UnknownIdError` when there is no such
        report, `StoreError` when the mentions are another's or one id is used for two. A forgotten report keeps none.
        """
        for each in mentions:
            if (each.report_id, each.coder) != (report_id, coder):
                raise StoreError(f"mention {each.id} is not one of coder {coder} on report {report_id}")
        with self._write() as connection:
            if not coding.exists(connection, report.c.id, report_id):
                raise UnknownIdError(f"there is no report {report_id!a}; add the report before its mentions")
            if is_forgotten(connection, report_id):
                return []  # while it was coded: its words must not come back
            if not coding.is_coded(connection, report_id, coder):
                coding.insert(connection, report_id, coder, mentions, self._database.now())
                _rise(connection)
            query = sa.select(mention).where(mention.c.report_id == report_id, mention.c.coder == coder)
            return coding.mentions(connection, query)

    def mentions(
        self,
        report_ids: Iterable[str] | None = None,
        ids: Iterable[str] | None = None,
        all_coders: bool = False,
    ) -> list[Mention]:
        """Mentions in the order of recording: of each report those of its latest coder, or of `all_coders`.

        `report_ids` and `ids`: only of these reports, only these mentions.
        """
        with self._read() as connection:
            query = sa.select(mention) if all_coders else coding.current(sa.select(mention))
            if report_ids is None and ids is None:
                return coding.mentions(connection, query)
            column, wanted = (mention.c.id, ids) if ids is not None else (mention.c.report_id, report_ids)
            of = None if report_ids is None else frozenset(report_ids)
            found = [
                each
                for part in chunks(dict.fromkeys(wanted or ()))
                for each in coding.mentions(connection, query.where(column.in_(part)))
                if of is None or each.report_id in of
            ]
        return sorted(found, key=lambda m: (m.recorded_at or _NEVER, m.id))

    def unlinked(self, by: str) -> list[Mention]:
        """Current mentions that this linker has not compared yet (see `add_judgements`), in order of recording.

        New ones, and those of a run that broke off between coding and linking.
        """
        done = sa.select(linked.c.mention_id).where(linked.c.by == by)
        with self._read() as connection:
            return coding.mentions(
                connection, coding.current(sa.select(mention)).where(mention.c.id.not_in(done))
            )

    # ---- what is said of mentions ------------------------------------------------------------------------

    def add_judgements(
        self, judgements: Iterable[Judgement], compared: Iterable[Mention] = (), by: str = ""
    ) -> int:
        """Keeps judgements; returns how many were new. `at` is set where it is None.

        `compared` are mentions that the linker `by` has now compared with all others, whatever came of it.
        Raises `UnknownIdError` when a judgement is on a mention that is not there.
        """
        with self._write() as connection:
            now = self._database.now()
            added = sayings.add_judgements(connection, judgements, now)
            sayings.mark_linked(connection, compared, by, now)
            if added:
                _rise(connection)
        return added

    def add_correction(self, added: Correction) -> bool:
        """Keeps a person's value; False when the very same was said already. Raises `UnknownIdError`."""
        with self._write() as connection:
            fresh = sayings.add_correction(connection, added)
            if fresh:
                _rise(connection)
        return fresh

    def withdraw_judgements(self, left: str, right: str, by: str | None = None) -> int:
        """Withdraws the standing judgements of one author (of all persons when None) on two mentions.

        Those on mentions that these succeed are withdrawn as well. Rows stay, marked with the moment; returns how
        many were marked.
        """
        with self._write() as connection:
            now, lineage = self._database.now(), coding.lineage(connection)
            count = sayings.withdraw_judgements(connection, lineage, {left, right}, by, now)
            if count:
                _rise(connection)
        return count

    def withdraw_corrections(self, mention_id: str, field: str, by: str | None = None) -> int:
        """Withdraws the standing corrections of a field by one person (by all when None); returns how many."""
        with self._write() as connection:
            now, lineage = self._database.now(), coding.lineage(connection)
            count = sayings.withdraw_corrections(connection, lineage, mention_id, field, by, now)
            if count:
                _rise(connection)
        return count

    def judgements(self) -> list[Judgement]:
        """All judgements as they were said, also withdrawn ones and those on old mentions, in order of writing."""
        with self._read() as connection:
            return sayings.judgements(connection)

    def corrections(self) -> list[Correction]:
        """All corrections as they were said, also withdrawn ones and those on old mentions, in order of writing."""
        with self._read() as connection:
            return sayings.corrections(connection)

    def current_judgements(self) -> list[Judgement]:
        """The standing judgements on current mentions: rules' on these very ones, people's also on those before.

        What a person said of two mentions is heard of their successors; `orphans` lists what cannot be.
        """
        with self._read() as connection:
            return sayings.current_judgements(connection, coding.lineage(connection))

    def current_corrections(self) -> list[Correction]:
        """The standing corrections, each hung on the current mention; `orphans` lists those that have none."""
        with self._read() as connection:
            return sayings.current_corrections(connection, coding.lineage(connection))

    def orphans(self) -> list[Orphan]:
        """Standing work of people that no current mention bears: for review."""
        with self._read() as connection:
            return sayings.orphans(connection, coding.lineage(connection))

    # ---- problems ----------------------------------------------------------------------------------------

    def add_problems(self, problems: Iterable[Problem]) -> int:
        """Keeps problems; returns how many were new. `at` is set where it is None.

        The same problem with one line or report is kept once; one of a source as often as it happens.
        """
        with self._write() as connection:
            return sayings.add_problems(connection, problems, self._database.now())

    def problems(self, report_id: str | None = None) -> list[Problem]:
        """All problems, or those with one report, in order of writing."""
        asked = sa.true() if report_id is None else problem.c.report_id == report_id
        with self._read() as connection:
            query = sa.select(problem).where(asked).order_by(problem.c.id)
            return [rows.problem_of(row) for row in connection.execute(query).mappings()]

    # ---- incidents ---------------------------------------------------------------------------------------

    def basis(self) -> Basis:
        """All that incidents are folded from, read at one moment."""
        with self._read() as connection:
            lineage = coding.lineage(connection)
            return Basis(
                _meta(connection, "revision"),
                coding.mentions(connection, coding.current(sa.select(mention))),
                sayings.current_judgements(connection, lineage),
                sayings.current_corrections(connection, lineage),
                origins(lineage, coding.recorded(connection, lineage)),
                derived.shown_ids(connection),
                source_roles.standing(connection),
            )

    def roles(self) -> dict[str, str]:
        """What people say that sources are, by the source's name; of all others nothing is said."""
        with self._read() as connection:
            return source_roles.standing(connection)

    def add_fingerprints(self, prints: Mapping[str, Fingerprint]) -> None:
        """Keeps the fingerprints of reports by id; those kept already stay."""
        with self._write() as connection:
            tellings.keep(connection, prints, self._database.now())

    def fingerprints(self, report_ids: Iterable[str]) -> dict[str, Fingerprint]:
        """The kept fingerprints of these reports, by id; a report of an older version may have none yet."""
        with self._read() as connection:
            return tellings.kept(connection, report_ids)

    def published_days(self) -> dict[str, dict[date, int]]:
        """Reports by source and day of publication, whatever they tell; those without either are left out."""
        with self._read() as connection:
            return tellings.published_days(connection)

    def tellings(self, wanted: Filter | None = None) -> list[tellings.Telling]:
        """Who told of each incident that a filter asks for (by its conditions; order and limit are not read), by id."""
        with self._read() as connection:
            return tellings.tellings(connection, wanted)

    @contextmanager
    def linking(self, by: str) -> Iterator[Linking]:
        """One transaction in which the linker `by` links and folds a part of what has changed (`folding`).

        When it is left without an error its rows are kept, and the incidents count as up to date if nothing waits.
        """
        with self.acting(by) as (_, work):
            yield work

    @contextmanager
    def acting(self, by: str) -> Iterator[tuple[Saying, Linking]]:
        """One transaction in which a person says something, and the linker `by` links and folds what it changes.

        When it is left with an error, nothing of it is kept.
        """
        try:
            with self._write() as connection:
                work = Linking(
                    connection, self._database.now, by, self._remembered, lambda: _rise(connection)
                )
                yield Saying(connection, self._database.now, _rise), work
                if queues.waiting(connection) == (0, 0):
                    _set_meta(connection, "folded", _meta(connection, "revision"))
        except BaseException:
            # What was folded in it is not: the next transaction has its revision, and must not take the marks for its own.
            self._remembered.forget()
            raise

    def refile(self) -> None:
        """Has every mention linked and folded anew by what `linking` does next; judgements stay."""
        with self._write() as connection:
            refile(connection)

    def incidents(self, wanted: Filter | None = None) -> list[Incident]:
        """The incidents that a filter asks for, in its order; all, newest first, without one."""
        with self._read() as connection:
            return derived.found(connection, wanted or Filter(review=REVIEWS))

    def incident(self, incident_id: str) -> Incident:
        """The incident of an id that is or once was its own, or of its first four or more characters.

        Raises `UnknownIdError` when there is none or more than one.
        """
        with self._read() as connection:
            return derived.by_id(connection, incident_id)

    def version(self, incident_id: str) -> str:
        """The version in which an incident stands now (`Acts.version`). Raises `UnknownIdError`."""
        return self.acts.version(incident_id)

    def redirects(self, incident_id: str) -> tuple[str, ...]:
        """The former ids that lead to this one."""
        with self._read() as connection:
            return derived.leading_to(connection, incident_id)

    def stats(self) -> Stats:
        """How many of everything there are."""
        with self._read() as connection:
            return Stats(
                reports=_count(connection, sa.select(report.c.id)),
                mentions=_count(connection, coding.current(sa.select(mention.c.id))),
                incidents=_count(connection, sa.select(incident.c.id)),
                judgements=_count(connection, sa.select(judgement.c.id)),
                corrections=_count(connection, sa.select(correction.c.id)),
                problems=_count(connection, sa.select(problem.c.id)),
                orphans=len(sayings.orphans(connection, coding.lineage(connection))),
                folded=_meta(connection, "folded") == _meta(connection, "revision"),
            )


# ---- queries that several methods share ------------------------------------------------------------------


def _count(connection: sa.Connection, query: sa.Select[tuple[object]]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()


def _report(connection: sa.Connection, column: sa.Column[str], value: str) -> Report:
    query = sa.select(report).where(column == value).order_by(report.c.recorded_at.desc(), report.c.id.desc())
    row = connection.execute(query.limit(1)).mappings().first()
    if row is None:
        raise UnknownIdError(f"there is no report {value[:80]!a} in the database")
    return rows.report_of(row)


def _meta(connection: sa.Connection, name: str) -> int:
    return connection.execute(sa.select(meta.c.value).where(meta.c.name == name)).scalar() or 0


def _set_meta(connection: sa.Connection, name: str, value: int) -> None:
    if connection.execute(meta.update().where(meta.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(meta.insert(), {"name": name, "value": value})


def _rise(connection: sa.Connection) -> None:
    """Notes that the rows have changed from which incidents are folded."""
    _set_meta(connection, "revision", _meta(connection, "revision") + 1)
