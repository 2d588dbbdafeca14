"""Train the network of the article: an averaged embedding and two dense layers.

Source: the Keras walk-through of the article this assistant is about; its figures (10,000
words, 200 tokens, padding after the text, 10 epochs, batches of 512, a fifth of the training
reviews for validation) are kept as they are.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from tensorflow import keras

from models.review import article as served
from models.review import artifact
from models.review.artifact import Metrics
from models.review.text import Vocabulary
from models.review.training import SEED, Progress, Step, corpus, report
from models.review.verdict import ReviewModelError

EPOCHS = 10
BATCH = 512
VALIDATION = 0.2

_SHUFFLE_SEED = 113
_ENCODINGS, _WORD_INDEX = ("keras_encoding.npz", "imdb.npz"), "imdb_word_index.json"
_SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_SOURCE_HASHES = {
    "imdb.npz": "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    _WORD_INDEX: "bfafd718b763782e994055a2d397834f",
}

Ids = npt.NDArray[np.int32]
Labels = npt.NDArray[np.int64]


class EncodedReviews(NamedTuple):
    """The official split as word ids."""

    train: Sequence[Ids]  # ids of the training reviews, without padding
    train_labels: Labels  # 1 positive, 0 negative, one per training review
    test: Sequence[Ids]  # ids of the test reviews
    test_labels: Labels  # one per test review
    words: Sequence[str]  # the known words, most frequent first
    hashes: dict[str, str]  # SHA-256 of each file that was read, by file name


def load(folder: Path | None = None, num_words: int = served.NUM_WORDS) -> EncodedReviews:
    """Read the reviews, shuffled and numbered as ``keras.datasets.imdb.load_data`` does it.

    That function is not called: handed a local file whose hash it does not know, it deletes it.

    Args:
        folder: holds ``keras_encoding.npz`` or ``imdb.npz``, and ``imdb_word_index.json``;
            without it both files come from Keras's public source into Keras's cache.
        num_words: ids from this one up become the unknown word.

    Raises:
        ReviewModelError: if a file is missing, cannot be fetched or cannot be read.
    """
    if folder:
        encodings = [folder / name for name in _ENCODINGS]
        encoding, index = max(encodings, key=Path.is_file), folder / _WORD_INDEX
    else:
        encoding, index = (
            corpus.fetched(_SOURCE + name, sha) for name, sha in _SOURCE_HASHES.items()
        )
    try:
        ranks = json.loads(index.read_text(encoding="utf-8"))
        random = np.random.RandomState(_SHUFFLE_SEED)
        parts: list[Any] = []
        with np.load(encoding, allow_pickle=True) as arrays:
            for part in ("train", "test"):
                order = np.arange(len(arrays[f"x_{part}"]))
                random.shuffle(order)
                parts.append([_numbered(row, num_words) for row in arrays[f"x_{part}"][order]])
                parts.append(np.asarray(arrays[f"y_{part}"], np.int64)[order])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ReviewModelError(f"The reviews cannot be read: {error}") from error
    words = sorted(
        (word for word in ranks if ranks[word] + served.OFFSET < num_words), key=ranks.get
    )
    hashes = {path.name: artifact.sha256(path) for path in (encoding, index)}
    train, train_labels, test, test_labels = parts
    return EncodedReviews(train, train_labels, test, test_labels, words, hashes)


def _numbered(row: Sequence[int], num_words: int) -> Ids:
    """Return the ids of a review: the start, then ranks moved up, the rare ones unknown."""
    ids = np.array([served.START - served.OFFSET, *row], np.int32) + served.OFFSET
    return np.where(ids < num_words, ids, served.UNKNOWN)


def build(num_words: int = served.NUM_WORDS) -> Any:
    """Return the compiled, untrained Keras model: (reviews, 200) ids in, (reviews, 1) out."""
    network = keras.Sequential(
        [
            keras.layers.Embedding(input_dim=num_words, output_dim=16),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    network.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return network


def train(folder: Path | None, progress: Progress, output: Path) -> Metrics:
    """Train the article's network, measure it once on the test reviews, write its folder."""
    begin, reviews = time.monotonic(), load(folder)

    def told(epoch: int, logs: dict[str, float]) -> None:
        progress(Step("epochs", epoch + 1, EPOCHS, logs["loss"], logs["val_accuracy"]))

    keras.utils.set_random_seed(SEED)
    network = build()
    history = network.fit(
        keras.utils.pad_sequences(reviews.train, served.LENGTH, padding="post"),
        reviews.train_labels,
        epochs=EPOCHS,
        batch_size=BATCH,
        validation_split=VALIDATION,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=told)],
    ).history
    seconds = time.monotonic() - begin
    vocabulary = Vocabulary([*served.SPECIAL, *reviews.words], 0, served.UNKNOWN)
    classifier = served.ArticleClassifier(network.get_weights(), vocabulary)
    kept = int(len(reviews.train) * (1 - VALIDATION))
    with artifact.writing(output) as partial:
        artifact.save_network(network, partial / artifact.MODEL)
        vocabulary.write(partial / artifact.VOCABULARY)
        return report.write(
            partial,
            (classifier.probabilities(reviews.test), reviews.test_labels),
            (classifier.probabilities(reviews.train[kept:]), reviews.train_labels[kept:]),
            classifier.classify,
            reviews.words,
            model=served.NAME,
            parameters=network.count_params(),
            seconds=round(seconds, 1),
            seed=SEED,
            data=reviews.hashes,
            extra={"history": history},
        )
