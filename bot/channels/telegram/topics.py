"""The topics that people read about, as quiz questions need them."""

from __future__ import annotations

import functools

from bot.channels.telegram.quiz import Subject


@functools.lru_cache(maxsize=1)
def subjects() -> tuple[Subject, ...]:
    """Return every topic of the knowledge base."""
    from models import knowledge

    return tuple(
        Subject(
            topic.name,
            topic.title,
            topic.aspects.get("simple", topic.detail),
            topic.answer,
            topic.group,
        )
        for topic in knowledge.library().topics
    )
