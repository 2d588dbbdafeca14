"""The IMDb reviews as raw text, from a local folder or from their public source."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pyarrow import parquet

from models.review.artifact import sha256
from models.review.verdict import ReviewModelError

_ARCHIVE = "aclImdb_v1.tar.gz"
_SOURCE = f"https://ai.stanford.edu/~amaas/data/sentiment/{_ARCHIVE}"
_SOURCE_HASH = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
_MEMBER = re.compile(r"aclImdb/(train|test)/(neg|pos|unsup)/(\d+)_\d+\.txt")
_PARTS = ("train", "test", "unsup")

# The label of a review, its number among those of its label, and its text.
Row = tuple[int, int, str]


class Labelled(NamedTuple):
    """Texts, raw or as word ids, and for each 1 if it is positive, 0 if negative."""

    texts: Sequence[Any]
    labels: npt.NDArray[np.int64]


class Reviews(NamedTuple):
    """The official split; of each part the negative reviews come first, by their numbers."""

    learned: Labelled  # training reviews that are no test reviews as well
    apart: Labelled  # such with the highest numbers, kept apart to choose by
    test: Labelled
    unlabelled: Sequence[str]  # further reviews, none if there are none
    duplicates: int  # how many training reviews are left out
    hashes: dict[str, str]  # SHA-256 of each file that was read, by file name


def load(folder: Path | None = None, apart: float = 0.0) -> Reviews:
    """Read the reviews.

    Args:
        folder: holds ``train.parquet`` and ``test.parquet`` (columns id, text, label) and
            perhaps ``unsup.parquet`` (column text), or ``aclImdb_v1.tar.gz``; without it
            the latter comes from its public source.
        apart: the share of the training reviews to keep apart.

    Raises:
        ReviewModelError: if a file is missing, cannot be fetched or cannot be read.
    """
    try:
        if folder and (folder / "train.parquet").is_file():
            files = [path for part in _PARTS if (path := folder / f"{part}.parquet").is_file()]
            rows = {path.stem: _read_parquet(path) for path in files}
        else:
            files = [folder / _ARCHIVE if folder else fetched(_SOURCE, _SOURCE_HASH)]
            rows = _read_archive(files[0])
        train, test = sorted(rows["train"]), sorted(rows["test"])
    except (OSError, ValueError, KeyError, tarfile.TarError) as error:
        raise ReviewModelError(f"The reviews cannot be read: {error}") from error
    tested = {text for _, _, text in test}
    fresh = [row for row in train if row[2] not in tested]
    first = (1 - apart) * (max(number for _, number, _ in train) + 1)
    return Reviews(
        _labelled([row for row in fresh if row[1] < first]),
        _labelled([row for row in fresh if row[1] >= first]),
        _labelled(test),
        [text for _, _, text in rows.get("unsup", [])],
        len(train) - len(fresh),
        {path.name: sha256(path) for path in files},
    )


def _labelled(rows: Sequence[Row]) -> Labelled:
    labels = np.array([label for label, _, _ in rows], np.int64)
    return Labelled([text for _, _, text in rows], labels)


def _read_parquet(path: Path) -> list[Row]:
    rows = parquet.read_table(path).to_pylist()
    return [(row.get("label", 0), row.get("id", 0), row["text"]) for row in rows]


def _read_archive(path: Path) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {part: [] for part in _PARTS}
    with tarfile.open(path) as archive:
        for member in archive:
            found = _MEMBER.fullmatch(member.name)
            stream = archive.extractfile(member) if found else None
            if found and stream:
                part = "unsup" if found[2] == "unsup" else found[1]
                text = stream.read().decode("utf-8")
                rows[part].append((int(found[2] == "pos"), int(found[3]), text))
    rows["unsup"].sort()
    return rows


def fetched(origin: str, digest: str) -> Path:
    """Return a public file from Keras's cache, where it is put first if need be.

    Raises:
        ReviewModelError: if it cannot be had.
    """
    from tensorflow import keras

    try:
        name = origin.rsplit("/", 1)[1]
        return Path(keras.utils.get_file(name, origin=origin, file_hash=digest))
    except Exception as error:  # Keras raises the bare class when a download fails
        raise ReviewModelError(f"The IMDb reviews could not be fetched: {error}") from error
