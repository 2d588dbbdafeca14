"""How often the model is right, with an honest margin."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import t
from sklearn.model_selection import LeaveOneOut, RepeatedStratifiedKFold

from models.iris._data import SPECIES, Floats, Ints, Recipe, flowers, split
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
class Score:
    """Right answers on flowers that the model did not train on.

    Attributes:
        low: lower end of the 95 % Wilson interval of ``correct`` of ``total``.
        high: upper end of that interval.
        confusion: counts, a row for each true species and a column for each answer.
    """

    correct: int
    total: int
    low: float
    high: float
    confusion: tuple[tuple[int, ...], ...]

    @property
    def share(self) -> float:
        """Return the accuracy on these flowers."""
        return self.correct / self.total


@dataclass(frozen=True)
class Accuracy(Score):
    """The result on the test flowers of a recipe, beside cross-validation."""

    recipe: Recipe
    cross_validation: CrossValidation


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
    check = cross_validate((recipe.k,), recipe)[0]
    return Accuracy(
        **vars(_counted(parts.test_species, answers)), recipe=recipe, cross_validation=check
    )


def _counted(species: Ints, answers: Ints) -> Score:
    confusion = np.zeros((len(SPECIES), len(SPECIES)), dtype=int)
    np.add.at(confusion, (species, answers), 1)
    correct, total = int(np.trace(confusion)), len(answers)
    low, high = wilson_interval(correct, total)
    return Score(correct, total, low, high, tuple(tuple(row) for row in confusion.tolist()))


@functools.lru_cache(maxsize=64)
def leave_one_out(recipe: Recipe | None = None) -> Score:
    """Judge each of the 150 flowers by a model that trained on the other 149.

    Raises:
        NeighboursError: if k does not fit the training set of the recipe.
    """
    recipe = recipe or Recipe()
    parse_k(recipe.k, recipe)
    measurements, species = flowers()
    answers = [
        Model(measurements[train], species[train], recipe).predict(measurements[test], recipe.k)[0]
        for train, test in LeaveOneOut().split(measurements)
    ]
    return _counted(species, np.array(answers))


@functools.lru_cache(maxsize=64)
def cross_validate(ks: tuple[int, ...], recipe: Recipe) -> tuple[CrossValidation, ...]:
    """Return a cross-validation for every k, all on the same folds."""
    measurements, species = flowers()
    folds = FOLDS if max(ks) <= len(species) * (FOLDS - 1) // FOLDS else MANY_FOLDS
    splitter = RepeatedStratifiedKFold(n_splits=folds, n_repeats=REPEATS, random_state=recipe.seed)
    scores = np.zeros((folds * REPEATS, len(ks)))
    for number, (train, test) in enumerate(splitter.split(measurements, species)):
        fitted = Model(measurements[train], species[train], recipe)
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
