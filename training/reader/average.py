"""Averages the weights of several runs of the reader and writes the files that the package ships.

    python training/reader/average.py BASE OUT FIRST/reader.pt=0.25 SECOND/reader.pt=0.35 … --windows REPORTS.jsonl

The runs must have begun one from the other: their mean is then a better network than any of them (model soups, Wortsman et al.
2022). The last run's tokenizer and card are kept. REPORTS give typical windows, by which activations are measured for rounding.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import base as base_model
import torch
from export import export
from labels import examples
from network import Reader
from tokenizers import Tokenizer
from train import TYPICAL, rows

LISTS = ("kinds", "statuses", "aspects", "classes")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("runs", nargs="+", help="reader.pt=share")
    parser.add_argument("--windows", type=Path, nargs="+", required=True)
    options = parser.parse_args()
    runs = [(Path(path), float(share)) for path, _, share in (run.rpartition("=") for run in options.runs)]
    states = [(torch.load(path), share) for path, share in runs]
    last = states[-1][0]
    mean = {
        name: sum(state[name] * share for state, share in states) if last[name].is_floating_point() else value
        for name, value in last.items()
    }
    folder = runs[-1][0].parent
    whole = base_model.load(options.base)
    base = base_model.keep(
        whole, base_model.numbers_of(whole, Tokenizer.from_file(str(folder / "tokens.json")))
    )
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    reader = Reader(base, card["layers"], 0)
    reader.load_state_dict(mean)
    tokenizer = base_model.tokenizer(base.pieces)
    made = examples(rows(options.windows), tokenizer)
    typical = [e.window.ids for e in random.Random(1).sample(made, min(TYPICAL, len(made)))]
    export(reader, base, tokenizer, {k: v for k, v in card.items() if k not in LISTS}, typical, options.out)


if __name__ == "__main__":
    main()
