"""Write the tuned encoder as the ONNX file that is served.

Every product is one of whole numbers: the tables keep to 7 bits, since on processors without VNNI
two products of 8 bits overflow. They are rounded up or down by chance, the nearer the likelier: an
encoder that learns on begins at whole numbers and moves by a tenth of one, which rounding to the
nearest would undo. The vectors of the words are the input: ``models/encoder`` holds
them. A text is read alone, so that its rounding does not depend on its neighbours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.pieces import MOST, OUTPUTS
from models.review.training.encoder import EPSILON, HEADS, LAYERS, WIDTH

Table = npt.NDArray[np.float32]
# Opset 17 has LayerNormalization; 20 has Gelu.
_OPSET = 20
_MOST = 63
_SEED = 7
# What differs from a whole number by less is one: 32 bits are no more exact.
_WHOLE = 1e-4


class Graph:
    """Collect nodes and weights; every method returns the name of its result."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._random = np.random.default_rng(_SEED)
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self._bytes: dict[str, tuple[str, ...]] = {}

    def weight(self, name: str, value: npt.ArrayLike) -> str:
        """Keep a constant."""
        from onnx import numpy_helper

        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, *inputs: str, **attributes: object) -> str:
        """Add an operation."""
        from onnx import helper

        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def dense(self, values: str, name: str, table: Table, bias: Table | None = None) -> str:
        """Multiply values by a table, both in whole numbers of one byte, and add the bias."""
        from onnx import TensorProto, helper

        if values not in self._bytes:
            parts = tuple(f"{values}.{part}" for part in ("bytes", "scale", "zero"))
            self.nodes.append(helper.make_node("DynamicQuantizeLinear", [values], parts, parts[0]))
            self._bytes[values] = parts
        scale = np.abs(table).max(axis=0) / _MOST
        scale[scale == 0] = 1
        small = self._rounded(table / scale)
        whole_values, own_scale, zero = self._bytes[values]
        whole = self.add("MatMulInteger", whole_values, self.weight(name, small), zero)
        kept = self.weight(f"{name}.scale", scale.astype(np.float32))
        scales = self.add("Mul", own_scale, kept)
        found = self.add("Mul", self.add("Cast", whole, to=TensorProto.FLOAT), scales)
        return found if bias is None else self.add("Add", found, self.weight(f"{name}.bias", bias))

    def _rounded(self, values: Table) -> npt.NDArray[np.int8]:
        """Round up or down, the nearer the likelier; what was whole stays as it was."""
        nearest = np.rint(values)
        chosen = np.floor(values + self._random.random(values.shape))
        return np.where(np.abs(values - nearest) < _WHOLE, nearest, chosen).astype(np.int8)

    def normalise(self, values: str, name: str, layer: Any) -> str:
        """Normalise with the weights of a Keras layer."""
        scale, bias = (
            self.weight(f"{name}.{part}", value)
            for part, value in zip(("weight", "bias"), layer.get_weights(), strict=True)
        )
        return self.add("LayerNormalization", values, scale, bias, axis=-1, epsilon=EPSILON)


def write(model: Any, path: Path) -> None:
    """Write a model of ``encoder.build``; the bias of its head goes into the file's properties."""
    import onnx
    from onnx import TensorProto, helper

    graph = Graph()
    (places,) = model.get_layer("places").get_weights()
    kept = graph.weight("table", places[:MOST])
    start = graph.weight("start", np.array([0], np.int64))
    axis, end = (graph.weight(name, np.array([1], np.int64)) for name in ("axis", "end"))
    shape = graph.add("Shape", "words")
    length = graph.add("Slice", shape, axis, graph.weight("two", np.array([2], np.int64)))
    hidden = graph.add("Add", "words", graph.add("Slice", kept, start, length, start, end))
    hidden = graph.normalise(hidden, "first", model.get_layer("first"))
    split = graph.weight("split", np.array([0, 0, HEADS, WIDTH // HEADS], np.int64))
    join = graph.weight("join", np.array([0, 0, WIDTH], np.int64))
    size = graph.weight("size", np.array(np.sqrt(WIDTH // HEADS), np.float32))
    for number in range(LAYERS):
        weights = model.get_layer(f"attention_{number}").get_weights()

        def heads(part: int, perm: list[int], hidden: str = hidden, weights: Any = weights) -> str:
            table, bias = weights[2 * part].reshape(WIDTH, WIDTH), weights[2 * part + 1].ravel()
            mixed = graph.dense(hidden, f"attention_{number}.{part}", table, bias)  # noqa: B023
            return graph.add("Transpose", graph.add("Reshape", mixed, split), perm=perm)

        scores = graph.add("MatMul", heads(0, [0, 2, 1, 3]), heads(1, [0, 2, 3, 1]))
        scores = graph.add("Softmax", graph.add("Div", scores, size), axis=-1)
        seen = graph.add("MatMul", scores, heads(2, [0, 2, 1, 3]))
        seen = graph.add("Reshape", graph.add("Transpose", seen, perm=[0, 2, 1, 3]), join)
        out, bias = weights[6].reshape(WIDTH, WIDTH), weights[7]
        seen = graph.dense(seen, f"attention_{number}.out", out, bias)
        name = f"attended_{number}"
        hidden = graph.normalise(graph.add("Add", hidden, seen), name, model.get_layer(name))
        name = f"inner_{number}"
        inner = graph.dense(hidden, name, *model.get_layer(name).get_weights())
        name = f"outer_{number}"
        inner = graph.add("Gelu", inner)
        inner = graph.dense(inner, name, *model.get_layer(name).get_weights())
        name = f"normal_{number}"
        hidden = graph.normalise(graph.add("Add", hidden, inner), name, model.get_layer(name))
    (head,) = model.get_layer("head").get_weights()
    product = helper.make_node("MatMul", [hidden, graph.weight("head", head)], ["added"], "added")
    graph.nodes.append(product)
    words, added = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "pieces", width])
        for name, width in (("words", WIDTH), ("added", OUTPUTS))
    )
    made = helper.make_graph(graph.nodes, "opinions", [words], [added], graph.weights)
    stored = helper.make_model(made, opset_imports=[helper.make_opsetid("", _OPSET)])
    stored.ir_version = 9
    (bias,) = model.get_layer("mean").get_weights()
    helper.set_model_props(stored, {"bias": " ".join(f"{number:.6f}" for number in bias)})
    onnx.checker.check_model(stored)
    path.write_bytes(stored.SerializeToString())
