"""HTML as text: whole pages by trafilatura, fragments of feeds by their blocks.

Invariant: what comes out is text; no script runs, nothing is fetched, and a date is taken only where the page declares it.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import lxml.html  # type: ignore[import-untyped]
from lxml import etree

from tarikh.errors import SourceError
from tarikh.model import Document, Problem
from tarikh.sources import opening, records
from tarikh.sources.options import ReadOptions

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_LANGUAGE = re.compile(
    r"<html\b[^>]{0,500}?\blang\s{0,9}=\s{0,9}[\"']?([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?)", re.IGNORECASE
)
_HEAD = 4096
_MAX_TAGS = 100_000
"""A page of news has some thousand; extraction of 600,000 takes a quarter of a minute."""
_TOLERATED = 1000
"""One damaged byte in so many is a slip of the site, marked by U+FFFD; more is the wrong encoding."""
_DATES = {
    "original_date": True,
    "extensive_search": False,
    "min_date": "1900-01-01",
    "max_date": "2199-12-31",
}
"""Declared dates only; absurd ones are not hidden here, so that reading can name them."""


def read(opened: opening.Opened) -> Iterator[Document | Problem]:
    """The one document of a page. Raises `SourceError` when it holds no text."""
    data = opening.whole(opened, opened.options.settings.fetch_max_bytes)
    yield page(decoded(data, opened.options, opened.charset), opened.origin, opened.url)


def decoded(data: bytes, options: ReadOptions, charset: str | None = None) -> str:
    """A page as text by the option, its mark, the server's word, its own word, or UTF-8, in this order."""
    declared = _CHARSET.search(data[:_HEAD])
    encoding = options.encoding or opening.mark(data) or _known(charset)
    encoding = encoding or _known(declared[1].decode("ascii") if declared else None)
    if encoding is None:
        return opening.text(data, options)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        text = data.decode(encoding, "replace")
        if text.count("\ufffd") * _TOLERATED > len(text):
            raise SourceError(
                f"is not {encoding} as it says: byte 0x{data[error.start]:02x} at offset {error.start:,};"
                " say which encoding it is, for example --encoding cp1252"
            ) from error
        return text


def _known(name: str | None) -> str | None:
    try:
        found = codecs.lookup(name.strip("\"' ")).name if name else None
    except LookupError:
        return None
    # Browsers read these two as Windows-1252, and so do those who write them.
    return "cp1252" if found in ("iso8859-1", "ascii") else found


def page(markup: str, origin: str, url: str | None = None) -> Document:
    """The article of a page: text, title, date and site as the page gives them. Raises `SourceError` without text."""
    if markup.count("<") > _MAX_TAGS:
        raise SourceError(
            f"the HTML has more than {_MAX_TAGS:,} tags, as no article has; save the article's text"
        )
    try:
        found: Any = _trafilatura().bare_extraction(
            markup,
            url=url,
            with_metadata=True,
            include_comments=False,
            include_tables=False,
            date_extraction_params=_DATES,
        )
    except Exception as error:
        # A parser of everything that the web holds fails in ways that it does not list.
        raise SourceError(f"the HTML cannot be read ({type(error).__name__}: {error})") from error
    if found is None or not (found.text or "").strip():
        raise SourceError("the HTML holds no text of an article; save the article's text and give that")
    language = _LANGUAGE.search(markup[:_HEAD])
    source = found.sitename or (urlsplit(url).hostname if url else None) or found.hostname
    return Document(
        origin,
        records.sound(found.text),
        title=records.sound(found.title) if found.title else None,
        published=found.date,
        source=records.sound(source) if source else None,
        language=language[1] if language else None,
        url=url,
    )


@cache
def _trafilatura() -> Any:
    import trafilatura  # late: a quarter of a second that only pages need

    # They log to stderr what is told here as a problem already.
    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura


_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer",
     "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td",
     "th", "tr", "ul")
)  # fmt: skip
_SILENT = frozenset(
    ("script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "title")
)
_SPACES = re.compile(r"[ \t\r\n\f\v\xa0]+")


def fragment(markup: str) -> str:
    """A piece of HTML as text: one line a block, entities resolved, no scripts.

    >>> fragment("<p>Two men &amp; a boy</p><p>fled.</p>")
    'Two men & a boy\\nfled.'
    """
    if "<" not in markup:
        return unescape(markup).replace("\xa0", " ").strip()
    try:
        root = lxml.html.fragment_fromstring(markup.replace("\0", ""), create_parent="div")
    except (etree.LxmlError, ValueError):
        return unescape(re.sub(r"<[^<>]*>", " ", markup)).strip()
    blocks = _SPACES.sub(" ", "".join(_pieces(root)).replace("\n", " ")).split("\ue000")
    return "\n".join(line for block in blocks if (line := block.strip()))


def _pieces(root: Any) -> Iterator[str]:
    """The text of a tree in order; U+E000, which is nobody's character, where a block begins or ends."""
    depth_of_silence = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        named = isinstance(element.tag, str)
        if event in ("end", "comment", "pi"):
            depth_of_silence -= named and element.tag in _SILENT
            after = element.tail
        else:
            depth_of_silence += named and element.tag in _SILENT
            after = element.text
        if named and element.tag in _BLOCKS:
            yield "\ue000"
        if after and depth_of_silence == 0:
            yield after
