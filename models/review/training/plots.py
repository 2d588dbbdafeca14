"""The pictures of a trained model: calibration, ROC, confusion, and its training curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.metrics import Score
from models.review.training.measure import ECE_BINS

PICTURES = ("reliability.png", "roc.png", "confusion.png")
_DOTS_PER_INCH = 90

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]


def draw(folder: Path, probabilities: Floats, labels: Ints, result: Score) -> None:
    """Write the pictures about the test reviews into a folder."""
    _reliability(folder / PICTURES[0], probabilities, labels, result)
    _roc(folder / PICTURES[1], probabilities, labels, result)
    _confusion(folder / PICTURES[2], result)


def draw_history(folder: Path, history: Mapping[str, Sequence[float]]) -> None:
    """Write the curve of the accuracy over the epochs."""
    figure, axes = _figure("Training curve", "epoch", "accuracy")
    for name, label in (("accuracy", "training"), ("val_accuracy", "validation")):
        axes.plot(range(1, len(history[name]) + 1), history[name], marker="o", label=label)
    axes.legend()
    figure.savefig(folder / "training.png", dpi=_DOTS_PER_INCH)


def draw_stages(folder: Path, history: Mapping[str, Sequence[float]]) -> None:
    """Write the curve of the validation accuracy over the stages of each part."""
    figure, axes = _figure("Training curve", "stage of the part", "validation accuracy")
    for marker, (name, values) in zip("os^", history.items(), strict=False):
        axes.plot(range(1, len(values) + 1), values, marker=marker, label=name)
    axes.legend()
    figure.savefig(folder / "training.png", dpi=_DOTS_PER_INCH)


def _figure(title: str, across: str, up: str) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 4), tight_layout=True)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=across, ylabel=up)
    return figure, axes


def _reliability(path: Path, probabilities: Floats, labels: Ints, result: Score) -> None:
    index = np.minimum((probabilities * ECE_BINS).astype(int), ECE_BINS - 1)
    size = np.bincount(index, minlength=ECE_BINS)
    used = size > 0
    said = np.bincount(index, probabilities, ECE_BINS)[used] / size[used]
    true = np.bincount(index, labels, ECE_BINS)[used] / size[used]
    title = f"Calibration error {100 * result.ece:.1f} %"
    figure, axes = _figure(title, "probability given", "share that is positive")
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--")
    axes.plot(said, true, marker="o")
    figure.savefig(path, dpi=_DOTS_PER_INCH)


def _roc(path: Path, probabilities: Floats, labels: Ints, result: Score) -> None:
    from sklearn.metrics import roc_curve

    wrong, right, _ = roc_curve(labels, probabilities)
    figure, axes = _figure(f"AUC {result.auc:.3f}", "false positive rate", "true positive rate")
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--")
    axes.plot(wrong, right)
    figure.savefig(path, dpi=_DOTS_PER_INCH)


def _confusion(path: Path, result: Score) -> None:
    counts = np.array(result.confusion).reshape(2, 2)
    title = f"Accuracy {100 * result.accuracy:.2f} %"
    figure, axes = _figure(title, "answer", "truth")
    axes.imshow(counts, cmap="Blues")
    names = ("negative", "positive")
    axes.set_xticks([0, 1], names)
    axes.set_yticks([0, 1], names)
    for (row, column), count in np.ndenumerate(counts):
        dark = count > counts.max() / 2
        color = "white" if dark else "black"
        axes.text(column, row, f"{count:,}", ha="center", va="center", color=color)
    figure.savefig(path, dpi=_DOTS_PER_INCH)
