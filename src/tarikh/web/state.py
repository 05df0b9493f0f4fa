"""What a route may ask the application for, with its type; `create_app` puts it there.

Invariant: a route gets these as arguments (`StoreOf`), so that its signature says all that it depends on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from tarikh import asking
from tarikh.earth import Point
from tarikh.store import Store
from tarikh.web import address
from tarikh.web.address import Asked, Pairs


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _gazetteer(request: Request) -> Path | None:
    path: Path | None = request.app.state.gazetteer
    return path


def _now(request: Request) -> datetime:
    moment: datetime = request.app.state.clock()
    return moment


def asked_of(request: Request, pairs: Pairs) -> Asked:
    """What these pairs of the address ask for. Raises `UsageError`, which becomes a page with the reason."""

    def locate(name: str, countries: Sequence[str]) -> Point:
        town = asking.town(name, countries, request.app.state.gazetteer)
        return town.latitude, town.longitude

    return address.read(pairs, locate)


def _asked(request: Request) -> Asked:
    return asked_of(request, request.query_params.multi_items())


StoreOf = Annotated[Store, Depends(_store)]
GazetteerOf = Annotated[Path | None, Depends(_gazetteer)]
Now = Annotated[datetime, Depends(_now)]
AskedOf = Annotated[Asked, Depends(_asked)]
"""The filter of the address. Raises `UsageError`, which becomes a page with the reason."""
