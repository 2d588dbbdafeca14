"""How fast the assistant is and how much memory it holds, measured on this machine."""

from __future__ import annotations

import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from actions.drawings import KINDS, draw
from bot.assistant import Assistant
from bot.files import bulk
from bot.files.cluster import cluster
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
ENCODER = ROOT / "models" / "encoder" / "encoder.onnx"
_LONGEST = 5_000
_REVIEW_WORDS, _BATCH = 230, 1_000
_SENTENCE = "the film has a slow start but the ending is a joy and the cast is never dull"
_OPINION = "not the worst film I have seen this year, but I was bored"
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
        Figure("sentence encoder in git", ENCODER.stat().st_size / 1e6, "MB", 25),
        Figure("most memory held", peak_memory() / 1e6, "MB", 1200),
    ]


def _models(rounds: int) -> Iterator[Figure]:
    """Measure the models themselves, each warmed up before."""
    text = (_SENTENCE + " ") * (_REVIEW_WORDS // len(_SENTENCE.split()) + 1)
    for name in review.models():
        median = _median(partial(review.classify, text, name), rounds * 5)
        limit = 3 if name == "default" else None
        yield Figure(f"review of {_REVIEW_WORDS} words, {name} model", median * 1000, "ms", limit)
    opinion = partial(review.classify, _OPINION)
    yield Figure(
        "opinion of 13 words, CPU", _median(opinion, rounds, time.process_time) * 1e3, "ms", 8
    )
    for name, said, least in (("long", text, 500), ("short", _OPINION, 150)):
        spent = _median(partial(review.classify_many, [said] * _BATCH), 3, time.process_time)
        yield Figure(f"{name} reviews a second, one core", _BATCH / spent, "", least, least=True)
    yield from _bulk()
    yield Figure("review model, beside TensorFlow", _review_memory() / 1e6, "MB", 150)
    predicted = _median(partial(iris.predict, _FLOWER), rounds * 5, time.process_time)
    yield Figure("prediction of a flower, CPU", predicted * 1000, "ms", 5)
    drawn = {kind: _median(partial(draw, kind), 3, time.process_time) for kind in KINDS}
    slowest = max(drawn, key=lambda kind: drawn[kind])
    yield Figure(f"slowest picture ({slowest}), CPU", drawn[slowest] * 1000, "ms", 400)


def _bulk() -> Iterator[Figure]:
    """Measure how many short rows of a file are judged a second by one process and by two."""
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name, "few.txt"), Path(name, "many.txt")
        few.write_text(f"{_OPINION}\n" * 2 * bulk.BATCH, encoding="utf-8")
        many.write_text(f"{_OPINION}\n" * 6 * bulk.BATCH, encoding="utf-8")
        for processes in (1, 2):
            with cluster(processes=processes) as judging:
                bulk.classify_file(few, few.with_suffix(".csv"), judging)  # each loads the model
                begin = time.perf_counter()
                bulk.classify_file(many, many.with_suffix(".csv"), judging)
                spent = time.perf_counter() - begin
            each = "process" if processes == 1 else "processes"
            yield Figure(f"short rows a second, {processes} {each}", 6 * bulk.BATCH / spent, "")


_MEASURED = """
import tensorflow
from bot.bench import peak_memory
from models import review
before = peak_memory()
review.classify_many(["a dull film", "not a dull film " * 100])
print(peak_memory() - before)
"""


def _review_memory() -> int:
    """Return how many bytes the review model adds to a process that holds TensorFlow."""
    command = (sys.executable, "-c", _MEASURED)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def peak_memory() -> int:
    """Return the most memory that this process has held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def run(settings: Settings) -> None:
    """Measure and print, limits beside the figures."""
    for figure in asyncio.run(measure(settings)):
        limit = ""
        if figure.limit is not None:
            limit = f"{'at least' if figure.least else 'at most'} {figure.limit:,g}"
            limit += "" if figure.holds else ": NOT KEPT"
        print(f"{figure.name:<46} {figure.value:10,.1f} {figure.unit:<3} {limit}".rstrip())


def _median(
    work: Callable[[], object], times: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the median seconds of a piece of work that was done once before."""
    work()
    spent = []
    for _ in range(times):
        begin = clock()
        work()
        spent.append(clock() - begin)
    return statistics.median(spent)


async def _answer_time(assistant: Assistant, sender: str, text: str) -> float:
    begin = time.perf_counter()
    await assistant.reply(sender, text)
    return time.perf_counter() - begin


async def _understanding(assistant: Assistant, text: str) -> float:
    begin = time.process_time()
    await assistant.understand(text)
    return time.process_time() - begin
