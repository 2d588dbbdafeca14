"""The n-gram network: in NumPy, and as a Keras model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.review import artifact
from models.review.network import Network, extract, negated
from models.review.training.network import build

WORDS = 60


def random_network(seed: int = 3) -> Network:
    random = np.random.default_rng(seed)
    negator = np.zeros(WORDS, np.int8)
    negator[[5, 9]] = 1
    return Network(
        weights=random.integers(-127, 128, 1 << 12).astype(np.int8),
        negator=negator,
        step=np.float32(0.01),
        bias=np.float32(0.1),
    )


def random_reviews() -> list[np.ndarray]:
    random = np.random.default_rng(4)
    return [random.integers(1, WORDS, size) for size in (1, 2, 3, 9, 40, 300)]


def test_keras_and_numpy_agree() -> None:
    reviews = random_reviews()
    padded = np.zeros((len(reviews), 300), np.int64)
    for row, ids in zip(padded, reviews, strict=True):
        row[: len(ids)] = ids
    probabilities = build(random_network())(padded).numpy()[:, 0]
    logits = np.array([found.logit for found in random_network().explain(reviews)])
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), probabilities, rtol=1e-4)


def test_a_review_is_judged_alike_alone_and_among_others() -> None:
    network = random_network()
    together = network.explain([*random_reviews(), np.zeros(0, np.int64)])
    for ids, found in zip(random_reviews(), together, strict=False):
        alone = network.explain([ids])[0]
        np.testing.assert_allclose(alone.words, found.words, atol=1e-6)
        assert alone.logit == pytest.approx(found.logit)
    assert together[-1].logit == pytest.approx(0.1)
    assert network.explain([np.zeros(0, np.int64)])[0].logit == pytest.approx(0.1)


def test_a_network_survives_its_file(tmp_path: Path) -> None:
    with artifact.writing(tmp_path / "model") as partial:
        artifact.save_network(build(random_network()), partial / artifact.MODEL)
    found, wanted = Network.load(tmp_path / "model"), random_network()
    for name, array in vars(wanted).items():
        np.testing.assert_array_equal(getattr(found, name), array)


def test_ngrams_stay_within_a_review_and_leave_unknown_words_out() -> None:
    ids = np.array([2, 3, 4, 1, 5, 6])
    owner = np.array([0, 0, 0, 0, 1, 1])
    found = extract(ids, owner, np.zeros(10, bool))
    pairs = sorted(zip(found.start.tolist(), found.length.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (2, 1), (4, 1), (4, 2), (5, 1)]


def test_a_negation_reaches_three_words_and_not_the_next_review() -> None:
    negator = np.zeros(10, bool)
    negator[2] = True
    ids, owner = np.array([2, 3, 4, 5, 6, 2, 7]), np.array([0, 0, 0, 0, 0, 0, 1])
    assert negated(ids, owner, negator).tolist() == [0, 1, 1, 1, 0, 0, 0]
