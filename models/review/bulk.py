"""Judge a file of reviews line by line, however long it is.

Reads ``.txt`` (a review a line), ``.csv`` and ``.jsonl`` (column ``text``), writes ``.csv`` or
``.jsonl`` with the same columns and three more. Only one row is held in memory at a time.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from models.review.errors import ReviewModelError
from models.review.verdict import Verdict

ADDED = ("label", "probability", "words")
INPUTS, OUTPUTS = (".txt", ".csv", ".jsonl"), (".csv", ".jsonl")
DRIVING_WORDS = 5
LONGEST_FIELD = 10_000_000

Row = dict[str, Any]


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
    classify: Callable[[str], Verdict],
    progress: Callable[[int, int], None] | None = None,
    shown_bad: int = 100,
) -> Report:
    """Judge every row of a file; a bad row is reported and the rest goes on.

    Args:
        source: ``.txt``, ``.csv`` or ``.jsonl``, UTF-8.
        target: ``.csv`` or ``.jsonl``; replaced only once everything is written.
        classify: judges one text.
        progress: called with the bytes read so far and the size of the file.
        shown_bad: how many bad rows to remember.

    Raises:
        ReviewModelError: if a file's kind is not supported, the source cannot be read or
            has no column ``text``, or the target cannot be written.
    """
    for path, allowed in ((source, INPUTS), (target, OUTPUTS)):
        if path.suffix.lower() not in allowed:
            raise ReviewModelError(f"{path.name} must end in {', '.join(allowed)}")
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
            write = _Writer(out, target.suffix.lower())
            for number, row in enumerate(_rows(lines, source.suffix.lower()), 1):
                problem = row if isinstance(row, str) else _problem(row)
                if problem or isinstance(row, str):
                    bad_count += 1
                    if len(bad) < shown_bad:
                        bad.append(BadRow(number, problem or ""))
                else:
                    judged = judge(row, classify)
                    counts[judged["label"]] = counts.get(judged["label"], 0) + 1
                    write(judged)
                if progress and number % 100 == 0:
                    progress(_position(lines, size), size)
        partial.replace(target)
    except OSError as error:
        raise ReviewModelError(f"{error.filename or source}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    if progress:
        progress(size, size)
    return Report(sum(counts.values()), counts, tuple(bad), bad_count)


def judge(row: Row, classify: Callable[[str], Verdict]) -> Row:
    """Return the row with its label, probability and driving words."""
    verdict = classify(row["text"])
    label = "unsure" if verdict.label == "no_opinion" else verdict.label
    strongest = sorted(verdict.words, key=lambda word: -abs(word.weight))[:DRIVING_WORDS]
    words = [row["text"][word.start : word.end] for word in strongest if word.weight]
    return {**row, "label": label, "probability": round(verdict.probability, 4), "words": words}


def _problem(row: Row) -> str | None:
    if None in row:
        return "more fields than the header"
    text = row.get("text")
    if not isinstance(text, str):
        return "no text"
    return None if text.strip() else "empty text"


def _rows(lines: TextIO, kind: str) -> Iterator[Row | str]:
    """Yield each row, or what is wrong with it."""
    if kind == ".csv":
        csv.field_size_limit(LONGEST_FIELD)
        reader = csv.DictReader(_readable(lines))
        if "text" not in (reader.fieldnames or ()):
            raise ReviewModelError("The file has no column named text")
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield str(error)
    for line in iter(lines.readline, ""):
        if kind == ".txt":
            yield {"text": line.rstrip("\r\n")}
            continue
        try:
            row = json.loads(line)
        except ValueError:
            yield "not JSON"
            continue
        yield row if isinstance(row, dict) else "not a JSON object"


def _readable(lines: TextIO) -> Iterator[str]:
    """Read by line, so that the position in the file stays known; drop NUL characters."""
    for line in iter(lines.readline, ""):
        yield line.replace("\0", "")


def _position(lines: TextIO, size: int) -> int:
    return min(size, lines.buffer.tell()) if hasattr(lines, "buffer") else size


class _Writer:
    """Write rows as CSV or as JSON lines; the first row decides the columns of a CSV."""

    def __init__(self, out: TextIO, kind: str) -> None:
        self._out, self._csv = out, kind == ".csv"
        self._writer: csv.DictWriter[str] | None = None

    def __call__(self, row: Row) -> None:
        if not self._csv:
            self._out.write(json.dumps(row, ensure_ascii=False) + "\n")
            return
        if self._writer is None:
            self._writer = csv.DictWriter(self._out, list(row), extrasaction="ignore")
            self._writer.writeheader()
        self._writer.writerow({**row, "words": " ".join(row["words"])})
