"""Labels learned from features, and how sure a stage is of what it found."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.regression import Regression, fit_trust

RANDOM = np.random.default_rng(0)
CORNERS = np.repeat(np.eye(3, dtype=np.float32), 40, axis=0)
NAMES = np.repeat(["left", "right", "up"], 40).tolist()


def test_labels_are_learned_and_ranked() -> None:
    seen = CORNERS + RANDOM.normal(0, 0.1, CORNERS.shape).astype(np.float32)
    model = Regression.fit(seen, NAMES, scale=4.0)
    for corner, name in zip(np.eye(3, dtype=np.float32), ("left", "right", "up"), strict=True):
        ranking = model.rank(corner)
        assert ranking[0][0] == name
        assert sum(chance for _, chance in ranking) == pytest.approx(1)
        assert model.chance(corner, name) == pytest.approx(ranking[0][1])


def test_what_counts_more_often_is_likelier() -> None:
    features, labels = np.zeros((2, 1), np.float32), ["often", "seldom"]
    model = Regression.fit(features, labels, counts=[9.0, 1.0])
    assert model.chance([0.0], "often") == pytest.approx(0.9, abs=0.01)


def test_a_kept_model_says_the_same() -> None:
    model = Regression.fit(CORNERS, NAMES)
    kept = Regression.of_arrays(model.arrays("corners"), "corners")
    assert kept.labels == model.labels
    assert kept.logits(CORNERS[0]) == pytest.approx(model.logits(CORNERS[0]), abs=1e-2)


def test_what_tells_right_from_wrong_is_learned() -> None:
    right = RANDOM.random(400) < 0.5
    features = np.stack([right + RANDOM.normal(0, 0.3, 400), RANDOM.random(400)], axis=1)
    trust = fit_trust(features, right.tolist())
    assert trust.chance([1.0, 0.5]) > 0.9
    assert trust.chance([0.0, 0.5]) < 0.1


def test_a_feature_that_never_changes_says_nothing() -> None:
    right = np.array([True, False] * 50)
    features = np.stack([right.astype(float), np.full(100, 0.5)], axis=1)
    assert fit_trust(features, right.tolist()).chance([1.0, 0.5]) > 0.9
