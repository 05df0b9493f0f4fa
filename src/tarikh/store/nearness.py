"""What hangs together with a change: the mentions that must be folded anew, found from row to row.

Invariant: never too few. A link is passed by only where it is certain that the fold gives it up; whatever people
said, or was coded anew, is followed. So a part can be folded by itself, with the links that lead out of it (`edge`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tarikh.model import Edge, Mention, Pair
from tarikh.store.ends import RECORDED

Clear = Callable[[Mapping[Pair, float], Container[Pair], Mapping[str, Mention], Container[Pair]], set[Pair]]
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
        ring = self._beside(ids) | ids
        self._look(ring)
        # Only a vague mention gives links up: of the others nothing but the links of `ids` need be known.
        vague = {each for each in ring if each in self._mentions and self.vague(self._mentions[each])}
        self._look(self._beside(vague))
        self._beside(self._beside(vague & ids))
        here = self._pairs(ids)
        sure = {
            pair: score
            for pair in self._pairs(vague | ids)
            if (score := self._same[pair]) is not None
            and all(end in self._mentions and end not in self._doubtful for end in pair)
        }
        clear = self.clear(sure, self._same, self._mentions, here)
        return {end for pair in here if pair in clear or pair not in sure for end in pair}

    def _look(self, ids: set[str]) -> None:
        """Has the mentions of these at hand, and which of them were coded anew or spoken of by people."""
        if fresh := ids - self._looked:
            self._mentions.update(self.recalled(fresh))
            self._doubtful |= {key for (key,) in self._rows(_DOUBTFUL, fresh, 4)}
            self._looked |= fresh

    def _pairs(self, ids: set[str]) -> set[Pair]:
        return {(min(one, two), max(one, two)) for one in ids for two in self._next.get(one, ())}
