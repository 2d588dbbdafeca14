"""The n-gram network as a Keras model: word ids in, probability of a positive review out.

Its layers keep what was learned; what they make of a text is computed by
``models/review/network.py``, which answers without TensorFlow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow import keras

from models.review import network
from models.review.network import Floats, Mix, Network, Shares
from models.review.text import PADDING, Ids


class _Kept(keras.layers.Layer):  # type: ignore[misc]
    """A layer of arrays that were learned elsewhere, kept in its configuration by shape."""

    part: Callable[..., Any]

    def __init__(self, shapes: dict[str, Any], **rest: Any) -> None:
        super().__init__(**rest)
        self.shapes = shapes

    def build(self, shape: Any) -> None:
        self.kept = [
            self.add_weight(name, tuple(size), kind, "zeros", trainable=False)
            for name, (size, kind) in self.shapes.items()
        ]
        super().build(shape)

    def call(self, ids: Any) -> Any:
        total = tf.numpy_function(self._sums, [ids, *self.kept], tf.float32)
        return tf.ensure_shape(total, (None, 1))

    def _sums(self, ids: Ids, *arrays: Any) -> Floats:
        there = ids != PADDING
        owner, sizes = np.nonzero(there)[0], there.sum(axis=1)
        added = self.part(*arrays)(ids[there], owner, sizes)
        return np.bincount(owner, added, len(ids)).astype(np.float32)[:, None]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "shapes": self.shapes}


@keras.utils.register_keras_serializable("fathom")
class NgramSum(_Kept):
    """Sum the weights of the n-grams of each row of ids."""

    part = network.NgramSum


@keras.utils.register_keras_serializable("fathom")
class FilterSum(_Kept):
    """Weigh the mean and the maximum of each filter over each row of ids."""

    part = network.FilterSum


@keras.utils.register_keras_serializable("fathom")
class Blend(keras.layers.Layer):  # type: ignore[misc]
    """Add the two parts as much as the number of words says."""

    def __init__(self, short: Shares, long: Shares, **rest: Any) -> None:
        super().__init__(**rest)
        self.mix = Mix((*short,), (*long,))

    def call(self, parts: Any) -> Any:
        """Return the logits, shape (reviews, 1), of ids and of what both parts sum up."""
        ids, *sums = parts
        sizes = tf.reduce_sum(tf.cast(ids != PADDING, tf.float32), axis=1)
        shares = tf.numpy_function(self.mix.shares, [sizes], tf.double)
        sums = tf.concat([*sums, tf.ones_like(sums[0])], axis=1)
        shares = tf.ensure_shape(tf.cast(shares, tf.float32), (3, None))
        return tf.reduce_sum(tf.transpose(shares) * sums, axis=1, keepdims=True)

    def get_config(self) -> dict[str, Any]:
        """Return what the layer is made from."""
        return {**super().get_config(), **self.mix._asdict()}


def build(learned: Network) -> Any:
    """Return the Keras model: (reviews, words) ids in, (reviews, 1) probabilities out."""
    ids = keras.Input((None,), dtype="int64", name="ids")
    sums = []
    for kind, part, name in (
        (NgramSum, learned.ngrams, "ngrams"),
        (FilterSum, learned.filters, "filters"),
    ):
        arrays = {each.name: np.asarray(getattr(part, each.name)) for each in fields(part)}
        shapes = {key: [list(array.shape), str(array.dtype)] for key, array in arrays.items()}
        layer = kind(shapes, name=name)
        sums.append(layer(ids))
        layer.set_weights(list(arrays.values()))
    logit = Blend(*learned.mix, name="blend")([ids, *sums])
    return keras.Model(ids, keras.layers.Activation("sigmoid", name="probability")(logit))
