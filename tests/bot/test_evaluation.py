"""What counts as right: single questions and turns of a dialogue, made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from bot.evaluation.dialogues import _meets
from bot.evaluation.questions import Question, judge
from bot.evaluation.turns import Turn

FLOWER = [5.1, 3.5, 1.4, 0.2]


def turn(
    *responses: str,
    actions: tuple[str, ...] = (),
    intent: str = "ask_concept",
    texts: tuple[str, ...] = ("something",),
    **slots: Any,
) -> Turn:
    return Turn(intent, 0.9, actions, responses, slots, texts, ())


def telling(*recent: str, response: str = "utter_concept_definition", **more: Any) -> Turn:
    return turn(response, actions=("action_answer_concept",), knowledge_recent=[*recent], **more)


OFFERED = turn("utter_did_you_mean", actions=("action_offer_concepts",), intent="nlu_fallback")
UNKNOWN = turn("utter_unknown_name", actions=("action_offer_concepts",), intent="unknown_name")
DECLINED = turn("utter_out_of_scope", actions=("action_small_talk",), intent="out_of_scope")
OTHER = turn("utter_greet", actions=("action_small_talk",), knowledge_recent=["dropout"])


@pytest.mark.parametrize(
    ("concepts", "together", "answer", "outcome"),
    [
        (("dropout",), False, telling("dropout"), "right"),
        (("dropout",), False, telling("gpu", "dropout"), "wrong"),
        (("dropout", "gpu"), False, telling("gpu"), "right"),
        (("dropout",), False, telling("bagging|boosting"), "wrong"),
        (("boosting",), False, telling("bagging|boosting"), "right"),
        (("bagging", "boosting"), True, telling("bagging|boosting"), "right"),
        (("bagging", "boosting"), True, telling("boosting"), "wrong"),
        (
            ("dropout", "gpu"),
            True,
            telling("dropout", "gpu", "adam", response="utter_side_by_side"),
            "right",
        ),
        (
            ("dropout", "adam"),
            True,
            telling("dropout", "gpu", "adam", response="utter_side_by_side"),
            "wrong",
        ),
        (("dropout",), False, OFFERED, "asked"),
        (("dropout",), False, UNKNOWN, "declined"),
        (("dropout",), False, DECLINED, "declined"),
        (("dropout",), False, OTHER, "wrong"),  # spoken of before, not told now
        ((), False, DECLINED, "right"),
        ((), False, UNKNOWN, "right"),
        ((), False, OFFERED, "asked"),
        ((), False, telling("dropout"), "wrong"),
        ((), False, OTHER, "wrong"),
        ((), False, turn("utter_empty_message", intent="empty_message"), "right"),
        (("dropout",), False, turn("utter_too_long", intent="too_long"), "declined"),
    ],
)
def test_a_question_is_right_asked_declined_or_wrong(
    concepts: tuple[str, ...], together: bool, answer: Turn, outcome: str
) -> None:
    assert judge(Question("?", concepts, together), answer) == outcome


@pytest.mark.parametrize(
    ("raw", "concepts", "together"),
    [
        ({"ask": "x", "concept": "gpu"}, ("gpu",), False),
        ({"ask": "x", "concept": ["gpu", "tpu"]}, ("gpu", "tpu"), False),
        ({"ask": "x", "concepts": ["gpu", "tpu"], "compare": True}, ("gpu", "tpu"), True),
        ({"ask": "x"}, (), False),
    ],
)
def test_a_question_is_read(raw: dict[str, Any], concepts: tuple[str, ...], together: bool) -> None:
    assert Question.read(raw) == Question("x", concepts, together)


WHY = telling("dropout", response="utter_concept_side", knowledge_told=["definition", "why"])
LACKING = telling("gpu", response="utter_concept_lacks", knowledge_told=["how"])
PREDICTED = turn(
    "utter_iris_result", actions=("action_predict_iris",), iris_flower=FLOWER, iris_k=5
)
ASKING = turn("utter_iris_ask_petal_width", requested_slot="iris_petal_width")
NEGATIVE = turn("utter_review_words_blame", "utter_review_negative")


@pytest.mark.parametrize(
    ("expected", "answer", "is_met"),
    [
        ({}, DECLINED, True),
        ({"concept": "dropout"}, WHY, True),
        ({"concept": ["gpu", "dropout"]}, WHY, True),
        ({"concept": "gpu"}, WHY, False),
        ({"concept": "dropout"}, OTHER, False),
        ({"concept": "dropout", "facet": "why"}, WHY, True),
        ({"concept": "dropout", "facet": "code"}, WHY, False),
        ({"concept": "gpu", "facet": "why"}, WHY, False),
        ({"facet": "formula"}, LACKING, True),
        ({"facet": "code", "facet_ok": ["why"]}, WHY, True),
        ({"concept": "gpu", "facet": "code", "facet_ok": ["why"]}, WHY, False),
        ({"facet": "simpler"}, telling("gpu", knowledge_told=["simple"]), True),
        ({"facet": "symptom"}, telling("gpu", knowledge_told=["when"]), True),
        ({"facet": "comparison"}, telling("bagging|boosting"), True),
        ({"facet": "comparison"}, telling("bagging"), False),
        ({"kind": "off_topic"}, DECLINED, True),
        ({"kind": "off_topic"}, WHY, False),
        ({"kind": "unknown_name"}, UNKNOWN, True),
        ({"kind": "clarify"}, OFFERED, True),
        ({"concept": "gpu", "kind_ok": ["clarify"]}, OFFERED, True),
        ({"concept": "gpu", "kind_ok": ["clarify"]}, WHY, False),
        ({"kind": "greeting"}, OTHER, True),
        ({"kind": "path"}, turn("utter_path", actions=("action_tell_path",)), True),
        ({"kind": "sum"}, turn("utter_sum", actions=("action_work_sum",)), True),
        ({"kind": "topic_list"}, turn("utter_area_choices"), True),
        ({"kind": "help"}, turn("utter_area_choices", actions=("action_list_concepts",)), True),
        ({"kind": "asks_flower"}, ASKING, True),
        ({"kind": "asks_review"}, ASKING, False),
        ({"asks": "petal_width"}, ASKING, True),
        ({"asks": "petal_length"}, ASKING, False),
        ({"rejects": True}, turn("utter_iris_wrong_zero"), True),
        ({"rejects": True}, ASKING, False),
        ({"sentiment": "negative"}, NEGATIVE, True),
        ({"sentiment": "positive"}, NEGATIVE, False),
        ({"measurements": FLOWER, "k": 5}, PREDICTED, True),
        ({"measurements": [5.11, 3.5, 1.4, 0.2]}, PREDICTED, True),
        ({"measurements": [5.3, 3.5, 1.4, 0.2]}, PREDICTED, False),
        ({"measurements": FLOWER, "k": 3}, PREDICTED, False),
        ({"measurements": FLOWER}, turn("utter_greet", iris_flower=FLOWER), False),
        ({"k": 3}, DECLINED, True),
    ],
)
def test_a_turn_is_what_was_expected_or_not(
    expected: dict[str, Any], answer: Turn, is_met: bool
) -> None:
    assert _meets(expected, answer) is is_met


def test_what_is_said_again_counts_as_told() -> None:
    again = turn("", actions=("action_follow_up",), knowledge_recent=["dropout"])
    assert _meets({"concept": "dropout", "facet": "repeat"}, again)


def test_a_side_that_was_told_turns_ago_does_not_count() -> None:
    sides = ["code", "definition", "example", "why"]
    assert not _meets({"facet": "code"}, telling("gpu", knowledge_told=sides))
