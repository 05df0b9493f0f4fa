"""The language model at the command line: what will be sent where, the question whether to, and how coders compare.

Invariant: nothing is sent before the person, or `--yes`, has agreed to the sentence that says what goes where.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tarikh.command_options import Index, Json
from tarikh.errors import UsageError

if TYPE_CHECKING:
    from tarikh.llm.asking import Asker
    from tarikh.model import Report
    from tarikh.outcomes import Rules
    from tarikh.second_coder import Mode

Coder = Annotated[
    str,
    typer.Option(
        "--coder",
        help="rules, llm (a language model, checked word by word) or both (asked where they are unsure)",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="send reports to the language model without asking first")]


@contextmanager
def coding_with(
    coder: str, yes: bool, rules: Rules, reports: Callable[[Rules], Sequence[Report]]
) -> Iterator[Rules]:
    """The rules with the second coder that was asked for, after the person agreed; unchanged for `rules`.

    `reports` gives those that would be asked about at most. Raises `UsageError` where it cannot be, or nobody can agree.
    """
    from tarikh.second_coder import MODES, SecondCoder

    if coder not in MODES:
        raise UsageError(f"--coder {coder!r} is none; write one of {', '.join(MODES)}")
    if coder == "rules":
        yield rules
        return
    if rules.scope != "conflict":
        raise UsageError(
            f"a language model codes the incidents of the codebook alone; unset TARIKH_SCOPE={rules.scope} or leave --coder out"
        )
    with _asker() as asker:
        mode: Mode = "llm" if coder == "llm" else "both"
        chosen = replace(rules, second=SecondCoder(mode, asker))
        _agree(asker, mode, reports(chosen), yes)
        try:
            yield chosen
        finally:
            _told(asker)


def _asker() -> Asker:
    from tarikh.llm.asking import Asker
    from tarikh.llm.options import options
    from tarikh.settings import Settings

    return Asker(options(Settings()))


def _agree(asker: Asker, mode: str, reports: Sequence[Report], yes: bool) -> None:
    """Says what will be sent where and asks. Raises `UsageError` where nobody can answer, ends where the answer is no."""
    from tarikh import terminal

    options = asker.options
    estimate = asker.estimate(reports)
    which = "those on which the rules are unsure or which are long, at most " if mode == "both" else ""
    terminal.say(
        f"{len(reports)} reports: the title, text, day of publication and language of {which}{estimate.questions} of them"
        f" will be sent to {options.address} (model {options.model}), and nothing else; the rest is in the cache or not sent"
    )
    terminal.say(f"at most {estimate.sentence()}{_limits(asker)}")
    if yes or not estimate.questions:
        return
    if not getattr(sys.stdin, "isatty", bool)():
        raise UsageError(
            "nothing was sent: nobody can be asked here; add --yes if these reports may be sent there"
        )
    if not typer.confirm("Send them?", default=False, err=True):
        terminal.say("nothing was sent")
        raise typer.Exit(1)


def _limits(asker: Asker) -> str:
    options = asker.options
    limits = [f"{options.budget_tokens:,} tokens"] if options.budget_tokens is not None else []
    limits += [f"{options.budget_money:g}"] if options.budget_money is not None else []
    if not limits:
        return "; no budget is set (TARIKH_LLM_BUDGET_TOKENS)"
    return f"; the budget is {' and '.join(limits)}, and what is over it the rules code alone"


def _told(asker: Asker) -> None:
    """Says what the run took."""
    from tarikh import terminal

    done, purse = asker.tally, asker.purse
    cost = "" if purse.money is None else f", {purse.money:.2f} by your prices"
    terminal.say(
        f"language model: {done.asked} questions answered, {done.again} of them put twice, {done.cached} from the cache,"
        f" {done.failed} reports without an answer; {purse.tokens_in:,} tokens there and {purse.tokens_out:,} back{cost}"
    )


# ---- comparing ---------------------------------------------------------------------------------------------------


def compare_coders(
    files: Annotated[
        list[Path], typer.Argument(help="reports as JSON lines; with mentions where people have coded them")
    ],
    coder: Annotated[str, typer.Option("--coder", help="llm or both: who is laid beside the rules")] = "llm",
    yes: Yes = False,
    swap: Annotated[
        bool,
        typer.Option(
            "--swap/--no-swap", help="also code each report under other labels, and count what flips"
        ),
    ] = True,
    workers: Annotated[int, typer.Option(min=1, help="processes that code at once")] = 1,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Say how far rules, language model and people agree on each field (Krippendorff's alpha), and how often each coder
    flips by a label alone. Reports, and these again under other labels, are sent to the model.

    Example:  tarikh compare-coders coded-by-hand.jsonl
    """
    from tarikh import evaluation, terminal
    from tarikh.evaluation import coders

    if coder not in ("llm", "both"):
        raise UsageError(f"--coder {coder!r} cannot be laid beside the rules; write llm or both")
    rules = _rules(index)
    rows = [row for path in files for row in evaluation.read_rows(path, labelled=False)]
    rows = [row if row.get("id") is not None else {**row, "id": f"line-{n}"} for n, row in enumerate(rows, 1)]
    if not rows:
        raise UsageError(f"{', '.join(map(str, files))} holds no report to compare coders on")
    uncoded: dict[str, str] = {}
    with coding_with(coder, yes, rules, lambda chosen: _compared(rows, chosen, swap)) as chosen:
        found, flips = coders.compare(rows, {"rules": rules, chosen.coder: chosen}, workers, swap, uncoded)
    if uncoded:
        terminal.uncoded(uncoded, len(rows))
    if as_json:
        terminal.print_json(coders.plain(found, flips))
        return
    for each in found:
        terminal.agreement(each)
    for name, rates in flips.items():
        terminal.line(
            f"label swap, {name}: {rates['flipped']} of {rates['mentions']} mentions flipped in {rates['swaps']} swaps"
            f" ({rates['rate']:.1%})"
        )


def _compared(rows: Sequence[Any], rules: Rules, swapped: bool) -> list[Report]:
    """The reports that a comparison sends at most: with their swaps, as the rules' mentions let them be made."""
    from tarikh import pipeline
    from tarikh.evaluation.coding import documents
    from tarikh.evaluation.relabel import swaps

    alone = replace(rules, second=None)
    read = pipeline.read(documents(rows), alone)
    if not swapped:
        return [o.report for o in read if o.report is not None]
    coded = [o for o in pipeline.code_all(read, alone) if o.report is not None]
    again = [swap.report for o in coded if o.report is not None for swap in swaps(o.report, o.mentions)]
    return [o.report for o in coded if o.report is not None] + again


def _rules(index: Path | None) -> Rules:
    from datetime import UTC, datetime

    from tarikh.outcomes import Rules
    from tarikh.settings import Settings

    settings = Settings()
    return Rules(
        index or settings.gazetteer_path(), datetime.now(UTC).date(), None, settings.max_text, settings.scope
    )
