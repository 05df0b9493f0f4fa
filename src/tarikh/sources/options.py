"""What a caller may say about reading: form, encoding, columns, limits.

Invariant: options that passed `check` name an existing form, a text encoding and fields of a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tarikh.errors import UsageError
from tarikh.settings import Settings

FORMS = ("text", "jsonl", "json", "csv", "tsv", "html", "feed")
"""The forms that can be read; `format` forces one."""

FIELDS = ("id", "title", "text", "published", "source", "language", "url")
"""The fields of a document that a record may carry, and that `columns` may map."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read. `columns` maps a field to the column or key that carries it ({"title": "headline"}).

    `allow_private` permits private and loopback addresses, of the host and port that the user typed only.
    `follow` fetches the page behind each entry of a feed, one every `follow_pause` seconds. Sizes are bytes.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    format: str | None = None
    encoding: str | None = None
    allow_private: bool = False
    follow: bool = False
    follow_pause: float = 2.0
    max_line_bytes: int = 60_000_000
    max_unpacked_bytes: int = 20_000_000_000
    settings: Settings = field(default_factory=Settings)

    def column(self, name: str) -> str:
        """The column or key that carries a field."""
        return self.columns.get(name, name)


def check(options: ReadOptions) -> None:
    """Raises `UsageError` where an option names something that does not exist."""
    if options.format is not None and options.format not in FORMS:
        raise UsageError(f"there is no form {options.format!r}; the forms are {', '.join(FORMS)}")
    for name in options.columns:
        if name not in FIELDS:
            raise UsageError(f"there is no field {name!r} to map; the fields are {', '.join(FIELDS)}")
    if options.encoding is not None and not _is_text_encoding(options.encoding):
        raise UsageError(
            f"there is no encoding {options.encoding!r}; write for example utf-8, cp1252 or utf-16"
        )


def _is_text_encoding(name: str) -> bool:
    try:
        # Codecs such as base64 exist as well, but turn bytes into bytes; decode refuses them.
        return bool(b"AAAA".decode(name))
    except (LookupError, ValueError):
        return False
