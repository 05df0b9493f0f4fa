"""A trained reader to the files that the package ships: encoder.onnx, embedding.npz, heads.npz, tokens.json, card.json.

The encoder's matrices are kept in 8 bits, a scale for each column, and are multiplied by activations that are rounded to 8 bits
too, a scale for each matrix of them. The few activations of a feed-forward layer that are far larger than the others would take
all of that scale, so they are made smaller and the weights that meet them larger (SmoothQuant, Xiao et al. 2023, section 4).
The embedding is kept as the base has it, in 4 bits with a scale for every 32 weights.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from base import MATRICES, Base
from labels import ASPECTS, CLASSES, KINDS, STATUSES
from network import Reader
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from tarikh.extract.windows import MOST_TOKENS

BLOCK = 32
SMOOTHED = ("intermediate.dense", "output.dense")
"""Matrices whose activations are smoothed: without it the hidden states are much further from the unrounded ones, with the second alone somewhat."""
STRENGTH = 0.8
"""How much of the activations' unevenness goes into the weights (alpha in the source)."""


def four_bits(halves: np.ndarray, columns: int) -> np.ndarray:
    """Whole numbers 0 to 15, two a byte, as (columns, blocks, 16)."""
    rows = halves.reshape(columns, -1, BLOCK)
    return (rows[..., 0::2] | (rows[..., 1::2] << 4)).astype(np.uint8)


def _multiplied(model: onnx.ModelProto) -> dict[str, list[onnx.NodeProto]]:
    """The nodes that multiply by a trained matrix: in the order of layers, for each name of `MATRICES`."""
    weights = {tensor.name for tensor in model.graph.initializer}
    nodes = [n for n in model.graph.node if n.op_type == "MatMul" and n.input[1] in weights]
    return {name: nodes[place :: len(MATRICES)] for place, name in enumerate(MATRICES)}


def _largest(path: Path, names: list[str], vectors: list[np.ndarray]) -> dict[str, np.ndarray]:
    """The largest size that each channel of these activations has on some windows."""
    model = onnx.load(str(path))
    model.graph.output.extend(helper.make_tensor_value_info(name, 1, None) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    largest: dict[str, np.ndarray] = {}
    for window in vectors:
        for name, value in zip(names, session.run(names, {"vectors": window}), strict=True):
            size = np.abs(value).reshape(-1, value.shape[-1]).max(0)
            largest[name] = np.maximum(largest.get(name, 0), size)
    return largest


def smoothed(path: Path, vectors: list[np.ndarray]) -> onnx.ModelProto:
    """The model with the uneven activations of its feed-forward layers divided, and the weights that meet them multiplied,
    by the same figures: it computes the same."""
    model = onnx.load(str(path))
    matrices = _multiplied(model)
    nodes = [node for name in SMOOTHED for node in matrices[name]]
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    largest = _largest(path, [node.input[0] for node in nodes], vectors)
    for node in nodes:
        matrix = numpy_helper.to_array(weights[node.input[1]])
        activation = np.maximum(largest[node.input[0]], 1e-5)
        figures = activation**STRENGTH / np.maximum(np.abs(matrix).max(1), 1e-5) ** (1 - STRENGTH)
        figures /= np.exp(np.log(figures).mean())
        name, even = f"{node.name}.even", f"{node.name}.evened"
        model.graph.initializer.append(numpy_helper.from_array((1 / figures).astype(np.float32), name))
        weights[node.input[1]].CopyFrom(
            numpy_helper.from_array((matrix * figures[:, None]).astype(np.float32), node.input[1])
        )
        at = next(n for n, other in enumerate(model.graph.node) if other.name == node.name)
        model.graph.node.insert(at, helper.make_node("Mul", [node.input[0], name], [even]))
        model.graph.node[at + 1].input[0] = even
    return model


def _embedding(reader: Reader, base: Base, path: Path) -> None:
    halves, scales = base.packed("emb.word")
    blocks = base.size // BLOCK
    table = reader.encoder.embeddings
    np.savez_compressed(
        path,
        whole=four_bits(halves, base.rows)[base.kept],
        scale=scales.reshape(-1, blocks)[base.kept],
        position=table.position_embeddings.weight[:MOST_TOKENS].detach().numpy().astype(np.float16),
        kind=table.token_type_embeddings.weight[0].detach().numpy().astype(np.float16),
    )


def _vectors(reader: Reader, ids: tuple[int, ...]) -> np.ndarray:
    """A window's embedding vectors before their normalization: what the exported encoder is given."""
    table = reader.encoder.embeddings
    with torch.no_grad():
        made = table.word_embeddings.weight[list(ids)] + table.position_embeddings.weight[: len(ids)]
        return (made + table.token_type_embeddings.weight[0])[None].numpy()


def export(
    reader: Reader, base: Base, tokenizer: Tokenizer, card: dict, windows: list[tuple[int, ...]], folder: Path
) -> None:
    """Writes the files. `windows` are token ids of typical windows, by which the activations' sizes are measured."""
    folder.mkdir(parents=True, exist_ok=True)
    reader.eval()
    with tempfile.TemporaryDirectory() as scratch:
        plain, even = Path(scratch) / "plain.onnx", Path(scratch) / "even.onnx"
        torch.onnx.export(
            reader,
            (torch.zeros(1, 8, base.size),),
            str(plain),
            input_names=["vectors"],
            output_names=["hidden"],
            dynamic_axes={"vectors": {1: "tokens"}, "hidden": {1: "tokens"}},
            opset_version=17,
            dynamo=False,
        )
        onnx.save(smoothed(plain, [_vectors(reader, ids) for ids in windows]), str(even))
        quantize_dynamic(
            even,
            folder / "encoder.onnx",
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul"],
        )
    _embedding(reader, base, folder / "embedding.npz")
    heads = {
        name: value.detach().numpy().astype(np.float16)
        for name, value in reader.named_parameters()
        if not name.startswith("encoder.")
    }
    np.savez_compressed(folder / "heads.npz", **heads)
    tokenizer.save(str(folder / "tokens.json"), pretty=False)
    whole = {**card, "kinds": KINDS, "statuses": STATUSES, "aspects": ASPECTS, "classes": CLASSES}
    (folder / "card.json").write_text(
        json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
