"""Intervals that say how far a measured share can be trusted."""

from __future__ import annotations

import math

Z_95 = 1.959963984540054  # the 97.5 % point of the standard normal distribution


def wilson_interval(correct: int, total: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share, as fractions between 0 and 1.

    Unlike the textbook interval it does not shrink to nothing at 30 of 30
    (E. B. Wilson, "Probable inference", JASA 22, 1927).

    Raises:
        ValueError: if ``total`` is not positive or ``correct`` is not within 0..total.

    Example:
        >>> tuple(round(bound, 3) for bound in wilson_interval(30, 30))
        (0.886, 1.0)
    """
    if total <= 0 or not 0 <= correct <= total:
        raise ValueError(f"{correct} of {total} is not a share")
    share = correct / total
    square = Z_95 * Z_95
    scale = 1 + square / total
    centre = (share + square / (2 * total)) / scale
    half = Z_95 * math.sqrt(share * (1 - share) / total + square / (4 * total * total)) / scale
    low = 0.0 if correct == 0 else centre - half
    high = 1.0 if correct == total else centre + half
    return low, high
