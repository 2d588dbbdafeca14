"""Every picture comes with what it shows, for whoever cannot see it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from actions import drawings, iris_experiments, review_explained
from actions import iris as form
from actions.drawings import KINDS
from tests.actions.talking import Conversation

FLOWER = [5.1, 3.5, 1.4, 0.2]
WITHOUT_NUMBERS = {"nested", "anatomy", "chart", "regularisation"}


def alt(message: dict[str, Any]) -> str:
    assert message["image"]
    seen = message["metadata"]["alt"]
    assert len(seen.split()) >= 15 and not re.search(r"[{}]|\bNone\b", seen)
    return str(seen)


@pytest.mark.parametrize("flower", [None, FLOWER])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_tells_its_numbers(kind: str, flower: list[float] | None) -> None:
    talk = Conversation(iris_flower=flower)
    talk.say("show me", "show_picture", picture=kind)
    seen = alt(talk.run(drawings.ActionShowPicture())[0])
    assert kind in WITHOUT_NUMBERS or len(re.findall(r"\d+", seen)) >= 2


def shown(kind: str, **slots: Any) -> str:
    talk = Conversation(**slots)
    talk.say("show me", "show_picture", picture=kind)
    return alt(talk.run(drawings.ActionShowPicture())[0])


def test_it_follows_the_flower_and_the_model() -> None:
    seen = shown("among", iris_flower=FLOWER, iris_k=7)
    assert "sepal 5.1 × 3.5 cm, petal 1.4 × 0.2 cm" in seen and "7 nearest, setosa 7" in seen
    assert "versicolor 0, 8, 1" in shown("confusion", iris_k=7)
    assert "90 training flowers" in shown("regions", iris_test_share=0.4)
    shares = re.findall(r"(\d+) %", shown("regions"))
    assert len(shares) == 3 and 98 <= sum(map(int, shares)) <= 102
    assert "petal 1.4 × 0.2 cm" in shown("steps", iris_flower=FLOWER)
    assert "versicolor 1, virginica 2" in shown("steps")  # the example shows a vote


def test_a_picture_of_a_concept_tells_what_was_computed() -> None:
    seen = shown("confusion_matrix")
    tp, fn, fp, tn = map(int, re.findall(r"[eE]?(?:positives|negatives) (\d+)", seen))
    assert f"Precision is {tp / (tp + fp):.2f}, recall {tp / (tp + fn):.2f}" in seen and tn
    assert seen.startswith("Two rows, truly ill")  # what stands beside the caption


def test_the_table_that_a_picture_shows_is_told_as_one() -> None:
    assert shown("chart").startswith("| | Machine learning | Deep learning |\n|---|")


def test_the_form_says_which_measurement_stands_out() -> None:
    talk = Conversation()
    talk.say("classify an iris", "predict_iris")
    (message,) = talk.run(form.ActionAskPetalWidth())
    assert "The arrow for the petal width" in alt(message)


def test_an_answer_and_its_reason_show_where_the_flower_lies() -> None:
    names = ("iris_sepal_length", "iris_sepal_width", "iris_petal_length", "iris_petal_width")
    talk = Conversation(**dict(zip(names, FLOWER, strict=True)))
    talk.say("0.2", "inform_measurement", 0.2)
    answered = alt(talk.run(form.ActionPredictIris())[0])
    assert "petal 1.4 × 0.2 cm" in answered and "Iris setosa" in answered
    talk.say("why?", "ask_iris_neighbours")
    assert alt(talk.run(iris_experiments.ActionShowIrisNeighbours())[0]) == answered


def test_a_review_tells_its_strongest_words_and_its_sentences() -> None:
    talk = Conversation(review_last="The cast is great. The plot is an awful mess. I left. Never.")
    talk.say("why?", "explain_review")
    seen = alt(talk.run(review_explained.ActionExplainReview())[0])
    assert re.search(r"Strongest for it: .*\bgreat \+\d\.\d\d", seen)
    assert re.search(r"Strongest against it: .*\b(awful|mess) -\d\.\d\d", seen)
    assert re.search(r"each of the 4 sentences .* in sentence [1-4]\.$", seen)
    short = Conversation(review_last="A great film!")
    short.say("why?", "explain_review")
    assert "sentence" not in alt(short.run(review_explained.ActionExplainReview())[0])


def test_what_a_person_wrote_cannot_break_the_description() -> None:
    talk = Conversation(review_last="A {great} film, {0} %s awful {words!r} *mess* <b>")
    talk.say("why?", "explain_review")
    message = talk.run(review_explained.ActionExplainReview())[0]
    assert "Strongest" in message["metadata"]["alt"] and "<b>" not in message["metadata"]["alt"]


def test_a_folder_that_was_emptied_changes_nothing() -> None:
    first = asyncio.run(drawings.drawing("confusion"))
    from actions.pictures import find

    path = find(first["image"])
    assert path
    path.unlink()
    assert asyncio.run(drawings.drawing("confusion")) == first and path.exists()
