"""Load in the background what is slow to begin with, so that nobody's first message pays for it."""

from __future__ import annotations

import gc
import logging
import threading

from actions import drawings
from models import review
from models.iris.text import read_numbers

logger = logging.getLogger(__name__)


def start() -> threading.Thread:
    """Begin to load and return the thread that does it."""
    thread = threading.Thread(target=_load, name="warm-up", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    read_numbers("5.1 3.5 1.4 0.2")
    try:
        review.classify("A good film.")
    except review.ReviewModelError as error:
        logger.warning("The review model cannot be loaded: %s", error)
    drawings.draw("anatomy")
    # What is loaded by now stays for good: the collector need not walk it time and again.
    gc.freeze()
