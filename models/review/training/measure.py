"""Measure a model: accuracy, calibration, time of an answer."""

from __future__ import annotations

import platform
import statistics as spread
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.metrics import Score
from models.statistics import wilson_interval

ECE_BINS = 15
_PACKAGES = ("tensorflow", "numpy", "scikit-learn", "onnxruntime", "tokenizers")


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


def calibration_by_chance(probabilities: npt.NDArray[np.floating[Any]], draws: int = 200) -> float:
    """Return the mean calibration error of labels that are drawn from the probabilities.

    That is what a perfectly calibrated model shows on so many texts.
    """
    random = np.random.default_rng(0)
    labels = random.random((draws, len(probabilities))) < probabilities
    return float(np.mean([calibration_error(probabilities, each) for each in labels]))


def cpu_ms(answer: Callable[[str], object], texts: Sequence[str]) -> float:
    """Return the median milliseconds of the processor for one call, after one to warm up."""
    times = []
    for text in (texts[0], *texts):
        begin = time.process_time()
        answer(text)
        times.append(time.process_time() - begin)
    return 1000 * spread.median(times[1:])


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
