"""What hangs together with a change: the mentions that must be folded anew, found from row to row.

Invariant: never too few. A link is passed by only where it is certain that the fold gives it up; whatever people
said, or was coded anew, is followed. So a part can be folded by itself, with the links that lead out of it (`edge`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tarikh.model import Edge, Mention, Pair
from tarikh.store.ends import RECORDED

FEW = 6
"""Links of a vague mention, the best, among which mostly is the one for which another is given up."""

Clear = Callable[
    [Mapping[Pair, float], Mapping[str, Sequence[tuple[float, str]]], Container[Pair], Mapping[str, Mention]],
    set[Pair],
]
"""`link.clear_links`: which of the rules' links are not given up for better ones."""

_SAME = """
SELECT j."left", j."right", j.score, j."by" FROM json_each(?) s CROSS JOIN mention m ON m.id = s.value
  CROSS JOIN judgement j ON j.left_at = @recorded AND j."left" = m.id
  WHERE j.verdict = 'same' AND j.withdrawn_at IS NULL
UNION SELECT j."left", j."right", j.score, j."by" FROM json_each(?) s CROSS JOIN mention m ON m.id = s.value
  CROSS JOIN judgement j ON j.right_at = @recorded AND j."right" = m.id
  WHERE j.verdict = 'same' AND j.withdrawn_at IS NULL""".replace("@recorded", RECORDED)

_TIED = """
SELECT s.value, n.new_id FROM json_each(?) s JOIN succession n ON n.old_id = s.value
UNION SELECT s.value, n.old_id FROM json_each(?) s JOIN succession n ON n.new_id = s.value
UNION SELECT s.value, other.mention_id FROM json_each(?) s JOIN incident_member mine ON mine.mention_id = s.value
  JOIN incident_member other ON other.incident_id = mine.incident_id"""

_DOUBTFUL = """
SELECT s.value FROM json_each(?) s JOIN judgement j ON j."left" = s.value WHERE j."by" >= 'user:' AND j."by" < 'user;'
UNION SELECT s.value FROM json_each(?) s JOIN judgement j ON j."right" = s.value WHERE j."by" >= 'user:' AND j."by" < 'user;'
UNION SELECT s.value FROM json_each(?) s JOIN succession n ON n.old_id = s.value
UNION SELECT s.value FROM json_each(?) s JOIN succession n ON n.new_id = s.value"""


@dataclass(slots=True)
class Nearness:
    """Walks from mentions to those that hang together with them, for the linker `by`.

    `recalled` gives of ids the current mentions, slim; `vague` says which of them may give a link up.
    """

    connection: sa.Connection
    by: str
    recalled: Callable[[set[str]], Mapping[str, Mention]]
    clear: Clear
    vague: Callable[[Mention], bool]
    _asked: set[str] = field(default_factory=set)
    _same: dict[Pair, float | None] = field(default_factory=dict)
    _next: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _looked: set[str] = field(default_factory=set)
    _mentions: dict[str, Mention] = field(default_factory=dict)
    _doubtful: set[str] = field(default_factory=set)
    _ranked: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    _known: dict[Pair, bool] = field(default_factory=dict)

    def of(self, seeds: Iterable[str], settled: Callable[[set[str]], set[str]]) -> set[str]:
        """All mentions that must be folded when something changed at the seeds.

        `settled` says which of some were folded since, or will be by themselves.
        """
        given = set(seeds)
        # A change may clear or blur the links of whoever is linked with a seed: these are seeds as well.
        beside = self._beside(given) - given
        edge = given | (beside - settled(beside))
        found: set[str] = set()
        while edge:
            found |= edge
            edge = (self._along_links(edge) | self._tied(edge)) - found
        return found

    def edge(self, found: set[str]) -> Edge:
        """What leads out of the mentions that `of` found."""
        pairs = self._pairs(found)
        links = {
            pair: score
            for pair in pairs
            if (score := self._same[pair]) is not None and not (pair[0] in found and pair[1] in found)
        }
        ends = {end for pair in links for end in pair} - found
        mentions = {end: self._mentions[end] for end in ends if end in self._mentions}
        return Edge(links, frozenset(pairs), mentions)

    def _rows(self, query: str, ids: Iterable[str], times: int) -> Iterable[Any]:
        return self.connection.exec_driver_sql(query, (json.dumps(sorted(ids)),) * times).all()

    def _tied(self, ids: set[str]) -> set[str]:
        return {other for _, other in self._rows(_TIED, ids, 3)}

    def _beside(self, ids: set[str]) -> set[str]:
        """The other ends of everything that stands as "same" at these, which is remembered from here on."""
        if fresh := ids - self._asked:
            for left, right, score, by in self._rows(_SAME, fresh, 2):
                told = float(score) if by == self.by else None
                if self._same.get((left, right)) is None:
                    self._same[left, right] = told
                self._next[left].add(right)
                self._next[right].add(left)
            self._asked |= fresh
        return {other for each in ids for other in self._next.get(each, ())}

    def _along_links(self, ids: set[str]) -> set[str]:
        """The other ends of the links of these that the fold may use."""
        self._look(self._beside(ids) | ids)
        fresh = self._pairs(ids) - self._known.keys()
        self._known.update(dict.fromkeys(fresh, True))
        open_ = {pair: score for pair in fresh if (score := self._score(pair)) is not None}
        # Only a vague mention gives a link up, and mostly for one of its best: the others, which may be a thousand, are then
        # never looked at.
        for few in (FEW, None):
            vague = {end for pair in open_ for end in pair if self._is_vague(end)}
            self._beside(vague)
            best = {each: self._best(each)[:few] for each in vague}
            ends = {other for links in best.values() for _, other in links}
            self._look(ends)
            self._beside(ends)
            better = {
                one: [(line, other) for line, other in links if self._score(_pair(one, other)) is not None]
                for one, links in best.items()
            }
            clear = self.clear(open_, better, self._same, self._mentions)
            self._known.update(dict.fromkeys(open_.keys() - clear, False))
            open_ = {
                pair: score
                for pair, score in open_.items()
                if few and pair in clear and self._has_better(pair, score, few)
            }
        return {end for pair in self._pairs(ids) if self._known[pair] for end in pair}

    def _has_better(self, pair: Pair, score: float, few: int) -> bool:
        """Whether one of its ends has more than a few better links."""
        return any(
            len(best := self._best(one)) > few and best[few] < (-score, other)
            for one, other in (pair, pair[::-1])
            if self._is_vague(one)
        )

    def _best(self, key: str) -> list[tuple[float, str]]:
        """The rules' links of a mention that was asked for, best first: minus the score, and the other end."""
        if key not in self._ranked:
            links = ((self._same[_pair(key, other)], other) for other in self._next[key])
            self._ranked[key] = sorted((-score, other) for score, other in links if score is not None)
        return self._ranked[key]

    def _score(self, pair: Pair) -> float | None:
        """Of a link of the rules alone between current mentions, both looked at, of which people have said nothing."""
        one, two = pair
        if one in self._doubtful or two in self._doubtful:
            return None
        return self._same[pair] if one in self._mentions and two in self._mentions else None

    def _is_vague(self, key: str) -> bool:
        found = self._mentions.get(key)
        return found is not None and self.vague(found)

    def _look(self, ids: set[str]) -> None:
        """Has the mentions of these at hand, and which of them were coded anew or spoken of by people."""
        if fresh := ids - self._looked:
            self._mentions.update(self.recalled(fresh))
            self._doubtful |= {key for (key,) in self._rows(_DOUBTFUL, fresh, 4)}
            self._looked |= fresh

    def _pairs(self, ids: set[str]) -> set[Pair]:
        return {_pair(one, two) for one in ids for two in self._next.get(one, ())}


def _pair(one: str, two: str) -> Pair:
    return (one, two) if one < two else (two, one)
