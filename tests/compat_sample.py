"""A database of a team with many invented incidents in real places, for the endpoints in other services' form."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from store_sample import Clock, refold, tell
from tarikh import accounts
from tarikh.model import Count, When, Where
from tarikh.store import open_store

PASSWORD = "three rivers meet here"
TOWNS = (
    Where("MLI", "Gao", "Ansongo", "Tessit", 15.2, 0.3, "exact"),
    Where("NER", "Tillabéri", "Téra", "Téra", 14.0078, 0.7531, "near"),
    Where("BFA", "Sahel", "Soum", None, 14.1, -1.63, "admin2"),
    Where("COD", "North Kivu", None, "Rutshuru", -1.18, 29.44, "exact"),
    Where("MLI", None, None, None, 17.0, -4.0, "country"),
)
EVENTS: tuple[dict[str, Any], ...] = (
    {"kind": "armed_clash", "attackers": ("JNIM",), "targets": ("Military of Mali",), "harm": {"killed": Count(3, 4, 6)}},
    {"kind": "attack_on_civilians", "attackers": ("IS Sahel Province",), "targets": ("Civilians (Niger)",), "harm": {"killed": Count(9, 9, 9)}},
    {"kind": "bombing", "attackers": (), "targets": ("Civilians (Mali)",)},
    {"kind": "peaceful_protest", "attackers": ("Protesters (Mali)",), "targets": ()},
    {"kind": "air_strike", "attackers": ("Military of Mali",), "targets": ("JNIM", "Civilians (Mali)"), "harm": {"killed": Count(12, 12, None)}, "status": "disputed"},
    {"kind": "territory_taken", "attackers": ("M23",), "targets": ("Military of DR Congo",), "harm": {"killed": Count(0, 0, 0)}},
)  # fmt: skip
COUNT = 60


def fill(path: Path, users: bool = True) -> Path:
    """Sixty incidents, five of which know only the country; with a user of each role, named after it."""
    with open_store(path, Clock()) as store:
        for number in range(COUNT):
            day = date(2024, 1, 1) + timedelta(days=3 * number)
            place = TOWNS[4 if number % 12 == 11 else number % 4]
            event = EVENTS[number % len(EVENTS)]
            tell(store, f"{number:03}", when=When(day, day, "day"), where=place, **event)
        refold(store)
        for role in accounts.ROLES if users else ():
            accounts.add(store.accounts, role, PASSWORD, role)
    return path


def token(path: Path, role: str = "editor") -> str:
    """A token of the user of a role."""
    with open_store(path) as store:
        return accounts.add_token(store.accounts, role, "a script")[0]
