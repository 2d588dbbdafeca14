"""The rules one by one, on readings that no model made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.knowledge import JOINT, library
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


def compared(block: str) -> set[str]:
    return set(library()[block].concepts if block in library() else block.split(JOINT))


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


def test_a_comparison_with_what_was_spoken_of() -> None:
    finding = found("l1_and_l2_regularisation", named=["l1_and_l2_regularisation"])
    decision = decide(reading(follow("compare"), finding, facet="compare", talk=AFTER))
    assert decision.details["facet"] == "compare"
    concepts = decision.details["concept"].split(JOINT)
    assert set(concepts) == {"dropout", "l1_and_l2_regularisation"}


def test_a_bare_comparison_needs_no_kind() -> None:
    finding = replace(found("recall", chance=0.1, named=["recall"]), only="recall")
    decision = decide(reading(ASKED, finding, facet="compare", talk=Talk(("precision",))))
    contrast = library().contrast("precision", "recall")
    assert contrast is not None
    assert details(decision) == asks(contrast.id, "compare")


@pytest.mark.parametrize(
    ("recent", "named", "concepts"),
    [
        (("recall", "precision"), [], {"precision", "recall"}),
        (("precision|recall",), [], {"precision", "recall"}),
        (("dropout",), ["cnn", "rnn"], {"cnn", "rnn"}),
        (("dropout", "cnn"), [], {"dropout", "cnn"}),
    ],
)
def test_both_are_the_last_two_or_those_named(
    recent: tuple[str, ...], named: list[str], concepts: set[str]
) -> None:
    finding = found(*(named or ["pandas"]), chance=0.1, named=named)
    decision = decide(reading(follow("both"), finding, talk=Talk(recent)))
    assert decision.details["facet"] == "compare"
    assert compared(decision.details["concept"]) == concepts


@pytest.mark.parametrize(
    ("text", "named", "concept"),
    [
        ("back to trees", [], "decision_tree"),
        ("back to the first one", [], "dropout"),
        ("back to cnns", ["cnn"], "cnn"),
        ("let's return to dropout", ["dropout", "model"], "dropout"),
    ],
)
def test_going_back_to_what_the_words_recall(text: str, named: list[str], concept: str) -> None:
    finding = found("pandas", chance=0.1, named=named, text=text)
    talk = Talk(("decision_tree", "dropout"))
    assert decide(reading(follow("back"), finding, talk=talk)).details["concept"] == concept


def test_the_same_in_the_other_field() -> None:
    ours = next(block for block in library().concepts if block.counterpart)
    talk, topic = Talk((ours.id,)), (str(ours.counterpart), 0.9)
    decision = decide(reading(follow("other_field"), talk=talk, topic=topic))
    assert details(decision) == asks(str(ours.counterpart))


def test_without_a_name_a_comparison_is_the_nearest_written_one() -> None:
    decision = decide(reading(follow("compare"), facet="compare", talk=Talk(("precision",))))
    assert "precision" in library()[decision.details["concept"]].concepts
    assert library()[decision.details["concept"]].is_contrast


def test_a_comparison_at_the_start_compares_nothing() -> None:
    assert decide(reading(follow("compare"), facet="compare")).intent != QUESTION


def test_an_invented_name_is_no_follow_up() -> None:
    finding = found("dropout", chance=0.05, strange=True)
    decision = decide(reading(follow("why"), finding, talk=AFTER))
    assert decision.intent == "unknown_name"


def test_what_is_outside_is_no_follow_up() -> None:
    kinds = {f"{FOLLOW_UP}/why": 0.15, OUTSIDE: 0.85}
    assert decide(reading(kinds, talk=AFTER, topic=("dropout", 0.3))).intent == OUTSIDE


def test_at_the_start_a_follow_up_asks_for_what_it_names() -> None:
    finding = found("overfitting", chance=0.1, named=["model"])
    decision = decide(reading(follow("why"), finding, facet="why"))
    assert details(decision) == asks("model", "why")


def test_more_of_a_clear_concept_is_a_question() -> None:
    clear = reading(follow("more"), found("cnn", chance=0.9), talk=AFTER, topic=("cnn", 0.9))
    decision = decide(clear)
    assert decision.details["concept"] == "cnn"


# Comparisons


def test_two_names_with_a_written_contrast() -> None:
    finding = found("recall", "precision", named=["recall", "precision"])
    contrast = library().contrast("precision", "recall")
    assert contrast is not None
    for facet in ("compare", "definition"):
        assert details(decide(reading(ASKED, finding, facet))) == asks(contrast.id, "compare")


def test_two_names_without_a_written_contrast_are_joined() -> None:
    finding = found("dropout", "pandas", named=["dropout", "pandas"])
    assert details(decide(reading(ASKED, finding, "compare"))) == asks("dropout|pandas", "compare")


def test_two_names_in_a_question_that_does_not_compare() -> None:
    finding = found("dropout", "pandas", named=["dropout", "pandas"])
    assert details(decide(reading(ASKED, finding, "why"))) == asks("dropout", "why")


def test_a_contrast_that_is_meant_counts_before_names_that_only_stand_there() -> None:
    contrast = library().contrast("precision", "recall")
    assert contrast is not None
    for chance, block in ((0.9, contrast.id), (0.4, "model|label")):
        finding = found(contrast.id, "model", "label", chance=chance, named=["model", "label"])
        decision = decide(reading(ASKED, finding, "compare"))
        assert compared(decision.details["concept"]) == compared(block)


def test_not_more_than_three_are_compared() -> None:
    named = ["dropout", "pandas", "cnn", "recall"]
    decision = decide(reading(ASKED, found(*named, named=named), "compare"))
    assert decision.details["concept"] == "dropout|pandas|cnn"


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
    strange = found("pandas", chance=0.05, strange=True)
    for unclear in (
        reading(ASKED, vague, "when", AFTER, topic=("dropout", 0.3)),
        reading(ASKED, vague, "when", Talk()),
        reading(ASKED, strange, "when", AFTER),
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


def test_a_comparison_of_names_gives_way_to_what_is_clearly_meant() -> None:
    named = ("deep_learning", "model")
    clear = found("explainability", chance=0.9, named=named)
    assert decide(reading({QUESTION: 1.0}, clear, "compare")).details["concept"] == "explainability"
    unclear = found("explainability", chance=0.3, named=named)
    compared = decide(reading({QUESTION: 1.0}, unclear, "compare")).details["concept"]
    assert set(compared.split(JOINT)) == set(named)


def test_a_wish_for_a_side_that_the_block_has_is_no_small_question() -> None:
    answers = {"dropout": ("answer/1", 0.9)}
    decision = decide(reading(follow("code"), facet="code", talk=AFTER, answers=answers))
    assert decision.details["facet"] == "code"


def test_more_after_a_contrast_is_more_of_the_contrast() -> None:
    talk, part = Talk(("precision|recall",)), ("recall", 0.9)
    assert decide(reading(follow("more"), talk=talk, topic=part)).intent == FOLLOW_UP
