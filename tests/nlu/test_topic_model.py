"""What the topic model reads out of a text, and that keeping it changes nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.neighbours import Neighbours
from nlu.quantised import Quantised
from nlu.questions import read_examples, read_topics
from nlu.topic_model import TopicModel

LABELS = ("greet", "ask_topic/methods", "ask_topic/rnn")


@pytest.fixture(scope="module")
def model() -> TopicModel:
    return TopicModel.train([example for example in read_examples() if example.label in LABELS])


def test_a_text_gets_the_label_of_what_it_resembles(model: TopicModel) -> None:
    greeting, deep, classic = model.read(
        ["good evening", "what do artificial neurons compute", "which clusters does k-means make"]
    )
    assert greeting.ranking[0][0] == "greet"
    assert deep.ranking[0][0] == classic.ranking[0][0] == "ask_topic/methods"
    assert (deep.field, classic.field) == ("dl", "ml")
    assert sum(chance for _, chance in deep.ranking) == pytest.approx(1.0)


def test_a_kept_model_says_what_the_trained_one_did(model: TopicModel, tmp_path: Path) -> None:
    model.save(tmp_path / "kept.npz")
    texts = ["hi", "what do the layers compute", "trees"]
    for before, after in zip(
        model.read(texts), TopicModel.load(tmp_path / "kept.npz").read(texts), strict=True
    ):
        assert before.field == after.field
        assert [label for label, _ in before.ranking] == [label for label, _ in after.ranking]
        assert [chance for _, chance in before.ranking] == pytest.approx(
            [chance for _, chance in after.ranking], abs=0.01
        )


def test_the_nearest_example_speaks_for_its_label() -> None:
    vectors = np.eye(3, dtype=np.float32)
    neighbours = Neighbours.train(vectors, ["b", "a", "b"])
    chances = np.exp(neighbours.log_probabilities(vectors))
    assert chances.sum(axis=1) == pytest.approx(np.ones(3))
    assert chances.argmax(axis=1).tolist() == [1, 0, 1]


def test_rounding_to_bytes_costs_little() -> None:
    table = np.random.default_rng(0).normal(size=(20, 50)).astype(np.float32)
    table[3] = 0
    error = np.abs(Quantised.of(table).values() - table).max(axis=1)
    assert (error <= np.abs(table).max(axis=1) / 250).all()


def test_only_subjects_of_several_fields_say_which_one_a_question_is_about() -> None:
    by_label: dict[str, set[str | None]] = {}
    for example in read_topics():
        by_label.setdefault(example.label, set()).add(example.field)
    assert by_label["ask_topic/learning"] >= {"ml", "dl", "both"}
    assert by_label["ask_topic/rnn"] == {None}
