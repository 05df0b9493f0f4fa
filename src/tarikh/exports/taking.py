"""Taking incidents away as a file: written row by row, and entered in the log of exports in the act in which it appears.

Invariant: nothing that a sight withholds is in the file; a file without its row in the log, or a row without its file, is
left by no failure but one of the machine itself between two steps.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from tarikh import disclosure
from tarikh.disclosure import Shown, noted
from tarikh.disclosure.masking import unnamed
from tarikh.disclosure.sight import Guarding, Sight
from tarikh.exports import FORMATS, coded, csv, page, record
from tarikh.exports.context import Counts, ExportContext, context
from tarikh.exports.destination import encoded, opened
from tarikh.exports.table import Table
from tarikh.gazetteer import usable
from tarikh.model import Incident
from tarikh.settings import Settings
from tarikh.store import Store
from tarikh.store.export_log import Export, ExportLog
from tarikh.store.schema import HEAD

HTML = "html"
"""The name of the page, which is written whole, beside those of `FORMATS`."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a file is to be: its form, who takes it (`user:NAME`), what was asked for in words and as an address has it, under
    which license the data may be used, and when it is made."""

    form: str
    by: str
    filters: str = ""
    query: str = ""
    license: str | None = None
    made: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written: how many incidents, at which level, how many of them at a coarser place, and the file's digest."""

    rows: int
    level: str
    coarser: int
    sha256: str


def sight_of(store: Store, level: str, now: datetime) -> Sight:
    """What a level may see of a store, by the user's settings. Raises `UsageError` where there is no such level."""
    settings = Settings()
    path = settings.gazetteer_path()
    policy = disclosure.policy(settings.fresh_hours)
    guarding = Guarding(store, path if usable(path) else None, policy)
    return Sight(guarding, disclosure.checked_level(level), now)


def around(store: Store, sight: Sight, order: Order) -> ExportContext:
    """What goes with the data of an order."""
    from tarikh.exports.versions import versions  # late: it brings the coder

    parts = {**versions(), "schema": HEAD, "disclosure": str(sight.guarding.policy.version)}
    coders: Iterable[str] = store.past().coders(sight.now)
    if sight.guarding.policy.done("reviewers", sight.level) != "shown":
        coders = dict.fromkeys(unnamed(coder) for coder in coders)
    parts["coders"] = ", ".join(coders) or None
    made = context(filters=order.filters, made=order.made)
    return replace(
        made,
        query=order.query,
        license=order.license,
        versions=parts,
        level=sight.level,
        policy=sight.guarding.policy.version,
    )


Make = Callable[[Iterable[record.Shown], ExportContext, bool, Counts], Table]
"""Makes a table of incidents as they may be shown, counting them by what is withheld: `record.table`, or one of other columns."""


def take(
    store: Store,
    sight: Sight,
    order: Order,
    destination: Path,
    shown: Iterable[record.Shown],
    make: Make = record.table,
) -> Taken:
    """Writes incidents that are rows of values, in a form of tables. Raises `TarikhError` where the file cannot be written."""
    export, given, counts = FORMATS[order.form], around(store, sight, order), Counts()
    table = make(shown, given, export.stamped, counts)
    write = export.table
    assert write is not None, f"{order.form} is no form of tables"
    aside = (lambda: csv.beside(table, destination.name)) if export.aside else None
    return _kept(store, sight, order, destination, counts, lambda stream: write(table, stream), aside)


def take_whole(
    store: Store, sight: Sight, order: Order, destination: Path, portions: Iterable[Shown]
) -> Taken:
    """Writes whole incidents, as a form has them or as the page. Raises as `take`."""
    given, counts = around(store, sight, order), Counts()

    def told() -> Iterator[tuple[Sequence[Incident], ExportContext]]:
        for shown in portions:
            for each in shown.incidents:
                counts.add(noted(shown.withheld.get(each.id, ())))
            yield shown.incidents, _given(given, shown)

    def write(stream: BinaryIO) -> None:
        if order.form == HTML:
            [shown] = portions
            for each in shown.incidents:
                counts.add(noted(shown.withheld.get(each.id, ())))
            page.write((), (), (), stream, given.title, shown)
        else:
            whole = FORMATS[order.form].whole
            assert whole is not None, f"{order.form} is no form of whole incidents"
            whole(told(), stream)

    aside = None if order.form == HTML else lambda: {"file": destination.name, **given.metadata(counts)}
    return _kept(store, sight, order, destination, counts, write, aside)


def take_coded(
    store: Store,
    sight: Sight,
    order: Order,
    destination: Path,
    portions: Iterable[Shown],
    codebook: str,
    form: str,
) -> coded.Written:
    """Writes whole incidents as rows of another codebook. Raises as `take`."""
    given, counts = around(store, sight, order), Counts()
    told = ((shown.incidents, _given(given, shown)) for shown in portions)
    within = _entering(store, sight, order, counts, destination, [])
    return coded.write(told, destination, given, codebook, form, counts, within)


def _given(given: ExportContext, shown: Shown) -> ExportContext:
    """What goes with the data, and what is around some of it."""
    mentions, reports = {m.id: m for m in shown.mentions}, {r.id: r for r in shown.reports}
    return replace(given, mentions=mentions, reports=reports, withheld=shown.withheld)


def aside_of(path: Path) -> Path:
    """The file that stands beside one whose form has no room for license, versions and filter."""
    return path.with_name(f"{path.name}-metadata.json")


def _kept(
    store: Store,
    sight: Sight,
    order: Order,
    destination: Path,
    counts: Counts,
    write: Callable[[BinaryIO], None],
    aside: Callable[[], Mapping[str, Any]] | None,
) -> Taken:
    """Writes a file, and what stands beside it; both appear when the row of the log is kept."""
    digests: list[str] = []
    entering = _entering(store, sight, order, counts, destination, digests)
    with ExitStack() as stack:
        other = None if aside is None else stack.enter_context(opened(aside_of(destination)))
        with opened(destination, entering) as stream:
            write(stream)
        if other is not None and aside is not None:
            other.write(encoded(json.dumps(aside(), ensure_ascii=False, indent=1) + "\n"))
    return Taken(counts.rows(), sight.level, counts.coarser(), digests[-1])


def _entering(
    store: Store, sight: Sight, order: Order, counts: Counts, destination: Path, digests: list[str]
) -> Callable[[Path], AbstractContextManager[None]]:
    """Enters a file in the log, in the act in which it appears; its digest is added to `digests`."""

    def entering(partial: Path) -> AbstractContextManager[None]:
        with partial.open("rb") as stream:
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
        told = (order.by, order.form, sight.level, order.filters, order.query)
        return ExportLog(store).entering(Export(*told, counts.rows(), destination.name, digests[-1]))

    return entering
