"""Classify a file of reviews with something to look at."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from bot.files import bulk
from bot.files.bulk import BadRow
from bot.terminal.progress import showing
from models import review


def classify(source: Path, target: Path) -> None:
    """Judge every review of a file, write the results and print how many there are of each.

    Raises:
        TableError: if a file cannot be read or written, or holds nothing to judge.
        ReviewModelError: if the model is damaged.
    """
    with showing(bar=True) as progress:
        review.load()
        task = progress.add_task(source.name, total=None, news="")

        def show(done: int, size: int) -> None:
            progress.update(task, completed=done, total=size, news=f"{done} of {size} bytes")

        report = bulk.classify_file(source, target, review.classify_many, show)
    console = Console(stderr=True, highlight=False)
    for note in report.notes:
        console.print(note, markup=False)
    _tell_bad(console, report.bad, report.bad_count)
    print(f"{target}: {_sum(report.counts)}, {report.bad_count} left out")


def _tell_bad(console: Console, bad: tuple[BadRow, ...], count: int) -> None:
    for row in bad:
        console.print(f"row {row.number}: {row.problem}", markup=False)
    if count > len(bad):
        console.print(f"and {count - len(bad)} rows more")


def _sum(counts: dict[str, int]) -> str:
    each = ", ".join(f"{count} {label}" for label, count in sorted(counts.items()))
    return f"{sum(counts.values())} reviews ({each or 'none'})"
