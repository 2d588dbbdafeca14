"""K-nearest neighbours in three steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.canvas import COLOURS, GREY, INK, MARKERS, RED, figure, png, style
from models.iris._data import SPECIES, Flower, Recipe, split
from models.iris._knn import predict
from models.iris._scatter import draw_points, mark, star

_EXAMPLE = Flower(6.0, 2.8, 4.9, 1.65)
_TITLES = (
    "1  Measure how far away every known flower is",
    "2  Keep the {k} nearest",
    "3  Let them vote: {species}",
)


def three_steps(flower: Flower | None = None, recipe: Recipe | None = None) -> bytes:
    """Draw distance, choice and vote, one below the other, in the plane of the petals."""
    recipe = recipe or Recipe()
    flower = flower or _EXAMPLE
    answer = predict(flower, recipe)
    parts = split(recipe.test_share, recipe.seed)
    points, species = parts.train[:, 2:], parts.train_species
    centre = np.array(flower.values()[2:])
    chosen = np.array([neighbour.flower.values()[2:] for neighbour in answer.neighbours])
    drawing = figure(6.6, 11.4)
    with style():
        for step, title in enumerate(_TITLES):
            axes: Any = drawing.add_subplot(3, 1, step + 1)
            draw_points(axes, points, species, 1.0 if step == 0 else 0.25)
            if step == 0:
                for point in points[::6]:
                    axes.plot(*zip(centre, point, strict=True), color=GREY, lw=0.9, zorder=0)
            else:
                _show(axes, answer, centre, chosen, lines=step == 1)
            star(axes, centre.tolist())
            axes.set_title(title.format(k=recipe.k, species=answer.species), fontsize=16)
            axes.set_ylabel("petal width (cm)")
            if step == 2:
                axes.set_xlabel("petal length (cm)")
                _ballot(axes, answer.votes)
        drawing.subplots_adjust(left=0.13, right=0.97, top=0.965, bottom=0.05, hspace=0.24)
        return png(drawing)


def _show(axes: Any, answer: Any, centre: Any, chosen: Any, lines: bool) -> None:
    for neighbour, point in zip(answer.neighbours, chosen, strict=True):
        mark(axes, point, neighbour.species)
        if lines:
            axes.plot(*zip(centre, point, strict=True), color=RED, lw=2, zorder=4)


def _ballot(axes: Any, votes: tuple[int, ...]) -> None:
    low, high = axes.get_ylim()
    for row, (name, count) in enumerate(zip(SPECIES, votes, strict=True)):
        y = high - (row + 1) * (high - low) / 9
        axes.plot(1.2, y, MARKERS[row], ms=13, mfc=COLOURS[row], mec=INK)
        axes.text(1.45, y, f"{name}: {count}", va="center", fontsize=15)
