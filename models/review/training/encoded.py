"""The IMDb reviews as word ranks, from a local folder or from their public source.

The order, the shuffling and the special ids are those of ``keras.datasets.imdb.load_data``
with its default arguments, but that function is not called: handed a local file whose hash
it does not know, it deletes the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.article import OFFSET, START, UNKNOWN
from models.review.artifact import sha256
from models.review.errors import ReviewModelError
from models.review.training.corpus import fetched

SHUFFLE_SEED = 113
ENCODINGS = ("keras_encoding.npz", "imdb.npz")
WORD_INDEX = "imdb_word_index.json"

_SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_SOURCE_HASHES = {
    "imdb.npz": "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    WORD_INDEX: "bfafd718b763782e994055a2d397834f",
}

Ids = npt.NDArray[np.int32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class EncodedReviews:
    """The official split as word ids.

    Attributes:
        train: ids of the training reviews, without padding.
        train_labels: 1 positive, 0 negative, one per training review.
        test: ids of the test reviews.
        test_labels: one per test review.
        words: every known word with its rank, from 1 for the most frequent.
        hashes: SHA-256 of each file that was read, by file name.
    """

    train: Sequence[Ids]
    train_labels: Labels
    test: Sequence[Ids]
    test_labels: Labels
    words: dict[str, int]
    hashes: dict[str, str]


def load(folder: Path | None = None, num_words: int = 10_000) -> EncodedReviews:
    """Read the reviews, shuffled and numbered as ``keras.datasets.imdb`` does it.

    Args:
        folder: holds ``keras_encoding.npz`` or ``imdb.npz``, and ``imdb_word_index.json``;
            without it both files come from Keras's public source into Keras's cache.
        num_words: ids from this one up become the unknown word.

    Raises:
        ReviewModelError: if a file is missing, cannot be fetched or cannot be read.
    """
    if folder:
        encoding, index = _local(folder)
    else:
        encoding, index = (fetched(_SOURCE + name, sha) for name, sha in _SOURCE_HASHES.items())
    try:
        with np.load(encoding, allow_pickle=True) as arrays:
            train = _prepare(arrays["x_train"], num_words)
            train_labels = np.asarray(arrays["y_train"], np.int64)
            test = _prepare(arrays["x_test"], num_words)
            test_labels = np.asarray(arrays["y_test"], np.int64)
        words = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ReviewModelError(f"The reviews in {encoding.name} cannot be read: {error}") from error
    random = np.random.RandomState(SHUFFLE_SEED)
    train, train_labels = _shuffle(random, train, train_labels)
    test, test_labels = _shuffle(random, test, test_labels)
    hashes = {path.name: sha256(path) for path in (encoding, index)}
    return EncodedReviews(train, train_labels, test, test_labels, words, hashes)


def _local(folder: Path) -> tuple[Path, Path]:
    encoding = next((folder / name for name in ENCODINGS if (folder / name).is_file()), None)
    index = folder / WORD_INDEX
    if encoding is None or not index.is_file():
        raise ReviewModelError(
            f"{folder} needs {WORD_INDEX} and one of {', '.join(ENCODINGS)} to train from"
        )
    return encoding, index


def _prepare(rows: Iterable[Any], num_words: int) -> list[Ids]:
    prepared = []
    for row in rows:
        ids = np.empty(len(row) + 1, np.int32)
        ids[0] = START
        ids[1:] = row
        ids[1:] += OFFSET
        ids[ids >= num_words] = UNKNOWN
        prepared.append(ids)
    return prepared


def _shuffle(
    random: np.random.RandomState, rows: Sequence[Ids], labels: Labels
) -> tuple[list[Ids], Labels]:
    order = np.arange(len(rows))
    random.shuffle(order)
    return [rows[i] for i in order], labels[order]
