"""Reading: a document of strings becomes a report with a language and a publication date, or a problem that says why not.

Invariant: pure functions of their arguments (today is one). Title and text stay as given, because spans refer to them;
a date that is absent, unreadable or ambiguous is unknown, never today and never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import yaml

from tarikh.errors import MissingError, ReportError
from tarikh.model import Document, Problem, Report, stable_id
from tarikh.reference import data_path
from tarikh.text import one_line

STAGE = "reading"
EARLIEST = date(1900, 1, 1)
AHEAD = timedelta(days=2)
"""How far after today a date may lie: it is tomorrow already in Kiribati, and a weekly is dated ahead."""
UNKNOWN_LANGUAGE = "und"
"""ISO 639's code for a language that was not determined."""


def report(
    document: Document,
    today: date,
    published: date | None = None,
    languages: Collection[str] = ("en",),
    max_text: int = 200_000,
) -> Report | Problem:
    """The report of a document. `published` dates a document that has no date; `languages` are those coded.

    A problem of stage `reading` where the text is empty or longer than `max_text` characters (with its title),
    a letter bearing more than 30 accents,
    the date absurd (before 1900, or more than two days after `today`), or the language not among `languages`.
    """
    title, text = document.title or "", document.text
    try:
        _check_length(title, text, max_text)
        _check_marks(f"{title}\n{text}")
        said = language(text if len(text) > _ENOUGH else f"{text}\n{title}", document.language)
        _check_language(said, languages)
        dated = _published(document.published, today, published) or _dateline(text, today)
    except ReportError as error:
        return Problem(STAGE, str(error), document.origin, document.line, document.id)
    return Report(
        # The day belongs to it: the same words of another day ("nobody was hurt") are another report.
        id=stable_id("r", document.source, document.url, title, text, dated),
        title=title,
        text=text,
        language=said,
        published=dated,
        source=document.source,
        url=document.url,
        given_id=document.id,
        origin=document.origin,
    )


def unread_day(document: Document, report: Report) -> Problem | None:
    """The problem of a day of publication that is given and cannot be read; the report is kept, without that day."""
    given = document.published
    if given is None or given.strip().casefold() in _NOTHING or day(given) is not None:
        return None
    instead = (
        "the report is read as undated"
        if report.published is None
        else f"the day of its dateline, {report.published.isoformat()}, is used"
    )
    reason = (
        f"its date of publication, {one_line(repr(given[:200]))}, cannot be read, or not in one way alone: {instead};"
        " write it as 2025-03-14"
    )
    return Problem(STAGE, reason, document.origin, document.line, report.id)


def _check_length(title: str, text: str, limit: int) -> None:
    if not text.strip():
        raise ReportError("has a title but no text" if title.strip() else "has no text")
    length = len(title) + len(text)
    if length > limit:
        raise ReportError(
            f"has {length:,} characters and the limit is {limit:,}: most likely several reports in one;"
            " split it, or set TARIKH_MAX_TEXT"
        )


_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{31}")
"""More accents on one letter than any language writes (Unicode Standard Annex #15, stream-safe text): putting n of them in
order costs n squared."""


def _check_marks(text: str) -> None:
    if not text.isascii() and (found := _MARKS.search(text)) is not None:
        raise ReportError(
            f"has more than 30 accents on one letter at character {found.start():,}: no language is written so;"
            " take the damaged passage out"
        )


# ---- language ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Languages:
    """languages.yaml as tables: stopword → languages, declared name → code, code → English name, month → number."""

    stopwords: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, str]
    names: Mapping[str, str]
    months: Mapping[str, int]
    recognized: frozenset[str]


@cache
def _data() -> _Languages:
    path = data_path("languages.yaml")
    try:
        raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _tables(raw)
    except (OSError, yaml.YAMLError, KeyError, AttributeError, TypeError) as error:
        raise MissingError(f"{path} cannot be used ({error}): install tarikh again") from error


def _tables(raw: dict[str, Any]) -> _Languages:
    stopwords: dict[str, tuple[str, ...]] = {}
    for code, words in raw["stopwords"].items():
        for word in words:
            if not isinstance(word, str):
                # YAML reads a bare no or on as true or false.
                raise TypeError(f"stopwords of {code}: {word!r} needs quotes")
            stopwords[word] = (*stopwords.get(word, ()), code)
    codes = {name.casefold(): code for code, names in raw["names"].items() for name in (code, *names)}
    first = {code: names[0] for code, names in raw["names"].items()}
    months = {
        name: number for rows in raw["months"].values() for number, row in enumerate(rows, 1) for name in row
    }
    return _Languages(stopwords, codes, first, months, frozenset(raw["stopwords"]))


def _check_language(said: str, supported: Collection[str]) -> None:
    if said in supported:
        return
    names = _data().names
    listed = ", ".join(f"{names.get(code, code)} ({code})" for code in sorted(supported)) or "none"
    if said == UNKNOWN_LANGUAGE:
        raise ReportError(
            f"its language cannot be recognized; say it in the field language. Coded are: {listed}"
        )
    raise ReportError(
        f"is in {names.get(said, said)} ({said}), which is not coded yet; coded are: {listed}."
        " How to add a language: docs/adding-a-language.md"
    )


_WORD = re.compile(r"[^\W\d_]+")
_READ = 500
_ENOUGH = 200
_FEW = 3
_SHARE = 0.16
_LEAD = 1.5
"""Quick recognition is sure with so many stopwords, so large a share of words, and so far ahead of the next."""
_PLAIN, _PLAINLY = 12, 4
"""A text is plainly not of its declared language with so many stopwords of another, so many times those of the declared."""


def language(text: str, hint: str | None = None) -> str:
    """ISO 639-1 code of a text: what the source declares, unless its beginning is plainly of another language, else recognized.

    Feeds declare the language of their site and carry texts in others; coded as what it is not, a text would give nothing.

    >>> language("", "en-US"), language("Les combats ont repris dans la ville et sur la route du nord")
    ('en', 'fr')
    """
    head = text.lstrip()[:_READ]
    said = _declared(hint)
    if said is None:
        return _quick(head) or _slow(head)
    hits, words = _hits(head)
    plain = _surest(hits, words) if max(hits.values(), default=0) >= _PLAIN else None
    return said if plain is None or hits.get(said, 0) * _PLAINLY > hits[plain] else plain


def _declared(hint: str | None) -> str | None:
    if not hint:
        return None
    codes, name = _data().codes, hint.strip().casefold()
    return codes.get(name) or codes.get(re.split(r"[-_,;@. ]", name, maxsplit=1)[0])


def _quick(text: str) -> str | None:
    """The language by its stopwords, in microseconds; None when not sure."""
    return _surest(*_hits(text))


def _hits(text: str) -> tuple[dict[str, int], int]:
    """How many words of the text are stopwords of each language, and how many words there are."""
    words = _WORD.findall(text.lower())
    table, hits = _data().stopwords, dict[str, int]()
    for word in words:
        for code in table.get(word, ()):
            hits[code] = hits.get(code, 0) + 1
    return hits, len(words)


def _surest(hits: Mapping[str, int], words: int) -> str | None:
    ranked = sorted(hits.items(), key=lambda pair: -pair[1])
    if not ranked or ranked[0][1] < max(_FEW, _SHARE * words):
        return None
    return ranked[0][0] if len(ranked) == 1 or ranked[0][1] >= _LEAD * ranked[1][1] else None


def _slow(text: str) -> str:
    """The language by py3langid; of a short text only a language of the lexicon, since names alone mislead it."""
    if not _WORD.search(text):
        return UNKNOWN_LANGUAGE
    import py3langid  # late: half a second that most runs never need

    ranked = [str(code) for code, _ in py3langid.rank(text)]
    if len(text) < _ENOUGH:
        return next((code for code in ranked if code in _data().recognized), UNKNOWN_LANGUAGE)
    return _data().codes.get(ranked[0]) or (UNKNOWN_LANGUAGE if ranked[0] == "zxx" else ranked[0])


# ---- publication date --------------------------------------------------------------------------------------

_NOTHING = frozenset(
    ("", "-", "–", "?", "n/a", "na", "nan", "nat", "nil", "none", "null", "unknown", "undated")
)
_LONGEST_DATE = 80
_AFTER = r"(?=$|[\st,;(])"
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_AFTER}")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?=$|t\d{4,6})")
_NUMERIC = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_AFTER}")
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s{1,3})?"
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?[\s-]{{1,3}}(?:of\s|de\s)?([^\W\d_]{{3,12}})\.?,?[\s-]{{1,3}}"
    rf"(?:de\s)?(\d{{4}}|\d\d(?=\s{{1,3}}\d\d:)){_AFTER}"
)
_MONTH_FIRST = re.compile(
    rf"{_WEEKDAY}([^\W\d_]{{3,12}})\.?\s{{1,3}}(\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}"
    rf"(?:\d\d:\d\d:\d\d\s{{1,3}}(?:[a-z]{{3,4}}\s{{1,3}})?)?(\d{{4}}){_AFTER}"
)


def _published(given: str | None, today: date, default: date | None) -> date | None:
    if given is None or given.strip().casefold() in _NOTHING:
        found = default
    else:
        found = day(given)
    if found is not None and not EARLIEST <= found <= today + AHEAD:
        side = "in the future" if found > today else "before there was such news"
        raise ReportError(
            f"its date of publication, {found.isoformat()}, is {side}; correct it or leave it empty"
        )
    return found


def day(text: str) -> date | None:
    """The day that a publication date names, as printed (no time zones); None when unreadable or ambiguous.

    Read are ISO 8601, RFC 2822, "14 September 2023", "Sept. 14, 2023" and 14/09/2023; not 04/09/2023, which is
    April in one country and September in another.
    """
    text = unicodedata.normalize("NFC", text.strip()[:_LONGEST_DATE].lower())
    if match := _ISO.match(text):
        return _date(match[1], match[3], match[4])
    if match := _COMPACT.match(text):
        return _date(match[1], match[2], match[3])
    if match := _NUMERIC.match(text):
        return _by_numbers(int(match[1]), int(match[3]), int(match[4]))
    if match := _DAY_FIRST.match(text):
        return _date(_century(match[3]), _data().months.get(match[2]), match[1])
    if match := _MONTH_FIRST.match(text):
        return _date(match[3], _data().months.get(match[1]), match[2])
    return None


_DATELINE = re.compile(
    r"\s*+(?P<place>[^\W\d_][^\d\n]{1,80}?),\s{1,2}"
    r"(?:(?P<day>\d{1,2})\s(?P<month>[^\W\d_]{3,12})\.?,?|(?P<month_first>[^\W\d_]{3,12})\.?\s(?P<day_next>\d{1,2}),)"
    r"\s(?P<year>\d{4}|\d\d)\s?(?:[(\[][^)\]]{1,60}[)\]])?\s?(?:--|[—–]|-\s|:\s)"
)
_REACH = 200


def _dateline(text: str, today: date) -> date | None:
    """The day that the text's dateline gives in full ("LIMA, 12 JAN 90 (AFP) --"); a place in capitals tells a dateline."""
    match = _DATELINE.match(text[:_REACH])
    if match is None:
        return None
    words = re.split(r"[,(]", match["place"], maxsplit=1)[0].split()
    if 2 * sum(word.isupper() for word in words) < len(words):
        return None
    month = _data().months.get((match["month"] or match["month_first"]).lower())
    found = _date(_century(match["year"]), month, match["day"] or match["day_next"])
    return found if found is not None and EARLIEST <= found <= today + AHEAD else None


def _by_numbers(first: int, second: int, year: int) -> date | None:
    if first > 12 or first == second:
        return _date(year, second, first)
    return _date(year, first, second) if second > 12 else None


def _century(year: str) -> int:
    # RFC 822 wrote two digits; RFC 2822 says that up to 49 they are of this century.
    number = int(year)
    return number if len(year) == 4 else number + (2000 if number < 50 else 1900)


def _date(year: str | int, month: str | int | None, day_: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day_)) if month is not None else None
    except ValueError:
        return None
