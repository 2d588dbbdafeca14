"""Sentence vectors of the examples, kept so that training need not encode them again.

``python -m nlu.examples`` writes them anew after examples were added; what is missing is encoded
when it is needed, so that nothing depends on the file but the time that training takes.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.encoder import DIMENSIONS, FOLDER, SentenceEncoder

PATH = FOLDER / "examples.npz"
# So few numbers pack well: a quarter of the file less, and the same answers.
SIX_BITS = 31

Array = NDArray[np.float32]


def quantise(vectors: Array, most: int = 127) -> tuple[NDArray[np.int8], Array]:
    """Return unit vectors in whole numbers up to ``most``, and the scale of each row."""
    scale = np.abs(vectors).max(axis=1) / most
    return np.round(vectors / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def restore(small: NDArray[np.int8], scale: Array) -> Array:
    """Return what ``quantise`` packed, as unit vectors."""
    vectors: Array = small * scale[:, None]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def encode(texts: Sequence[str], path: Path = PATH) -> Array:
    """Return one unit vector a text, shape ``(len(texts), 384)``, from the file where it can."""
    known = _read(path)
    unknown = [text for text in dict.fromkeys(texts) if _key(text) not in known]
    if unknown:
        new = SentenceEncoder.load().encode(unknown)
        known |= zip(map(_key, unknown), new, strict=True)  # and remembered while training runs
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    return np.stack([known[_key(text)] for text in texts])


def known_share(texts: Sequence[str], path: Path = PATH) -> float:
    """Return the share of the texts whose vectors the file holds, 0 to 1."""
    known = _read(path)
    return sum(_key(text) in known for text in texts) / max(1, len(texts))


def write(texts: Sequence[str], path: Path = PATH) -> None:
    """Keep the vectors of these texts and of no others."""
    unique = list(dict.fromkeys(texts))
    small, scale = quantise(encode(unique, path), SIX_BITS)
    keys = np.array([_key(text) for text in unique])
    np.savez_compressed(path, keys=keys, vectors=small, scale=scale)
    _read.cache_clear()


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


@functools.lru_cache(maxsize=1)
def _read(path: Path) -> dict[str, Array]:
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        vectors = restore(stored["vectors"], stored["scale"])
        return dict(zip(stored["keys"].tolist(), vectors, strict=True))
