"""The keys of the review pages: one table for the pages' hints, their script, their help and docs/pages.md.

Invariant: a key only presses what is on the page and can be pressed by mouse as well; none is heard while a field is typed in.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """What is pressed, `keys` as browsers name them, and what it does: the text `review_page.key.{does}`."""

    keys: tuple[str, ...]
    does: str

    @property
    def shown(self) -> str:
        """The keys as people read them."""
        names = {"Escape": "Esc", "1": "1–9"}
        return " ".join(names.get(key, key) for key in self.keys)


KEYS = (
    Key(("a",), "accept"),
    Key(("r",), "reject"),
    Key(("e",), "correct"),
    Key(("1",), "field"),
    Key(("m",), "merge"),
    Key(("s",), "split"),
    Key(("u",), "undo"),
    Key(("j", "n"), "next"),
    Key(("k", "p"), "previous"),
    Key(("o",), "open"),
    Key(("Escape",), "close"),
    Key(("?",), "help"),
)


def of(does: str) -> str:
    """The keys that do something, as the attribute `data-key` holds them."""
    return next(" ".join(key.keys) for key in KEYS if key.does == does)
