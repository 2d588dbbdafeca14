"""How fast the assistant is and how much memory it holds, measured on this machine."""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from actions.drawings import KINDS, draw
from bot.assistant import Assistant
from bot.settings import ROOT, Settings
from bot.training import archive_path
from models import iris, review

MESSAGES = (
    "hello",
    "what is overfitting?",
    "and in deep learning?",
    "show me the whole comparison",
    "5.1 3.5 1.4 0.2",
    "classify this review: a slow start, but what an ending",
    "how accurate are you?",
    "who won the world cup?",
)
ROUNDS = 10
ENCODER = ROOT / "nlu" / "encoder"
_LONGEST = 5_000
_REVIEW_WORDS, _BATCH = 230, 1_000
_SENTENCE = "the film has a slow start but the ending is a joy and the cast is never dull"
_FLOWER = iris.Flower(5.9, 3.0, 5.1, 1.8)


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        name: what was measured.
        value: in ``unit``.
        unit: such as "ms".
        limit: the most it should be; where ``least`` is set, the least.
        least: whether more is better.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure keeps within its limit."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.least else self.value <= self.limit


async def measure(settings: Settings, rounds: int = ROUNDS) -> list[Figure]:
    """Load the assistant and measure it, its models and its pictures."""
    begin = time.perf_counter()
    assistant = await Assistant.load(settings, channel="bench")
    loading = time.perf_counter() - begin
    warm = [await _answer_time(assistant, "bench-warm", text) for text in MESSAGES]
    times = [
        await _answer_time(assistant, f"bench-{number}", text)
        for number in range(rounds)
        for text in MESSAGES
    ]
    long = (" ".join(MESSAGES) + " ") * (_LONGEST // sum(map(len, MESSAGES)) + 1)
    short = [await _understanding(assistant, text) for text in MESSAGES * rounds]
    return [
        Figure("loading, imports left out", loading, "s"),
        Figure("slowest first answer", max(warm) * 1000, "ms"),
        Figure("median answer", statistics.median(times) * 1000, "ms"),
        Figure("95th percentile", statistics.quantiles(times, n=20)[-1] * 1000, "ms"),
        Figure("understanding a message, CPU", statistics.median(short) * 1000, "ms", 15),
        Figure(
            f"understanding {_LONGEST:,} characters, CPU",
            statistics.median([await _understanding(assistant, long[:_LONGEST]) for _ in range(5)])
            * 1000,
            "ms",
            60,
        ),
        *_models(rounds),
        Figure("trained archive", archive_path(settings).stat().st_size / 1e6, "MB", 10),
        Figure("sentence encoder in git", _size(ENCODER) / 1e6, "MB", 25),
        Figure("most memory held", peak_memory() / 1e6, "MB", 1200),
    ]


def _models(rounds: int) -> Iterator[Figure]:
    """Measure the models themselves, each warmed up before."""
    text = (_SENTENCE + " ") * (_REVIEW_WORDS // len(_SENTENCE.split()) + 1)
