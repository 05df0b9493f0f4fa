"""Which reports are one source: copies of one text, dispatches of one agency, reports of one outlet.

Invariant: pure, and the order never matters; another copy can join sources and never parts them. A translation
has other words and is not known for a copy, unless it names its agency.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations

import numpy as np

from tarikh import reference
from tarikh.errors import MissingError
from tarikh.model import Fingerprint, Mention, Report
from tarikh.text import fold as plain

Prints = Mapping[str, Fingerprint]
"""Report id -> what its text is known by."""

RUN = 4
"""Words in a shingle: long enough that set phrases are no sign, short enough to find copies whose words were touched."""

KEPT = 256
"""Hashes kept of a text: all of a short one, a fair sample of a long one (1 KB a report)."""

CONTAINED = 0.3
"""A text is a copy when the other holds this share of its shingles. Two cuts of one story still do; of two reports of one
event that nobody copied, a tenth is the most, and what lies between is mostly one outlet's next report."""

FEWEST_SHARED = 15
"""Shared shingles that make a copy: briefs of one sentence share a formula ("ambushed a convoy near …") by chance."""

WHOLE = 0.8
FEWEST = 8
"""A text of at least so few shingles is a copy all the same when nearly the whole of it stands in the other."""

_LOOK_BACK = 8
"""Texts before it that a text is compared with for one shared shingle, so that boilerplate costs no square."""

_MOST_WORDS = 20_000
_WORD = re.compile(r"\w+")
Hashes = np.ndarray[tuple[int], np.dtype[np.uint32]]
_MIX = np.uint64(0x9E3779B97F4A7C15)


# ---- fingerprints ----------------------------------------------------------------------------------------


def fingerprint(title: str, text: str, source: str | None = None) -> Fingerprint:
    """What a text is known by: its smallest shingle hashes (a bottom-k sketch) and the agency that it credits.

    Headlines are rewritten more than bodies, so the title counts only where there is next to no text.
    Source: A. Broder, "On the resemblance and containment of documents" (1997).
    """
    words = plain(text).split()[:_MOST_WORDS]
    if len(words) < RUN + FEWEST:
        words = [*plain(title).split()[:_MOST_WORDS], *words]
    hashes = _hashes(words)
    kept = hashes[:KEPT].astype("<u4").tobytes()
    return Fingerprint(kept, len(hashes) <= KEPT, credit(title, text, source))


def printed(report: Report) -> Fingerprint:
    """What the text of a report is known by."""
    return fingerprint(report.title, report.text, report.source)


def _hashes(words: Sequence[str]) -> Hashes:
    """The distinct hashes of all runs of words, rising."""
    count = len(words) - RUN + 1
    if count < 1:
        return np.empty(0, np.uint32)
    codes = {word: zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in set(words)}
    single = np.array([codes[word] for word in words], np.uint64)
    mixed = np.zeros(count, np.uint64)
    for offset in range(RUN):  # a multiplicative mix: CRC alone is linear, and sums of it would collide
        mixed = (mixed ^ single[offset : offset + count]) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return np.unique((mixed >> np.uint64(16)).astype(np.uint32))


def _read(mark: Fingerprint) -> Hashes:
    return np.frombuffer(mark.shingles[: len(mark.shingles) // 4 * 4], "<u4")


def containment(left: Fingerprint, right: Fingerprint) -> tuple[float, int]:
    """Share of the smaller text's shingles that the other has, and of how many it was judged.

    Both sketches hold all hashes up to their own last one, so up to the lower of the two last ones they compare as
    the whole texts would.
    """
    one, two = _read(left), _read(right)
    if not len(one) or not len(two):
        return 0.0, 0
    ends = [hashes[-1] for mark, hashes in ((left, one), (right, two)) if not mark.whole]
    if ends:
        one, two = (hashes[: np.searchsorted(hashes, min(ends), "right")] for hashes in (one, two))
    smaller = min(len(one), len(two))
    shared = len(np.intersect1d(one, two, assume_unique=True))
    return (shared / smaller, smaller) if smaller else (0.0, 0)


def copies(left: Fingerprint, right: Fingerprint) -> bool:
    """Whether one text is the other's copy, cut or not, by more than a phrase that both quote."""
    if left.shingles == right.shingles:
        return bool(left.shingles)
    share, judged = containment(left, right)
    enough = share * judged >= FEWEST_SHARED - 1e-9
    return (share >= CONTAINED and enough) or (share >= WHOLE and judged >= FEWEST)


def copies_among(mark: Fingerprint, others: Prints) -> list[str]:
    """Which of many texts, by id, are copies of one, in their order: those that share a shingle are compared."""
    own, keys = _read(mark), [key for key, each in others.items() if each.shingles]
    if not len(own) or not keys:
        return []
    hashes = [_read(others[key]) for key in keys]
    every = np.concatenate(hashes)
    shared = own[np.minimum(np.searchsorted(own, every), len(own) - 1)] == every
    starts = np.cumsum([0, *map(len, hashes[:-1])])
    some = np.logical_or.reduceat(shared, starts)
    return [key for key, near in zip(keys, some, strict=True) if near and copies(mark, others[key])]


# ---- credits ---------------------------------------------------------------------------------------------

_HEAD, _TAIL = 240, 160
"""Characters at the two ends of a text in which its credit stands."""


@cache
def _agencies() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Names and marks of each agency; the first name is the one shown. Raises `MissingError` on faulty data."""
    rows = reference.load(reference.data_path("agencies.yaml"))
    try:
        return tuple((tuple(row["names"]), tuple(row["marks"])) for row in rows)
    except (TypeError, KeyError) as error:
        raise MissingError(f"data/agencies.yaml: each entry needs names and marks ({error})") from error


@cache
def _called() -> Mapping[str, str]:
    """Every folded name and mark -> the agency's first name."""
    return {plain(form): names[0] for names, marks in _agencies() for form in (*names, *marks)}


@cache
def _pattern() -> str:
    """Names in any case, marks only as written; longer ones first."""
    names = sorted((n for ns, _ in _agencies() for n in ns), key=lambda n: (-len(n), n))
    marks = sorted((m for _, ms in _agencies() for m in ms), key=lambda m: (-len(m), m))
    return rf"(?:(?i:{'|'.join(map(re.escape, names))})|{'|'.join(map(re.escape, marks))})(?!\w)"


@cache
def _credits() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Credits at the head, at the end, and in words of attribution."""
    agency = _pattern()
    head = re.compile(
        rf"[(\[/](?P<a>{agency})[)\]/]|^\s*(?P<b>{agency})\s*[-–—:|]"
        rf"|^\s*(?i:by|par|por|source|fuente)\b\s*:?\s*(?P<c>{agency})|\s[-–—|]\s*(?P<d>{agency})\s*[-–—|]"
    )
    tail = re.compile(
        rf"[(\[](?P<a>{agency})[)\]]|[-–—/|©]\s*(?P<b>{agency})\W*$"
        rf"|(?i:source|avec|with|con|fuente|par|by)\s*:?\s*(?P<c>{agency})\W*$|\n\s*(?P<d>{agency})\W*$"
    )
    return head, tail, re.compile(rf"(?<!\w)(?P<a>{agency})")


def credit(title: str, text: str, source: str | None = None) -> str | None:
    """The agency that a report gives as its own source: in dateline, byline, last line, or as the outlet itself.

    An agency that the body only quotes ("told AFP") is no credit: others were told the same.

    >>> credit("Ambush", "BAMAKO, March 3 (Reuters) - Gunmen killed two soldiers.")
    'Reuters'
    """
    if source and (own := _called().get(plain(source))):
        return own
    head, tail, _ = _credits()
    ends = (tail, text[-_TAIL:].rstrip()), (tail, title[-_TAIL:].rstrip())
    for pattern, part in ((head, text[:_HEAD]), *ends):
        if found := pattern.search(part):
            return _called()[plain(next(name for name in found.groups() if name))]
    return None


def attributed(attribution: str | None) -> str | None:
    """The agency that a mention's own words name as the teller ("according to the agency Reuters")."""
    if not attribution:
        return None
    found = _credits()[2].search(attribution[:_HEAD])
    return _called()[plain(found["a"])] if found else None


# ---- grouping --------------------------------------------------------------------------------------------


class _Joined:
    """Union-find over any keys."""

    def __init__(self) -> None:
        self.above: dict[Hashable, Hashable] = {}

    def root(self, key: Hashable) -> Hashable:
        self.above.setdefault(key, key)
        while self.above[key] != key:
            self.above[key] = self.above[self.above[key]]
            key = self.above[key]
        return key

    def join(self, left: Hashable, right: Hashable) -> None:
        self.above[self.root(left)] = self.root(right)


def same_texts(prints: Prints) -> list[tuple[str, ...]]:
    """Report ids in groups of copies, each sorted, in order of their first; a text without a copy is alone.

    A forgotten text has no shingles, and is a copy of what it was known to be one of. Texts that share no shingle are never compared, and for one shingle a text is compared with the few before it
    (by id) that are not its group already: cost grows with the number of texts, not with its square.
    """
    joined = _Joined()
    for key in prints:
        joined.root(key)
        for other in prints[key].copies:
            if other in prints:
                joined.join(key, other)
    for left, right in _worth_comparing(prints, joined):
        if copies(prints[left], prints[right]):
            joined.join(left, right)
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for key in sorted(prints):
        groups[joined.root(key)].append(key)
    return sorted(tuple(group) for group in groups.values())


def _worth_comparing(prints: Prints, joined: _Joined) -> Iterator[tuple[str, str]]:
    if (
        len(prints) <= _LOOK_BACK
    ):  # an index would find the same pairs at a greater cost: most incidents are small
        yield from combinations(sorted(prints), 2)
        return
    holders: dict[bytes, list[str]] = defaultdict(list)
    for key in sorted(prints):
        shingles = prints[key].shingles
        for at in range(0, len(shingles) - 3, 4):
            holders[shingles[at : at + 4]].append(key)
    compared: set[tuple[str, str]] = set()
    for value in sorted(holders):
        names = holders[value]
        for at in range(1, len(names)):
            for other in names[max(0, at - _LOOK_BACK) : at]:
                pair = (other, names[at])
                if pair not in compared and joined.root(pair[0]) != joined.root(pair[1]):
                    compared.add(pair)
                    yield pair


@dataclass(frozen=True, slots=True)
class Sources:
    """Which source each report comes from (`of`, a name to show) and which text it is (`text`, one of its copies' ids).

    A report that is not known here is a source and a text by itself.
    """

    of: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)

    def source(self, mention: Mention) -> str:
        """The name of the source that a mention comes from."""
        return self.of.get(mention.report_id, mention.report_id)

    def weight(self, mentions: Iterable[Mention]) -> tuple[int, int]:
        """How many sources tell it, then in how many texts: what ten copies cannot swell."""
        told = list(mentions)
        texts = {self.text.get(m.report_id, m.report_id) for m in told}
        return len({self.source(m) for m in told}), len(texts)


def sources(mentions: Iterable[Mention], prints: Prints | None = None) -> Sources:
    """The independent sources of some mentions, those of one incident or of many.

    One source are: reports of one outlet, copies of one text, dispatches that credit one agency. An outlet's print of
    an agency's dispatch is the agency's; it does not tie the agency to what the outlet tells by itself.
    """
    joined = _Joined()
    told: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        told[mention.report_id].append(mention)
    # Also of those that have none: what was forgotten first may be known to be a copy of what was forgotten later.
    known = {key: prints.get(key, Fingerprint()) for key in told} if prints else {}
    for key, said in told.items():
        joined.join(("report", key), _origin(said, known.get(key)))
    texts = {key: key for key in told}
    for group in same_texts(known):
        for key in group[1:]:
            joined.join(("report", group[0]), ("report", key))
            texts[key] = group[0]
    return Sources(_named(told, joined), texts)


def _origin(said: Sequence[Mention], mark: Fingerprint | None) -> tuple[str, str]:
    credits = {name for m in said if (name := attributed(m.attribution))}
    if mark is not None and mark.credit:
        return "agency", mark.credit
    if len(credits) == 1:
        return "agency", credits.pop()
    outlet = next((m.source for m in said if m.source), None)
    if outlet is None:
        return "report", said[0].report_id
    own = _called().get(plain(outlet))
    return ("agency", own) if own else ("outlet", outlet)


def _named(told: Iterable[str], joined: _Joined) -> dict[str, str]:
    """A group's name: its first agency by the alphabet, else its first outlet, else its first report."""
    order = {"agency": 0, "outlet": 1, "report": 2}
    members: dict[Hashable, list[tuple[str, str]]] = defaultdict(list)
    for node in joined.above:
        if isinstance(node, tuple):
            members[joined.root(node)].append(node)
    names = {root: min(nodes, key=lambda n: (order[n[0]], n[1]))[1] for root, nodes in members.items()}
    return {key: names[joined.root(("report", key))] for key in told}
