"""Telling what the knowledge holds: sides, examples, repetition, buttons, what comes next."""

from __future__ import annotations

from typing import Any

import pytest

from actions import knowledge as actions
from actions.knowledge_telling import GOES_ON_TO, tell
from actions.small_talk import ActionAffirm, ActionDeny
from models.knowledge import FACETS, Block, library
from tests.actions.talking import DOMAIN, Conversation, responses

BLOCKS, CONCEPTS = library().blocks, library().concepts
MOST_WORDS = 100
# Where a side is lacking, the one that comes nearest; the definition where that is lacking too.
NEAREST = {
    "formula": "how",
    "code": "how",
    "strengths": "when",
    "weaknesses": "when",
    "simple": "example",
}
SIDES = {"More": "detail", "Why": "why", "Example": "example", "Formula": "formula", "Code": "code"}


@pytest.fixture(autouse=True)
def home(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))


class Learner(Conversation):
    """A conversation in which sides of blocks are asked for."""

    def ask(self, block: str, facet: str = "definition") -> dict[str, Any]:
        self.say(f"{facet} of {block}", "ask_concept", concept=block, facet=facet)
        (message,) = self.run(actions.ActionAnswerConcept())
        return message

    def go_on(self, wish: str, **entities: Any) -> dict[str, Any]:
        self.say(wish, "follow_up", facet=wish, **entities)
        (message,) = self.run(actions.ActionFollowUp())
        return message


def phrase(response: str) -> str:
    return str(DOMAIN["responses"][response][0]["text"])


def titles(message: dict[str, Any]) -> list[str]:
    return [button["title"] for button in message["buttons"]]


def without(facet: str) -> Block:
    return next(block for block in CONCEPTS if facet not in block.facets)


def test_a_first_reply_defines_gives_an_example_and_is_short() -> None:
    wrong = {}
    for block in BLOCKS:
        if block.leads_with != "definition":  # the complete scripts
            continue
        message = Learner().ask(block.id)
        is_whole = all(block.facets[side] in message["said"] for side in ("definition", "example"))
        if not is_whole or len(message["told"].split()) > MOST_WORDS:
            wrong[block.id] = len(message["told"].split())
    assert wrong == {}


def test_the_side_that_is_asked_for_is_told() -> None:
    wrong = [
        (block.id, facet)
        for block in BLOCKS
        for facet in block.facets
        if facet != "symptoms"
        and (facet, block.leads_with) != ("definition", "code")
        and block.facets[facet] not in Learner().ask(block.id, facet)["told"]
    ]
    assert wrong == []


@pytest.mark.parametrize(("facet", "nearest"), NEAREST.items())
def test_a_side_that_is_lacking_is_said_to_be_and_the_nearest_told(
    facet: str, nearest: str
) -> None:
    wrong = []
    for block in BLOCKS:
        if facet in block.facets:
            continue
        message = Learner().ask(block.id, facet)
        told = block.facets.get(nearest, block.facets["definition"])
        is_said = message["response"] == "utter_concept_lacks" and block.title in message["said"]
        if not is_said or not message["told"].startswith(told):
            wrong.append(block.id)
    assert wrong == []


@pytest.mark.parametrize("wish", [*FACETS, "more", "picture", "pros_cons"])
def test_no_side_is_told_twice_in_a_row(wish: str) -> None:
    again = []
    for block in (*CONCEPTS[::5], *library().contrasts[::5]):
        learner = Learner()
        before = learner.ask(block.id)
        for _ in range(2):
            answer = learner.go_on(wish)
            twice = [
                side
                for side, text in block.facets.items()
                if text in before.get("told", "") and text in answer.get("told", "")
            ]
            if twice:
                again.append((block.id, *twice))
            before = answer
    assert again == []


def test_more_tells_every_side_once_and_then_that_there_is_no_more() -> None:
    for block in CONCEPTS[::20]:
        learner = Learner()
        learner.ask(block.id)
        left = [side for side in GOES_ON_TO if side in block.facets and side != "example"]
        told = [learner.go_on("more")["told"] for _ in left]
        assert told == [block.facets[side] for side in left]
        last = learner.go_on("more")
        assert last["response"] == "utter_concept_exhausted"
        assert titles(last) == [library()[name].title for name in block.related[:3]]
        learner.say("yes", "affirm")
        (message,) = learner.run(ActionAffirm())
        assert library()[block.related[0]].facets["definition"] in message["said"]


def test_buttons_ask_for_sides_that_exist_then_for_a_comparison_and_two_related() -> None:
    wrong = []
    for block in (block for block in CONCEPTS if block.leads_with == "definition"):
        wanted = [t for t, side in SIDES.items() if side in block.facets and side != "example"]
        partners = [other for other in library().contrasts if block.id in other.concepts]
        wanted += ["Compare"] * bool(partners and len(partners[0].concepts) == 2)
        wanted += [library()[name].title for name in block.related[:2]]
        if (offered := titles(Learner().ask(block.id))) != wanted:
            wrong.append((block.id, offered))
    assert wrong == []


def test_the_buttons_of_a_contrast_lead_to_what_it_compares() -> None:
    for block in library().contrasts:
        offered = titles(Learner().ask(block.id, "compare"))
        assert offered[-2:] == [library()[name].title for name in block.concepts[:2]]


def test_what_was_told_has_no_button_any_more() -> None:
    learner = Learner()
    assert {"Formula", "Why"} <= set(titles(learner.ask("dropout")))
    assert "Formula" not in titles(learner.go_on("formula"))
    left = titles(learner.go_on("why"))
    assert not {"Formula", "Why"} & set(left)


def test_two_concepts_without_a_written_contrast_are_set_side_by_side() -> None:
    assert library().contrast("dropout", "gpu") is None
    learner = Learner()
    message = learner.ask("dropout|gpu", "compare")
    for name in ("dropout", "gpu"):
        assert library()[name].facets["definition"] in message["said"]
        assert library()[name].facets["when"] in message["said"]
    assert titles(message) == [library()[name].title for name in ("dropout", "gpu")]
    assert learner.slots["knowledge_recent"] == ["dropout", "gpu"]


def test_a_source_has_a_title_and_an_address_and_is_no_side() -> None:
    learner = Learner()
    learner.ask("dropout")
    sides = learner.slots["knowledge_told"]
    source = library()["dropout"].source
    assert source and source.url
    message = learner.go_on("source")
    assert source.title in message["said"] and source.url in message["said"]
    assert learner.slots["knowledge_told"] == sides
    for block in BLOCKS:
        assert block.source and block.source.title in Learner().ask(block.id, "source")["said"]


def test_who_has_a_trouble_is_told_what_it_is_and_when_it_comes() -> None:
    for block in [block for block in CONCEPTS if block.symptoms]:
        message = Learner().ask(block.id, "symptoms")
        assert message["response"] == "utter_concept_symptoms"
        assert block.facets["definition"] in message["said"]
        assert block.facets["when"] in message["said"]


def test_strengths_and_weaknesses_come_together() -> None:
    block = next(block for block in CONCEPTS if {"strengths", "weaknesses"} <= set(block.facets))
    said = Learner().ask(block.id, "pros_cons")["said"]
    assert block.facets["strengths"] in said and block.facets["weaknesses"] in said


def test_code_and_formulas_stand_in_a_code_block() -> None:
    for facet in ("code", "formula"):
        block = next(block for block in CONCEPTS if facet in block.facets)
        assert Learner().ask(block.id, facet)["said"].rstrip().endswith("```")


def test_what_is_spoken_of_is_remembered_newest_first_and_not_for_ever() -> None:
    learner = Learner()
    for block in CONCEPTS[:8]:
        learner.ask(block.id)
    learner.ask(CONCEPTS[5].id)
    expected = [CONCEPTS[n].id for n in (5, 7, 6, 4, 3, 2)]
    assert learner.slots["knowledge_recent"] == expected
    assert learner.slots["knowledge_told"] == ["definition", "example"]


def test_again_says_the_last_answer_once_more_with_its_buttons() -> None:
    learner = Learner()
    first = learner.ask("dropout")
    again = learner.go_on("repeat")
    assert again["said"] == first["said"]
    assert again["buttons"] == first["buttons"]


def test_again_shows_the_last_picture_once_more_with_what_it_shows() -> None:
    learner = Learner()
    first = learner.ask("machine_learning|deep_learning", "picture")
    again = learner.go_on("repeat")
    assert again["image"] == first["image"]
    assert again["metadata"] == first["metadata"] and "| Uses |" in first["metadata"]["alt"]


def test_next_follows_the_learning_path_and_skips_what_is_known() -> None:
    order = library().path.order
    learner = Learner()
    learner.ask(order[1])
    learner.ask(order[0])
    assert library()[order[2]].facets["definition"] in learner.go_on("next")["said"]


def test_next_off_the_path_goes_to_what_is_related() -> None:
    block = next(block for block in CONCEPTS if block.id not in library().path.order)
    learner = Learner()
    learner.ask(block.id)
    assert library()[block.related[0]].facets["definition"] in learner.go_on("next")["said"]


def test_back_returns_to_what_came_before() -> None:
    learner = Learner()
    learner.ask("dropout")
    learner.ask("gpu")
    assert library()["dropout"].facets["definition"] in learner.go_on("back")["said"]


def test_what_has_no_other_side_says_so() -> None:
    block = next(block for block in CONCEPTS if block.counterpart is None)
    learner = Learner()
    learner.ask(block.id)
    assert learner.go_on("other_field")["response"] == "utter_no_other_side"


@pytest.mark.parametrize("wish", ["why", "how", "example", "more", "repeat"])
def test_a_follow_up_to_nothing_is_told_so(wish: str) -> None:
    assert Learner().go_on(wish)["response"] == "utter_nothing_to_follow"


@pytest.mark.parametrize(
    ("wish", "block", "side"),
    [
        ("code", "iris_code", "code"),
        ("both", "machine_learning|deep_learning", "definition"),
    ],
)
def test_code_and_both_mean_something_at_once(wish: str, block: str, side: str) -> None:
    learner = Learner()
    assert library()[block].facets[side] in learner.go_on(wish)["said"]


def test_the_path_names_every_stage_and_next_begins_it() -> None:
    learner = Learner()
    learner.say("where do I start", "learning_path")
    (message,) = learner.run(actions.ActionTellPath())
    assert all(stage.title in message["said"] for stage in library().path.stages)
    first = library()[library().path.order[0]]
    assert first.facets["definition"] in learner.go_on("next")["said"]
    assert learner.slots["knowledge_recent"] == [first.id]


def test_what_to_know_before_a_concept_is_told() -> None:
    for name, needs in library().path.needs.items():
        learner = Learner()
        learner.say(f"what do I need before {name}", "learning_path", concept=name)
        (message,) = learner.run(actions.ActionTellPath())
        assert all(library()[need].name in message["said"] for need in needs)
        assert titles(message) == [library()[need].title for need in needs]


def test_an_unknown_name_gets_an_honest_no_and_choices() -> None:
    learner = Learner()
    learner.say("the Veldkamp loss", "unknown_name", offers=["huber_loss", "focal_loss"])
    (message,) = learner.run(actions.ActionOfferConcepts())
    assert message["response"] == "utter_unknown_name"
    assert titles(message) == ["Huber loss", "Focal loss"]
    learner.say("yes", "affirm")
    (told,) = learner.run(ActionAffirm())
    assert library()["huber_loss"].facets["definition"] in told["said"]


def test_what_is_unclear_is_asked_back_and_without_choices_declined() -> None:
    learner = Learner()
    learner.say("loss?", "nlu_fallback", offers=["huber_loss"])
    assert responses(learner.run(actions.ActionOfferConcepts())) == ["utter_did_you_mean"]
    learner.say("hm", "nlu_fallback")
    assert responses(learner.run(actions.ActionOfferConcepts())) == ["utter_out_of_scope"]


def test_what_can_be_asked_is_short_with_a_choice_for_each_area_which_lists_its_concepts() -> None:
    learner = Learner()
    learner.say("what can I ask", "list_topics")
    (message,) = learner.run(actions.ActionListConcepts())
    assert len(message["said"].split()) <= 30 and str(len(CONCEPTS)) in message["said"]
    for area in library().areas():
        assert any(each["title"] == area and area in each["payload"] for each in message["buttons"])
    for area in library().areas():
        learner.say(f"what do you know on {area}", "list_topics", area=area)
        (message,) = learner.run(actions.ActionListConcepts())
        assert all(block.name in message["said"] for block in library().area(area))


def test_a_second_request_is_offered_and_yes_takes_it() -> None:
    learner = Learner()
    learner.say(
        "what is bagging? what is a GPU?",
        "ask_concept",
        concept="bagging",
        facet="definition",
        also=[{"intent": "ask_concept", "concept": "gpu"}],
    )
    told, offer = learner.run(actions.ActionAnswerConcept())
    assert library()["bagging"].facets["definition"] in told["said"]
    assert library()["gpu"].title in offer["said"]
    learner.say("yes", "affirm")
    (message,) = learner.run(ActionAffirm())
    assert library()["gpu"].facets["definition"] in message["said"]


OFFERS = [name for name in DOMAIN["responses"] if name.startswith("utter_offer_")]


@pytest.mark.parametrize("offered", OFFERS)
def test_yes_to_what_was_offered_begins_it_or_shows_its_button(offered: str) -> None:
    learner = Learner()
    also = {"intent": offered.removeprefix("utter_offer_")}
    learner.say("what is bagging? and ...", "ask_concept", concept="bagging", also=[also])
    _, offer = learner.run(actions.ActionAnswerConcept())
    assert titles(offer) == [phrase(offered)]
    learner.say("yes", "affirm")
    said = learner.run(ActionAffirm())
    forms = [event["name"] for event in learner.returned if event["event"] == "followup"]
    assert forms or titles(said[0]) == [phrase(offered)]


def test_no_forgets_what_was_offered() -> None:
    learner = Learner(knowledge_offer=["gpu"])
    learner.say("no", "deny")
    learner.run(ActionDeny())
    learner.say("yes", "affirm")
    assert responses(learner.run(ActionAffirm())) == ["utter_yes_to_what"]


@pytest.mark.parametrize("form", ["iris_form", "review_form"])
@pytest.mark.parametrize(
    "action",
    [
        actions.ActionAnswerConcept,
        actions.ActionFollowUp,
        actions.ActionListConcepts,
        actions.ActionTellPath,
        actions.ActionOfferConcepts,
    ],
)
def test_a_form_that_waits_asks_again_after_every_answer(action: Any, form: str) -> None:
    learner = Learner(knowledge_recent=["dropout"], knowledge_told=[])
    learner.loop = {"name": form}
    learner.say(
        "what?", "ask_concept", concept="dropout", facet="why", offers=["dropout"], about=None
    )
    assert learner.run(action())
    assert {"event": "followup", "timestamp": None, "name": form} in learner.returned


def test_wrong_ids_in_old_conversations_are_passed_over() -> None:
    learner = Learner(knowledge_recent=["a_topic_of_old", "dropout"], knowledge_told=["essence"])
    assert learner.go_on("why")["said"]
    (message,) = learner.hear(tell, "dropout")
    assert library()["dropout"].facets["definition"] in message["said"]
