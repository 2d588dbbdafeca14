"""Which side of a concept a message asks for, once its names are masked."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.knowledge import FACETS, is_answer
from nlu.examples import indexed, of_intents
from nlu.facet import ASIDE, FOLLOW_UP, GOES_ON, SMALL, FacetModel


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("X", "definition"),
        ("what is X?", "definition"),
        ("what does X mean", "definition"),
        ("why do people use X", "why"),
        ("why is X important", "why"),
        ("how does X work step by step", "how"),
        ("when should I use X", "when"),
        ("formula of X please", "formula"),
        ("show me python code for X", "code"),
        ("give me an example of X", "example"),
        ("advantages of X", "strengths"),
        ("what are the drawbacks of X", "weaknesses"),
        ("pros and cons of X", "pros_cons"),
        ("explain X like I'm five", "simple"),
        ("X vs X", "compare"),
        ("what is the difference between X and X?", "compare"),
    ],
)
def test_the_side_that_is_asked_for(facets: FacetModel, text: str, side: str) -> None:
    assert facets.rank(text)[0][0] == side


def test_a_name_does_not_change_the_side(facets: FacetModel) -> None:
    assert facets.rank("why X")[0][0] == facets.rank("why X X")[0][0] == "why"


def test_every_label_can_be_asked_for(facets: FacetModel) -> None:
    asked = {example.part for example in indexed() if example.is_question}
    sides = {side for side in asked if not is_answer(side)}
    assert set(facets.labels) == sides | set(ASIDE) | {SMALL}
    assert set(FACETS) - {"detail"} <= set(facets.labels)


def test_every_side_of_a_follow_up_has_examples() -> None:
    wishes = {
        example.label.removeprefix(FOLLOW_UP)
        for example in of_intents()
        if example.label.startswith(FOLLOW_UP)
    }
    assert {*ASIDE, *GOES_ON} <= wishes


def test_chances_add_up_and_come_in_order(facets: FacetModel) -> None:
    chances = [chance for _, chance in facets.rank("how is X trained")]
    assert sum(chances) == pytest.approx(1.0, abs=1e-4)
    assert chances == sorted(chances, reverse=True)


@pytest.mark.parametrize("text", ["", "?", "漢字", pytest.param("X " * 200, id="long")])
def test_no_text_breaks_the_ranking(facets: FacetModel, text: str) -> None:
    assert len(facets.rank(text)) == len(facets.labels)


def test_a_kept_model_says_what_the_model_said(facets: FacetModel, tmp_path: Path) -> None:
    kept = FacetModel.of_arrays(facets.arrays())
    for text in ("why X", "X", "code of X please", "X or X"):
        assert dict(kept.rank(text)) == pytest.approx(dict(facets.rank(text)), abs=1e-3)
