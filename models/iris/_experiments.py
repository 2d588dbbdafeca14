"""Experiments: which k is best, and which features the model relies on."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sklearn.inspection import permutation_importance
from sklearn.neighbors import KNeighborsClassifier

from models.iris._accuracy import CrossValidation, cross_validate
from models.iris._data import FEATURES, Floats, Ints, Recipe, split
from models.iris._knn import model
from models.iris._validation import parse_k

SHUFFLES = 30


@dataclass(frozen=True)
class ScoreForK:
    """One row of the comparison: right answers on the test flowers, and cross-validation."""

    k: int
    correct: int
    total: int
    cross_validation: CrossValidation


@dataclass(frozen=True)
class Importance:
    """How much accuracy is lost on average when one feature is shuffled, with its spread."""

    feature: str
    loss: float
    sd: float


def compare_k(ks: Iterable[int], recipe: Recipe | None = None) -> tuple[ScoreForK, ...]:
    """Score every k on the test flowers of the recipe and by cross-validation.

    Raises:
        NeighboursError: if one k does not fit the training set of the recipe.
    """
    recipe = recipe or Recipe()
    wanted = tuple(parse_k(k, recipe) for k in ks)
    parts = split(recipe.test_share, recipe.seed)
    fitted = model(recipe)
    checks = cross_validate(wanted, recipe)
    right = (fitted.votes(parts.test, wanted).argmax(axis=2) == parts.test_species).sum(axis=1)
    return tuple(
        ScoreForK(k, int(correct), len(parts.test_species), check)
        for k, correct, check in zip(wanted, right, checks, strict=True)
    )


@functools.lru_cache(maxsize=64)
def feature_importance(recipe: Recipe | None = None) -> tuple[Importance, ...]:
    """Return the permutation importance of every feature in use, the most important first.

    Each feature of the test flowers is shuffled ``SHUFFLES`` times
    (L. Breiman, "Random forests", Machine Learning 45, 2001).

    Raises:
        NeighboursError: if k does not fit the training set of the recipe.
    """
    recipe = recipe or Recipe()
    parse_k(recipe.k, recipe)
    parts = split(recipe.test_share, recipe.seed)
    fitted = model(recipe)

    def score(_: Any, measurements: Floats, species: Ints) -> float:
        return float((fitted.predict(measurements, recipe.k) == species).mean())

    found = permutation_importance(
        KNeighborsClassifier(),
        parts.test,
        parts.test_species,
        scoring=score,
        n_repeats=SHUFFLES,
        random_state=recipe.seed,
    )
    losses = list(zip(FEATURES, found.importances_mean, found.importances_std, strict=True))
    rows = [Importance(name, float(loss), float(sd)) for name, loss, sd in losses[recipe.columns]]
    return tuple(sorted(rows, key=lambda row: -row.loss))
