"""The default model as a Keras model: word ids in, probability of a positive review out.

The weights of the n-grams and the word vectors are kept in eight bits each. ``scorer``
computes the same in NumPy and says which word did what; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.ngrams import FINISH, MULTIPLIERS, SCOPE, Floats
from models.review.tokens import FIRST, PADDING, UNKNOWN

# Texts of up to so many words are mixed as short ones, those of so many or more as long ones.
_SHORT, _LONG = 10, 100

Bytes = npt.NDArray[np.int8]
# Of the n-grams, of the filters, and a bias.
Shares = tuple[float, float, float]

# The layers that hold what was learned: name, kind, and their part of the tables.
_PARTS = (
    ("ngrams", "NgramSum", ("weights", "negator", "step")),
    ("filters", "FilterSum", ("vectors", "grain", "kernel", "threshold", "mean", "highest")),
)


@dataclass(frozen=True)
class Mix:
    """How much the two parts count in short and in long texts; in between it changes evenly."""

    short: Shares
    long: Shares

    def shares(self, sizes: npt.ArrayLike) -> Floats:
        """Return the three shares for texts of so many words, shape (3, texts)."""
        long = np.clip((np.asarray(sizes, np.float32) - _SHORT) / (_LONG - _SHORT), 0, 1)
        low, high = np.array(self.short)[:, None], np.array(self.long)[:, None]
        result: Floats = low + (high - low) * long
        return result


@dataclass(frozen=True)
class Tables:
    """Everything the model learned.

    Attributes:
        weights: of each n-gram's bucket, in units of ``step``.
        negator: 1 for each word id that negates.
        step: size of one unit of ``weights``.
        vectors: of each word id, shape (words, dimensions), in units of ``grain``.
        grain: size of one unit of ``vectors``.
        kernel: of the filters, shape (3, dimensions, filters).
        threshold: what is added to each filter before its negative part is cut.
        mean: weight of each filter's mean.
        highest: weight of each filter's maximum.
        mix: how the two parts are added.
    """

    weights: Bytes
    negator: Bytes
    step: np.float32
    vectors: Bytes
    grain: np.float32
    kernel: Floats
    threshold: Floats
    mean: Floats
    highest: Floats
    mix: Mix


@cache
def layers() -> dict[str, Any]:
    """Return the Keras layers by name; a function, since importing TensorFlow takes seconds."""
    import tensorflow as tf
    from tensorflow import keras

    def long(value: int) -> Any:
        return tf.constant(value, tf.int64)

    class Kept(keras.layers.Layer):  # type: ignore[misc]
        """A layer of arrays that were learned elsewhere, kept in its configuration by shape."""

        def __init__(self, shapes: dict[str, Any], **rest: Any) -> None:
            super().__init__(**rest)
            self.shapes = shapes

        def build(self, shape: Any) -> None:
            self.kept = {
                name: self.add_weight(name, tuple(size), kind, "zeros", trainable=False)
                for name, (size, kind) in self.shapes.items()
            }
            super().build(shape)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "shapes": self.shapes}

    @keras.utils.register_keras_serializable("fathom")
    class NgramSum(Kept):
        """Sum the weights of the distinct n-grams of each row of ids, over sqrt(words + 1)."""

        def call(self, ids: Any) -> Any:
            size = self.shapes["weights"][0][0]
            known = ids >= FIRST
            negates = tf.gather(self.kept["negator"], ids) > 0
            scope = tf.zeros_like(known)
            for distance in range(1, SCOPE + 1):
                scope |= tf.pad(negates, [[0, 0], [distance, 0]])[:, :-distance]
            second, third = (tf.pad(ids, [[0, 0], [0, n]])[:, n:] for n in (1, 2))
            pair = known & (second >= FIRST)
            nothing = tf.zeros_like(ids)
            found = [
                self._bucket(ids, nothing, tf.cast(scope, tf.int64), known, size),
                self._bucket(ids, second, nothing, pair, size),
                self._bucket(ids, second, third, pair & (third >= FIRST), size),
            ]
            buckets = tf.sort(tf.concat(found, axis=1), axis=1)
            new = tf.pad(buckets[:, 1:] != buckets[:, :-1], [[0, 0], [1, 0]], constant_values=True)
            used = tf.cast(new & (buckets >= 0), tf.float32)
            weights = tf.cast(tf.gather(self.kept["weights"], tf.maximum(buckets, 0)), tf.float32)
            count = tf.reduce_sum(tf.cast(ids != PADDING, tf.float32), axis=1)
            total = tf.reduce_sum(weights * used, axis=1) * tf.math.rsqrt(count + 1)
            return (total * self.kept["step"])[:, None]

        @staticmethod
        def _bucket(first: Any, second: Any, third: Any, fits: Any, size: int) -> Any:
            a, b, c = map(long, MULTIPLIERS)
            mixed = first * a + second * b + third * c
            mixed = tf.bitwise.bitwise_xor(mixed, tf.bitwise.right_shift(mixed, long(29)))
            mixed = tf.bitwise.right_shift(mixed * long(FINISH), long(32))
            return tf.where(fits, tf.bitwise.bitwise_and(mixed, long(size - 1)), long(-1))

    @keras.utils.register_keras_serializable("fathom")
    class FilterSum(Kept):
        """Weigh the mean and the maximum of each filter of three words over each row of ids."""

        def call(self, ids: Any) -> Any:
            there = tf.cast(ids != PADDING, tf.float32)[:, :, None]
            words = self.shapes["vectors"][0][0]
            read = tf.gather(self.kept["vectors"], tf.where(ids < words, ids, long(UNKNOWN)))
            read = tf.cast(read, tf.float32) * self.kept["grain"] * there
            seen = tf.nn.conv1d(read, self.kept["kernel"], 1, "SAME") + self.kept["threshold"]
            seen = tf.nn.relu(seen) * there
            mean = tf.reduce_sum(seen, axis=1) / tf.maximum(tf.reduce_sum(there, axis=1), 1)
            total = tf.linalg.matvec(mean, self.kept["mean"])
            return (total + tf.linalg.matvec(tf.reduce_max(seen, axis=1), self.kept["highest"]))[
                :, None
            ]

    @keras.utils.register_keras_serializable("fathom")
    class Blend(keras.layers.Layer):  # type: ignore[misc]
        """Add the two parts as much as the number of words says."""

        def __init__(self, short: Shares, long: Shares, **rest: Any) -> None:
            super().__init__(**rest)
            self.mix = Mix((*short,), (*long,))

        def call(self, parts: Any) -> Any:
            ids, ngrams, filters = parts
            count = tf.reduce_sum(tf.cast(ids != PADDING, tf.float32), axis=1, keepdims=True)
            share = tf.clip_by_value((count - _SHORT) / (_LONG - _SHORT), 0, 1)
            low, high = tf.constant([self.mix.short]), tf.constant([self.mix.long])
            shares = low + (high - low) * share
            sums = tf.concat([ngrams, filters, tf.ones_like(ngrams)], axis=1)
            return tf.reduce_sum(shares * sums, axis=1, keepdims=True)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), **asdict(self.mix)}

    return {"NgramSum": NgramSum, "FilterSum": FilterSum, "Blend": Blend}


def build(tables: Tables) -> Any:
    """Return the Keras model: (reviews, words) ids in, (reviews, 1) probabilities out."""
    from tensorflow import keras

    ids = keras.Input((None,), dtype="int64", name="ids")
    sums = []
    for name, kind, fields in _PARTS:
        arrays = [np.asarray(getattr(tables, field)) for field in fields]
        shapes = {
            field: [list(array.shape), str(array.dtype)]
            for field, array in zip(fields, arrays, strict=True)
        }
        layer = layers()[kind](shapes, name=name)
        sums.append(layer(ids))
        layer.set_weights(arrays)
    logit = layers()["Blend"](**asdict(tables.mix), name="blend")([ids, *sums])
    return keras.Model(ids, keras.layers.Activation("sigmoid", name="probability")(logit))


def tables_of(network: Any) -> Tables:
    """Take the tables out of a Keras model that ``build`` made."""
    arrays = {
        field: array
        for name, _, fields in _PARTS
        for field, array in zip(fields, network.get_layer(name).get_weights(), strict=True)
    }
    return Tables(**arrays, mix=network.get_layer("blend").mix)
