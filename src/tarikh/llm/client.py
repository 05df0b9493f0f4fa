"""One question to an OpenAI-compatible endpoint (`/v1/chat/completions`): the only module here that uses the network.

Invariant: a request goes to the address of the options and nowhere else (no redirects, no proxies of the environment); an
answer is cut off at its size and its time; the key stands in one header and in no message.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from tarikh.errors import EndpointError, ModelError
from tarikh.llm.options import MODES, Mode, Options
from tarikh.llm.pacing import PATIENCE, Pace, asked_for
from tarikh.text import one_line

Message = Mapping[str, str]
_AGAIN = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
"""Statuses that another try may mend."""
_UNKNOWN_FORM = frozenset((400, 404, 415, 422, 501))
"""Statuses by which a server says that it does not know how it is asked for JSON."""
_TOO_LONG = (
    "context length",
    "context size",
    "context_length",
    "too many tokens",
    "maximum context",
    "too long",
)
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote. `cut`: it stopped at its limit; `refused`: it declined, or was kept from answering.

    Tokens are those that the server counted, None where it counts none.
    """

    text: str
    cut: bool = False
    refused: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None


class _Status(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, said: str, wait: float | None) -> None:
        super().__init__(said)
        self.status, self.said, self.wait = status, said, wait


class _Lost(Exception):
    """The connection or its time came to an end before the answer did."""


class Client:
    """Asks questions, from several threads at once. Connects only when asked."""

    def __init__(self, options: Options, pace: Pace | None = None) -> None:
        self.options = options
        self.pace = pace or Pace(options.per_minute)
        self._mode: Mode = options.json
        self._lock = threading.Lock()
        limits = httpx2.Limits(max_connections=options.in_flight, max_keepalive_connections=options.in_flight)
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "tarikh"}
        if options.key is not None:
            headers["Authorization"] = f"Bearer {options.key}"
        self._http = httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(options.timeout, connect=min(10.0, options.timeout), pool=None),
            limits=limits,
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Ends waits and connections."""
        self.pace.stopped.set()
        self._http.close()

    @property
    def mode(self) -> Mode:
        """How the server is asked for JSON now."""
        return self._mode

    def ask(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Answer:
        """The model's answer. Raises `EndpointError` where address, name or key is wrong, `ModelError` where it fails."""
        for failures in range(1, self.options.tries + 1):
            self.pace.turn()
            if self.pace.stopped.is_set():
                raise ModelError("the run was stopped before the language model answered")
            try:
                return self._asked(messages, schema)
            except _Status as status:
                self._judge(status)
                wait, why = status.wait, f"answers with status {status.status} ({status.said})"
            except _Lost as lost:
                wait, why = None, str(lost)
            if wait is not None and wait > PATIENCE:
                raise ModelError(f"{self.options.host} asks to wait {wait:.0f} seconds; try later")
            if failures < self.options.tries:
                rest = self.pace.after(failures) if wait is None else wait
                if wait is not None:
                    self.pace.pause(wait)
                self.pace.rest(rest)
        tries = self.options.tries
        raise ModelError(f"{self.options.host} {why} {f'after {tries} tries' if tries > 1 else ''}".rstrip())

    def _judge(self, status: _Status) -> None:
        """Raises what another try cannot mend."""
        host, code = self.options.host, status.status
        if code in (401, 403):
            raise EndpointError(f"{host} refuses the key (status {code}); check TARIKH_LLM_KEY")
        if code == 404:
            raise EndpointError(
                f"{host} has no such address or no model {one_line(self.options.model)!r} (status 404: {status.said});"
                " check TARIKH_LLM_ADDRESS and TARIKH_LLM_MODEL"
            )
        if 300 <= code < 400:
            raise EndpointError(
                f"{host} leads elsewhere (status {code}), and reports are sent to nobody else; set TARIKH_LLM_ADDRESS to"
                " the address that is meant"
            )
        if code == 402:
            raise EndpointError(f"{host} wants to be paid (status 402); see the account there")
        if code not in _AGAIN:
            raise ModelError(f"{host} refuses the request (status {code}: {status.said})")

    def _asked(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Answer:
        """One try, in the strictest way that the server knows: whoever does not know it is asked in the next."""
        known = self._mode
        for mode in MODES[MODES.index(known) :]:
            try:
                answer = self._post(messages, schema, mode)
            except _Status as status:
                long = any(sign in status.said.lower() for sign in _TOO_LONG)
                if status.status not in _UNKNOWN_FORM or long or mode == MODES[-1]:
                    raise
                continue
            if mode != known:
                with self._lock:
                    self._mode = max(self._mode, mode, key=MODES.index)
            return answer
        raise AssertionError("the last way is never passed over")

    def _post(self, messages: Sequence[Message], schema: Mapping[str, Any], mode: Mode) -> Answer:
        body: dict[str, Any] = {
            "model": self.options.model,
            "messages": [dict(m) for m in messages],
            "temperature": 0,
            "max_tokens": self.options.answer_tokens,
            "stream": False,
        }
        if mode == "json_schema":
            named = {"name": "mentions", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        elif mode == "json_object":
            body["response_format"] = {"type": "json_object"}
        until = time.monotonic() + self.options.timeout
        try:
            with self._http.stream("POST", self.options.address, json=body) as response:
                data = self._body(response, until)
                status, headers = response.status_code, response.headers
        except httpx2.TimeoutException:
            raise _Lost(f"did not answer within {self.options.timeout:g} seconds") from None
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise _Lost(f"does not answer ({self._clean(str(error) or type(error).__name__)})") from None
        if status != 200:
            raise _Status(status, self._clean(_said(data)), asked_for(headers.get("retry-after")))
        return _answer(data)

    def _body(self, response: httpx2.Response, until: float) -> bytes:
        """The whole body, within its size and its time: a server that drips a byte a second meets no time-out."""
        data = bytearray()
        for chunk in response.iter_bytes(_CHUNK):
            data += chunk
            if len(data) > self.options.answer_bytes:
                raise ModelError(
                    f"{self.options.host} sends more than {self.options.answer_bytes:,} bytes; no answer is so long"
                )
            if time.monotonic() > until:
                raise _Lost(f"sends too slowly: no whole answer within {self.options.timeout:g} seconds")
        return bytes(data)

    def _clean(self, said: str) -> str:
        """What a server or library says, on one line, without the key: some servers repeat it."""
        if self.options.key is not None:
            said = said.replace(self.options.key, "…")
        return one_line(said, 200) or "it says nothing"


def _said(data: bytes) -> str:
    """The sentence of an error, wherever a server puts it."""
    text = data[:4_000].decode("utf-8", "replace")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(told, dict):
        error = told.get("error", told.get("message", told.get("detail", told)))
        if isinstance(error, dict):
            error = error.get("message", error)
        return error if isinstance(error, str) else json.dumps(error)
    return text


def _answer(data: bytes) -> Answer:
    """The answer of a body. Raises `ModelError` where it is none of a chat completion."""
    try:
        told = json.loads(data)
        choice = told["choices"][0]
        message = choice["message"]
        content = message.get("content")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise ModelError(
            "the server's answer is no chat completion; check that TARIKH_LLM_ADDRESS is OpenAI-compatible"
        ) from None
    if isinstance(content, list):
        content = "".join(str(p.get("text", "")) for p in content if isinstance(p, dict))
    usage = told.get("usage") if isinstance(told.get("usage"), dict) else {}
    ended, refusal = choice.get("finish_reason"), message.get("refusal")
    if ended == "content_filter" and not refusal:
        refusal = "the server's filter stopped the answer"
    return Answer(
        content if isinstance(content, str) else "",
        cut=ended == "length",
        refused=one_line(str(refusal), 200) if refusal else None,
        tokens_in=_tokens(usage.get("prompt_tokens")),
        tokens_out=_tokens(usage.get("completion_tokens")),
    )


def _tokens(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None
