"""The questions of the topics, by subject: what the classifier learns from."""

from __future__ import annotations

from pathlib import Path

import yaml

KNOWLEDGE = Path(__file__).parent / "knowledge"
INTENT_NAME = "ask_topic"


def read_questions(folder: Path = KNOWLEDGE) -> dict[str, list[str]]:
    """Return every question and title, by subject.

    Variants of a subject (one for ML, one for DL) are asked in the same words, so they share
    a class; which of them is meant is read from the words themselves or the conversation.
    """
    questions: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.yml")):
        for topic in yaml.safe_load(file.read_text(encoding="utf-8"))["topics"]:
            subject = topic.get("subject", topic["topic"])
            texts = [str(question) for question in topic["questions"]] + [topic["title"]]
            questions.setdefault(subject, []).extend(texts)
    # A title that is also a question differs in its capitals at most.
    return {
        subject: list({text.lower(): text for text in texts}.values())
        for subject, texts in questions.items()
    }
