#!/usr/bin/env python3
"""How long the interfaces for programs take on a large database, for who sees everything and for a reader.

Invariant: one client, one process, no network; a time ends when the whole answer is there. `pages.py SIZE --keep FOLDER`
makes the database, to which a user is added.
Usage: benchmarks/api.py DATABASE [--rounds 20] [--role reader]
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tarikh import accounts, api
from tarikh.disclosure.sight import Guarding
from tarikh.errors import UsageError
from tarikh.store import Store, open_store
from tarikh.web.app import create_app

ITEMS = "/ogc/collections/incidents/items"
ASKED = (
    "/api/v1/incidents?size=100",
    "/api/v1/incidents?size=1000",
    "/api/v1/incidents?size=1000&country=MLI&since=2024-01-01",
    "/api/v1/incidents?size=100&bbox=-1,13,2,15",
    "/api/v1/incidents.geojson?size=1000",
    f"{ITEMS}?limit=10",
    f"{ITEMS}?limit=1000",
    f"{ITEMS}?limit=1000&kind=armed_clash&datetime=2024-05-01T/..&bbox=-10,0,20,30",
    "/api/v1/mentions?size=1000",
    "/api/v1/reports?size=1000",
    "/api/v1/judgements?size=1000",
    "/api/v1/stats?country=MLI",
    "/api/v1/stats/timeline",
    "/api/v1/stats/trends?split=party",
    "/api/v1/changes?since=2020-01-01",
    "/ogc/api",
    "/api/v1/openapi.json",
)


def user(store: Store, role: str) -> str:
    """The token of a user of a role."""
    with suppress(UsageError):  # of a run before
        accounts.add(store.accounts, f"bench{role}", secrets.token_urlsafe(), role)
    return accounts.add_token(store.accounts, f"bench{role}", "benchmark")[0]


def pages(client: Any, address: str, rounds: int) -> Iterator[tuple[float, int]]:
    """Seconds and bytes of one page after the other, from the start again where there are no more."""
    asked = address
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        answer = client.get(asked)
        taken = time.perf_counter() - begun
        if answer.status_code not in (200, 403):
            raise RuntimeError(f"{asked}: {answer.status_code}: {answer.text[:300]}")
        yield taken, len(answer.content)
        links = answer.json().get("links", ())
        following = [each["href"] for each in links if isinstance(each, dict) and each.get("rel") == "next"]
        asked = following[0] if following else answer.json().get("next") or address


def main() -> None:
    """Prints a table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("database", type=Path)
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--role", choices=accounts.ROLES, default="admin")
    given = asked.parse_args()
    with open_store(given.database) as store:
        token = user(store, given.role)
    app = create_app(given.database)
    api.install(app)
    guarding: Guarding = app.state.guarding
    while given.role == "reader" and guarding.judge():
        pass
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    client = TestClient(app, "http://localhost", headers=headers)
    print(f"As {given.role}, {given.rounds} pages each, the first one besides:\n")
    print("| asked | p50 ms | p95 ms | kB |\n| --- | ---: | ---: | ---: |")
    for address in ASKED:
        taken = list(pages(client, address, given.rounds))[1:]
        times = sorted(1000 * seconds for seconds, _ in taken)
        late = times[min(len(times) - 1, round(0.95 * len(times)))]
        size = statistics.median(size for _, size in taken) / 1000
        print(f"| `{address}` | {statistics.median(times):.0f} | {late:.0f} | {size:.0f} |", flush=True)


if __name__ == "__main__":
    main()
