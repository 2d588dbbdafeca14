"""The 150 flowers, the recipe of the article and the split that follows from it."""

from __future__ import annotations

import functools
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
SPECIES = ("setosa", "versicolor", "virginica")
FLOWERS = 150
METRICS = ("euclidean", "manhattan", "chebyshev")
COLUMNS = {"all": slice(0, 4), "petals": slice(2, 4), "sepals": slice(0, 2)}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Flower:
    """Four measurements in centimetres, in the order of ``FEATURES``."""

    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float

    def values(self) -> tuple[float, ...]:
        """Return the measurements in the order of ``FEATURES``."""
        return astuple(self)


@dataclass(frozen=True)
class Recipe:
    """How the model is made; the defaults are the article's.

    Attributes:
        k: number of neighbours that vote.
        test_share: fraction of the 150 flowers that is held out.
        seed: ``random_state`` of the split.
        scaled: whether every feature is standardised by the training flowers first.
        metric: how distance is measured, one of ``METRICS``.
        weighted: whether a neighbour's vote counts 1 / distance instead of one.
        features: which measurements are used, a key of ``COLUMNS``.
    """

    k: int = 3
    test_share: float = 0.2
    seed: int = 42
    scaled: bool = False
    metric: str = "euclidean"
    weighted: bool = False
    features: str = "all"

    @property
    def columns(self) -> slice:
        """The columns of a table of flowers ``(n, 4)`` that are used."""
        return COLUMNS[self.features]


@dataclass(frozen=True)
class Split:
    """Training and test flowers: measurements ``(n, 4)`` in cm and species numbers ``(n,)``."""

    train: Floats
    train_species: Ints
    test: Floats
    test_species: Ints


@functools.lru_cache(maxsize=1)
def flowers() -> tuple[Floats, Ints]:
    """Return all measurements ``(150, 4)`` in cm and species numbers ``(150,)``."""
    data: Any = load_iris()
    return data.data, data.target


@functools.lru_cache(maxsize=64)
def split(test_share: float, seed: int) -> Split:
    """Divide the flowers as the article does."""
    measurements, species = flowers()
    train, test, train_species, test_species = train_test_split(
        measurements, species, test_size=test_share, random_state=seed
    )
    return Split(train, train_species, test, test_species)


def training_size(recipe: Recipe | None = None) -> int:
    """Return the number of training flowers, the largest possible k."""
    recipe = recipe or Recipe()
    return len(split(recipe.test_share, recipe.seed).train_species)


def data_range(field: str) -> tuple[float, float]:
    """Return the smallest and the largest value of a feature among the 150 flowers, in cm."""
    column = flowers()[0][:, FEATURES.index(field)]
    return float(column.min()), float(column.max())
