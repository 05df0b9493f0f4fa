"""An OpenAI-compatible server for tests, on this machine: it answers as a test says, and keeps what it was asked.

Invariant: it never leaves 127.0.0.1; a test that fails leaves no thread behind that waits for ever.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server sends: status, body as bytes, headers; `wait` is seconds before it, `drip` between its pieces."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0


def completion(content: str | None, finish: str = "stop", **message: Any) -> Reply:
    """A chat completion with this content."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": content, **message},
    }
    usage = {"prompt_tokens": 3000, "completion_tokens": 200}
    return Reply(body=json.dumps({"choices": [choice], "usage": usage}).encode())


def mentions(*rows: Mapping[str, Any]) -> Reply:
    """A completion with these mentions."""
    return completion(json.dumps({"mentions": list(rows)}, ensure_ascii=False))


def mention(trigger: str, kind: str = "armed_clash", **fields: Any) -> dict[str, Any]:
    """A mention of the schema."""
    blank = {"attackers": [], "targets": [], "date": None, "place": None, "attribution": None, "counts": []}
    return {"kind": kind, "status": "reported", "aspect": "new", "trigger": trigger, **blank, **fields}


def count(harm: str, quote: str) -> dict[str, str]:
    """A count of the schema."""
    return {"harm": harm, "quote": quote}


Answering = Callable[[dict[str, Any], int], Reply]
"""Makes a reply of a request's body and its number, from 0."""


@dataclass(slots=True)
class Server:
    """The running server: its address, and the requests that it had, each with its headers under `_headers`."""

    address: str
    asked: list[dict[str, Any]] = field(default_factory=list)

    def report(self, number: int = -1) -> str:
        """The last message of a request: the report."""
        return str(self.asked[number]["messages"][-1]["content"])


@contextmanager
def serving(answering: Answering | Reply) -> Iterator[Server]:
    """A server that answers so, on a free port."""
    answer = (lambda _body, _number: answering) if isinstance(answering, Reply) else answering
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(length))
            body["_headers"], body["_path"] = dict(self.headers), self.path
            with lock:
                number = len(server.asked)
                server.asked.append(body)
            self._send(answer(body, number))

        def _send(self, reply: Reply) -> None:
            time.sleep(reply.wait)
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if not reply.drip:
                    self.wfile.write(reply.body)
                    return
                for at in range(len(reply.body)):
                    self.wfile.write(reply.body[at : at + 1])
                    self.wfile.flush()
                    time.sleep(reply.drip)
            except OSError:
                self.close_connection = True  # whoever asked had enough

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    http = Quiet(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
