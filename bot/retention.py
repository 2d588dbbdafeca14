"""Forget what is older than it may become, once an hour."""

from __future__ import annotations

import asyncio
import logging
import time

from actions import pictures
from bot.settings import Keep
from bot.store import Conversations, StoreError

logger = logging.getLogger(__name__)

_DAY, _HOUR = 86_400.0, 3_600.0


async def keep(limits: Keep, store: Conversations) -> None:
    """Sweep now and every hour, until cancelled."""
    while True:
        try:
            await sweep(limits, store)
        except (StoreError, OSError) as error:
            logger.error("What is too old could not be deleted: %s", error)
        await asyncio.sleep(_HOUR)


async def sweep(limits: Keep, store: Conversations) -> None:
    """Delete what is too old, and the oldest of too many pictures.

    Raises:
        StoreError: if the database cannot be written.
        OSError: if a file cannot.
    """
    if limits.conversations:
        await store.forget(_ago(limits.conversations))
    if limits.feedback:
        await store.forget_feedback(_ago(limits.feedback))
    most = limits.picture_megabytes * 1e6 if limits.picture_megabytes else float("inf")
    oldest = _ago(limits.pictures) if limits.pictures else 0.0
    await asyncio.to_thread(pictures.forget, oldest, most)


def _ago(days: int) -> float:
    return time.time() - days * _DAY
