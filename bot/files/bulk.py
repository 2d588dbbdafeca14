"""Judge a file of reviews row by row, however long it is."""

from __future__ import annotations

import csv
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, TypeVar

from bot.files.errors import TableError
from bot.files.tables import Row, Table, open_table
from models.review import Verdict

OUTPUTS = (".csv", ".jsonl")
DRIVING_WORDS = 5
BATCH = 64
ADDED = ("label", "probability", "words")
# What a spreadsheet would take for a formula; a number is none.
_FORMULA = re.compile(r"[=+\-@\t\r](?![\d.,]*$)")

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
        notes: how the file was read, if that is worth a line.
    """

    judged: int
    counts: dict[str, int]
    bad: tuple[BadRow, ...]
    bad_count: int
    notes: tuple[str, ...] = ()


def classify_file(
    source: Path,
    target: Path,
    classify: Judging,
    progress: Callable[[int, int], None] | None = None,
    shown_bad: int = 100,
    part: tuple[int, int | None] = (0, None),
    empty: bool = False,
) -> Report:
    """Judge every row of a file; a bad row is reported and the rest goes on.

    Args:
        source: a file that ``open_table`` reads.
        target: ``.csv`` or ``.jsonl``; replaced only once everything is written.
        classify: judges some texts at once.
        progress: called with the bytes read so far and the size of the file.
        shown_bad: how many bad rows to remember.
        part: where to begin and to stop, as ``open_table`` takes it.
        empty: whether a file without a single good row is no error.

    Raises:
        TableError: if the source cannot be read or holds nothing to judge, or the target cannot
            be written.
    """
    _check(source, target)
    table = open_table(source, *part)
    size = source.stat().st_size
    counts: dict[str, int] = {}
    bad: list[BadRow] = []
    bad_count = 0
    try:
        with replacing(target) as out:
            write = Writer(out, target.suffix.lower(), table.column)
            for batch in _batches(enumerate(table, 1), BATCH):
                good: list[Row] = []
                for number, row in batch:
                    if not isinstance(row, str):
                        good.append(row)
                        continue
                    bad_count += 1
                    if len(bad) < shown_bad:
                        bad.append(BadRow(number, row))
                for row, verdict in zip(good, classify(_texts(good, table)), strict=True):
                    label = write(row, verdict)
                    counts[label] = counts.get(label, 0) + 1
                if progress:
                    progress(min(size, table.position()), size)
            if not counts and not empty:
                first = f", row {bad[0].number}: {bad[0].problem}" if bad else ""
                raise TableError(f"{source.name} holds nothing to judge{first}")
    except OSError as error:
        raise TableError(f"{error.filename or target}: {error.strerror or error}") from error
    if progress:
        progress(size, size)
    return Report(sum(counts.values()), counts, tuple(bad), bad_count, table.notes)


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
    """Write rows with their verdicts; the first row decides the columns of a CSV."""

    def __init__(self, out: TextIO, kind: str, column: str) -> None:
        """Write to an open file; ``kind`` is its ending."""
        self._out, self._csv, self._column = out, kind == ".csv", column
        self._writer: csv.DictWriter[str] | None = None
        self._names: tuple[str, ...] = ()

    def __call__(self, row: Row, verdict: Verdict) -> str:
        """Write a row and return its label."""
        if not self._names:
            self._names = added_names(row)
        label = "unsure" if verdict.label == "no_opinion" else verdict.label
        text = row[self._column]
        strongest = sorted(verdict.words, key=lambda word: -abs(word.weight))
        words = [text[word.start : word.end] for word in strongest if word.weight]
        words = [word for word in words if any(map(str.isalnum, word))][:DRIVING_WORDS]
        values = (label, round(verdict.probability, 4), words)
        whole: Row = {**row, **dict(zip(self._names, values, strict=True))}
        if not self._csv:
            self._out.write(json.dumps(whole, ensure_ascii=False, default=str) + "\n")
            return label
        if self._writer is None:
            self._writer = csv.DictWriter(self._out, list(whole), extrasaction="ignore")
            self._writer.writeheader()
        whole[self._names[-1]] = ", ".join(words)
        self._writer.writerow({name: harmless(value) for name, value in whole.items()})
        return label


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


def _texts(rows: Sequence[Row], table: Table) -> list[str]:
    return [row[table.column] for row in rows]


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
