"""The encoder as a Keras model, and its fine-tuning: MiniLM with a linear head for each word piece.

The head says what each piece adds to the side and to the stance; the means over the pieces are the
logits of the text, so that what a piece adds is exact. The pieces' own vectors stay as published:
they are the ones that ``models/encoder`` serves, which saves half of the file.

In the file that is served every product is one of whole numbers. They are rounded up or down by
chance, the nearer the likelier: an encoder that learns on begins at whole numbers and moves by a
tenth of one, which rounding to the nearest would undo. A text is read alone, so that its rounding
does not depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import tensorflow as tf
from onnx import TensorProto, helper, numpy_helper
from tensorflow import keras
from tensorflow.keras import layers

from models.encoder import EncoderError, export
from models.encoder.export import EPSILON, HEADS, OPSET, PARTS, WIDTH, Table
from models.encoder.tuning import read_published
from models.review.encoder import MOST, OUTPUTS, tokenizer, word_vectors
from models.review.training import SEED, Progress, Step
from models.review.training.lessons import Lesson
from models.review.verdict import ReviewModelError

INNER, LAYERS, PLACES = 1536, 6, 512
DROPOUT = 0.1
BATCH = 32
_RATE, _WARM_UP = 5e-5, 0.06
# How much the stance counts beside the side.
_STANCE = 0.7
_SAVED_EVERY, _MEASURED_EVERY = 100, 500
# Parts that normalise what they read.
_NORMALS = ("attended_", "normal_")
# Seven bits: on processors without VNNI two products of eight overflow.
_LARGEST = 63
# What differs from a whole number by less is one: 32 bits are no more exact.
_WHOLE = 1e-4

Tensors = dict[str, Table]


def build(dropout: float = DROPOUT) -> Any:
    """Return the model: (texts, pieces) ids in, padded with 0, (texts, 4) logits out.

    The first and the last piece of a text stand for its begin and its end and add nothing
    themselves.
    """

    def normalise(name: str) -> Any:
        return layers.LayerNormalization(epsilon=EPSILON, name=name)

    ids = keras.Input((None,), dtype="int32", name="ids")
    there = tf.cast(ids != 0, tf.float32)
    words = layers.Embedding(len(word_vectors()), WIDTH, trainable=False, name="words")(ids)
    places = layers.Embedding(PLACES, WIDTH, name="places")(tf.range(tf.shape(ids)[1]))
    hidden = layers.Dropout(dropout)(normalise("first")(words + places))
    seen = there[:, None, :] > 0
    for number in range(LAYERS):
        attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"attention_{number}")
        added = layers.Dropout(dropout)(attention(hidden, hidden, attention_mask=seen))
        hidden = normalise(f"attended_{number}")(hidden + added)
        inner = layers.Dense(INNER, "gelu", name=f"inner_{number}")(hidden)
        added = layers.Dropout(dropout)(layers.Dense(WIDTH, name=f"outer_{number}")(inner))
        hidden = normalise(f"normal_{number}")(hidden + added)
    added = layers.Dense(OUTPUTS, name="head")(hidden)[:, 1:-1]
    inside = (there[:, 1:] * there[:, :-1])[:, 1:, None]
    mean = tf.reduce_sum(added * inside, axis=1) / tf.maximum(tf.reduce_sum(inside, axis=1), 1)
    return keras.Model(ids, mean)


def parts(number: int) -> list[str]:
    """Return the names of the parts of a layer, in the order of ``models.encoder.export.PARTS``."""
    attention = [f"attention_{number}.{part}" for part in ("0", "1", "2", "out")]
    rest = [f"{part}_{number}" for part in ("attended", "inner", "outer", "normal")]
    return [*attention, *rest]


def names() -> list[str]:
    """Return what the served file calls the weights, in the order of the Keras model."""
    found = ["words", "table", "first.weight", "first.bias"]
    for part in (part for number in range(LAYERS) for part in parts(number)):
        found += [f"{part}.weight" if part.startswith(_NORMALS) else part, f"{part}.bias"]
    return [*found, "head", "mean"]


def weights_of(model: Any) -> Tensors:
    """Return the weights of a model by their names in the served file."""
    return dict(zip(names(), model.get_weights(), strict=True))


def begin(model: Any, source: Path) -> None:
    """Give a model the weights to start from: served ones (``.onnx``), head included, or published.

    Raises:
        ReviewModelError: if the file is missing or another one.
    """
    try:
        tensors = _served(source) if source.suffix == ".onnx" else published(source)
    except (OSError, ValueError, EncoderError) as error:
        raise ReviewModelError(f"{source} is needed to train the encoder") from error
    tensors = {**weights_of(model), **tensors, "words": word_vectors()}
    shapes = [weight.shape for weight in model.weights]
    model.set_weights(
        [tensors[name].reshape(shape) for name, shape in zip(names(), shapes, strict=True)]
    )


def _served(source: Path) -> Tensors:
    """Return the weights in a file that ``write`` wrote."""
    stored = onnx.load(str(source))
    tensors = {each.name: numpy_helper.to_array(each) for each in stored.graph.initializer}
    for name in [name for name in tensors if f"{name}.scale" in tensors]:
        tensors[name] = tensors[name] * tensors[f"{name}.scale"]
    table = tensors["table"]  # the places after it are never read
    tensors["table"] = np.pad(table, [(0, PLACES - len(table)), (0, 0)])
    (bias,) = (each.value for each in stored.metadata_props if each.key == "bias")
    tensors["mean"] = np.array(bias.split(), np.float32)
    return tensors


def published(source: Path) -> Tensors:
    """Return the published weights of all-MiniLM-L6-v2; there is none for the head.

    Raises:
        EncoderError: if the file is another one.
        OSError: if it is missing.
    """
    stored = read_published(source)
    tensors = {
        "table": stored["embeddings.position_embeddings.weight"]
        + stored["embeddings.token_type_embeddings.weight"][0],
        "first.weight": stored["embeddings.LayerNorm.weight"],
        "first.bias": stored["embeddings.LayerNorm.bias"],
    }
    for number in range(LAYERS):
        for name, part in zip(parts(number), PARTS, strict=True):
            table = stored[f"encoder.layer.{number}.{part}.weight"]
            tensors[name if table.ndim == 2 else f"{name}.weight"] = table.T
            tensors[f"{name}.bias"] = stored[f"encoder.layer.{number}.{part}.bias"]
    return tensors


class Graph(export.Graph):
    """Collect nodes and weights; every method returns the name of its result."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self._random = np.random.default_rng(SEED)

    def add(self, kind: str, *inputs: str, **attributes: object) -> str:
        """Add an operation."""
        self._count = len(self.nodes) - 1  # so are the released file's operations numbered
        return super().add(kind, *inputs, **attributes)

    def rounded(self, table: Table) -> tuple[npt.NDArray[np.int8], Table]:
        """Round up or down, the nearer the likelier; what was whole stays as it was."""
        scale = np.abs(table).max(axis=0, keepdims=True) / _LARGEST
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
    helper.set_model_props(stored, {"bias": " ".join(f"{n:.6f}" for n in tensors["mean"])})
    onnx.checker.check_model(stored)
    path.write_bytes(stored.SerializeToString())


def tune(
    source: Path,
    rounds: Sequence[tuple[Sequence[Lesson], float]],
    apart: Sequence[Lesson],
    folder: Path,
    progress: Progress,
) -> Any:
    """Return the Keras model that has learned from every lesson of every round once.

    A round has its lessons and its share of the full learning rate, which rises and falls anew in
    each. The lessons kept apart tell how good it is. Its state is kept in a folder.
    """
    keras.utils.set_random_seed(SEED)
    model = build()
    begin(model, source)
    steps = [
        (batch, pace * rate)
        for number, (lessons, pace) in enumerate(rounds)
        for batch, rate in _steps(lessons, SEED + number)
    ]
    model.compile(keras.optimizers.Adam(_RATE), _loss)
    model.optimizer.build(model.trainable_variables)
    state = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
    kept = tf.train.CheckpointManager(state, str(folder), max_to_keep=1)
    kept.restore_or_initialize()
    losses: list[float] = []
    for number, (batch, rate) in list(enumerate(steps, 1))[int(model.optimizer.iterations) :]:
        model.optimizer.learning_rate.assign(rate)
        wanted = np.array([lesson[1:] for lesson in batch], np.float32)
        losses.append(model.train_on_batch(_ids(batch), wanted))
        if number % _SAVED_EVERY == 0 or number == len(steps):
            kept.save()
            measured = number % _MEASURED_EVERY == 0 or number == len(steps)
            accuracy = _accuracy(model, apart) if measured else None
            loss = float(np.mean(losses[-_SAVED_EVERY:]))
            progress(Step("encoder", number, len(steps), loss, accuracy))
    return model


def _ids(lessons: Sequence[Lesson]) -> npt.NDArray[np.int32]:
    """Return the pieces of each text filled up with zeros, shape (texts, pieces)."""
    rows = [
        encoding.ids for encoding in tokenizer(MOST).encode_batch([each.text for each in lessons])
    ]
    padded: npt.NDArray[np.int32] = keras.utils.pad_sequences(rows, padding="post")
    return padded


def _loss(wanted: Any, found: Any) -> Any:
    """Return the loss of each text; what is wanted stands as in ``Lesson``."""
    side = tf.nn.sigmoid_cross_entropy_with_logits(wanted[:, 0], found[:, 0])
    number = tf.cast(wanted[:, 2], tf.int32)
    stance = tf.nn.sparse_softmax_cross_entropy_with_logits(number, found[:, 1:])
    return wanted[:, 1] * side + _STANCE * wanted[:, 3] * stance


def _accuracy(model: Any, apart: Sequence[Lesson]) -> float:
    """Return the share of the lessons with a side that come out on it."""
    sided = [each for each in apart if each.side != 0.5]
    found = model.predict(_ids(sided), BATCH, verbose=0)[:, 0]
    return float(np.mean((found > 0) == [each.side == 1 for each in sided]))


def _steps(lessons: Sequence[Lesson], seed: int) -> list[tuple[list[Lesson], float]]:
    """Cut the lessons of a round into batches of like length, in random order.

    With each comes its learning rate, which rises for a short while and then falls to nothing.
    """
    random = np.random.default_rng(seed)
    encodings = tokenizer(MOST).encode_batch([each.text for each in lessons])
    lengths = [len(encoding.ids) + random.random() for encoding in encodings]
    batches = np.split(np.argsort(lengths), range(BATCH, len(lessons), BATCH))
    count, warm = len(batches), max(1.0, _WARM_UP * len(batches))
    return [
        (
            [lessons[i] for i in batches[number]],
            _RATE * min((step + 1) / warm, (count - step) / (count - warm + 1)),
        )
        for step, number in enumerate(random.permutation(count))
    ]
