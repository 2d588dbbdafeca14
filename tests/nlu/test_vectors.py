"""The kept vectors are those of the encoder, and they are those of today's examples."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nlu import vectors
from nlu.questions import read_examples
from nlu.sentence_encoder import SentenceEncoder
from nlu.topic_model import prepare

SENTENCES = ["what is overfitting", "where can I buy iris bulbs", "k=5"]


def test_kept_vectors_point_where_the_encoders_do(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    vectors.write(SENTENCES[:2], path)
    assert vectors.known_share(SENTENCES, path) == 2 / 3
    likeness = (vectors.encode(SENTENCES, path) * SentenceEncoder.load().encode(SENTENCES)).sum(1)
    assert np.allclose(likeness, 1.0, atol=1e-3)


def test_nearly_all_examples_are_kept() -> None:
    texts = [prepare(example.text) for example in read_examples()]
    assert vectors.known_share(texts) > 0.9, "run `python -m nlu.vectors`"


def test_examples_are_read_with_the_labels_that_rasa_reads() -> None:
    examples = {example.text: example.label for example in read_examples()}
    assert examples["k=5" if "k=5" in examples else "with k=5"] == "set_k"
    assert examples["tell me more"] == "follow_up/more"
    assert any(label == "ask_topic/rnn" for label in examples.values())


def test_what_git_holds_of_the_encoder_stays_within_its_limit() -> None:
    size = sum(file.stat().st_size for file in vectors.PATH.parent.iterdir() if file.is_file())
    assert size <= 25_000_000
