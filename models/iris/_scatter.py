"""Where a flower lies among the 150, and which species the model sees where."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.canvas import COLOURS, GREY, INK, MARKERS, TINTS, figure, png, style
from models.iris._data import SPECIES, Flower, Recipe, flowers, split
from models.iris._knn import Prediction, model

GRID = 110


def flower_among_all(prediction: Prediction) -> bytes:
    """Draw the flower and its neighbours in two panels: sepals above, petals below."""
    measurements, species = flowers()
    drawing = figure(6.6, 10.4)
    with style():
        for row, part in enumerate(("Sepals", "Petals")):
            axes: Any = drawing.add_subplot(2, 1, row + 1)
            first = 2 * row
            _points(axes, measurements[:, first : first + 2], species)
            for neighbour in prediction.neighbours:
                x, y = neighbour.flower.values()[first : first + 2]
                axes.plot(x, y, "o", ms=17, mfc="none", mec=INK, mew=2, zorder=6)
            x, y = prediction.flower.values()[first : first + 2]
            axes.plot(x, y, "*", ms=20, mfc="#F0E442", mec=INK, mew=1.8, zorder=5)
            axes.set_title(part)
            axes.set_xlabel("length (cm)")
            axes.set_ylabel("width (cm)")
        count = len(prediction.neighbours)
        around = "its nearest neighbour" if count == 1 else f"its {count} nearest neighbours"
        _legend(drawing, around)
        drawing.subplots_adjust(left=0.12, right=0.97, top=0.86, bottom=0.07, hspace=0.32)
        return png(drawing)


def decision_regions(recipe: Recipe, flower: Flower | None = None) -> bytes:
    """Draw which species the model answers for every petal.

    The sepal has two more measurements, which a plane cannot show. They are held at those of
    ``flower``, or at the average of the training flowers.
    """
    parts = split(recipe.test_share, recipe.seed)
    sepal = flower.values()[:2] if flower else tuple(parts.train[:, :2].mean(axis=0).round(1))
    petal = flower.values()[2:] if flower else (4.0, 1.2)
    high_x, high_y = max(7.3, petal[0] * 1.08), max(2.8, petal[1] * 1.08)
    x, y = np.meshgrid(np.linspace(0, high_x, GRID), np.linspace(0, high_y, GRID))
    grid = np.column_stack([np.full(x.size, sepal[0]), np.full(x.size, sepal[1]), x.flat, y.flat])
    answers = model(recipe).predict(grid, recipe.k).reshape(x.shape)
    drawing = figure(6.6, 7.6)
    with style():
        axes: Any = drawing.add_subplot()
        axes.contourf(x, y, answers, levels=(-0.5, 0.5, 1.5, 2.5), colors=TINTS)
        _points(axes, parts.train[:, 2:], parts.train_species)
        if flower:
            axes.plot(*petal, "*", ms=20, mfc="#F0E442", mec=INK, mew=1.8, zorder=5)
        axes.set_title(f"k = {recipe.k}, for a sepal of {sepal[0]:g} × {sepal[1]:g} cm")
        axes.set_xlabel("petal length (cm)")
        axes.set_ylabel("petal width (cm)")
        _legend(drawing, None, star=flower is not None)
        drawing.subplots_adjust(left=0.12, right=0.97, top=0.83, bottom=0.1)
        return png(drawing)


def _points(axes: Any, measurements: Any, species: Any) -> None:
    for number, name in enumerate(SPECIES):
        x, y = measurements[species == number].T
        axes.plot(
            x, y, MARKERS[number], ms=8, mfc=COLOURS[number], mec="white", mew=0.7, label=name
        )
    axes.grid(color=GREY, alpha=0.25)
    axes.set_axisbelow(True)


def _legend(drawing: Any, neighbours: str | None, star: bool = True) -> None:
    from matplotlib.lines import Line2D

    def key(marker: str, face: str, edge: str, size: float, label: str) -> Line2D:
        return Line2D([], [], ls="", marker=marker, mfc=face, mec=edge, ms=size, label=label)

    keys = [
        key(marker, colour, "white", 10, name)
        for marker, colour, name in zip(MARKERS, COLOURS, SPECIES, strict=True)
    ]
    if star:
        keys.append(key("*", "#F0E442", INK, 18, "your flower"))
    if neighbours:
        keys.append(key("o", "none", INK, 13, neighbours))
    drawing.legend(
        handles=keys, loc="upper center", ncol=3, fontsize=13, columnspacing=1.0, handletextpad=0.3
    )
