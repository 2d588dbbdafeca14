"""Which block a message is about where it stands."""

from __future__ import annotations

import numpy as np
import pytest

from models.encoder.vectors import encode
from models.knowledge import library
from nlu.talk import Talk
from nlu.topic import TopicModel, candidates
from nlu.understand import Stages, _alone


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("cross_validation", "how many folds should I take?"),
        ("r_squared", "can it be negative?"),
        ("dropout", "is it still on when I predict?"),
        ("batch_size", "what happens with batch size 1?"),
    ],
)
def test_what_leans_on_the_concept_stays(stages: Stages, spoken: str, text: str) -> None:
    assert stages.read(text, Talk((spoken,))).decision.details["concept"] == spoken


@pytest.mark.parametrize(
    ("spoken", "text", "concept"),
    [
        ("cross_validation", "what is a transformer?", "transformer"),
        ("gan", "explain gradient boosting to me", "gradient_boosting"),
        ("dropout", "how does batch normalisation work?", "batch_normalisation"),
        ("applications_ml", "and in deep learning?", "applications_dl"),
        ("imdb_layers", "and how is it compiled?", "imdb_compile"),
    ],
)
def test_what_names_or_means_another_concept_goes(
    stages: Stages, spoken: str, text: str, concept: str
) -> None:
    assert stages._reading(text, Talk((spoken,))).best == concept


def test_what_is_outside_is_about_no_block(stages: Stages) -> None:
    assert stages._reading("will it rain in Lisbon tomorrow?", Talk(("dropout",))).chance < 0.5


COMPARED = Talk(("precision|recall", "dropout"), compared=("recall", "precision"))


@pytest.mark.parametrize(
    ("talk", "text", "concepts"),
    [
        (Talk(), "precision or recall?", {"precision", "recall"}),
        (
            Talk(),
            "what is the difference between dropout and a random forest?",
            {"dropout", "random_forest"},
        ),
        (Talk(("bagging",)), "vs boosting?", {"bagging", "boosting"}),
        (
            Talk(("adam",)),
            "how does that differ from plain SGD?",
            {"adam", "stochastic_gradient_descent"},
        ),
        (COMPARED, "tell me more about the first one", {"recall"}),
        (COMPARED, "the latter please", {"precision"}),
        (COMPARED, "code for the second", {"precision"}),
        (
            Talk(("recall", "precision|recall"), compared=("recall", "precision")),
            "and the other one?",
            {"precision"},
        ),
    ],
)
def test_pairs_and_their_order(stages: Stages, talk: Talk, text: str, concepts: set[str]) -> None:
    assert {*library().block(stages._reading(text, talk).best).concepts} == concepts


def test_the_other_side_and_what_was_spoken_of_are_candidates(stages: Stages) -> None:
    finding = stages._reading("and the other?", Talk()).finding
    found = [block.id for block in candidates(finding, Talk(("applications_ml", "dropout")))]
    assert {"applications_ml", "applications_dl", "dropout"} <= set(found)
    assert len(found) == len(set(found))


def test_a_kept_model_says_the_same(stages: Stages) -> None:
    kept = TopicModel.of_arrays(stages._topics.arrays(), stages._answers.nearest)
    text = "how many folds?"
    vectors = encode([text])
    (alone,) = _alone([text], vectors, stages._concepts, stages._kinds, stages._facets)
    talk = Talk(("cross_validation",))
    (one, chance), (other, same) = kept.rank(alone, talk)[0], stages._topics.rank(alone, talk)[0]
    assert one == other and np.isclose(chance, same)
