"""The Iris model: the article's answers, their reasons, honest accuracy, refused values."""

from __future__ import annotations

import contextlib
import io
import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.inspection import permutation_importance
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models import iris
from models.iris import Flower, Recipe

SETOSA = Flower(5.1, 3.5, 1.4, 0.2)
BETWEEN = Flower(6.0, 2.7, 5.1, 1.6)
HELD = Flower(6.1, 2.8, 4.7, 1.2)
LAST_PLACE = Flower(5.5, 2.6, 4.7, 1.6)
tenths = st.integers(1, 90).map(lambda number: number / 10)
flowers = st.builds(Flower, tenths, tenths, tenths, tenths)
recipes = st.sampled_from(
    [
        Recipe(),
        Recipe(k=1),
        Recipe(k=4, test_share=0.4, seed=7),
        Recipe(k=15, scaled=True),
        Recipe(k=59),
        Recipe(k=60),
        Recipe(k=120),
        Recipe(k=5, metric="manhattan"),
        Recipe(k=70, metric="chebyshev", features="sepals"),
        Recipe(k=4, weighted=True, features="petals"),
    ]
)


def columns(recipe: Recipe):
    """The measurements that a recipe uses, and the species."""
    data = load_iris()
    return data.data[
        :, {"all": [0, 1, 2, 3], "petals": [2, 3], "sepals": [0, 1]}[recipe.features]
    ], (data.target)


def reference(recipe: Recipe):
    """The article's code with the numbers of the recipe, written here again on purpose."""
    used, species = columns(recipe)
    parts = train_test_split(used, species, test_size=recipe.test_share, random_state=recipe.seed)
    weights = "distance" if recipe.weighted else "uniform"
    model = KNeighborsClassifier(recipe.k, metric=recipe.metric, weights=weights)
    if recipe.scaled:
        model = make_pipeline(StandardScaler(), model)
    return model.fit(parts[0], parts[2]), parts


@settings(max_examples=60, deadline=None)
@given(flowers, recipes)
def test_the_answer_is_that_of_scikit_learn(flower: Flower, recipe: Recipe) -> None:
    model, _ = reference(recipe)
    prediction = iris.predict(flower, recipe)
    values = np.array([flower.values()[recipe.columns]])
    assert prediction.species == iris.SPECIES[model.predict(values)[0]]
    assert prediction.shares == pytest.approx(model.predict_proba(values)[0])
    assert sum(prediction.votes) == recipe.k


def test_a_prediction_shows_its_reasons() -> None:
    prediction = iris.predict(BETWEEN)
    assert prediction.species == "virginica"
    assert prediction.votes == (0, 1, 2)
    assert prediction.probability == pytest.approx(2 / 3)
    assert prediction.close_vote
    assert prediction.runner_up == "versicolor"
    distances = [neighbour.distance for neighbour in prediction.neighbours]
    assert distances == sorted(distances)
    for neighbour in prediction.neighbours:
        gap = np.subtract(neighbour.flower.values(), BETWEEN.values())
        assert neighbour.distance == pytest.approx(float(np.linalg.norm(gap)))


def test_other_k_say_what_that_k_would_answer() -> None:
    others = iris.predict(BETWEEN).other_k
    assert [other.k for other in others] == [1, 3, 5, 7, 9, 11, 13, 15]
    for other in others:
        assert other.species == iris.predict(BETWEEN, Recipe(k=other.k)).species
    assert others[0].species == "versicolor"


def test_a_clear_vote_is_not_called_close() -> None:
    prediction = iris.predict(SETOSA)
    assert prediction.votes == (3, 0, 0)
    assert not prediction.close_vote
    assert prediction.runner_up is None


def test_a_tie_is_told() -> None:
    assert iris.predict(BETWEEN, Recipe(k=2)).votes == (0, 1, 1)
    assert iris.predict(BETWEEN, Recipe(k=2)).tied


def test_a_single_k_below_half_of_the_training_flowers_is_looked_up_in_the_tree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searches: list[int] = []
    monkeypatch.setattr(KNeighborsClassifier, "kneighbors", lambda *_: searches.append(1))
    iris.accuracy(Recipe(k=59, seed=59))
    assert not searches


def test_one_neighbour_is_never_a_close_vote() -> None:
    assert not iris.predict(BETWEEN, Recipe(k=1)).close_vote


def test_a_prediction_is_fast() -> None:
    iris.predict(SETOSA)
    fastest = min(
        _cpu(lambda width=width: iris.predict(Flower(5, 3, 4, width)))
        for width in (0.1, 0.5, 0.9, 1.3, 1.7)
    )
    assert fastest < 0.005


def _cpu(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_the_articles_split_gives_thirty_of_thirty_and_says_how_little_that_is() -> None:
    result = iris.accuracy()
    assert (result.correct, result.total) == (30, 30)
    assert result.low == pytest.approx(0.8865, abs=1e-4)
    assert result.cross_validation.mean < 1
    assert result.cross_validation.low < result.cross_validation.mean
    assert (result.cross_validation.folds, result.cross_validation.repeats) == (5, 10)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(k=6, seed=3, scaled=True),
        Recipe(metric="manhattan", weighted=True, features="petals"),
    ],
)
def test_cross_validation_is_that_of_scikit_learn(recipe: Recipe) -> None:
    model, _ = reference(recipe)
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=10, random_state=recipe.seed)
    scores = cross_val_score(model, *columns(recipe), cv=folds)
    found = iris.accuracy(recipe).cross_validation
    assert found.mean == pytest.approx(scores.mean())
    assert found.sd == pytest.approx(scores.std(ddof=1))


def test_the_confusion_matrix_counts_the_test_flowers() -> None:
    result = iris.accuracy(Recipe(k=7))
    assert np.trace(result.confusion) == result.correct == 29
    assert np.sum(result.confusion) == result.total == 30
    assert result.confusion[1][2] == 1


def test_accuracy_works_for_the_largest_k_of_a_large_training_set() -> None:
    recipe = Recipe(k=135, test_share=0.1)
    assert iris.training_size(recipe) == 135
    assert iris.accuracy(recipe).cross_validation.folds == 10


def test_comparing_k_agrees_with_asking_one_by_one() -> None:
    for row in iris.compare_k(range(1, 16, 4)):
        alone = iris.accuracy(Recipe(k=row.k))
        assert row.correct == alone.correct
        assert row.cross_validation == alone.cross_validation


def test_importance_is_that_of_scikit_learn() -> None:
    model, parts = reference(Recipe(scaled=True))
    expected = permutation_importance(model, parts[1], parts[3], n_repeats=30, random_state=42)
    found = {row.feature: row.loss for row in iris.feature_importance(Recipe(scaled=True))}
    assert [found[name] for name in iris.FEATURES] == pytest.approx(expected.importances_mean)


def test_the_petals_matter_most() -> None:
    rows = iris.feature_importance()
    assert rows[0].feature == "petal_length"
    assert [row.loss for row in rows] == sorted((row.loss for row in rows), reverse=True)


@pytest.mark.parametrize(
    ("given_value", "reason"),
    [
        ("nan", "not_a_number"),
        (float("nan"), "not_a_number"),
        ("abc", "not_a_number"),
        (None, "not_a_number"),
        (-1, "negative"),
        ("-0.1", "negative"),
        (0, "zero"),
        ("0.0", "zero"),
        (1000, "too_large"),
        (30.01, "too_large"),
        ("inf", "too_large"),
        ("-inf", "negative"),
    ],
)
def test_an_impossible_measurement_names_its_reason(given_value: object, reason: str) -> None:
    with pytest.raises(iris.MeasurementError) as caught:
        iris.parse_measurement(given_value)
    assert caught.value.reason == reason
    assert caught.value.high == 30


@pytest.mark.parametrize("value", [0.01, "5.1", 30])
def test_a_possible_measurement_is_taken(value: object) -> None:
    assert iris.parse_measurement(value) == float(str(value))


def test_a_flower_outside_the_data_is_only_remarked_upon() -> None:
    assert iris.predict(Flower(9.0, 3.0, 5.0, 1.5)).unusual == ("sepal_length",)
    assert iris.predict(SETOSA).unusual == ()
    assert iris.data_range("petal_width") == (0.1, 2.5)


def test_a_flower_far_from_all_others_is_remote_though_each_value_is_usual() -> None:
    odd = iris.predict(Flower(7.9, 2.0, 1.0, 2.5))
    assert odd.unusual == ()
    assert odd.is_remote
    assert odd.neighbours[0].distance > odd.spacing
    assert not iris.predict(BETWEEN).is_remote


@pytest.mark.parametrize(
    ("flower", "twin", "known"),
    [(SETOSA, "setosa", True), (BETWEEN, "versicolor", True), (HELD, "versicolor", False)],
)
def test_a_flower_of_the_data_is_recognised(flower: Flower, twin: str, known: bool) -> None:
    found = iris.predict(flower)
    assert (found.twin, found.twin_is_known) == (twin, known)
    assert iris.predict(Flower(5.15, 3.5, 1.4, 0.2)).twin is None


def test_a_last_place_that_several_species_share_is_told() -> None:
    assert iris.predict(LAST_PLACE).last_place_tied
    assert not iris.predict(Flower(5.5, 2.5, 5.1, 1.5)).last_place_tied  # 3 to 0 stays 2 to 1
    assert not iris.predict(SETOSA).last_place_tied


@pytest.mark.parametrize(
    ("given_value", "reason"),
    [
        (0, "too_small"),
        ("-3", "too_small"),
        (10000, "too_large"),
        ("abc", "not_a_number"),
        (2.5, "not_whole"),
        ("nan", "not_a_number"),
        ("inf", "too_large"),
        (121, "too_large"),
    ],
)
def test_an_impossible_k_names_the_allowed_range(given_value: object, reason: str) -> None:
    with pytest.raises(iris.NeighboursError) as caught:
        iris.parse_k(given_value)
    assert (caught.value.reason, caught.value.low, caught.value.high) == (reason, 1, 120)


def test_the_largest_k_follows_the_training_set() -> None:
    assert iris.parse_k("90", Recipe(test_share=0.4)) == 90
    with pytest.raises(iris.NeighboursError):
        iris.predict(SETOSA, Recipe(k=91, test_share=0.4))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (0, "too_small"),
        (1, "too_large"),
        ("x", "not_a_number"),
        (0.05, "too_small"),
    ],
)
def test_an_impossible_test_share_is_refused(value: object, reason: str) -> None:
    with pytest.raises(iris.TestShareError) as caught:
        iris.parse_test_share(value)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-1, "too_small"),
        (2**32, "too_large"),
        ("x", "not_a_number"),
        (1.5, "not_whole"),
    ],
)
def test_an_impossible_seed_is_refused(value: object, reason: str) -> None:
    with pytest.raises(iris.SeedError) as caught:
        iris.parse_seed(value)
    assert caught.value.reason == reason


RECIPES = [
    Recipe(),
    Recipe(k=5, metric="manhattan", weighted=True, scaled=True),
    Recipe(metric="chebyshev", features="petals"),
    Recipe(scaled=True),
    Recipe(k=7, test_share=0.4, seed=1),
    Recipe(k=130, test_share=0.1),
]


@pytest.mark.parametrize(("kind", "recipe"), itertools.product(iris.SCRIPTS, RECIPES))
def test_every_script_runs_and_prints_what_the_model_says(kind: str, recipe: Recipe) -> None:
    source = iris.script(kind, recipe, BETWEEN, ks=(1, 5, recipe.k))
    assert max(map(len, source.splitlines())) <= 100
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(source, kind, "exec"), {"__name__": "__main__"})
    printed = output.getvalue()
    if kind == "prediction":
        answer = iris.predict(BETWEEN, recipe)
        assert printed.startswith(f"Species: {answer.species}\n")
        assert printed.count("distance") == recipe.k
        assert f"distance {answer.neighbours[0].distance:.2f}" in printed
    elif kind == "accuracy":
        result = iris.accuracy(recipe)
        assert f"{result.correct} of {result.total} right" in printed
        assert f"{100 * result.cross_validation.mean:.1f} % ± " in printed
    elif kind == "leave_one_out":
        result = iris.leave_one_out(recipe)
        assert f"{result.correct} of 150 right" in printed
        assert str(np.array(result.confusion)) in printed
    elif kind == "comparison":
        for row in iris.compare_k((1, 5, recipe.k), recipe):
            assert f"k = {row.k}: {row.correct} of {row.total} right" in printed
            assert f"{100 * row.cross_validation.mean:.1f} % ± " in printed
    else:
        for row in iris.feature_importance(recipe):
            assert f"{row.feature.replace('_', ' ')} (cm): {100 * row.loss:.1f} points" in printed


def test_a_script_of_an_impossible_experiment_is_refused() -> None:
    with pytest.raises(ValueError, match="flower"):
        iris.script("prediction")
    with pytest.raises(KeyError):
        iris.script("poem")
    with pytest.raises(iris.NeighboursError):
        iris.script("accuracy", Recipe(k=500))


def test_the_nearest_flower_of_another_species_is_the_nearest_of_all_others() -> None:
    answer = iris.predict(iris.Flower(5.9, 3.0, 5.1, 1.8), iris.Recipe(k=5))
    other = iris.nearest_of_another(answer)
    assert other is not None
    assert other.species == "versicolor"
    inside = [n.distance for n in answer.neighbours if n.species == other.species]
    assert other.distance == pytest.approx(min(inside))
