"""`tarikh train`: fits learned parts of the coder to a user's own coded reports, and says what that brought.

Invariant: nothing is fitted unasked, nothing leaves the machine, and what is not better by more than noise is left as shipped.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tarikh.command_options import Index, Json
from tarikh.errors import UsageError

if TYPE_CHECKING:
    from tarikh.fitting.figures import Verdict


def train(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="reports that people coded or corrected, as JSON lines (codebook, section 10)"),
    ] = None,
    folds: Annotated[
        int, typer.Option(min=2, max=20, help="parts in which reports are left out in turn")
    ] = 5,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="print the figures and write nothing")] = False,
    reset: Annotated[
        bool, typer.Option("--reset", help="take the trained parts away: the shipped ones code again")
    ] = False,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Fit the weights of status and aspect and the curves of confidence to reports that people coded, with figures on
    reports left out, before and after. What is better by more than noise is used from then on; the rest stays as shipped.

    Example:  tarikh train coded-by-hand.jsonl --dry-run
    """
    if reset and files:
        raise UsageError("--reset takes the trained parts away and reads no file; leave one of the two out")
    if reset:
        _reset()
        return
    if not files:
        raise UsageError(
            "name a file of reports that people coded, such as: tarikh train coded-by-hand.jsonl"
        )
    from tarikh import fitting, terminal
    from tarikh.fitting import keeping
    from tarikh.fitting.samples import labelled
    from tarikh.outcomes import Rules
    from tarikh.reference import trained
    from tarikh.settings import Settings

    settings = Settings()
    if not dry_run and trained.folder() is None:
        raise UsageError("TARIKH_TRAINED is off, so nothing could be kept: unset it, or add --dry-run")
    rows = labelled(files)
    rules = Rules(index or settings.gazetteer_path(), datetime.now(UTC).date(), None, settings.max_text)
    with terminal.bar("coding twice") as tick:
        found = fitting.fitted(rows, rules, folds, tick)
    if found.uncoded:
        terminal.uncoded(found.uncoded, len(rows))
    if as_json:
        terminal.print_json(asdict(found))
    else:
        terminal.line(
            f"{found.reports} reports, {found.mentions} mentions found; every figure is on reports left out of fitting ({folds} folds)"
        )
        for verdict in found.verdicts:
            _show(verdict)
    if dry_run:
        terminal.say("nothing was written (--dry-run)")
    elif not found.parts:
        terminal.say("nothing is better by more than noise: nothing was written, what is in force stays")
    else:
        where, _ = keeping.write(found, files, datetime.now(UTC), folds)
        terminal.say(
            f"written to {where}; the coder is now {trained.named(trained.CODER)}, and tarikh recode codes a database by it."
            " The shipped parts again: tarikh train --reset"
        )


def _show(verdict: Verdict) -> None:
    from tarikh import terminal

    terminal.line(f"{verdict.part}: {verdict.why}")
    for each in verdict.figures:
        terminal.line(f"  {each.name:22} {each.before:.3f} → {each.after:.3f}  of {each.count}")


def _reset() -> None:
    from tarikh import terminal
    from tarikh.fitting import keeping

    gone = keeping.reset()
    terminal.say(
        "the trained parts are gone; the shipped ones code" if gone else "there are no trained parts"
    )


def tell_fault() -> None:
    """Says on stderr where the user's trained parts cannot be used."""
    from tarikh import terminal
    from tarikh.reference import trained

    fault = trained.kept().fault
    if fault:
        terminal.say(fault)
