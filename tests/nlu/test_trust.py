"""How sure a stage is, learned from what can be seen."""

from __future__ import annotations

import numpy as np

from nlu.trust import fit_trust, trust


def test_what_tells_right_from_wrong_is_learned() -> None:
    random = np.random.default_rng(0)
    right = random.random(400) < 0.5
    features = np.stack([right + random.normal(0, 0.3, 400), random.random(400)], axis=1)
    weights = fit_trust(features, right)
    assert trust(weights, [1.0, 0.5]) > 0.9
    assert trust(weights, [0.0, 0.5]) < 0.1


def test_a_feature_that_never_changes_says_nothing() -> None:
    right = np.array([True, False] * 50)
    features = np.stack([right.astype(float), np.full(100, 0.5)], axis=1)
    weights = fit_trust(features, right)
    assert trust(weights, [1.0, 0.5]) > 0.9
