"""Where a flower lies among the 150, and which species the model sees where."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.canvas import COLOURS, GREY, INK, MARKERS, PAPER, TINTS, figure, png, style
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
            own = prediction.flower.values()[first : first + 2]
            draw_points(axes, measurements[:, first : first + 2], species)
            star(axes, own)
            for neighbour in prediction.neighbours:
                point = neighbour.flower.values()[first : first + 2]
                ring(axes, point, around_star=bool(np.allclose(point, own)))
                mark(axes, point, neighbour.species)
            axes.set_title(part)
            axes.set_xlabel("length (cm)")
            axes.set_ylabel("width (cm)")
        count = len(prediction.neighbours)
        around = "its nearest" if count == 1 else f"its {count} nearest"
        _legend(drawing, around)
        drawing.subplots_adjust(left=0.15, right=0.96, top=0.86, bottom=0.07, hspace=0.32)
        return png(drawing)


def decision_regions(recipe: Recipe, flower: Flower | None = None) -> bytes:
    """Draw which species the model answers for every petal (every sepal if only those count).

    The other part has two more measurements, which a plane cannot show. They are held at those of
    ``flower``, or at the average of the training flowers, and the title says so.
    """
    parts, plane = split(recipe.test_share, recipe.seed), _plane(recipe, flower)
    first = plane.first
    part, rest = ("sepal", "petal") if first == 0 else ("petal", "sepal")
    shown, held = plane.values[first : first + 2], plane.values[2 - first : 4 - first]
    drawing = figure(6.6, 7.6)
    with style():
        axes: Any = drawing.add_subplot()
        axes.contourf(plane.x, plane.y, plane.answers, levels=(-0.5, 0.5, 1.5, 2.5), colors=TINTS)
        points = parts.train[:, first : first + 2]
        draw_points(axes, points, parts.train_species)
        if flower:
            star(axes, shown)
            for row in np.flatnonzero(np.isclose(points, shown).all(axis=1)):
                mark(axes, points[row], SPECIES[parts.train_species[row]])
        whose = "" if flower else " (the average)"
        fixed = f"fixed: {rest} length {held[0]:g} cm,\n{rest} width {held[1]:g} cm{whose}"
        if recipe.features != "all":
            fixed = f"the {rest}s do not count"
        axes.set_title(f"k = {recipe.k}, {fixed}", fontsize=15)
        axes.set_xlabel(f"{part} length (cm)")
        axes.set_ylabel(f"{part} width (cm)")
        _legend(drawing, None, has_star=flower is not None)
        drawing.subplots_adjust(left=0.12, right=0.97, top=0.81, bottom=0.1)
        return png(drawing)


def areas(recipe: Recipe, flower: Flower | None = None) -> dict[str, float]:
    """Return the share of the plane of ``decision_regions`` that each species takes."""
    counts = np.bincount(_plane(recipe, flower).answers.ravel(), minlength=len(SPECIES))
    return dict(zip(SPECIES, (counts / counts.sum()).tolist(), strict=True))


@dataclass(frozen=True)
class _Plane:
    """The plane of two measurements: the first one's number, and what the model answers on it."""

    first: int
    values: tuple[float, ...]  # of the flower in it, or of the average
    x: Any
    y: Any
    answers: Any


@functools.lru_cache(maxsize=4)
def _plane(recipe: Recipe, flower: Flower | None) -> _Plane:
    train = split(recipe.test_share, recipe.seed).train
    first = 0 if recipe.features == "sepals" else 2
    values = flower.values() if flower else tuple(train.mean(axis=0).round(1))
    highest = np.maximum(train[:, first : first + 2].max(axis=0), values[first : first + 2]) * 1.08
    x, y = np.meshgrid(*(np.linspace(0, high, GRID) for high in highest))
    columns = [np.full(x.size, value) for value in values]
    columns[first : first + 2] = [x.ravel(), y.ravel()]
    answers = model(recipe).predict(np.column_stack(columns), recipe.k).reshape(x.shape)
    return _Plane(first, values, x, y, answers)


def star(axes: Any, point: Sequence[float]) -> None:
    """Mark the flower that was asked for, on paper of its own so that no ring crosses it."""
    axes.plot(*point, "*", ms=36, color=PAPER, zorder=5)
    axes.plot(*point, "*", ms=29, mfc="#F0E442", mec=INK, mew=1.8, zorder=5)


def ring(axes: Any, point: Sequence[float], around_star: bool) -> None:
    """Ring a neighbour below the star; one that lies just where the star does, around it."""
    size = 38 if around_star else 17
    axes.plot(*point, "o", ms=size, mfc="none", mec=INK, mew=2, zorder=4)


def mark(axes: Any, point: Sequence[float], species: str) -> None:
    """Draw a training flower, and small above the star, so that neither hides the other."""
    number = SPECIES.index(species)
    look = {"marker": MARKERS[number], "mfc": COLOURS[number]}
    axes.plot(*point, ms=9, mec=PAPER, zorder=4, **look)
    axes.plot(*point, ms=5.5, mec=PAPER, mew=0.7, zorder=6, **look)


def draw_points(axes: Any, measurements: Any, species: Any, alpha: float = 1.0) -> None:
    """Draw flowers ``(n, 2)`` with the colour and the marker of their species numbers ``(n,)``."""
    for number, name in enumerate(SPECIES):
        x, y = measurements[species == number].T
        look = {"mfc": COLOURS[number], "mec": "white", "mew": 0.7, "alpha": alpha}
        axes.plot(x, y, MARKERS[number], ms=8, label=name, **look)
    axes.grid(color=GREY, alpha=0.25)
    axes.set_axisbelow(True)


def _legend(drawing: Any, neighbours: str | None, has_star: bool = True) -> None:
    from matplotlib.lines import Line2D

    def key(marker: str, face: str, edge: str, size: float, label: str) -> Line2D:
        return Line2D([], [], ls="", marker=marker, mfc=face, mec=edge, ms=size, label=label)

    keys = [
        key(marker, colour, "white", 10, name)
        for marker, colour, name in zip(MARKERS, COLOURS, SPECIES, strict=True)
    ]
    if has_star:
        keys.append(key("*", "#F0E442", INK, 18, "your flower"))
    if neighbours:
        keys.append(key("o", "none", INK, 13, neighbours))
    drawing.legend(
        handles=keys, loc="upper center", ncol=3, fontsize=15, columnspacing=1.0, handletextpad=0.3
    )
