"""What is measured on a trained review model, and the file it is kept in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models.review.errors import ReviewModelError


@dataclass(frozen=True)
class Score:
    """Figures on one set of labelled reviews.

    Attributes:
        n: number of reviews.
        correct: how many are on the right side of 0.5.
        accuracy: correct / n, with its 95 % Wilson interval in the next two.
        loss: mean binary cross-entropy, in nats.
        f1: of the positive class.
        auc: area under the ROC curve.
        ece: expected calibration error over 15 equal bins of the probability.
        confusion: true negatives, false positives, false negatives, true positives.
    """

    n: int
    correct: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    loss: float
    f1: float
    auc: float
    ece: float
    confusion: tuple[int, int, int, int]


@dataclass(frozen=True)
class Metrics:
    """Everything that training recorded about a model.

    Attributes:
        model: its name.
        test: the official 25,000 test reviews.
        validation: reviews kept apart from the training ones.
        size_bytes: of the Keras file and the vocabulary together.
        parameters: number of weights.
        latency_ms: median time of one answer for a review of 230 words, preprocessing
            included, on the machine that trained.
        seconds: how long the training took there.
        seed: of the training.
        test_looks: how many times the test reviews were scored for this release.
        data: SHA-256 of each file trained from.
        versions: of Python and of the libraries.
        extra: figures that only this model has.
    """

    model: str
    test: Score
    validation: Score
    size_bytes: int
    parameters: int
    latency_ms: float
    seconds: float
    seed: int
    test_looks: int = 1
    data: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the figures as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Metrics:
        """Read what ``write`` wrote.

        Raises:
            ReviewModelError: if the file is missing or not of that form.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            for name in ("test", "validation"):
                values[name] = Score(**{**values[name], "confusion": (*values[name]["confusion"],)})
            return cls(**values)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReviewModelError(f"The figures in {path.name} cannot be read") from error
