"""From a probability to a label that admits doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.verdict import Label, Reason


@dataclass(frozen=True)
class Thresholds:
    """Between which probabilities a model is not sure.

    Attributes:
        short_words: texts of fewer known words than this are short.
        short: lower and upper end of the doubt for short texts.
        long: the same for the others.
    """

    short_words: int = 30
    short: tuple[float, float] = (0.30, 0.70)
    long: tuple[float, float] = (0.35, 0.65)

    def label(self, probability: float, known_words: int) -> tuple[Label, Reason | None]:
        """Name the side, or say that the model is undecided."""
        low, high = self.short if known_words < self.short_words else self.long
        if probability >= high:
            return "positive", None
        if probability <= low:
            return "negative", None
        return "unsure", "undecided"


def choose(
    probabilities: npt.NDArray[np.floating[Any]],
    labels: npt.NDArray[np.integer[Any]],
    accuracy: float,
    widest: float = 0.20,
) -> tuple[float, float]:
    """Return the narrowest doubt around 0.5 that leaves answers of the given accuracy.

    Args:
        probabilities: of a positive review, shape (reviews,).
        labels: 1 positive, 0 negative.
        accuracy: wanted among the reviews outside the doubt, 0 to 1.
        widest: the doubt never reaches further than this from 0.5.
    """
    right = (probabilities >= 0.5) == (labels == 1)
    distance = np.abs(probabilities - 0.5)
    for half in np.arange(0.05, widest, 0.01):
        answered = distance >= half
        if answered.any() and right[answered].mean() >= accuracy:
            return round(0.5 - float(half), 2), round(0.5 + float(half), 2)
    return round(0.5 - widest, 2), round(0.5 + widest, 2)
