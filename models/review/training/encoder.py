"""The encoder as a Keras model: MiniLM with a linear head for each word piece.

The head says what each piece adds to the side and to the stance; the means over the pieces are the
logits of the text, so that what a piece adds is exact. The pieces' own vectors stay as published:
they are the ones that ``models/encoder`` serves, which saves half of the file.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.errors import ReviewModelError
from models.review.pieces import OUTPUTS, word_vectors

PUBLISHED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH, INNER, HEADS, LAYERS, PLACES, EPSILON = 384, 1536, 12, 6, 512, 1e-12
DROPOUT = 0.1

Array = npt.NDArray[np.float32]
Tensors = dict[str, Array]


def read_published(source: Path) -> Tensors:
    """Return the tensors of the published ``model.safetensors`` of all-MiniLM-L6-v2.

    Raises:
        ReviewModelError: if the file is missing or another one.
    """
    try:
        content = source.read_bytes()
    except OSError as error:
        raise ReviewModelError(f"{source} is needed to train the encoder") from error
    if hashlib.sha256(content).hexdigest() != PUBLISHED_SHA256:
        raise ReviewModelError(f"{source} is not the published all-MiniLM-L6-v2 weights file")
    # A safetensors file: an 8-byte header length, a JSON header, then the raw data.
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = (start + offset for offset in entry["data_offsets"])
            flat = np.frombuffer(content[begin:end], dtype="<f4")
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


def build(dropout: float = DROPOUT) -> Any:
    """Return the model: (texts, pieces) ids in, padded with 0, (texts, 4) logits out.

    The first and the last piece of a text stand for its begin and its end and add nothing
    themselves.
    """
    import tensorflow as tf
    from tensorflow import keras

    layers = keras.layers

    class Places(keras.layers.Layer):  # type: ignore[misc]
        """Add a learned vector for each place in the text."""

        def build(self, shape: Any) -> None:
            self.table = self.add_weight("table", (PLACES, WIDTH))

        def call(self, hidden: Any) -> Any:
            return hidden + self.table[: tf.shape(hidden)[1]]

    class Mean(keras.layers.Layer):  # type: ignore[misc]
        """Average what the pieces between begin and end add, then add the bias."""

        def build(self, shape: Any) -> None:
            self.bias = self.add_weight("bias", (OUTPUTS,), initializer="zeros")

        def call(self, added: Any, there: Any) -> Any:
            inside = (there[:, 1:] * there[:, :-1])[:, 1:, None]
            total = tf.reduce_sum(added[:, 1:-1] * inside, axis=1)
            return total / tf.maximum(tf.reduce_sum(inside, axis=1), 1) + self.bias

    def normalise(name: str) -> Any:
        return layers.LayerNormalization(epsilon=EPSILON, name=name)

    ids = keras.Input((None,), dtype="int32", name="ids")
    there = tf.cast(ids != 0, tf.float32)
    words = layers.Embedding(len(word_vectors()), WIDTH, trainable=False, name="words")(ids)
    hidden = layers.Dropout(dropout)(normalise("first")(Places(name="places")(words)))
    seen = there[:, None, :] > 0
    for number in range(LAYERS):
        attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"attention_{number}")
        added = layers.Dropout(dropout)(attention(hidden, hidden, attention_mask=seen))
        hidden = normalise(f"attended_{number}")(hidden + added)
        inner = layers.Dense(INNER, name=f"inner_{number}")(hidden)
        inner = layers.Activation("gelu")(inner)
        added = layers.Dropout(dropout)(layers.Dense(WIDTH, name=f"outer_{number}")(inner))
        hidden = normalise(f"normal_{number}")(hidden + added)
    added = layers.Dense(OUTPUTS, use_bias=False, name="head")(hidden)
    return keras.Model(ids, Mean(name="mean")(added, there))


def begin(model: Any, source: Path) -> None:
    """Give a model the weights to start from: served ones (``.onnx``), head included, or published.

    Raises:
        ReviewModelError: if the file is missing or another one.
    """
    if source.suffix == ".onnx":
        load_served(model, source)
    else:
        load_published(model, read_published(source))


def load_served(model: Any, source: Path) -> None:
    """Give a model the weights of a file that ``export.write`` wrote.

    Raises:
        ReviewModelError: if the file is missing or damaged.
    """
    import onnx
    from onnx import numpy_helper

    try:
        stored = onnx.load(str(source))
    except (OSError, ValueError) as error:
        raise ReviewModelError(f"{source} is needed to train the encoder") from error
    tensors = {each.name: numpy_helper.to_array(each) for each in stored.graph.initializer}
    model.get_layer("words").set_weights([word_vectors()])
    places = np.zeros((PLACES, WIDTH), np.float32)  # the later ones are never read
    places[: len(tensors["table"])] = tensors["table"]
    model.get_layer("places").set_weights([places])

    def dense(name: str) -> list[Array]:
        table = tensors[name] * tensors[f"{name}.scale"]
        return [table.astype(np.float32), tensors[f"{name}.bias"]]

    def normalised(name: str) -> None:
        weights = [tensors[f"{name}.weight"], tensors[f"{name}.bias"]]
        model.get_layer(name).set_weights(weights)

    normalised("first")
    for number in range(LAYERS):
        attention = model.get_layer(f"attention_{number}")
        parts = [f"attention_{number}.{part}" for part in (0, 1, 2, "out")]
        stored_weights = [weight for part in parts for weight in dense(part)]
        shapes = [weight.shape for weight in attention.get_weights()]
        attention.set_weights(
            [w.reshape(shape) for w, shape in zip(stored_weights, shapes, strict=True)]
        )
        for name in (f"inner_{number}", f"outer_{number}"):
            model.get_layer(name).set_weights(dense(name))
        normalised(f"attended_{number}")
        normalised(f"normal_{number}")
    model.get_layer("head").set_weights([tensors["head"]])
    (bias,) = (each.value for each in stored.metadata_props if each.key == "bias")
    model.get_layer("mean").set_weights([np.array([float(n) for n in bias.split()], np.float32)])


def load_published(model: Any, tensors: Tensors) -> None:
    """Give a model the published weights; its head stays as it is."""
    model.get_layer("words").set_weights([word_vectors()])
    places = tensors["embeddings.position_embeddings.weight"]
    kind = tensors["embeddings.token_type_embeddings.weight"][0]
    model.get_layer("places").set_weights([places + kind])

    def pair(name: str) -> list[Array]:
        return [tensors[f"{name}.weight"], tensors[f"{name}.bias"]]

    model.get_layer("first").set_weights(pair("embeddings.LayerNorm"))
    size = WIDTH // HEADS
    for number in range(LAYERS):
        prefix = f"encoder.layer.{number}"
        weights: list[Array] = []
        for part in ("query", "key", "value"):
            weight, bias = pair(f"{prefix}.attention.self.{part}")
            weights += [weight.T.reshape(WIDTH, HEADS, size), bias.reshape(HEADS, size)]
        weight, bias = pair(f"{prefix}.attention.output.dense")
        weights += [weight.T.reshape(HEADS, size, WIDTH), bias]
        model.get_layer(f"attention_{number}").set_weights(weights)
        model.get_layer(f"attended_{number}").set_weights(
            pair(f"{prefix}.attention.output.LayerNorm")
        )
        for name, part in (("inner", "intermediate.dense"), ("outer", "output.dense")):
            weight, bias = pair(f"{prefix}.{part}")
            model.get_layer(f"{name}_{number}").set_weights([weight.T, bias])
        model.get_layer(f"normal_{number}").set_weights(pair(f"{prefix}.output.LayerNorm"))
