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
from bot.settings import ROOT, Settings
from bot.terminal.progress import showing

QUESTIONS = ROOT / "tests" / "nlu" / "held_out.yml"
DIALOGUES = ROOT / "tests" / "conversations"
REPORT = ROOT / "docs" / "understanding"


def run(settings: Settings, folder: Path = REPORT) -> None:
    """Ask, talk, and write the report into a folder."""
    asyncio.run(_run(settings, folder))


async def _run(settings: Settings, folder: Path) -> None:
    assistant = await Assistant.load(settings, channel="evaluation")
    held_out = _read(QUESTIONS)
    asked = [(str(item["text"]), tuple(item["topics"])) for item in held_out["questions"]]
    asked += [(str(text), ()) for text in held_out["off_topic"]]
    sets = {name: _dialogues(name) for name in ("dialogues", "iris")}
    stamp = f"evaluation-{int(time.time())}"  # a new conversation each time
    with showing(bar=True) as progress:
        task = progress.add_task("questions", total=len(asked), news="")
        answers = await questions.ask(
            assistant, asked, f"{stamp}-q", functools.partial(progress.advance, task)
        )
        talked = {}
        for name, talks in sets.items():
            part = progress.add_task(name, total=len(talks), news="")
            talked[name] = await dialogues.talk(
                assistant, talks, f"{stamp}-{name}", functools.partial(progress.advance, part)
            )
    config = next(
        step for step in _read(ROOT / "config.yml")["pipeline"] if "answer_threshold" in step
    )
    thresholds = {
        "answer": config["answer_threshold"],
        "offer": config["offer_threshold"],
    }
    judged = reviews.judge(_read(DIALOGUES / "held_out_reviews.yml"))
    report.write(folder, answers, talked, judged, thresholds)
    for answer in answers:
        if answer.outcome == "wrong":
            print(f"wrong: {answer.text!r}: {answer.got} ({answer.confidence:.2f})")
    for name, result in talked.items():
        for failure in result.failures:
            print(f"{name}: {failure.dialogue}: {failure.said!r} {failure.expected} {failure.did}")
    print((folder / "report.md").read_text(encoding="utf-8").split("![", 1)[0])


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _dialogues(name: str) -> list[dict[str, Any]]:
    content = _read(DIALOGUES / f"held_out_{name}.yml")
    found: list[dict[str, Any]] = content["dialogues"] if isinstance(content, dict) else content
    return found
