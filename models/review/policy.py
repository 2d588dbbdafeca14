"""From a probability to a label that admits doubt."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.errors import ReviewModelError
from models.review.verdict import Label, Reason

# So many answers of "unsure" are as bad as one that is wrong.
_UNSURE_PER_WRONG = 2.4
# Whether a text stands between the sides is decided before; this is for the toss of a coin.
_WIDEST = 0.02


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

    def write(self, path: Path) -> None:
        """Write the numbers as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Thresholds:
        """Read what ``write`` wrote.

        Raises:
            ReviewModelError: if the file is missing or not of that form.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            (short_low, short_high), (long_low, long_high) = values["short"], values["long"]
            return cls(values["short_words"], (short_low, short_high), (long_low, long_high))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReviewModelError(f"The settings in {path.name} cannot be read") from error


def choose(
    probabilities: npt.NDArray[np.floating[Any]], labels: npt.NDArray[Any]
) -> tuple[float, float]:
    """Return the doubt around 0.5 that costs least on labelled texts.

    A wrong answer costs 1; "unsure" about a text that takes a side costs 1 / 2.4, so that it pays
    only where the model is hardly better than a coin.

    Args:
        probabilities: of a positive review, shape (reviews,).
        labels: 1 positive, 0 negative, 0.5 neither.
    """
    neither = labels == 0.5
    wrong = neither | ((probabilities >= 0.5) != (labels == 1))
    distance = np.abs(probabilities - 0.5)
    halves = np.arange(0.0, _WIDEST + 0.001, 0.01)
    doubt = np.where(neither, 0, 1 / _UNSURE_PER_WRONG)
    costs = [np.where(distance < half, doubt, wrong).mean() for half in halves.tolist()]
    half = float(halves[int(np.argmin(costs))])
    return round(0.5 - half, 2), round(0.5 + half, 2)
