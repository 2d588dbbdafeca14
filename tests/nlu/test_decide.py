"""The rules one by one, on readings that no model made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.knowledge import library
from nlu.concept import FEATURES, Finding
from nlu.decide import (
    ANSWER,
    MOST_OFFERS,
    OFFER,
    SURE_DEMONSTRATION,
    Decision,
    Reading,
    decide,
    interrupts,
)
from nlu.names import Link
from nlu.talk import Talk

QUESTION, FOLLOW_UP, OUTSIDE = "ask_concept", "follow_up", "out_of_scope"


def found(
    *blocks: str,
    chance: float = 0.9,
    named: Sequence[str] = (),
    strange: bool = False,
    text: str = "?",
    **features: float,
) -> Finding:
    """Return a finding whose ranking holds these blocks, each 0.1 behind the one before."""
    ranking = tuple((block, 1.0 - place / 10) for place, block in enumerate(blocks))
    links = tuple(Link(concept, place, place + 1) for place, concept in enumerate(named))
    seen = {**dict.fromkeys(FEATURES, 0.0), **features}
    return Finding(ranking, chance, links, text, strange, seen, np.zeros(1), lambda block: 0.0)


def reading(
    kinds: Mapping[str, float],
    finding: Finding | None = None,
    facet: str | tuple[str, float] = "definition",
    talk: Talk | None = None,
    answers: Mapping[str, tuple[str, float]] | None = None,
    topic: tuple[str, float] | None = None,
) -> Reading:
    """Return a reading; in a conversation it is about a name, or else what was spoken of."""
    finding, talk = finding or found("pandas", chance=0.01), talk or Talk()
    likely = next(iter([*finding.named(), *talk.recent])) if talk.recent else finding.best
    side, chance = (facet, 0.9) if isinstance(facet, str) else facet
    return Reading(
        kinds=sorted(kinds.items(), key=lambda kind: -kind[1]),
        finding=finding,
        facets=[(side, chance)],
        talk=talk,
        answers=(answers or {}).get,
        topics=[topic or (likely, 0.9 if talk.recent else finding.probability)],
    )


def details(decision: Decision) -> dict[str, Any]:
    return {"intent": decision.intent, **decision.details}


def asks(concept: str, facet: str = "definition") -> dict[str, Any]:
    return {"intent": QUESTION, "concept": concept, "facet": facet}


def follow(wish: str, chance: float = 0.9) -> dict[str, float]:
    return {f"{FOLLOW_UP}/{wish}": chance, QUESTION: 1 - chance}


AFTER = Talk(("dropout", "overfitting"))
ASKED = {QUESTION: 0.9, OUTSIDE: 0.1}


# Other kinds


def test_small_talk_is_answered_even_beside_a_concept() -> None:
    decision = decide(reading({"greet": 0.9, QUESTION: 0.1}, found("cnn", chance=0.8)))
    assert details(decision) == {"intent": "greet"}
    assert decision.confidence == pytest.approx(0.9)


def test_a_name_alone_is_no_small_talk() -> None:
    alone = replace(found("perceptron", named=["perceptron"], name_share=1.0), is_bare=True)
    assert details(decide(reading({"greet": 0.9, QUESTION: 0.1}, alone))) == asks("perceptron")


def test_the_halves_of_a_label_become_intent_and_detail() -> None:
    decision = decide(reading({"try_iris/scale": 0.5, "try_iris/split": 0.4, QUESTION: 0.1}))
    assert details(decision) == {"intent": "try_iris", "experiment": "scale"}


@pytest.mark.parametrize("shown", [None, "flower"])
def test_only_a_clear_wish_opens_a_demonstration(shown: str | None) -> None:
    unsure = SURE_DEMONSTRATION - 0.05
    kinds = {"predict_iris": unsure, QUESTION: 1 - unsure}
    decision = decide(reading(kinds, found("iris_knn", chance=0.5), talk=Talk((), None, shown)))
    assert (decision.intent == "predict_iris") == (shown is not None)


def test_a_clear_concept_opens_no_demonstration() -> None:
    kinds = {"classify_review": SURE_DEMONSTRATION - 0.05, QUESTION: 0.2}
    question = found("sentiment_analysis", chance=0.95)
    assert details(decide(reading(kinds, question))) == asks("sentiment_analysis")


def test_a_learning_path_leads_to_the_concept_that_is_named() -> None:
    decision = decide(reading({"learning_path": 0.9}, found("cnn", named=["cnn"])))
    assert details(decision) == {"intent": "learning_path", "concept": "cnn"}


# What the article says


def test_the_article_is_asked_about_a_concept() -> None:
    finding = found("the_article", "deep_learning", named=["the_article", "deep_learning"])
    assert details(decide(reading(ASKED, finding))) == asks("deep_learning", "article")


def test_the_article_itself_is_a_concept() -> None:
    finding = found("the_article", named=["the_article"])
    assert decide(reading(ASKED, finding)).details["concept"] == "the_article"


# Follow-ups


@pytest.mark.parametrize("wish", ["why", "code", "more", "symptoms", "next"])
def test_a_follow_up_is_about_what_was_spoken_of(wish: str) -> None:
    decision = decide(reading(follow(wish), facet=wish, talk=AFTER))
    assert details(decision) == {"intent": FOLLOW_UP, "facet": wish, "concept": "dropout"}


def test_a_follow_up_on_a_demonstration_says_so() -> None:
    talk = Talk(("iris_knn",), None, "flower")
    decision = decide(reading(follow("why"), talk=talk))
    assert details(decision) == {"intent": FOLLOW_UP, "facet": "why", "about": "flower"}


def test_a_side_that_a_contrast_lacks_is_that_of_the_concept_spoken_of_last() -> None:
    contrast = library().contrast("precision", "recall")
    assert contrast is not None
    assert "formula" not in contrast.facets
    talk = Talk((contrast.id, "recall"))
    assert decide(reading(follow("formula"), talk=talk)).details["concept"] == "recall"


def test_a_side_that_a_contrast_has_is_its_own() -> None:
    contrast = library().contrast("precision", "recall")
    assert contrast is not None
    assert {"when", "example"} & set(contrast.facets)
    wish = next(side for side in ("when", "example") if side in contrast.facets)
    talk = Talk((contrast.id, "recall"))
    assert decide(reading(follow(wish), talk=talk)).details["concept"] == contrast.id


def test_a_follow_up_that_names_another_concept_asks_for_it() -> None:
    finding = found("cnn", chance=0.1, named=["cnn"])
    decision = decide(reading(follow("other_concept"), finding, talk=AFTER))
    assert details(decision) == asks("cnn")


def test_a_follow_up_that_names_the_current_concept_stays_with_it() -> None:
    finding = found("dropout", named=["dropout"])
    decision = decide(reading(follow("code"), finding, facet="code", talk=AFTER))
    assert (decision.details["concept"], decision.details["facet"]) == ("dropout", "code")


def test_a_name_that_is_not_near_is_none_in_a_follow_up_for_a_side() -> None:
    finding = found("overfitting", chance=0.1, named=["model"])
    ours = ("dropout", 0.9)
    decision = decide(reading(follow("symptoms"), finding, "symptoms", AFTER, topic=ours))
    assert decision.details["concept"] == "dropout"


def test_the_same_in_the_other_field() -> None:
    ours = next(block for block in library().concepts if block.counterpart)
    talk, topic = Talk((ours.id,)), (str(ours.counterpart), 0.9)
    decision = decide(reading(follow("other_field"), talk=talk, topic=topic))
    assert details(decision) == asks(str(ours.counterpart))


def test_a_comparison_at_the_start_compares_nothing() -> None:
    assert decide(reading(follow("compare"), facet="compare")).intent != QUESTION


def test_what_is_said_of_an_invented_name_is_about_no_block() -> None:
    finding = found("dropout", chance=0.05, strange=True)
    for kinds in (follow("why"), ASKED):
        decision = decide(reading(kinds, finding, talk=AFTER, topic=("cnn", 0.9)))
        assert decision.intent == "unknown_name"
    slip = reading(follow("why"), finding, talk=AFTER, topic=("dropout", 0.9))  # "whyy tho"
    assert decide(slip).details["concept"] == "dropout"


def test_what_is_outside_is_no_follow_up() -> None:
    kinds = {f"{FOLLOW_UP}/why": 0.15, OUTSIDE: 0.85}
    assert decide(reading(kinds, talk=AFTER, topic=("dropout", 0.3))).intent == OUTSIDE


def test_at_the_start_a_follow_up_asks_for_what_it_names() -> None:
    finding = found("overfitting", chance=0.1, named=["model"])
    decision = decide(reading(follow("why"), finding, facet="why", topic=("model", 0.9)))
    assert details(decision) == asks("model", "why")


def test_what_holds_for_both_fields_is_told_on() -> None:
    finding = found("deep_learning", named=["deep_learning"])
    same = reading(follow("other_field"), finding, talk=AFTER, topic=("dropout", 0.9))
    assert details(decide(same)) == asks("dropout", "more")


def test_more_of_a_clear_concept_is_a_question() -> None:
    clear = reading(follow("more"), found("cnn", chance=0.9), talk=AFTER, topic=("cnn", 0.9))
    decision = decide(clear)
    assert decision.details["concept"] == "cnn"


# Comparisons


@pytest.mark.parametrize(
    ("topic", "spoken", "named", "concept"),
    [
        ("precision|recall", (), ["recall", "precision"], "recall|precision"),
        ("precision|recall", ("precision",), ["recall"], "precision|recall"),
        ("precision|recall", ("recall",), ["precision"], "recall|precision"),
        ("cnn|dropout", (), ["dropout", "cnn"], "dropout|cnn"),
        ("cnn|dropout", ("cnn", "dropout"), [], "cnn|dropout"),
    ],
)
def test_what_is_compared_stands_in_the_order_of_the_words(
    topic: str, spoken: tuple[str, ...], named: list[str], concept: str
) -> None:
    finding = found(*(named or ["pandas"]), named=named)
    clear = reading(ASKED, finding, "compare", Talk(spoken), topic=(topic, 0.9))
    assert details(decide(clear)) == asks(concept, "compare")


def test_a_side_of_a_contrast_is_told_where_it_has_it() -> None:
    contrast = library().block("precision|recall")
    clear = reading(ASKED, facet="when", topic=(contrast.id, 0.9))
    assert decide(clear).details["facet"] == ("when" if "when" in contrast.facets else "compare")


def test_two_names_in_a_question_that_does_not_compare() -> None:
    finding = found("dropout", "pandas", named=["dropout", "pandas"])
    assert details(decide(reading(ASKED, finding, "why"))) == asks("dropout", "why")


# Questions


def test_a_clear_concept_is_told() -> None:
    assert details(decide(reading(ASKED, found("cnn"), "how"))) == asks("cnn", "how")


def test_a_new_concept_is_defined_where_the_side_is_not_clear() -> None:
    unsure = ("why", 0.3)
    assert decide(reading(ASKED, found("cnn"), unsure)).details["facet"] == "definition"
    known = reading(ASKED, found("cnn"), unsure, Talk(("cnn",)))
    assert decide(known).details["facet"] == "why"


def test_a_question_on_the_field_is_answered_at_once() -> None:
    block = library().area("the field")[0].id
    assert decide(reading(ASKED, found(block), "why")).details["facet"] == "definition"
    assert decide(reading(ASKED, found(block), "example")).details["facet"] == "example"


def test_what_a_conversation_leads_to_is_told_though_it_is_not_near_by_itself() -> None:
    vague = found("cnn", chance=(ANSWER + OFFER) / 2)
    expected = reading(ASKED, vague, talk=AFTER, topic=("cnn", 0.6))
    assert decide(expected).details.get("concept") == "cnn"
    assert decide(reading(ASKED, vague)).intent == "nlu_fallback"


def test_what_is_outside_needs_a_surer_concept() -> None:
    kinds = {OUTSIDE: 0.9, QUESTION: 0.1}
    assert decide(reading(kinds, found("cnn", chance=0.5))).intent == OUTSIDE
    assert decide(reading(kinds, found("cnn", chance=0.8))).details["concept"] == "cnn"


def test_a_question_that_stays_with_what_was_spoken_of() -> None:
    vague = found("pandas", chance=0.05)
    assert details(decide(reading(ASKED, vague, "when", AFTER))) == asks("dropout", "when")
    for unclear in (
        reading(ASKED, vague, "when", AFTER, topic=("dropout", 0.3)),
        reading(ASKED, vague, "when", Talk()),
    ):
        assert decide(unclear).intent != QUESTION


def test_a_small_question_is_answered_from_what_was_spoken_of() -> None:
    answers = {"dropout": ("answer/1", 0.9), "pandas": ("answer/0", 0.9)}
    other = {"try_iris": 0.9, QUESTION: 0.1}
    small = reading(other, found("pandas", chance=0.05), talk=AFTER, answers=answers)
    assert details(decide(small)) == asks("dropout", "answer/1")
    unsure = {"dropout": ("answer/1", 0.1)}
    assert decide(replace(small, answers=unsure.get)).intent == "try_iris"
    assert decide(replace(small, topics=[("pandas", 0.9)])).intent == "try_iris"
    # After a flower "why is it that one?" is about the flower.
    assert decide(replace(small, talk=Talk(("dropout",), shown="flower"))).intent == "try_iris"


def test_a_small_question_by_itself_is_answered_from_its_block() -> None:
    answers = {"cnn": ("answer/2", 0.9)}
    small = reading(ASKED, found("cnn", chance=0.8), "how", answers=answers)
    assert details(decide(small)) == asks("cnn", "answer/2")
    assert details(decide(replace(small, answers={}.get))) == asks("cnn", "how")


# Offers and the rest


def test_what_is_near_and_not_clear_is_offered() -> None:
    blocks = ["cnn", "rnn", "gan", "lstm"]
    decision = decide(reading(ASKED, found(*blocks, chance=(ANSWER + OFFER) / 2)))
    assert details(decision) == {"intent": "nlu_fallback", "offers": blocks[:MOST_OFFERS]}


def test_what_is_far_behind_the_best_is_not_offered() -> None:
    finding = Finding(
        (("cnn", 1.0), ("rnn", 0.5)),
        OFFER,
        (),
        "?",
        False,
        dict.fromkeys(FEATURES, 0.0),
        np.zeros(1),
        lambda block: 0.0,
    )
    assert decide(reading(ASKED, finding)).details["offers"] == ["cnn"]


def test_a_question_that_nothing_answers_names_something_unknown() -> None:
    decision = decide(reading(ASKED, found("cnn", chance=0.05)))
    assert (decision.intent, decision.details["offers"]) == ("unknown_name", ["cnn"])


def test_small_talk_that_is_likely_is_better_than_nothing() -> None:
    kinds = {"thank": 0.4, OUTSIDE: 0.3, QUESTION: 0.3}
    assert decide(reading(kinds)).intent == "thank"


def test_everything_else_is_outside() -> None:
    assert details(decide(reading({OUTSIDE: 0.6, "predict_iris": 0.4}))) == {"intent": OUTSIDE}


def test_the_parts_of_an_intent_count_together() -> None:
    kinds = {"follow_up/why": 0.3, "follow_up/how": 0.3, "greet": 0.4}
    assert reading(kinds).kind == FOLLOW_UP
    assert reading(kinds).chances[FOLLOW_UP] == pytest.approx(0.6)


# While a form waits


def in_form(form: str, **kinds: float) -> Reading:
    return reading(kinds, talk=Talk(("iris_knn",), form))


def test_a_request_interrupts_a_form() -> None:
    assert interrupts(in_form("iris_form", ask_concept=0.9), "what is pooling")
    assert interrupts(in_form("review_form", ask_concept=0.5, list_topics=0.4), "what else?")


def test_an_answer_does_not() -> None:
    assert not interrupts(in_form("review_form", state_opinion=0.9, ask_concept=0.1), "dull film")
    assert not interrupts(in_form("review_form", out_of_scope=0.9), "the actors talk and talk")
    assert not interrupts(in_form("iris_form", inform_measurement=0.9), "3.5 I think")


def test_a_story_is_a_review_whatever_it_asks() -> None:
    assert not interrupts(in_form("review_form", ask_concept=0.9), "why " * 26)


def test_what_is_outside_interrupts_only_the_flower() -> None:
    text = "how long do I boil an egg"
    assert interrupts(in_form("iris_form", out_of_scope=0.9), text)
    assert not interrupts(in_form("review_form", out_of_scope=0.9), text)
    assert not interrupts(in_form("iris_form", out_of_scope=0.9), "eggs maybe")


def test_only_short_small_talk_interrupts() -> None:
    assert interrupts(in_form("review_form", thank=0.9), "thanks a lot")
    assert not interrupts(in_form("review_form", thank=0.9), "thanks " * 10)
    assert not interrupts(in_form("review_form", thank=0.4, state_opinion=0.3), "thanks a lot")


def test_a_wish_for_a_side_that_the_block_has_is_no_small_question() -> None:
    answers = {"dropout": ("answer/1", 0.9)}
    decision = decide(reading(follow("code"), facet="code", talk=AFTER, answers=answers))
    assert decision.details["facet"] == "code"
