"""The questions of the topics and the examples of the intents: what the classifier learns from."""

from __future__ import annotations

from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
KNOWLEDGE = FOLDER / "knowledge"
INTENT_NAME = "ask_topic"
# The same safe loader on libyaml, many times faster; not every build of PyYAML has it.
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_questions(folder: Path = KNOWLEDGE) -> dict[str, list[str]]:
    """Return every question and title, by subject.

    Variants of a subject (one for ML, one for DL) are asked in the same words, so they share
    a class; which of them is meant is read from the words themselves or the conversation.
    """
    questions: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.yml")):
        for topic in yaml.load(file.read_text(encoding="utf-8"), YAML_LOADER)["topics"]:
            subject = topic.get("subject", topic["topic"])
            texts = [str(question) for question in topic["questions"]] + [topic["title"]]
            questions.setdefault(subject, []).extend(texts)
    # A title that is also a question differs in its capitals at most.
    return {
        subject: list({text.lower(): text for text in texts}.values())
        for subject, texts in questions.items()
    }


def read_fields(folder: Path = KNOWLEDGE) -> dict[str, str]:
    """Return which field a question is about, for the subjects that both fields have.

    Example:
        >>> read_fields()["which pixels made it say husky"]
        'dl'
    """
    fields: dict[str, dict[str, str]] = {}
    for file in sorted(folder.glob("*.yml")):
        for topic in yaml.load(file.read_text(encoding="utf-8"), YAML_LOADER)["topics"]:
            asked = fields.setdefault(topic.get("subject", topic["topic"]), {})
            asked.update((str(question), topic["field"]) for question in topic["questions"])
    return {
        question: field
        for asked in fields.values()
        if len(set(asked.values())) > 1
        for question, field in asked.items()
    }


def read_examples(folder: Path = FOLDER) -> list[tuple[str, str]]:
    """Return every training example with its label, such as ``ask_topic/rnn`` or ``greet``."""
    examples = [
        (text, f"{INTENT_NAME}/{subject}")
        for subject, texts in read_questions(folder / KNOWLEDGE.name).items()
        for text in texts
    ]
    for file in sorted(folder.glob("*.yml")):
        for block in yaml.load(file.read_text(encoding="utf-8"), YAML_LOADER).get("nlu", ()):
            lines = (line.strip() for line in block["examples"].splitlines())
            examples += [(line[2:], block["intent"]) for line in lines if line.startswith("- ")]
    return examples
