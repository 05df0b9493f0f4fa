"""Trains the reader and writes `src/tarikh/data/reader/`.

    python training/reader/train.py BASE GOLD.jsonl [MORE.jsonl …] [--hold 5] [--vocabulary TEXTS.jsonl …] [--out DIR]

BASE is `e5-small-q4.bin` (see base.py); the other files are reports in the gold form whose mentions have `words`.
`--hold N` keeps every Nth report of the first file out and prints figures on them; without it everything is learned from.
`--vocabulary` files (any JSON lines with `title` and `text`) only say which tokens are worth keeping.
Needs torch, transformers, onnx and onnxruntime, which the package does not: `pip install torch transformers onnx onnxruntime`.
Two cores take about 80 seconds an epoch for 600 windows.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from pathlib import Path

import base as base_model
import numpy as np
import torch
from export import export
from figures import figures
from labels import Example, examples, leads
from network import Reader, batch
from tokenizers import Tokenizer

HEAD_RATE = 1e-3
TYPICAL = 120
"""Windows by which the sizes of activations are measured for rounding them."""


def rows(paths: list[Path]) -> list[dict]:
    return [
        json.loads(line)
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def batches(made: list[Example], size: int, rng: random.Random) -> list[list[int]]:
    """Numbers of examples in batches of like length, in random order."""
    order = sorted(range(len(made)), key=lambda n: len(made[n].window.ids) + 40 * rng.random())
    groups = [order[n : n + size] for n in range(0, len(order), size)]
    rng.shuffle(groups)
    return groups


def lower_states(reader: Reader, made: list[Example]) -> list[np.ndarray]:
    """The frozen layers' output of each example, computed once."""
    reader.eval()
    with torch.no_grad():
        return [reader.lower(torch.tensor([e.window.ids]))[0].numpy().astype(np.float16) for e in made]


def train(reader: Reader, made: list[Example], options: argparse.Namespace, held: list[Example]) -> None:
    rng = random.Random(options.seed)
    lower = lower_states(reader, made)
    named = [(n, p) for n, p in reader.named_parameters() if p.requires_grad]
    groups = [
        {"params": [p for n, p in named if n.startswith("encoder.")], "lr": options.rate},
        {"params": [p for n, p in named if not n.startswith("encoder.")], "lr": HEAD_RATE},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = options.epochs * math.ceil(len(made) / options.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1.0, (s + 1) / (0.1 * steps)) * max(0.0, (steps - s) / steps)
    )
    for epoch in range(options.epochs):
        reader.train()
        begun, total = time.time(), 0.0
        groups_of = batches(made, options.batch, rng)
        for group in groups_of:
            chosen = [made[n] for n in group]
            loss = reader.loss(chosen, *batch(chosen, [lower[n] for n in group]))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(
            f"epoch {epoch + 1}: loss {total / len(groups_of):.3f}, {time.time() - begun:.0f} s", flush=True
        )
        if held and (epoch % 3 == 2 or epoch == options.epochs - 1):
            for language in sorted({e.language for e in held}):
                print(
                    "  ", language, figures(reader, [e for e in held if e.language == language]), flush=True
                )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--vocabulary", type=Path, nargs="*", default=[])
    parser.add_argument("--tokens", type=int, default=28_000)
    parser.add_argument("--hold", type=int, default=0)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--frozen", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--begin", type=Path, help="go on from the reader.pt of an earlier run of the same size"
    )
    parser.add_argument("--out", type=Path, default=Path("src/tarikh/data/reader"))
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    first, more = rows(options.files[:1]), rows(options.files[1:])
    random.Random(7).shuffle(first)
    held = [r for n, r in enumerate(first) if options.hold and n % options.hold == options.fold]
    learned = [r for n, r in enumerate(first) if not (options.hold and n % options.hold == options.fold)]
    whole = base_model.load(options.base)
    if options.begin:
        earlier = Tokenizer.from_file(str(options.begin.with_name("tokens.json")))
        base = base_model.keep(whole, base_model.numbers_of(whole, earlier))
    else:
        texts = [(50.0, r) for r in first + more] + [(1.0, r) for r in rows(options.vocabulary)]
        weights = base_model.weigh(whole, ((w, f"{r.get('title') or ''}\n{r['text']}") for w, r in texts))
        base = base_model.cut(whole, weights, options.tokens)
    tokenizer = base_model.tokenizer(base.pieces)
    reader = Reader(base, options.layers, options.frozen)
    if options.begin:
        reader.load_state_dict(torch.load(options.begin))
    made = examples([*learned, *more, *leads(learned + more)], tokenizer)
    print(f"{len(made)} windows to learn from, {len(held)} reports held out", flush=True)
    train(reader, made, options, examples(held, tokenizer))
    card = {
        "languages": sorted({r["language"] for r in learned + more}),
        "base": "multilingual-e5-small (MIT)",
        "layers": options.layers,
        "reports": len(learned + more),
        "acts": sum(len(e.acts) for e in made),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    torch.save(reader.state_dict(), options.out / "reader.pt")
    typical = [e.window.ids for e in random.Random(1).sample(made, min(TYPICAL, len(made)))]
    export(reader, base, tokenizer, card, typical, options.out)
    if held:
        (options.out / "held.json").write_text(json.dumps([r["id"] for r in held]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
