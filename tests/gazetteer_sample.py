"""A few packaged places and rows of a dump, written for tests: real names, rounded points, ids of our own.

Invariant: small enough that an index is built in milliseconds; nothing is read from the installed packages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tarikh import gazetteer
from tarikh.gazetteer import Given, Place, open_index
from tarikh.gazetteer.overrides import Entry, Overrides
from tarikh.gazetteer.packaged import Packaged, Unit


def _unit(code: str, number: int, name: str, parent: Unit | None = None) -> Unit:
    level: Any = "admin1" if parent is None else "admin2"
    main = (True, 1, 14.5, -4.2)
    return Unit(code, number, level, "MLI", name, name, (name, f"{name} Region"), parent, main)


class Packages(Packaged):
    """Stands for the installed packages."""

    def __init__(self, rules: Overrides) -> None:
        self.rules = rules
        self.nations = [{"iso": "ML", "iso3": "MLI", "geonameid": 9}]
        self.by_iso2 = {"ML": "MLI", "BF": "BFA", "NE": "NER"}
        mopti, menaka = _unit("ML.04", 20, "Mopti"), _unit("ML.11", 21, "Ménaka")
        self.units = [mopti, menaka, _unit("ML.04.77", 22, "Bankass", mopti)]
        self.by_code = {unit.code: unit for unit in self.units if unit is not None}
        self._first_level = {}

    def total(self) -> int:
        """Three."""
        return 3

    def entries(self) -> Iterator[Entry]:
        """Two towns, a unit and a country."""
        yield Entry(Place(1, "Mopti", 14.48, -4.18, "town", "MLI", "Mopti", None, 120_000), ("Mopti",))
        yield Entry(Place(2, "Ménaka", 15.92, 2.40, "town", "MLI", "Ménaka", None, 20_000), ("Ménaka",))
        yield Entry(
            Place(20, "Mopti Region", 14.48, -4.18, "admin1", "MLI", "Mopti"), ("Mopti Region", "Mopti")
        )
        yield Entry(Place(9, "Mali", 17.0, -4.0, "country", "MLI"), ("Mali",))
        yield from self.rules.places


def row(
    number: int, name: str, latitude: object, longitude: object, feature: str = "P.PPL", **more: str
) -> str:
    """A row of a GeoNames dump."""
    kind, code = feature.split(".")
    return "\t".join(
        (
            *(
                str(number),
                name,
                more.get("ascii", name),
                more.get("names", ""),
                str(latitude),
                str(longitude),
            ),
            *(kind, code, more.get("country", "ML"), "", more.get("admin1", "04"), more.get("admin2", "")),
            *("", "", more.get("people", "0"), "", "300", "Africa/Bamako", "2020-01-01"),
        )
    )


DUMP = "".join(
    line + "\n"
    for line in (
        row(1, "Mopti", 14.4843, -4.1830, "P.PPLA", people="114296", names="Mopti,Môpti,mo pu ti,موبتي"),
        row(2, "Menaka Ville", 15.9182, 2.4014, admin1="09"),
        row(9, "Republic of Mali", 18.0, -2.0, "A.PCLI", admin1="00"),
        row(20, "Région de Mopti", 15.0, -3.9, "A.ADM1"),
        row(31, "Boulikessi", 14.97, -1.46),
        row(32, "I-n-Atès", 15.23, 1.31, "H.WLL", admin1="00"),
        row(33, "Ogossogou", 14.06, -3.45, admin2="77"),
        row(34, "N’Tahaka", 16.2, -0.4, names='Intahaka,"N Tahaka"', admin1="09"),
        row(35, "Gourma", 15.5, -1.5, "L.RGN", admin1="00"),
        row(36, "Nowhere", 0, 0, country=""),
    )
)


# ---- short ways ----------------------------------------------------------------------------------------------

Put = Callable[[str, "bytes | str"], Path]
"""Writes a file of this name and content."""


def add(index: Path, *paths: Path, corrections: Path | None = None) -> gazetteer.Summary | None:
    given = [Given(path, str(path)) for path in paths]
    if corrections is not None:
        given.append(Given(corrections, "", is_overrides=True))
    return gazetteer.add(index, given)


def grown(index: Path, *paths: Path) -> gazetteer.Gazetteer:
    assert add(index, *paths) is not None
    return open_index(index)


def the(found: tuple[Place, ...]) -> Place:
    assert len(found) == 1, found
    return found[0]


def square(west: float, south: float, size: float = 2.0, hole: float = 0.0) -> dict[str, Any]:
    def ring(w: float, s: float, d: float) -> list[list[float]]:
        return [[w, s], [w + d, s], [w + d, s + d], [w, s + d], [w, s]]

    rings = [ring(west, south, size)]
    if hole:
        rings.append(ring(west + (size - hole) / 2, south + (size - hole) / 2, hole))
    return {"type": "Polygon", "coordinates": rings}


def geojson(*features: tuple[dict[str, Any], dict[str, Any]]) -> str:
    rows = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    return json.dumps({"type": "FeatureCollection", "name": "x", "features": rows})
