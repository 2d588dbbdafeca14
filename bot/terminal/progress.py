"""How far a long piece of work is, on standard error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)


@contextlib.contextmanager
def showing(*, bar: bool = False) -> Iterator[Progress]:
    """Show tasks while they run; with a bar, each has a field ``news`` beside it."""
    # Standard error, so that the answers of a piped chat stay alone on standard output.
    console = Console(stderr=True, highlight=False)
    columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description}")]
    if bar:
        columns += [BarColumn(), TextColumn("{task.fields[news]}")]
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        yield progress
