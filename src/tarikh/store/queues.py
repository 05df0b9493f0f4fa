"""What is not linked or folded yet: two queues of mentions, filled by the database itself.

Invariant: whatever row the fold depends on is written, a trigger of the same transaction puts its mentions in a queue, but
for the rules' judgements, whose writers do it themselves (`add`); they leave it in the transaction that links or folds them, so that a crash loses none.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from tarikh.store.schema import mention, mention_block, meta, unfolded, unlinked

_NEXT = "coalesce((SELECT value FROM meta WHERE name = 'revision'), 0) + 1"
"""The revision of a row now written: the store raises it at the end of the transaction."""


def _trigger(name: str, on: str, *steps: str) -> str:
    does = "".join(f"  {step.replace('@next', _NEXT)};\n" for step in steps)
    return f"CREATE TRIGGER {name} AFTER {on} BEGIN\n{does}END"


# A judgement matters to one incident at most, or joins two: what hangs on one of its ends reaches the other. A
# withdrawn one may have been what held them together, so that both ends are asked.
TRIGGERS = (
    _trigger(
        "mention_is_unlinked",
        "INSERT ON mention",
        "INSERT OR IGNORE INTO unlinked (mention_id) VALUES (NEW.id)",
    ),
    _trigger(
        "coded_is_unfolded",
        "INSERT ON coded",
        "INSERT OR REPLACE INTO unfolded (mention_id, revision) SELECT id, @next FROM mention"
        " WHERE report_id IN (NEW.report_id, (SELECT previous FROM report WHERE id = NEW.report_id))",
    ),
    _trigger(
        "succession_is_unfolded",
        "INSERT ON succession",
        "INSERT OR REPLACE INTO unfolded (mention_id, revision) VALUES (NEW.old_id, @next)",
    ),
    _trigger(
        "judgement_is_unfolded",
        "INSERT ON judgement",
        'UPDATE unfolded SET revision = @next WHERE mention_id IN (NEW."left", NEW."right")',
        'INSERT INTO unfolded (mention_id, revision) SELECT NEW."left", @next WHERE NOT EXISTS'
        ' (SELECT 1 FROM unfolded WHERE mention_id IN (NEW."left", NEW."right"))',
    ),
    _trigger(
        "withdrawal_is_unfolded",
        "UPDATE OF withdrawn_at ON judgement",
        'INSERT OR REPLACE INTO unfolded (mention_id, revision) VALUES (NEW."left", @next), (NEW."right", @next)',
    ),
    _trigger(
        "correction_is_unfolded",
        "INSERT ON correction",
        "INSERT OR REPLACE INTO unfolded (mention_id, revision) VALUES (NEW.mention_id, @next)",
    ),
    _trigger(
        "uncorrected_is_unfolded",
        "UPDATE OF withdrawn_at ON correction",
        "INSERT OR REPLACE INTO unfolded (mention_id, revision) VALUES (NEW.mention_id, @next)",
    ),
)
"""As the migration that made the tables creates them; a change of one is a migration of its own."""

DECIDED = (
    _trigger(
        "decision_is_unfolded",
        "INSERT ON decision",
        "INSERT OR REPLACE INTO unfolded (mention_id, revision) VALUES (NEW.mention_id, @next)",
    ),
    _trigger(
        "undecided_is_unfolded",
        "UPDATE OF withdrawn_at ON decision",
        "INSERT OR REPLACE INTO unfolded (mention_id, revision) VALUES (NEW.mention_id, @next)",
    ),
)
"""Those of the table of decisions, which came later."""

ROLES = _trigger(
    "role_is_unfolded",
    "INSERT ON source_role",
    "INSERT OR REPLACE INTO unfolded (mention_id, revision) SELECT id, @next FROM mention WHERE source = NEW.source",
)
"""That of the table of what sources are: every mention of the source is weighed otherwise from now on."""

JUDGED = _trigger(
    "judgement_is_unfolded",
    "INSERT ON judgement WHEN NEW.\"by\" >= 'user:' AND NEW.\"by\" < 'user;'",
    'INSERT OR REPLACE INTO unfolded (mention_id, revision) VALUES (NEW."left", @next)',
)
"""What came in the place of the first of this name: of people's judgements alone. Whoever writes the rules' queues their
mentions with `add`, each once, and not ten times over."""


def see_to(connection: sa.Connection, by: str) -> None:
    """Queues every mention for a linker that is new to this database, whose blocks are others."""
    name = f"queued {by}"
    if connection.execute(sa.select(meta.c.value).where(meta.c.name == name)).first() is not None:
        return
    connection.execute(mention_block.delete())
    connection.exec_driver_sql(
        "INSERT OR IGNORE INTO unlinked (mention_id) SELECT id FROM mention WHERE NOT EXISTS"
        ' (SELECT 1 FROM linked WHERE linked.mention_id = mention.id AND linked."by" = ?)'
        " ORDER BY recorded_at, id",
        (by,),
    )
    connection.execute(meta.insert(), {"name": name, "value": 1})


def revision(connection: sa.Connection) -> int:
    """Of the rows that the fold depends on, without those of the transaction that writes."""
    return connection.execute(sa.select(meta.c.value).where(meta.c.name == "revision")).scalar() or 0


def add(connection: sa.Connection, ids: Iterable[str]) -> None:
    """Queues mentions to be folded anew, with the revision that the rows now written will have."""
    now = revision(connection) + 1
    lines = [{"mention_id": each, "revision": now} for each in ids]
    if lines:
        fresh = sqlite.insert(unfolded)
        newer = fresh.on_conflict_do_update(["mention_id"], set_={"revision": fresh.excluded.revision})
        connection.execute(newer, lines)


def anew(connection: sa.Connection, ids: Iterable[str]) -> None:
    """Queues mentions to be filed, linked and folded anew: something that blocks are made of has changed."""
    given = list(ids)
    for key in given:
        connection.execute(mention_block.delete().where(mention_block.c.mention_id == key))
        connection.execute(unlinked.insert().prefix_with("OR IGNORE"), {"mention_id": key})
    add(connection, given)


def all_unfolded(connection: sa.Connection) -> None:
    """Queues every mention to be folded anew."""
    source = sa.select(mention.c.id, sa.literal(0)).order_by(mention.c.recorded_at, mention.c.id)
    connection.execute(
        unfolded.insert().prefix_with("OR IGNORE").from_select(["mention_id", "revision"], source)
    )


def folded(connection: sa.Connection, revision: int) -> None:
    """Empties the queue of what was folded as of a revision, from rows read as a whole."""
    connection.execute(unfolded.delete().where(unfolded.c.revision <= revision))


_COUNTED = 10_000
"""Rows that are counted; of more the numbers of the first and the last tell how many there are at most."""


def waiting(connection: sa.Connection) -> tuple[int, int]:
    """How many mentions wait to be linked, and how many to be folded: exact up to `_COUNTED`, beyond it at most so many."""
    return _waiting(connection, unlinked), _waiting(connection, unfolded)


def _waiting(connection: sa.Connection, queue: sa.Table) -> int:
    # It is asked after each part of the work, and to count a million rows takes longer than to link a hundred.
    few = sa.select(queue.c.id).limit(_COUNTED + 1).subquery()
    counted = connection.execute(sa.select(sa.func.count()).select_from(few)).scalar_one()
    if counted <= _COUNTED:
        return counted
    last, first = (sa.select(of(queue.c.id)).scalar_subquery() for of in (sa.func.max, sa.func.min))
    return int(connection.execute(sa.select(last - first + 1)).scalar_one())
