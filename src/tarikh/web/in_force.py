"""The filters in force as words, each with the address that takes it away.

Invariant: whatever narrows the list is told here, so that nobody takes a part for the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tarikh.store import Filter
from tarikh.web.address import Asked
from tarikh.web.wording import Wording


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition: its name, its value, and the address of the view without it."""

    name: str
    value: str
    without: str

    @property
    def query(self) -> str:
        """The query string without it, for another view of the filter."""
        return self.without.partition("?")[2]


def chips(asked: Asked, say: Wording) -> list[Chip]:
    """The conditions of a filter in the order of the form."""
    return [*_single(asked, say), *_several(asked, say)]


def _single(asked: Asked, say: Wording) -> Iterator[Chip]:
    wanted, t = asked.filter, say.t
    given = (
        ("text", "text", wanted.text),
        ("since", "since", wanted.since and say.day(wanted.since)),
        ("until", "until", wanted.until and say.day(wanted.until)),
        ("place", "place", wanted.place if wanted.point is None else None),
        ("bbox", "bbox", wanted.bbox and _box(wanted.bbox)),
        ("min_killed", "minimum_killed", wanted.minimum_killed),
    )
    for label, field, value in given:
        if value is not None:
            yield Chip(t(f"filter.{label}"), str(value), asked.address(**{field: None}))
    if wanted.point is not None:
        within = t("filter.within", km=f"{wanted.radius_km:g}", place=wanted.place)
        yield Chip(t("filter.place"), within, asked.address(place=None, point=None, radius_km=None))
    if wanted.areas:
        corners = sum(len(area[0]) - 1 for area in wanted.areas)
        yield Chip(t("filter.area"), t("filter.corners", n=corners), asked.address(areas=()))
    if wanted.has_toll is not None:
        words = t("filter.tolls.known" if wanted.has_toll else "filter.tolls.unknown")
        yield Chip(t("filter.toll"), words, asked.address(has_toll=None))


def _several(asked: Asked, say: Wording) -> Iterator[Chip]:
    wanted, t = asked.filter, say.t
    rows: tuple[tuple[str, str, Iterable[tuple[str, str]]], ...] = (
        ("country", "countries", ((code, say.country(code) or code) for code in wanted.countries)),
        ("admin1", "admin1", ((name, name) for name in wanted.admin1)),
        ("kind", "kinds", ((kind, say.kind(kind)) for kind in wanted.kinds)),
        ("party", "parties", ((name, name) for name in wanted.parties)),
        ("source", "sources", ((name, name) for name in wanted.sources)),
        ("status", "status", ((name, t.word("status", name)) for name in wanted.status)),
        ("precision", "place_precision", ((name, t(f"precision.{name}")) for name in wanted.place_precision)),
    )
    for label, field, values in rows:
        for value, words in values:
            left = tuple(other for other in getattr(wanted, field) if other != value)
            yield Chip(t(f"filter.{label}"), words, asked.address(**{field: left}))
    usual = Filter().review
    if wanted.review != usual:
        words = ", ".join(t.word("review", name) for name in wanted.review)
        yield Chip(t("filter.review"), words, asked.address(review=usual))


def _box(box: tuple[float, float, float, float]) -> str:
    west, south, east, north = box
    return f"{west:.2f}° {south:.2f}° – {east:.2f}° {north:.2f}°"
