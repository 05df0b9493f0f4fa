"""What a run costs: an estimate before it, and a purse that is looked into before each question.

Invariant: no question is begun that could take more than what is left; what the server counts takes the place of the estimate.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from tarikh.errors import ModelError
from tarikh.llm.options import Options

LETTERS_PER_TOKEN = 3.0
"""Bytes of UTF-8 to a token, on the careful side: common tokenizers pack about four of English, three of French, and fewer
of other scripts. Only estimates rest on it."""
TYPICAL_ANSWER = 500
"""Tokens of an answer that are expected where nothing is known yet: two or three mentions."""


def tokens(text: str) -> int:
    """About how many tokens a text is, rather too many than too few."""
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / LETTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run is expected to take: questions, tokens there and back; `money` is None where no prices are set."""

    questions: int
    tokens_in: int
    tokens_out: int
    money: float | None = None

    def sentence(self) -> str:
        """The estimate for people."""
        cost = "" if self.money is None else f", about {self.money:.2f} by your prices"
        return (
            f"{self.questions} {'question' if self.questions == 1 else 'questions'}, about {self.tokens_in:,} tokens there"
            f" and {self.tokens_out:,} back{cost}"
        )


def price(options: Options, tokens_in: int, tokens_out: int) -> float | None:
    """What so many tokens cost, None where prices are not set."""
    if options.price_in is None or options.price_out is None:
        return None
    return (tokens_in * options.price_in + tokens_out * options.price_out) / 1_000_000


def estimate(options: Options, questions: Iterable[int]) -> Estimate:
    """The estimate of questions of so many tokens each."""
    sizes = list(questions)
    there, back = sum(sizes), len(sizes) * min(TYPICAL_ANSWER, options.answer_tokens)
    return Estimate(len(sizes), there, back, price(options, there, back))


class Purse:
    """What is left of the budget of one run, shared by its threads."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._held: dict[int, tuple[int, int]] = {}
        self._tickets = 0
        self.tokens_in = self.tokens_out = 0

    @property
    def money(self) -> float | None:
        """What was spent, None where prices are not set."""
        return price(self._options, self.tokens_in, self.tokens_out)

    def take(self, tokens_in: int) -> int:
        """Sets aside what a question of so many tokens can take at most; returns the ticket to settle it by.

        Raises `ModelError` where that is more than what is left.
        """
        need = (tokens_in, self._options.answer_tokens)
        with self._lock:
            there = self.tokens_in + sum(a for a, _ in self._held.values()) + need[0]
            back = self.tokens_out + sum(b for _, b in self._held.values()) + need[1]
            limit, money = self._options.budget_tokens, self._options.budget_money
            if limit is not None and there + back > limit:
                raise ModelError(
                    f"the budget of {limit:,} tokens (TARIKH_LLM_BUDGET_TOKENS) does not allow this question"
                )
            cost = price(self._options, there, back)
            if money is not None and cost is not None and cost > money:
                raise ModelError(
                    f"the budget of {money:g} (TARIKH_LLM_BUDGET_MONEY) does not allow this question"
                )
            self._tickets += 1
            self._held[self._tickets] = need
            return self._tickets

    def settle(self, ticket: int, tokens_in: int | None, tokens_out: int | None) -> None:
        """What a question took in truth; what the server did not count is taken as it was set aside. 0 where it failed."""
        with self._lock:
            held = self._held.pop(ticket)
            self.tokens_in += held[0] if tokens_in is None else tokens_in
            self.tokens_out += held[1] if tokens_out is None else tokens_out
