"""How near a text comes to the nearest example of each label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from nlu.quantised import Quantised

# How fast a label's chance falls with its distance; chosen by cross-validation on the examples.
TEMPERATURE = 0.04


class Neighbours:
    """The examples as points, in the order of their labels."""

    def __init__(self, points: Quantised, first: NDArray[np.int64]) -> None:
        """Keep the points and the row at which each label's examples begin."""
        self.points = points
        self.first = first
        self._table = np.ascontiguousarray(points.values().T)

    @classmethod
    def train(cls, vectors: NDArray[np.float32], labels: Sequence[str]) -> Neighbours:
        """Keep unit vectors, shape ``(examples, dimensions)``, by label in alphabetical order."""
        order = np.argsort(labels, kind="stable")
        _, first = np.unique(np.asarray(labels)[order], return_index=True)
        return cls(Quantised.of(vectors[order]), first)

    def log_probabilities(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return one row a unit vector and one column a label."""
        nearest = np.maximum.reduceat(vectors @ self._table, self.first, axis=1)
        return np.asarray(log_softmax(nearest / TEMPERATURE, axis=1))
