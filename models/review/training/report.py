"""Measure a trained model, and write its figures and its card."""

from __future__ import annotations

import platform
import statistics
import timeit
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review import artifact
from models.review.artifact import Metrics, Score
from models.statistics import wilson_interval

_CARDS = Path(__file__).with_name("cards")
_BINS, _WORDS = 15, 230
_PACKAGES = ("tensorflow", "numpy", "scikit-learn", "onnxruntime", "tokenizers")

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]


def write(
    folder: Path,
    test: tuple[Floats, Ints],
    validation: tuple[Floats, Ints],
    answer: Callable[[str], object],
    words: Sequence[str],
    **figures: Any,
) -> Metrics:
    """Measure a model and write its figures and its card into its folder.

    Args:
        folder: holds the model's other files.
        test: probabilities and labels of the test reviews, each of shape (reviews,).
        validation: those of the reviews kept apart.
        answer: judges a raw text.
        words: known to the model; the time of an answer is taken on 230 of them.
        figures: everything else in ``Metrics``.
    """
    metrics = Metrics(
        test=score(*test),
        validation=score(*validation),
        size_bytes=sum(path.stat().st_size for path in folder.iterdir()),
        latency_ms=_median_ms(answer, words),
        versions={"python": platform.python_version(), **{p: version(p) for p in _PACKAGES}},
        **figures,
    )
    artifact.write_json(folder / artifact.METRICS, asdict(metrics))
    (folder / artifact.CARD).write_text(card(metrics), encoding="utf-8")
    return metrics


def score(probabilities: Floats, labels: Ints) -> Score:
    """Measure probabilities of a positive review against labels of 0 and 1, both (reviews,)."""
    from sklearn.metrics import confusion_matrix, f1_score, log_loss, roc_auc_score

    probable = np.asarray(probabilities, np.float64)
    guessed = (probable >= 0.5).astype(int)
    n, correct = len(labels), int((guessed == labels).sum())
    return Score(
        n,
        correct,
        correct / n,
        *wilson_interval(correct, n),
        loss=float(log_loss(labels, np.clip(probable, 1e-7, 1 - 1e-7))),
        f1=float(f1_score(labels, guessed)),
        auc=float(roc_auc_score(labels, probable)),
        ece=calibration_error(probable, labels),
        confusion=confusion_matrix(labels, guessed).ravel().tolist(),
    )


def calibration_error(probabilities: Floats, labels: Ints) -> float:
    """Return the expected calibration error (Guo et al., 2017) over 15 equal bins."""
    index = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    gap = np.bincount(index, probabilities, _BINS) - np.bincount(index, labels, _BINS)
    return float(np.abs(gap).sum() / len(labels))


def _median_ms(answer: Callable[[str], object], words: Sequence[str]) -> float:
    """Return the median milliseconds of an answer to a review of so many words."""
    text = " ".join(islice(cycle(words), _WORDS))
    return 1000 * statistics.median(timeit.repeat(lambda: answer(text), number=1, repeat=101)[1:])


def card(metrics: Metrics) -> str:
    """Return the model card as Markdown: the model's own text with its figures in it."""
    extra = metrics.extra
    texts = {
        "test": _row(metrics.test),
        "validation": _row(metrics.validation),
        "costs": f"Files: {metrics.size_bytes / 1e6:.2f} MB, {metrics.parameters:,} weights. "
        f"Median answer for a review of 230 words: {metrics.latency_ms:.2f} ms. "
        f"Training took {_time(metrics.seconds)} with seed {metrics.seed}. "
        f"Times the test reviews were scored for this release: {metrics.test_looks}.",
        "data": "\n".join(f"- `{n}`: SHA-256 `{sha}`" for n, sha in sorted(metrics.data.items())),
        "versions": f"Versions: {', '.join(map(' '.join, metrics.versions.items()))}.",
    }
    if metrics.model == "default":
        texts |= {"short": _row(Score(**extra["short"])), "opinions": f"{extra['opinions']:,}"}
    return (_CARDS / f"{metrics.model}.md").read_text(encoding="utf-8").format_map(texts)


def percent(value: float) -> str:
    """Write a share as a percentage with two decimals."""
    return f"{100 * value:.2f} %"


def _time(seconds: float | None) -> str:
    return "more than one go, not timed," if seconds is None else f"{seconds:.0f} s"


def _row(score: Score) -> str:
    interval = f"{percent(score.accuracy_low)} to {percent(score.accuracy_high)}"
    return (
        f"{score.n:,} | {percent(score.accuracy)} | {interval} | {score.f1:.3f} "
        f"| {score.auc:.3f} | {score.loss:.3f} | {percent(score.ece)}"
    )
