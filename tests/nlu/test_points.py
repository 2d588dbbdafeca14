"""The comparison of a message with everything that people were ever written to ask."""

from __future__ import annotations

import numpy as np
import pytest

from models.encoder.vectors import encode
from nlu.examples import Example
from nlu.points import DIMENSIONS, LETTERS_WEIGHT, Points

EXAMPLES = [
    Example("what is dropout", "dropout", "definition"),
    Example("switching off neurons", "dropout", "definition"),
    Example("what is pooling", "pooling", "definition"),
]


@pytest.fixture(scope="module")
def points() -> Points:
    basis = np.eye(384, DIMENSIONS, dtype=np.float32)
    return Points.train(EXAMPLES, basis)


def test_a_block_is_as_near_as_its_nearest_point(points: Points) -> None:
    text = "switching off neurons"
    near = points.compare(text, points.meanings(points.project(encode([text])))[0])
    dropout, pooling = near.scores
    assert points.blocks.tolist() == ["dropout", "pooling"]
    assert points.nearest(near.meaning, 0) == pytest.approx(1.0, abs=0.01)
    assert points.nearest(near.letters, 0) == pytest.approx(1.0, abs=0.01)
    assert dropout == pytest.approx(1 + LETTERS_WEIGHT, abs=0.02)
    assert dropout > pooling


def test_points_have_length_one_in_fewer_dimensions(points: Points) -> None:
    projected = points.project(encode(["what is pooling"]))
    assert projected.shape == (1, DIMENSIONS)
    assert np.linalg.norm(projected) == pytest.approx(1.0, abs=1e-5)


def test_packed_points_compare_alike(points: Points) -> None:
    again = Points.of_arrays(points.arrays())
    vector = points.project(encode(["what is pooling"]))[0]
    first, second = (
        each.compare("what is pooling", each.meanings(vector[None])[0]) for each in (points, again)
    )
    assert second.scores == pytest.approx(first.scores, abs=0.02)
