"""Write the tuned encoder as the ONNX file that is served.

Every product is one of whole numbers. They are rounded up or down by chance, the nearer the
likelier: an encoder that learns on begins at whole numbers and moves by a tenth of one, which
rounding to the nearest would undo. The vectors of the words are the input: ``models/encoder`` holds
them. A text is read alone, so that its rounding does not depend on its neighbours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from models.encoder import export
from models.encoder.export import EPSILON, OPSET, WIDTH, Table
from models.review.encoder import MOST, OUTPUTS
from models.review.training.encoder import LAYERS, parts, weights_of

_MOST = 63
_SEED = 7
# What differs from a whole number by less is one: 32 bits are no more exact.
_WHOLE = 1e-4


class Graph(export.Graph):
    """Collect nodes and weights; every method returns the name of its result."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self._random = np.random.default_rng(_SEED)

    def add(self, kind: str, *inputs: str, **attributes: object) -> str:
        """Add an operation."""
        self._count = len(self.nodes) - 1  # so are the released file's operations numbered
        return super().add(kind, *inputs, **attributes)

    def rounded(self, table: Table) -> tuple[npt.NDArray[np.int8], Table]:
        """Round up or down, the nearer the likelier; what was whole stays as it was."""
        scale = np.abs(table).max(axis=0, keepdims=True) / _MOST
        scale[scale == 0] = 1
        values = table / scale
        nearest = np.rint(values)
        chosen = np.floor(values + self._random.random(values.shape))
        whole = np.where(np.abs(values - nearest) < _WHOLE, nearest, chosen).astype(np.int8)
        return whole, scale.astype(np.float32)


def write(model: Any, path: Path) -> None:
    """Write a model of ``encoder.build``; the bias of its head goes into the file's properties."""
    graph, tensors = Graph(), weights_of(model)

    def dense(values: str, name: str) -> str:
        bias = tensors[f"{name}.bias"].ravel()
        product = graph.product(values, name, tensors[name].reshape(-1, bias.size))
        return graph.add("Add", product, graph.weight(f"{name}.bias", bias))

    def normalise(values: str, name: str) -> str:
        scale, bias = (
            graph.weight(part, tensors[part]) for part in (f"{name}.weight", f"{name}.bias")
        )
        return graph.add("LayerNormalization", values, scale, bias, axis=-1, epsilon=EPSILON)

    kept = graph.weight("table", tensors["table"][:MOST])
    start = graph.weight("start", np.array([0], np.int64))
    axis, end = (graph.weight(name, np.array([1], np.int64)) for name in ("axis", "end"))
    shape = graph.add("Shape", "words")
    length = graph.add("Slice", shape, axis, graph.weight("two", np.array([2], np.int64)))
    hidden = graph.add("Add", "words", graph.add("Slice", kept, start, length, start, end))
    hidden = normalise(hidden, "first")
    graph.shapes()
    for number in range(LAYERS):
        hidden = export.layer(graph, hidden, parts(number), dense, normalise)
    head = graph.weight("head", tensors["head"])
    graph.nodes.append(helper.make_node("MatMul", [hidden, head], ["added"], "added"))
    words, added = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "pieces", width])
        for name, width in (("words", WIDTH), ("added", OUTPUTS))
    )
    made = helper.make_graph(graph.nodes, "opinions", [words], [added], graph.weights)
    stored = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)])
    stored.ir_version = 9
    helper.set_model_props(stored, {"bias": " ".join(f"{n:.6f}" for n in tensors["bias"])})
    onnx.checker.check_model(stored)
    path.write_bytes(stored.SerializeToString())
