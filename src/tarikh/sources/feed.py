"""RSS and Atom: one document an entry.

Invariant: no entity is ever expanded and nothing is fetched, unless `follow` asks for the pages behind the entries.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

import feedparser

from tarikh.errors import SourceError
from tarikh.model import Document, Problem
from tarikh.sources import html, opening, records, web
from tarikh.sources.records import STAGE

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._\-]{2,40})[\"']")
_DECLARATION = re.compile(r"\s{0,99}<\?xml[^>]{0,300}\?>")
_REPAIRABLE = 1_000_000
_UTF8 = {"content-type": "application/xml; charset=utf-8"}


def read(opened: opening.Opened) -> Iterator[Document | Problem]:
    """The entries of a feed. Raises `SourceError` when it is no feed or declares entities."""
    data = opening.whole(opened, opened.options.settings.fetch_max_bytes)
    markup = _decoded(data, opened)
    if not markup.lstrip().startswith("<"):
        raise SourceError("is no feed: it is not XML")
    if declares_entities(markup):
        raise SourceError(
            "the feed declares XML entities, which is how parsers are attacked; it was not read"
        )
    parsed = _parsed(markup)
    if not parsed.get("version") and not parsed.entries:
        raise SourceError(f"is no feed: {_fault(parsed) or 'it is XML or HTML, but neither RSS nor Atom'}")
    with web.Fetcher(opened.options, opened.url) as fetcher:
        for number, entry in enumerate(parsed.entries, 1):
            yield from _entry(entry, parsed.feed, opened, f"{opened.origin}: entry {number}", fetcher)
    if fault := _fault(parsed):
        reason = f"the feed is damaged: {fault}; entries after that may be missing or cut off"
        yield Problem(STAGE, reason, opened.origin)
    elif not parsed.entries:
        yield Problem(STAGE, "the feed has no entries", opened.origin)


def _decoded(data: bytes, opened: opening.Opened) -> str:
    """The feed as text, so that the check for entities reads what the parser will read."""
    declared = _DECLARED.search(data[:400])
    named = declared[1].decode("ascii") if declared else None
    if named is None or named.lower() in ("utf-8", "utf8"):
        named = opened.charset
    return html.decoded(data, opened.options, named)


def declares_entities(markup: str) -> bool:
    """Whether a document type declaration before the first element declares entities (billion laughs, XXE)."""
    at = 0
    while (at := markup.find("<", at)) >= 0:
        if markup.startswith("<!--", at):
            at = markup.find("-->", at + 4)
        elif markup.startswith("<?", at):
            at = markup.find("?>", at + 2)
        elif markup[at : at + 9].upper() == "<!DOCTYPE":
            return "<!entity" in markup[at:].lower()
        else:
            return False
        if at < 0:
            return False
    return False


def _check_repairable(body: bytes) -> None:
    """Raises `SourceError` for a damaged feed so large that the lenient parser would cost seconds and hundreds of MB."""
    if len(body) > _REPAIRABLE:
        try:
            expat.ParserCreate().Parse(body, True)
        except expat.ExpatError as error:
            raise SourceError(f"the feed is damaged ({error}) and too large to be repaired") from error


def _parsed(markup: str) -> Any:
    # In a stream, because feedparser takes bytes for a file's name first; sanitizing is needless for text.
    body = _DECLARATION.sub("", markup, count=1).encode("utf-8", "replace")
    _check_repairable(body)
    try:
        return feedparser.parse(
            io.BytesIO(body), response_headers=_UTF8, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:
        # Its lenient parser fails on hostile input in ways that it does not list.
        raise SourceError(f"the feed cannot be read ({type(error).__name__}: {error})") from error


def _fault(parsed: Any) -> str | None:
    error = parsed.get("bozo_exception") if parsed.get("bozo") else None
    line = getattr(error, "getLineNumber", None)
    if error is None or line is None or "undefined entity" in error.getMessage():
        # &nbsp; and its like are no XML, but every feed has them and nothing is lost by them.
        return None
    return f"{error.getMessage()} at line {line()}"


def _entry(
    entry: Any, feed: Any, opened: opening.Opened, origin: str, fetcher: web.Fetcher
) -> Iterator[Document | Problem]:
    given = records.sound(entry.get("id") or entry.get("link") or "") or None
    title, link = _text(entry.get("title_detail")), entry.get("link") or None
    published = entry.get("published") or entry.get("updated")
    own = Document(
        origin,
        records.sound(_body(entry)),
        id=given,
        title=records.sound(title) or None,
        published=records.sound(published) if published else None,
        source=records.sound(_text(feed.get("title_detail"))) or None,
        language=entry.get("language") or feed.get("language") or None,
        url=records.sound(link) if link else None,
    )
    if opened.options.follow and link:
        page = _followed(link, own, fetcher, opened.options.follow_pause)
        if isinstance(page, Document):
            yield page
            return
        yield page
    if own.text:
        yield own
    elif not opened.options.follow:
        where = f"; its page is {link}" if link else ""
        yield Problem(STAGE, f"the entry has no text of its own{where}", origin, report_id=given)


def _followed(link: str, own: Document, fetcher: web.Fetcher, pause: float) -> Document | Problem:
    """The page behind an entry, with what the feed knows better: its date, title, language and id."""
    try:
        time.sleep(pause)
        got = fetcher.get(link)
        page = html.page(html.decoded(got.data, fetcher.options, got.charset), own.origin, got.url)
    except SourceError as error:
        return Problem(STAGE, f"{web.shown(link)}: {error}", own.origin, report_id=own.id)
    return Document(
        own.origin,
        page.text,
        id=own.id,
        title=own.title or page.title,
        published=own.published or page.published,
        source=own.source or page.source,
        language=page.language or own.language,
        url=got.url,
    )


def _body(entry: Any) -> str:
    """The fullest text among the entry's contents and its summary."""
    parts = [*(entry.get("content") or ()), entry.get("summary_detail")]
    return max((_text(part) for part in parts), key=len, default="")


def _text(part: Any) -> str:
    found = part or {}
    value = found.get("value") or ""
    plain = found.get("type") == "text/plain" and "<" not in value
    return value.replace("\xa0", " ").strip() if plain else html.fragment(value)
