"""What is said in the Iris lab, and what only looks like it."""

from __future__ import annotations

import pytest

from nlu.entities import find_entities, holds_flower
from nlu.examples import said_in_lab
from nlu.lab import ELSEWHERE, PLACES, is_of_lab, joined, likened, place_of
from nlu.talk import Talk
from nlu.understand import Stages

START, FORM, FLOWER = (
    Talk(),
    Talk(("iris_knn",), form="iris_form"),
    Talk(("iris_knn",), shown="flower"),
)


def meant(stages: Stages, text: str, talk: Talk) -> str:
    found = stages.read(text, talk)
    details = found.decision.details
    detail = details.get("experiment") or details.get("picture")
    return f"{found.intent}/{detail}" if detail else found.intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("5.1 3.5 1.4 0.2", "predict_iris"),
        ("6.4|2.9|4.3|1.3", "predict_iris"),
        ("classify a flower with k=7", "predict_iris"),
        ("5.1 3.5 1.4 0.2 with k=5", "predict_iris"),
        ("with k=7", "set_k"),
        ("4", "lone_number"),
        ("what is the 42 about", "ask_concept"),
        ("the shape is (64, 3), why", "ask_concept"),
    ],
)
def test_numbers_at_the_start(stages: Stages, text: str, intent: str) -> None:
    unclear = ("nlu_fallback", "unknown_name", "out_of_scope")
    found = meant(stages, text, START)
    assert found == intent or (intent == "ask_concept" and found in unclear)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("let's say 6", "inform_measurement"),
        ("4", "inform_measurement"),
        ("hm dunno, let me measure", "inform_measurement"),
        ("i don't know", "inform_measurement"),
        ("what is overfitting?", "ask_concept"),
    ],
)
def test_what_is_said_while_a_measurement_is_asked_for(
    stages: Stages, text: str, intent: str
) -> None:
    assert meant(stages, text, FORM) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("same flower but petal width 1.6", "inform_measurement"),
        ("and what about 9 neighbours", "set_k"),
        ("back to k=3", "set_k"),
        ("and euclidean?", "try_iris/euclidean"),
        ("turn the weights off again", "try_iris/equal_votes"),
        ("is it any better now", "try_iris/why_changed"),
        ("do leave one out", "try_iris/leave_one_out"),
        ("which settings are on", "try_iris/settings"),
        ("what did we try so far", "try_iris/tried"),
        ("was any of them wrong", "try_iris/errors"),
        ("run both flowers again", "try_iris/flowers"),
        ("show me the confusion matrix", "show_picture/confusion"),
        ("how sure are you", "ask_iris_neighbours"),
        ("what is overfitting?", "ask_concept"),
        ("thanks a lot", "thank"),
    ],
)
def test_after_a_flower_words_are_about_the_model(stages: Stages, text: str, intent: str) -> None:
    assert meant(stages, text, FLOWER) == intent


def test_what_the_lab_does_not_mean_is_left_to_the_other_kinds() -> None:
    kinds = [("greet", 0.6), ("set_k", 0.3), ("thank", 0.1)]
    ranking = dict(joined({"set_k": 0.2, ELSEWHERE: 0.8}, kinds))
    assert ranking["set_k"] == pytest.approx(0.2)
    assert ranking["greet"] == pytest.approx(0.8 * 0.6 / 0.7)
    assert sum(ranking.values()) == pytest.approx(1)


def test_every_example_has_a_place_and_a_label_of_the_lab() -> None:
    for place, example in said_in_lab():
        assert place in PLACES
        assert example.label == ELSEWHERE or is_of_lab(example.label)


def test_a_flower_has_three_measurements_or_more() -> None:
    assert holds_flower(find_entities("5.1 3.5 1.4"))
    assert not holds_flower(find_entities("5.1 3.5"))
    assert not holds_flower([])


LATELY = Talk(("k_nearest_neighbours", "iris_knn"), lately=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("undo that", "try_iris/undo"),
        ("turn it off again", "try_iris/undo"),
        ("take nine then", "set_k"),
        ("how many votes", "ask_iris_neighbours"),
        ("which species does it mix up", "show_picture/confusion"),
        ("those were in inches", "inform_measurement"),
    ],
)
@pytest.mark.parametrize("talk", [FLOWER, LATELY])
def test_short_wishes_after_a_flower_and_a_few_turns_later(
    stages: Stages, text: str, found: str, talk: Talk
) -> None:
    assert meant(stages, text, talk) == found


def test_a_follow_up_on_what_was_told_since_leaves_the_lab(stages: Stages) -> None:
    talk = Talk(("confusion_matrix", "iris_knn"), lately=True)
    assert meant(stages, "show me a picture", talk) == "follow_up"
    assert meant(stages, "tell me more", talk) == "follow_up"


@pytest.mark.parametrize("text", ["thx", "3 out of 3 right!", "that's much worse"])
def test_small_talk_and_opinions_in_the_lab_change_nothing(stages: Stages, text: str) -> None:
    found = meant(stages, text, FLOWER)
    assert found == "try_iris/why_changed" or found.partition("/")[0] not in (
        *("try_iris", "set_k", "state_opinion", "classify_review"),
    )


def test_a_review_that_is_awaited_is_not_heard_as_a_wish_of_the_lab() -> None:
    assert place_of(Talk(("imdb_layers",), form="review_form", lately=True)) == PLACES[0]
    assert place_of(LATELY) == PLACES[2]


def test_a_wish_at_the_start_is_told_apart_by_the_lab() -> None:
    kinds = [("try_iris/petals", 0.4), ("ask_concept", 0.4), ("try_iris/sepals", 0.2)]
    shares = {"try_iris/petals": 0.1, "try_iris/sepals": 0.4, ELSEWHERE: 0.5}
    likely = dict(joined(likened(shares, kinds), kinds))
    assert likely["ask_concept"] == pytest.approx(0.4)
    assert likely["try_iris/sepals"] == pytest.approx(0.48)
