"""Two requests in one message, and courtesies around one."""

from __future__ import annotations

import pytest

from nlu.requests import requests_in, without_courtesies, without_leaning


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


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("OOM again!!! what can i do", "OOM again!!!"),
        ("I want to learn Spanish, where do I start", "I want to learn Spanish"),
        ("the loss explodes. Any ideas?", "the loss explodes."),
        ("ok, what now?", "ok, what now?"),
        ("what can you do?", "what can you do?"),
        ("how do I start the demo", "how do I start the demo"),
    ],
)
def test_what_leans_on_a_statement_is_no_request(text: str, rest: str) -> None:
    assert without_leaning(text) == rest
