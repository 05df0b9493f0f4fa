"""A group's label never changes how its acts are coded: one report under other words for the same men, or another name.

Invariant: kind, status, aspect, harm, day, place and whether a side is told stay the same; only who it is may change.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tarikh import reference
from tarikh.model import Mention, Report
from tarikh.pipeline import code
from test_triggers import gazetteer

GOLD = Path(__file__).with_name("gold")

WORDS = (
    ("s01", "gunmen"),
    ("s07", "gunmen"),
    ("s08", "gunmen"),
    ("s09", "gunmen"),
    ("s28", "gunmen"),
    ("g05", "gunmen"),
    ("s05", "armed men"),
    ("s32", "armed men"),
    ("g21", "armed men"),
    ("g01", "militants"),
    ("g23", "insurgents"),
    ("s10", "bandits"),
    ("s04", "terrorists"),
)
"""Reports and the word that they use for armed men with no name."""

LABELS = ("terrorists", "fighters", "gunmen")

NAMES = (
    ("s03", "MLI", (("Islamic State Sahel Province", "Ansaroul Islam"), ("IS Sahel", "Ansaroul Islam"))),
    ("s11", "SDN", (("Rapid Support Forces", "Sudan Shield Forces"),)),
    ("s13", "SDN", (("Rapid Support Forces", "Sudan Shield Forces"), ("RSF", "Sudan Shield Forces"))),
    ("s14", "COD", (("M23", "ADF"),)),
    ("s15", "COD", (("M23", "CODECO"),)),
    ("s16", "SOM", (("Al-Shabaab", "IS Somalia"),)),
    ("s33", "MLI", (("JNIM", "Ansaroul Islam"),)),
    ("s45", "NGA", (("ISWAP", "Ansaru"),)),
    ("g02", "CMR", (("separatist fighters", "Boko Haram fighters"),)),
    ("g09", "COD", (("M23", "CODECO"),)),
    (
        "g19",
        "BFA",
        (("Group for the Support of Islam and Muslims", "Ansaroul Islam"), ("JNIM", "Ansaroul Islam")),
    ),
    ("g22", "NGA", (("Boko Haram", "Ansaru"),)),
    ("g26", "SDN", (("SPLM-North", "RSF"),)),
    ("g27", "SOM", (("Al-Shabaab", "IS Somalia"),)),
    ("g33", "COL", (("FARC dissidents", "Clan del Golfo"),)),
)
"""Reports, their country, and names of the register with another of the same country."""


@cache
def gold() -> dict[str, dict[str, Any]]:
    lines = [
        line
        for name in ("sample", "cases")
        for line in (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    return {row["id"]: row for row in map(json.loads, lines)}


@cache
def report(given_id: str) -> Report:
    row = gold()[given_id]
    published = date.fromisoformat(row["published"]) if row["published"] else None
    return Report(row["id"], row["title"], row["text"], row["language"], published, source=row["source"])


@cache
def coded(given: Report) -> tuple[Mention, ...]:
    return code(given, gazetteer())


def swapped(text: str, old: str, new: str) -> str:
    """The text with every `old` replaced, its first letter kept large or small where `new` is a common word."""

    def one(found: re.Match[str]) -> str:
        return new[0].upper() + new[1:] if found.group()[0].isupper() else new

    return re.sub(rf"\b{re.escape(old)}\b", one, text, flags=re.IGNORECASE)


def relabeled(given: Report, old: str, new: str) -> Report:
    return replace(given, title=swapped(given.title, old, new), text=swapped(given.text, old, new))


def fields(mention: Mention) -> dict[str, object]:
    """Everything that a label must leave alone."""
    return {
        "kind": mention.kind,
        "status": mention.status,
        "aspect": mention.aspect,
        "harm": dict(mention.harm),
        "when": (mention.when.start, mention.when.end, mention.when.precision),
        "where": mention.where,
        "attackers told": bool(mention.attackers),
        "targets told": bool(mention.targets),
    }


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(("given_id", "word"), WORDS)
def test_another_word_for_armed_men_changes_nothing(given_id: str, word: str, label: str) -> None:
    given = report(given_id)
    other = relabeled(given, word, label)
    before, after = coded(given), coded(other)
    assert before, "nothing coded, so nothing compared"
    assert other != given or label == word
    assert [fields(m) for m in after] == [fields(m) for m in before]
    # Nameless men are nameless under every word: even who they are stays the same.
    assert [(m.attackers, m.targets) for m in after] == [(m.attackers, m.targets) for m in before]


@pytest.mark.parametrize(("given_id", "country", "names"), NAMES)
def test_another_name_changes_only_who_it_is(
    given_id: str, country: str, names: tuple[tuple[str, str], ...]
) -> None:
    given = report(given_id)
    other = given
    for old, new in names:
        other = relabeled(other, old, new)
        assert any(country in use.countries for hit in reference.named(new) for use in hit.uses)
    before, after = coded(given), coded(other)
    assert before, "nothing coded, so nothing compared"
    assert [fields(m) for m in after] == [fields(m) for m in before]
    told = {party for m in before for party in (*m.attackers, *m.targets)}
    retold = {party for m in after for party in (*m.attackers, *m.targets)}
    assert told != retold, f"the new name of {given_id} was not read"


def test_a_swap_keeps_capitals_and_whole_words() -> None:
    assert swapped("Gunmen fled. The gunmen hid.", "gunmen", "fighters") == "Fighters fled. The fighters hid."
    assert swapped("Gunmen's camp, begunmen", "gunmen", "rebels") == "Rebels's camp, begunmen"
