"""A trained reader to the files that the package ships: encoder.onnx, embedding.npz, heads.npz, tokens.json, card.json.

The frozen layers and the embedding are kept as the base has them, in 4 bits with a scale for every 32 weights, without any
loss; trained matrices in 8 bits by the same blocks. They are multiplied as they are (`MatMulNBits`), so the file's size is
also the memory's.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from base import MATRICES, Base
from labels import ASPECTS, CLASSES, KINDS, STATUSES
from network import Reader
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

from tarikh.extract.windows import MOST_TOKENS

BLOCK = 32


def four_bits(halves: np.ndarray, columns: int) -> np.ndarray:
    """Whole numbers 0 to 15, two a byte, as (columns, blocks, 16)."""
    rows = halves.reshape(columns, -1, BLOCK)
    return (rows[..., 0::2] | (rows[..., 1::2] << 4)).astype(np.uint8)


def eight_bits(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A matrix (rows, columns) as (columns, blocks, 32) bytes around 128, and each block's scale."""
    blocks = matrix.T.reshape(matrix.shape[1], -1, BLOCK)
    scales = np.abs(blocks).max(-1, keepdims=True) / 127 + 1e-12
    return (np.round(blocks / scales) + 128).astype(np.uint8), scales.astype(np.float32).reshape(-1)


def packed(model: onnx.ModelProto, base: Base, frozen: int) -> onnx.ModelProto:
    """The model with its matrices packed: in the order of layers and of `MATRICES` within each."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    kept = dict(weights)
    nodes, number = [], 0
    for node in model.graph.node:
        tensor = weights.get(node.input[1]) if node.op_type == "MatMul" else None
        if tensor is None:
            nodes.append(node)
            continue
        matrix = numpy_helper.to_array(tensor)
        layer, place = divmod(number, len(MATRICES))
        number += 1
        if layer < frozen:
            name = f"l{layer}.{list(MATRICES.values())[place]}.w"
            assert np.allclose(base.tensor(name, *matrix.T.shape), matrix.T), name
            halves, scales = base.packed(name)
            bits, whole, scale = 4, four_bits(halves, matrix.shape[1]), scales.astype(np.float32)
        else:
            bits, (whole, scale) = 8, eight_bits(matrix)
        kept.pop(tensor.name)
        names = [f"{tensor.name}.whole", f"{tensor.name}.scale"]
        for name, value in zip(names, (whole, scale), strict=True):
            kept[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        nodes.append(
            helper.make_node(
                "MatMulNBits",
                [node.input[0], *names],
                list(node.output),
                domain="com.microsoft",
                K=matrix.shape[0],
                N=matrix.shape[1],
                bits=bits,
                block_size=BLOCK,
                accuracy_level=1 if bits == 4 else 4,
            )
        )
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept.values())
    model.graph.node.extend(nodes)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
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


def export(reader: Reader, base: Base, tokenizer: Tokenizer, card: dict, folder: Path) -> None:
    """Writes the files. Raises `AssertionError` where the network's frozen layers are not the base's."""
    folder.mkdir(parents=True, exist_ok=True)
    reader.eval()
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
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
        onnx.save(packed(onnx.load(str(plain)), base, reader.frozen), str(folder / "encoder.onnx"))
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
