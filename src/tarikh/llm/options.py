"""Where the language model is and what it may cost: the settings, checked once before anything is sent.

Invariant: the key is in no text that is shown, logged or kept; it goes over an encrypted line or stays on a near machine.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from tarikh.errors import UsageError
from tarikh.llm.cache import NAME
from tarikh.settings import Settings

Mode = Literal["json_schema", "json_object", "plain"]
MODES: tuple[Mode, ...] = ("json_schema", "json_object", "plain")
"""Ways to ask for JSON, the strictest first; a server that does not have one is asked the next."""
_PATH = "/chat/completions"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._/:-]")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Options:
    """What asking depends on. `address` is that of `/chat/completions`; times are seconds, prices of a million tokens."""

    address: str
    model: str
    key: str | None = field(default=None, repr=False)
    json: Mode = "json_schema"
    timeout: float = 120.0
    in_flight: int = 8
    per_minute: int | None = None
    tries: int = 5
    answer_tokens: int = 4_000
    answer_bytes: int = 1_000_000
    budget_tokens: int | None = None
    budget_money: float | None = None
    price_in: float | None = None
    price_out: float | None = None
    cache: Path | None = None

    @property
    def host(self) -> str:
        """The machine that is asked, for people."""
        return urlsplit(self.address).netloc

    @property
    def name(self) -> str:
        """The model's name as part of a coder's name: letters, digits, and . _ / : - alone."""
        return _NOT_IN_NAMES.sub("-", self.model)[:_LONGEST_NAME]


def wanted(settings: Settings) -> bool:
    """Whether the user has named a language model at all."""
    return settings.llm_address is not None or settings.llm_model is not None


def options(settings: Settings) -> Options:
    """The options of the user's settings. Raises `UsageError` with what to set, never with the key."""
    if settings.llm_address is None or settings.llm_model is None:
        missing = "TARIKH_LLM_ADDRESS" if settings.llm_address is None else "TARIKH_LLM_MODEL"
        raise UsageError(
            f"no language model is named: set {missing}; for example TARIKH_LLM_ADDRESS=http://localhost:11434/v1"
            " and TARIKH_LLM_MODEL=qwen3:8b (docs/language-model.md)"
        )
    key = _key(settings)
    _check_budget(settings)
    return Options(
        address=_endpoint(settings.llm_address, key is not None),
        model=settings.llm_model,
        key=key,
        json=settings.llm_json,
        timeout=settings.llm_timeout,
        in_flight=settings.llm_in_flight,
        per_minute=settings.llm_per_minute,
        tries=settings.llm_tries,
        answer_tokens=settings.llm_answer_tokens,
        answer_bytes=settings.llm_answer_bytes,
        budget_tokens=settings.llm_budget_tokens,
        budget_money=settings.llm_budget_money,
        price_in=settings.llm_price_in,
        price_out=settings.llm_price_out,
        cache=settings.home / NAME,
    )


def _check_budget(settings: Settings) -> None:
    priced = settings.llm_price_in is not None and settings.llm_price_out is not None
    if settings.llm_budget_money is not None and not priced:
        raise UsageError(
            "TARIKH_LLM_BUDGET_MONEY needs the prices of a million tokens: set TARIKH_LLM_PRICE_IN and TARIKH_LLM_PRICE_OUT"
        )


def _key(settings: Settings) -> str | None:
    """The key from the environment or a file; one line of visible ASCII."""
    if settings.llm_key is not None:
        key, source = settings.llm_key.get_secret_value().strip(), "TARIKH_LLM_KEY"
    elif settings.llm_key_file is not None:
        path, source = settings.llm_key_file, "TARIKH_LLM_KEY_FILE"
        try:
            key = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise UsageError(f"the key file {path} cannot be read: {reason}") from None
    else:
        return None
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(f"{source} holds no key: it must be one line of letters, digits and signs")
    return key


def _endpoint(address: str, with_key: bool) -> str:
    """The address of `/chat/completions` below what the user gave: a host, its `/v1`, or the whole."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname
        port = parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise UsageError(
            "TARIKH_LLM_ADDRESS is no address of a server; write for example http://localhost:11434/v1 or https://HOST/v1"
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "TARIKH_LLM_ADDRESS holds a login; put the key into TARIKH_LLM_KEY, where it is not shown"
        )
    if with_key and parts.scheme == "http" and not _near(host):
        raise UsageError(
            f"the key would go to {host} unencrypted; write TARIKH_LLM_ADDRESS with https:// or unset the key"
        )
    path = parts.path.rstrip("/")
    if not path.endswith(_PATH):
        path = (path or "/v1") + _PATH
    shown = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, shown if port is None else f"{shown}:{port}", path, "", ""))


def _near(host: str) -> bool:
    """Whether a host is this machine or one of the same private network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))
