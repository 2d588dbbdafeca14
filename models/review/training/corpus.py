"""The IMDb reviews as raw text, from a local folder or from their public source."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyarrow import parquet

from models.review.artifact import sha256
from models.review.verdict import ReviewModelError

_ARCHIVE = "aclImdb_v1.tar.gz"
_SOURCE = f"https://ai.stanford.edu/~amaas/data/sentiment/{_ARCHIVE}"
_SOURCE_HASH = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
_MEMBER = re.compile(r"aclImdb/(train|test)/(neg|pos|unsup)/(\d+)_\d+\.txt")

# The label, the number and the text of each review, by part.
Rows = dict[str, list[tuple[int, int, str]]]


@dataclass(frozen=True)
class RawReviews:
    """The official split as text; of each part the negative reviews come first, by their ids."""

    train: Sequence[str]  # texts of the training reviews
    train_labels: npt.NDArray[np.int64]  # 1 positive, 0 negative
    train_ids: npt.NDArray[np.int64]  # number of each training review among those of its label
    test: Sequence[str]  # texts of the test reviews
    test_labels: npt.NDArray[np.int64]  # one per test review
    unlabelled: Sequence[str]  # texts of further reviews, none if there are none
    hashes: dict[str, str]  # SHA-256 of each file that was read, by file name


def load(folder: Path | None = None) -> RawReviews:
    """Read the reviews.

    Args:
        folder: holds ``train.parquet`` and ``test.parquet`` (columns id, text, label) and
            perhaps ``unsup.parquet`` (column text), or ``aclImdb_v1.tar.gz``; without it
            the latter comes from its public source.

    Raises:
        ReviewModelError: if a file is missing, cannot be fetched or cannot be read.
    """
    try:
        if folder and (folder / "train.parquet").is_file():
            files = [folder / f"{part}.parquet" for part in ("train", "test", "unsup")]
            files = [path for path in files if path.is_file()]
            rows = {path.stem: _read_parquet(path) for path in files}
        else:
            files = [folder / _ARCHIVE if folder else fetched(_SOURCE, _SOURCE_HASH)]
            rows = _read_archive(files[0])
        labels, ids, train = zip(*sorted(rows["train"]), strict=True)
        test_labels, _, test = zip(*sorted(rows["test"]), strict=True)
    except (OSError, ValueError, KeyError, tarfile.TarError) as error:
        raise ReviewModelError(f"The reviews cannot be read: {error}") from error
    return RawReviews(
        train,
        np.array(labels),
        np.array(ids),
        test,
        np.array(test_labels),
        [text for _, _, text in rows.get("unsup", [])],
        {path.name: sha256(path) for path in files},
    )


def _read_parquet(path: Path) -> list[tuple[int, int, str]]:
    rows = parquet.read_table(path).to_pylist()
    return [(row.get("label", 0), row.get("id", 0), row["text"]) for row in rows]


def _read_archive(path: Path) -> Rows:
    rows: Rows = {"train": [], "test": [], "unsup": []}
    with tarfile.open(path) as archive:
        for member in archive:
            found = _MEMBER.fullmatch(member.name)
            stream = archive.extractfile(member) if found else None
            if found and stream:
                part = "unsup" if found[2] == "unsup" else found[1]
                text = stream.read().decode("utf-8")
                rows[part].append((int(found[2] == "pos"), int(found[3]), text))
    return {part: sorted(found) for part, found in rows.items()}


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
