"""What a ranking becomes with the conversation or another part of the message beside it."""

from __future__ import annotations

from nlu.context import Context
from nlu.rankings import Ranking, distinct, entry_of, weigh_leaning, with_aspect

CONTEXT = Context("iris_knn", "k-nearest neighbours", frozenset({"iris_knn", "iris_split"}))


def ranking(*entries: tuple[str, float]) -> Ranking:
    return [entry_of(label, score) for label, score in entries]


def test_what_leans_goes_on_to_a_related_topic_rather_than_to_any_other() -> None:
    alone = ranking(("ask_topic/rnn", 0.4), ("ask_topic/iris_split", 0.3))
    filled = ranking(("ask_topic/iris_knn", 0.9), ("ask_topic/iris_split", 0.05))
    found = weigh_leaning(alone, filled, CONTEXT, "and the other part?")
    assert found[0]["detail"] == "iris_split"


def test_small_talk_leans_on_nothing() -> None:
    alone = ranking(("thank", 0.7), ("ask_topic/iris_split", 0.3))
    assert weigh_leaning(alone, alone, CONTEXT, "and thanks")[0]["name"] == "thank"


def test_half_a_question_for_help_goes_with_the_rest() -> None:
    help_ = ranking(("ask_help", 0.9))
    assert not distinct(["what to do"], [help_])
    assert distinct(["what can you do"], [help_])


def test_a_field_alone_changes_the_field() -> None:
    assert with_aspect("and in dl?", ranking(("greet", 0.9)))[0]["detail"] == "other_field"
