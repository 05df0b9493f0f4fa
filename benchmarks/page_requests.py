"""How long the server takes for real requests, through the whole application: what `pages.py --http` asks.

Invariant: one client, one process, no network; a time ends when the whole answer is there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tarikh import queries
from tarikh.queries import Filter
from tarikh.store import Store
from tarikh.web.app import create_app

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
DIAMOND = "area=-6,14,-2,17,1,14,-2,11"


def requests(database: Path, store: Store, rare: str, common: str) -> dict[str, Callable[[int], object]]:
    """What is asked for, by name. Each raises `RuntimeError` where the answer is no success."""
    client: Any = TestClient(create_app(database), base_url="http://127.0.0.1")
    known = queries.page(store, Filter(), limit=100).items

    def get(path: str, part: bool = False) -> Callable[[int], object]:
        def ask(number: int) -> None:
            told = path.format(id=known[number % len(known)].id)
            answer = client.get(told, headers=PART if part else None)
            if answer.status_code != 200:
                raise RuntimeError(f"{told}: {answer.status_code}: {answer.text[:300]}")

        return ask

    sahel = "window=-12,8,16,20&zoom=4"
    return {
        "`/`, whole page, no filter": get("/"),
        "`/map.json`, the world": get("/map.json?zoom=1"),
        "`/map.json`, a window of 28°, zoom 4": get(f"/map.json?{sahel}"),
        "`/map.json`, a window of 3°, zoom 7": get("/map.json?window=-1,13,2,15&zoom=7"),
        "`/`, a country and a year": get("/?country=MLI&since=2024-01-01&until=2024-12-31"),
        "`/`, a drawn area: the list": get(f"/?{DIAMOND}"),
        "`/days` of it": get(f"/days?{DIAMOND}", part=True),
        "`/map.json` of it": get(f"/map.json?{DIAMOND}&{sahel}"),
        "`/`, a rare word": get(f"/?text={rare}"),
        "`/`, a common word: the list": get(f"/?text={common}"),
        "`/days` of it ": get(f"/days?text={common}", part=True),
        "`/map.json` of it ": get(f"/map.json?text={common}&{sahel}"),
        "`/trends`, whole page, by kind and month": get("/trends"),
        "`/trends`, by country and week, once open": get("/trends?split=country&by=week", part=True),
        "`/trends`, by region and month, killed, once open": get(
            "/trends?split=admin1&measure=killed", part=True
        ),
        "`/trends`, by party and month, once open": get("/trends?split=party", part=True),
        "`/trends` of a country, by region, once open": get("/trends?split=admin1&country=MLI", part=True),
        "`/trends`, a common word, once open": get(f"/trends?text={common}", part=True),
        "`/trends.csv`, by region and month": get("/trends.csv?split=admin1"),
        "an incident's page": get("/incidents/{id}"),
    }
