"""A chronicle to be reviewed: a dozen deadly incidents, one with unlike tolls, and two that may be one."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from store_sample import said, tell
from tarikh import pipeline, review
from tarikh.link.compare import BY, SAME_FROM
from tarikh.model import Count, When, Where
from tarikh.store import Store, open_store

TOWNS = (
    ("Gao", 16.27, -0.04),
    ("Mopti", 14.49, -4.2),
    ("Kidal", 18.44, 1.41),
    ("Kayes", 14.45, -11.44),
    ("Sikasso", 11.32, -5.67),
    ("Koulikoro", 12.86, -7.56),
    ("Taoudenni", 22.67, -3.98),
    ("Bamako", 12.65, -8.0),
    ("Nioro", 15.23, -9.59),
    ("San", 13.3, -4.9),
    ("Bougouni", 11.42, -7.48),
    ("Djenné", 13.9, -4.55),
)
DAY = date(2024, 1, 1)


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("kind", {"value": "earthquake"}, "must be one of"),
    ("kind", {"value": ""}, "nothing was chosen"),
    ("attackers", {"value": " ; "}, "no party is named"),
    ("attackers", {"value": "JNIM; unknown"}, "unknown stands among names"),
    ("attackers", {"value": "a\u202eb"}, "control characters"),
    ("attackers", {"value": "x" * 2001}, "at most 2000"),
    ("date", {"start": "2024-03-14", "end": "2024-03-01", "precision": "day"}, "before the first"),
    ("date", {"start": "2024-02-30", "precision": "day"}, "is no day"),
    ("date", {"start": "", "precision": "day"}, "no first day"),
    ("date", {"start": "2024-03-14", "precision": "hour"}, "how precise"),
    ("date", {"start": "9999-12-31", "precision": "month"}, "in the future"),
    ("date", {"start": "9999-12-31", "precision": "week"}, "in the future"),
    ("place", {"place": "Gao, Mali"}, "how precise"),
    ("place", {"place": "Gao Region, Mali", "precision": "exact"}, "no finer than that"),
    ("place", {"place": "", "precision": "exact"}, "no place is named"),
    ("place", {"place": "Tidermène, Mali", "precision": "exact"}, "no 'tidermène' in mali"),
    ("place", {"place": "Tidermène, Mali", "precision": "near"}, "choose the place on the map below"),
    (
        "place",
        {"place": "X", "precision": "exact", "latitude": "16", "longitude": "0"},
        "choose near as the precision",
    ),
    ("place", {"place": "Xyzzyville, Mali", "precision": "exact"}, "has no"),
    ("place", {"place": "", "precision": "exact", "latitude": "16.3", "longitude": "-0.1"}, "needs the name"),
    ("place", {"precision": "near", "latitude": "95", "longitude": "0"}, "not on the earth"),
    ("place", {"precision": "near", "latitude": "1e999", "longitude": "nan"}, "not on the earth"),
    ("place", {"precision": "near", "latitude": "16"}, "go together"),
    ("place", {"place": "Gao, Mali", "precision": "near", "latitude": "50.1", "longitude": "8.6"}, "lies in"),
    ("killed", {"low": "5", "best": "3", "high": ""}, "must rise"),
    ("killed", {"best": "-1"}, "no number of people"),
    ("killed", {"best": "²"}, "no number of people"),
    ("killed", {"best": "3", "unknown": "1"}, "leave one of them out"),
    ("killed", {}, "no number is given"),
]
"""A field, what is entered for it, and why it is refused."""


def made(path: Path) -> Path:
    """The chronicle at a path."""
    with open_store(path) as store:
        for number, (town, latitude, longitude) in enumerate(TOWNS):
            _told(store, town, town, (latitude, longitude), 40 - number, 9 * number)
        pair = [
            _told(store, f"Ségou {n}", "Ségou", (13.43, -6.27), killed, 200)
            for n, killed in enumerate((3, 30))
        ]
        near = [_told(store, f"Gossi {n}", "Gossi", (15.82, -1.29), 2, 300 + 20 * n) for n in range(2)]
        pipeline.relink(store)
        review.same(store, *pair, "eve")
        left, right = sorted(near)
        doubt = said(*(store.mentions(ids=[key])[0] for key in (left, right)), "unsure", BY, SAME_FROM - 0.3)
        store.add_judgements([doubt])
        pipeline.relink(store)
    return path


def _told(store: Store, name: str, town: str, point: tuple[float, float], killed: int, days: int) -> str:
    when = When(DAY + timedelta(days), DAY + timedelta(days), "day")
    where = Where("MLI", None, None, town, *point, "exact")
    harm = {"killed": Count(killed, killed, killed)}
    return tell(store, name, where=where, when=when, harm=harm, attackers=("JNIM",)).id


def of(path: Path, town: str) -> str:
    """The id of the first incident in a town."""
    with open_store(path) as store:
        return next(each.id for each in store.incidents() if each.where.place == town)


class Hand:
    """A person's hand on the pages: sends forms as they stand in them."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def form(self, html: str, action: str) -> dict[str, str]:
        """The hidden fields of the form that is sent to an address."""
        found = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', html, re.DOTALL)
        assert found is not None, action
        pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[0])
        return {name: unescape(value) for name, value in pairs}

    def send(self, page: str, action: str, **fields: Any) -> Any:
        """Opens a page, fills in the form, and sends it; the answer is not followed."""
        hidden = self.form(self.client.get(page).text, action)
        return self.client.post(action, data=hidden | fields, follow_redirects=False)


def words(html: str) -> str:
    """What a page says in its main part."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main)))
