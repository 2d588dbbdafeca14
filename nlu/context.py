"""What a message leans on: "how do I avoid it?" is about whatever was spoken of last."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from nlu.questions import KNOWLEDGE, YAML_LOADER

_MOST_WORDS = 16
_FRAGMENT = 3
_OPENS = re.compile(
    r"\W*(?:(?:ok(?:ay)?|hm+|wait|sorry|well|thanks)\W+)*(?:and|but|so|then|also|now|plus|or)\b",
    re.I,
)
# "That" and "this" stand for something only where no noun follows.
_ANAPHOR = re.compile(
    r"\b(?:its|it(?:'s)?|they|them|their|theirs|these|those|the same|each of them|this one|that one"
    r"|the (?:first|second|other|last|latter|former)(?: one)?"
    r"|(?:which|wich|get|use|need|pick|take|make|find|train|build|choose) one)\b"
    r"|\bthe (?:whole|complete|full|entire) (?:program|code|script|listing|thing)\b"
    r"|\b(?:this|that)(?=\W*$|(?:'s)?\s+(?:is|was|are|does|do|did|work|works|mean|means|help|helps"
    r"|needed|used|so|different|important|for|in|with|bad|good|better|really|one|too|also)\b)",
    re.I,
)


# "What is pooling?" is short and still says everything.
_DEFINES = re.compile(
    r"\W*(?:what(?:'?s| is| are| does)|define|explain)\s+(?!next|else|more)\w", re.I
)


@dataclass(frozen=True)
class Context:
    """What the conversation is about.

    Attributes:
        subject: the subject of the topic that was told last.
        title: what stands for it in a question.
        near: subjects that a question may go on to, itself included.
    """

    subject: str
    title: str
    near: frozenset[str]


def context_of(tracker: DialogueStateTracker | None, folder: Path = KNOWLEDGE) -> Context | None:
    """Return what was spoken of last, None at the start of a conversation."""
    if tracker is None:
        return None
    if tracker.active_loop_name in _FORMS:
        return _contexts(folder).get(_FORMS[tracker.active_loop_name])
    for event in reversed(tracker.events):
        if isinstance(event, SlotSet) and event.value:
            if event.key == "knowledge_topic":
                return _contexts(folder).get(str(event.value))
            if event.key in _DEMONSTRATIONS:
                return _contexts(folder).get(_DEMONSTRATIONS[event.key])
    return None


def asked_for(tracker: DialogueStateTracker | None) -> str | None:
    """Return the form that waits for an answer, None if none does."""
    return tracker.active_loop_name if tracker else None


# In these groups a conversation goes from one topic to any other.
_GOES_ON_WITHIN = ("_walkthrough", "chart")
# After a demonstration questions are about its walk-through.
_DEMONSTRATIONS = {"iris_experiment": "iris_knn", "review_last": "imdb_layers"}
_FORMS = {"iris_form": "iris_knn", "review_form": "imdb_layers"}


@functools.lru_cache(maxsize=4)
def _contexts(folder: Path) -> dict[str, Context]:
    topics = [
        topic
        for file in sorted(folder.glob("*.yml"))
        for topic in yaml.load(file.read_text(encoding="utf-8"), YAML_LOADER)["topics"]
    ]
    subjects = {topic["topic"]: topic.get("subject", topic["topic"]) for topic in topics}
    contexts = {}
    for topic in topics:
        near = {subjects[name] for name in topic["related"] if name in subjects}
        if topic["group"].endswith(_GOES_ON_WITHIN):
            near |= {subjects[t["topic"]] for t in topics if t["group"] == topic["group"]}
        subject = subjects[topic["topic"]]
        contexts[topic["topic"]] = Context(subject, topic["title"], frozenset({*near, subject}))
    return contexts


def leans(text: str) -> bool:
    """Whether a message can only be understood with what was said before it.

    Example:
        >>> leans("and how do I avoid it?"), leans("how do I avoid overfitting?")
        (True, False)
    """
    words = len(text.split())
    if words > _MOST_WORDS:
        return False
    if _DEFINES.match(text) and not refers(text):
        return False
    return words <= _FRAGMENT or bool(_OPENS.match(text) or _ANAPHOR.search(text))


def refers(text: str) -> bool:
    """Whether a word of a message stands for what was spoken of last: "it", "they", "that"."""
    return _ANAPHOR.search(text) is not None


def filled_in(text: str, title: str) -> str:
    """Return a message that leans on a topic with the topic's title in it.

    Example:
        >>> filled_in("how do I avoid it?", "Overfitting")
        'how do I avoid Overfitting?'
    """
    filled, count = _ANAPHOR.subn(title.replace("\\", ""), text, count=1)
    return filled if count else f"{text} ({title})"
