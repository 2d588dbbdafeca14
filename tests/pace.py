"""How fast this machine is now: limits of CPU time hold for one of a known pace."""

from __future__ import annotations

import re
import time

# CPU seconds that ``_work`` takes on the machine that the limits were set for.
REFERENCE = 0.0055
_WORD = re.compile(r"(?:[a-c]|d)+|\s")


def _work() -> float:
    begin = time.process_time()
    found = sum(1 for _ in _WORD.finditer("abcd dcba " * 4_000))
    assert found + sum(n * n % 7 for n in range(60_000))
    return time.process_time() - begin


def slowness() -> float:
    """Return how many times as long as there something takes here, at least 1.

    A machine that others use as well is slower at times, so this is measured when it is needed.
    """
    return max(1.0, min(_work() for _ in range(3)) / REFERENCE)
