"""How a model is examined: the parts of the data, the confusion matrix and the two curves."""

from __future__ import annotations

import functools
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.canvas import (
    BLUE,
    COLOURS,
    GREY,
    INK,
    ORANGE,
    RED,
    TINTS,
    Numbers,
    blank,
    panels,
    picture,
    write,
)


@picture(9.0)
def data_split(drawing: Figure) -> Numbers:
    """Draw the three parts of the 150 flowers, and the accuracy of KNN in each of five folds."""
    axes = blank(drawing, 10, 13.6)
    x, y = load_iris(return_X_y=True)
    x, x_test, y, _ = train_test_split(x, y, test_size=0.2, random_state=0)
    train, validation = train_test_split(x, test_size=0.25, random_state=0)
    write(axes, 0.3, 12.9, "One split of 150 flowers", ha="left", fontweight="bold")
    left = 0.3
    for look, name, part in ((2, "train", train), (1, "validate", validation), (0, "test", x_test)):
        width = 9.4 * len(part) / 150
        _bar(axes, left, 10.8, width, look, f"{name}\n{len(part)}")
        left += width
    write(axes, 0.3, 9.2, "Five folds of the other 120", ha="left", fontweight="bold")
    folds = KFold(5, shuffle=True, random_state=0)
    scores = cross_val_score(KNeighborsClassifier(), x, y, cv=folds)
    for fold, score in enumerate(scores):
        height = 7.3 - 1.4 * fold
        for part in range(5):
            is_held_out = part == fold
            _bar(axes, 0.3 + 1.54 * part, height, 1.54, 2 - is_held_out, "val." * is_held_out)
        write(axes, 9.0, height + 0.6, f"{score:.2f}", fontsize=19)
    mean = f"mean accuracy {scores.mean():.2f} ± {scores.std():.2f}"
    write(axes, 9.7, 0.7, mean, ha="right", fontweight="bold")
    told = ", ".join(f"{score:.2f}" for score in scores)
    return {"folds": told, "mean": scores.mean(), "spread": scores.std()}


@picture(8.4)
def confusion_matrix(drawing: Figure) -> Numbers:
    """Draw a confusion matrix with precision ringed as a column and recall as a row."""
    axes = blank(drawing, 10, 12.7)
    truth, chances = _diagnosis()
    tn, fp, fn, tp = metrics.confusion_matrix(truth, chances >= 0.5).ravel()
    write(axes, 6.1, 12.1, "model says", fontweight="bold")
    write(axes, 0.55, 6.9, "truth", rotation=90, fontweight="bold")
    for place, name in enumerate(("ill", "healthy")):
        write(axes, 4.2 + 3.8 * place, 11.3, name)
        write(axes, 1.5, 8.9 - 3.9 * place, name, rotation=90)
    cells = {"true positive": tp, "false negative": fn, "false positive": fp, "true negative": tn}
    for place, (name, count) in enumerate(cells.items()):
        x, y = 2.4 + 3.8 * (place % 2), 7.1 - 3.9 * (place // 2)
        axes.add_patch(Rectangle((x, y), 3.6, 3.6, fc=TINTS[2] if place in (0, 3) else "#F2F2F2"))
        write(axes, x + 1.8, y + 2.1, count, fontsize=34)
        write(axes, x + 1.8, y + 0.75, name, fontsize=16)
    axes.add_patch(Rectangle((2.25, 3.05), 3.9, 7.8, fill=False, ec=BLUE, lw=5))
    axes.add_patch(Rectangle((2.4, 7.1), 7.45, 3.6, fill=False, ec=RED, lw=5, ls="--"))
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    column = f"precision = {tp} of {tp + fp} in the column = {precision:.2f}"
    row = f"recall = {tp} of {tp + fn} in the row = {recall:.2f}"
    write(axes, 5, 1.8, column, color=BLUE, fontweight="bold")
    write(axes, 5, 0.7, row, color=RED, fontweight="bold")
    return {"tp": tp, "fn": fn, "fp": fp, "tn": tn, "precision": precision, "recall": recall}


@picture(11.0)
def roc_and_precision_recall(drawing: Figure) -> Numbers:
    """Draw both curves of one model, with the point at which the threshold is one half."""
    truth, chances = _diagnosis()
    tn, fp, fn, tp = metrics.confusion_matrix(truth, chances >= 0.5).ravel()
    half = {"alarms": fp / (fp + tn), "recall": tp / (tp + fn), "precision": tp / (tp + fp)}
    above, below = panels(drawing, 2)
    false_alarms, found, _ = metrics.roc_curve(truth, chances)
    precision, recall, _ = metrics.precision_recall_curve(truth, chances)
    ill, at = truth.mean(), (half["recall"], half["precision"])
    _curve(above, false_alarms, found, (half["alarms"], half["recall"]), (0, 1))
    _curve(below, recall, precision, at, (ill, ill))
    area = metrics.roc_auc_score(truth, chances)
    average = metrics.average_precision_score(truth, chances)
    write(above, 0.58, 0.2, f"AUC {area:.2f}", fontsize=20)
    write(below, 0.5, 0.18, f"average precision {average:.2f}", fontsize=20)
    above.set(title="ROC", xlabel="false positive rate", ylabel="recall (true positive rate)")
    below.set(title="Precision-recall", xlabel="recall", ylabel="precision")
    return {"area": area, "average": average, "ill": ill, **half}


@functools.lru_cache(maxsize=1)
def _diagnosis() -> tuple[Any, Any]:
    """Return who of the unseen half is ill, and the chance that a logistic regression gives.

    It sees only the texture and the smoothness of the tumours, so that it makes mistakes.
    """
    data, is_benign = load_breast_cancer(return_X_y=True)
    x, unseen, y, truth = train_test_split(
        data[:, [1, 4]], 1 - is_benign, test_size=0.5, random_state=0
    )
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y)
    return truth, model.predict_proba(unseen)[:, 1]


def _curve(axes: Any, x: Any, y: Any, half: Any, chance: Any) -> None:
    axes.fill_between(x, y, color=TINTS[1], alpha=0.6)
    axes.plot(x, y, color=BLUE, lw=4)
    axes.plot((0, 1), chance, "--", color=GREY, lw=2)
    axes.plot(*half, "o", ms=14, color=ORANGE, mec=INK, zorder=5)
    axes.set(xlim=(0, 1.01), ylim=(0, 1.03), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))


def _bar(axes: Any, x: float, y: float, width: float, look: int, text: str) -> None:
    face, edge = TINTS[look], COLOURS[look]
    axes.add_patch(Rectangle((x, y), width - 0.1, 1.3, fc=face, ec=edge, lw=2.5))
    write(axes, x + width / 2, y + 0.65, text)
