"""Figures of the reader alone on labelled windows: an act is found where a predicted trigger overlaps the gold one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch
from labels import Act, Example
from network import Reader, batch
from torch import Tensor

from tarikh.extract.reader import LONGEST, ROLES

THRESHOLD = 0.5


def _runs(event: Tensor) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for at in torch.nonzero(event > THRESHOLD).flatten().tolist():
        if found and found[-1][1] == at - 1:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


def _score(
    reader: Reader, words: Tensor, tagged: Tensor, act: Act, run: tuple[int, int], right: Counter, of: Counter
) -> None:
    first, last, center = reader.pointers(words, reader.k(words), run)
    fact = reader.facts(words, first, center)
    kinds = tagged[run[0] : run[1] + 1, 1:].mean(0).log() + reader.kind(fact).log_softmax(0)
    for name, value, gold in (
        ("kind", int(kinds.argmax()), act.kind),
        ("status", int(reader.status(fact).argmax()), act.status),
        ("aspect", int(reader.aspect(fact).argmax()), act.aspect),
    ):
        right[name] += value == gold
        of[name] += 1
    for number, role in enumerate(ROLES):
        ranges = act.roles[number]
        if ranges == []:
            continue
        low = int(first[number].argmax())
        of[role] += 1
        if low == len(words) or ranges is None:
            right[role] += low == len(words) and ranges is None
            continue
        high = low + int(last[number, low : low + LONGEST].argmax())
        right[role] += any(a <= high and low <= b for a, b in ranges)


def figures(reader: Reader, held: list[Example]) -> dict[str, float]:
    """Precision, recall and F1 of acts, false alarms an empty report, and the share of fields right of found acts."""
    reader.eval()
    counts: Counter = Counter()
    right: Counter = Counter()
    of: Counter = Counter()
    reports: dict[str, list[int]] = {}
    with torch.no_grad():
        for example in held:
            lower = reader.lower(torch.tensor([example.window.ids]))[0].numpy().astype(np.float32)
            hidden, mask, first, _ = batch([example], [lower])
            words = reader.words(reader.upper(hidden, mask), first)[0]
            tagged = reader.trig(words).softmax(1)
            runs = _runs(1 - tagged[:, 0])
            told = reports.setdefault(example.report, [0, 0])
            told[0] += len(example.acts)
            told[1] += len(runs)
            counts["predicted"] += len(runs)
            counts["gold"] += len(example.acts)
            free = list(runs)
            for act in example.acts:
                run = next((r for r in free if r[0] <= act.trigger[1] and r[1] >= act.trigger[0]), None)
                if run is not None:
                    free.remove(run)
                    counts["found"] += 1
                    _score(reader, words, tagged, act, run, right, of)
    empty = [predicted for gold, predicted in reports.values() if not gold]
    precision = counts["found"] / max(1, counts["predicted"])
    recall = counts["found"] / max(1, counts["gold"])
    made = {
        "P": precision,
        "R": recall,
        "F": 2 * precision * recall / max(1e-9, precision + recall),
        "alarms": sum(empty) / max(1, len(empty)),
        **{name: right[name] / of[name] for name in of},
    }
    return {name: round(value, 3) for name, value in made.items()}
