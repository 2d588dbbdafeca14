"""Write the tuned encoder as the ONNX file that is served.

    uv run --isolated --with onnx==1.17.0 python models/encoder/export.py tuned.npz

`onnx` is needed here alone, so it is no package of the assistant.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

HEADS, WIDTH, EPSILON = 12, 384, 1e-12
TARGET = Path(__file__).with_name("encoder.onnx")
Table = npt.NDArray[np.float32]
# The parts of a layer, in their order.
PARTS = (
    *("attention.self.query", "attention.self.key", "attention.self.value"),
    *("attention.output.dense", "attention.output.LayerNorm"),
    *("intermediate.dense", "output.dense", "output.LayerNorm"),
)
# Opset 17 has LayerNormalization; 20 has Gelu. Both are exact, and every ONNX Runtime since 1.17
# knows them.
OPSET = 20


class Graph:
    """Collect nodes and weights; every method returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._bytes: dict[str, tuple[str, ...]] = {}
        self._count = 0

    def weight(self, name: str, value: npt.NDArray[Any]) -> str:
        """Keep a constant."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, *inputs: str, **attributes: object) -> str:
        """Add an operation."""
        self._count += 1
        name = f"{kind.lower()}_{self._count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def shapes(self) -> None:
        """Keep what ``layer`` cuts the heads with and puts them together again."""
        self.weight("split", np.array([0, 0, HEADS, WIDTH // HEADS], np.int64))
        self.weight("join", np.array([0, 0, WIDTH], np.int64))
        self.weight("size", np.array(np.sqrt(WIDTH // HEADS), np.float32))

    def small(self, name: str, table: Table) -> tuple[str, str]:
        """Keep a table in int8 with a float32 scale for each of its rows."""
        small, scale = _small(table, 1, 127)
        return self.weight(name, small), self.weight(f"{name}.scale", scale)

    def product(self, values: str, name: str, table: Table) -> str:
        """Multiply values by a table, both in whole numbers of one byte.

        The table keeps to 7 bits: on processors without VNNI two products of 8 bits overflow.
        """
        if values not in self._bytes:
            names = tuple(f"{values}.{part}" for part in ("bytes", "scale", "zero"))
            self.nodes.append(helper.make_node("DynamicQuantizeLinear", [values], names, names[0]))
            self._bytes[values] = names
        small, scale = self.rounded(table)
        parts, own_scale, zero = self._bytes[values]
        whole = self.add("MatMulInteger", parts, self.weight(name, small), zero)
        scales = self.add("Mul", own_scale, self.weight(f"{name}.scale", scale[0]))
        return self.add("Mul", self.add("Cast", whole, to=TensorProto.FLOAT), scales)

    def rounded(self, table: Table) -> tuple[npt.NDArray[np.int8], Table]:
        """Return a table in whole numbers of 7 bits, and the scale of each column."""
        return _small(table, 0, 63)


def _small(table: Table, axis: int, most: int) -> tuple[npt.NDArray[np.int8], Table]:
    scale = np.abs(table).max(axis=axis, keepdims=True) / most
    scale[scale == 0] = 1
    return np.round(table / scale).astype(np.int8), scale.astype(np.float32)


def layer(
    graph: Graph,
    hidden: str,
    names: Sequence[str],
    dense: Callable[[str, str], str],
    normalise: Callable[[str, str], str],
    blocked: str | None = None,
) -> str:
    """Add a layer of the transformer; the graph holds ``split``, ``join`` and ``size`` already.

    Args:
        graph: to add to.
        hidden: what the layer reads.
        names: of its parts, as in ``PARTS``.
        dense: multiplies values by the table of a part.
        normalise: normalises values by the weights of a part.
        blocked: is added to the scores, if anything.
    """
    query, key, value, out, attended, inner, outer, normal = names

    def heads(name: str, perm: list[int]) -> str:
        mixed = graph.add("Reshape", dense(hidden, name), "split")
        return graph.add("Transpose", mixed, perm=perm)

    scores = graph.add("MatMul", heads(query, [0, 2, 1, 3]), heads(key, [0, 2, 3, 1]))
    scores = graph.add("Div", scores, "size")
    if blocked:
        scores = graph.add("Add", scores, blocked)
    seen = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), heads(value, [0, 2, 1, 3]))
    seen = graph.add("Reshape", graph.add("Transpose", seen, perm=[0, 2, 1, 3]), "join")
    hidden = normalise(graph.add("Add", hidden, dense(seen, out)), attended)
    grown = dense(graph.add("Gelu", dense(hidden, inner)), outer)
    return normalise(graph.add("Add", hidden, grown), normal)


def build(tensors: dict[str, Table]) -> onnx.ModelProto:
    """Return MiniLM as one graph: ids and mask, both (texts, tokens), to unit vectors."""
    graph = Graph()
    zero = graph.weight("axis", np.array([1], np.int64))

    def dense(values: str, name: str) -> str:
        product = graph.product(values, f"{name}.weight", tensors[f"{name}.weight"].T)
        return graph.add("Add", product, graph.weight(f"{name}.bias", tensors[f"{name}.bias"]))

    def normalise(values: str, name: str) -> str:
        scale, bias = (
            graph.weight(f"{name}.{part}", tensors[f"{name}.{part}"]) for part in ("weight", "bias")
        )
        return graph.add("LayerNormalization", values, scale, bias, axis=-1, epsilon=EPSILON)

    # Words are looked up while they are small.
    words, scales = graph.small("words", tensors["embeddings.word_embeddings.weight"])
    found = graph.add("Cast", graph.add("Gather", words, "ids"), to=TensorProto.FLOAT)
    hidden = graph.add("Mul", found, graph.add("Gather", scales, "ids"))
    places = graph.weight(
        "places",
        tensors["embeddings.position_embeddings.weight"]
        + tensors["embeddings.token_type_embeddings.weight"][0],
    )
    length = graph.add(
        "Slice", graph.add("Shape", "ids"), zero, graph.weight("two", np.array([2], np.int64))
    )
    start = graph.weight("start", np.array([0], np.int64))
    hidden = graph.add("Add", hidden, graph.add("Slice", places, start, length))
    hidden = normalise(hidden, "embeddings.LayerNorm")
    graph.shapes()
    one = graph.weight("one", np.array(1, np.float32))
    far = graph.weight("far", np.array(-1e9, np.float32))
    blocked = graph.add("Mul", graph.add("Sub", one, "mask"), far)
    blocked = graph.add("Unsqueeze", blocked, graph.weight("heads", np.array([1, 2], np.int64)))
    for number in range(6):
        names = [f"encoder.layer.{number}.{part}" for part in PARTS]
        hidden = layer(graph, hidden, names, dense, normalise, blocked)
    last = graph.weight("last", np.array([2], np.int64))
    weight = graph.add("Unsqueeze", "mask", last)
    total = graph.add("ReduceSum", graph.add("Mul", hidden, weight), zero, keepdims=0)
    count = graph.add("ReduceSum", weight, zero, keepdims=0)
    mean = graph.add("Div", total, count)
    norm = graph.add("ReduceL2", mean, zero, keepdims=1)
    graph.nodes.append(helper.make_node("Div", [mean, norm], ["vectors"], "vectors"))
    shape = ["texts", "tokens"]
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, shape)
    mask = helper.make_tensor_value_info("mask", TensorProto.FLOAT, shape)
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", WIDTH])
    made = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", [ids, mask], [vectors], graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    with np.load(sys.argv[1]) as stored:
        tuned = {name: stored[name] for name in stored.files}
    TARGET.write_bytes(build(tuned).SerializeToString())
