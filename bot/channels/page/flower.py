"""What the model answers for a flower, and what it would answer around it, for the playground."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from models import iris
from models.iris._data import flowers, split
from models.iris._knn import model

Table = dict[str, Any]
_Values = tuple[float, ...]

# Each panel shows two features, by number, over more than the 150 flowers take up, in cm.
PANELS: dict[str, Table] = {
    "sepals": {"x": 0, "y": 1, "from": (4.0, 1.6), "to": (8.2, 4.8)},
    "petals": {"x": 2, "y": 3, "from": (0.4, 0.05), "to": (7.4, 2.85)},
}
# A panel has as many cells as can be asked while a flower is dragged; a larger k takes longer.
_MOST_CELLS, _LEAST_CELLS, _NEIGHBOURS_ASKED = 3_600, 384, 28_000
_ASPECT = 4 / 3


@functools.lru_cache(maxsize=1)
def everything() -> Table:
    """Return what does not change: the 150 flowers, their names and the panels."""
    measurements, species = flowers()
    return {
        "features": [name.replace("_", " ") for name in iris.FEATURES],
        "species": iris.SPECIES,
        "flowers": [
            [*row, int(number)] for row, number in zip(measurements.tolist(), species, strict=True)
        ],
        "panels": PANELS,
    }


def asked(query: Mapping[str, Any]) -> tuple[iris.Flower, iris.Recipe]:
    """Read a flower and a recipe; a k above the training flowers becomes their number.

    Args:
        query: ``flower``, four lengths with commas between them, and where they are not the
            article's: ``k``, ``scaled`` (1 or 0) and ``train``, the percentage to train on.

    Raises:
        ValueError: if a value is missing or is none that the model takes.
    """
    lengths = str(query.get("flower", "")).split(",")
    if len(lengths) != len(iris.FEATURES):
        raise ValueError("flower must be four lengths in cm, such as 5.1,3.5,1.4,0.2")
    flower = iris.Flower(*map(iris.parse_measurement, lengths))
    share = iris.parse_test_share(1 - float(query.get("train", 80)) / 100)
    recipe = iris.Recipe(test_share=share, scaled=str(query.get("scaled", "0")) == "1")
    k = min(float(query.get("k", recipe.k)), iris.training_size(recipe))
    return flower, replace(recipe, k=iris.parse_k(k, recipe))


def answer(flower: iris.Flower, recipe: iris.Recipe) -> Table:
    """Return the answer with its neighbours and votes, and the regions of both panels."""
    prediction = iris.predict(flower, recipe)
    correct, total = _tested(recipe)
    return {
        "species": prediction.species,
        "votes": prediction.votes,
        "tied": prediction.tied,
        "unusual": [name.replace("_", " ") for name in prediction.unusual],
        "neighbours": [
            {**asdict(neighbour), "flower": neighbour.flower.values()}
            for neighbour in prediction.neighbours
        ],
        "other_k": [asdict(other) for other in prediction.other_k],
        "k": recipe.k,
        "most_k": iris.training_size(recipe),
        "training": _training(recipe.test_share, recipe.seed),
        "tested": {"correct": correct, "total": total},
        "regions": {name: _regions(name, _held(name, flower), recipe) for name in PANELS},
    }


def _held(panel: str, flower: iris.Flower) -> _Values:
    """Return the measurements that a panel does not show."""
    shown = (PANELS[panel]["x"], PANELS[panel]["y"])
    return tuple(value for number, value in enumerate(flower.values()) if number not in shown)


# Whoever drags a flower in one panel changes the regions of the other one only.
@functools.lru_cache(maxsize=64)
def _regions(panel: str, held: _Values, recipe: iris.Recipe) -> list[str]:
    """Return rows of species numbers from the top to the bottom of a panel, a digit a cell."""
    shown = PANELS[panel]
    cells = max(_LEAST_CELLS, min(_MOST_CELLS, _NEIGHBOURS_ASKED // recipe.k))
    rows = round(math.sqrt(cells / _ASPECT))
    columns = round(rows * _ASPECT)
    (left, low), (right, high) = shown["from"], shown["to"]
    # The middle of each cell.
    x = left + (np.arange(columns) + 0.5) * (right - left) / columns
    y = high - (np.arange(rows) + 0.5) * (high - low) / rows
    points = np.empty((rows, columns, len(iris.FEATURES)))
    points[:, :, shown["x"]], points[:, :, shown["y"]] = x, y[:, None]
    others = [number for number in range(points.shape[2]) if number not in (shown["x"], shown["y"])]
    points[:, :, others] = held
    answers = model(recipe).predict(points.reshape(-1, points.shape[2]), recipe.k)
    return ["".join(map(str, row)) for row in answers.reshape(rows, columns).tolist()]


@functools.lru_cache(maxsize=64)
def _training(test_share: float, seed: int) -> list[int]:
    """Return the numbers of the flowers that the model trains on."""
    waiting = Counter(map(tuple, split(test_share, seed).train.tolist()))
    chosen = []
    for number, row in enumerate(flowers()[0].tolist()):
        if waiting[tuple(row)] > 0:
            waiting[tuple(row)] -= 1
            chosen.append(number)
    return chosen


@functools.lru_cache(maxsize=256)
def _tested(recipe: iris.Recipe) -> tuple[int, int]:
    """Return how many of the test flowers the model gets right, and how many there are."""
    parts = split(recipe.test_share, recipe.seed)
    right = model(recipe).predict(parts.test, recipe.k) == parts.test_species
    return int(right.sum()), len(right)
