"""How sure a stage is of what it found: a logistic regression on a few features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]


def fit_trust(features: Floats, right: NDArray[np.bool_], weight: Floats | None = None) -> Floats:
    """Return the weights of the features and the bias.

    Args:
        features: shape (findings, features).
        right: whether each finding was what was meant.
        weight: how much each counts.
    """
    spread = np.maximum(features.std(axis=0), 1e-3)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(features / spread, right, weight)
    return np.append(model.coef_[0] / spread, model.intercept_)


def trust(weights: Floats, features: Sequence[float]) -> float:
    """Return the probability, 0 to 1, that a finding of these features is right."""
    return 1 / (1 + float(np.exp(-(np.dot(weights[:-1], features) + weights[-1]))))
