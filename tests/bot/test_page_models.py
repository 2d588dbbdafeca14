"""What the page shows of the models is what the models say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.page import desk, flower
from models import iris, review


def cell(panel: str, row: int, column: int, rows: list[str]) -> tuple[float, float]:
    """Return the length and the width in the middle of a cell."""
    (left, low), (right, high) = flower.PANELS[panel]["from"], flower.PANELS[panel]["to"]
    return (
        left + (column + 0.5) * (right - left) / len(rows[0]),
        high - (row + 0.5) * (high - low) / len(rows),
    )


@pytest.mark.parametrize("recipe", [iris.Recipe(), iris.Recipe(k=15, scaled=True, test_share=0.4)])
def test_a_region_is_what_the_model_answers_there(recipe: iris.Recipe) -> None:
    own = iris.Flower(6.1, 2.8, 4.7, 1.6)
    regions = flower.answer(own, recipe)["regions"]
    for panel, first in (("sepals", 0), ("petals", 2)):
        rows = regions[panel]
        for row in range(0, len(rows), 7):
            for column in range(0, len(rows[0]), 9):
                values = list(own.values())
                values[first : first + 2] = cell(panel, row, column, rows)
                expected = iris.predict(iris.Flower(*values), recipe).species
                assert iris.SPECIES[int(rows[row][column])] == expected


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5, 0.9])
def test_as_many_flowers_are_marked_as_the_model_trains_on(share: float) -> None:
    recipe = iris.Recipe(k=1, test_share=share)
    answer = flower.answer(iris.Flower(5.1, 3.5, 1.4, 0.2), recipe)
    assert len(set(answer["training"])) == iris.training_size(recipe)
    assert answer["tested"]["total"] == 150 - iris.training_size(recipe)
    # With k = 1 a training flower is its own neighbour, whichever of two equal ones is marked.
    for number in answer["training"][:: 1 + len(answer["training"]) // 20]:
        *row, _ = flower.everything()["flowers"][number]
        assert iris.predict(iris.Flower(*row), recipe).neighbours[0].distance == 0


def test_accuracy_is_the_models() -> None:
    recipe = iris.Recipe(k=9, test_share=0.4, scaled=True)
    told = flower.answer(iris.Flower(5.1, 3.5, 1.4, 0.2), recipe)["tested"]
    assert told["correct"] == iris.accuracy(recipe).correct


def test_k_is_at_most_the_training_flowers() -> None:
    _, recipe = flower.asked({"flower": "5.1,3.5,1.4,0.2", "k": "120", "train": "20"})
    assert recipe.k == iris.training_size(recipe) == 30


@given(st.text(max_size=300))
def test_the_pieces_of_a_review_are_the_review(text: str) -> None:
    pieces = desk.judged(text)["pieces"]
    assert "".join(piece for piece, _ in pieces) == desk.clean(text)


def test_the_desk_says_what_the_models_say() -> None:
    text = "Not a dull minute, and the ending is a joy."
    told = desk.judged(text)
    for model in told["models"]:
        verdict = review.classify(text, model["name"])
        assert (model["label"], model["probability"]) == (verdict.label, verdict.probability)
    weights = dict(told["pieces"])
    assert weights["joy"] > 0


def test_a_text_over_the_limit_is_judged_up_to_it() -> None:
    assert sum(len(piece) for piece, _ in desk.judged("x " * 20_000)["pieces"]) <= 10_000
