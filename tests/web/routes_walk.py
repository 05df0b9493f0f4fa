"""All addresses that the application answers with GET, each parameter filled in: pages that come later are walked as well.

Invariant: no route but `/at` is named here; a parameter is known by its name, else by the word before it in the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tarikh.store import open_store
from tarikh.web.pages import static_version

Values = Mapping[str, Sequence[str]]
"""By name of a parameter or word of a path: what to put there."""
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True, slots=True)
class Walked:
    """One route: its path with parameters, its methods, and the query parameters that it must be given."""

    path: str
    methods: frozenset[str]
    required: tuple[str, ...]


def routes(app: Any) -> list[Walked]:
    """Every route of an application, or of a router, with what is included in it."""
    return list(_walk(app.routes, ""))


def _walk(found: Iterable[Any], before: str) -> Iterator[Walked]:
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            context = getattr(route, "include_context", None)
            yield from _walk(inner.routes, before + getattr(context, "prefix", ""))
        elif getattr(route, "methods", None):
            needed = [p for p in route.dependant.query_params if p.field_info.is_required()]
            yield Walked(before + route.path, frozenset(route.methods), tuple(p.alias for p in needed))


def _values(route: Walked, name: str, values: Values) -> Sequence[str]:
    before = route.path.partition("{" + name)[0].rstrip("/").rpartition("/")[2]
    whole = f"{route.path.partition('/{')[0]} {name}"
    return values.get(whole) or values.get(name) or values.get(before) or values["unknown"]


def addresses(route: Walked, values: Values, most: int = 1000) -> list[str]:
    """The addresses of a GET route, at most so many."""
    if route.path == "/at":
        return [f"/at?{query}" for query in values["/at"][:most]]
    names = _PARAMETER.findall(route.path)
    made = []
    for given in product(*(_values(route, name, values) for name in names)):
        path = route.path
        for name, value in zip(names, given, strict=True):
            path = re.sub(r"\{" + name + r"(:\w+)?\}", lambda _, v=value: quote(v, safe="/"), path)  # type: ignore[misc]
        asked = urlencode({name: _values(route, name, values)[0] for name in route.required})
        made.append(f"{path}?{asked}" if asked else path)
    return list(islice(dict.fromkeys(made), most))


def versions(path: Path, incidents: Sequence[str]) -> list[str]:
    """The versions of the first few incidents of a database."""
    with open_store(path) as store:
        return [version for each in incidents[:3] if (version := store.version(each)) is not None]


def known(
    incidents: Sequence[str],
    reports: Sequence[str],
    features: Sequence[Mapping[str, Any]],
    versions: Sequence[str],
) -> dict[str, Sequence[str]]:
    """Values for the parameters of the pages that there are; `features` are what the map draws, `versions` those of incidents."""
    return {
        "incident_id": incidents,
        "incidents": incidents,
        "report_id": reports,
        "reports": reports,
        "/at": [each["properties"]["at"] for each in features],
        "seen": versions,
        "/review/incidents incident_id": incidents,
        "latitude": ("16",),
        "longitude": ("0",),
        "form": ("csv", "geojson", "jsonl"),
        "code": ("fr", "en"),
        "/static version": (static_version(),),
        "/static name": ("app.css", "icon.svg", "outlines.json"),
        "unknown": (*incidents[:1], "1"),
    }


def walked(app: Any, values: Values, most: int = 1000) -> list[str]:
    """The addresses of all GET routes."""
    return [
        address
        for route in routes(app)
        if "GET" in route.methods
        for address in addresses(route, values, most)
    ]
