"""Small questions, and the answers that a block has for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.knowledge import is_answer, library
from nlu.answer import AnswerModel, Texts
from nlu.decide import SURE_ANSWER
from nlu.examples import as_aside
from nlu.talk import Talk
from nlu.understand import Stages


@pytest.fixture(scope="module")
def answers(stages: Stages) -> AnswerModel:
    return stages._answers


def told(stages: Stages, text: str, block: str) -> tuple[str, float]:
    found = stages._reading(text, Talk((block,))).answers(block)
    assert found is not None
    return library()[block].facets[found[0]], found[1]


@pytest.mark.parametrize(
    ("block", "text", "says"),
    [
        ("cross_validation", "how many folds should I take?", "10"),
        ("r_squared", "can it be negative?", "yes"),
        ("dropout", "is it still on when I predict?", "off"),
        ("cross_validation", "how many folds does cross-validation need?", "10"),
    ],
)
def test_a_small_question_finds_its_answer(
    stages: Stages, block: str, text: str, says: str
) -> None:
    answer, chance = told(stages, text, block)
    assert says in answer.lower()
    assert chance >= SURE_ANSWER


@pytest.mark.parametrize("text", ["what is dropout?", "why is it used?", "show me the code"])
def test_a_question_for_a_side_is_no_small_question(stages: Stages, text: str) -> None:
    assert told(stages, text, "dropout")[1] < SURE_ANSWER


def test_a_contrast_without_answers_answers_no_small_question(stages: Stages) -> None:
    reading = stages._reading("can it be 0?", Talk(("bagging|boosting",)))
    assert reading.answers("bagging|boosting") is None


def test_the_name_of_what_was_spoken_of_gives_way_to_it() -> None:
    assert as_aside("Is Dropout on at test time?", "dropout") == "Is it on at test time?"
    assert as_aside("is it on at test time?", "dropout") == "is it on at test time?"


def test_the_nearest_text_of_each_side_counts() -> None:
    vectors = np.eye(4, dtype=np.float32)
    texts = Texts(["a", "a", "a", "b"], ["answer/0", "answer/0", "line/1", "answer/0"], vectors)
    near = texts.near("a", np.array([0.1, 0.9, 0.3, 0.7], np.float32))
    assert near == pytest.approx({"answer/0": 0.9, "line/1": 0.3})
    assert texts.near("c", vectors[0]) == {}


def test_every_concept_has_questions_and_something_to_tell(answers: AnswerModel) -> None:
    names = {block.id for block in library().concepts}
    assert names <= set(answers._asked.labels) == set(answers._told.labels)
    assert all(map(is_answer, {*answers._asked.sides, *answers._told.sides}))


def test_kept_answers_are_found_again(stages: Stages, answers: AnswerModel, tmp_path: Path) -> None:
    kept = AnswerModel.of_arrays(answers.arrays())
    reading = stages._reading("how many folds?", Talk(("cross_validation",)))
    vector, facets = reading.finding.vector, reading.facets
    before = answers.find("cross_validation", vector, facets)
    after = kept.find("cross_validation", vector, facets)
    assert before is not None
    assert after is not None
    assert after[0] == before[0]
    assert after[1] == pytest.approx(before[1], abs=0.02)
