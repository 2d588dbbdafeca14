"""Load the review model in the background, so that the first review does not wait for it."""

from __future__ import annotations

import gc
import logging
import threading

from models import review

logger = logging.getLogger(__name__)


def start() -> threading.Thread:
    """Begin to load and return the thread that does it."""
    thread = threading.Thread(target=_load, name="review model", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    try:
        review.load()
    except review.ReviewModelError as error:
        logger.warning("The review model cannot be loaded: %s", error)
    # What is loaded by now stays for good: the collector need not walk it time and again.
    gc.freeze()
