"""A logistic regression with named labels, for every stage that tells one label from others."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from models.encoder.vectors import Array

# Labels with their probabilities, the likeliest first.
Ranking = list[tuple[str, float]]
YES = "True"


class Regression:
    """Labels, a row of weights and a bias for each."""

    def __init__(self, labels: Sequence[str], weights: Array, bias: Array) -> None:
        """Keep the labels, weights of shape (labels, features), and the bias of each label."""
        self.labels, self.weights, self.bias = list(labels), weights, bias

    @classmethod
    def fit(
        cls,
        features: Any,
        labels: Sequence[object],
        *,
        c: float = 1.0,
        rounds: int = 1000,
        scale: ArrayLike = 1.0,
        counts: ArrayLike | None = None,
    ) -> Regression:
        """Learn labels; yes and no are the labels "True" and "False".

        Args:
            features: shape (examples, features); sparse ones keep their scale.
            labels: one for each example.
            c: the inverse strength of regularisation.
            rounds: of the solver; few are quick, and often enough.
            scale: what dense features are multiplied by while they are learned from.
            counts: how often each example counts.
        """
        centre = np.zeros(features.shape[1], np.float32)
        scaled = features
        if isinstance(features, np.ndarray):  # about their mean the solver needs half the rounds
            centre = features.mean(axis=0)
            scaled = (features - centre) * np.float32(scale)
        model = LogisticRegression(C=c, max_iter=rounds, tol=1e-2 if rounds < 1000 else 1e-4)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(scaled, [str(label) for label in labels], counts)
        weights = model.coef_ * scale
        bias = model.intercept_ - weights @ centre
        if len(bias) == 1:  # of two labels the first has no weights
            weights, bias = np.vstack([0 * weights, weights]), np.append(0, bias)
        return cls(model.classes_.tolist(), weights.astype(np.float32), bias.astype(np.float32))

    def logits(self, features: Array) -> Array:
        """Return the logarithm of each label's probability, (..., labels) for (..., features)."""
        found: Array = log_softmax(features @ self.weights.T + self.bias, axis=-1)
        return found

    def rank(self, features: Array) -> Ranking:
        """Return every label with its probability, the likeliest first."""
        return self.ranked(self.weights @ features)

    def ranked(self, weighed: Array) -> Ranking:
        """Return the same from the weighed features of each label, shape (labels,)."""
        chances = softmax(weighed + self.bias)
        return [(self.labels[place], float(chances[place])) for place in np.argsort(-chances)]

    def chance(self, features: ArrayLike, label: str = YES) -> float:
        """Return the probability of one label."""
        logits = self.logits(np.asarray(features, np.float32))
        return float(np.exp(logits[self.labels.index(label)]))

    def arrays(self, name: str = "model") -> dict[str, Any]:
        """Return what ``of_arrays`` needs, small."""
        return {
            f"{name}_labels": np.array(self.labels),
            f"{name}_weights": self.weights.astype(np.float16),
            f"{name}_bias": self.bias,
        }

    @classmethod
    def of_arrays(cls, stored: Any, name: str = "model") -> Regression:
        """Return the regression that ``arrays`` packed."""
        labels = stored[f"{name}_labels"].tolist()
        return cls(labels, stored[f"{name}_weights"].astype(np.float32), stored[f"{name}_bias"])


def fit_trust(
    features: Array, right: Sequence[bool], counts: ArrayLike | None = None
) -> Regression:
    """Learn how likely a finding is right, from features (findings, features) of any spread."""
    spread = np.maximum(features.std(axis=0), 1e-3)
    return Regression.fit(features, right, scale=1 / spread, counts=counts)
