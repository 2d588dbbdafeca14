"""Score the held-out sets of this project and write the report."""

from __future__ import annotations

import asyncio
import functools
import time
from pathlib import Path
from typing import Any

import yaml

from bot.assistant import Assistant
from bot.evaluation import dialogues, questions, report, reviews
from bot.evaluation.questions import Question
from bot.settings import ROOT, Settings
from bot.terminal.progress import showing
from bot.training import BEHAVIOUR, fingerprint

KNOWLEDGE = ROOT / "tests" / "knowledge"
CONVERSATIONS = ROOT / "tests" / "conversations"
REPORT = ROOT / "docs" / "understanding"
QUESTIONS = (
    "concepts",
    "contrasts",
    "interview",
    "symptoms",
    "near_misses",
    "article",
    "off_topic",
)
DIALOGUES = {
    "learners": KNOWLEDGE / "dialogues.yml",
    "fresh": KNOWLEDGE / "fresh.yml",
    "dialogues": CONVERSATIONS / "held_out_dialogues.yml",
    "iris": CONVERSATIONS / "held_out_iris.yml",
}


def run(settings: Settings, folder: Path = REPORT) -> None:
    """Ask, talk, and write the report into a folder."""
    asyncio.run(_run(settings, folder))


async def _run(settings: Settings, folder: Path) -> None:
    scored = fingerprint(sources=BEHAVIOUR)  # before, in case that a file changes meanwhile
    assistant = await Assistant.load(settings, channel="evaluation")
    stamp = f"evaluation-{int(time.time())}"  # a new conversation each time
    answers, talked = {}, {}
    with showing(bar=True) as progress:
        for name in QUESTIONS:
            asked = read_questions(name)
            part = progress.add_task(name, total=len(asked), news="")
            done = functools.partial(progress.advance, part)
            answers[name] = await questions.ask(assistant, asked, f"{stamp}-{name}", done)
        for name, path in DIALOGUES.items():
            talks = read_dialogues(path)
            part = progress.add_task(name, total=len(talks), news="")
            done = functools.partial(progress.advance, part)
            talked[name] = await dialogues.talk(assistant, talks, f"{stamp}-{name}", done)
    judged = reviews.judge(_read(CONVERSATIONS / "held_out_reviews.yml"))
    report.write(folder, scored, answers, talked, judged)
    for name, part_answers in answers.items():
        for answer in part_answers:
            if answer.outcome == "wrong":
                print(f"{name}: {answer.question.text!r}: {answer.got} ({answer.confidence:.2f})")
    for name, result in talked.items():
        for failure in result.failures:
            print(f"{name}: {failure.dialogue}: {failure.said!r} {failure.expected} {failure.did}")
    print((folder / "report.md").read_text(encoding="utf-8").split("## Confusions", 1)[0])


def read_questions(name: str) -> list[Question]:
    """Return the questions of a set."""
    together = name == "contrasts"
    return [Question.read({**raw, "compare": together}) for raw in _read(KNOWLEDGE / f"{name}.yml")]


def read_dialogues(path: Path) -> list[dict[str, Any]]:
    """Return the dialogues of a file, each with a name."""
    content = _read(path)
    found = content["dialogues"] if isinstance(content, dict) else content
    return [{"name": f"number {number}", **raw} for number, raw in enumerate(found, 1)]


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
