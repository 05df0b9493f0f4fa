"""Reports in the gold form to windows with labels for the reader.

A mention of the gold form has `words`: the exact words of the report that carry its trigger, parties, place, date and number
killed. Where they stand more than once every occurrence counts as right.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from tokenizers import Tokenizer

from tarikh import reference
from tarikh.extract.reader import LONGEST, ROLES
from tarikh.extract.windows import Window, windows

KINDS = tuple(kind.name for kind in reference.kinds())
STATUSES = ("reported", "claimed", "alleged", "disputed")
ASPECTS = ("new", "background")
CLASSES = (
    "military",
    "police",
    "government",
    "civilians",
    "protesters",
    "rioters",
    "armed",
    "militia",
    "peacekeepers",
    "aid_workers",
    "faction",
    "named",
)
_FORMS = {
    "Military of": "military",
    "Police of": "police",
    "Government of": "government",
    "Civilians (": "civilians",
    "Protesters (": "protesters",
    "Rioters (": "rioters",
    "Unidentified armed group": "armed",
    "Militia of": "militia",
    "Peacekeepers (": "peacekeepers",
    "Aid workers (": "aid_workers",
    "Military faction": "faction",
}
Range = tuple[int, int]


@dataclass
class Act:
    """One mention in word numbers of its window. A role is None where nothing is said, else its ranges (none: elsewhere)."""

    trigger: Range
    kind: int
    status: int
    aspect: int
    roles: list[list[Range] | None]
    classes: np.ndarray  # (2, classes): which classes of party stand on each side


@dataclass
class Example:
    """A window with its labels: for each word 0 or 1 + the kind whose trigger it belongs to."""

    report: str
    language: str
    window: Window
    labels: np.ndarray
    acts: list[Act] = field(default_factory=list)


def class_of(party: str) -> int:
    """The class of a party by the form of its name."""
    name = next((c for form, c in _FORMS.items() if party.startswith(form)), "named")
    return CLASSES.index(name)


def _occurrences(full: str, words: str) -> list[Range]:
    found, at = [], full.find(words)
    while at >= 0:
        found.append((at, at + len(words)))
        at = full.find(words, at + 1)
    return found


def _in_words(window: Window, low: int, high: int) -> Range | None:
    inside = [n for n, (start, end) in enumerate(window.words) if start < high and end > low]
    return (inside[0], inside[-1]) if inside else None


def _found(window: Window, full: str, words: str) -> list[Range]:
    ranges = (_in_words(window, low, high) for low, high in _occurrences(full, words))
    return [(low, min(high, low + LONGEST - 1)) for low, high in (r for r in ranges if r is not None)]


def _act(window: Window, full: str, mention: dict, trigger: Range) -> Act:
    roles: list[list[Range] | None] = []
    for role in ROLES:
        words = mention["words"].get(role)
        if words is not None:
            roles.append(_found(window, full, words))
        else:  # a side without words of its own is told somewhere, and nobody said where
            roles.append([] if role in ("attackers", "targets") and mention.get(role) else None)
    classes = np.zeros((2, len(CLASSES)), np.float32)
    for side, name in enumerate(("attackers", "targets")):
        for party in mention.get(name) or ():
            classes[side, class_of(party)] = 1
    return Act(
        trigger,
        KINDS.index(mention["kind"]),
        STATUSES.index(mention["status"]),
        ASPECTS.index(mention["aspect"]),
        roles,
        classes,
    )


def examples(reports: Iterable[dict], tokenizer: Tokenizer) -> list[Example]:
    """The windows of reports in the gold form, labelled."""
    made = []
    for report in reports:
        full = f"{report['title']}\n{report['text']}"
        # One report in four is read without its source, as many real ones come.
        source = report.get("source") if zlib.crc32(report["id"].encode()) % 4 else None
        for window in windows(report["title"], report["text"], tokenizer, source, report["language"]):
            example = Example(report["id"], report["language"], window, np.zeros(len(window.words), np.int64))
            for mention in report["mentions"]:
                found = _found(window, full, mention["words"]["trigger"])
                if not found:
                    continue
                low, high = found[0]
                if window.words[low][0] < len(report["title"]) and not window.opening:
                    continue
                example.labels[low : high + 1] = 1 + KINDS.index(mention["kind"])
                example.acts.append(_act(window, full, mention, (low, high)))
            made.append(example)
    return made


def leads(reports: Iterable[dict]) -> list[dict]:
    """The first paragraph of each report of several, half of them without their title: flashes and tickers are as short,
    and a reader that was only shown whole reports is cold to them."""
    made = []
    for report in reports:
        paragraphs = [p for p in report["text"].split("\n") if p.strip()]
        if len(paragraphs) > 1:
            bare = zlib.crc32(report["id"].encode()) % 2 == 0
            title = "" if bare else report["title"]
            made.append({**report, "id": f"{report['id']}/lead", "title": title, "text": paragraphs[0]})
    return made
