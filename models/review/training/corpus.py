"""The IMDb reviews as raw text, from a local folder or from their public source."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.review.artifact import sha256
from models.review.errors import ReviewModelError

_SOURCE = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
_SOURCE_HASH = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
_MEMBER = re.compile(r"aclImdb/(train|test)/(neg|pos|unsup)/(\d+)_\d+\.txt")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RawReviews:
    """The official split as text.

    Attributes:
        train: texts of the training reviews, the negative ones first, each half by its id.
        train_labels: 1 positive, 0 negative.
        train_ids: number of each training review among those of its label.
        test: texts of the test reviews.
        test_labels: one per test review.
        unlabelled: texts of further reviews, none if there are none.
        hashes: SHA-256 of each file that was read, by file name.
    """

    train: Sequence[str]
    train_labels: Ints
    train_ids: Ints
    test: Sequence[str]
    test_labels: Ints
    unlabelled: Sequence[str]
    hashes: dict[str, str]


def load(folder: Path | None = None) -> RawReviews:
    """Read the reviews.

    Args:
        folder: holds ``train.parquet`` and ``test.parquet`` (columns id, text, label) and
            perhaps ``unsup.parquet`` (column text), or ``aclImdb_v1.tar.gz``; without it
            the latter comes from its public source.

    Raises:
        ReviewModelError: if a file is missing, cannot be fetched or cannot be read.
    """
    archive = (folder / "aclImdb_v1.tar.gz") if folder else None
    try:
        if folder and (folder / "train.parquet").is_file():
            return _read_parquet(folder)
        if archive is None:
            archive = fetched(_SOURCE, _SOURCE_HASH)
        return _read_archive(archive)
    except (OSError, ValueError, KeyError, tarfile.TarError) as error:
        raise ReviewModelError(f"The reviews cannot be read: {error}") from error


def _read_parquet(folder: Path) -> RawReviews:
    from pyarrow import parquet

    parts = {}
    for name in ("train", "test"):
        table = parquet.read_table(folder / f"{name}.parquet", columns=["id", "text", "label"])
        labels = np.asarray(table["label"], np.int64)
        ids = np.asarray(table["id"], np.int64)
        order = np.lexsort((ids, labels))
        texts = table["text"].to_pylist()
        parts[name] = [texts[i] for i in order], labels[order], ids[order]
    read = [folder / "train.parquet", folder / "test.parquet"]
    unlabelled: list[str] = []
    if (more := folder / "unsup.parquet").is_file():
        unlabelled = parquet.read_table(more, columns=["text"])["text"].to_pylist()
        read.append(more)
    hashes = {path.name: sha256(path) for path in read}
    return RawReviews(*parts["train"], *parts["test"][:2], unlabelled, hashes)


def _read_archive(path: Path) -> RawReviews:
    rows: dict[str, list[tuple[int, int, str]]] = {"train": [], "test": [], "unsup": []}
    with tarfile.open(path) as archive:
        for member in archive:
            found = _MEMBER.fullmatch(member.name)
            stream = archive.extractfile(member) if found else None
            if found and stream:
                part = "unsup" if found[2] == "unsup" else found[1]
                text = stream.read().decode("utf-8")
                rows[part].append((int(found[2] == "pos"), int(found[3]), text))
    parts = {}
    for name in ("train", "test"):
        labels, ids, texts = zip(*sorted(rows[name]), strict=True)
        parts[name] = list(texts), np.array(labels, np.int64), np.array(ids, np.int64)
    unlabelled = [text for _, _, text in sorted(rows["unsup"])]
    hashes = {path.name: sha256(path)}
    return RawReviews(*parts["train"], *parts["test"][:2], unlabelled, hashes)


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
