"""Linking and folding a part at a time: one transaction that looks up, takes judgements and writes incidents.

Invariant: what is folded is everything that hangs together with what changed, and nothing is folded before it is
linked; so the incidents are those of folding all rows at once, whatever the parts, and a crash leaves whole parts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from tarikh.errors import StoreError
from tarikh.model import (
    Correction,
    Edge,
    Fingerprint,
    Incident,
    Judgement,
    Mention,
    Report,
)
from tarikh.store import coding, ends, queues, rows, sayings, source_roles, tellings
from tarikh.store import incidents as derived
from tarikh.store.basis import Part
from tarikh.store.incidents import chunks
from tarikh.store.nearness import Clear, Nearness
from tarikh.store.opening import Clock
from tarikh.store.remembered import Remembered, slim
from tarikh.store.schema import (
    correction,
    decision,
    incident,
    incident_member,
    incident_redirect,
    judgement,
    mention,
    mention_block,
    report,
    succession,
    unfolded,
    unlinked,
)
from tarikh.store.succession import Lineage, origins

_TEMPORARY = (
    "CREATE TEMP TABLE IF NOT EXISTS probe (key INTEGER NOT NULL, asked INTEGER NOT NULL)",
    "CREATE TEMP TABLE IF NOT EXISTS near_part (id TEXT PRIMARY KEY) WITHOUT ROWID",
)
_NEAR_PART = sa.select(sa.column("id", sa.Text)).select_from(sa.table("near_part", schema="temp"))
_WITHIN = """
SELECT j.id FROM temp.near_part n CROSS JOIN mention m ON m.id = n.id
  CROSS JOIN judgement j ON j.left_at = @recorded AND j."left" = m.id
  WHERE +j."right" IN (SELECT id FROM temp.near_part)""".replace("@recorded", ends.RECORDED)
"""The plus keeps the index from being asked for every left with every right."""


class Linking:
    """What can be done in one transaction of linking by the linker `by`. Made by `Store.linking`."""

    def __init__(
        self,
        connection: sa.Connection,
        clock: Clock,
        by: str,
        remembered: Remembered,
        rise: Callable[[], None],
    ) -> None:
        self._connection, self._clock, self._by = connection, clock, by
        self._remembered, self._rise = remembered, rise
        remembered.check(connection)
        for statement in _TEMPORARY:
            connection.exec_driver_sql(statement)
        queues.see_to(connection, by)

    # ---- linking -----------------------------------------------------------------------------------------

    def fresh(self, limit: int) -> list[Mention]:
        """Current mentions that wait to be linked, at most `limit`, slim; none only when none waits.

        A slim mention has what comparing needs: no phrases, and of the evidence the date's confidence and the days weighed alone.
        """
        query = sa.select(unlinked.c.mention_id).order_by(unlinked.c.id).limit(limit)
        while ids := self._connection.execute(query).scalars().all():
            found = slim(self._connection, ids)
            if found:
                self._remembered.add(found)
            self._done(unlinked, sorted(set(ids) - {each.id for each in found}))
            if found:
                return found
        return []

    def file(self, keys: Mapping[str, Iterable[int]]) -> None:
        """Files mentions, by id, under these blocks."""
        lines = [(key, each) for each, under in keys.items() for key in sorted(under)]
        if lines:
            self._connection.exec_driver_sql(
                "INSERT OR IGNORE INTO mention_block (key, mention_id) VALUES (?, ?)", lines
            )

    def met(self, probes: Mapping[str, Iterable[int]]) -> dict[str, list[Mention]]:
        """The other current mentions, slim, that are filed under one of these blocks, by the id that asks."""
        asking = list(probes)
        lines = [(key, number) for number, each in enumerate(asking) for key in probes[each]]
        run = self._connection.exec_driver_sql
        run("DELETE FROM temp.probe")
        if lines:
            run("INSERT INTO temp.probe (key, asked) VALUES (?, ?)", lines)
        pairs = run(
            "SELECT DISTINCT p.asked, b.mention_id FROM temp.probe p CROSS JOIN mention_block b ON b.key = p.key"
        ).all()
        others = self._recalled({other for _, other in pairs})
        found: dict[str, list[Mention]] = {each: [] for each in asking}
        for number, other in pairs:
            if other in others and other != asking[number]:
                found[asking[number]].append(others[other])
        return found

    def judged(self, judgements: Sequence[Judgement], compared: Sequence[Mention]) -> int:
        """Keeps what the linker said of mentions that it has now compared with all others; returns what was new."""
        now, ids = self._clock(), [each.id for each in compared]
        queues.add(self._connection, ids)
        known = self._known(ids)
        fresh = [
            rows.judgement_row(j) | {"at": j.at or now} for j in judgements if (j.left, j.right) not in known
        ]
        if fresh:
            self._connection.execute(judgement.insert(), ends.placed(self._connection, fresh))
        sayings.mark_linked(self._connection, compared, self._by, now)
        self._done(unlinked, ids)
        if fresh:
            self._rise()
        return len(fresh)

    def _known(self, ids: Sequence[str]) -> set[tuple[str, str]]:
        """Pairs of these that the linker has judged before: of a database that was linked without blocks."""
        # Whose it is must not be asked of the database: it would take the index of authors and read them all.
        query = sa.select(judgement.c.left, judgement.c.right, judgement.c.by, judgement.c.withdrawn_at)
        return {
            (left, right)
            for part in chunks(ids)
            for end in (ends.at_left(part), ends.at_right(part))
            for left, right, by, withdrawn_at in self._connection.execute(query.where(end))
            if by == self._by and withdrawn_at is None
        }

    def _done(self, queue: sa.Table, ids: Iterable[str]) -> None:
        for part in chunks(ids):
            self._connection.execute(queue.delete().where(queue.c.mention_id.in_(part)))

    def _recalled(self, ids: set[str]) -> dict[str, Mention]:
        """Those of these that are current, slim."""
        kept = self._remembered_of(ids)
        loaded = slim(self._connection, sorted(ids - set(self._remembered.rows)))
        self._remembered.add(loaded)
        return kept | {each.id: each for each in loaded}

    def _remembered_of(self, ids: set[str]) -> dict[str, Mention]:
        """Those of these that are remembered and current."""
        known = self._remembered.rows
        # Of what is remembered only this is asked, and what is not current is not loaded.
        for part in chunks(sorted(key for key in ids - self._remembered.current if key in known)):
            query = coding.current(sa.select(mention.c.id)).where(mention.c.id.in_(part))
            self._remembered.current.update(self._connection.execute(query).scalars())
        return {key: known[key] for key in ids & self._remembered.current}

    # ---- folding -----------------------------------------------------------------------------------------

    def waiting(self) -> tuple[int, int]:
        """How many mentions wait to be linked, and how many to be folded."""
        return queues.waiting(self._connection)

    def part(self, limit: int, clear: Clear, vague: Callable[[Mention], bool]) -> Part | None:
        """What has changed, at most `limit` mentions of it, with all that hangs together with these (`nearness`).

        None when nothing waits. Raises `StoreError` while mentions wait to be linked: an incident of them would be
        shown, and vanish at once.
        """
        if self._connection.execute(sa.select(unlinked.c.id).limit(1)).first() is not None:
            raise StoreError("mentions that are not linked yet cannot be folded; link them first")
        run = self._connection.exec_driver_sql
        seeds = run("SELECT mention_id, revision FROM unfolded ORDER BY id LIMIT ?", (limit,)).all()
        if not seeds:
            return None
        newest = max(revision for _, revision in seeds)
        # The seeds are of the part for sure: what is not remembered of them is read whole at once, and not slim before that.
        whole = self._whole({key for key, _ in seeds} - set(self._remembered.rows))
        walk = Nearness(
            self._connection,
            self._by,
            lambda ids: self._recalled(ids - set(whole)) | {key: whole[key] for key in ids if key in whole},
            clear,
            vague,
        )
        near = walk.of((key for key, _ in seeds), lambda ids: self._settled(ids, newest))
        run("DELETE FROM temp.near_part")
        run("INSERT INTO temp.near_part (id) SELECT value FROM json_each(?)", (json.dumps(sorted(near)),))
        return self._part(near, walk.edge(near), whole)

    def _settled(self, ids: set[str], revision: int) -> set[str]:
        """Of these those that wait to be folded by themselves, or were folded when all rows of this revision stood."""
        waiting: set[str] = set()
        for part in chunks(sorted(ids)):
            query = sa.select(unfolded.c.mention_id).where(unfolded.c.mention_id.in_(part))
            waiting.update(self._connection.execute(query).scalars())
        folded = self._remembered.folded
        return waiting | {key for key in ids - waiting if folded.get(key, -1) >= revision}

    def _whole(self, ids: set[str]) -> dict[str, Mention]:
        """Those of these that are current."""
        query = coding.current(sa.select(mention))
        parts = (
            coding.mentions(self._connection, query.where(mention.c.id.in_(p))) for p in chunks(sorted(ids))
        )
        return {each.id: each for part in parts for each in part}

    def _part(self, near: set[str], edge: Edge, whole: Mapping[str, Mention]) -> Part:
        c = self._connection
        rest = self._whole(near - set(whole))
        mentions = sorted(
            (rest.get(key) or whole[key] for key in near if key in rest or key in whole), key=_recorded
        )
        steps = sa.select(succession.c.old_id, succession.c.new_id).where(succession.c.old_id.in_(_NEAR_PART))
        lineage = Lineage(
            frozenset(each.id for each in mentions), {row.old_id: row.new_id for row in c.execute(steps)}
        )
        within = sa.text(_WITHIN).columns(judgement.c.id)
        said = sa.select(judgement).where(judgement.c.withdrawn_at.is_(None), judgement.c.id.in_(within))
        fixed = sa.select(correction).where(
            correction.c.withdrawn_at.is_(None), correction.c.mention_id.in_(_NEAR_PART)
        )
        judged = (lineage.judgement(rows.judgement_of(row)) for row in c.execute(said).mappings())
        decided = sa.select(decision).where(
            decision.c.withdrawn_at.is_(None), decision.c.mention_id.in_(_NEAR_PART)
        )
        heard = [
            *(rows.correction_of(row) for row in c.execute(fixed).mappings()),
            *(rows.decision_of(row).heard() for row in c.execute(decided).mappings()),
        ]
        corrected = (lineage.correction(each) for each in heard)
        return Part(
            mentions,
            [each for each in judged if isinstance(each, Judgement)],
            [each for each in corrected if isinstance(each, Correction)],
            origins(lineage, coding.recorded(c, lineage)),
            self._shown(),
            lineage,
            edge,
            source_roles.standing(c),
        )

    def fingerprints(
        self, report_ids: Iterable[str], make: Callable[[Report], Fingerprint]
    ) -> dict[str, Fingerprint]:
        """Fingerprints of these reports, by id; those that a report of an older version lacks are made and kept."""
        wanted = set(report_ids)
        found = tellings.kept(self._connection, wanted)
        for part in chunks(sorted(key for key in wanted if key not in found or not found[key].shingles)):
            query = sa.select(report).where(
                report.c.id.in_(part)
            )  # of a forgotten one nothing is left to print
            made = {
                row["id"]: make(rows.report_of(row))
                for row in self._connection.execute(query).mappings()
                if row["title"] or row["text"]
            }
            if made:
                tellings.keep(self._connection, made, self._clock())
            found |= made
        return found

    def _shown(self) -> frozenset[str]:
        """Public ids shown so far that mentions of the part gave: an id's founder is among them by succession."""
        live = sa.select(incident.c.id).where(incident.c.founder.in_(_NEAR_PART))
        gone = sa.select(incident_redirect.c.old_id).where(incident_redirect.c.founder.in_(_NEAR_PART))
        return frozenset(
            (*self._connection.execute(live).scalars(), *self._connection.execute(gone).scalars())
        )

    def replace(self, incidents: Iterable[Incident], part: Part) -> int:
        """Puts the incidents of the last part in the place of what was there; returns how many were written."""
        given = list(incidents)
        fresh = derived.prepared(given, derived.told(self._connection, given))
        if len(fresh) != len(given):
            raise StoreError("two incidents have one id; each founding mention gives one")
        homes = sa.select(incident_member.c.incident_id).where(incident_member.c.mention_id.in_(_NEAR_PART))
        query = sa.select(incident.c.id, incident.c.digest).where(incident.c.id.in_(homes))
        kept = {row.id: row.digest for row in self._connection.execute(query)}
        changed = derived.exchange(
            self._connection, fresh, kept, part.lineage, self._clock(), founders=_NEAR_PART
        )
        self._connection.execute(unfolded.delete().where(unfolded.c.mention_id.in_(_NEAR_PART)))
        self._remembered.fold((each.id for each in part.mentions), queues.revision(self._connection))
        return changed

    def incidents(self) -> int:
        """How many incidents there are."""
        return self._connection.execute(sa.select(sa.func.count()).select_from(incident)).scalar_one()


def _recorded(each: Mention) -> tuple[datetime, str]:
    assert each.recorded_at is not None  # of every row
    return each.recorded_at, each.id


def refile(connection: sa.Connection) -> None:
    """Forgets all blocks and queues every mention, so that all are linked and folded anew; judgements stay, and who compared
    what when, which snapshots cover."""
    connection.execute(mention_block.delete())
    connection.exec_driver_sql(
        "INSERT OR IGNORE INTO unlinked (mention_id) SELECT id FROM mention ORDER BY recorded_at, id"
    )
    queues.all_unfolded(connection)
