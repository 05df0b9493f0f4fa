"""The learned reader: a small multilingual encoder that finds acts in running text and the words of each one's fields.

Invariant: everything it gives is words of the report with a probability. It names no party, place or day and counts nobody:
that is done by the same resolvers as for the rules. It never sees what a group is called (`windows.neutral`).

Source of the base: multilingual-e5-small (Wang et al. 2024, MIT), cut to its first layers and to the tokens of the languages read.
Training, data and ablation: `training/reader/`, docs/accuracy.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tarikh import reference
from tarikh.extract.windows import Window, windows
from tarikh.model import Part, Report, Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Array = NDArray[np.float32]
ROLES = ("attackers", "targets", "place", "date", "killed")
"""Fields whose words the reader looks for, in the order of its weights."""
LONGEST = 16
"""Words of the longest phrase that is looked for."""
BEFORE = 3
"""Small words before a phrase that belong to it for the reader and not for the finders."""
GAP = 5
"""Words between two runs that are still one trigger: "was" … "killed"."""
MOST_WINDOWS = 60
"""Windows of one report that are read: some 15,000 words. A longer text is coded by the rules alone behind that."""
OTHERS = 4
"""Other words than the likeliest ones that are kept for a side."""
SLIGHT = 0.02
"""Below this chance other words are no answer."""
FAINT = 0.05
"""Below this probability a run of words is no act at all, not even a refused one."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the report that carry a field, or None where the report says nothing of it; how sure that is (0 to 1)."""

    span: Span | None
    probability: float


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where a window's words stand, in code points of title + newline + text: first ones, and those after the last ones."""

    title: int
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def span(self, low: int, high: int) -> Span:
        """The report's span of words low to high; a span never runs from the title into the text."""
        start, end = int(self.starts[low]), int(self.ends[high])
        if start < self.title:
            return Span("title", start, min(end, self.title))
        return Span("text", start - self.title - 1, end - self.title - 1)

    def words(self, part: Part, start: int, end: int) -> tuple[int, int]:
        """The half-open range of words that share a character with a range of the title or text."""
        base = 0 if part == "title" else self.title + 1
        low = int(np.searchsorted(self.ends, base + start, "right"))
        return low, max(low, int(np.searchsorted(self.starts, base + end, "left")))


@dataclass(frozen=True, slots=True)
class Told:
    """An act that the report tells: its trigger, how likely it is an incident, and its fields, each with probabilities.

    `kinds`, `statuses` and `aspects` give a probability for each value; `classes` for each class of party on each side
    (keys as in `model.Phrase.role`, and `named`). `chances` holds for each role the chance of each of the window's words
    (on the `ruler`) to begin its words, and last the chance that nothing is said.
    """

    trigger: Span
    probability: float
    kinds: Mapping[str, float]
    statuses: Mapping[str, float]
    aspects: Mapping[str, float]
    roles: Mapping[str, Words]
    classes: Mapping[str, Mapping[str, float]]
    chances: Mapping[str, Array]
    ruler: Ruler
    others: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The likeliest kind."""
        return max(self.kinds, key=lambda kind: self.kinds[kind])

    def near(self, role: str, span: Span) -> float:
        """The chance that a field's words begin within a span, or with the small words before it ("near", "some of the")."""
        low, high = self.ruler.words(span.part, span.start, span.end)
        return float(self.chances[role][max(0, low - BEFORE) : high].sum()) if low < high else 0.0

    def silent(self, role: str) -> float:
        """The chance that the report says nothing of a field."""
        return float(self.chances[role][-1])


@dataclass(frozen=True, slots=True)
class Read:
    """A report as read: its acts in order, and for each window the chance of every word to belong to an act."""

    acts: tuple[Told, ...] = ()
    heat: tuple[tuple[Ruler, Array], ...] = ()

    def hottest(self, part: Part, start: int, end: int) -> float:
        """The greatest chance of a word within code points of title or text; 0 where there is none."""
        return self.heats([(part, start, end)])[0]

    def heats(self, ranges: Sequence[tuple[Part, int, int]]) -> list[float]:
        """For each range of title or text the greatest chance of a word; one look at each window, however many there are."""
        found = [0.0] * len(ranges)
        body = self.heat[0][0].title + 1 if self.heat else 0
        starts = np.array([start if part == "title" else start + body for part, start, _ in ranges], np.int64)
        ends = np.array([end if part == "title" else end + body for part, _, end in ranges], np.int64)
        for ruler, heat in self.heat:
            lows = np.searchsorted(ruler.ends, starts, "right")
            highs = np.searchsorted(ruler.starts, ends, "left")
            for n in np.flatnonzero(lows < highs):
                found[n] = max(found[n], float(heat[lows[n] : highs[n]].max()))
        return found


@dataclass(frozen=True, slots=True)
class _Embedding:
    """Rows of the token table in 4 bits: two weights a byte, a scale for every 32; vectors of places and of the one kind."""

    whole: NDArray[np.uint8]
    scale: NDArray[np.float16]
    position: Array
    kind: Array

    def vectors(self, ids: Sequence[int]) -> Array:
        """(1, tokens, size) of a window."""
        packed = self.whole[list(ids)]
        halves = np.stack([packed & 15, packed >> 4], axis=-1).reshape(*packed.shape[:2], -1)
        words = (halves.astype(np.float32) - 8) * self.scale[list(ids)].astype(np.float32)[..., None]
        flat = words.reshape(len(ids), -1) + self.position[: len(ids)] + self.kind
        return np.asarray(flat[None], np.float32)


@dataclass(frozen=True, slots=True)
class _Model:
    encoder: InferenceSession
    embedding: _Embedding
    tokenizer: Tokenizer
    weights: Mapping[str, Array]
    card: Mapping[str, Any]


def reads(language: str) -> bool:
    """Whether the reader was trained for a language."""
    path = reference.data_path("reader", "card.json")
    return path.exists() and language in _card()["languages"]


@cache
def _card() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads(
        reference.data_path("reader", "card.json").read_text(encoding="utf-8")
    )
    return loaded


@cache
def tokenizer() -> tuple[Tokenizer, Mapping[str, float]]:
    """What cuts words into pieces, and the log-chance of each piece."""
    from tokenizers import Tokenizer

    path = reference.data_path("reader", "tokens.json")
    pieces = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
    return Tokenizer.from_file(str(path)), {piece: float(score) for piece, score in pieces}


@cache
def _model() -> _Model:
    """Loaded once a process, on one thread: several workers share the cores."""
    import onnxruntime
    import threadpoolctl

    threadpoolctl.threadpool_limits(
        1, "blas"
    )  # for the heads; threads that wait for small matrices cost as much again

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    encoder = onnxruntime.InferenceSession(
        str(reference.data_path("reader", "encoder.onnx")),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["SkipLayerNormFusion"],  # slower than what it fuses, by a sixth of the whole
    )
    weights = _arrays("heads.npz")
    table = np.load(reference.data_path("reader", "embedding.npz"))
    embedding = _Embedding(
        table["whole"], table["scale"], table["position"].astype(np.float32), table["kind"].astype(np.float32)
    )
    return _Model(encoder, embedding, tokenizer()[0], weights, _card())


def _arrays(name: str) -> dict[str, Array]:
    """The arrays of a file of the reader as 32-bit floats."""
    packed = np.load(reference.data_path("reader", name))
    return {key: packed[key].astype(np.float32) for key in packed.files}


def _softmax(values: Array, axis: int = -1) -> Array:
    shifted = np.exp(values - values.max(axis=axis, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=axis, keepdims=True), np.float32)


def _linear(model: _Model, name: str, values: Array) -> Array:
    return values @ model.weights[f"{name}.weight"].T + model.weights[f"{name}.bias"]


def _distances(count: int, low: int, high: int) -> NDArray[np.int64]:
    """The bucket of each word's distance to the trigger [low, high], on a logarithmic scale, signed."""
    at = np.arange(count)
    away = np.where(at < low, at - low, np.where(at > high, at - high, 0))
    scaled: NDArray[np.int64] = np.round(np.sign(away) * np.log2(np.abs(away) + 1) * 3.2).astype(np.int64)
    return np.clip(scaled + 32, 0, 63)


def _runs(probability: Array, threshold: float, base: int = 0) -> list[tuple[int, int]]:
    """First and last word of each run of words over a threshold; `base` is the number of the first of them."""
    found: list[tuple[int, int]] = []
    for at in np.flatnonzero(probability > threshold) + base:
        if found and at - found[-1][1] <= GAP:
            found[-1] = (found[-1][0], int(at))
        else:
            found.append((int(at), int(at)))
    return found


class _Page:
    """One window as the encoder sees it."""

    def __init__(self, model: _Model, window: Window, title: int) -> None:
        self.model, self.count = model, len(window.words)
        where = np.array(window.words, np.int64).reshape(-1, 2)
        self.ruler = Ruler(title, where[:, 0], where[:, 1])
        hidden = model.encoder.run(None, {"vectors": model.embedding.vectors(window.ids)})[0][0]
        self.words: Array = hidden[list(window.first)]
        self.tagged = _softmax(_linear(model, "trig", self.words))
        self.heat: Array = 1 - self.tagged[:, 0]

    def acts(self, threshold: float) -> list[Told]:
        """What the window tells, in order."""
        body = int(np.searchsorted(self.ruler.starts, self.ruler.title))
        runs = [*_runs(self.heat[:body], threshold, 0), *_runs(self.heat[body:], threshold, body)]
        if not runs:
            return []
        keys = _linear(self.model, "k", self.words).reshape(self.count, len(ROLES), 2, -1)
        return [self._told(low, high, keys) for low, high in runs]

    def _told(self, low: int, high: int, keys: Array) -> Told:
        model, card = self.model, self.model.card
        center = np.asarray(self.words[low : high + 1].mean(axis=0), np.float32)
        first, last = self._pointers(center, low, high, keys)
        pointed = first[:, :-1] @ self.words
        fact = np.maximum(_linear(model, "fact.0", np.concatenate([center, pointed.reshape(-1)])), 0)
        tagged = np.log(self.tagged[low : high + 1, 1:].mean(axis=0) + 1e-9)
        kinds = _softmax(tagged + np.log(_softmax(_linear(model, "kind", fact)) + 1e-9))
        return Told(
            self.ruler.span(low, high),
            float(self.heat[low : high + 1].max()),
            _table(card["kinds"], kinds),
            _table(card["statuses"], _softmax(_linear(model, "status", fact))),
            _table(card["aspects"], _softmax(_linear(model, "aspect", fact))),
            {role: self._pointed(first[n], last[n]) for n, role in enumerate(ROLES)},
            {side: _table(card["classes"], _chances(_linear(model, side, fact))) for side in ROLES[:2]},
            {role: first[n] for n, role in enumerate(ROLES)},
            self.ruler,
            {side: self._others(first[n], last[n]) for n, side in enumerate(ROLES[:2])},
        )

    def _pointers(self, center: Array, low: int, high: int, keys: Array) -> tuple[Array, Array]:
        """For each role the chance of each word to begin its words (the last column: nothing is said), and scores of ends."""
        model = self.model
        queries = _linear(model, "q", center).reshape(len(ROLES), 2, -1)
        scores = np.einsum("rxd,wrxd->rxw", queries, keys) / np.sqrt(queries.shape[-1])
        scores = scores + model.weights["dist"][:, :, _distances(self.count, low, high)]
        silent = _linear(model, "null", center)[:, None]
        return _softmax(np.concatenate([scores[:, 0], silent], axis=1)), scores[:, 1]

    def _pointed(self, first: Array, last: Array) -> Words:
        begin = int(first.argmax())
        if begin == self.count:
            return Words(None, float(first[begin]))
        return self._from(begin, first, last)

    def _others(self, first: Array, last: Array) -> tuple[Words, ...]:
        """The likeliest words but for those that are pointed at; the same words from a later beginning are no others."""
        order = [
            int(at) for at in np.argsort(-first)[: 2 * OTHERS] if at != self.count and first[at] >= SLIGHT
        ]
        found: list[Words] = []
        for words in (self._from(at, first, last) for at in order):
            known = [w.span for w in found if w.span is not None and words.span is not None]
            if not any(span.overlaps(words.span) for span in known if words.span is not None):
                found.append(words)
        skipped = 0 if int(first.argmax()) == self.count else 1
        return tuple(found[skipped : skipped + OTHERS])

    def _from(self, begin: int, first: Array, last: Array) -> Words:
        end = begin + int(last[begin : begin + LONGEST].argmax())
        return Words(self.ruler.span(begin, end), float(first[begin : end + 1].sum()))


def _chances(values: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-values)), np.float32)


def _table(names: Sequence[str], values: Array) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def read(report: Report, threshold: float = FAINT) -> Read:
    """The acts of a report over a probability.

    Raises `KeyError` where the language is not read: ask `reads` first.
    """
    if not reads(report.language):
        raise KeyError(report.language)
    model = _model()
    acts: list[Told] = []
    heat: list[tuple[Ruler, Array]] = []
    found = windows(report.title, report.text, model.tokenizer, report.source, report.language)
    for window in found[:MOST_WINDOWS]:
        page = _Page(model, window, len(report.title))
        acts.extend(t for t in page.acts(threshold) if window.opening or t.trigger.part == "text")
        heat.append((page.ruler, page.heat))
    return Read(tuple(acts), tuple(heat))
