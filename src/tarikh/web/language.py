"""The texts of the interface in the reader's language, by key.

Invariant: every language has the same keys; a text is a format string whose values are put in as they are and escaped
where a page shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from starlette.requests import Request

from tarikh import reference
from tarikh.errors import MissingError

LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français"}
"""The languages that have a file in `data/interface/`, by their own names; the first one is the default."""
COOKIE = "tarikh_language"

Entry = str | dict[str, str]


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language."""

    code: str
    entries: Mapping[str, Entry]

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key. Raises `MissingError` where there is none: a key is written by us, never by a reader."""
        text = self._entry(key)
        if not isinstance(text, str):
            raise MissingError(f"the interface text {key!r} has a form for each number; ask with `count`")
        return text.format(**values) if values else text

    def count(self, key: str, number: int, **values: object) -> str:
        """The text of a key with a number, in its form for one or for many."""
        text = self._entry(key)
        if isinstance(text, str):
            raise MissingError(f"the interface text {key!r} has no form for each number")
        # English says "0 incidents", French "0 incident".
        single = number == 1 or (number == 0 and self.code == "fr")
        return text["one" if single else "many"].format(n=self.number(number), **values)

    def number(self, number: int) -> str:
        """A whole number with its thousands apart."""
        return f"{number:,}".replace(",", "\u202f" if self.code == "fr" else ",")

    def short(self, number: int) -> str:
        """A whole number in a few letters, for a circle on the map: 812, 1.2k, 12k, 3.4M; cut, never rounded up."""
        for size, letter in ((1_000_000, "M"), (1_000, "k")):
            if number >= size:
                tenths = number * 10 // size
                told = f"{tenths // 10}" if tenths >= 100 or tenths % 10 == 0 else f"{tenths / 10:.1f}"
                return (told.replace(".", ",") if self.code == "fr" else told) + letter
        return str(number)

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self.entries

    def word(self, section: str, name: str) -> str:
        """The text of a word of the codebook, else the word itself with spaces: a register of the user's own may add some."""
        found = self.entries.get(f"{section}.{name}")
        return found if isinstance(found, str) else name.replace("_", " ")

    def _entry(self, key: str) -> Entry:
        try:
            return self.entries[key]
        except KeyError:
            raise MissingError(f"data/interface/{self.code}.yaml has no text {key!r}: add it") from None


@cache
def texts(code: str) -> Texts:
    """The texts of a language. Raises `MissingError` where its file is not there."""
    loaded = reference.load(reference.data_path("interface", f"{code}.yaml"))
    return Texts(code, dict(_flat(loaded)))


def _flat(section: Mapping[str, object], before: str = "") -> list[tuple[str, Entry]]:
    made: list[tuple[str, Entry]] = []
    for name, value in section.items():
        if isinstance(value, dict) and set(value) == {"one", "many"}:
            made.append((f"{before}{name}", {form: str(text) for form, text in value.items()}))
        elif isinstance(value, dict):
            made += _flat(value, f"{before}{name}.")
        else:
            made.append((f"{before}{name}", str(value)))
    return made


def chosen(request: Request) -> Texts:
    """The texts in the language that the reader chose, else that the browser asks for, else English."""
    kept = request.cookies.get(COOKIE, "")
    return texts(kept if kept in LANGUAGES else _accepted(request.headers.get("accept-language", "")))


def _accepted(header: str) -> str:
    best, weight = next(iter(LANGUAGES)), 0.0
    for part in header[:500].split(","):
        name, _, rest = part.strip().partition(";")
        code = name.partition("-")[0].lower()
        try:
            sure = float(rest.strip().removeprefix("q=")) if rest.strip() else 1.0
        except ValueError:
            continue
        if code in LANGUAGES and sure > weight:
            best, weight = code, sure
    return best
