"""How a training tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One piece of news from a training.

    Attributes:
        stage: what is being done, a short noun.
        done: how many units of the stage are finished.
        total: how many there are.
        loss: training loss so far, if there is one.
        accuracy: accuracy on the validation reviews, 0 to 1, if there is one.
    """

    stage: str
    done: int
    total: int
    loss: float | None = None
    accuracy: float | None = None


Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """Ignore the news."""
