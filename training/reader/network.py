"""The reader as a network: a truncated encoder, a tagger of triggers, pointers to the words of each field, and classifiers."""

from __future__ import annotations

import math

import numpy as np
import torch
from base import Base
from labels import ASPECTS, CLASSES, KINDS, STATUSES, Act, Example, Range
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from tarikh.extract.reader import LONGEST, ROLES

WIDTH = 96
"""Dimensions of a pointer's query and key."""
FACT = 256
"""Dimensions of an act seen with its fields."""
STATUS_WEIGHTS = (1.0, 2.5, 4.0, 3.0)
ASPECT_WEIGHTS = (1.0, 2.0)
"""Rare values count for more, or the network never gives them: about the square root of how much rarer they are."""
DROPOUT = 0.1


class Reader(nn.Module):
    """`frozen` layers are left as they are: their output is computed once (`lower`) and only the rest is trained."""

    def __init__(self, base: Base, layers: int, frozen: int) -> None:
        super().__init__()
        size = base.size
        config = BertConfig(
            vocab_size=len(base.pieces),
            hidden_size=size,
            num_hidden_layers=layers,
            num_attention_heads=base.heads,
            intermediate_size=base.inner,
            max_position_embeddings=512,
            layer_norm_eps=1e-12,
            hidden_dropout_prob=DROPOUT,
            attention_probs_dropout_prob=DROPOUT,
        )
        self.encoder = BertModel(config, add_pooling_layer=False)
        missing = self.encoder.load_state_dict(base.state(layers), strict=False).missing_keys
        assert all("position_ids" in name for name in missing), missing
        self.frozen = frozen
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:frozen]):
            part.requires_grad_(False)
        roles = len(ROLES)
        self.drop = nn.Dropout(DROPOUT)
        self.trig = nn.Linear(size, 1 + len(KINDS))
        self.q = nn.Linear(size, roles * 2 * WIDTH)
        self.k = nn.Linear(size, roles * 2 * WIDTH)
        self.null = nn.Linear(size, roles)
        self.dist = nn.Parameter(torch.zeros(roles, 2, 64))
        # What an act is depends on who did what to whom when, so its vector is seen with those that its pointers point at.
        self.fact = nn.Sequential(nn.Linear((1 + roles) * size, FACT), nn.ReLU(), nn.Dropout(DROPOUT))
        self.kind = nn.Linear(FACT, len(KINDS))
        self.status = nn.Linear(FACT, len(STATUSES))
        self.aspect = nn.Linear(FACT, len(ASPECTS))
        self.attackers = nn.Linear(FACT, len(CLASSES))
        self.targets = nn.Linear(FACT, len(CLASSES))

    @staticmethod
    def _layer(layer: nn.Module, hidden: Tensor, mask: Tensor | None) -> Tensor:
        out = layer(hidden, mask)
        return out[0] if isinstance(out, tuple) else out

    def lower(self, ids: Tensor) -> Tensor:
        """Hidden states (1, tokens, size) of one window after the frozen layers."""
        return self._frozen(self.encoder.embeddings(input_ids=ids))

    def _frozen(self, hidden: Tensor) -> Tensor:
        for layer in self.encoder.encoder.layer[: self.frozen]:
            hidden = self._layer(layer, hidden, None)
        return hidden

    def upper(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Hidden states after all layers; `mask` (windows, tokens) is 1 where there is a token."""
        away = (1 - mask[:, None, None, :].float()) * -1e4
        for layer in self.encoder.encoder.layer[self.frozen :]:
            hidden = self._layer(layer, hidden, away)
        return hidden

    def forward(self, vectors: Tensor) -> Tensor:
        """All layers on the embedding vectors (1, tokens, size) of one window: what is exported."""
        hidden = self._frozen(self.encoder.embeddings.LayerNorm(vectors))
        return self.upper(hidden, torch.ones_like(vectors[:, :, 0]))

    def pointers(self, words: Tensor, keys: Tensor, trigger: Range) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of each word as first word of each role (roles, words + 1; the last is "not said"), as last word, and
        the trigger's vector."""
        count = words.shape[0]
        center = words[trigger[0] : trigger[1] + 1].mean(0)
        queries = self.q(center).view(len(ROLES), 2, WIDTH)
        scores = torch.einsum("rxd,wrxd->rxw", queries, keys.view(count, len(ROLES), 2, WIDTH))
        at = torch.arange(count)
        away = torch.where(at < trigger[0], at - trigger[0], torch.where(at > trigger[1], at - trigger[1], 0))
        bucket = (torch.sign(away) * torch.log2(away.abs().float() + 1) * 3.2).round().long() + 32
        scores = scores / math.sqrt(WIDTH) + self.dist[:, :, bucket.clamp(0, 63)]
        return torch.cat([scores[:, 0], self.null(center)[:, None]], 1), scores[:, 1], center

    def _pointed(self, act: Act, first: Tensor, last: Tensor) -> Tensor:
        """Loss of the pointers: any occurrence of the words is right; the end is conditional on its own start."""
        chances = first.log_softmax(1)
        count = last.shape[1]
        loss = first.new_zeros(())
        for number, ranges in enumerate(act.roles):
            if ranges is None:
                loss = loss - chances[number, count]
            elif ranges:
                ways = [
                    chances[number, low] + last[number, low : low + LONGEST].log_softmax(0)[high - low]
                    for low, high in ranges
                ]
                loss = loss - torch.logsumexp(torch.stack(ways), 0)
        return loss

    def facts(self, words: Tensor, first: Tensor, center: Tensor) -> Tensor:
        """The act's vector with the mean vector of what each pointer points at ("not said" is nothing)."""
        pointed = first.softmax(1)[:, :-1] @ words
        return self.fact(torch.cat([center, pointed.reshape(-1)]))

    def _act_loss(self, act: Act, words: Tensor, keys: Tensor) -> Tensor:
        first, last, center = self.pointers(words, keys, act.trigger)
        loss = self._pointed(act, first, last)
        fact = self.facts(words, first, center)
        for head, value, weight in (
            (self.kind, act.kind, 1.0),
            (self.status, act.status, STATUS_WEIGHTS[act.status]),
            (self.aspect, act.aspect, ASPECT_WEIGHTS[act.aspect]),
        ):
            loss = loss + weight * functional.cross_entropy(head(fact)[None], torch.tensor([value]))
        for side, head in enumerate((self.attackers, self.targets)):
            loss = loss + 0.5 * functional.binary_cross_entropy_with_logits(
                head(fact), torch.from_numpy(act.classes[side]), reduction="sum"
            )
        return loss

    def loss(
        self, examples: list[Example], hidden: Tensor, mask: Tensor, first: Tensor, labels: Tensor
    ) -> Tensor:
        """Loss of a batch: triggers over all words, fields over the acts that are there."""
        words = self.drop(self.words(self.upper(hidden, mask), first))
        loss = 4 * functional.cross_entropy(self.trig(words).transpose(1, 2), labels, ignore_index=-100)
        acts = []
        for number, example in enumerate(examples):
            own = words[number, : len(example.labels)]
            keys = self.k(own) if example.acts else own
            acts += [self._act_loss(act, own, keys) for act in example.acts]
        return loss + 0.25 * torch.stack(acts).mean() if acts else loss

    @staticmethod
    def words(hidden: Tensor, first: Tensor) -> Tensor:
        """The vectors of each word's first token."""
        return torch.gather(hidden, 1, first[..., None].expand(-1, -1, hidden.shape[-1]))


def batch(examples: list[Example], lower: list[np.ndarray]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Padded tensors of a batch: lower hidden states, mask, first tokens of words, labels."""
    tokens = max(h.shape[0] for h in lower)
    words = max(len(e.labels) for e in examples)
    hidden = torch.zeros(len(examples), tokens, lower[0].shape[1])
    mask = torch.zeros(len(examples), tokens)
    first = torch.zeros(len(examples), words, dtype=torch.long)
    labels = torch.full((len(examples), words), -100)
    for n, (example, states) in enumerate(zip(examples, lower, strict=True)):
        hidden[n, : states.shape[0]] = torch.from_numpy(states.astype(np.float32))
        mask[n, : states.shape[0]] = 1
        first[n, : len(example.labels)] = torch.tensor(example.window.first)
        labels[n, : len(example.labels)] = torch.from_numpy(example.labels)
    return hidden, mask, first, labels
