"""The n-grams of a text, weighed as scikit-learn's TfidfVectorizer does, without its matrices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from models.encoder.vectors import Array


class Grams:
    """The n-grams that a vectorizer knows, for one text at a time."""

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        """Keep what a fitted vectorizer learned; its term frequencies are sublinear."""
        self.terms: list[str] = vectorizer.get_feature_names_out().tolist()
        self.rarity = np.asarray(vectorizer.idf_, np.float32)
        self._places, self._parts = vectorizer.vocabulary_, vectorizer.build_analyzer()

    @classmethod
    def of(cls, untrained: TfidfVectorizer, terms: Sequence[str], rarity: Array) -> Grams:
        """Return the n-grams of a vectorizer that was kept as its terms and their rarity."""
        untrained.set_params(vocabulary=terms)
        untrained.idf_ = rarity
        return cls(untrained)

    def weigh(self, text: str) -> tuple[NDArray[np.intp], Array]:
        """Return the places of the terms of a text and their weights, of length 1."""
        known = (self._places[part] for part in self._parts(text) if part in self._places)
        counts = Counter(known)
        places = np.fromiter(counts, np.intp, len(counts))
        often = np.fromiter(counts.values(), np.float32, len(counts))
        weights = (1 + np.log(often)) * self.rarity[places]
        return places, weights / max(float(np.linalg.norm(weights)), 1e-12)
