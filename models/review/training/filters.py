"""Train the filters: a small convolution over word vectors, learned from windows of reviews.

It sees three words at a time, takes the mean and the maximum of each filter over the text
and weighs them. Its teacher is the labels and, for unlabelled reviews, the n-gram part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

from models.review.network import Floats
from models.review.text import PADDING, UNKNOWN, Ids
from models.review.training import SEED, Progress, Step
from models.review.training.corpus import Labelled

_WIDTH = 3
_RATE = 2e-3
_FEWEST = 5


@dataclass(frozen=True)
class Sizes:
    """How large the network is, and what it learns from."""

    words: int = 30_000  # word ids from this one up are unknown to it
    dimensions: int = 48  # of a word vector
    filters: int = 64  # number of patterns of three words
    epochs: int = 4  # how often to go through the reviews
    batch: int = 256  # reviews a step
    drawn: int = 25_000  # unlabelled reviews an epoch
    window: int = 96  # words of a window, at most


def train(
    taught: Sequence[Ids],
    unlabelled: Sequence[Ids],
    targets: Floats,
    validation: Labelled,
    sizes: Sizes,
    progress: Progress,
) -> tuple[Any, list[float]]:
    """Train the network on windows; return it, and its accuracy after each epoch.

    Args:
        taught: word ids of texts that are part of every epoch.
        unlabelled: word ids of texts of which each epoch draws some.
        targets: how likely each text of both is positive.
        validation: texts to tell the accuracy on, as word ids.
        sizes: of everything.
        progress: told how far the training is.
    """
    keras.utils.set_random_seed(SEED)
    network, texts = _build(sizes), [*taught, *unlabelled]
    drawn = min(sizes.drawn, len(unlabelled))
    steps = -(-(len(taught) + drawn) // sizes.batch)

    def windows() -> Iterator[tuple[npt.NDArray[np.int32], Floats]]:
        random = np.random.default_rng(SEED)
        for _ in range(sizes.epochs):
            more = len(taught) + random.choice(len(unlabelled), drawn, replace=False)
            order = random.permutation(np.concatenate([np.arange(len(taught)), more]))
            for chosen in np.array_split(order, steps):
                spans = random.integers(_FEWEST, sizes.window + 1, len(chosen))
                starts = random.integers(0, [max(1, len(texts[i]) - sizes.window) for i in chosen])
                cuts = zip(chosen, starts, starts + spans, strict=True)
                yield (
                    _padded([texts[i][start:end] for i, start, end in cuts], sizes),
                    targets[chosen],
                )

    def told(epoch: int, logs: dict[str, float]) -> None:
        found = logits(network, validation.texts, sizes)
        accuracies.append(float(((found > 0) == validation.labels).mean()))
        progress(Step("filters", epoch + 1, sizes.epochs, logs["loss"], accuracies[-1]))

    accuracies: list[float] = []
    network.fit(
        windows(),
        steps_per_epoch=steps,
        epochs=sizes.epochs,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=told)],
    )
    return network, accuracies


def logits(network: Any, texts: Sequence[Ids], sizes: Sizes) -> Floats:
    """Return the logit of each text, shape (texts,); like lengths go together."""
    found = np.zeros(len(texts), np.float32)
    order = np.argsort([len(ids) for ids in texts], kind="stable")
    for start in range(0, len(order), sizes.batch):
        chosen = order[start : start + sizes.batch]
        found[chosen] = network.predict_on_batch(_padded([texts[i] for i in chosen], sizes))[:, 0]
    return found


def _padded(texts: Sequence[Ids], sizes: Sizes) -> npt.NDArray[np.int32]:
    """Return the ids of texts filled up with zeros, those of rare words as unknown."""
    ids: npt.NDArray[np.int32] = keras.utils.pad_sequences(texts, padding="post")
    return np.where(ids < sizes.words, ids, UNKNOWN)


def _build(sizes: Sizes) -> Any:
    """Return the untrained Keras model: (texts, words) ids in, (texts, 1) logits out."""
    ids = keras.Input((None,), dtype="int32")
    there = tf.cast(ids != PADDING, tf.float32)[:, :, None]
    vectors = layers.Embedding(sizes.words, sizes.dimensions, name="vectors")(ids) * there
    filtered = layers.Conv1D(
        sizes.filters, _WIDTH, padding="same", activation="relu", name="filters"
    )
    seen = filtered(layers.SpatialDropout1D(0.1)(vectors)) * there
    mean = tf.reduce_sum(seen, axis=1) / tf.maximum(tf.reduce_sum(there, axis=1), 1)
    both = layers.Concatenate()([mean, tf.reduce_max(seen, axis=1)])
    logit = layers.Dense(1, use_bias=False, name="weigh")(layers.Dropout(0.4)(both))
    network = keras.Model(ids, logit)
    network.compile(keras.optimizers.Adam(_RATE), keras.losses.BinaryCrossentropy(from_logits=True))
    return network
