"""How long an answer takes and how much memory the assistant holds, measured on this machine."""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import time
from dataclasses import dataclass

from bot.assistant import Assistant
from bot.settings import Settings

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


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes:
        load: seconds until the assistant is there, imports of this process left out.
        first: seconds of the first round's slowest answer, in which models load.
        median: seconds an answer takes, the first round left out.
        slowest: seconds of the 95th percentile of the same.
        memory: most memory held at any time, in bytes.
        messages: how many answers the two figures before come from.
    """

    load: float
    first: float
    median: float
    slowest: float
    memory: int
    messages: int


async def measure(settings: Settings, rounds: int = ROUNDS) -> Figures:
    """Load the assistant and time its answers, each round in a conversation of its own."""
    begin = time.perf_counter()
    assistant = await Assistant.load(settings, channel="bench")
    load = time.perf_counter() - begin
    warm = [await _time(assistant, "bench-warm", text) for text in MESSAGES]
    times = [
        await _time(assistant, f"bench-{number}", text)
        for number in range(rounds)
        for text in MESSAGES
    ]
    return Figures(
        load=load,
        first=max(warm),
        median=statistics.median(times),
        slowest=statistics.quantiles(times, n=20)[-1],
        memory=peak_memory(),
        messages=len(times),
    )


def peak_memory() -> int:
    """Return the most memory that this process has held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def run(settings: Settings) -> None:
    """Measure and print."""
    figures = asyncio.run(measure(settings))
    print(f"loading          {figures.load:8.1f} s")
    print(f"slowest at first {figures.first * 1000:8.0f} ms")
    print(f"median answer    {figures.median * 1000:8.0f} ms   over {figures.messages} messages")
    print(f"95th percentile  {figures.slowest * 1000:8.0f} ms")
    print(f"memory           {figures.memory / 2**20:8.0f} MB")


async def _time(assistant: Assistant, sender: str, text: str) -> float:
    begin = time.perf_counter()
    await assistant.reply(sender, text)
    return time.perf_counter() - begin
