"""The classifier itself and everything that explains one answer of it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import KDTree, KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from models.iris._data import SPECIES, Floats, Flower, Ints, Recipe, split
from models.iris._validation import parse_k, unusual_fields

OTHER_K = tuple(range(1, 16, 2))
_LEAF_SIZE = 30  # the default of KNeighborsClassifier
_ONE_HOT = np.eye(len(SPECIES), dtype=np.int64)


@dataclass(frozen=True)
class Neighbour:
    """A training flower and its distance: in cm, or in standard deviations if scaled."""

    flower: Flower
    species: str
    distance: float


@dataclass(frozen=True)
class OtherK:
    """What the same training flowers would answer with another k."""

    k: int
    species: str


@dataclass(frozen=True)
class Prediction:
    """One answer of the model with its reasons.

    Attributes:
        votes: number of neighbours of each species, in the order of ``SPECIES``.
        probability: share of the votes that the winner has.
        neighbours: the k nearest training flowers, nearest first.
        other_k: the answer for every odd k from 1 to 15 that the training set allows.
        close_vote: whether the lead is at most a third of the votes.
        tied: whether the runner-up has as many votes (scikit-learn then takes the first species).
        unusual: features outside everything the data contain.
    """

    flower: Flower
    recipe: Recipe
    species: str
    votes: tuple[int, ...]
    probability: float
    neighbours: tuple[Neighbour, ...]
    other_k: tuple[OtherK, ...]
    close_vote: bool
    tied: bool
    unusual: tuple[str, ...]

    @property
    def runner_up(self) -> str | None:
        """Return the species with the second most votes, if it has any."""
        order = sorted(range(len(SPECIES)), key=lambda number: -self.votes[number])
        return SPECIES[order[1]] if self.votes[order[1]] else None


class Model:
    """A fitted classifier with its scaler; answers for a table of flowers ``(n, 4)`` in cm."""

    def __init__(self, train: Floats, species: Ints, scaled: bool) -> None:
        """Fit on training measurements ``(n, 4)`` and species numbers ``(n,)``."""
        self.scaler = StandardScaler().fit(train) if scaled else None
        self.species = species
        self._points = self._scale(train)
        self._tree = KDTree(self._points, leaf_size=_LEAF_SIZE)

    def _scale(self, measurements: Floats) -> Floats:
        if self.scaler is None:
            return measurements
        scaled: Floats = self.scaler.transform(measurements)
        return scaled

    def nearest(self, measurements: Floats, k: int) -> tuple[Floats, Ints]:
        """Return distances and training rows ``(n, k)``, exactly as scikit-learn finds them."""
        return self._query(self._scale(measurements), k)

    def _query(self, points: Floats, k: int) -> tuple[Floats, Ints]:
        # KNeighborsClassifier asks a k-d tree while k is below half of the training set; asking
        # the tree without its thread pool finds the same rows many times faster.
        if not self._is_brute(k):
            distances, rows = self._tree.query(points, k=k)
            return distances, rows
        brute = KNeighborsClassifier(n_neighbors=k).fit(self._points, self.species)
        distances, rows = brute.kneighbors(points)
        return distances, rows

    def votes(self, measurements: Floats, ks: Sequence[int]) -> Ints:
        """Return the votes ``(len(ks), n, 3)`` of the nearest training flowers for every k."""
        points = self._scale(measurements)
        reach = min(max(ks) + 1, len(self.species))
        distances, rows = self._query(points, reach)
        running = _ONE_HOT[self.species[rows]].cumsum(axis=1)
        votes: Ints = np.stack([running[:, k - 1] for k in ks])
        for number, k in enumerate(ks):
            # Which of several equally distant flowers still belongs to the k is the search's
            # choice, and so not known from a longer list.
            if k < reach:
                again = distances[:, k - 1] == distances[:, k]
            else:
                again = np.full(len(points), False)
            if self._is_brute(k) != self._is_brute(reach):
                again[:] = True
            if again.any():
                found = self._query(points[again], k)[1]
                votes[number, again] = _ONE_HOT[self.species[found]].sum(axis=1)
        return votes

    def _is_brute(self, k: int) -> bool:
        return k >= len(self.species) // 2

    def predict(self, measurements: Floats, k: int) -> Ints:
        """Return species numbers ``(n,)``; a tie goes to the first, as in scikit-learn."""
        winners: Ints = self.votes(measurements, (k,))[0].argmax(axis=1)
        return winners


@functools.lru_cache(maxsize=64)
def trained(test_share: float, seed: int, scaled: bool) -> Model:
    """Fit the training flowers of a split once; k is chosen when a question is asked."""
    parts = split(test_share, seed)
    return Model(parts.train, parts.train_species, scaled)


def model(recipe: Recipe) -> Model:
    """Return the model of a recipe."""
    return trained(recipe.test_share, recipe.seed, recipe.scaled)


def predict(flower: Flower, recipe: Recipe | None = None) -> Prediction:
    """Classify a flower and explain the answer.

    Raises:
        NeighboursError: if k does not fit the training set of the recipe.
    """
    recipe = recipe or Recipe()
    parse_k(recipe.k, recipe)
    fitted = model(recipe)
    point = np.array([flower.values()])
    distances, rows = fitted.nearest(point, recipe.k)
    numbers = fitted.species[rows[0]]
    votes = tuple(int(count) for count in np.bincount(numbers, minlength=len(SPECIES)))
    first, second = sorted(votes, reverse=True)[:2]
    train = split(recipe.test_share, recipe.seed).train
    return Prediction(
        flower=flower,
        recipe=recipe,
        species=SPECIES[votes.index(first)],
        votes=votes,
        probability=first / recipe.k,
        neighbours=tuple(
            Neighbour(Flower(*train[row].tolist()), SPECIES[number], float(distance))
            for row, number, distance in zip(rows[0], numbers, distances[0], strict=True)
        ),
        other_k=_other_k(fitted, point),
        close_vote=recipe.k > 1 and 3 * (first - second) <= recipe.k,
        tied=first == second,
        unusual=unusual_fields(flower),
    )


def nearest_of_another(prediction: Prediction) -> Neighbour | None:
    """Return the nearest training flower of a species that lost; None if there is only one."""
    recipe = prediction.recipe
    fitted = model(recipe)
    point = np.array([prediction.flower.values()])
    distances, rows = fitted.nearest(point, len(fitted.species))
    train = split(recipe.test_share, recipe.seed).train
    for distance, row in zip(distances[0], rows[0], strict=True):
        species = SPECIES[fitted.species[row]]
        if species != prediction.species:
            return Neighbour(Flower(*train[row].tolist()), species, float(distance))
    return None


def _other_k(fitted: Model, point: Floats) -> tuple[OtherK, ...]:
    ks = [k for k in OTHER_K if k <= len(fitted.species)]
    winners = fitted.votes(point, ks)[:, 0].argmax(axis=1)
    return tuple(OtherK(k, SPECIES[winner]) for k, winner in zip(ks, winners, strict=True))
