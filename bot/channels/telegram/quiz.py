"""Quiz questions on what a person has just read."""

from __future__ import annotations

import functools
import html
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram.constants import PollLimit

from bot.channels.telegram import wording
from bot.channels.telegram.reply import Part, shorten, units

_CHOICES = 4
_TELLING, _WORD = re.compile(r"[A-Za-z]{4,}"), re.compile(r"\w+")


@dataclass(frozen=True)
class Subject:
    """What a question needs to know of a topic."""

    topic: str
    title: str
    clue: str  # a description that does not name it
    explanation: str
    group: str  # topics of one group are told apart


def question(subjects: Sequence[Subject], topic: str, chance: random.Random) -> Part | None:
    """Return a question whose answer is a topic, among others of its group; None if unknown.

    Its words are for where there are no polls.
    """
    right = next((subject for subject in subjects if subject.topic == topic), None)
    if right is None:
        return None
    shuffled = chance.sample(subjects, len(subjects))
    nearest = sorted(shuffled, key=lambda subject: subject.group != right.group)
    titles = list(dict.fromkeys(subject.title for subject in (right, *nearest)))[:_CHOICES]
    chance.shuffle(titles)
    options = [shorten(title, PollLimit.MAX_OPTION_LENGTH) for title in titles]
    correct = titles.index(right.title)
    room = PollLimit.MAX_QUESTION_LENGTH - units(wording.say("quiz_question", clue=""))
    asked = wording.say("quiz_question", clue=shorten(_masked(right.clue, right.title), room))
    words = "\n".join((asked, *options))
    poll = {
        "question": asked,
        "options": options,
        "explanation": shorten(right.explanation, PollLimit.MAX_EXPLANATION_LENGTH),
        "correct_option_ids": [correct],
        # Servers older than Bot API 9.6 know only one right answer.
        "api_kwargs": {"correct_option_id": correct},
    }
    return Part(html.escape(words, quote=False), words, poll=poll)


def _masked(clue: str, title: str) -> str:
    telling = tuple(word.lower() for word in _TELLING.findall(title))
    return _WORD.sub(lambda word: "…" if word[0].lower().startswith(telling) else word[0], clue)


@functools.cache
def subjects() -> tuple[Subject, ...]:
    """Return every concept of the knowledge base."""
    from models import knowledge

    return tuple(
        Subject(block.id, block.title, block.facets["definition"], block.facets["why"], block.area)
        for block in knowledge.library().concepts
    )
