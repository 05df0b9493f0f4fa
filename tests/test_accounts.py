"""Accounts: what a role may do, which names and passwords are taken, who is let in, and who no more.

Invariant: nothing that lets somebody in stands in the database; several processes keep one limit together.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from conftest import Tarikh
from tarikh import accounts
from tarikh.accounts import passwords, sessions
from tarikh.errors import (
    ClosedAccountError,
    ForbiddenError,
    NotLoggedInError,
    TooManyAttemptsError,
    UnknownIdError,
    UsageError,
)
from tarikh.store import Store, open_store

GOOD = "three rivers meet here"
OTHER = "a door without a key"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2025, 3, 14, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, **time: float) -> None:
        self.moment += timedelta(**time)


def cheap() -> PasswordHash:
    """The same hash at a hundredth of the cost: tests are about who is let in."""
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hasher", cheap)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with open_store(tmp_path / "t.db", clock) as opened:
        accounts.add(opened.accounts, "ana", GOOD, "admin")
        accounts.add(opened.accounts, "bo", GOOD, "coder")
        yield opened


# ---- roles -------------------------------------------------------------------------------------------------

ALLOWED = {
    "reader": {"read", "export", "make_tokens"},
    "coder": {"read", "export", "make_tokens", "read_sensitive", "add_reports", "review"},
    "editor": {
        "read",
        "export",
        "make_tokens",
        "read_sensitive",
        "add_reports",
        "review",
        "link",
        "export_sensitive",
    },
    "admin": set(accounts.MAY),
}


@pytest.mark.parametrize("role", accounts.ROLES)
@pytest.mark.parametrize("permission", [*accounts.MAY, "launch", ""])
def test_each_role_may_do_what_the_table_says_and_nothing_else(role: str, permission: str) -> None:
    allowed = permission in ALLOWED[role]
    assert accounts.may(role, permission) == allowed
    if allowed:
        accounts.require(role, permission)
    else:
        with pytest.raises(ForbiddenError):
            accounts.require(role, permission)


@pytest.mark.parametrize("permission", accounts.MAY)
@pytest.mark.parametrize("role", ["", "Admin", "root", "reader ", "user:ana"])
def test_an_unknown_role_may_nothing(role: str, permission: str) -> None:
    assert not accounts.may(role, permission)


# ---- names and passwords -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Ana", "zoé", "Ольга", "فاطمة", "李雷", "j.doe-2", "अनिता"])
def test_names_of_all_scripts_are_taken(name: str) -> None:
    assert accounts.checked_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "ana maria",
        "ana\n",
        "ana\0",
        "a\u200bna",
        "a\u202ena",
        "user:ana",
        "<b>",
        "../x",
        "2ana",
        "-ana",
        "ana-",
        "a" * 65,
        *("linker", "Withheld", "unknоwn", "an\u0430", "\ud800", "a/b", "a'b", "\u0301a"),
    ],
)
def test_hostile_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        accounts.checked_name(name)


@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("ana", "ana"),
        ("ana", "ANA"),
        ("ana", "Aná"),
        ("ana", "a.n.a"),
        ("ana", "\uff41\uff4e\uff41"),
        ("ana", "a\u0304na"),
        ("cope", "\u0441\u043e\u0440\u0435"),
        ("alice", "a1ice"),
        ("bob", "b0b"),
        ("Ольга", "ольга"),
    ],
)
def test_a_name_that_reads_like_another_is_refused(store: Store, name: str, alike: str) -> None:
    if name != "ana":
        accounts.add(store.accounts, name, GOOD, "reader")
    with pytest.raises(UsageError, match="choose another"):
        accounts.add(store.accounts, alike, OTHER, "reader")


@given(st.text(max_size=80))
def test_a_name_is_kept_or_refused_with_a_sentence_and_its_key_is_stable(text: str) -> None:
    try:
        name = accounts.checked_name(text)
    except UsageError:
        return
    assert name.isprintable()
    assert not set(name) & set(" :/<>&'\"")
    assert accounts.checked_name(name) == name
    assert accounts.key_of(name.upper()) == accounts.key_of(name) or not name.isascii()


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "eleven char",
        "password1234",
        "PASSWORD1234",
        "anaanaanaana",
        "aaaaaaaaaaaaaaaa",
        "ana-ana-2024",
        "abababababab",
        *("x" * 2000, "motdepasse123", "twelve\0chars of it"),
    ],
)
def test_weak_passwords_are_refused(store: Store, password: str) -> None:
    with pytest.raises(UsageError):
        accounts.set_password(store.accounts, "ana", password)


def test_a_password_is_the_same_from_every_keyboard(store: Store) -> None:
    accounts.set_password(store.accounts, "bo", "caf\u00e9 au lait \ufb01ltr\u00e9")
    assert accounts.log_in(store.accounts, "bo", "cafe\u0301 au lait filtre\u0301")


def test_the_real_hash_is_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert passwords.hashed(GOOD).startswith("$argon2id$v=19$m=65536,t=3,")


def test_no_secret_stands_in_the_database(store: Store) -> None:
    session = accounts.log_in(store.accounts, "ana", GOOD, "192.0.2.7")
    with pytest.raises(NotLoggedInError):
        accounts.log_in(store.accounts, "ana", OTHER, "192.0.2.7")
    token, _ = accounts.add_token(store.accounts, "ana", "script")
    with sqlite3.connect(store.path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    dump = store.path.read_bytes().decode("latin-1")
    for secret in (session, token, token.removeprefix("tarikh_"), GOOD, OTHER, "192.0.2.7"):
        assert secret not in dump
    assert "$argon2id$" in dump


# ---- sessions ----------------------------------------------------------------------------------------------


def test_log_in_and_out(store: Store) -> None:
    secret = accounts.log_in(store.accounts, "BO", GOOD)
    who = accounts.visitor(store.accounts, secret)
    assert (who.user.name, who.role, who.by) == ("bo", "coder", "user:bo")
    who.require("review")
    with pytest.raises(ForbiddenError):
        who.require("manage_users")
    accounts.log_out(store.accounts, secret)
    with pytest.raises(NotLoggedInError):
        accounts.visitor(store.accounts, secret)


@pytest.mark.parametrize(
    "secret", [None, "", "x", "\ud800", "' OR 1=1 --", "tarikh_" + "a" * 43, "a" * 100_000]
)
def test_what_is_no_session_is_nobody(store: Store, secret: str | None) -> None:
    with pytest.raises(NotLoggedInError):
        accounts.visitor(store.accounts, secret)
    with pytest.raises(NotLoggedInError):
        accounts.bearer(store.accounts, secret)


def test_a_wrong_name_and_a_wrong_password_cannot_be_told_apart(store: Store) -> None:
    accounts.add(store.accounts, "gone", GOOD, "reader")
    accounts.remove(store.accounts, "gone")
    accounts.disable(store.accounts, "bo")
    told = set()
    for name in ("ana", "bo", "gone", "nobody-here", "", "' OR 1=1 --", "\ud800", "x" * 10_000):
        with pytest.raises(NotLoggedInError) as error:
            accounts.log_in(store.accounts, name, "wrong " * 3)
        told.add((type(error.value), str(error.value)))
    assert len(told) == 1


def test_the_work_of_a_hash_is_done_where_there_is_no_such_user(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    class Counting(PasswordHash):
        def verify_and_update(self, password: str | bytes, hash: str | bytes) -> tuple[bool, str | None]:
            done.append(str(hash)[:9])
            return super().verify_and_update(password, hash)

    monkeypatch.setattr(passwords, "hasher", lambda: Counting(cheap().hashers))
    for name in ("ana", "nobody"):
        with pytest.raises(NotLoggedInError):
            accounts.log_in(store.accounts, name, "y" * 5000 if name == "ana" else OTHER)
    assert done == ["$argon2id", "$argon2id"]


def test_a_session_that_was_planted_is_never_anybody_s(store: Store) -> None:
    planted = "a secret of the attacker's choice"
    fresh = accounts.log_in(store.accounts, "ana", GOOD, previous=planted)
    assert fresh != planted
    with pytest.raises(NotLoggedInError):
        accounts.visitor(store.accounts, planted)


def test_logging_in_again_ends_the_session_before(store: Store) -> None:
    first = accounts.log_in(store.accounts, "ana", GOOD)
    second = accounts.log_in(store.accounts, "ana", GOOD, previous=first)
    assert first != second
    assert accounts.visitor(store.accounts, second)
    with pytest.raises(NotLoggedInError):
        accounts.visitor(store.accounts, first)


def test_a_session_ends_when_idle_and_after_a_week_in_any_case(store: Store, clock: Clock) -> None:
    idle, busy = (accounts.log_in(store.accounts, "ana", GOOD) for _ in range(2))
    for _ in range(27):
        clock.pass_(hours=6)
        accounts.visitor(store.accounts, busy)
    with pytest.raises(NotLoggedInError, match="over"):
        accounts.visitor(store.accounts, idle)
    clock.pass_(hours=6)
    with pytest.raises(NotLoggedInError, match="over"):
        accounts.visitor(store.accounts, busy)


def test_a_new_password_ends_the_sessions_and_leaves_the_tokens(store: Store) -> None:
    secret = accounts.log_in(store.accounts, "bo", GOOD)
    token, _ = accounts.add_token(store.accounts, "bo", "script")
    accounts.set_password(store.accounts, "bo", OTHER)
    with pytest.raises(NotLoggedInError):
        accounts.visitor(store.accounts, secret)
    with pytest.raises(NotLoggedInError):
        accounts.log_in(store.accounts, "bo", GOOD)
    assert accounts.bearer(store.accounts, token).by == "user:bo"
    assert accounts.log_in(store.accounts, "bo", OTHER)


@pytest.mark.parametrize("end", [accounts.disable, accounts.remove])
def test_who_was_shut_out_is_told_so_by_session_and_token(store: Store, end: object) -> None:
    secret = accounts.log_in(store.accounts, "bo", GOOD)
    token, _ = accounts.add_token(store.accounts, "bo", "script")
    end(store.accounts, "bo")  # type: ignore[operator]
    with pytest.raises(ClosedAccountError):
        accounts.visitor(store.accounts, secret)
    with pytest.raises(ClosedAccountError):
        accounts.bearer(store.accounts, token)


def test_who_is_let_in_again_must_log_in_anew(store: Store) -> None:
    secret = accounts.log_in(store.accounts, "bo", GOOD)
    accounts.disable(store.accounts, "bo")
    with pytest.raises(ClosedAccountError, match="disabled"):
        accounts.log_in(store.accounts, "bo", GOOD)
    accounts.enable(store.accounts, "bo")
    with pytest.raises(NotLoggedInError):
        accounts.visitor(store.accounts, secret)
    assert accounts.log_in(store.accounts, "bo", GOOD)


def test_a_form_fits_its_own_session_alone(store: Store) -> None:
    one, two = (accounts.log_in(store.accounts, "ana", GOOD) for _ in range(2))
    assert accounts.csrf_fits(one, accounts.csrf_token(one))
    assert one not in accounts.csrf_token(one)
    for given_ in (accounts.csrf_token(two), None, "", "é\ud800", accounts.csrf_token(one).upper()):
        assert not accounts.csrf_fits(one, given_)


# ---- limits ------------------------------------------------------------------------------------------------


def test_names_that_nobody_has_are_limited_alike(store: Store) -> None:
    for _ in range(sessions.PER_NAME):
        with pytest.raises(NotLoggedInError):
            accounts.log_in(store.accounts, "nobody-here", OTHER)
    with pytest.raises(TooManyAttemptsError):
        accounts.log_in(store.accounts, "nobody-here", OTHER)


def test_an_address_has_its_share_over_all_names(store: Store) -> None:
    for number in range(sessions.PER_ADDRESS):
        with pytest.raises(NotLoggedInError):
            accounts.log_in(store.accounts, f"name{number}", OTHER, "192.0.2.1")
    with pytest.raises(TooManyAttemptsError, match="address"):
        accounts.log_in(store.accounts, "ana", GOOD, "192.0.2.1")


def test_the_right_password_is_no_attempt(store: Store) -> None:
    for _ in range(sessions.PER_ADDRESS + 5):
        accounts.log_in(store.accounts, "ana", GOOD, "192.0.2.1")


def _try(path: str, password: str) -> str:
    passwords.hasher = cheap  # type: ignore[assignment]
    with open_store(path) as opened:
        try:
            secret = accounts.log_in(opened.accounts, "ana", password, "192.0.2.1")
        except NotLoggedInError as error:
            return type(error).__name__
        return accounts.visitor(opened.accounts, secret).user.name


def test_processes_log_in_at_once_and_keep_one_limit(store: Store) -> None:
    pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    with pool:
        assert list(pool.map(_try, [str(store.path)] * 4, [GOOD] * 4)) == ["ana"] * 4
        tries = sessions.PER_NAME + 4
        told = list(pool.map(_try, [str(store.path)] * tries, [OTHER] * tries))
    assert told.count("NotLoggedInError") == sessions.PER_NAME
    assert told.count("TooManyAttemptsError") == 4


# ---- users and tokens --------------------------------------------------------------------------------------


def test_the_last_admin_stays(store: Store) -> None:
    for act in (
        lambda: accounts.remove(store.accounts, "ana"),
        lambda: accounts.disable(store.accounts, "ana"),
        lambda: accounts.change_role(store.accounts, "ana", "editor"),
    ):
        with pytest.raises(UsageError, match="last admin"):
            act()
    accounts.change_role(store.accounts, "bo", "admin")
    accounts.remove(store.accounts, "ana")
    assert [user.name for user in accounts.users(store.accounts)] == ["bo"]


def test_a_removed_name_is_nobody_else_s(store: Store) -> None:
    accounts.remove(store.accounts, "bo")
    for name in ("bo", "Bо".replace("о", "o"), "b0"):
        with pytest.raises(UsageError, match="signed"):
            accounts.add(store.accounts, name, GOOD, "reader")
    with pytest.raises(UnknownIdError):
        accounts.change_role(store.accounts, "bo", "admin")
    with pytest.raises(UnknownIdError):
        accounts.add_token(store.accounts, "bo", "script")


def test_a_token_may_no_more_than_its_owner_may_now(store: Store) -> None:
    with pytest.raises(ForbiddenError):
        accounts.add_token(store.accounts, "bo", "script", "editor")
    secret, token = accounts.add_token(store.accounts, "ana", "script", "editor")
    assert secret.startswith("tarikh_")
    assert token.last_used is None
    assert accounts.bearer(store.accounts, secret).role == "editor"
    assert accounts.tokens(store.accounts, "ana")[0].last_used is not None
    accounts.change_role(store.accounts, "bo", "admin")
    accounts.change_role(store.accounts, "ana", "reader")
    assert accounts.bearer(store.accounts, secret).role == "reader"


def test_a_token_ends(store: Store, clock: Clock) -> None:
    secret, token = accounts.add_token(store.accounts, "bo", "script", days=2)
    with pytest.raises(UnknownIdError):
        accounts.revoke_token(store.accounts, token.id, "ana")
    clock.pass_(days=2)
    with pytest.raises(NotLoggedInError, match="expired"):
        accounts.bearer(store.accounts, secret)
    other, token = accounts.add_token(store.accounts, "bo", "script")
    accounts.revoke_token(store.accounts, token.id, "bo")
    with pytest.raises(NotLoggedInError, match="revoked"):
        accounts.bearer(store.accounts, other)


@pytest.mark.parametrize(
    ("label", "days"), [("", 3), ("x" * 81, 3), ("a\nb", 3), ("a\u202eb", 3), ("ok", 0), ("ok", 9999)]
)
def test_tokens_that_cannot_be_are_refused(store: Store, label: str, days: int) -> None:
    with pytest.raises(UsageError):
        accounts.add_token(store.accounts, "bo", label, days=days)


# ---- the command line --------------------------------------------------------------------------------------


def test_commands_look_after_users_and_tokens(tarikh: Tarikh) -> None:
    first = tarikh("user", "add", "ana", "--role", "admin", stdin=GOOD.encode())
    assert first.code == 0
    assert "ask everybody for a log-in" in " ".join(f"{first.out} {first.err}".split())
    second = tarikh("user", "add", "bo", stdin=f"{GOOD}\n".encode())
    assert second.code == 0
    assert "log-in" not in f"{second.out} {second.err}"
    listed = {row["name"]: row for row in tarikh("user", "list", "--json").json()}
    assert {name: row["role"] for name, row in listed.items()} == {"ana": "admin", "bo": "reader"}
    assert tarikh("user", "role", "bo", "coder").code == 0
    made = tarikh("token", "add", "bo", "--label", "map", "--role", "reader")
    assert made.out.startswith("tarikh_")
    row = tarikh("token", "list", "--json").json()[0]
    assert (row["user"], row["role"], row["state"]) == ("bo", "reader", "active")
    assert made.out.strip() not in tarikh("token", "list").out
    assert tarikh("token", "revoke", str(row["id"])).code == 0
    assert tarikh("user", "password", "bo", stdin=f"{OTHER}\r\n".encode()).code == 0
    for act in ("disable", "enable", "remove"):
        assert tarikh("user", act, "bo").code == 0
    assert "bo" not in tarikh("user", "list").out
    assert "removed" in tarikh("user", "list", "--removed").out


@pytest.mark.parametrize("typed", [b"", b"\n", b"short\n", b"\xff" * 20])
def test_a_password_that_cannot_be_is_refused_with_a_sentence(tarikh: Tarikh, typed: bytes) -> None:
    run = tarikh("user", "add", "ana", stdin=typed)
    assert run.code == 2
    assert "password" in run.sentence()


def test_commands_refuse_with_a_sentence(tarikh: Tarikh) -> None:
    assert "editor" in tarikh("user", "add", "ana", "--role", "king").sentence()
    assert tarikh("user", "add", "a b").code == 2
    assert tarikh("user", "add", "ana", "a password").code == 2
    assert tarikh("user", "list").code == 2
    assert tarikh("user", "add", "ana", "--role", "admin", stdin=GOOD.encode()).code == 0
    assert "last admin" in tarikh("user", "remove", "ana").sentence()
    assert tarikh("user", "remove", "bo").code == 1
    assert tarikh("token", "revoke", "7").code == 1
