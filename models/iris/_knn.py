"""The classifier itself and everything that explains one answer of it."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.neighbors import KDTree, KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import ThreadpoolController

from models.iris._data import SPECIES, Floats, Flower, Ints, Recipe, flowers, split
from models.iris._validation import parse_k, unusual_fields

OTHER_K = tuple(range(1, 16, 2))
_LEAF_SIZE = 30  # the default of KNeighborsClassifier
_ONE_HOT = np.eye(len(SPECIES))
_SAME = 1e-9  # distances that differ by less are equal but for rounding


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
        shares: what those votes weigh, in the same order; they sum to 1.
        neighbours: the k nearest training flowers, nearest first.
        other_k: the answer for every odd k from 1 to 15 that the training set allows.
        close_vote: whether the lead is at most a third of the votes.
        tied: whether the runner-up has as many votes (scikit-learn then takes the first species).
        last_place_tied: whether more flowers than vote are as far away as the last neighbour, and
            their species could turn the answer (those vote that the search meets first).
        unusual: features outside everything the data contain.
        spacing: the farthest that a training flower lies from its own nearest neighbour.
        twin: species of the flower among the 150 with exactly these measurements, if any.
        twin_is_known: whether the model trained on that flower.
    """

    flower: Flower
    recipe: Recipe
    species: str
    votes: tuple[int, ...]
    shares: tuple[float, ...]
    neighbours: tuple[Neighbour, ...]
    other_k: tuple[OtherK, ...]
    close_vote: bool
    tied: bool
    last_place_tied: bool
    unusual: tuple[str, ...]
    spacing: float
    twin: str | None
    twin_is_known: bool

    @property
    def probability(self) -> float:
        """The share of the votes that the winner has."""
        return max(self.shares)

    @property
    def is_remote(self) -> bool:
        """Whether every value is usual and yet no training flower is near."""
        return not self.unusual and self.neighbours[0].distance > self.spacing

    @property
    def runner_up(self) -> str | None:
        """Return the species with the second most votes, if it has any."""
        order = sorted(range(len(SPECIES)), key=lambda number: -self.shares[number])
        return SPECIES[order[1]] if self.votes[order[1]] else None


class Model:
    """A fitted classifier with its scaler; answers for a table of flowers ``(n, 4)`` in cm."""

    def __init__(self, train: Floats, species: Ints, recipe: Recipe) -> None:
        """Fit on training measurements ``(n, 4)`` and species numbers ``(n,)``."""
        self.recipe, self.species = recipe, species
        chosen = train[:, recipe.columns]
        self._scaler = StandardScaler().fit(chosen) if recipe.scaled else None
        self._points = self._scale(train)
        self._tree = KDTree(self._points, leaf_size=_LEAF_SIZE, metric=recipe.metric)

    def _scale(self, measurements: Floats) -> Floats:
        chosen = measurements[:, self.recipe.columns]
        scaled: Floats = chosen if self._scaler is None else self._scaler.transform(chosen)
        return scaled

    @functools.cached_property
    def spacing(self) -> float:
        """The farthest that a training flower lies from its own nearest neighbour."""
        return float(self._tree.query(self._points, k=2)[0][:, 1].max())

    def nearest(self, measurements: Floats, k: int) -> tuple[Floats, Ints]:
        """Return distances and training rows ``(n, k)``, exactly as scikit-learn finds them."""
        return self._query(self._scale(measurements), k)

    def _query(self, points: Floats, k: int) -> tuple[Floats, Ints]:
        # KNeighborsClassifier asks a k-d tree while k is below half of the training set; asking
        # the tree without its thread pool finds the same rows many times faster.
        if not self._is_brute(k):
            distances, rows = self._tree.query(points, k=k)
            return distances, rows
        with _threads().limit(limits=1):  # so few flowers wait far longer for threads than for sums
            distances, rows = self._brute.kneighbors(points, k)
        return distances, rows

    @functools.cached_property
    def _brute(self) -> KNeighborsClassifier:
        brute = KNeighborsClassifier(metric=self.recipe.metric, algorithm="brute")
        return brute.fit(self._points, self.species)

    def ballots(self, distances: Floats, rows: Ints) -> Floats:
        """Return what each neighbour gives each species ``(n, k, 3)``: one vote or 1 / distance."""
        ballots: Floats = _ONE_HOT[self.species[rows]]
        if not self.recipe.weighted:
            return ballots
        with np.errstate(divide="ignore"):
            weights = 1 / distances
        same = np.isinf(weights)  # a flower at no distance decides alone, as in scikit-learn
        weights = np.where(same.any(axis=1, keepdims=True), same, weights)
        return ballots * weights[:, :, np.newaxis]

    def as_far_as(self, point: Floats, distance: float) -> Ints:
        """Return the species numbers of all training flowers that lie exactly so far away."""
        rows, far = self._tree.query_radius(
            self._scale(point), distance + _SAME, return_distance=True
        )
        found: Ints = self.species[rows[0][far[0] >= distance - _SAME]]
        return found

    def votes(self, measurements: Floats, ks: Sequence[int]) -> Floats:
        """Return the votes ``(len(ks), n, 3)`` of the nearest training flowers for every k."""
        points = self._scale(measurements)
        if len(ks) == 1:
            found: Floats = self.ballots(*self._query(points, ks[0])).sum(axis=1)
            return found[np.newaxis]
        reach = min(max(ks) + 1, len(self.species))
        distances, rows = self._query(points, reach)
        running = self.ballots(distances, rows).cumsum(axis=1)
        votes: Floats = np.stack([running[:, k - 1] for k in ks])
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
                votes[number, again] = self.ballots(*self._query(points[again], k)).sum(axis=1)
        return votes

    def _is_brute(self, k: int) -> bool:
        return k >= len(self.species) // 2

    def predict(self, measurements: Floats, k: int) -> Ints:
        """Return species numbers ``(n,)``; a tie goes to the first, as in scikit-learn."""
        winners: Ints = self.votes(measurements, (k,))[0].argmax(axis=1)
        return winners


@functools.lru_cache(maxsize=1)
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


@functools.lru_cache(maxsize=64)
def _trained(recipe: Recipe) -> Model:
    parts = split(recipe.test_share, recipe.seed)
    return Model(parts.train, parts.train_species, recipe)


def model(recipe: Recipe) -> Model:
    """Return the model of a recipe, fitted once; k is chosen when a question is asked."""
    return _trained(replace(recipe, k=Recipe.k))


def fit(recipe: Recipe) -> float:
    """Fit the model of a recipe anew and return how many seconds that took."""
    _trained.cache_clear()
    begun = time.perf_counter()
    model(recipe)
    return time.perf_counter() - begun


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
    ballots = fitted.ballots(distances, rows)[0].sum(axis=0)
    shares = tuple((ballots / ballots.sum()).tolist())
    second, first = sorted(ballots)[1:]
    lead = max(votes) - sorted(votes)[1]
    train = split(recipe.test_share, recipe.seed).train
    last = fitted.as_far_as(point, float(distances[0, -1]))
    voting = int((distances[0] >= distances[0, -1] - _SAME).sum())
    everyone, species = flowers()
    twins = species[np.isclose(everyone, point).all(axis=1)]
    return Prediction(
        flower=flower,
        recipe=recipe,
        species=SPECIES[int(ballots.argmax())],
        votes=votes,
        shares=shares,
        neighbours=tuple(
            Neighbour(Flower(*train[row].tolist()), SPECIES[number], float(distance))
            for row, number, distance in zip(rows[0], numbers, distances[0], strict=True)
        ),
        other_k=_other_k(fitted, point),
        close_vote=recipe.k > 1 and bool(3 * (first - second) <= ballots.sum()),
        tied=bool(first == second),
        last_place_tied=len(last) > voting and len(set(last)) > 1 and lead <= 2 * voting,
        unusual=unusual_fields(flower),
        spacing=fitted.spacing,
        twin=SPECIES[twins[0]] if len(twins) else None,
        twin_is_known=bool(np.isclose(train, point).all(axis=1).any()),
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
