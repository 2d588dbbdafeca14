"""What a conversation is about."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.events import ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from nlu.talk import LATELY, RECENT, Talk, talk_of

FLOWER, VERDICT = SlotSet("iris_experiment", {"kind": "split"}), SlotSet("review_last", "dull")


def spoken_of(*blocks: str) -> SlotSet:
    return SlotSet(RECENT, list(blocks))


def tracker(*events: Any) -> DialogueStateTracker:
    names = (RECENT, "iris_experiment", "review_last")
    slots = [AnySlot(name, mappings=[{"type": "custom"}]) for name in names]
    return DialogueStateTracker.from_events("someone", list(events), slots)


def test_at_first_a_conversation_is_about_nothing() -> None:
    assert talk_of(None) == talk_of(tracker()) == Talk()
    assert Talk().current is None
    assert Talk().concepts == ()


def test_the_newest_block_is_the_current_one() -> None:
    current = Talk(("dropout", "overfitting")).current
    assert current is not None
    assert current.id == "dropout"


def test_the_concepts_of_a_contrast_count_one_by_one_and_once() -> None:
    talk = Talk(("precision|recall", "dropout", "recall"))
    assert talk.concepts == ("precision", "recall", "dropout")


def test_the_blocks_spoken_of_are_remembered_newest_first() -> None:
    talk = talk_of(tracker(spoken_of("dropout"), spoken_of("cnn", "dropout")))
    assert talk == Talk(("cnn", "dropout"))


def test_a_block_that_is_gone_is_forgotten() -> None:
    assert talk_of(tracker(spoken_of("a_block_of_last_year", "cnn"))).recent == ("cnn",)


@pytest.mark.parametrize(
    ("shown", "what", "concept"),
    [(FLOWER, "flower", "iris_knn"), (VERDICT, "verdict", "imdb_layers")],
)
def test_a_demonstration_is_spoken_of_until_a_concept_is(
    shown: SlotSet, what: str, concept: str
) -> None:
    later = talk_of(tracker(spoken_of("cnn"), shown))
    assert (later.shown, later.recent) == (what, (concept, "cnn"))
    earlier = talk_of(tracker(shown, spoken_of("cnn")))
    assert (earlier.shown, earlier.recent) == (None, ("cnn",))


def test_of_two_demonstrations_the_last_counts() -> None:
    assert talk_of(tracker(VERDICT, FLOWER)).shown == "flower"
    assert talk_of(tracker(FLOWER, VERDICT)).shown == "verdict"


def test_the_iris_model_is_lately_spoken_of_for_a_few_turns() -> None:
    said = UserUttered("and what is k?")
    assert talk_of(tracker(said, FLOWER, said, spoken_of("k_nearest_neighbours"))).lately
    assert talk_of(tracker(said, FLOWER, *[said] * LATELY)).lately
    assert not talk_of(tracker(said, FLOWER, *[said] * (LATELY + 1))).lately
    assert not talk_of(tracker(said, VERDICT, said)).lately


def test_an_empty_slot_says_nothing() -> None:
    assert talk_of(tracker(SlotSet("iris_experiment", None))) == Talk()
    assert talk_of(tracker(spoken_of("cnn"), SlotSet("review_last", None))).shown is None


@pytest.mark.parametrize(
    ("form", "concept"), [("iris_form", "iris_knn"), ("review_form", "imdb_layers")]
)
def test_a_form_is_what_is_spoken_of_where_nothing_else_was(form: str, concept: str) -> None:
    assert talk_of(tracker(ActiveLoop(form))) == Talk((concept,), form)
    assert talk_of(tracker(spoken_of("cnn"), ActiveLoop(form))) == Talk(("cnn",), form)


def test_a_form_that_was_closed_waits_no_more() -> None:
    assert talk_of(tracker(ActiveLoop("iris_form"), ActiveLoop(None))).form is None


def test_a_number_of_neighbours_is_asked_for_until_somebody_speaks() -> None:
    asked = BotUttered("which k?", metadata={"utter_action": "utter_iris_wrong_k"})
    assert talk_of(tracker(UserUttered("k = 500"), asked)).asks_k
    assert not talk_of(tracker(asked, UserUttered("what is overfitting"))).asks_k
