"""How many wrong passwords are taken: few from one network, and not so few that a stranger shuts somebody out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tarikh import accounts
from tarikh.accounts import passwords, sessions
from tarikh.errors import NotLoggedInError, TooManyAttemptsError
from tarikh.store import Store, open_store

GOOD = "three rivers meet here"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2025, 6, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(passwords, "hasher", lambda: cheap)
    with open_store(tmp_path / "x.db", clock) as made:
        accounts.add(made.accounts, "ana", GOOD, "admin")
        accounts.add(made.accounts, "bo", GOOD, "reader")
        yield made


def _wrong(store: Store, name: str, address: str) -> None:
    with pytest.raises(NotLoggedInError, match="is wrong"):
        accounts.log_in(store.accounts, name, "a door without a key", address)


def test_a_name_has_its_share_from_a_network_and_then_waits(store: Store, clock: Clock) -> None:
    for _ in range(sessions.PER_NAME):
        _wrong(store, "ana", "192.0.2.7")
    with pytest.raises(TooManyAttemptsError) as error:
        accounts.log_in(store.accounts, "\u0430n\u0430", GOOD, "192.0.2.7")  # look-alikes count with it
    assert 0 < error.value.seconds <= 15 * 60 + 1
    assert accounts.log_in(store.accounts, "bo", GOOD, "192.0.2.7")
    clock.now += timedelta(seconds=error.value.seconds)
    assert accounts.log_in(store.accounts, "ana", GOOD, "192.0.2.7")


def test_a_stranger_shuts_nobody_out_elsewhere(store: Store) -> None:
    for _ in range(sessions.PER_NAME):
        _wrong(store, "ana", "192.0.2.7")
    assert accounts.log_in(store.accounts, "ana", GOOD, "198.51.100.1")
    with pytest.raises(TooManyAttemptsError):
        accounts.log_in(store.accounts, "ana", GOOD, "192.0.2.7")  # nor is a log-in elsewhere a way to try on


def test_a_name_has_a_share_from_everywhere(store: Store, clock: Clock) -> None:
    for number in range(sessions.PER_NAME_ANYWHERE):
        _wrong(store, "ana", f"198.51.100.{number}")
    with pytest.raises(TooManyAttemptsError, match="for this name"):
        accounts.log_in(store.accounts, "ana", GOOD, "192.0.2.1")
    clock.now += sessions.WINDOW + timedelta(seconds=1)
    assert accounts.log_in(store.accounts, "ana", GOOD, "192.0.2.1")


def test_the_addresses_of_one_machine_are_one(store: Store) -> None:
    for number in range(sessions.PER_ADDRESS):
        _wrong(store, f"name{number}", f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooManyAttemptsError, match="address"):
        accounts.log_in(store.accounts, "ana", GOOD, "2001:db8:1:2:ffff::1")
    assert accounts.log_in(store.accounts, "ana", GOOD, "2001:db8:1:3::1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert sessions.network_of(address) == network
