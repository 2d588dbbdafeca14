"""Everything that people were ever written to ask: a message is compared with all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from models.encoder.vectors import Array, encode, quantise, restore
from nlu.examples import Example
from nlu.grams import Grams

# What letters say beside meaning; chosen on questions that were kept back.
LETTERS_WEIGHT = 0.7
# Points keep this many of 384 dimensions; with fewer, fewer questions find their block.
DIMENSIONS = 192


@dataclass(frozen=True)
class Comparison:
    """How near a message is to every block and every point.

    Attributes:
        scores: meaning plus letters of a block's nearest point, shape (blocks,).
        meaning: cosines of the sentence vectors, shape (points,).
        letters: cosines of the character n-grams, shape (points,).
    """

    scores: Array
    meaning: Array
    letters: Array


class Points:
    """Names and questions as vectors and as letters, sorted by block."""

    def __init__(
        self,
        labels: Sequence[str],
        vectors: Array,
        basis: Array,
        letters: csr_matrix,
        grams: Grams,
    ) -> None:
        """Keep the points; ``train`` and ``load`` make them."""
        self.blocks, self._first = np.unique(np.asarray(labels), return_index=True)
        self._ends = np.append(self._first, len(labels))
        self._labels = list(labels)
        self._vectors, self._columns = vectors, np.ascontiguousarray(vectors.T)
        self.basis = basis
        self._letters, self._grams = letters, grams
        self._letter_columns = letters.T.tocsr()

    @classmethod
    def train(cls, examples: Sequence[Example], basis: Array | None = None) -> Points:
        """Index examples of blocks, in the dimensions of ``basis`` or in those that tell most."""
        examples = sorted(examples, key=lambda example: example.label)
        vectors = encode([example.text for example in examples])
        if basis is None:
            _, directions = np.linalg.eigh(vectors.T @ vectors)
            basis = np.ascontiguousarray(directions[:, ::-1][:, :DIMENSIONS])
        vectorizer = cls._untrained()
        letters = vectorizer.fit_transform([example.text for example in examples]).tocsr()
        return cls(
            [example.label for example in examples],
            _unit(vectors @ basis),
            basis,
            letters,
            Grams(vectorizer),
        )

    @staticmethod
    def _untrained() -> TfidfVectorizer:
        return TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, dtype=np.float32
        )

    def project(self, vectors: Array) -> Array:
        """Return sentence vectors in the dimensions of the points, of length 1."""
        return _unit(vectors @ self.basis)

    def meanings(self, vectors: Array) -> Array:
        """Return the cosine of every projected vector with every point, (vectors, points)."""
        return vectors @ self._columns

    def compare(self, text: str, meaning: Array) -> Comparison:
        """Return how near a text is to every block, by its cosines with the points."""
        letters = self._by_letters(*self._grams.weigh(text))
        scores = np.maximum.reduceat(meaning + LETTERS_WEIGHT * letters, self._first)
        return Comparison(scores, meaning, letters)

    def nearest(self, values: Array, place: int) -> float:
        """Return the largest of a block's values, of all points' values (points,)."""
        return float(values[self._ends[place] : self._ends[place + 1]].max())

    def _by_letters(self, terms: NDArray[np.intp], weights: Array) -> Array:
        """Return the cosine of weighed n-grams with every point, faster than SciPy does."""
        table, starts = self._letter_columns, self._letter_columns.indptr
        parts = [slice(starts[term], starts[term + 1]) for term in terms]
        if not parts:
            return np.zeros(len(self._labels), np.float32)
        points = np.concatenate([table.indices[part] for part in parts])
        shares = [w * table.data[part] for w, part in zip(weights, parts, strict=True)]
        return np.bincount(points, np.concatenate(shares), len(self._labels)).astype(np.float32)

    def arrays(self) -> dict[str, Any]:
        """Return what ``of_arrays`` needs, small."""
        small, scale = quantise(self._vectors)
        return {
            "labels": np.array(self._labels),
            "vectors": small,
            "scale": scale,
            "basis": self.basis.astype(np.float16),
            "letters": self._letters.data.astype(np.float16),
            "letter_columns": self._letters.indices.astype(np.int32),
            "letter_rows": self._letters.indptr.astype(np.int32),
            "terms": np.array(self._grams.terms),
            "term_weights": self._grams.rarity,
        }

    @classmethod
    def of_arrays(cls, stored: Any) -> Points:
        """Return the points that ``arrays`` packed."""
        terms = stored["terms"].tolist()
        grams = Grams.of(cls._untrained(), terms, stored["term_weights"])
        parts = (stored["letters"].astype(np.float32), stored["letter_columns"])
        labels = stored["labels"].tolist()
        return cls(
            labels,
            restore(stored["vectors"], stored["scale"]),
            stored["basis"].astype(np.float32),
            csr_matrix((*parts, stored["letter_rows"]), (len(labels), len(terms))),
            grams,
        )


def _unit(vectors: Array) -> Array:
    unit: Array = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit
