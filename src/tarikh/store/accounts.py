"""Users, their sessions and tokens, and the wrong passwords of the last minutes, in the one database.

Invariant: no secret is kept, only its hash; the row of a removed user stays, so that no one else takes the name under
which rows are signed. What decides over another row (the last admin, a limit) is read and written in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tarikh.store.opening import Database
from tarikh.store.schema import Moment, Words, metadata

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a session or token was last used: reading must not write each time."""

user = sa.Table(
    "user",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", Words, nullable=False, unique=True),
    sa.Column("key", Words, nullable=False, unique=True),
    sa.Column("role", Words, nullable=False),
    sa.Column("password", Words),
    sa.Column("added_by", Words, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("disabled_at", Moment),
    sa.Column("removed_at", Moment),
)
"""`key` is the name as the eye reads it (`accounts.key_of`); `password` an argon2id hash, NULL of one removed."""

session = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", Words, nullable=False, unique=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment),
)

token = sa.Table(
    "token",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", Words, nullable=False, unique=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id"), nullable=False, index=True),
    sa.Column("label", Words, nullable=False),
    sa.Column("role", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("last_used", Moment),
    sa.Column("revoked_at", Moment),
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index(None, "key", "at"),
)
"""A password that was tried and was not (yet) right. `key` is a hash of the name or the address."""


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as kept. `password` is a hash, None of one removed."""

    id: int
    name: str
    key: str
    role: str
    password: str | None
    added_by: str
    added_at: datetime
    disabled_at: datetime | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as kept, without its secret."""

    id: int
    user_id: int
    at: datetime
    seen_at: datetime
    ends_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as kept, without its secret."""

    id: int
    user_id: int
    label: str
    role: str
    at: datetime
    ends_at: datetime
    last_used: datetime | None
    revoked_at: datetime | None


_USER = [user.c[name] for name in UserRow.__slots__]
_SESSION = [session.c[name] for name in SessionRow.__slots__]
_TOKEN = [token.c[name] for name in TokenRow.__slots__]


class Accounts:
    """The account tables of one database. Methods with a `connection` are parts of a transaction of the caller's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        """The moment of the store's clock, in UTC."""
        return self._database.now()

    def write(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that holds the write lock from its start."""
        return self._database.write()

    # ---- users -------------------------------------------------------------------------------------------

    def users(self) -> list[UserRow]:
        """All users by name, also those removed."""
        with self._database.read() as connection:
            return [UserRow(*row) for row in connection.execute(sa.select(*_USER).order_by(user.c.name))]

    def any(self) -> bool:
        """Whether there is a user, also one who is disabled."""
        with self._database.read() as connection:
            query = sa.select(user.c.id).where(user.c.removed_at.is_(None)).limit(1)
            return connection.execute(query).first() is not None

    def by_key(self, key: str) -> UserRow | None:
        """The user whose name reads so."""
        with self._database.read() as connection:
            return self.user(connection, user.c.key == key)

    def user(self, connection: sa.Connection, where: sa.ColumnElement[bool]) -> UserRow | None:
        """The one user of a condition on the table."""
        row = connection.execute(sa.select(*_USER).where(where)).one_or_none()
        return None if row is None else UserRow(*row)

    def insert_user(self, connection: sa.Connection, values: Mapping[str, Any]) -> None:
        """A new user, added now."""
        connection.execute(user.insert(), {**values, "added_at": self.now()})

    def change_user(self, connection: sa.Connection, user_id: int, values: Mapping[str, Any]) -> None:
        """New values of a user's row."""
        connection.execute(user.update().where(user.c.id == user_id), dict(values))

    def others_with(self, connection: sa.Connection, role: str, user_id: int) -> int:
        """How many other users have a role and may use it."""
        query = sa.select(sa.func.count()).select_from(user)
        fit = (user.c.role == role, user.c.id != user_id, user.c.disabled_at.is_(None))
        return int(connection.execute(query.where(*fit, user.c.removed_at.is_(None))).scalar_one())

    # ---- sessions ----------------------------------------------------------------------------------------

    def insert_session(self, connection: sa.Connection, user_id: int, digest: str, ends_at: datetime) -> None:
        """A session that begins now; those that ended a day ago and more are forgotten."""
        now = self.now()
        connection.execute(session.delete().where(session.c.ends_at < now - timedelta(days=1)))
        row = {"digest": digest, "user_id": user_id, "at": now, "seen_at": now, "ends_at": ends_at}
        connection.execute(session.insert(), row)

    def session(self, digest: str) -> tuple[SessionRow, UserRow] | None:
        """The session of a secret's hash, and whose it is."""
        found: tuple[SessionRow, UserRow] | None = self._owned(session, _SESSION, digest, SessionRow)
        return found

    def see_session(self, row: SessionRow) -> None:
        """Keeps that a session was used now, where the last time is more than `SEEN_EVERY` ago."""
        if self.now() - row.seen_at >= SEEN_EVERY:
            self._set(session, session.c.id == row.id, seen_at=self.now())

    def revoke_session(self, digest: str) -> None:
        """Ends the session of a secret's hash; one that is unknown or over stays so."""
        self._set(
            session,
            sa.and_(session.c.digest == digest, session.c.revoked_at.is_(None)),
            revoked_at=self.now(),
        )

    def sessions(self, user_id: int) -> list[SessionRow]:
        """The sessions of a user that nobody has ended, the one used last first."""
        query = sa.select(*_SESSION).where(session.c.user_id == user_id, session.c.revoked_at.is_(None))
        with self._database.read() as connection:
            found = connection.execute(query.order_by(session.c.seen_at.desc(), session.c.id.desc()))
            return [SessionRow(*row) for row in found]

    def revoke_session_of(self, user_id: int, session_id: int) -> None:
        """Ends a session of a user by its number; one of somebody else is left in peace."""
        of = (session.c.id == session_id, session.c.user_id == user_id, session.c.revoked_at.is_(None))
        self._set(session, sa.and_(*of), revoked_at=self.now())

    def revoke_sessions(self, connection: sa.Connection, user_id: int) -> None:
        """Ends all sessions of a user."""
        of = (session.c.user_id == user_id, session.c.revoked_at.is_(None))
        connection.execute(session.update().where(*of).values(revoked_at=self.now()))

    # ---- tokens ------------------------------------------------------------------------------------------

    def insert_token(self, connection: sa.Connection, values: Mapping[str, Any]) -> int:
        """A new token, made now; returns its number."""
        return int(connection.execute(token.insert(), {**values, "at": self.now()}).inserted_primary_key[0])  # type: ignore[index]

    def token(self, digest: str) -> tuple[TokenRow, UserRow] | None:
        """The token of a secret's hash, and whose it is."""
        found: tuple[TokenRow, UserRow] | None = self._owned(token, _TOKEN, digest, TokenRow)
        return found

    def tokens(self) -> list[tuple[TokenRow, UserRow]]:
        """All tokens with their owners, the oldest first."""
        query = sa.select(*_TOKEN, *_USER).join(user, user.c.id == token.c.user_id).order_by(token.c.id)
        with self._database.read() as connection:
            return [_pair(row, TokenRow, len(_TOKEN)) for row in connection.execute(query)]

    def see_token(self, row: TokenRow) -> None:
        """Keeps that a token was used now, where the last time is more than `SEEN_EVERY` ago."""
        if row.last_used is None or self.now() - row.last_used >= SEEN_EVERY:
            self._set(token, token.c.id == row.id, last_used=self.now())

    def revoke_token(self, token_id: int) -> bool:
        """Ends a token, and says whether it was this call that ended it; one that is over stays so."""
        of = sa.and_(token.c.id == token_id, token.c.revoked_at.is_(None))
        return self._set(token, of, revoked_at=self.now()) > 0

    def revoke_tokens(self, connection: sa.Connection, user_id: int, label: str = "") -> None:
        """Ends all tokens of a user whose label begins so."""
        begins = token.c.label.startswith(label, autoescape=True)
        of = (token.c.user_id == user_id, token.c.revoked_at.is_(None), begins)
        connection.execute(token.update().where(*of).values(revoked_at=self.now()))

    def drop_ended_tokens(self, label: str) -> None:
        """Forgets the tokens that are over and whose label begins so: those that programs are given at each log-in."""
        over = sa.or_(token.c.revoked_at.is_not(None), token.c.ends_at <= self.now())
        with self._database.write() as connection:
            connection.execute(token.delete().where(token.c.label.startswith(label, autoescape=True), over))

    # ---- wrong passwords ---------------------------------------------------------------------------------

    def attempts(self, connection: sa.Connection, key: str, since: datetime) -> list[datetime]:
        """When passwords were tried under a key since then, the first one first."""
        query = sa.select(attempt.c.at).where(attempt.c.key == key, attempt.c.at > since)
        return list(connection.execute(query.order_by(attempt.c.at)).scalars())

    def insert_attempts(self, connection: sa.Connection, keys: Sequence[str], before: datetime) -> list[int]:
        """Keeps that a password is tried now under each key; those older than `before` are forgotten. Returns their numbers."""
        connection.execute(attempt.delete().where(attempt.c.at <= before))
        now = self.now()
        made = [connection.execute(attempt.insert(), {"key": key, "at": now}) for key in keys]
        return [int(each.inserted_primary_key[0]) for each in made]  # type: ignore[index]

    def drop_attempts(self, connection: sa.Connection, key: str, numbers: Sequence[int]) -> None:
        """Forgets what was tried under a key, and these numbers: the password was right."""
        gone = sa.or_(attempt.c.key == key, attempt.c.id.in_(numbers))
        connection.execute(attempt.delete().where(gone))

    # ----------------------------------------------------------------------------------------------------------

    def _set(self, table: sa.Table, where: sa.ColumnElement[bool], **values: Any) -> int:
        """Writes values into the rows where something holds, and says how many these are."""
        with self._database.write() as connection:
            return connection.execute(table.update().where(where).values(**values)).rowcount

    def _owned(self, table: sa.Table, columns: list[Any], digest: str, kind: Any) -> Any:
        query = sa.select(*columns, *_USER).join(user, user.c.id == table.c.user_id)
        with self._database.read() as connection:
            row = connection.execute(query.where(table.c.digest == digest)).one_or_none()
        return None if row is None else _pair(row, kind, len(columns))


def _pair(row: sa.Row[Any], kind: Any, width: int) -> Any:
    return kind(*row[:width]), UserRow(*row[width:])
