"""The language model beside the rules: in their place (`llm`), or asked where they are unsure (`both`).

Invariant: a report about which the model gives nothing of use is coded by the rules, under their name, and is a `Problem`; it is
asked about again in the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tarikh.errors import ModelError
from tarikh.extract.coder import CODER
from tarikh.llm import coder as reading
from tarikh.llm.asking import Asker
from tarikh.model import Mention, Problem, Report, stable_id
from tarikh.outcomes import Asked, Outcome
from tarikh.reference import trained
from tarikh.second_coder.both import combined
from tarikh.second_coder.when import worth_asking

Mode = Literal["llm", "both"]
MODES: tuple[str, ...] = ("rules", "llm", "both")
STAGE = "llm"
"""Stage of the problem that a report was coded by the rules alone."""
Code = Callable[[Iterable[Outcome]], Iterator[Outcome]]


@dataclass(frozen=True, slots=True)
class SecondCoder:
    """The second coder of a run (`outcomes.Second`)."""

    mode: Mode
    asker: Asker

    @property
    def model(self) -> str:
        """The model's name as part of a coder's."""
        return self.asker.options.name

    @property
    def coder(self) -> str:
        """The name of who codes: the model with the version of its prompt; with the rules' where both do."""
        if self.mode == "llm":
            return reading.coder_name(self.model)
        alone = reading.own_name(self.model).replace("llm:", "both:", 1)
        return f"{alone},{trained.named(CODER)}"

    def run(self, outcomes: Iterable[Outcome], code: Code) -> Iterator[Outcome]:
        """The outcomes coded, in their order. Raises `EndpointError` where nothing can be asked."""
        if self.mode == "llm":
            return map(self._of_model, code(self._asked(outcomes)))
        return map(self._of_both, code(self._asked(code(outcomes))))

    def _asked(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Each outcome with its answer, or settled where there is none and the rules have coded it already."""
        for outcome, answer in self.asker.answers(outcomes, self._wanted):
            settled = self.mode == "both" and not isinstance(answer, str)
            asked: Asked | None = None
            if isinstance(answer, str):
                asked = Asked(self.model, answer, first=outcome.mentions)
            elif answer is not None:
                asked = Asked(self.model, problem=_problem(outcome, answer))
            yield replace(outcome, asked=asked, settled=settled)

    def _wanted(self, outcome: Outcome) -> Report | None:
        """The report that the model is asked about."""
        if outcome.report is None or outcome.problem is not None or outcome.known:
            return None
        if self.mode == "llm" or worth_asking(outcome.report, outcome.mentions) is not None:
            return outcome.report
        return None

    def _of_model(self, outcome: Outcome) -> Outcome:
        failed = outcome.asked is not None and outcome.asked.problem is not None
        return replace(outcome, coder=trained.named(CODER) if failed else self.coder)

    def _of_both(self, outcome: Outcome) -> Outcome:
        asked = outcome.asked
        if outcome.report is None or outcome.problem is not None or outcome.known:
            return outcome
        if asked is not None and asked.problem is not None:
            mentions = asked.first if asked.answer is not None else outcome.mentions
            return replace(outcome, mentions=mentions, coder=trained.named(CODER))
        mentions = outcome.mentions
        if asked is not None and asked.answer is not None:
            mentions = combined(asked.first, outcome.mentions, asked.refused)
        return replace(outcome, mentions=self._renamed(mentions), coder=self.coder)

    def _renamed(self, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
        return tuple(replace(m, id=stable_id("m", m.id, self.coder), coder=self.coder) for m in mentions)


def _problem(outcome: Outcome, error: ModelError) -> Problem:
    reason = f"{error}; coded by the rules alone"
    report_id = outcome.report.id if outcome.report is not None else None
    return Problem(STAGE, reason, outcome.origin, outcome.line, report_id)
