"""Classify a file of reviews with something to look at."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from bot.terminal.progress import showing
from models import review
from models.review import bulk


def classify(source: Path, target: Path) -> None:
    """Judge every review of a file, write the results and print how many there are of each.

    Raises:
        ReviewModelError: if a file cannot be read or written, or the model is damaged.
    """
    with showing(bar=True) as progress:
        review.load()
        task = progress.add_task(source.name, total=None, news="")

        def show(done: int, size: int) -> None:
            progress.update(task, completed=done, total=size, news=f"{done} of {size} bytes")

        report = bulk.classify_file(source, target, review.classify_many, show)
    console = Console(stderr=True, highlight=False)
    for row in report.bad:
        console.print(f"row {row.number}: {row.problem}", markup=False)
    if report.bad_count > len(report.bad):
        console.print(f"and {report.bad_count - len(report.bad)} rows more")
    counts = ", ".join(f"{count} {label}" for label, count in sorted(report.counts.items()))
    print(f"{target}: {report.judged} reviews ({counts or 'none'}), {report.bad_count} left out")
