"""Plain text: one file, one document.

Invariant: title and text together are the file's characters, but for the line breaks between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tarikh.model import Document, Problem
from tarikh.sources import opening

_LONGEST_TITLE = 200
_TITLE = re.compile(r"[ \t\r\n]*([^\r\n]+)\r?\n[ \t]*\r?\n")
_SENTENCE_END = (".", ";", ":", ",", ".”", '."', ".»")


def read(opened: opening.Opened) -> Iterator[Document | Problem]:
    """The one document of a text file. Raises `SourceError` when it is too large or undecodable."""
    data = opening.whole(opened, opened.options.settings.max_file_bytes)
    title, text = titled(opening.text(data, opened.options).removeprefix("\ufeff"))
    yield Document(opened.origin, text, title=title, url=opened.url)


def titled(text: str) -> tuple[str | None, str]:
    """A first line that looks like a title and is followed by a blank line, and the rest; else None and all.

    >>> titled("Raid on a village\\n\\nGunmen came at dawn.")
    ('Raid on a village', 'Gunmen came at dawn.')
    """
    match = _TITLE.match(text)
    if match is None:
        return None, text
    title, rest = match[1].strip(), text[match.end() :].lstrip("\r\n")
    if not rest.strip() or not 0 < len(title) <= _LONGEST_TITLE or title.endswith(_SENTENCE_END):
        return None, text
    return title, rest
