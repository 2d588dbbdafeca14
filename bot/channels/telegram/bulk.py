"""Label a table of reviews, telling how far it is."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from bot.channels.telegram import files, wording
from bot.channels.telegram.parts import Part, text

logger = logging.getLogger(__name__)

_CHUNK = 25
# Telegram wants few edits of one message.
_BETWEEN_EDITS = 3.0

Classify = Callable[[str], tuple[str, float]]


def classifier() -> Classify:
    """Return the review model as a function of one text.

    Raises:
        ImportError: if it is not installed.
    """
    from models import review

    def classify(said: str) -> tuple[str, float]:
        verdict = review.classify(said)
        return verdict.label, verdict.probability

    return classify


async def labelled(
    table: files.Table, classify: Classify, progress: Callable[[str], Awaitable[None]]
) -> Part:
    """Return the table with label and probability, as a document with a caption.

    The model runs beside the event loop, a few reviews at a time.
    """
    reviews = table.reviews()
    results: list[tuple[str, str]] = []
    told = time.monotonic()
    for start in range(0, len(reviews), _CHUNK):
        results += await asyncio.to_thread(files.label, reviews[start : start + _CHUNK], classify)
        if time.monotonic() - told >= _BETWEEN_EDITS and len(results) < len(reviews):
            told = time.monotonic()
            await progress(wording.say("csv_progress", done=len(results), total=len(reviews)))
    await progress(wording.say("csv_progress", done=len(reviews), total=len(reviews)))
    counts = Counter(label for label, _ in results)
    positive, negative = counts["positive"], counts["negative"]
    caption = text(
        wording.say(
            "csv_result",
            total=len(results),
            positive=positive,
            negative=negative,
            unsure=len(results) - positive - negative,
        )
    )
    content = table.with_columns(("label", "probability"), results)
    return Part(caption.html, caption.plain, document="labelled.csv", content=content)
