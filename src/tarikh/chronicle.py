"""Tarikh from Python: `code` codes a text, `open` opens a chronicle whose incidents are asked for, tabled and exported.

Invariant: the words of a filter are those of `tarikh list`, refused in the same sentences; nothing is asked of the database
before it is needed, and nothing is printed but the progress of building an index of places.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Never, Self, overload

from tarikh import asking, disclosure, queries
from tarikh.errors import ReportError, UsageError
from tarikh.exports import context as around
from tarikh.link.harm import check
from tarikh.model import Document, Incident, Mention, Problem, Report
from tarikh.settings import Settings

if TYPE_CHECKING:
    import geopandas
    import pandas

    from tarikh.disclosure import Shown
    from tarikh.pipeline import Added
    from tarikh.store import Store

Names = str | Sequence[str] | None
"""One word, or several."""
Day = str | date | None
"""A day, or one written as 2025-03-14."""


# ---- one text ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Coded(Sequence[Mention]):
    """What was coded of one text: a sequence of mentions. `report` is the text as it was read, on which their spans stand."""

    report: Report
    mentions: tuple[Mention, ...]

    @overload
    def __getitem__(self, at: int) -> Mention: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Mention, ...]: ...

    def __getitem__(self, at: int | slice) -> Mention | tuple[Mention, ...]:
        return self.mentions[at]

    def __len__(self) -> int:
        return len(self.mentions)

    def __repr__(self) -> str:
        kinds = ", ".join(mention.kind for mention in self.mentions)
        return f"<{len(self)} mentions: {kinds}>" if self.mentions else "<0 mentions>"

    def to_pandas(self) -> pandas.DataFrame:
        """A row a mention. Raises `MissingError` where pandas is not installed."""
        from tarikh.exports.frames import mentions_frame

        return mentions_frame(self.mentions)


def code(
    text: str,
    *,
    title: str | None = None,
    published: Day = None,
    language: str | None = None,
    source: str | None = None,
    gazetteer: str | PathLike[str] | None = None,
) -> Coded:
    """Codes one report, without a database. `published` is its day, from which "on Tuesday" is counted; None is unknown.

    The first call loads the models and, where there is none yet, builds the index of places.
    Raises `ReportError` where it cannot be coded (empty, too long, of a language that is not coded), `UsageError` for
    a day that is none, `MissingError` where a part is not installed.
    """
    from tarikh import pipeline, reading, reference

    if not isinstance(text, str):
        raise UsageError(f"text is {text!r:.60}; give the text of a report")
    today = datetime.now(UTC).date()
    settings = Settings()
    with _in_python():
        day = asking.day_of_publication(_day(published), today)
    document = Document("text", text, title=title, source=source, language=language)
    made = reading.report(document, today, day, reference.languages(), settings.max_text)
    if isinstance(made, Problem):
        raise ReportError(f"the text {made.reason}")
    return Coded(made, pipeline.code(made, _places(gazetteer), settings.scope))


def _day(given: Day) -> str | None:
    if given is None or isinstance(given, str):
        return given
    return (given.date() if isinstance(given, datetime) else given).isoformat()


def _places(given: str | PathLike[str] | None) -> Any:
    from tarikh.demonstration import ready_gazetteer
    from tarikh.gazetteer import open_index

    return open_index(Path(given) if given is not None else ready_gazetteer())


# ---- many incidents ----------------------------------------------------------------------------------------


class Incidents(Sequence[Incident]):
    """The incidents that a filter finds, as the disclosure policy shows them: asked for when first needed, then kept."""

    def __init__(
        self,
        owner: Chronicle,
        of: queries.Chronicle,
        wanted: queries.Filter,
        figures: str,
        level: disclosure.Level,
    ) -> None:
        self._owner, self._of, self._wanted, self._figures = owner, of, wanted, figures
        self.disclosure: disclosure.Level = level

    @cached_property
    def _incidents(self) -> Sequence[Incident]:
        if self.disclosure == "full":  # nothing is withheld, so mentions and reports need not be read
            self._owner._opened()
            return tuple(queries.find(self._of, self._wanted, self._figures))
        return self._shown.incidents

    @cached_property
    def _shown(self) -> Shown:
        self._owner._opened()
        now = datetime.now(UTC)
        return asking.shown_at(self._of, self._wanted, self.disclosure, self._figures, now, flat_only=True)

    @overload
    def __getitem__(self, at: int) -> Incident: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Incident]: ...

    def __getitem__(self, at: int | slice) -> Incident | Sequence[Incident]:
        return self._incidents[at]

    def __iter__(self) -> Iterator[Incident]:
        return iter(self._incidents)

    def __len__(self) -> int:
        return len(self._incidents)

    def __repr__(self) -> str:
        known = f"{len(self)} incidents" if "_incidents" in self.__dict__ else "incidents, not asked for yet"
        return f"<{known}, as level {self.disclosure} shows them>"

    def to_pandas(self) -> pandas.DataFrame:
        """A row an incident, with the columns of every flat export (docs/exports.md): counts are Int64, days datetime64, unknown
        is <NA>. Raises `MissingError` where pandas is not installed.
        """
        from tarikh.exports.frames import incidents_frame

        return incidents_frame(self._shown.incidents, around(shown=self._shown))

    def to_geodataframe(self) -> geopandas.GeoDataFrame:
        """As `to_pandas`, with a point each (EPSG:4326); above town level it is only for drawing, as `place_precision` says.

        Raises `MissingError` where geopandas is not installed.
        """
        from tarikh.exports.frames import incidents_geoframe

        return incidents_geoframe(self._shown.incidents, around(shown=self._shown))


class Chronicle:
    """An open database. Made by `tarikh.open`; closed by `close`, or at the end of a `with` block."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._closed = False

    def _opened(self) -> Store:
        """The database. Raises `UsageError` where it was closed."""
        if self._closed:
            raise UsageError(f"{self!r} is closed; open it again: tarikh.open({str(self._store.path)!r})")
        return self._store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<chronicle {self._store.path}>"

    def close(self) -> None:
        """Gives the database's connections back. What was looked at stays; all else is a `UsageError` from then on."""
        self._closed = True
        self._store.close()

    # ---- looking ---------------------------------------------------------------------------------------------

    def incidents(
        self,
        *,
        country: Names = None,
        place: str | None = None,
        radius: float | None = None,
        admin1: Names = None,
        since: Day = None,
        until: Day = None,
        kind: Names = None,
        party: Names = None,
        min_killed: int | None = None,
        status: Names = None,
        source: Names = None,
        text: str | None = None,
        review: Names = None,
        limit: int | None = None,
        figures: str = queries.DEFAULT_FIGURES,
        as_of: str | None = None,
        disclosure: str = "full",
        **unknown: Never,
    ) -> Incidents:
        """The incidents that all these conditions let pass, newest first; each is that of `tarikh list` of the same name.

        `radius` is in kilometers around `place`. `disclosure` is full, partner or public: what is shown of them.
        Raises `UsageError` with what would be right, `ForbiddenError` (when they are looked at) where the conditions ask for
        what the level withholds.
        """
        wanted = _filter({name: value for name, value in locals().items() if name in _WORDS}, unknown)
        check(figures)
        with _in_python():
            then, _ = asking.as_of(self._opened(), as_of)
        return Incidents(self, then, wanted, figures, _level(disclosure))

    def incident(self, id: str, *, figures: str = queries.DEFAULT_FIGURES) -> queries.IncidentView:
        """One incident with its mentions, reports and ledger, in full, by its id or the first characters of it.

        Raises `UnknownIdError` where there is none or more than one.
        """
        return queries.show(self._opened(), id, figures)

    def reports(self) -> Iterator[Report]:
        """All reports as they are kept, with their texts, in the order of recording."""
        return self._opened().reports()

    def problems(self) -> list[Problem]:
        """All that could not be read or coded, with the reason."""
        return self._opened().problems()

    def timeline(self, by: str = "week", **words: Any) -> queries.Timeline:
        """Incidents and killed by day, week or month, with the conditions of `incidents`; what is dated less exactly, and what has
        no known toll, is told apart. Raises `UsageError`.
        """
        known = {name: value for name, value in words.items() if name in _WORDS}
        return queries.timeline(self._opened(), _filter(known, words), by)  # type: ignore[arg-type]  # checked there

    # ---- adding and taking away --------------------------------------------------------------------------------

    def add(
        self,
        sources: str | PathLike[str] | Sequence[str | PathLike[str]],
        *,
        columns: Mapping[str, str] | None = None,
        form: str | None = None,
        published: Day = None,
        workers: int = 1,
    ) -> Added:
        """Codes files, folders, feeds or addresses and links them, as `tarikh add`; what was there already is left as it is.

        `columns` says which column holds what ({"text": "body"}). Raises `UsageError` for options that do not exist.
        """
        from tarikh import pipeline
        from tarikh.demonstration import ready_gazetteer

        store = self._opened()
        given = [sources] if isinstance(sources, str | PathLike) else list(sources)
        mapped = [f"{field}={column}" for field, column in (columns or {}).items()]
        today, settings = datetime.now(UTC).date(), Settings()
        with _in_python():
            options = asking.read_options(mapped, form, None, False)
            day = asking.day_of_publication(_day(published), today)
        documents = asking.documents([str(each) for each in given], options)
        rules = pipeline.Rules(ready_gazetteer(), today, day, settings.max_text, settings.scope)
        return pipeline.add(documents, store, rules, workers)

    def export(
        self,
        path: str | PathLike[str],
        *,
        form: str | None = None,
        figures: str = queries.DEFAULT_FIGURES,
        disclosure: str | None = None,
        **words: Any,
    ) -> int:
        """Writes a file as `tarikh export`, with the conditions of `incidents`; returns how many incidents are in it.

        The form follows from the suffix. `disclosure` is public where neither it nor TARIKH_DISCLOSURE says otherwise.
        """
        known = {name: value for name, value in words.items() if name in _WORDS}
        wanted = _filter(known, words)
        by = f"user:{asking.who(None)}"
        with _in_python():
            return asking.export(self._opened(), wanted, Path(path), form, by, figures, disclosure).rows


def open(path: str | PathLike[str] | None = None, *, create: bool = False) -> Chronicle:
    """The chronicle in a database file; without one that of TARIKH_DATABASE, or of the user's data folder.

    `create` begins a new one where there is none. Raises `UsageError` where there is none, `StoreError` where the
    file is no database of Tarikh.
    """
    where = Path(path) if path is not None else Settings().database_path()
    if not create and not where.exists():
        raise UsageError(
            f"there is no database at {where}; to begin one: tarikh.open({str(where)!r}, create=True)"
        )
    return Chronicle(asking.chronicle(where))


# ---- words of the command line, as Python has them -----------------------------------------------------------

_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")
_ARGUMENTS = {"format": "form", "map": "columns"}


@contextmanager
def _in_python() -> Iterator[None]:
    """Sentences of what is shared with the command line name arguments (`as_of`) where those name options (`--as-of`)."""
    try:
        yield
    except UsageError as error:
        told = _OPTION.sub(lambda o: _ARGUMENTS.get(o[1], o[1].replace("-", "_")), str(error))
        raise UsageError(told) from error.__cause__


# ---- the words of a filter -----------------------------------------------------------------------------------

_MANY = ("country", "admin1", "kind", "party", "status", "source", "review")
_WORDS = frozenset(inspect.signature(asking.filter_of).parameters) - {"index"}


def _filter(given: Mapping[str, Any], all_words: Mapping[str, Any]) -> queries.Filter:
    """The filter of keyword arguments. Raises `UsageError` for a word that is none, with one that is like it."""
    for word in all_words:
        if word not in _WORDS:
            near = difflib.get_close_matches(word, sorted(_WORDS), 2)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(sorted(_WORDS))}"
            raise UsageError(f"there is no condition {word!r}; {hint}")
    made: dict[str, Any] = {n: _several(n, value) if n in _MANY else value for n, value in given.items()}
    made |= {name: _day(made[name]) for name in ("since", "until") if name in made}
    try:
        with _in_python():
            return asking.filter_of(**made)
    except (TypeError, AttributeError) as error:
        told = ", ".join(f"{name}={value!r:.40}" for name, value in given.items() if value is not None)
        raise UsageError(f"a condition is of the wrong type ({error}) in {told}") from error


def _several(name: str, value: Any) -> list[str] | None:
    if value is None or isinstance(value, str):
        return None if value is None else [value]
    try:
        words = list(value)
    except TypeError:
        words = [value]
    if not words:
        raise UsageError(f"{name} is an empty list; leave it out to ask for all")
    if not all(isinstance(word, str) for word in words):
        raise UsageError(f"{name} is {value!r:.60}; give a text, or a list of texts")
    return words


def _level(given: str) -> disclosure.Level:
    return disclosure.checked_level(given)
