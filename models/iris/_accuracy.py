"""How often the model is right, with an honest margin."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import t
from sklearn.model_selection import RepeatedStratifiedKFold

from models.iris._data import SPECIES, Floats, Recipe, flowers, split
from models.iris._knn import Model, model
from models.iris._validation import parse_k
from models.statistics import wilson_interval

FOLDS = 5  # every fold then trains on 120 flowers, as many as in the article's split
MANY_FOLDS = 10  # for a k above 120
REPEATS = 10


@dataclass(frozen=True)
class CrossValidation:
    """Accuracy over ``folds * repeats`` different splits of all 150 flowers.

    The interval is the corrected resampled t interval, which allows for the overlap of the
    training sets (C. Nadeau and Y. Bengio, "Inference for the generalization error",
    Machine Learning 52, 2003).
    """

    mean: float
    sd: float
    low: float
    high: float
    folds: int
    repeats: int


@dataclass(frozen=True)
class Accuracy:
    """The result on the test flowers of a recipe, beside cross-validation.

    Attributes:
        low: lower end of the 95 % Wilson interval of ``correct`` of ``total``.
        high: upper end of that interval.
        confusion: counts, a row for each true species and a column for each answer.
    """

    recipe: Recipe
    correct: int
    total: int
    low: float
    high: float
    confusion: tuple[tuple[int, ...], ...]
    cross_validation: CrossValidation

    @property
    def share(self) -> float:
        """Return the accuracy on the test flowers."""
        return self.correct / self.total


@functools.lru_cache(maxsize=64)
def accuracy(recipe: Recipe | None = None) -> Accuracy:
    """Judge a recipe on its own test flowers and by repeated stratified cross-validation.

    Raises:
        NeighboursError: if k does not fit the training set of the recipe.
    """
    recipe = recipe or Recipe()
    parse_k(recipe.k, recipe)
    parts = split(recipe.test_share, recipe.seed)
    answers = model(recipe).predict(parts.test, recipe.k)
    confusion = np.zeros((len(SPECIES), len(SPECIES)), dtype=int)
    np.add.at(confusion, (parts.test_species, answers), 1)
    correct, total = int(np.trace(confusion)), len(answers)
    low, high = wilson_interval(correct, total)
    return Accuracy(
        recipe=recipe,
        correct=correct,
        total=total,
        low=low,
        high=high,
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        cross_validation=cross_validate((recipe.k,), recipe.scaled, recipe.seed)[0],
    )


@functools.lru_cache(maxsize=64)
def cross_validate(ks: tuple[int, ...], scaled: bool, seed: int) -> tuple[CrossValidation, ...]:
    """Return a cross-validation for every k, all on the same folds."""
    measurements, species = flowers()
    folds = FOLDS if max(ks) <= len(species) * (FOLDS - 1) // FOLDS else MANY_FOLDS
    splitter = RepeatedStratifiedKFold(n_splits=folds, n_repeats=REPEATS, random_state=seed)
    scores = np.zeros((folds * REPEATS, len(ks)))
    for number, (train, test) in enumerate(splitter.split(measurements, species)):
        fitted = Model(measurements[train], species[train], scaled)
        answers = fitted.votes(measurements[test], ks).argmax(axis=2)
        scores[number] = (answers == species[test]).mean(axis=1)
    return tuple(_summary(column, folds) for column in scores.T)


def _summary(scores: Floats, folds: int) -> CrossValidation:
    mean, sd = float(scores.mean()), float(scores.std(ddof=1))
    error = sd * math.sqrt(1 / len(scores) + 1 / (folds - 1))
    half = float(t.ppf(0.975, len(scores) - 1)) * error
    return CrossValidation(
        mean, sd, max(0.0, mean - half), min(1.0, mean + half), folds, len(scores) // folds
    )
