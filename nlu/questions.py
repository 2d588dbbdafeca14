"""What the classifier learns from: questions, what the topics say, examples of the intents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
KNOWLEDGE = FOLDER / "knowledge"
INTENT_NAME = "ask_topic"
# What a topic says is no question, but holds words that a question may; it counts so much beside
# one. Chosen by cross-validation on the questions.
SENTENCE_WEIGHT = 0.1
# The same safe loader on libyaml, many times faster; not every build of PyYAML has it.
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TOLD = ("answer", "detail", "more", "why", "simple", "example")
_CODE_BLOCK = re.compile(r"```.*?```", re.DOTALL)
_MARKUP = re.compile(r"[*`#|]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORDS = range(4, 41)


@dataclass(frozen=True)
class Example:
    """A text to learn from.

    Attributes:
        text: what somebody says.
        label: what it means, such as ``ask_topic/rnn`` or ``greet``.
        field: ``ml``, ``dl`` or ``both`` for a question whose subject has several, else None.
        weight: how much it counts.
    """

    text: str
    label: str
    field: str | None = None
    weight: float = 1.0


def read_questions(folder: Path = KNOWLEDGE) -> dict[str, list[str]]:
    """Return every question, title and term, by subject.

    Variants of a subject (one for ML, one for DL) share a class; which of them is meant is told
    by the field that the words name or speak of, or by the conversation.
    """
    questions: dict[str, list[str]] = {}
    for topic in _topics(folder):
        texts = (*topic["questions"], topic["title"], *topic.get("terms", ()))
        questions.setdefault(_subject(topic), []).extend(map(str, texts))
    # A title or a term that is also a question differs in its capitals at most.
    return {
        subject: list({text.lower(): text for text in texts}.values())
        for subject, texts in questions.items()
    }


def read_topics(folder: Path = KNOWLEDGE) -> list[Example]:
    """Return every question, title and sentence of the topics."""
    topics = list(_topics(folder))
    fields: dict[str, dict[str, str]] = {}
    for topic in topics:
        asked = fields.setdefault(_subject(topic), {})
        asked.update((str(question), topic["field"]) for question in topic["questions"])
    examples = [
        Example(text, f"{INTENT_NAME}/{subject}", field)
        for subject, texts in read_questions(folder).items()
        for text in texts
        for several in [len(set(fields[subject].values())) > 1]
        for field in [fields[subject].get(text) if several else None]
    ]
    sentences = {
        sentence: Example(sentence, f"{INTENT_NAME}/{_subject(topic)}", weight=SENTENCE_WEIGHT)
        for topic in topics
        for sentence in _sentences(topic)
    }
    return [*examples, *sentences.values()]


def read_examples(folder: Path = FOLDER) -> list[Example]:
    """Return every example of the topics and of the other intents."""
    examples = read_topics(folder / KNOWLEDGE.name)
    for file in sorted(folder.glob("*.yml")):
        for block in yaml.load(file.read_text(encoding="utf-8"), YAML_LOADER).get("nlu", ()):
            lines = (line.strip() for line in block["examples"].splitlines())
            examples += [Example(line[2:], block["intent"]) for line in lines if line[:2] == "- "]
    return examples


def _topics(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.yml")):
        yield from yaml.load(file.read_text(encoding="utf-8"), YAML_LOADER)["topics"]


def _subject(topic: dict[str, Any]) -> str:
    return str(topic.get("subject", topic["topic"]))


def _sentences(topic: dict[str, Any]) -> Iterator[str]:
    told = "\n".join(str(topic[part]) for part in _TOLD if topic.get(part))
    for sentence in _SENTENCE_END.split(_MARKUP.sub("", _CODE_BLOCK.sub("\n", told))):
        if len(sentence.split()) in _WORDS:
            yield sentence.strip(" -")
