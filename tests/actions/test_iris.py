"""The Iris demo's actions: the form, corrections, experiments, pictures and scripts."""

from __future__ import annotations

import asyncio
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import drawings, iris_experiments, iris_state
from actions import iris as form
from actions.accuracy import ActionReportAccuracy
from actions.iris_state import SLOTS, recipe_of
from actions.iris_telling import tell_why
from actions.pictures import find
from models import iris
from models.iris.text import read_experiment
from tests.actions.talking import DOMAIN, Conversation, responses

WHY = "ask_iris_neighbours"
FLOWER = [6.0, 2.7, 5.1, 1.6]
LAST_PLACE = [5.5, 2.6, 4.7, 1.6]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))
    return tmp_path


def test_four_numbers_fill_the_form() -> None:
    talk = Conversation()
    talk.say("5.1 3.5 1.4 0.2", "predict_iris", 5.1, 3.5, 1.4, 0.2)
    assert talk.run(form.ValidateIrisForm()) == []
    assert [talk.slots[slot] for slot in SLOTS] == [5.1, 3.5, 1.4, 0.2]


def test_labelled_numbers_go_where_they_belong_and_the_others_stay() -> None:
    talk = Conversation(iris_sepal_length=5.1, requested_slot="iris_sepal_width")
    talk.say("petal width 0.2", "inform_measurement", ("petal_width", 0.2))
    talk.run(form.ValidateIrisForm())
    assert talk.slots["iris_petal_width"] == 0.2
    assert talk.slots["iris_sepal_length"] == 5.1
    assert talk.slots.get("iris_sepal_width") is None


def test_a_lone_number_answers_what_was_asked() -> None:
    talk = Conversation(iris_sepal_length=5.1, requested_slot="iris_petal_length")
    talk.say("1.4", "inform_measurement", 1.4)
    talk.run(form.ValidateIrisForm())
    assert talk.slots["iris_petal_length"] == 1.4


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-1, "negative"),
        (0, "zero"),
        (1000, "too_large"),
        ("nan", "not_a_number"),
    ],
)
def test_a_wrong_value_gets_its_reason_and_nothing_is_lost(value: Any, reason: str) -> None:
    talk = Conversation(iris_sepal_length=5.1, requested_slot="iris_sepal_width")
    talk.say(str(value), "inform_measurement", value)
    said = talk.run(form.ValidateIrisForm())
    assert responses(said) == [f"utter_iris_wrong_{reason}"]
    assert "sepal width" in said[0]["said"]
    assert "2 to 4.4" in said[0]["said"]
    assert talk.slots["iris_sepal_length"] == 5.1
    assert {"event": "slot", "timestamp": None, "name": "iris_sepal_width", "value": None} in (
        talk.returned
    )


def test_what_is_kept_beside_a_wrong_value_is_said() -> None:
    talk = Conversation()
    talk.say("5.1 0 1.4 0.2", "predict_iris", 5.1, 0, 1.4, 0.2)
    said = talk.run(form.ValidateIrisForm())
    assert responses(said) == ["utter_iris_wrong_zero", "utter_iris_so_far"]
    assert "petal width 0.2 cm" in said[1]["said"]


def test_a_correction_inside_the_form_changes_the_value_before() -> None:
    talk = Conversation(requested_slot="iris_sepal_width")
    talk.fill(iris_sepal_length=59.0)
    talk.say("no, 5.9", "inform_measurement", 5.9)
    talk.run(form.ValidateIrisForm())
    assert talk.slots["iris_sepal_length"] == 5.9
    assert talk.slots.get("iris_sepal_width") is None


def test_after_a_refused_value_sorry_answers_the_same_question() -> None:
    talk = Conversation(iris_sepal_length=5.1, requested_slot="iris_sepal_width")
    talk.fill(iris_sepal_width=None)
    talk.say("sorry, 3.5", "inform_measurement", 3.5)
    talk.run(form.ValidateIrisForm())
    assert talk.slots["iris_sepal_width"] == 3.5
    assert talk.slots["iris_sepal_length"] == 5.1


def test_sorry_with_the_value_that_was_forgotten_is_no_correction() -> None:
    talk = Conversation(requested_slot="iris_petal_width")
    talk.fill(iris_sepal_length=7.7, iris_sepal_width=2.6, iris_petal_length=6.9)
    talk.say("oh sorry, 2.3", "inform_measurement", 2.3)
    talk.run(form.ValidateIrisForm())
    assert talk.slots["iris_petal_width"] == 2.3
    assert talk.slots["iris_petal_length"] == 6.9


def test_the_width_is_the_petals_while_the_petal_is_asked_for() -> None:
    talk = Conversation(
        iris_sepal_length=5.0, iris_sepal_width=3.5, requested_slot="iris_petal_length"
    )
    talk.say("1.3 and the width is 0.3", "inform_measurement", 1.3, ("sepal_width", 0.3))
    talk.run(form.ValidateIrisForm())
    assert [talk.slots[slot] for slot in SLOTS] == [5.0, 3.5, 1.3, 0.3]


def test_too_many_numbers_are_not_guessed() -> None:
    talk = Conversation(requested_slot="iris_sepal_length")
    talk.say("1 2 3 4 5", "predict_iris", 1, 2, 3, 4, 5)
    assert responses(talk.run(form.ValidateIrisForm())) == ["utter_iris_too_many"]
    assert all(talk.slots.get(slot) is None for slot in SLOTS)


def test_several_flowers_are_a_table_and_the_first_whole_one_is_told_in_full() -> None:
    talk = Conversation()
    rows = [[5.1, None, 1.4, 0.2], FLOWER, [5.1, 3.5, 0, 0.2], [6.7, 3.0, 5.2, 2.3]]
    talk.say("four rows", "predict_iris", flowers=rows, k="1")
    table = talk.run(form.ValidateIrisForm())[0]["said"]
    for row in (
        "| 1 | 5.1 × ?, 1.4 × 0.2 | no usable sepal width | – |",
        "| 2 | 6 × 2.7, 5.1 × 1.6 | versicolor | 100 % |",
        "| 3 | 5.1 × 3.5, ? × 0.2 | no usable petal length | – |",
        "| 4 | 6.7 × 3, 5.2 × 2.3 | virginica | 100 % |",
    ):
        assert row in table
    assert "Flower 2" in table
    talk.run(form.ActionPredictIris())
    assert talk.slots["iris_flower"] == FLOWER


def test_eight_bare_numbers_are_two_flowers_and_an_open_first_one_is_asked_for() -> None:
    talk = Conversation()
    talk.say("eight numbers", "predict_iris", *FLOWER, 6.7, 3.0, 5.2, 2.3)
    assert (
        "| 2 | 6.7 × 3, 5.2 × 2.3 | virginica | 100 % |"
        in (talk.run(form.ValidateIrisForm())[0]["said"])
    )
    talk.say("two rows", "predict_iris", flowers=[[5.1, 3.5, None, 0.2], [None, 3, 1, 1]])
    talk.run(form.ValidateIrisForm())
    assert [talk.slots[slot] for slot in SLOTS] == [5.1, 3.5, None, 0.2]


def test_text_where_a_number_belongs_is_said_so() -> None:
    talk = Conversation(requested_slot="iris_sepal_length")
    talk.say("rather long", "out_of_scope", answers="iris_form")
    assert responses(talk.run(form.ValidateIrisForm())) == ["utter_iris_no_number"]


@pytest.mark.parametrize("intent", ["ask_concept", "cancel", "ask_accuracy", "greet", "try_iris"])
def test_a_question_in_between_is_left_to_its_own_rule(intent: str) -> None:
    talk = Conversation(requested_slot="iris_sepal_length")
    talk.say("something else", intent)
    assert talk.run(form.ValidateIrisForm()) == []
    assert talk.returned == []


def test_the_numbers_of_an_experiment_are_no_measurements() -> None:
    talk = Conversation(requested_slot="iris_sepal_length")
    talk.say("train on 60 %", "try_iris", 60, experiment="split")
    talk.run(form.ValidateIrisForm())
    assert talk.returned == []


def test_asking_names_the_usual_range_and_shows_where_to_measure_once() -> None:
    talk = Conversation()
    talk.events.append({"event": "active_loop", "name": "iris_form"})
    talk.say("iris", "predict_iris")
    first = talk.run(form.ActionAskPetalWidth())[0]
    assert "0.1 to 2.5" in first["said"]
    assert find(first["image"])
    again = talk.run(form.ActionAskPetalWidth())[0]
    assert not again.get("image")


def test_the_result_teaches() -> None:
    talk = Conversation(**dict(zip(SLOTS, FLOWER, strict=True)), iris_units=["mm"])
    talk.say("1.6", "inform_measurement", 1.6)
    message = talk.run(form.ActionPredictIris())[0]
    said = message["said"]
    answer = iris.predict(iris.Flower(*FLOWER))
    assert f"Iris {answer.species}" in said
    assert "2 of the 3" in said
    assert "close" in said
    assert "versicolor (k = 1)" in said
    assert "millimetres" in said
    for neighbour in answer.neighbours:
        assert f"{neighbour.distance:.2f}" in said
    assert find(message["image"])
    assert talk.slots["iris_flower"] == FLOWER
    assert all(talk.slots[slot] is None for slot in SLOTS)
    assert len(said) <= 4096


def test_a_flower_outside_the_data_is_remarked_upon() -> None:
    talk = Conversation(**dict(zip(SLOTS, [9.0, 3.0, 6.0, 2.0], strict=True)))
    talk.say("2", "inform_measurement", 2)
    assert "never seen" in talk.run(form.ActionPredictIris())[0]["said"]


@pytest.mark.parametrize(
    ("flower", "recipe", "said"),
    [
        ([7.9, 2.0, 1.0, 2.5], {}, "together they are not"),
        ([5.1, 3.5, 1.4, 0.2], {}, "one that the model trained on: a setosa"),
        (FLOWER, {}, "it is a **versicolor**"),
        (FLOWER, {"iris_k": 2}, "comes first in its list"),
        (FLOWER, {"iris_weighted": True}, "counts more"),
        (LAST_PLACE, {}, "The last place is tied"),
    ],
)
def test_what_is_special_about_a_flower_is_said(
    flower: list[float], recipe: dict[str, Any], said: str
) -> None:
    talk = Conversation(**dict(zip(SLOTS, flower, strict=True)), **recipe)
    talk.say("2", "inform_measurement", 2)
    assert said in talk.run(form.ActionPredictIris())[0]["said"]


def test_many_neighbours_still_fit_into_a_message() -> None:
    talk = Conversation(**dict(zip(SLOTS, FLOWER, strict=True)), iris_k=120)
    talk.say("1.6", "inform_measurement", 1.6)
    said = talk.run(form.ActionPredictIris())[0]["said"]
    assert "110 more" in said
    assert len(said) <= 4096


def test_a_labelled_correction_changes_the_last_flower_and_says_what_it_changed() -> None:
    talk = Conversation(iris_flower=FLOWER)
    talk.say("no, petal width 1.8", "inform_measurement", ("petal_width", 1.8))
    assert "petal width 1.6 → 1.8 cm" in talk.run(form.ActionCorrectIris())[0]["said"]
    assert talk.slots["iris_flower"] == [6.0, 2.7, 5.1, 1.8]


def test_a_bare_correction_changes_what_was_answered_last() -> None:
    talk = Conversation(iris_flower=FLOWER, iris_answered="petal_width")
    talk.say("no, 1.8", "inform_measurement", 1.8)
    talk.run(form.ActionCorrectIris())
    assert talk.slots["iris_flower"] == [6.0, 2.7, 5.1, 1.8]


def test_a_bare_correction_of_four_at_once_is_asked_about() -> None:
    talk = Conversation(iris_flower=FLOWER)
    talk.say("no, 1.8", "inform_measurement", 1.8)
    assert responses(talk.run(form.ActionCorrectIris())) == ["utter_iris_which_measurement"]
    assert talk.slots["iris_flower"] == FLOWER


def test_who_began_in_millimetres_goes_on_in_them() -> None:
    talk = Conversation(requested_slot="iris_sepal_width", iris_sepal_length=5.1, iris_units=["mm"])
    talk.say("35", "inform_measurement", 35.0)
    talk.run(form.ValidateIrisForm())
    assert talk.slots["iris_sepal_width"] == 3.5


def test_a_refused_correction_is_what_the_next_number_mends() -> None:
    talk = Conversation(iris_flower=FLOWER)
    talk.say("petal width -1.8", "inform_measurement", ("petal_width", -1.8))
    assert responses(talk.run(form.ActionCorrectIris())) == ["utter_iris_wrong_negative"]
    talk.say("1.8 without the minus", "inform_measurement", 1.8)
    talk.run(form.ActionCorrectIris())
    assert talk.slots["iris_flower"] == [6.0, 2.7, 5.1, 1.8]


def test_a_remark_about_the_last_flower_opens_no_form() -> None:
    talk = Conversation(iris_flower=FLOWER)
    talk.say("the paper says 0.3 for the width", "inform_measurement")
    assert responses(talk.run(form.ActionCorrectIris())) == ["utter_iris_which_measurement"]
    talk.loop = {"name": "iris_form"}
    assert talk.run(form.ActionCorrectIris()) == []


def test_a_first_measurement_opens_the_form() -> None:
    talk = Conversation()
    talk.say("petal width 1.8", "inform_measurement", ("petal_width", 1.8))
    talk.run(form.ActionCorrectIris())
    assert talk.returned == [{"event": "followup", "timestamp": None, "name": "iris_form"}]


@pytest.mark.parametrize("given", ["0", "-3", "10000", "abc", "2.5"])
def test_a_wrong_k_names_the_range_and_changes_nothing(given: str) -> None:
    talk = Conversation(iris_flower=FLOWER)
    talk.say(f"k={given}", "set_k", k=given)
    said = talk.run(iris_experiments.ActionSetIrisK())
    assert responses(said) == ["utter_iris_wrong_k"]
    assert "1 to 120" in said[0]["said"]
    assert given in said[0]["said"]
    assert talk.slots.get("iris_k") is None


def test_another_k_answers_again() -> None:
    talk = Conversation(iris_flower=FLOWER)
    talk.say("k=1", "set_k", k="1")
    said = talk.run(iris_experiments.ActionSetIrisK())
    assert "versicolor" in said[0]["said"]
    assert talk.slots["iris_k"] == 1


def test_each_k_of_a_message_is_tried_and_the_last_one_stays() -> None:
    talk = Conversation(iris_flower=FLOWER)
    talk.say("with k 1 and then k 11", "set_k", k="1")
    talk.message["entities"].append({"entity": "k", "value": "11"})
    said = talk.run(iris_experiments.ActionSetIrisK())
    assert responses(said) == ["utter_iris_result", "utter_iris_result", "utter_iris_k_scores"]
    assert "versicolor" in said[0]["said"]
    assert talk.slots["iris_k"] == 11


def test_another_k_comes_with_how_many_test_flowers_are_right() -> None:
    talk = Conversation()
    talk.say("what does k=100 do to the accuracy", "set_k", k="100")
    (said,) = talk.run(iris_experiments.ActionSetIrisK())
    assert "9 of 30 (k = 100)" in said["said"] and "30 of 30 (k = 3)" in said["said"]
    talk.say("and k=100", "set_k", k="100")
    assert responses(talk.run(iris_experiments.ActionSetIrisK())) == ["utter_iris_k_score"]


def test_the_settings_are_told() -> None:
    talk = Conversation(iris_k=9, iris_scaled=True)
    talk.say("which settings are on", "try_iris", experiment="settings")
    (said,) = talk.run(iris_experiments.ActionTryIris())
    assert "k = 9" in said["said"] and "scaled features" in said["said"]


def test_two_conversations_do_not_share_their_k() -> None:
    one, other = Conversation(iris_flower=FLOWER), Conversation(iris_flower=FLOWER)
    one.say("k=1", "set_k", k="1")
    one.run(iris_experiments.ActionSetIrisK())
    other.say("why", "ask_iris_neighbours")
    assert "virginica" in other.run(iris_experiments.ActionShowIrisNeighbours())[0]["said"]


def test_the_neighbours_of_no_flower_cannot_be_shown() -> None:
    talk = Conversation()
    talk.say("which flowers decided", "ask_iris_neighbours")
    said = talk.run(iris_experiments.ActionShowIrisNeighbours())
    assert responses(said) == ["utter_iris_no_flower_yet"]


def test_an_explanation_shows_the_neighbours_and_how_far_another_answer_was() -> None:
    talk = Conversation(iris_flower=FLOWER)
    talk.say("explain that answer", "ask_iris_neighbours")
    (message,) = talk.run(iris_experiments.ActionShowIrisNeighbours())
    assert find(message["image"])
    for neighbour in iris.predict(iris.Flower(*FLOWER)).neighbours:
        assert f"{neighbour.distance:.2f}" in message["said"]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("train on 60 %", "split", iris.Recipe(test_share=0.4)),
        ("test size 0.3", "split", iris.Recipe(test_share=0.3)),
        ("a 70/30 split", "split", iris.Recipe(test_share=0.3)),
        ("train on 100 flowers", "split", iris.Recipe(test_share=0.3333)),
        ("use seed 7", "another_split", iris.Recipe(seed=7)),
        ("another split", "another_split", iris.Recipe(seed=43)),
        ("scale the features", "scale", iris.Recipe(scaled=True)),
        ("use manhattan distance", "manhattan", iris.Recipe(metric="manhattan")),
        ("chebyshev please", "chebyshev", iris.Recipe(metric="chebyshev")),
        ("nearer ones should count more", "by_distance", iris.Recipe(weighted=True)),
        ("only the petals", "petals", iris.Recipe(features="petals")),
        ("only the sepals", "sepals", iris.Recipe(features="sepals")),
    ],
)
def test_an_experiment_changes_the_recipe_and_reports_both_scores(
    text: str, kind: str, expected: iris.Recipe
) -> None:
    talk = Conversation()
    talk.say(text, "try_iris", experiment=kind)
    said = talk.run(iris_experiments.ActionTryIris())[0]["said"]
    score = iris.accuracy(expected)
    assert f"{score.correct} of {score.total} right" in said
    assert f"{100 * score.cross_validation.mean:.1f} %" in said
    assert recipe_of(talk.tracker()) == expected


def test_an_experiment_that_changes_nothing_says_so() -> None:
    talk = Conversation()
    talk.say("unscale", "try_iris", experiment="unscale")
    assert "nothing changes" in talk.run(iris_experiments.ActionTryIris())[0]["said"]


def test_every_change_has_its_words() -> None:
    assert all(f"utter_iris_tried_{kind}" in DOMAIN["responses"] for kind in iris_state.CHANGES)
    settings = ("split", "scaled", "unscaled", "weighted", "petals", "sepals", *iris.METRICS[1:])
    assert all(f"utter_iris_setting_{name}" in DOMAIN["responses"] for name in settings)


@pytest.mark.parametrize("change", iris_state.CHANGES)
def test_why_it_changes_compares_before_and_after(change: str) -> None:
    talk = Conversation(iris_flower=FLOWER, iris_k=1, iris_scaled=True, iris_metric="manhattan")
    talk.fill(iris_weighted=True, iris_features="sepals", iris_test_share=0.4, iris_seed=1)
    if change in ("scale", "by_distance", "sepals", "manhattan"):
        talk.fill(iris_scaled=False, iris_weighted=False, iris_features="all", iris_metric=None)
    before = recipe_of(talk.tracker())
    talk.say(change, "try_iris", experiment=change)
    talk.run(iris_experiments.ActionTryIris())
    talk.say("why does it change?", "try_iris", experiment="why_changed")
    said = talk.run(iris_experiments.ActionTryIris())[0]["said"]
    for recipe in (before, recipe_of(talk.tracker())):
        answer, score = iris.predict(iris.Flower(*FLOWER), recipe), iris.accuracy(recipe)
        assert f"{answer.species} ({100 * answer.probability:.0f} %)" in said
        assert f"{score.correct} of {score.total} right" in said


def test_without_a_change_there_is_nothing_to_compare() -> None:
    talk = Conversation()
    talk.say("why does it change?", "try_iris", experiment="why_changed")
    assert responses(talk.run(iris_experiments.ActionTryIris())) == ["utter_iris_nothing_changed"]


def test_fitting_and_leaving_one_out_report_what_was_found() -> None:
    talk = Conversation(iris_k=7)
    talk.say("refit the model", "try_iris", experiment="fit")
    said = talk.run(iris_experiments.ActionTryIris())[0]["said"]
    assert "29 of 30 right" in said
    assert "120 training flowers" in said
    talk.say("leave one out", "try_iris", experiment="leave_one_out")
    score = iris.leave_one_out(iris.Recipe(k=7))
    said = talk.run(iris_experiments.ActionTryIris())[0]["said"]
    assert f"{score.correct} of 150 right" in said
    talk.say("the code", "try_iris", experiment="code")
    assert "LeaveOneOut" in talk.run(iris_experiments.ActionTryIris())[0]["said"]


def test_resetting_everything_forgets_settings_flower_and_form() -> None:
    talk = Conversation(iris_k=9, iris_flower=FLOWER, knowledge_recent=["dropout"])
    talk.loop = {"name": "iris_form"}
    talk.say("reset everything", "try_iris", experiment="forget")
    assert "k = 3" in talk.run(iris_experiments.ActionTryIris())[0]["said"]
    assert not any(talk.slots.values())
    assert [event["event"] for event in talk.returned if event["event"] != "slot"] == [
        "active_loop"
    ]


@pytest.mark.parametrize(("k", "compared"), [("7", [3, 7]), ("3", [3])])
def test_a_k_is_compared_with_the_present_one(k: str, compared: list[int]) -> None:
    talk = Conversation(iris_scaled=True)
    talk.say(f"compare it with k {k}", "try_iris", experiment="compare_with", k=k)
    said = talk.run(iris_experiments.ActionTryIris())[0]["said"]
    assert [n for n in range(1, 16) if f"| {n} |" in said] == compared
    assert "scaled features" in said
    assert "120 training flowers" in said


def test_the_accuracy_of_another_k_is_told_and_nothing_is_changed() -> None:
    talk = Conversation()
    talk.say("how accurate is it with k=7", "ask_accuracy", model="both", k="7")
    said = talk.run(ActionReportAccuracy())
    assert responses(said) == ["utter_accuracy_iris", "utter_accuracy_other_k"]
    assert "29 of 30" in said[0]["said"]
    assert "iris_k" not in talk.slots
    talk.say("the code", "try_iris", experiment="code")
    assert "n_neighbors=7" in talk.run(iris_experiments.ActionTryIris())[0]["said"]


@pytest.mark.parametrize(
    ("also", "second"),
    [
        ({"intent": "show_picture", "picture": "confusion"}, "utter_picture_confusion"),
        ({"intent": "ask_accuracy", "model": "iris"}, "utter_accuracy_iris"),
        ({"intent": "try_iris", "experiment": "fit"}, "utter_iris_fitted"),
        ({"intent": "set_k", "k": "5"}, "utter_iris_k_scores"),
    ],
)
def test_two_wishes_are_both_done(also: dict[str, str], second: str) -> None:
    talk = Conversation()
    talk.say("scale, and then", "try_iris", experiment="scale", also=[also])
    said = talk.run(iris_experiments.ActionTryIris())
    assert responses(said) == ["utter_iris_tried", second]
    assert recipe_of(talk.tracker()).scaled


def test_the_confusion_matrix_is_a_table_too() -> None:
    talk = Conversation()
    talk.say("confusion matrix for k=7", "show_picture", picture="confusion", k="7")
    assert "| versicolor | 0 | 8 | 1 |" in talk.run(drawings.ActionShowPicture())[0]["said"]


def test_the_articles_recipe_comes_back() -> None:
    talk = Conversation(iris_k=9, iris_seed=1, iris_scaled=True, iris_test_share=0.5)
    talk.say("reset", "try_iris", experiment="reset")
    assert "30 of 30" in talk.run(iris_experiments.ActionTryIris())[0]["said"]
    assert (talk.slots["iris_k"], talk.slots["iris_seed"]) == (3, 42)


@pytest.mark.parametrize(
    ("text", "intent", "experiment"),
    [
        ("use k=7 and scale the features", "try_iris", "scale"),
        ("k=7 with 40% for testing", "set_k", None),
        ("train on 60 % with k=7", "try_iris", "split"),
    ],
)
def test_another_k_and_an_experiment_in_one_message_are_both_done(
    text: str, intent: str, experiment: str | None
) -> None:
    talk = Conversation()
    talk.say(text, intent, k="7", **({"experiment": experiment} if experiment else {}))
    talk.run(iris_experiments.ActionTryIris() if experiment else iris_experiments.ActionSetIrisK())
    assert talk.slots["iris_k"] == 7
    assert talk.slots["iris_scaled"] is (experiment == "scale")
    assert talk.slots["iris_test_share"] == pytest.approx(0.2 if experiment == "scale" else 0.4)


def test_a_split_too_small_for_k_is_refused() -> None:
    talk = Conversation(iris_k=50)
    talk.say("train on 20 %", "try_iris", experiment="split")
    said = talk.run(iris_experiments.ActionTryIris())
    assert responses(said) == ["utter_iris_split_too_small"]
    assert "30" in said[0]["said"]
    assert "iris_test_share" not in talk.slots


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("train on 0 %", "utter_iris_wrong_share"),
        ("train on 100 %", "utter_iris_wrong_share"),
        ("train on less", "utter_iris_which_share"),
        ("seed -5", "utter_iris_wrong_seed"),
    ],
)
def test_an_impossible_split_is_explained(text: str, response: str) -> None:
    talk = Conversation()
    talk.say(text, "try_iris", experiment="split")
    assert responses(talk.run(iris_experiments.ActionTryIris())) == [response]


def test_comparing_k_gives_a_table_a_picture_and_its_script() -> None:
    talk = Conversation()
    talk.say("compare k from 1 to 5", "try_iris", experiment="compare_k")
    said = talk.run(iris_experiments.ActionTryIris())
    assert responses(said) == ["utter_iris_compared", "utter_picture_accuracy"]
    assert [f"| {k} |" in said[0]["said"] for k in range(1, 7)] == [True] * 5 + [False]
    assert find(said[1]["image"])
    talk.say("show me the code for what you just did", "try_iris", experiment="code")
    code = talk.run(iris_experiments.ActionTryIris())[0]
    assert code["response"] == "utter_iris_code_comparison"
    assert "range(1, 6)" in code["said"]


def test_the_script_is_that_of_the_last_experiment() -> None:
    talk = Conversation(iris_flower=FLOWER, iris_k=1)
    talk.say("why", "ask_iris_neighbours")
    talk.run(iris_experiments.ActionShowIrisNeighbours())
    talk.say("the code", "try_iris", experiment="code")
    said = talk.run(iris_experiments.ActionTryIris())[0]["said"]
    assert iris.script("prediction", iris.Recipe(k=1), iris.Flower(*FLOWER)) in said
    talk.say("which features matter", "try_iris", experiment="features")
    talk.run(iris_experiments.ActionTryIris())
    talk.say("the code", "try_iris", experiment="code")
    said = talk.run(iris_experiments.ActionTryIris())[0]["said"]
    assert iris.script("features", iris.Recipe(k=1)) in said


@pytest.mark.parametrize(
    "kind",
    [
        "among",
        "regions",
        "accuracy",
        "confusion",
        "features",
        "anatomy",
        "steps",
        "nested",
        "chart",
        "network",
    ],
)
@pytest.mark.parametrize("flower", [None, FLOWER])
def test_every_picture_comes_with_words_for_those_who_cannot_see_it(
    kind: str, flower: list[float] | None
) -> None:
    talk = Conversation(iris_flower=flower)
    talk.say("show me", "show_picture", picture=kind)
    message = talk.run(drawings.ActionShowPicture())[0]
    assert find(message["image"])
    assert len(message["said"]) > 60


def test_a_picture_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    name = asyncio.run(drawings.drawing("nested"))
    monkeypatch.setattr(drawings, "_draw", lambda *wanted: pytest.fail("drawn again"))
    assert asyncio.run(drawings.drawing("nested")) == name


def test_without_room_for_pictures_the_answer_still_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(png: bytes) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(drawings, "store", full)
    drawings._drawn.cache_clear()
    talk = Conversation(**dict(zip(SLOTS, FLOWER, strict=True)))
    talk.say("1.6", "inform_measurement", 1.6)
    assert "virginica" in talk.run(form.ActionPredictIris())[0]["said"]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("train on 60 %", 0.4),
        ("train on 60", 0.4),
        ("test on 40 percent", 0.4),
        ("test_size=0.25", 0.25),
        ("80/20", 0.2),
        ("train on 90% and test on 10%", 0.1),
        ("keep 45 flowers for testing", 0.3),
        ("training share 0.75", 0.25),
        ("only 30 training flowers", 0.8),
        ("half", None),
    ],
)
def test_the_share_held_out_is_read(text: str, share: float | None) -> None:
    found = read_experiment(text).share
    assert found is None if share is None else math.isclose(found or 0, share)


@pytest.mark.parametrize(
    ("flower", "firmness"),
    [
        ([5.1, 3.5, 1.4, 0.2], "firm"),
        ([6.1, 2.9, 4.7, 1.4], "middling"),
        ([6.0, 2.7, 5.1, 1.6], "close"),
    ],
)
def test_the_reason_never_contradicts_what_another_k_would_say(
    flower: list[float], firmness: str
) -> None:
    dispatcher = CollectingDispatcher()
    tell_why(dispatcher, DOMAIN, iris.Flower(*flower), iris.Recipe())
    (message,) = dispatcher.messages
    assert message["firmness"] == DOMAIN["responses"][f"utter_iris_why_{firmness}"][0]["text"]
    answers = {other.species for other in iris.predict(iris.Flower(*flower)).other_k}
    assert (firmness == "close") or len(answers) == 1


def test_settings_beside_a_flower_are_kept_for_it() -> None:
    talk = Conversation()
    wishes = [
        {"experiment": "scale", "values": asdict(read_experiment("scale"))},
        {"experiment": "split", "values": asdict(read_experiment("train on 50 %"))},
    ]
    talk.say("scale, train on 50 %: 6 2.7 5.1 1.6", "predict_iris", *FLOWER, settings=wishes)
    talk.run(form.ValidateIrisForm())
    assert recipe_of(talk.tracker()) == replace(iris.Recipe(), scaled=True, test_share=0.5)
    assert "utter_iris_result" in responses(talk.run(form.ActionPredictIris()))


def test_a_setting_that_cannot_be_is_refused_and_the_flower_is_kept() -> None:
    talk = Conversation()
    wish = {"experiment": "split", "values": asdict(read_experiment("train on 99 %"))}
    talk.say("train on 99 %: 6 2.7 5.1 1.6", "predict_iris", *FLOWER, settings=[wish])
    assert responses(talk.run(form.ValidateIrisForm())) == ["utter_iris_wrong_share"]
    assert [talk.slots[slot] for slot in SLOTS] == FLOWER
    assert recipe_of(talk.tracker()) == iris.Recipe()


def test_each_of_several_flowers_can_be_asked_about_and_corrected() -> None:
    talk = Conversation()
    talk.say("5 3.4 1.6 0.4, 6 2.7 5.1 1.6", "predict_iris", 5.0, 3.4, 1.6, 0.4, *FLOWER)
    talk.run(form.ValidateIrisForm())
    talk.run(form.ActionPredictIris())
    assert talk.slots["iris_flower"] == [5.0, 3.4, 1.6, 0.4]
    talk.say("why the second one?", "ask_iris_neighbours")
    assert responses(talk.run(iris_experiments.ActionShowIrisNeighbours()))[0] == "utter_iris_why"
    assert talk.slots["iris_flower"] == FLOWER
    talk.say("the first one's petal width is 0.3", "inform_measurement", ("petal_width", 0.3))
    talk.run(form.ActionCorrectIris())
    assert talk.slots["iris_flower"] == [5.0, 3.4, 1.6, 0.3]
    assert talk.slots["iris_rows"] == [[5.0, 3.4, 1.6, 0.3], FLOWER]
    talk.say("5.1 3.5 1.4 0.2", "predict_iris", 5.1, 3.5, 1.4, 0.2)
    talk.run(form.ValidateIrisForm())
    talk.run(form.ActionPredictIris())
    assert talk.slots["iris_rows"] == [[5.0, 3.4, 1.6, 0.3], FLOWER, [5.1, 3.5, 1.4, 0.2]]


def test_a_unit_that_is_told_later_is_taken_for_all_values() -> None:
    talk = Conversation(iris_flower=[2.4, 1.1, 2.0, 0.6])
    talk.say("those were in inches", "inform_measurement")
    said = responses(talk.run(form.ActionCorrectIris()))
    assert said == ["utter_iris_corrected", "utter_iris_result"]
    assert talk.slots["iris_flower"] == [6.1, 2.79, 5.08, 1.52]


def test_a_unit_that_is_told_while_a_value_is_asked_for_holds_for_those_before() -> None:
    talk = Conversation(
        iris_sepal_length=2.4, iris_sepal_width=1.1, requested_slot="iris_petal_length"
    )
    talk.say("all of that was in inches", "inform_measurement")
    assert responses(talk.run(form.ValidateIrisForm())) == ["utter_iris_corrected"]
    assert [talk.slots[slot] for slot in SLOTS[:2]] == [6.1, 2.79]


@pytest.mark.parametrize(
    ("text", "values", "feature", "value"),
    [
        ("make the last one 1.3", [1.3], "petal_width", 1.3),
        ("the first was 6.2", [6.2], "sepal_length", 6.2),
        ("hm 1.6 was wrong, 1.9", [1.6, 1.9], "petal_width", 1.9),
    ],
)
def test_a_bare_number_corrects_what_it_stands_for(
    text: str, values: list[float], feature: str, value: float
) -> None:
    talk = Conversation(iris_flower=FLOWER)
    talk.say(text, "inform_measurement", *values)
    talk.run(form.ActionCorrectIris())
    assert talk.slots["iris_flower"][iris.FEATURES.index(feature)] == value
    assert sum(new != old for new, old in zip(talk.slots["iris_flower"], FLOWER, strict=True)) == 1


def test_the_last_change_of_the_model_is_taken_back() -> None:
    talk = Conversation()
    talk.say("undo", "try_iris", experiment="undo")
    assert responses(talk.run(iris_experiments.ActionTryIris())) == ["utter_iris_nothing_changed"]
    talk.say("use k=7", "set_k", k="7")
    talk.run(iris_experiments.ActionSetIrisK())
    talk.say("scale", "try_iris", experiment="scale")
    talk.run(iris_experiments.ActionTryIris())
    talk.say("turn it off again", "try_iris", experiment="undo")
    talk.run(iris_experiments.ActionTryIris())
    assert recipe_of(talk.tracker()) == replace(iris.Recipe(), k=7)


def test_after_a_comparison_the_best_k_can_be_taken() -> None:
    talk = Conversation(iris_experiment={"kind": "comparison", "ks": [9, 60, 100]})
    talk.say("use the best", "set_k")
    talk.run(iris_experiments.ActionSetIrisK())
    rows = iris.compare_k([9, 60, 100])
    best = max(rows, key=lambda row: row.cross_validation.mean)
    assert talk.slots["iris_k"] == best.k


def test_settings_are_set_together_before_what_else_is_wished() -> None:
    talk = Conversation(iris_flower=FLOWER)
    scale = {"intent": "try_iris", "experiment": "scale", "values": {}}
    settings = [{"intent": "set_k", "k": "5"}, scale]
    also = [{"intent": "try_iris", "experiment": "leave_one_out", "values": {}}]
    talk.say(
        "k 5, scale, loo", "try_iris", experiment="together", settings=settings, k="5", also=also
    )
    said = talk.run(iris_experiments.ActionTryIris())
    told = ["utter_iris_tried", "utter_iris_result", "utter_iris_left_out"]
    assert responses(said) == told
    assert recipe_of(talk.tracker()) == replace(iris.Recipe(), k=5, scaled=True)
    right = iris.leave_one_out(replace(iris.Recipe(), k=5, scaled=True)).correct
    assert f"{right} of 150" in said[2]["said"]


def test_a_flower_is_named_before_what_else_is_wished() -> None:
    talk = Conversation()
    talk.say("6 2.7 5.1 1.6 and why", "predict_iris", *FLOWER, also=[{"intent": WHY}])
    talk.run(form.ValidateIrisForm())
    said = responses(talk.run(form.ActionPredictIris()))
    assert said == ["utter_iris_result", "utter_iris_why"]


def test_all_that_was_tried_is_set_side_by_side() -> None:
    talk = Conversation()
    talk.say("what did we try", "try_iris", experiment="tried")
    assert responses(talk.run(iris_experiments.ActionTryIris())) == ["utter_iris_nothing_changed"]
    for experiment in ("scale", "unscale", "manhattan"):
        talk.say(experiment, "try_iris", experiment=experiment)
        talk.run(iris_experiments.ActionTryIris())
    talk.say("which was best", "try_iris", experiment="tried")
    (message,) = talk.run(iris_experiments.ActionTryIris())
    recipes = [
        replace(iris.Recipe(), scaled=True),
        iris.Recipe(),
        replace(iris.Recipe(), metric="manhattan"),
    ]
    means = [100 * iris.accuracy(recipe).cross_validation.mean for recipe in recipes]
    lines = message["table"].splitlines()
    assert len(lines) == len(recipes)
    for line, mean in zip(lines, means, strict=True):
        assert f"{mean:.1f} %" in line
    assert f"with {max(means):.1f} %" in message["said"]


def test_all_flowers_are_classified_again_and_the_surest_is_named() -> None:
    talk = Conversation(iris_rows=[[5.1, 3.5, 1.4, 0.2], FLOWER])
    talk.say("which was surer", "try_iris", experiment="flowers")
    (message,) = talk.run(iris_experiments.ActionTryIris())
    assert "flower 1, with 100 %" in message["said"]
    talk.say("both again with k 7", "try_iris", experiment="flowers", k="7")
    again = talk.run(iris_experiments.ActionTryIris())[-1]
    share = iris.predict(iris.Flower(*FLOWER), replace(iris.Recipe(), k=7)).probability
    assert f"{100 * share:.0f} %" in again["table"].splitlines()[1]
    assert talk.slots["iris_k"] == 7


def test_the_errors_are_those_of_the_last_test() -> None:
    talk = Conversation()
    talk.say("loo", "try_iris", experiment="leave_one_out")
    talk.run(iris_experiments.ActionTryIris())
    talk.say("how many were wrong", "try_iris", experiment="errors")
    (message,) = talk.run(iris_experiments.ActionTryIris())
    assert f"{150 - iris.leave_one_out().correct} of 150" in message["said"]
    talk.say("and the test flowers of k 7", "ask_accuracy", model="iris", k="7")
    talk.run(ActionReportAccuracy())
    talk.say("how many were wrong", "try_iris", experiment="errors")
    (message,) = talk.run(iris_experiments.ActionTryIris())
    assert responses([message]) == ["utter_iris_no_errors"]


def test_more_flowers_than_a_table_holds_are_said_to_be_left() -> None:
    talk = Conversation()
    rows = [FLOWER] * 22
    talk.say("22 rows", "predict_iris", *FLOWER, flowers=rows)
    said = talk.run(form.ValidateIrisForm())
    assert responses(said) == ["utter_iris_many_flowers", "utter_iris_flowers"]
    assert "last 2" in said[0]["said"]
    assert len(said[1]["table"].splitlines()) == iris_state.MOST_FLOWERS


def test_the_open_value_of_one_of_several_flowers_is_filled_in() -> None:
    whole, open_one = [5.0, 3.4, 1.6, 0.4], [*FLOWER[:3], None]
    talk = Conversation(iris_flower=whole, iris_rows=[whole, open_one])
    talk.say("pw of the 2nd is 1.6", "inform_measurement", ("petal_width", 1.6))
    said = talk.run(form.ActionCorrectIris())
    assert "utter_iris_result" in responses(said)
    assert talk.slots["iris_rows"] == [whole, FLOWER]
