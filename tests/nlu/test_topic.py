"""Whether a message stays with what was spoken of."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.decide import STAYS
from nlu.talk import Talk
from nlu.topic import TopicModel
from nlu.understand import Stages, _encode


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("cross_validation", "how many folds should I take?"),
        ("r_squared", "can it be negative?"),
        ("gan", "why is it so hard to train?"),
        ("dropout", "is it still on when I predict?"),
        ("batch_size", "what happens with batch size 1?"),
    ],
)
def test_what_leans_on_the_concept_stays(stages: Stages, spoken: str, text: str) -> None:
    assert stages._reading(text, Talk((spoken,))).stays >= STAYS


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("cross_validation", "what is a transformer?"),
        ("gan", "explain gradient boosting to me"),
        ("dropout", "how does batch normalisation work?"),
    ],
)
def test_what_names_another_concept_goes(stages: Stages, spoken: str, text: str) -> None:
    assert stages._reading(text, Talk((spoken,))).stays < STAYS


def test_asides_lean_and_questions_for_themselves_do_not(stages: Stages) -> None:
    leaning, free = (
        stages._topics.leans(_encode(text)) for text in ("and why is it so?", "what is dropout?")
    )
    assert leaning > 0 > free


def test_a_kept_model_says_the_same(stages: Stages, tmp_path: Path) -> None:
    stages._topics.save(tmp_path / "topic.npz")
    kept = TopicModel.load(tmp_path / "topic.npz")
    vector = _encode("how many folds?")
    assert kept.leans(vector) == stages._topics.leans(vector)
