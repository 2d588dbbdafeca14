"""The pictures of a trained model: calibration, ROC, confusion, and its training curve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.metrics import Score
from models.review.training.measure import ECE_BINS

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]


def draw(folder: Path, probabilities: Floats, labels: Ints, result: Score) -> None:
    """Write the pictures about the test reviews into a folder."""
    from sklearn.calibration import CalibrationDisplay
    from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay

    with _axes(folder / "reliability.png", f"Calibration error {100 * result.ece:.1f} %") as axes:
        CalibrationDisplay.from_predictions(labels, probabilities, n_bins=ECE_BINS, ax=axes)
        axes.set(xlabel="probability given", ylabel="share that is positive")
    with _axes(folder / "roc.png", f"AUC {result.auc:.3f}") as axes:
        RocCurveDisplay.from_predictions(labels, probabilities, ax=axes)
        axes.set(xlabel="false positive rate", ylabel="true positive rate")
    with _axes(folder / "confusion.png", f"Accuracy {100 * result.accuracy:.2f} %") as axes:
        counts = np.array(result.confusion).reshape(2, 2)
        shown = ConfusionMatrixDisplay(counts, display_labels=("negative", "positive"))
        shown.plot(ax=axes, cmap="Blues", values_format=",", colorbar=False)
        axes.set(xlabel="answer", ylabel="truth")


def draw_history(folder: Path, history: Mapping[str, Sequence[float]], steps: str) -> None:
    """Write how the accuracy of each part rose; ``steps`` is what it was measured after."""
    with _axes(folder / "training.png", "Training curve") as axes:
        for marker, (name, values) in zip("os^", history.items(), strict=False):
            axes.plot(range(1, len(values) + 1), values, marker=marker, label=name)
        axes.set(xlabel=steps, ylabel="accuracy")
        axes.legend()


@contextmanager
def _axes(path: Path, title: str) -> Iterator[Any]:
    """Give axes of a figure that belongs to nobody else, and write it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 4), dpi=90, tight_layout=True)
    axes = figure.add_subplot()
    yield axes
    axes.set_title(title)
    figure.savefig(path)
