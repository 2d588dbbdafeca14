"""Judge a file of reviews line by line, however long it is.

Reads ``.txt`` (a review a line), ``.csv`` and ``.jsonl`` (column ``text``), writes ``.csv`` or
``.jsonl`` with the same columns and three more. Only a few rows are held in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from models.review import rows
from models.review.errors import ReviewModelError
from models.review.rows import Row
from models.review.verdict import Verdict

INPUTS, OUTPUTS = (".txt", ".csv", ".jsonl"), (".csv", ".jsonl")
DRIVING_WORDS = 5
BATCH = 64

Judging = Callable[[Sequence[str]], Sequence[Verdict]]
Item = TypeVar("Item")


@dataclass(frozen=True)
class BadRow:
    """A row that could not be judged.

    Attributes:
        number: of the row, from 1; a header line does not count.
        problem: what is wrong with it.
    """

    number: int
    problem: str


@dataclass(frozen=True)
class Report:
    """How a run over a file went.

    Attributes:
        judged: number of rows that were written.
        counts: how many of them have each label.
        bad: rows that were left out, at most ``shown_bad`` of them.
        bad_count: how many were left out.
    """

    judged: int
    counts: dict[str, int]
    bad: tuple[BadRow, ...]
    bad_count: int


def classify_file(
    source: Path,
    target: Path,
    classify: Judging,
    progress: Callable[[int, int], None] | None = None,
    shown_bad: int = 100,
) -> Report:
    """Judge every row of a file; a bad row is reported and the rest goes on.

    Args:
        source: ``.txt``, ``.csv`` or ``.jsonl``, UTF-8.
        target: ``.csv`` or ``.jsonl``; replaced only once everything is written.
        classify: judges some texts at once.
        progress: called with the bytes read so far and the size of the file.
        shown_bad: how many bad rows to remember.

    Raises:
        ReviewModelError: if a file's kind is not supported, the source cannot be read or
            has no column ``text``, or the target cannot be written.
    """
    for path, allowed in ((source, INPUTS), (target, OUTPUTS)):
        if path.suffix.lower() not in allowed:
            raise ReviewModelError(f"{path.name} must end in {', '.join(allowed)}")
    if target.exists() and source.exists() and target.samefile(source):
        raise ReviewModelError(f"{target.name} is the file that is read; name another one")
    if not target.parent.is_dir():
        raise ReviewModelError(f"The folder {target.parent} does not exist")
    partial = target.with_name(target.name + ".partial")
    counts: dict[str, int] = {}
    bad: list[BadRow] = []
    bad_count = 0
    try:
        size = source.stat().st_size
        with (
            source.open(encoding="utf-8-sig", errors="replace", newline="") as lines,
            partial.open("w", encoding="utf-8", newline="") as out,
        ):
            write = rows.Writer(out, target.suffix.lower())
            numbered = enumerate(rows.read(lines, source.suffix.lower()), 1)
            for batch in _batches(numbered, BATCH):
                good: list[Row] = []
                for number, row in batch:
                    problem = row if isinstance(row, str) else rows.problem(row)
                    if isinstance(row, str) or problem:
                        bad_count += 1
                        if len(bad) < shown_bad:
                            bad.append(BadRow(number, problem or ""))
                    else:
                        good.append(row)
                for judged in judge(good, classify):
                    counts[judged["label"]] = counts.get(judged["label"], 0) + 1
                    write(judged)
                if progress:
                    progress(rows.position(lines, size), size)
        partial.replace(target)
    except OSError as error:
        raise ReviewModelError(f"{error.filename or source}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    if progress:
        progress(size, size)
    return Report(sum(counts.values()), counts, tuple(bad), bad_count)


def judge(batch: Sequence[Row], classify: Judging) -> Iterator[Row]:
    """Yield each row with its label, probability and driving words."""
    for row, verdict in zip(batch, classify([row["text"] for row in batch]), strict=True):
        label = "unsure" if verdict.label == "no_opinion" else verdict.label
        strongest = sorted(verdict.words, key=lambda word: -abs(word.weight))[:DRIVING_WORDS]
        words = [row["text"][word.start : word.end] for word in strongest if word.weight]
        yield {**row, "label": label, "probability": round(verdict.probability, 4), "words": words}


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
