"""Jargon names a subject outright, and only where nothing else is asked."""

from __future__ import annotations

import pytest
import yaml

from nlu.questions import KNOWLEDGE
from nlu.terms import find_term


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("what is SHAP", "interpretability"),
        ("F1?", "evaluation_metrics"),
        ("explain dropout in deep learning please", "regularization"),
        ("tell me about k-fold cross-validation", "cross_validation"),
        ("what does LSTM stand for", "lstm_gru"),
        ("gradient decent", "gradient_descent"),
        ("modell maintenence", "model_maintenance"),
        ("what is home security", None),
        ("which gpu should I buy for games", None),
        ("what is love", None),
        ("", None),
    ],
)
def test_a_term_is_the_subject_if_it_is_all_that_is_asked(text: str, subject: str | None) -> None:
    found = find_term(text)
    assert (found.subject if found else None) == subject


def test_no_term_belongs_to_two_topics() -> None:
    owners: dict[str, str] = {}
    for file in KNOWLEDGE.glob("*.yml"):
        for topic in yaml.safe_load(file.read_text(encoding="utf-8"))["topics"]:
            for term in topic.get("terms", ()):
                assert owners.setdefault(str(term).lower(), topic["topic"]) == topic["topic"]
