"""Classify files of reviews with something to look at."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from rich.console import Console

from bot.files import bulk, parts
from bot.files.bulk import BadRow
from bot.files.errors import TableError
from bot.terminal.progress import showing
from models import review


def classify(source: str, target: Path, scheduler: str | None = None) -> None:
    """Judge one file into a file, or many into a folder, and print how many there are of each.

    Raises:
        TableError: if a file cannot be read or written, or holds nothing to judge.
        ReviewModelError: if the model is damaged.
    """
    if target.suffix.lower() in bulk.OUTPUTS and scheduler is None:
        _one(Path(source), target)
    else:
        _many(source, target, scheduler)


def _one(source: Path, target: Path) -> None:
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


def _many(source: str, target: Path, scheduler: str | None) -> None:
    if target.exists() and not target.is_dir():
        raise TableError(f"{target} is a file; many files go into a folder")
    target.mkdir(parents=True, exist_ok=True)
    cut = parts.parts_of(parts.found(source), target)
    counts: Counter[str] = Counter()
    bad = 0
    console = Console(stderr=True, highlight=False)
    with showing(bar=True) as progress:
        task = progress.add_task("parts", total=len(cut), news="")

        def show(done: parts.Done) -> None:
            nonlocal bad
            counts.update(done.counts)
            bad += done.bad_count
            name = Path(done.part.target).name
            for row in done.bad:
                progress.console.print(f"{name}: row {row.number}: {row.problem}", markup=False)
            progress.update(task, advance=1, news=f"{sum(counts.values()):,} rows")

        parts.run(cut, os.cpu_count() or 1, scheduler, show)
    if not counts:
        raise TableError(f"{source} holds nothing to judge")
    console.print(f"{len(cut)} parts", markup=False)
    print(f"{target}: {_sum(counts)}, {bad} left out")


def _tell_bad(console: Console, bad: tuple[BadRow, ...], count: int) -> None:
    for row in bad:
        console.print(f"row {row.number}: {row.problem}", markup=False)
    if count > len(bad):
        console.print(f"and {count - len(bad)} rows more")


def _sum(counts: dict[str, int]) -> str:
    each = ", ".join(f"{count} {label}" for label, count in sorted(counts.items()))
    return f"{sum(counts.values())} reviews ({each or 'none'})"
