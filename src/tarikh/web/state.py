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
from tarikh.disclosure.sight import Guarding, Sight
from tarikh.earth import Point
from tarikh.store import Store
from tarikh.web import address, people
from tarikh.web.address import Asked, Pairs
from tarikh.web.hashing import Hashing
from tarikh.web.jobs import Jobs


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _gazetteer(request: Request) -> Path | None:
    path: Path | None = request.app.state.gazetteer
    return path


def _now(request: Request) -> datetime:
    moment: datetime = request.app.state.clock()
    return moment


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


def asked_of(request: Request, pairs: Pairs) -> Asked:
    """What these pairs of the address ask for. Raises `UsageError`, which becomes a page with the reason."""

    def locate(name: str, countries: Sequence[str]) -> Point:
        town = asking.town(name, countries, request.app.state.gazetteer)
        return town.latitude, town.longitude

    return address.read(pairs, locate)


def _asked(request: Request) -> Asked:
    return asked_of(request, request.query_params.multi_items())


def _hashing(request: Request) -> Hashing:
    hashing: Hashing = request.app.state.hashing
    return hashing


def _sight(request: Request) -> Sight:
    guarding: Guarding = request.app.state.guarding
    asks = people.asking(request)
    level = "full" if asks.alone else guarding.policy.of_role(people.current_visitor(request).role)
    return guarding.sight(level, _now(request))


def taken_away(request: Request, sight: Sight) -> Sight:
    """What who asks may take away, as a file, a layer or rows: with nothing withheld only from the role that may."""
    if sight.full and not people.can(request, "export_sensitive"):
        return sight.guarding.sight(sight.guarding.policy.exports, sight.now)
    return sight


StoreOf = Annotated[Store, Depends(_store)]
GazetteerOf = Annotated[Path | None, Depends(_gazetteer)]
HashingOf = Annotated[Hashing, Depends(_hashing)]
SightOf = Annotated[Sight, Depends(_sight)]
"""What who asks may see: every route that shows records asks it first."""
Now = Annotated[datetime, Depends(_now)]
JobsOf = Annotated[Jobs, Depends(_jobs)]
AskedOf = Annotated[Asked, Depends(_asked)]
"""The filter of the address. Raises `UsageError`, which becomes a page with the reason."""
