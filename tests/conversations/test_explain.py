"""`explain` on the command line, with the assistant that the server trained."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conversations.conftest import HOME, ROOT

pytestmark = pytest.mark.usefixtures("server")  # once it answers, the assistant is trained


def explained(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "explain", *arguments],
        cwd=ROOT,
        env={**os.environ, "FATHOM_HOME": HOME, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return " ".join(done.stdout.split())


def test_every_stage_says_what_it_made_of_a_message() -> None:
    output = explained("svm vs random forest")
    for stage in ("kind", "names", "concept", "facet", "conversation", "decision"):
        assert f"│ {stage} │" in output
    assert "nothing yet" in output
    assert "concept support_vector_machine|random_forest" in output


def test_slips_are_shown_mended() -> None:
    assert "what is overfitting" in explained("what is overfiting")


def test_what_was_spoken_of_decides_a_follow_up() -> None:
    assert "softmax" not in explained("the formula")
    after = explained("the formula", "--after", "softmax")
    assert "concept softmax" in after and "facet formula" in after
    compared = explained("and against Adam?", "--after", "stochastic_gradient_descent")
    assert "concept stochastic_gradient_descent|adam" in compared
