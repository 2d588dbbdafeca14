"""The topics that Fathom explains: titles, answers and how they hang together."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "nlu" / "knowledge"
FIELDS = ("ml", "dl", "both")
GROUPS = (
    "basics",
    "chart",
    "ml_aspects",
    "dl_aspects",
    "iris_walkthrough",
    "keras_walkthrough",
)
ASPECTS = ("more", "why", "simple", "example", "code")
# The same safe loader on libyaml, many times faster; not every build of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class KnowledgeError(ValueError):
    """A topic file cannot be used; the message names the file, the topic and the problem."""


@dataclass(frozen=True)
class Topic:
    """One topic, as one block of YAML holds it.

    Attributes:
        name: unique id, such as ``ethics_dl``.
        subject: what its questions are about, shared by its variants, such as ``ethics``.
        title: what a button says, 40 characters at most.
        group: one of ``GROUPS``.
        field: ``ml``, ``dl`` or ``both``.
        answer: one or two sentences.
        detail: the facts, as Markdown.
        aspects: further texts by name (``more``, ``why``, ``simple``, ``example``, ``code``).
        counterpart: name of the topic that comes nearest in the other field, where the subject
            has no variant there.
        picture: name of a drawing, if there is one.
        is_code: whether the code is the answer, not one of its further texts.
        related: names of topics to go to next.
        questions: how people ask for it.
    """

    name: str
    subject: str
    title: str
    group: str
    field: str
    answer: str
    detail: str
    aspects: Mapping[str, str]
    counterpart: str | None
    picture: str | None
    is_code: bool
    related: tuple[str, ...]
    questions: tuple[str, ...]


class Library:
    """All topics, in the order of their groups."""

    def __init__(self, topics: tuple[Topic, ...]) -> None:
        """Index the topics by name and by subject."""
        self.topics = tuple(sorted(topics, key=lambda topic: GROUPS.index(topic.group)))
        self._by_name = {topic.name: topic for topic in self.topics}

    def __contains__(self, name: object) -> bool:
        """Whether a topic of this name exists."""
        return name in self._by_name

    def __getitem__(self, name: str) -> Topic:
        """Return the topic of this name.

        Raises:
            KeyError: if there is none.
        """
        return self._by_name[name]

    def variants(self, subject: str) -> dict[str, Topic]:
        """Return the topics of a subject by field."""
        return {topic.field: topic for topic in self.topics if topic.subject == subject}

    def resolve(self, subject: str, named: str | None, context: str | None) -> Topic:
        """Choose the variant that a question means.

        Args:
            subject: what the question is about.
            named: the field that its own words name, if any.
            context: the field that the conversation is in, if any.

        Raises:
            KeyError: if there is no such subject.
        """
        variants = self.variants(subject)
        if not variants:
            raise KeyError(subject)
        for field in (named, "both" if "both" in variants else context, "ml"):
            if field in variants:
                return variants[field]
        return next(iter(variants.values()))

    def counterpart(self, topic: Topic, field: str | None = None) -> Topic | None:
        """Return the same subject in the other field (or in ``field``), if it exists."""
        wanted = field or {"ml": "dl", "dl": "ml"}.get(topic.field)
        other = self.variants(topic.subject).get(wanted or "")
        return None if other is topic else other

    def nearest(self, topic: Topic, field: str) -> Topic | None:
        """Return what comes nearest to a topic in a field where its subject has no variant."""
        other = self._by_name.get(topic.counterpart or "")
        return other if other and other.field == field else None

    def following(self, topic: Topic) -> Topic:
        """Return the topic after this one, round in a circle."""
        position = self.topics.index(topic)
        return self.topics[(position + 1) % len(self.topics)]

    def preceding(self, topic: Topic) -> Topic:
        """Return the topic before this one, round in a circle."""
        return self.topics[self.topics.index(topic) - 1]

    def group(self, name: str) -> tuple[Topic, ...]:
        """Return the topics of a group, in the order of its files."""
        return tuple(topic for topic in self.topics if topic.group == name)


@functools.lru_cache(maxsize=1)
def library(folder: Path = FOLDER) -> Library:
    """Read every topic file once.

    Raises:
        KnowledgeError: if a topic lacks a part or two share a name.
    """
    topics = [topic for file in sorted(folder.glob("*.yml")) for topic in _read(file)]
    names = [topic.name for topic in topics]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise KnowledgeError(f"topics of the same name: {', '.join(sorted(doubled))}")
    return Library(tuple(topics))


def _read(file: Path) -> list[Topic]:
    blocks = yaml.load(file.read_text(encoding="utf-8"), _LOADER)["topics"]
    return [_topic(block, file) for block in blocks]


def _topic(block: dict[str, Any], file: Path) -> Topic:
    name = block.get("topic", "?")
    try:
        return Topic(
            name=name,
            subject=block.get("subject", name),
            title=block["title"],
            group=block["group"],
            field=block["field"],
            answer=block["answer"].strip(),
            detail=block["detail"].strip(),
            aspects={key: str(block[key]).strip() for key in ASPECTS if block.get(key)},
            counterpart=block.get("counterpart"),
            picture=block.get("picture"),
            is_code=bool(block.get("is_code")),
            related=tuple(block["related"]),
            questions=tuple(str(question) for question in block["questions"]),
        )
    except KeyError as missing:
        raise KnowledgeError(f"{file.name}: topic {name} lacks {missing.args[0]!r}") from missing
