"""The table of UCDP GED: which columns there are, under which names, and how each row stands in its file.

Invariant: a file without the columns that are needed is refused before a row of it is read; a column that is not known is
named and left out, a row that does not fit its header is a `Problem`.

Sources: UCDP GED Codebook (versions 20 to 26), the form of the download and the API, and the HDX form with its HXL tags.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tarikh.errors import SourceError
from tarikh.imports.opening import STAGE, opened
from tarikh.model import Problem
from tarikh.sources.tabular import Lines

COLUMNS = (
    *("id", "relid", "year", "active_year", "code_status", "type_of_violence"),
    *("conflict_dset_id", "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name"),
    *("side_a_dset_id", "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b"),
    *("number_of_sources", "source_article", "source_office", "source_date", "source_headline"),
    *("source_original", "where_prec", "where_coordinates", "where_description", "adm_1", "adm_2"),
    *("latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "iso3", "country_id", "region"),
    *("event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b"),
    *("deaths_civilians", "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob"),
)
"""Those of the API and the candidate events, in order, and `iso3` of the HDX form."""
OLDER = {
    "best_est": "best",
    "high_est": "high",
    "low_est": "low",
    "where_decription": "where_description",
    "ccode": "country_id",
    "isocc": "iso3",
}
"""Names that columns had in other versions."""
NEEDED = (
    *("id", "type_of_violence", "side_a", "side_b", "where_prec", "country", "date_prec"),
    *("date_start", "date_end", "best", "high", "low", "event_clarity"),
)
_UNDECODED = re.compile("[\udc80-\udcff]")

GedRow = Mapping[str, str]


def header(path: Path) -> tuple[str, ...]:
    """The columns of a file, by their names of today. Raises `SourceError` where it is no table of GED."""
    with opened(path) as ready:
        lines = Lines(ready)
        first = next(lines, "")
        if not first and lines.left_out:
            raise SourceError(
                f"{path}:1: the line is too long for the header of GED; is this the CSV of the events?"
            )
        if not first.strip():
            raise SourceError(f"{path} is empty where the header with the names of the columns should be")
        return _checked(_cells(first, path), path)


def _cells(line: str, path: Path) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=_delimiter(line), strict=True))
    except csv.Error as error:
        raise SourceError(f"{path}:1: the header cannot be read as CSV: {error}") from error


def _delimiter(line: str) -> str:
    return next((sign for sign in ",;\t" if sign in line), ",")


def _checked(cells: list[str], path: Path) -> tuple[str, ...]:
    names = [OLDER.get(name, name) for name in (cell.strip().lower() for cell in cells)]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        near = difflib.get_close_matches(missing[0], [cell.strip() for cell in cells], 1)
        hint = f" (is it {near[0]!r}?)" if near else ""
        raise SourceError(
            f"{path}:1: has no column {', '.join(map(repr, missing[:5]))}{hint}, which UCDP GED has; give the CSV of"
            " the events as it was downloaded"
        )
    twice = next((name for name in names if name in COLUMNS and names.count(name) > 1), None)
    if twice is not None:
        raise SourceError(f"{path}:1: has the column {twice!r} twice; take one out")
    return tuple(names)


def unknown(names: tuple[str, ...]) -> list[str]:
    """Columns that this version of Tarikh does not know."""
    return [name for name in names if name and name not in COLUMNS]


def rows(path: Path) -> Iterator[tuple[int, GedRow] | Problem]:
    """Each row with the line on which it begins, or the problem of it. A second row of HXL tags is left out.

    Raises `SourceError` as `header` does.
    """
    csv.field_size_limit(10_000_000)
    with opened(path) as ready:
        lines = Lines(ready)
        first = next(lines, "")
        names = _checked(_cells(first, path), path)
        reader = csv.reader(lines, delimiter=_delimiter(first))
        while True:
            begin = lines.number + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield _problem(path, begin, f"the row cannot be read: {error}")
                continue
            for number in lines.left_out:
                yield _problem(path, number, "the line is too long for a row of GED")
            lines.left_out.clear()
            if cells is None:
                return
            if lines.ended:
                yield _problem(
                    path, begin, f"a quote that is opened here is not closed up to line {lines.number:,}"
                )
            elif any(cell.strip() for cell in cells) and not _is_tags(cells, begin):
                yield _row(path, begin, names, cells)


def _is_tags(cells: list[str], line: int) -> bool:
    told = [cell.strip() for cell in cells if cell.strip()]
    return line == 2 and all(cell.startswith("#") for cell in told)


def _row(path: Path, line: int, names: tuple[str, ...], cells: list[str]) -> tuple[int, GedRow] | Problem:
    if len(cells) != len(names):
        short = ": the file ends within it, or a text with the separator lacks its quotes"
        return _problem(path, line, f"has {len(cells)} cells under {len(names)} columns{short}")
    if any(_UNDECODED.search(cell) for cell in cells if not cell.isascii()):
        return _problem(path, line, "has bytes that are not UTF-8; save the table as UTF-8")
    found = zip(names, (cell.strip() for cell in cells), strict=True)
    return line, {name: cell for name, cell in found if name in COLUMNS}


def _problem(path: Path, line: int, reason: str) -> Problem:
    return Problem(STAGE, reason, f"{path}:{line}", line)
