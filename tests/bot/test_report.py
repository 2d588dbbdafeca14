"""The report belongs to the assistant as it is and covers every set."""

from __future__ import annotations

import json

import pytest

from bot.evaluation.run import DIALOGUES, QUESTIONS, REPORT, read_dialogues, read_questions
from bot.training import BEHAVIOUR, fingerprint

STALE = "the report is stale: run `python -m bot evaluate` and commit docs/understanding"


@pytest.fixture(scope="module")
def figures() -> dict:
    return json.loads((REPORT / "metrics.json").read_text(encoding="utf-8"))


def test_the_report_was_written_for_the_assistant_as_it_is(figures: dict) -> None:
    scored = fingerprint(sources=BEHAVIOUR)
    assert figures.get("assistant") == scored, STALE
    assert scored in (REPORT / "report.md").read_text(encoding="utf-8"), STALE


def test_the_report_names_every_set_and_counts_all_of_it(figures: dict) -> None:
    assert set(figures["questions"]) == set(QUESTIONS), STALE
    assert set(figures["dialogues"]) == set(DIALOGUES), STALE
    for name in QUESTIONS:
        assert figures["questions"][name]["n"] == len(read_questions(name)), STALE
    for name, path in DIALOGUES.items():
        assert figures["dialogues"][name]["dialogues"] == len(read_dialogues(path)), STALE
    page = (REPORT / "report.md").read_text(encoding="utf-8")
    for name in (*QUESTIONS, *DIALOGUES):
        assert f"| {name.replace('_', ' ')}" in page, STALE
