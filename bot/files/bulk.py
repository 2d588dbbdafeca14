"""Judge a file of reviews row by row, however long it is."""

from __future__ import annotations

import csv
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from bot.files.errors import TableError
from bot.files.tables import Row, Table, open_table
from models import review

OUTPUTS = (".csv", ".jsonl")
DRIVING_WORDS = 5
# Rows that are judged together, here or by another process.
BATCH = 256
ADDED = ("label", "probability", "words")
# What a spreadsheet would take for a formula; a number is none.
_FORMULA = re.compile(r"[=+\-@\t\r](?![\d.,]*$)")


class Judged(NamedTuple):
    """What is written beside a row: label, probability of praise, the words that drove it."""

    label: str
    probability: float
    words: list[str]


@dataclass(frozen=True)
class Batch:
    """Some rows of a table that follow each other, and the texts in them that are judged."""

    rows: Sequence[Row]
    texts: list[str]


# Judges batches in the order in which they come.
Judging = Callable[[Iterable[Batch]], Iterable[tuple[Batch, Sequence[Judged]]]]


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
        counts: how many written rows have each label.
        bad: rows that were left out, at most ``shown_bad`` of them.
        bad_count: how many were left out.
        notes: how the file was read, if that is worth a line.
    """

    counts: dict[str, int]
    bad: tuple[BadRow, ...]
    bad_count: int
    notes: tuple[str, ...] = ()

    @property
    def judged(self) -> int:
        """Count the rows that were written."""
        return sum(self.counts.values())


def judge(texts: Sequence[str]) -> list[Judged]:
    """Judge texts with the default model."""
    return [_judged(*pair) for pair in zip(texts, review.classify_many(texts), strict=True)]


def _judged(text: str, verdict: review.Verdict) -> Judged:
    label = "unsure" if verdict.label == "no_opinion" else verdict.label
    strongest = sorted(verdict.words, key=lambda word: -abs(word.weight))
    words = [text[word.start : word.end] for word in strongest if word.weight]
    words = [word for word in words if any(map(str.isalnum, word))][:DRIVING_WORDS]
    return Judged(label, round(verdict.probability, 4), words)


def in_turn(
    batches: Iterable[Batch], judge: Callable[[Sequence[str]], Sequence[Judged]] = judge
) -> Iterator[tuple[Batch, Sequence[Judged]]]:
    """Judge one batch after the other, in this process."""
    for batch in batches:
        yield batch, judge(batch.texts)


def classify_file(
    source: Path,
    target: Path,
    judging: Judging = in_turn,
    progress: Callable[[int, int], None] | None = None,
    shown_bad: int = 100,
) -> Report:
    """Judge every row of a file; a bad row is reported and the rest goes on.

    Args:
        source: a file that ``open_table`` reads.
        target: ``.csv`` or ``.jsonl``; replaced only once everything is written.
        judging: judges batches in order, here or elsewhere.
        progress: called with the bytes read so far and the size of the file.
        shown_bad: how many bad rows to remember.

    Raises:
        TableError: if the source cannot be read or holds nothing to judge, or the target cannot
            be written.
    """
    _check(source, target)
    table = open_table(source)
    size = source.stat().st_size
    counts: Counter[str] = Counter()
    bad: list[BadRow] = []
    numbers = Counter[str]()

    def batches() -> Iterator[Batch]:
        good = _good(table, bad, numbers, shown_bad)
        while rows := list(islice(good, BATCH)):
            yield Batch(rows, [row[table.column] for row in rows])

    try:
        with replacing(target) as out:
            write = Writer(out, target.suffix.lower())
            for batch, found in judging(batches()):
                for row, judged in zip(batch.rows, found, strict=True):
                    write(row, judged)
                    counts[judged.label] += 1
                if progress:
                    progress(min(size, table.position()), size)
            if not counts:
                first = f", row {bad[0].number}: {bad[0].problem}" if bad else ""
                raise TableError(f"{source.name} holds nothing to judge{first}")
    except OSError as error:
        raise TableError(f"{error.filename or target}: {error.strerror or error}") from error
    if progress:
        progress(size, size)
    return Report(dict(counts), tuple(bad), numbers["bad"], table.notes)


def _good(table: Table, bad: list[BadRow], numbers: Counter[str], shown_bad: int) -> Iterator[Row]:
    """Yield the rows that can be judged; remember the first others and count them."""
    for number, row in enumerate(table, 1):
        if not isinstance(row, str):
            yield row
            continue
        numbers["bad"] += 1
        if len(bad) < shown_bad:
            bad.append(BadRow(number, row))


def _check(source: Path, target: Path) -> None:
    if target.suffix.lower() not in OUTPUTS:
        raise TableError(f"{target.name} must end in {', '.join(OUTPUTS)}")
    if target.exists() and source.exists() and target.samefile(source):
        raise TableError(f"{target.name} is the file that is read; name another one")
    if not target.parent.is_dir():
        raise TableError(f"The folder {target.parent} does not exist")


class replacing:  # noqa: N801
    """Open a file of a name of its own that takes the target's place if all goes well."""

    def __init__(self, target: Path) -> None:
        """Remember where the file belongs."""
        self._target = target

    def __enter__(self) -> TextIO:
        """Open it beside the target."""
        try:
            handle, name = tempfile.mkstemp(
                prefix=f".{self._target.name}.", suffix=".partial", dir=self._target.parent
            )
        except OSError as error:
            raise TableError(f"{self._target}: {error.strerror}") from error
        self._partial = Path(name)
        self._out = open(handle, "w", encoding="utf-8", newline="")
        return self._out

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Move it, or forget it."""
        try:
            self._out.close()
            if kind is None:
                mask = os.umask(0)
                os.umask(mask)
                self._partial.chmod(0o666 & ~mask)
                self._partial.replace(self._target)
        finally:
            with suppress(OSError):
                self._partial.unlink(missing_ok=True)


class Writer:
    """Write judged rows; the first row decides the columns of a CSV."""

    def __init__(self, out: TextIO, kind: str) -> None:
        """Write to an open file; ``kind`` is its ending."""
        self._out, self._csv = out, kind == ".csv"
        self._writer: csv.DictWriter[str] | None = None
        self._names: tuple[str, ...] = ()

    def __call__(self, row: Row, judged: Judged) -> None:
        """Write a row."""
        if not self._names:
            self._names = added_names(row)
        whole: Row = {**row, **dict(zip(self._names, judged, strict=True))}
        if not self._csv:
            self._out.write(json.dumps(whole, ensure_ascii=False, default=str) + "\n")
            return
        if self._writer is None:
            self._writer = csv.DictWriter(self._out, list(whole), extrasaction="ignore")
            self._writer.writeheader()
        whole[self._names[-1]] = ", ".join(judged.words)
        self._writer.writerow({name: harmless(value) for name, value in whole.items()})


def added_names(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the names of our columns, others than those that are there already."""
    taken = set(columns)
    prefix = ""
    while any(prefix + name in taken for name in ADDED):
        prefix += "fathom_"
    return tuple(prefix + name for name in ADDED)


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
