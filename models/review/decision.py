"""Decide what a weighed text amounts to: a side, neither side, or no opinion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.review.errors import ReviewModelError
from models.review.stance import STANCES, Stance
from models.review.weighing import Weighed

Doubles = npt.NDArray[np.float64]

# Beyond these a signal says nothing more.
_MOST_LOGIT, _MOST_OPPOSED, _MOST_STRONG = 4.0, 2.0, 3.0
_STRENGTH = 1.0


def signals(weighed: Weighed, stance: Stance) -> Doubles:
    """Return what speaks for or against a side, shape (signals,)."""
    text = weighed.text
    unsure, nothing = stance.logits(text, weighed.meaning)
    side = min(abs(weighed.logit), _MOST_LOGIT)
    return np.array(
        [
            unsure,
            nothing,
            side,
            min(weighed.opposed, _MOST_OPPOSED),
            min(weighed.strongest, _MOST_STRONG),
            text.is_short,
            side * text.is_short,
        ],
        np.float64,
    )


def opinion_in(seen: Doubles) -> float:
    """Return how much likelier than no opinion a side is, by the signals of a text."""
    return -float(seen[1])


@dataclass(frozen=True)
class Decision:
    """A linear choice among the stances.

    Attributes:
        weights: of each signal for each stance, shape (stances, signals).
        bias: of each stance.
    """

    weights: Sequence[Sequence[float]]
    bias: Sequence[float]

    def __call__(self, signals: Doubles) -> str:
        """Return the likeliest stance."""
        return STANCES[int(np.argmax(np.dot(self.weights, signals) + self.bias))]

    def write(self, path: Path) -> None:
        """Write the numbers as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Decision:
        """Read what ``write`` wrote.

        Raises:
            ReviewModelError: if the file is missing or not of that form.
        """
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ReviewModelError(f"The settings in {path.name} cannot be read") from error


def fit(seen: Doubles, stances: npt.NDArray[np.int64], importance: Doubles) -> Decision:
    """Return the choice that is right most often.

    Args:
        seen: signals of texts that neither the sides nor the stances were learned from,
            shape (texts, signals).
        stances: number of each text's stance.
        importance: how much each text counts.
    """
    from sklearn.linear_model import LogisticRegression

    solver = LogisticRegression(C=_STRENGTH, max_iter=1000).fit(seen, stances, importance)
    return Decision(np.round(solver.coef_, 4).tolist(), np.round(solver.intercept_, 4).tolist())
