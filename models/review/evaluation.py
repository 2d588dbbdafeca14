"""What is measured on a trained review model, and the file it is kept in."""

from __future__ import annotations

import json
import platform
import statistics as spread
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.errors import ReviewModelError
from models.statistics import wilson_interval

ECE_BINS = 15
_PACKAGES = ("tensorflow", "numpy", "scikit-learn")


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


def score(
    probabilities: npt.NDArray[np.floating[Any]], labels: npt.NDArray[np.integer[Any]]
) -> Score:
    """Measure probabilities of a positive review against labels of 0 and 1.

    Both have the shape (reviews,).
    """
    from sklearn.metrics import confusion_matrix, f1_score, log_loss, roc_auc_score

    probable = np.asarray(probabilities, np.float64)
    guessed = (probable >= 0.5).astype(int)
    n, correct = len(labels), int((guessed == labels).sum())
    low, high = wilson_interval(correct, n)
    counts = confusion_matrix(labels, guessed, labels=[0, 1]).ravel()
    both = len(set(labels.tolist())) == 2
    return Score(
        n=n,
        correct=correct,
        accuracy=correct / n,
        accuracy_low=low,
        accuracy_high=high,
        loss=float(log_loss(labels, np.clip(probable, 1e-7, 1 - 1e-7), labels=[0, 1])),
        f1=float(f1_score(labels, guessed, zero_division=0)),
        auc=float(roc_auc_score(labels, probable)) if both else 0.5,
        ece=calibration_error(probable, labels),
        confusion=(int(counts[0]), int(counts[1]), int(counts[2]), int(counts[3])),
    )


def accuracy(
    probabilities: npt.NDArray[np.floating[Any]], labels: npt.NDArray[np.integer[Any]]
) -> float:
    """Return the share of texts on the right side of 0.5."""
    return float(((probabilities >= 0.5) == (labels == 1)).mean())


def calibration_error(
    probabilities: npt.NDArray[np.floating[Any]],
    labels: npt.NDArray[np.integer[Any]],
    bins: int = ECE_BINS,
) -> float:
    """Return the expected calibration error (Guo et al., 2017) over equal bins of probability."""
    index = np.minimum((probabilities * bins).astype(int), bins - 1)
    size = np.bincount(index, minlength=bins)
    gap = np.bincount(index, probabilities, bins) - np.bincount(index, labels, bins)
    return float(np.abs(gap).sum() / size.sum())


def median_latency(answer: Callable[[str], object], text: str, repeats: int = 100) -> float:
    """Return the median time in milliseconds of one call, after five to warm up."""
    for _ in range(5):
        answer(text)
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        answer(text)
        times.append(time.perf_counter() - begin)
    return 1000 * spread.median(times)


def library_versions() -> dict[str, str]:
    """Return the versions that a training depends on."""
    return {
        "python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES},
    }


def typical_text(words: Sequence[str], count: int = 230) -> str:
    """Return a text of ``count`` known words, to measure the time of an answer with."""
    return " ".join(words[i % len(words)] for i in range(count))
