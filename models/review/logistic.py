"""Logistic regression on n-grams that are weighted by how one-sided they are.

The features are scaled by naive-Bayes log-count ratios (Wang and Manning, "Baselines and
bigrams: simple, good sentiment and topic classification", 2012) and by the length of the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

from models.review.ngrams import Floats

Doubles = npt.NDArray[np.float64]


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
    targets: Floats
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
    praise = turned @ (examples.importance * examples.targets) + np.float32(smoothing)
    blame = turned @ (examples.importance * (1 - examples.targets)) + np.float32(smoothing)
    result: Floats = np.log(praise / praise.sum() / (blame / blame.sum())).astype(np.float32)
    return result


def fit(
    examples: Examples,
    strength: float,
    steps: int,
    told: Callable[[int, float, Fitted], None] | None = None,
) -> Fitted:
    """Minimise the weighted cross-entropy with a squared penalty, by L-BFGS.

    Args:
        examples: what to learn from.
        strength: inverse of the penalty (``C`` of scikit-learn).
        steps: at most so many steps; few of them regularise, too.
        told: called after each step with its number, the mean loss and the model so far.
    """
    held, turned, ratio = examples.held, examples.held.T, ratios(examples)
    signs = (2 * examples.targets - 1).astype(np.float32)
    total = float(examples.importance.sum())
    step, loss = 0, 0.0

    def fitted(point: Doubles) -> Fitted:
        return Fitted(point[:-1].astype(np.float32) * ratio, float(point[-1]))

    def value(point: Doubles) -> tuple[float, Doubles]:
        nonlocal loss
        model = fitted(point)
        margin = signs * model.logits(held, examples.scale)
        loss = float(examples.importance @ np.logaddexp(0, -margin)) / total
        slope = -examples.importance * signs / (1 + np.exp(np.minimum(margin, 60)))
        down = np.empty_like(point)
        down[:-1] = ratio * (turned @ (slope * examples.scale).astype(np.float32))
        down[:-1] += point[:-1] / strength
        down[-1] = slope.sum()
        return loss * total + 0.5 / strength * float(point[:-1] @ point[:-1]), down

    def after(point: Doubles) -> None:
        nonlocal step
        step += 1
        if told:
            told(step, loss, fitted(point))

    start = np.zeros(held.shape[1] + 1)
    options = {"maxiter": steps, "maxcor": 6}
    found = minimize(value, start, jac=True, method="L-BFGS-B", callback=after, options=options)
    return fitted(found.x)
