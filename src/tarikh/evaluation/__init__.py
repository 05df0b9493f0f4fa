"""Scores of the coder on labelled files. A kind of file is a module and a line in `KINDS`.

Invariant: coding here is the coding of `tarikh code`; only the scorer knows the labels.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tarikh.errors import UsageError
from tarikh.evaluation import gold, hrdsattack, muc4
from tarikh.evaluation.coding import Uncoded, coded_lines, coded_records, coded_templates
from tarikh.pipeline import Rules

Row = Mapping[str, Any]


@dataclass(slots=True)
class Aside:
    """What a run has to tell beside its scores: the differences, and why reports could not be coded, by id."""

    differences: list[Row] = field(default_factory=list)
    uncoded: Uncoded = field(default_factory=dict)


def _gold(
    rows: Sequence[Row], predictions: Mapping[str, Row] | None, rules: Rules, workers: int, aside: Aside
) -> dict[str, Any]:
    coded = predictions if predictions is not None else coded_lines(rows, rules, workers, aside.uncoded)
    result: dict[str, Any] = {"all": gold.score(rows, coded, aside.differences)}
    languages = sorted({str(row.get("language")) for row in rows})
    if len(languages) > 1:
        result |= {
            name: gold.score([r for r in rows if str(r.get("language")) == name], coded) for name in languages
        }
    return result


def _hrdsattack(
    rows: Sequence[Row], predictions: Mapping[str, Row] | None, rules: Rules, workers: int, aside: Aside
) -> dict[str, Any]:
    coded = predictions if predictions is not None else coded_records(rows, rules, workers, aside.uncoded)
    return {"all": hrdsattack.score(rows, coded, aside.differences)}


def _muc4(
    rows: Sequence[Row], predictions: Mapping[str, Row] | None, rules: Rules, workers: int, aside: Aside
) -> dict[str, Any]:
    coded = predictions if predictions is not None else coded_templates(rows, rules, workers, aside.uncoded)
    return {"all": muc4.score(rows, coded, aside.differences)}


def _swap(
    rows: Sequence[Row], predictions: Mapping[str, Row] | None, rules: Rules, workers: int, aside: Aside
) -> dict[str, Any]:
    from tarikh.evaluation import swap

    if predictions is not None:
        raise UsageError("swap codes each report under other labels: it cannot use --predictions")
    result = swap.score(rows, rules, workers)
    aside.differences.extend(result["flips"])
    return result


def _dates(
    rows: Sequence[Row],
    predictions: Mapping[str, Row] | None,
    _rules: Rules,
    _workers: int,
    aside: Aside,
) -> dict[str, Any]:
    from tarikh.evaluation import dates

    if predictions is not None:
        raise UsageError("dates reads the words of time of each text now: it cannot use --predictions")
    return dates.score(rows, aside.differences)


def _places(
    rows: Sequence[Row], predictions: Mapping[str, Row] | None, rules: Rules, _workers: int, aside: Aside
) -> dict[str, Any]:
    from tarikh.evaluation import event_places, geoparsing

    if predictions is not None:
        raise UsageError("places reads the names of each text now: it cannot use --predictions")
    named = [row for row in rows if "toponyms" in row]
    told = [row for row in rows if "locations" in row]
    result: dict[str, Any] = {}
    if named:
        result["names"] = geoparsing.score(named, rules.gazetteer, aside.differences)
    if told:
        result["acts"] = event_places.score(told, rules.gazetteer, aside.differences)
    return result


def _incidents(
    rows: Sequence[Row], predictions: Mapping[str, Row] | None, rules: Rules, workers: int, aside: Aside
) -> dict[str, Any]:
    from tarikh.evaluation import incident_articles

    if predictions is not None:
        raise UsageError("incidents codes and links the articles now: it cannot use --predictions")
    return incident_articles.score(rows, rules, workers, aside.uncoded)


KINDS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "gold": _gold,
    "hrdsattack": _hrdsattack,
    "muc4": _muc4,
    "swap": _swap,
    "dates": _dates,
    "places": _places,
    "incidents": _incidents,
}
_LABELS = ("mentions", "gold", "templates", "timex3", "toponyms", "locations", "incident_id", "num_killed")
UNLABELLED = ("swap",)
"""Kinds that need reports and no labels."""


def read_rows(path: Path, labelled: bool = True) -> list[Row]:
    """Lines of a labelled file, or of predictions, whose problem lines may have no id. Raises `UsageError` with file and line for what is no JSON object."""
    rows: list[Row] = []
    number = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise UsageError(f"{path}:{number}: a labelled report must be a JSON object")
                if "docid" in row:
                    row = {"id": row["docid"], **row}  # MUC-4's name for it
                for other in ("doc_id", "incident_uri"):
                    if other in row:  # articles on incidents, and the key of these
                        row = {"id": row[other], **row}
                if labelled and (row.get("id") is None or not any(name in row for name in _LABELS)):
                    raise UsageError(
                        f"{path}:{number}: a labelled report needs an id, and its labels under mentions, gold, templates, timex3,"
                        " toponyms, locations or incident_id"
                    )
                rows.append(row)
    except IsADirectoryError as error:
        raise UsageError(
            f"{path} is a folder; name the labelled file in it, one JSON object a line"
        ) from error
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {path}; name a labelled file, one JSON object a line") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}; see its permissions") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}:{number + 1} is not UTF-8 (byte {error.start} of what was read); save it as UTF-8 text"
        ) from error
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{number}: not JSON ({error.msg})") from error
    return rows


def evaluate(
    kind: str,
    files: Iterable[Path],
    rules: Rules,
    predictions: Path | None = None,
    workers: int = 1,
    errors: int = 0,
    atlas: Path | None = None,
    every: int = 1,
    tell: Callable[[Uncoded, int], None] | None = None,
) -> dict[str, Any]:
    """Scores of the reports of some labelled files, coded now or read from `predictions`.

    The result has one entry for `all` and one a language, and under `errors` up to that many differences.
    `atlas` names a file for the page of all misses by cause (kind `gold`, coded now). `every` takes each nth row only.
    `tell` is told of the reports that could not be coded, where there are some, and of how many there were in all.
    """
    if kind not in KINDS:
        raise UsageError(
            f"there is no kind of labelled file called {kind!r}; the kinds are: {', '.join(KINDS)}"
        )
    if atlas is not None and (kind != "gold" or predictions is not None):
        raise UsageError(
            "--atlas goes with the kind gold, and without --predictions: it must see how each report is coded"
        )
    files = list(files)
    rows = [row for path in files for row in read_rows(path, kind not in UNLABELLED)[::every]]
    if kind in UNLABELLED:
        rows = [
            row if row.get("id") is not None else {**row, "id": f"line-{n}"} for n, row in enumerate(rows, 1)
        ]
    given: Mapping[str, Row] | None = None
    if predictions is not None:
        given = {
            str(row["id"]): row for row in read_rows(predictions, labelled=False) if row.get("id") is not None
        }
    if not rows:
        raise UsageError(f"{', '.join(str(path) for path in files)} holds no report to score")
    if atlas is not None:
        given = _atlas(rows, rules, atlas, "Misses on " + ", ".join(path.name for path in files))
    aside = Aside()
    result = KINDS[kind](rows, given, rules, workers, aside)
    if given is not None:
        aside.uncoded |= {i: str(r["problem"].get("reason")) for i, r in given.items() if _problem(r)}
    if tell is not None and aside.uncoded:
        tell(aside.uncoded, len(rows))
    if errors:
        result["errors"] = aside.differences[:errors]
    return result


def _problem(line: Row) -> bool:
    """Whether a coded line says that its report could not be coded."""
    return isinstance(line.get("problem"), dict)


def _atlas(rows: Sequence[Row], rules: Rules, destination: Path, title: str) -> dict[str, Row]:
    """Writes the error atlas; returns the lines that it was made from."""
    from tarikh.evaluation import atlas_page
    from tarikh.evaluation.atlas import atlas
    from tarikh.evaluation.coding import traces

    coded = traces(rows, rules)
    atlas_page.write(atlas(coded), destination, title)
    return {
        str(trace.row["id"]): {**trace.line, "problem": {"reason": trace.problem}}
        if trace.problem is not None
        else trace.line
        for trace in coded
    }


def as_text(kind: str, result: Mapping[str, Any]) -> str:
    """The figures for people."""
    from tarikh.evaluation.tables import TEXTS

    return TEXTS[kind](result)
