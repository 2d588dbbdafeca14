"""Learning the field over REST: questions, sides, comparisons, troubles, a path, buttons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from models.knowledge import Block, library
from tests.conversations.conftest import ROOT, Server

Say = Callable[[str], str]
SIDES = {"More": "detail", "Why": "why", "Example": "example", "Formula": "formula", "Code": "code"}
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
ASK_AREA = DOMAIN["responses"]["utter_ask_area"][0]["text"]
TWENTY = library().blocks[:: len(library().blocks) // 20][:20]
ASKS_FOR_SEPAL, ASKS_FOR_REVIEW = "sepal", "review"


def definition(*concepts: str) -> str:
    block = library()[concepts[0]] if len(concepts) == 1 else library().contrast(*concepts)
    assert block
    return block.facets["definition"]


@pytest.mark.parametrize(
    ("asked", "concept"),
    [
        ("what is an LLM", "large_language_model"),
        ("softmax", "softmax"),
        ("waht is overfiting", "overfitting"),
        ("can you explain k-nearest neighbors to me please", "k_nearest_neighbours"),
    ],
)
def test_a_concept_is_defined_with_an_example(say: Say, asked: str, concept: str) -> None:
    answer = say(asked)
    assert definition(concept) in answer
    assert library()[concept].facets["example"] in answer


def test_two_names_are_compared(say: Say) -> None:
    assert definition("support_vector_machine", "random_forest") in say("svm vs random forest")


def test_a_name_is_compared_with_what_was_spoken_of(say: Say) -> None:
    say("what is SGD?")
    assert definition("adam", "stochastic_gradient_descent") in say("and against Adam?")


def test_two_that_nobody_compared_are_set_side_by_side(say: Say) -> None:
    assert library().contrast("neural_network", "decision_tree") is None
    say("what is a neural network")
    answer = say("and against a decision tree?")
    assert definition("neural_network") in answer and definition("decision_tree") in answer


def test_back_to_what_was_spoken_of_before(say: Say) -> None:
    for asked in ("what is a decision tree", "what is dropout", "what is a GPU"):
        say(asked)
    assert definition("decision_tree") in say("back to trees")


def test_the_formula_of_what_has_one_and_of_what_has_none(say: Say) -> None:
    say("softmax")
    assert library()["softmax"].facets["formula"] in say("the formula")
    say("what is a decision tree")
    assert "formula" not in library()["decision_tree"].facets
    answer = say("the formula")
    assert "no formula" in answer
    assert library()["decision_tree"].facets["how"] in answer


def test_a_contrast_goes_on_with_its_own_details(say: Say) -> None:
    contrast = library()["precision|recall"]
    assert contrast.facets["definition"] in say("precision vs recall")
    assert contrast.facets["detail"] in say("tell me more")


@pytest.mark.parametrize("trouble", ["my loss is nan", "I get nan in training"])
def test_a_trouble_is_recognised(say: Say, trouble: str) -> None:
    block = library()["exploding_gradient"]
    answer = say(trouble)
    assert block.facets["definition"] in answer and block.facets["when"] in answer


@pytest.mark.parametrize("name", ["the Veldkamp loss", "the Zorbax optimizer"])
def test_an_invented_name_gets_an_honest_no_with_choices(server: Server, name: str) -> None:
    send = server.messages()
    (answer,) = send(f"explain {name}")
    assert "do not know" in answer["text"]
    assert answer["buttons"]
    chosen = answer["buttons"][0]
    (told,) = send(chosen["payload"])
    assert f"**{chosen['title']}" in told["text"]


def test_a_sum_is_worked(say: Say) -> None:
    answer = say("precision with tp=8 fp=2")
    assert "8 / 10 = 0.8" in answer


def test_a_path_is_told_and_next_follows_it(say: Say) -> None:
    path = library().path
    answer = say("what should I learn first")
    assert all(stage.title in answer for stage in path.stages)
    for concept in path.order[:3]:
        assert definition(concept) in say("next")


@pytest.mark.parametrize(
    ("asked", "concept"),
    [("prerequisites for GANs", "gan"), ("what do I need before transformers", "transformer")],
)
def test_what_to_know_first_is_told(say: Say, asked: str, concept: str) -> None:
    answer = say(asked)
    needs = library().path.needs[concept]
    assert needs
    assert all(library()[need].name in answer for need in needs)


ANYTIME = (
    ("what is dropout?", definition("dropout")),
    ("svm vs random forest", definition("support_vector_machine", "random_forest")),
    ("precision with tp=8 fp=2", "0.8"),
    ("what should I learn first", library().path.stages[0].title),
    ("explain the Veldkamp loss", "do not know"),
    ("my loss is nan", definition("exploding_gradient")),
)


def test_questions_while_the_iris_form_waits_are_answered_and_it_asks_again(say: Say) -> None:
    question = say("classify an iris flower")
    assert ASKS_FOR_SEPAL in question.lower()
    for value, feature in (("5.1", "sepal"), ("3.5", "petal"), ("1.4", "petal")):
        for asked, fact in ANYTIME:
            answer = say(asked)
            assert fact in answer
            assert answer.endswith(question.strip())
        question = say(value)
        assert feature in question.lower()
    say("why dropout?")
    assert "setosa" in say("0.2").lower()


def test_questions_while_the_review_form_waits_are_answered_and_it_asks_again(say: Say) -> None:
    question = say("classify a review")
    assert ASKS_FOR_REVIEW in question
    for asked, fact in ANYTIME:
        answer = say(asked)
        assert fact in answer
        assert answer.endswith(question.strip())
    assert "positive" in say("I loved every minute of this wonderful film.").lower()


@pytest.mark.parametrize("refusal", ["don't judge my review", "I don't want to classify a flower"])
def test_a_refusal_opens_nothing(say: Say, refusal: str) -> None:
    answer = say(refusal).lower()
    assert not any(word in answer for word in ("paste", "sepal", "positive", "negative"))
    assert definition("dropout") in say("what is dropout")  # and no form asks behind it
    assert "petal" not in say("5.1").lower()


@pytest.mark.parametrize(
    ("asked", "first", "title", "second"),
    [
        ("what is dropout? and what is a GPU?", "dropout", "GPU", definition("gpu")),
        ("What is dropout? Classify an iris flower.", "dropout", "iris", "sepal"),
    ],
)
def test_the_second_of_two_requests_is_offered_and_yes_begins_it(
    say: Say, asked: str, first: str, title: str, second: str
) -> None:
    answer = say(asked)
    assert definition(first) in answer
    assert title in answer
    assert second in say("yes")


@pytest.mark.parametrize("area", library().areas())
def test_the_choice_of_an_area_lists_its_concepts(say: Say, area: str) -> None:
    answer = say(ASK_AREA.format(area=area))
    assert all(block.name in answer for block in library().area(area))


@pytest.mark.parametrize("block", TWENTY, ids=lambda block: block.id)
def test_every_button_leads_to_what_it_promises(server: Server, block: Block) -> None:
    opening = f"What is {block.name}?"
    if block.is_contrast:
        opening = " vs ".join(library()[name].name for name in block.concepts)
    (first,) = server.messages()(opening)
    assert block.facets["definition"] in first["text"]
    assert first["buttons"]
    misled = {}
    for button in first["buttons"]:
        send = server.messages()
        send(opening)
        answer = "\n".join(message.get("text", "") for message in send(button["payload"]))
        if not any(text in answer for text in promised(block, button["title"])):
            misled[button["payload"]] = answer[:100]
    assert misled == {}


def promised(block: Block, title: str) -> list[str]:
    """Return the texts, one of which the answer to a button has to hold."""
    if title in SIDES:
        return [block.facets[SIDES[title]]]
    if title == "Compare":
        partners = [other for other in library().contrasts if block.id in other.concepts]
        return [partners[0].facets["definition"]]
    return [other.facets["definition"] for other in library().blocks if other.title == title]
