"""Train the filters: a small convolution over word vectors, learned from windows of reviews.

It sees three words at a time, takes the mean and the maximum of each filter over the text
and weighs them. Its teacher is the labels and, for unlabelled reviews, the n-gram part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from sklearn.utils.extmath import randomized_svd
from tensorflow import keras

from models.review.scorer import Floats
from models.review.text import FIRST, PADDING, UNKNOWN, Ids
from models.review.training import SEED

_WIDTH = 3
_RATE = 2e-3
# How much the short windows count beside the long ones.
_SHORT = 0.5
_FEWEST = 5
# Of the word vectors: how far context reaches, how many words are context, and how often common.
_REACH, _CONTEXTS, _SMOOTHING = 3, 2000, 0.75


@dataclass(frozen=True)
class Sizes:
    """How large the network is, and what it learns from."""

    words: int = 30_000  # word ids from this one up are unknown to it
    dimensions: int = 48  # of a word vector
    filters: int = 64  # number of patterns of three words
    epochs: int = 4  # how often to go through the reviews
    batch: int = 256  # reviews a step
    drawn: int = 25_000  # unlabelled reviews an epoch
    window: int = 96  # words of a long window
    crop: int = 40  # words of a short one, at most


def train(
    reviews: Sequence[Ids],
    targets: Floats,
    labelled: int,
    sizes: Sizes,
    told: Callable[[int, float, Any], None],
) -> Any:
    """Train the network on a long and a short window of each review.

    Args:
        reviews: word ids of each review.
        targets: how likely each review is positive.
        labelled: so many reviews at the beginning are part of every epoch.
        sizes: of everything.
        told: called after each epoch with its number, the mean loss and the network.
    """
    vectors = word_vectors(reviews, sizes)
    keras.utils.set_random_seed(SEED)
    random = np.random.default_rng(SEED)
    network = _build(sizes, vectors)
    drawn = min(sizes.drawn, len(reviews) - labelled)
    steps = -(-(labelled + drawn) // sizes.batch)
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(_RATE, steps * sizes.epochs)
    )
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    ids_of, target_of = tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, 1), tf.float32)

    @tf.function(input_signature=[ids_of, ids_of, target_of])  # type: ignore[untyped-decorator]
    def step(long: Any, short: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = entropy(wanted, network(long, training=True))
            both = loss + _SHORT * entropy(wanted, network(short, training=True))
        optimizer.minimize(both, network.trainable_variables, tape)
        return loss

    for epoch in range(1, sizes.epochs + 1):
        more = labelled + random.choice(len(reviews) - labelled, drawn, replace=False)
        order = random.permutation(np.concatenate([np.arange(labelled), more]))
        total = 0.0
        for start in range(0, len(order), sizes.batch):
            chosen = order[start : start + sizes.batch]
            texts = [reviews[i] for i in chosen]
            long = _windows(texts, np.full(len(chosen), sizes.window), sizes.words, random)
            spans = random.integers(_FEWEST, sizes.crop + 1, len(chosen))
            short = _windows(texts, spans, sizes.words, random)
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
        padded = _windows([reviews[i] for i in chosen], sizes[chosen], words, None)
        found[chosen] = network(padded, training=False).numpy()[:, 0]
    return found


def _build(sizes: Sizes, vectors: Floats) -> Any:
    """Return the untrained Keras model: (reviews, words) ids in, (reviews, 1) logits out."""
    ids = keras.Input((None,), dtype="int32")
    start = keras.initializers.Constant(0.3 * vectors)
    embedding = keras.layers.Embedding(
        sizes.words, sizes.dimensions, embeddings_initializer=start, name="vectors"
    )
    there = tf.cast(ids != PADDING, tf.float32)[:, :, None]
    read = keras.layers.SpatialDropout1D(0.1)(embedding(ids) * there)
    seen = keras.layers.Conv1D(
        sizes.filters, _WIDTH, padding="same", activation="relu", name="filters"
    )(read)
    seen = seen * there
    mean = tf.reduce_sum(seen, axis=1) / tf.maximum(tf.reduce_sum(there, axis=1), 1)
    both = keras.layers.Concatenate()([mean, tf.reduce_max(seen, axis=1)])
    logit = keras.layers.Dense(1, name="weigh")(keras.layers.Dropout(0.4)(both))
    return keras.Model(ids, logit)


def _windows(reviews: Sequence[Ids], sizes: Ids, words: int, random: Any) -> npt.NDArray[np.int32]:
    """Return a random stretch of each review, padded: shape (reviews, largest size)."""
    padded = np.zeros((len(reviews), max(1, int(sizes.max()))), np.int32)
    for row, ids, size in zip(padded, reviews, sizes, strict=True):
        spare = len(ids) - int(size)
        start = int(random.integers(0, spare + 1)) if spare > 0 else 0
        part = ids[start : start + int(size)]
        row[: len(part)] = np.where(part < words, part, UNKNOWN)
    return padded


def word_vectors(reviews: Sequence[Ids], sizes: Sizes) -> Floats:
    """Return a vector for each word id, shape (words, dimensions), of variance 1 each.

    They come from which words stand near which: positive mutual information, factorised, which is
    what word2vec does implicitly (Levy and Goldberg, "Neural word embedding as implicit matrix
    factorization", 2014).
    """
    stream, words = np.concatenate(reviews), sizes.words
    contexts = min(_CONTEXTS + FIRST, words)
    counts = np.zeros(words * contexts, np.float32)
    for distance in range(1, _REACH + 1):
        one, other = stream[distance:], stream[:-distance]
        for word, context in ((one, other), (other, one)):
            fits = (word < words) & (context >= FIRST) & (context < contexts)
            keys = word[fits] * np.int64(contexts) + context[fits]
            counts += np.bincount(keys, minlength=len(counts))
    counts = counts.reshape(words, contexts)
    common = counts.sum(axis=0, keepdims=True) ** _SMOOTHING
    expected = np.maximum(counts.sum(axis=1, keepdims=True), 1) * (common / common.sum())
    informed = np.log(np.maximum(counts / np.maximum(expected, 1e-9), 1), dtype=np.float32)
    informed[:FIRST] = 0
    left, strength, _ = randomized_svd(informed, sizes.dimensions, random_state=SEED)
    found = left * np.sqrt(strength)
    spread = np.sqrt(np.square(found).mean(axis=1, keepdims=True))
    vectors: Floats = (found / np.maximum(spread, 1e-6)).astype(np.float32)
    return vectors
