"""Passwords: which are taken, and their hashes (argon2id by pwdlib).

Invariant: a password is compared as NFKC, so that it is the same from every keyboard; checking one takes as long
where there is no such user.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from tarikh.accounts.names import key_of
from tarikh.errors import UsageError
from tarikh.reference import data_path

SHORTEST = 12
_LEFT = 5
"""Characters that must be left beside the name for a password to be one."""
LONGEST = 1024
"""Characters. A longer one is no password but an attempt to keep the server at work."""


@cache
def _common() -> frozenset[str]:
    return frozenset(data_path("passwords.txt").read_text(encoding="utf-8").split())


def normalized(password: str) -> str:
    """The password as it is hashed."""
    return unicodedata.normalize("NFKC", password)


def checked_password(password: str, name: str) -> str:
    """The password as it is hashed. Raises `UsageError` where it is too short, too common, or the name."""
    plain = normalized(password)
    if len(plain) < SHORTEST:
        raise UsageError(
            f"the password has {len(plain)} characters; use {SHORTEST} or more, such as a few words"
        )
    if len(plain) > LONGEST:
        raise UsageError(f"the password has {len(plain)} characters; at most {LONGEST} are taken")
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Cn") for sign in plain):
        raise UsageError("the password holds characters that no keyboard has; type it anew")
    left = key_of(plain).replace(key_of(name), "")
    if len(left) <= _LEFT and left != key_of(plain):
        raise UsageError("the password is little more than the name; choose one that does not hold it")
    if plain.casefold() in _common() or len(set(plain.casefold())) < 5:
        raise UsageError(
            "the password is among those that are tried first; choose another, such as a few words"
        )
    return plain


@cache
def hasher() -> PasswordHash:
    """The hasher: argon2id with pwdlib's costs (64 MB, 3 passes; RFC 9106's second recommendation)."""
    return PasswordHash((Argon2Hasher(),))


def hashed(password: str) -> str:
    """The hash of a checked password."""
    return hasher().hash(password)


@cache
def _nobody() -> str:
    return hashed("the password of nobody")


def right(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether a password is that of a hash, and a new hash where the costs have changed since.

    Without a hash (there is no such user) the same work is done for nothing. Over-long ones are wrong at once,
    whoever's they are.
    """
    plain = normalized(password[: LONGEST + 1])
    if len(plain) > LONGEST or any("\ud800" <= sign <= "\udfff" for sign in plain):
        plain = ""
    try:
        fits, anew = hasher().verify_and_update(plain, kept or _nobody())
    except PwdlibError:
        return False, None
    return (fits, anew) if kept is not None else (False, None)
