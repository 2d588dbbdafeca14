"""Logistic regression on n-grams that are weighted by how one-sided they are.

The features are scaled by naive-Bayes log-count ratios (Wang and Manning, "Baselines and
bigrams: simple, good sentiment and topic classification", 2012) and by the length of the text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.review.ngrams import Floats


@dataclass(frozen=True)
class Examples:
    """What to learn from; every attribute holds one entry a text.

    Attributes:
        held: which columns each text holds, ones, shape (texts, columns).
        scale: what the sum of a text's weights is multiplied with.
        targets: 1 positive, 0 negative.
        importance: how much each text counts.
    """

    held: sparse.csr_matrix
    scale: Floats
    targets: npt.NDArray[np.int64]
    importance: Floats

    def __add__(self, other: Examples) -> Examples:
        """Return the examples of both."""
        return Examples(
            sparse.vstack([self.held, other.held], format="csr"),
            np.concatenate([self.scale, other.scale]),
            np.concatenate([self.targets, other.targets]),
            np.concatenate([self.importance, other.importance]),
        )


@dataclass(frozen=True)
class Fitted:
    """A weight per column and a bias: ``logit = scale * sum(weights held) + bias``."""

    weights: Floats
    bias: float

    def logits(self, held: sparse.csr_matrix, scale: Floats) -> Floats:
        """Return the logit of each text, shape (texts,)."""
        result: Floats = held @ self.weights * scale + np.float32(self.bias)
        return result


def ratios(examples: Examples, smoothing: float = 1.0) -> Floats:
    """Return the log-count ratio of each column: above zero where praise holds it more."""
    turned = examples.held.T
    praised = (examples.importance * examples.targets).astype(np.float32)
    praise = turned @ praised + np.float32(smoothing)
    blame = turned @ (examples.importance - praised) + np.float32(smoothing)
    result: Floats = np.log(praise / praise.sum() / (blame / blame.sum())).astype(np.float32)
    return result


def fit(examples: Examples, strength: float, rounds: int, seed: int) -> Fitted:
    """Minimise the weighted cross-entropy with a squared penalty, by liblinear.

    Args:
        examples: what to learn from.
        strength: inverse of the penalty (``C`` of scikit-learn).
        rounds: how often to go through the examples; few rounds regularise, too.
        seed: of the order of the examples.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    ratio = ratios(examples)
    held = examples.held
    values = np.repeat(examples.scale, np.diff(held.indptr)) * ratio[held.indices]
    scaled = sparse.csr_matrix((values.astype(np.float64), held.indices, held.indptr), held.shape)
    solver = LogisticRegression(
        C=strength, solver="liblinear", dual=True, max_iter=rounds, tol=1e-4, random_state=seed
    )
    with warnings.catch_warnings():  # stopping early is meant
        warnings.simplefilter("ignore", ConvergenceWarning)
        solver.fit(scaled, examples.targets, examples.importance.astype(np.float64))
    return Fitted((solver.coef_[0] * ratio).astype(np.float32), float(solver.intercept_[0]))
