"""Two requests in one message, and courtesies around one."""

from __future__ import annotations

import pytest

from nlu.requests import requests_in, without_courtesies


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("hello there, what is a tensor? thank you!", "what is a tensor"),
        ("Hi! explain dropout please", "explain dropout"),
        ("thanks a lot and what about regularisation", "what about regularisation"),
        ("hello", "hello"),
        ("thank you very much!", "thank you very much!"),
        ("good film, bad ending", "good film, bad ending"),
    ],
)
def test_courtesies_are_left_out_where_something_else_is_said(text: str, bare: str) -> None:
    assert without_courtesies(text) == bare


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "what is overfitting and how do I install keras?",
            ["what is overfitting", "how do I install keras?"],
        ),
        ("What is SHAP? And what is LIME?", ["What is SHAP?", "And what is LIME?"]),
        ("explain ML, DL and AI", ["explain ML, DL and AI"]),
        ("how do you train and test a model", ["how do you train and test a model"]),
        ("5.1 3.5 1.4 0.2", []),
        ("what do I need for ML and what for DL?", []),
        ("which jobs go to classic ML and which go to deep networks", []),
        ("what is ML, what is DL?", ["what is ML", "what is DL?"]),
        ("my model is bad. it memorises everything.", []),
        ("why " * 200, []),
    ],
)
def test_a_message_is_cut_only_where_a_new_request_begins(text: str, parts: list[str]) -> None:
    assert requests_in(text) == parts
