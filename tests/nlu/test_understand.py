"""Whole messages, as the stages together understand them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from models.knowledge import JOINT, library
from nlu.intents import INTENTS
from nlu.talk import Talk
from nlu.understand import Stages, Understanding, Understood


def value(found: Understood, name: str) -> Any:
    """Return the value of the only entity of this name, None if there is none."""
    values = [entity["value"] for entity in found.entities if entity["entity"] == name]
    assert len(values) <= 1
    return values[0] if values else None


def numbers(found: Understood) -> list[float]:
    return [each["value"] for each in found.entities if each["entity"] == "measurement"]


def compared(block: str) -> set[str]:
    return set(library()[block].concepts if block in library() else block.split(JOINT))


# Questions


@pytest.mark.parametrize(
    ("text", "concept", "facet"),
    [
        ("what is overfitting?", "overfitting", "definition"),
        ("dropout", "dropout", "definition"),
        ("waht is backpropogation", "backpropagation", "definition"),
        ("show me python code for k-means", "k_means", "code"),
        ("formula of the softmax please", "softmax", "formula"),
        ("hello! what is a tensor?", "tensor", "definition"),
        ("thanks. what is pooling?", "pooling", "definition"),
        ("tell me: what is dropout?", "dropout", "definition"),
    ],
)
def test_a_question_comes_with_concept_and_side(
    stages: Stages, text: str, concept: str, facet: str
) -> None:
    found = stages.read(text, Talk())
    assert found.intent == "ask_concept"
    assert (value(found, "concept"), value(found, "facet")) == (concept, facet)
    assert value(found, "also") is None


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("precision or recall, what is the difference?", {"precision", "recall"}),
        ("cnn vs rnn", {"cnn", "rnn"}),
        ("difference between svm and knn", {"support_vector_machine", "k_nearest_neighbours"}),
        ("bert or gpt", {"bert", "gpt"}),
        ("shap vs lime", {"shap", "lime"}),
    ],
)
def test_two_names_are_compared(stages: Stages, text: str, concepts: set[str]) -> None:
    found = stages.read(text, Talk())
    assert (found.intent, value(found, "facet")) == ("ask_concept", "compare")
    assert compared(value(found, "concept")) == concepts


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (
            "explain GDPR and also adversarial attacks",
            "data_privacy",
            "adversarial_examples",
        ),
        ("what is dropout and what is a batch size?", "dropout", "batch_size"),
        ("explain lstm, and also random forests", "lstm", "random_forest"),
    ],
)
def test_two_names_that_nobody_compares_are_two_requests(
    stages: Stages, text: str, first: str, second: str
) -> None:
    found = stages.read(text, Talk())
    assert value(found, "concept") == first
    assert value(found, "also")[0]["concept"] == second


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("how does deep learning learn?", "learning_dl"),
        ("what does machine learning require", "requirements_ml"),
        ("what is deep learning used for", "applications_dl"),
    ],
)
def test_a_part_of_a_field_is_told_rather_than_the_field(
    stages: Stages, text: str, part: str
) -> None:
    assert value(stages.read(text, Talk()), "concept") == part


def test_what_is_installed_belongs_to_the_program_spoken_of(stages: Stages) -> None:
    text = "how do I install what it needs?"
    assert value(stages.read(text, Talk(("iris_code",))), "concept") == "install_sklearn"
    assert value(stages.read(text, Talk(("imdb_code",))), "concept") == "install_tensorflow"


@pytest.mark.parametrize(
    "text", ["explain the Vorpal criterion", "what is grumble pooling", "how does a ZigNet9 learn"]
)
def test_an_invented_name_is_not_explained(stages: Stages, text: str) -> None:
    for talk in (Talk(), Talk(("cnn",))):
        assert stages.read(text, talk).intent in ("unknown_name", "nlu_fallback", "out_of_scope")


@pytest.mark.parametrize("text", ["how long do I boil an egg", "what's for dinner", "17 * 23"])
def test_what_is_outside_stays_outside(stages: Stages, text: str) -> None:
    for talk in (Talk(), Talk(("overfitting",))):
        found = stages.read(text, talk)
        assert found.intent == "out_of_scope"
        assert numbers(found) == []


# The conversation


@pytest.mark.parametrize(
    ("text", "concept", "facet"),
    [
        ("why?", "dropout", "why"),
        ("show me code", "dropout", "code"),
        ("tell me more", "cnn", "more"),
        ("give me the formula", "softmax", "formula"),
        ("can you say that in simple words?", "softmax", "simple"),
    ],
)
def test_a_follow_up_is_about_what_was_spoken_of(
    stages: Stages, text: str, concept: str, facet: str
) -> None:
    found = stages.read(text, Talk((concept,)))
    assert found.intent == "follow_up"
    assert (value(found, "concept"), value(found, "facet")) == (concept, facet)


@pytest.mark.parametrize(
    ("text", "before", "concept"),
    [
        ("and cnns?", "rnn", "cnn"),
        ("and cnn?", "rnn", "cnn"),
        ("what about recall?", "precision", "recall"),
        ("what about lstm?", "gru", "lstm"),
    ],
)
def test_a_follow_up_that_names_another_concept(
    stages: Stages, text: str, before: str, concept: str
) -> None:
    found = stages.read(text, Talk((before,)))
    assert (found.intent, value(found, "concept")) == ("ask_concept", concept)


@pytest.mark.parametrize(
    ("text", "recent", "concepts"),
    [
        ("vs bagging?", ("boosting",), {"bagging", "boosting"}),
        ("which is better?", ("recall", "precision"), {"recall", "precision"}),
        ("and the opposite?", ("overfitting",), {"overfitting", "underfitting"}),
    ],
)
def test_a_comparison_with_what_was_spoken_of(
    stages: Stages, text: str, recent: tuple[str, ...], concepts: set[str]
) -> None:
    found = stages.read(text, Talk(recent))
    assert compared(value(found, "concept")) >= concepts


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("back to trees. what are they bad at?", "weaknesses"),
        ("back to trees. why are they used?", "why"),
        ("back to trees. show me code", "code"),
    ],
)
def test_back_to_a_concept_and_to_a_side_of_it(stages: Stages, text: str, facet: str) -> None:
    found = stages.read(text, Talk(("k_means", "decision_tree")))
    assert (value(found, "concept"), value(found, "facet")) == ("decision_tree", facet)
    assert value(found, "also") is None


@pytest.mark.parametrize(
    ("text", "recent"),
    [
        ("how do I prevent it", ("overfitting",)),
        ("how can I fix it", ("overfitting",)),
        ("what is overfitting? how do I avoid it?", ()),
    ],
)
def test_how_to_mend_a_trouble_is_a_side_that_its_block_tells(
    stages: Stages, text: str, recent: tuple[str, ...]
) -> None:
    found = stages.read(text, Talk(recent))
    assert value(found, "concept") == "overfitting"
    assert value(found, "facet") in library()["overfitting"].facets


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("which of them costs less", "cheaper"),
        ("is chatgpt one or the other", "ChatGPT"),
        ("and which trains faster", "faster"),
    ],
)
def test_a_contrast_answers_small_questions(stages: Stages, text: str, said: str) -> None:
    found = stages.read(text, Talk(("machine_learning|deep_learning",)))
    block = library()[value(found, "concept")]
    assert said in block.facets[value(found, "facet")]


# Two requests


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (
            "What is SHAP? And what is LIME?",
            {"concept": "shap"},
            {"intent": "ask_concept", "concept": "lime"},
        ),
        (
            "What is overfitting? What is dropout?",
            {"concept": "overfitting"},
            {"intent": "ask_concept", "concept": "dropout"},
        ),
        (
            "what is dropout? show me all topics",
            {"concept": "dropout"},
            {"intent": "list_topics"},
        ),
        (
            "what is pooling? how accurate are your models?",
            {"concept": "pooling"},
            {"intent": "ask_accuracy"},
        ),
    ],
)
def test_two_requests_in_one_message(
    stages: Stages, text: str, first: dict[str, str], second: dict[str, str]
) -> None:
    found = stages.read(text, Talk())
    assert found.intent == "ask_concept"
    assert value(found, "concept") == first["concept"]
    assert value(found, "also")[0].items() >= second.items()


def test_two_wishes_on_the_model_in_one_message(stages: Stages) -> None:
    text = "scale the features and show me the code"
    found = stages.read(text, Talk(shown="flower"))
    assert (found.intent, value(found, "experiment")) == ("try_iris", "scale")
    assert value(found, "also")[0]["experiment"] == "code"


def test_settings_stand_together_before_what_else_is_wished(stages: Stages) -> None:
    found = stages.read("set k to 5, scale, then leave one out", Talk(shown="flower"))
    assert (found.intent, value(found, "experiment")) == ("try_iris", "together")
    scaled = {"experiment": "scale", "intent": "try_iris"}
    first, second = value(found, "settings")
    assert first == {"intent": "set_k", "k": "5"}
    assert second.items() >= scaled.items()
    assert [wish["experiment"] for wish in value(found, "also")] == ["leave_one_out"]


def test_a_flower_comes_with_a_question(stages: Stages) -> None:
    found = stages.read("6.0 2.8 4.9 1.6 and btw what exactly is overfitting?", Talk())
    assert found.intent == "predict_iris"
    assert [wish["concept"] for wish in value(found, "also")] == ["overfitting"]


@pytest.mark.parametrize(
    ("text", "experiment"), [("thats terrible. petals only?", "petals"), ("ok. scale it", "scale")]
)
def test_a_wish_after_a_remark(stages: Stages, text: str, experiment: str) -> None:
    found = stages.read(text, Talk(shown="flower"))
    assert (found.intent, value(found, "experiment")) == ("try_iris", experiment)


@pytest.mark.parametrize(("text", "intent"), [("fine, 50", "set_k"), ("50", "set_k")])
def test_a_number_answers_how_many_neighbours(stages: Stages, text: str, intent: str) -> None:
    talk = Talk(("iris_knn",), shown="flower", asks_k=True)
    assert stages.read(text, talk).intent == intent


def test_a_flower_comes_with_another_wish(stages: Stages) -> None:
    found = stages.read("5.9 3 5.1 1.8 scaled, and show me the neighbours", Talk())
    assert found.intent == "predict_iris"
    assert [wish["intent"] for wish in value(found, "also")] == ["ask_iris_neighbours"]


@pytest.mark.parametrize(
    "text",
    [
        "what is scaling and why is it important",
        "compare k 1, 3, 5 and 7",
        "with k 3 and then k 11",
        "is it accurate, and can i change k?",
    ],
)
def test_what_holds_a_comma_is_not_always_several_wishes(stages: Stages, text: str) -> None:
    assert value(stages.read(text, Talk(shown="flower")), "also") is None


@pytest.mark.parametrize(
    "text",
    [
        "what is dropout?",
        "What is dropout? What is dropout?",
        "hello there. thank you!",
        "my model is bad. it memorises everything.",
        pytest.param("what is dropout? " * 20, id="again and again"),
        "classify this review: what a film. why would anyone watch it? show me a better one.",
        "is it an iris? it has 5.1, 3.5, 1.4 and 0.2",
        "classify this review: I expected nothing and got even less. Horrible.",
    ],
)
def test_a_message_that_asks_for_one_thing(stages: Stages, text: str) -> None:
    assert value(stages.read(text, Talk()), "also") is None


# Flowers


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("train on 50 % and classify 6.0 2.2 4.0 1.0", ["split"]),
        ("5.0 3.0 1.6 0.2 and use k=5 and scale", ["scale"]),
        ("6.1,2.8,4.7,1.2 using only petals", ["petals"]),
        ("scale the features n classify 5.9 3 5.1 1.8 with manhattan", ["scale", "manhattan"]),
    ],
)
@pytest.mark.parametrize("talk", [Talk(), Talk(("iris_knn",), shown="flower")])
def test_a_flower_comes_with_how_to_set_the_model(
    stages: Stages, text: str, settings: list[str], talk: Talk
) -> None:
    found = stages.read(text, talk)
    assert found.intent == "predict_iris"
    set_beside = [each.get("experiment") for each in value(found, "settings") if "k" not in each]
    assert set_beside == settings


@pytest.mark.parametrize(
    "text",
    [
        "can you classify 5.9 3.0 5.1 1.8, thanks",
        "sepal length 5.9, sepal width 3.0, petal length 5.1, petal width 1.8",
        "my flower has sepal 5.9 by 3 and petal 5.1 by 1.8 and it grew on a hill",
    ],
)
def test_a_flower_alone_changes_no_setting(stages: Stages, text: str) -> None:
    assert value(stages.read(text, Talk()), "settings") is None


@pytest.mark.parametrize("text", ["why is the second one virginica", "explain flower 2"])
def test_one_of_several_flowers_is_asked_about(stages: Stages, text: str) -> None:
    found = stages.read(text, Talk(("iris_knn",), shown="flower"))
    assert (found.intent, value(found, "row")) == ("ask_iris_neighbours", 2)


@pytest.mark.parametrize(
    "text",
    [
        "5.1 3.5 1.4 0.2",
        "what is 5.1 3.5 1.4 0.2?",
        "is it an iris? it has 5.1, 3.5, 1.4 and 0.2",
        "sepal 5.1 by 3.5, petal 1.4 by 0.2. what is it?",
    ],
)
@pytest.mark.parametrize("form", [None, "iris_form", "review_form"])
def test_the_numbers_of_a_flower(stages: Stages, text: str, form: str | None) -> None:
    found = stages.read(text, Talk((), form))
    assert found.intent == "predict_iris"
    assert numbers(found) == [5.1, 3.5, 1.4, 0.2]


def test_numbers_come_with_their_fields(stages: Stages) -> None:
    found = stages.read("petal width 1.6", Talk(("iris_knn",), None, "flower"))
    assert found.intent == "inform_measurement"
    assert [each.get("role") for each in found.entities if each["entity"] == "measurement"] == [
        "petal_width"
    ]
    assert value(found, "corrects") is False


def test_another_k_changes_the_number_of_neighbours(stages: Stages) -> None:
    found = stages.read("now with k=7", Talk(("iris_knn",), None, "flower"))
    assert (found.intent, value(found, "k"), numbers(found)) == ("set_k", "7", [])


def test_a_number_alone_says_nothing_at_the_start(stages: Stages) -> None:
    assert stages.read("4", Talk()).intent == "lone_number"
    assert stages.read("4", Talk(("iris_knn",), "iris_form")).intent == "inform_measurement"


def test_the_numbers_of_a_question_measure_nothing(stages: Stages) -> None:
    found = stages.read("my accuracy went from 90 to 60 on new data, is it overfitting?", Talk())
    assert numbers(found) == []


def test_a_sum_is_worked(stages: Stages) -> None:
    found = stages.read("what is the precision with tp=8 and fp=2", Talk())
    assert found.intent == "work_sum"
    assert value(found, "sum")["values"] == {"tp": 8, "fp": 2}


# Reviews


@pytest.mark.parametrize(
    ("text", "review"),
    [
        (
            "classify this review: a dull, long film. nobody laughed.",
            "a dull, long film. nobody laughed.",
        ),
        (
            'is this positive or negative? "two hours I will never get back"',
            "two hours I will never get back",
        ),
    ],
)
def test_a_carried_review_is_classified(stages: Stages, text: str, review: str) -> None:
    found = stages.read(text, Talk())
    assert (found.intent, value(found, "review")) == ("classify_review", review)


@pytest.mark.parametrize(
    "text", ["tell me: what is dropout?", "rate of learning: what is it in gradient descent"]
)
def test_a_colon_makes_no_review(stages: Stages, text: str) -> None:
    found = stages.read(text, Talk())
    assert found.intent != "classify_review"
    assert value(found, "review") is None


# While a form waits


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("iris_form", "5.1"),
        ("iris_form", "3.5 cm I think"),
        ("review_form", "The plot was thin and the acting wooden"),
        ("review_form", "great"),
        ("review_form", "Two people talk in a kitchen for two hours."),
        pytest.param(
            "review_form",
            "I asked myself: why was this film ever made? what is it about? " * 3,
            id="a story",
        ),
    ],
)
def test_the_answer_to_a_form(stages: Stages, form: str, text: str) -> None:
    assert value(stages.read(text, Talk((), form)), "answers") == form


@pytest.mark.parametrize(
    ("form", "text", "intent"),
    [
        ("iris_form", "what is overfitting?", "ask_concept"),
        ("iris_form", "cancel", "cancel"),
        ("iris_form", "how long do I boil an egg", "out_of_scope"),
        ("review_form", "what is sentiment analysis?", "ask_concept"),
        ("review_form", "stop", "cancel"),
        ("review_form", "thanks", "thank"),
        ("review_form", "no", "deny"),
        ("review_form", "what topics can I ask about?", "list_topics"),
    ],
)
def test_what_interrupts_a_form(stages: Stages, form: str, text: str, intent: str) -> None:
    found = stages.read(text, Talk((), form))
    assert (found.intent, value(found, "answers")) == (intent, None)


def test_a_refusal_is_no_review(stages: Stages) -> None:
    assert value(stages.read("I don't want to", Talk((), "review_form")), "answers") is None


def test_a_review_in_questions_is_kept_whole(stages: Stages) -> None:
    text = "What a film! Why would anyone hate it? I loved it."
    found = stages.read(text, Talk((), "review_form"))
    assert value(found, "answers") == "review_form"
    assert value(found, "review") in (None, text)


def test_who_has_to_measure_stays_in_the_form(stages: Stages) -> None:
    assert stages.read("hm let me measure", Talk((), "iris_form")).intent == "inform_measurement"


# Anything


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "漢字 😀",
        pytest.param("a" * 9_000, id="one character"),
        pytest.param("what " * 1_000, id="one word"),
        "\n\t",
        "½",
        "★★",
    ],
)
@pytest.mark.parametrize("form", [None, "iris_form", "review_form"])
def test_no_text_breaks_understanding(stages: Stages, text: str, form: str | None) -> None:
    found = stages.read(text, Talk(("dropout",), form))
    assert found.intent in INTENTS
    assert 0 <= found.decision.confidence <= 1


def test_kept_stages_understand_what_the_stages_did(stages: Stages, tmp_path: Path) -> None:
    stages.save(tmp_path)
    kept = Stages.load(tmp_path)
    for text in ("what is dropout", "show me code", "explain the Vorpal criterion", "hello"):
        before, after = (each.read(text, Talk(("cnn",))) for each in (stages, kept))
        assert (before.intent, before.entities) == (after.intent, after.entities)


# The component


def component(stages: Stages | None) -> Understanding:
    return Understanding(None, Resource("understanding"), stages)  # type: ignore[arg-type]


def test_the_component_sets_intent_ranking_and_entities(stages: Stages) -> None:
    given = {"entity": "other", "value": 1}
    (message,) = component(stages).process(
        [Message(data={TEXT: "what is dropout", ENTITIES: [given]})]
    )
    assert message.get(INTENT)["name"] == "ask_concept"
    assert message.get(ENTITIES)[0] == given
    told = {entity["entity"]: entity["value"] for entity in message.get(ENTITIES)}
    assert told["concept"] == "dropout"
    chances = [each["confidence"] for each in message.get("intent_ranking")]
    assert len(chances) == 10


def test_what_the_guard_decided_stands(stages: Stages) -> None:
    decided = {"name": "unknown_command", "confidence": 1.0}
    (message,) = component(stages).process(
        [Message(data={TEXT: "what is dropout", INTENT: decided})]
    )
    assert message.get(INTENT) == decided
    assert not message.get(ENTITIES)


def test_an_untrained_component_says_so() -> None:
    with pytest.raises(RuntimeError, match="training"):
        component(None).process([Message(data={TEXT: "hello"})])


@pytest.mark.parametrize("text", ["why versicolor?", "so why is it no setosa?", "why virginica"])
def test_after_a_flower_its_species_is_explained(stages: Stages, text: str) -> None:
    assert stages.read(text, Talk(("iris_knn",), shown="flower")).intent == "ask_iris_neighbours"
