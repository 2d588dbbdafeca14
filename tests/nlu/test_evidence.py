"""Numbers overrule words where they must, and only there."""

from __future__ import annotations

import pytest

from nlu.entities import entity, find_entities
from nlu.evidence import holds_flower, settle


def settled(text: str, intent: str, confidence: float = 0.5) -> str:
    return settle(intent, confidence, find_entities(text), text)


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("5.1 3.5 1.4 0.2", "out_of_scope", "predict_iris"),
        ("same flower but petal width 1.6", "predict_iris", "inform_measurement"),
        ("now petal length 4.8 and k=5", "set_k", "inform_measurement"),
        ("with k=7", "predict_iris", "set_k"),
        ("classify a flower with k=7", "predict_iris", "predict_iris"),
        ("5.1 3.5 1.4 0.2 with k=5", "set_k", "predict_iris"),
        ("what is the 42 about", "ask_concept", "ask_concept"),
        ("compare k from 1 to 15", "try_iris", "try_iris"),
    ],
)
def test_what_numbers_make_of_an_intent(text: str, intent: str, expected: str) -> None:
    assert settled(text, intent) == expected


def test_a_clear_question_stays_one_whatever_its_numbers() -> None:
    assert settled("why is 5.1 3.5 1.4 0.2 overfitting", "ask_concept", 0.9) == "ask_concept"


def test_numbers_in_a_sentence_are_no_flower() -> None:
    text = "the classes are 99 to 1 and my score is 98, is that any good"
    assert settled(text, "ask_concept") == "ask_concept"


def test_a_number_alone_is_asked_about_unless_a_form_waits_for_it() -> None:
    assert settled("4", "inform_measurement") == "lone_number"
    assert settle("inform_measurement", 0.9, find_entities("4"), "4", "iris_form") != "lone_number"


@pytest.mark.parametrize(("intent", "sure"), [("out_of_scope", 0.4), ("ask_concept", 0.8)])
def test_a_number_answers_the_form_that_asks_for_one(intent: str, sure: float) -> None:
    text = "let's say 6"
    assert settle(intent, sure, find_entities(text), text, "iris_form") == "inform_measurement"


@pytest.mark.parametrize("text", ["hm dunno, let me measure", "wait", "i don't know", "one sec"])
def test_who_puts_a_form_off_stays_in_it(text: str) -> None:
    assert settle("out_of_scope", 0.9, [], text, "iris_form") == "inform_measurement"
    assert settle("out_of_scope", 0.9, [], text) == "out_of_scope"


def test_a_sum_is_worked_whatever_the_words_are() -> None:
    assert settled("precision with tp=8 fp=2", "ask_concept", 0.9) == "work_sum"


def test_a_carried_review_is_classified_unless_a_topic_is_clear() -> None:
    text, carried = "classify this: a dull, long film", [entity("review", "a dull, long film")]
    assert settle("out_of_scope", 0.5, carried, text) == "classify_review"
    assert settle("ask_concept", 0.9, carried, text) == "ask_concept"


def test_a_flower_has_three_measurements_or_more() -> None:
    assert holds_flower(find_entities("5.1 3.5 1.4"))
    assert not holds_flower(find_entities("5.1 3.5"))
    assert not holds_flower([])
