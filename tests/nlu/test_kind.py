"""Which kind of message it is, by the trained model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.encoder import SentenceEncoder
from nlu.intents import INTENTS
from nlu.kind import NO_KIND, QUESTION, KindModel


def likeliest(kinds: KindModel, text: str) -> str:
    chances: dict[str, float] = {}
    for label, chance in kinds.rank(SentenceEncoder.load().encode([text])[0]):
        name = label.partition("/")[0]
        chances[name] = chances.get(name, 0.0) + chance
    return max(chances, key=lambda name: chances[name])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("good evening to you", "greet"),
        ("thanks, that was clear", "thank"),
        ("see you tomorrow", "goodbye"),
        ("how does a random forest vote", QUESTION),
        ("why does my network memorise the training data", QUESTION),
        ("explain that in simpler words", "follow_up"),
        ("show me an example of it", "follow_up"),
        ("the film was two hours of boredom and the actors were awful", "state_opinion"),
        ("can you classify an iris for me", "predict_iris"),
        ("how accurate are your models", "ask_accuracy"),
        ("what topics can I ask about", "list_topics"),
        ("what should I learn first", "learning_path"),
        ("how long do I boil an egg", "out_of_scope"),
        ("who won the tennis match last night", "out_of_scope"),
    ],
)
def test_the_likeliest_kind(kinds: KindModel, text: str, kind: str) -> None:
    assert likeliest(kinds, text) == kind


def test_the_labels_are_those_of_the_table(kinds: KindModel) -> None:
    names = {label.partition("/")[0] for label in kinds.labels}
    assert names <= set(INTENTS)
    assert NO_KIND not in names
    for label in kinds.labels:
        assert bool(INTENTS[label.partition("/")[0]].detail) == ("/" in label), label


def test_chances_add_up_and_come_in_order(kinds: KindModel) -> None:
    ranking = kinds.rank(SentenceEncoder.load().encode(["what is pooling"])[0])
    chances = [chance for _, chance in ranking]
    assert sum(chances) == pytest.approx(1.0, abs=1e-4)
    assert chances == sorted(chances, reverse=True)
    assert len({label for label, _ in ranking}) == len(kinds.labels)


def test_a_kept_model_says_what_the_model_said(kinds: KindModel, tmp_path: Path) -> None:
    kept = KindModel.of_arrays(kinds.arrays())
    for vector in SentenceEncoder.load().encode(["hello", "what is a tensor", "a dull film"]):
        assert kept.rank(vector) == kinds.rank(vector)


def test_the_far_vector_of_nothing_breaks_no_ranking(kinds: KindModel) -> None:
    ranking = kinds.rank(np.zeros(384, dtype=np.float32))
    assert all(np.isfinite(chance) for _, chance in ranking)
