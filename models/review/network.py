"""The default model as a Keras model: word ids in, probability of a positive review out.

The weights of the n-grams are kept in eight bits each. ``linear`` computes the same in NumPy
and says which word did what; a test holds the two together.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.ngrams import _FINISH, _MULTIPLIERS, BUCKETS, SCOPE
from models.review.tokens import FIRST

Bytes = npt.NDArray[np.int8]

NGRAMS = "NgramLogit"


@cache
def layer_class() -> Any:
    """Return the Keras layer; a function, since importing TensorFlow takes seconds."""
    import tensorflow as tf
    from tensorflow import keras

    class NgramLogit(keras.layers.Layer):  # type: ignore[misc]
        """Sum the weights of the distinct n-grams of each row of word ids.

        Input: int64 ids of shape (reviews, words), 0 where a review has ended.
        Output: float32 logits of shape (reviews, 1).
        """

        def __init__(
            self,
            words: int,
            step: float = 1.0,
            bias: float = 0.0,
            short_gain: float = 1.0,
            long_gain: float = 1.0,
            **rest: Any,
        ) -> None:
            super().__init__(trainable=False, **rest)
            self.words, self.step, self.bias = words, step, bias
            self.short_gain, self.long_gain = short_gain, long_gain

        def build(self, shape: Any) -> None:
            self.table = self.add_weight(
                name="table", shape=(BUCKETS,), dtype="int8", initializer="zeros", trainable=False
            )
            self.negator = self.add_weight(
                name="negator",
                shape=(self.words,),
                dtype="int8",
                initializer="zeros",
                trainable=False,
            )
            super().build(shape)

        def call(self, ids: Any) -> Any:
            ids = tf.pad(tf.cast(ids, tf.int64), [[0, 0], [0, 3]])
            known = ids >= FIRST
            negator = tf.gather(self.negator, ids) > 0
            scope = tf.zeros_like(known)
            for distance in range(1, SCOPE + 1):
                shifted = tf.pad(negator, [[0, 0], [distance, 0]])
                scope = scope | shifted[:, : -distance or None]
            one, two, three = ids, self._moved(ids, 1), self._moved(ids, 2)
            known_2 = known & (two >= FIRST)
            known_3 = known_2 & (three >= FIRST)
            nothing = tf.zeros_like(ids)
            found = [
                self._bucket(one, nothing, tf.cast(scope, tf.int64), known),
                self._bucket(one, two, nothing, known_2),
                self._bucket(one, two, three, known_3),
            ]
            buckets = tf.sort(tf.concat(found, axis=1), axis=1)
            new = tf.pad(buckets[:, 1:] != buckets[:, :-1], [[0, 0], [1, 0]], constant_values=True)
            used = tf.cast(new & (buckets >= 0), tf.float32)
            weights = tf.cast(tf.gather(self.table, tf.maximum(buckets, 0)), tf.float32)
            total = tf.reduce_sum(weights * used, axis=1) * self.step
            count = tf.reduce_sum(tf.cast(ids > 0, tf.float32), axis=1)
            share = tf.clip_by_value((count - 10) / 90, 0, 1)
            gain = self.short_gain + (self.long_gain - self.short_gain) * share
            return ((total * tf.math.rsqrt(count + 1) + self.bias) * gain)[:, None]

        @staticmethod
        def _moved(ids: Any, distance: int) -> Any:
            return tf.pad(ids[:, distance:], [[0, 0], [0, distance]])

        @staticmethod
        def _bucket(first: Any, second: Any, third: Any, fits: Any) -> Any:
            a, b, c = (tf.constant(number, tf.int64) for number in _MULTIPLIERS)
            mixed = first * a + second * b + third * c
            mixed = tf.bitwise.bitwise_xor(mixed, tf.bitwise.right_shift(mixed, _long(tf, 29)))
            mixed = tf.bitwise.right_shift(mixed * _long(tf, _FINISH), _long(tf, 32))
            bucket = tf.bitwise.bitwise_and(mixed, _long(tf, BUCKETS - 1))
            return tf.where(fits, bucket, _long(tf, -1))

        def get_config(self) -> dict[str, Any]:
            return {
                **super().get_config(),
                "words": self.words,
                "step": self.step,
                "bias": self.bias,
                "short_gain": self.short_gain,
                "long_gain": self.long_gain,
            }

    return NgramLogit


def _long(tf: Any, value: int) -> Any:
    return tf.constant(value, tf.int64)


def build(
    table: Bytes,
    negator: Bytes,
    step: float,
    bias: float,
    short_gain: float,
    long_gain: float,
) -> Any:
    """Return the Keras model.

    Args:
        table: weight of each bucket in units of ``step``, shape (``BUCKETS``,).
        negator: 1 for each word id that negates.
        step: size of one unit.
        bias: of the logit.
        short_gain: what the logit of a text of up to 10 words is multiplied with.
        long_gain: the same from 100 words on; in between it changes evenly.
    """
    from tensorflow import keras

    ids = keras.Input((None,), dtype="int64", name="ids")
    layer = layer_class()(
        len(negator), step, bias, short_gain, long_gain, name="ngrams", dtype="float32"
    )
    output = keras.layers.Activation("sigmoid", name="probability")(layer(ids))
    model = keras.Model(ids, output, name="review")
    layer.set_weights([table, negator])
    return model
