"""A trained reader to the files that the package ships: encoder.onnx, heads.npz, tokens.json, card.json.

Weights are kept in 8 bits with a scale for each row or column and made floats again when the file is loaded: rounding the
activations as well (dynamic quantization) is twice as fast but moves the output by a fifth of its size.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from labels import ASPECTS, CLASSES, KINDS, STATUSES
from network import Reader
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

SMALLEST = 4096
"""Tensors with fewer weights are left as they are."""


def rounded(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its matrices in 8 bits: per column, or per row of the embedding."""
    embeddings = {node.input[0] for node in model.graph.node if node.op_type == "Gather"}
    kept, made = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.ndim != 2 or values.dtype != np.float32 or values.size < SMALLEST:
            kept.append(tensor)
            continue
        axis = 0 if tensor.name in embeddings else 1
        scale = np.abs(values).max(axis=1 - axis, keepdims=True) / 127 + 1e-12
        whole = np.round(values / scale).astype(np.int8)
        name = tensor.name
        kept.append(numpy_helper.from_array(whole, f"{name}.whole"))
        kept.append(numpy_helper.from_array(scale.astype(np.float32).reshape(-1), f"{name}.scale"))
        made.append(
            helper.make_node("DequantizeLinear", [f"{name}.whole", f"{name}.scale"], [name], axis=axis)
        )
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    nodes = [*made, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def export(reader: Reader, tokenizer: Tokenizer, card: dict, folder: Path) -> None:
    """Writes the files; weights are rounded to 8 bits, those of the heads to half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    reader.eval()
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        torch.onnx.export(
            reader,
            (torch.ones(1, 8, dtype=torch.long),),
            str(plain),
            input_names=["ids"],
            output_names=["hidden"],
            dynamic_axes={"ids": {1: "tokens"}, "hidden": {1: "tokens"}},
            opset_version=17,
            dynamo=False,
        )
        onnx.save(rounded(onnx.load(str(plain))), str(folder / "encoder.onnx"))
    heads = {
        name: value.detach().numpy().astype(np.float16)
        for name, value in reader.named_parameters()
        if not name.startswith("encoder.")
    }
    np.savez_compressed(folder / "heads.npz", **heads)
    tokenizer.save(str(folder / "tokens.json"), pretty=False)
    whole = {
        **card,
        "kinds": KINDS,
        "statuses": STATUSES,
        "aspects": ASPECTS,
        "classes": CLASSES,
    }
    (folder / "card.json").write_text(
        json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
