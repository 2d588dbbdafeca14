"""A small convolution over word vectors, learned from windows of reviews.

It sees three words at a time, takes the mean and the maximum of each filter over the text
and weighs them. Its teacher is the labels and, for unlabelled reviews, the n-gram model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.mixing import Mix
from models.review.network import Bytes, Tables
from models.review.ngrams import Floats
from models.review.tokens import PADDING, Ids

WIDTH = 3
_RATE, _SHORT = 2e-3, 0.5


@dataclass(frozen=True)
class Shape:
    """Sizes of the network and of what it learns from.

    Attributes:
        words: word ids from this one up are unknown to it.
        dimensions: of a word vector.
        filters: number of patterns of three words.
        epochs: how often to go through the reviews.
        batch: reviews a step.
        drawn: unlabelled reviews an epoch.
        window: words of a long window.
        crop: words of a short one, at most.
    """

    words: int = 30_000
    dimensions: int = 48
    filters: int = 64
    epochs: int = 4
    batch: int = 256
    drawn: int = 25_000
    window: int = 96
    crop: int = 40


def build(shape: Shape, vectors: Floats) -> Any:
    """Return the untrained Keras model: (reviews, words) ids in, (reviews, 1) logits out."""
    import tensorflow as tf
    from tensorflow import keras

    ids = keras.Input((None,), dtype="int32")
    start = keras.initializers.Constant(0.3 * vectors[: shape.words])
    embedding = keras.layers.Embedding(
        shape.words, shape.dimensions, embeddings_initializer=start, name="vectors"
    )
    there = tf.cast(ids != PADDING, tf.float32)[:, :, None]
    read = keras.layers.SpatialDropout1D(0.1)(embedding(ids) * there)
    seen = keras.layers.Conv1D(
        shape.filters, WIDTH, padding="same", activation="relu", name="filters"
    )(read)
    seen = seen * there
    mean = tf.reduce_sum(seen, axis=1) / tf.maximum(tf.reduce_sum(there, axis=1), 1)
    both = keras.layers.Concatenate()([mean, tf.reduce_max(seen, axis=1)])
    logit = keras.layers.Dense(1, name="weigh")(keras.layers.Dropout(0.4)(both))
    return keras.Model(ids, logit)


def windows(reviews: Sequence[Ids], sizes: Ids, words: int, random: Any) -> npt.NDArray[np.int32]:
    """Return a random stretch of each review, padded: shape (reviews, largest size)."""
    padded = np.zeros((len(reviews), max(1, int(sizes.max()))), np.int32)
    for row, ids, size in zip(padded, reviews, sizes, strict=True):
        spare = len(ids) - int(size)
        start = int(random.integers(0, spare + 1)) if spare > 0 else 0
        part = ids[start : start + int(size)]
        row[: len(part)] = np.where(part < words, part, 1)
    return padded


def fit(
    reviews: Sequence[Ids],
    targets: Floats,
    labelled: int,
    vectors: Floats,
    shape: Shape,
    seed: int,
    told: Callable[[int, float, Any], None],
) -> Any:
    """Train the network on a long and a short window of each review.

    Args:
        reviews: word ids of each review.
        targets: how likely each review is positive.
        labelled: so many reviews at the beginning are part of every epoch.
        vectors: to start from, shape (words, dimensions).
        shape: sizes of everything.
        seed: of weights, order and windows.
        told: called after each epoch with its number, the mean loss and the network.
    """
    import tensorflow as tf
    from tensorflow import keras

    keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    network = build(shape, vectors)
    drawn = min(shape.drawn, len(reviews) - labelled)
    steps = -(-(labelled + drawn) // shape.batch)
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(_RATE, steps * shape.epochs)
    )
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    ids_of, target_of = tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, 1), tf.float32)

    @tf.function(input_signature=[ids_of, ids_of, target_of])  # type: ignore[untyped-decorator]
    def step(long: Any, short: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = entropy(wanted, network(long, training=True))
            both = loss + _SHORT * entropy(wanted, network(short, training=True))
        gradients = tape.gradient(both, network.trainable_variables)
        # TensorFlow's own zip, which stands in here, knows no strict.
        optimizer.apply_gradients(zip(gradients, network.trainable_variables))  # noqa: B905
        return loss

    for epoch in range(1, shape.epochs + 1):
        more = labelled + random.choice(len(reviews) - labelled, drawn, replace=False)
        order = random.permutation(np.concatenate([np.arange(labelled), more]))
        total = 0.0
        for start in range(0, len(order), shape.batch):
            chosen = order[start : start + shape.batch]
            texts = [reviews[i] for i in chosen]
            long = windows(texts, np.full(len(chosen), shape.window), shape.words, random)
            sizes = random.integers(5, shape.crop + 1, len(chosen))
            short = windows(texts, sizes, shape.words, random)
            total += float(step(long, short, targets[chosen][:, None]))
        told(epoch, total / steps, network)
    return network


def logits(network: Any, reviews: Sequence[Ids], words: int, batch: int = 256) -> Floats:
    """Return the logit of each review, shape (reviews,); like lengths go together."""
    found = np.zeros(len(reviews), np.float32)
    sizes = np.array([len(ids) for ids in reviews])
    order = np.argsort(sizes, kind="stable")
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        padded = windows([reviews[i] for i in chosen], sizes[chosen], words, None)
        found[chosen] = network(padded, training=False).numpy()[:, 0]
    return found


def tables(
    network: Any, weights: Bytes, negator: Bytes, step: float, mix: Mix, bias: float
) -> Tables:
    """Return the tables of the whole model; the word vectors are rounded to eight bits.

    Args:
        network: the trained filters.
        weights: of the n-grams, in units of ``step``.
        negator: 1 for each word id that negates.
        step: size of one unit.
        mix: of logits that hold their own bias.
        bias: of the n-grams.
    """
    (vectors,) = network.get_layer("vectors").get_weights()
    kernel, threshold = network.get_layer("filters").get_weights()
    weigh, own_bias = network.get_layer("weigh").get_weights()
    grain = float(np.abs(vectors).max()) / 127
    return Tables(
        *(weights, negator, step, np.rint(vectors / grain).astype(np.int8), grain),
        *(kernel, threshold, weigh[: len(threshold), 0], weigh[len(threshold) :, 0]),
        mix.with_biases(bias, float(own_bias[0])),
    )
