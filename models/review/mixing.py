"""How much the two parts of the default model count, by the length of the text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.review.ngrams import Floats

SHORT, LONG = 10, 100

Shares = tuple[float, float, float]


@dataclass(frozen=True)
class Mix:
    """The shares in texts of up to ``SHORT`` words and in those of ``LONG`` words or more.

    In between they change evenly. Each attribute holds the share of the n-grams, that of the
    filters, and a bias.
    """

    short: Shares
    long: Shares

    def shares(self, sizes: npt.ArrayLike) -> Floats:
        """Return the three shares for texts of so many words, shape (3, texts)."""
        long = np.clip((np.asarray(sizes, np.float32) - SHORT) / (LONG - SHORT), 0, 1)
        low, high = np.array(self.short)[:, None], np.array(self.long)[:, None]
        result: Floats = low + (high - low) * long
        return result

    def with_biases(self, ngrams: float, filters: float) -> Mix:
        """Return the same for two parts whose sums do not hold their own bias."""
        (a, b, c), (d, e, f) = self.short, self.long
        return Mix(
            (a, b, c + a * ngrams + b * filters),
            (d, e, f + d * ngrams + e * filters),
        )


def blend(shares: Shares, ngrams: Floats, filters: Floats) -> Floats:
    """Return the logits of texts of one length from the logits of the two parts."""
    result: Floats = shares[0] * ngrams + shares[1] * filters + shares[2]
    return result


def fit(ngrams: Floats, filters: Floats, labels: npt.NDArray[np.int64]) -> Shares:
    """Return the shares that fit labelled texts best, which also calibrates their sum."""
    from sklearn.linear_model import LogisticRegression

    solver = LogisticRegression(C=100.0).fit(np.stack([ngrams, filters], axis=1), labels)
    first, second = solver.coef_[0]
    return float(first), float(second), float(solver.intercept_[0])
