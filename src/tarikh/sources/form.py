"""Which form a stream has: by the name's suffix, by what the server says, by its first bytes.

Invariant: a guess is one of `FORMS`, or `SourceError` names the type that cannot be read.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from tarikh.errors import SourceError
from tarikh.sources import opening
from tarikh.sources.options import FORMS

_SUFFIXES = {
    ".txt": "text", ".text": "text",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".xml": "feed", ".rss": "feed", ".atom": "feed", ".rdf": "feed",
}  # fmt: skip
_MEDIA = {
    "application/rss+xml": "feed", "application/atom+xml": "feed", "application/rdf+xml": "feed",
    "application/xhtml+xml": "html", "text/html": "html",
    "application/json": "json", "application/x-ndjson": "jsonl", "application/jsonl": "jsonl",
    "text/csv": "csv", "text/tab-separated-values": "tsv",
}  # fmt: skip
_SIGNS = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP or office document"),
    (b"\xd0\xcf\x11\xe0", "old office document"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"SQLite format 3", "SQLite database"),
    (b"PAR1", "Parquet"),
    (b"WARC/", "WARC archive"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"(\xb5/\xfd", "zstandard"),
)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|atom:feed|channel)[\s>/]", re.IGNORECASE)
_ADVICE = f"; it can be forced with --form ({', '.join(FORMS)})"


def guess(name: str, head: bytes, media: str = "", strict: bool = False) -> str:
    """The form of a stream. Raises `SourceError` for a type that cannot be read.

    `name` may be empty, `media` is the server's content type. With `strict`, a suffix that is not known is
    refused even when the content could be text, so that a folder's notes and scripts are not taken for news.
    """
    for sign, what in _SIGNS:
        if head.startswith(sign):
            raise SourceError(
                f"is of a type that cannot be read ({what}); convert it to text, HTML or JSON lines"
            )
    path = PurePath(name[:-3] if name.lower().endswith(".gz") else name)
    suffix = path.suffix.lower()
    if media:
        # What a server sends is what its bytes show: feeds come as text/html, pages as *.xml.
        return _by_content(head, _MEDIA.get(media) or _SUFFIXES.get(suffix))
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if strict and suffix:
        raise SourceError(f"is of a type that is not known ({suffix}) and was left out{_ADVICE}")
    return _by_content(head, None)


def _by_content(head: bytes, declared: str | None) -> str:
    start = head if opening.mark(head) is None else head.replace(b"\0", b"")
    start = start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith(b"<"):
        return "feed" if _FEED.search(start[:2000]) else "html" if declared != "feed" else "feed"
    if declared not in (None, "html", "feed"):
        return declared or "text"
    if start.startswith(b"{"):
        return "jsonl"
    if start.startswith(b"["):
        return "json" if start[1:200].lstrip().startswith((b"{", b"]")) else "text"
    if declared == "feed":
        return "feed"
    if opening.mark(head) is None and b"\0" in head[:1000]:
        raise SourceError(f"is of a type that is not known: it holds bytes that are no text{_ADVICE}")
    return "text"
