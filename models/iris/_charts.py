"""Charts of how well the model does: by k, by species and by feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.canvas import BLUE, GREY, INK, ORANGE, RED, figure, png, style
from models.iris._accuracy import Accuracy
from models.iris._data import SPECIES
from models.iris._experiments import Importance, ScoreForK


def accuracy_by_k(scores: Sequence[ScoreForK], chosen: int | None = None) -> bytes:
    """Draw the test accuracy and the cross-validation with its spread against k."""
    ks = [score.k for score in scores]
    test = [100 * score.correct / score.total for score in scores]
    checks = [score.cross_validation for score in scores]
    drawing = figure(6.6, 6.8)
    with style():
        axes: Any = drawing.add_subplot()
        means = [100 * check.mean for check in checks]
        spread = [100 * check.sd for check in checks]
        above = [min(sd, 100 - mean) for sd, mean in zip(spread, means, strict=True)]
        look = {"fmt": "s-", "color": BLUE, "capsize": 5, "ms": 8, "lw": 2}
        axes.errorbar(ks, means, [spread, above], label="cross-validation, mean ± spread", **look)
        label = f"the {scores[0].total} test flowers"
        axes.plot(ks, test, "o--", color=ORANGE, mec=INK, ms=9, lw=1.5, label=label)
        if chosen in ks:
            axes.axvline(chosen, color=RED, lw=2, ls=":", zorder=0, label=f"k = {chosen}")
        axes.set_xlabel("k, the number of neighbours that vote")
        axes.set_ylabel("right answers (%)")
        lowest = min(*test, *(mean - sd for mean, sd in zip(means, spread, strict=True)))
        axes.set_ylim(max(0.0, lowest - 3), 101.5)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(color=GREY, alpha=0.3)
        drawing.legend(loc="upper center")
        drawing.subplots_adjust(left=0.14, right=0.97, top=0.82, bottom=0.11)
        return png(drawing)


def confusion(accuracy: Accuracy) -> bytes:
    """Draw the confusion matrix of the test flowers, with the counts written in the cells."""
    drawing = figure(6.6, 6.6)
    with style():
        axes: Any = drawing.add_subplot()
        axes.imshow(accuracy.confusion, cmap="Blues", vmin=0, vmax=accuracy.total / 2)
        for row, counts in enumerate(accuracy.confusion):
            for column, count in enumerate(counts):
                dark = count > accuracy.total / 4
                look = {"color": "white" if dark else INK if count else GREY, "fontsize": 28}
                look |= {"fontweight": "bold" if row == column else "normal"}
                axes.text(column, row, str(count), ha="center", va="center", **look)
        axes.set_xticks(range(3))
        axes.set_xticklabels(SPECIES)
        axes.set_yticks(range(3))
        axes.set_yticklabels(SPECIES, rotation=90, va="center")
        axes.set_xlabel("the model's answer")
        axes.set_ylabel("the true species")
        axes.set_title(f"{accuracy.correct} of {accuracy.total} test flowers right")
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0)
        drawing.subplots_adjust(left=0.14, right=0.97, top=0.91, bottom=0.13)
        return png(drawing)


def importance(rows: Sequence[Importance]) -> bytes:
    """Draw how much accuracy is lost when each feature is shuffled."""
    drawing = figure(6.6, 4.6)
    with style():
        axes: Any = drawing.add_subplot()
        names = [row.feature.replace("_", " ") for row in reversed(rows)]
        losses = [100 * row.loss for row in reversed(rows)]
        axes.barh(
            names,
            losses,
            color=BLUE,
            xerr=[100 * row.sd for row in reversed(rows)],
            error_kw={"ecolor": INK, "capsize": 4},
        )
        axes.set_xlabel("accuracy lost when shuffled (points)")
        axes.axvline(0, color=INK, lw=1)
        drawing.subplots_adjust(left=0.29, right=0.97, top=0.95, bottom=0.18)
        return png(drawing)
