"""Read the rows of a table one by one, and write them."""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from models.review.errors import ReviewModelError

LONGEST_FIELD = 10_000_000
# A quote that spans more lines than this was never closed: only its own row is lost by it.
_MOST_LINES = 200
_UNFINISHED, _NEVER_CLOSED = "unexpected end of data", "a quote that is never closed"

Row = dict[str, Any]
Cells = list[str]


def problem(row: Row) -> str | None:
    """Say why a row cannot be judged, if so."""
    text = row.get("text")
    if not isinstance(text, str):
        return "no text"
    return None if text.strip() else "empty text"


def read(lines: TextIO, kind: str) -> Iterator[Row | str]:
    """Yield each row, or what is wrong with it.

    Raises:
        ReviewModelError: if a CSV file has no column named text.
    """
    if kind == ".csv":
        yield from _read_table(lines)
        return
    for line in _readable(lines):
        if kind == ".txt":
            yield {"text": line.rstrip("\r\n")}
            continue
        try:
            row = json.loads(line)
        except ValueError:
            yield "not JSON"
            continue
        yield row if isinstance(row, dict) else "not a JSON object"


def records(lines: Iterable[str], delimiter: str = ",") -> Iterator[tuple[Cells, str]]:
    """Yield the cells of each row of a CSV file, and what is wrong with it or "".

    A row with a stray quote is read as well as it can be, and the next line begins anew.
    """
    csv.field_size_limit(LONGEST_FIELD)
    source, waiting = iter(lines), deque[str]()
    held: list[str] = []
    while True:
        line = waiting.popleft() if waiting else next(source, "")
        if not line and not held:
            return
        held += [line] if line else []
        if line and '"' not in line and 1 < len(held) <= _MOST_LINES:
            continue  # nothing in it can close the quote
        try:
            if not line or len(held) > _MOST_LINES:
                raise csv.Error
            cells, problem = next(csv.reader(held, delimiter=delimiter, strict=True)), ""
        except csv.Error as error:
            if str(error) == _UNFINISHED:
                continue
            cells = _leniently(held[0], delimiter)
            # In a single line a stray quote is only a quote.
            problem = "" if cells and len(held) == 1 and line else _NEVER_CLOSED
            waiting.extendleft(reversed(held[1:]))
        held = []
        if cells or problem:
            yield cells, problem


def _leniently(line: str, delimiter: str) -> Cells:
    try:
        return [cell.rstrip("\r\n") for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error:
        return []


def _read_table(lines: TextIO) -> Iterator[Row | str]:
    found = records(_readable(lines))
    header, _ = next(found, ([], ""))
    if "text" not in header:
        raise ReviewModelError("The file has no column named text")
    for cells, problem in found:
        if len(cells) > len(header):
            problem = problem or "more fields than the header"
        missing = [None] * (len(header) - len(cells))
        yield problem or dict(zip(header, [*cells, *missing], strict=True))


def _readable(lines: TextIO) -> Iterator[str]:
    """Read by line, so that the position in the file stays known; drop NUL characters."""
    for line in iter(lines.readline, ""):
        yield line.replace("\0", "")


def position(lines: TextIO, size: int) -> int:
    """Return how many bytes of the file have been read."""
    return min(size, lines.buffer.tell()) if hasattr(lines, "buffer") else size


class Writer:
    """Write rows as CSV or as JSON lines; the first row decides the columns of a CSV."""

    def __init__(self, out: TextIO, kind: str) -> None:
        """Write to an open file; ``kind`` is its ending."""
        self._out, self._csv = out, kind == ".csv"
        self._writer: csv.DictWriter[str] | None = None

    def __call__(self, row: Row) -> None:
        """Write a row."""
        if not self._csv:
            self._out.write(json.dumps(row, ensure_ascii=False) + "\n")
            return
        if self._writer is None:
            columns = list(row)
            self._writer = csv.DictWriter(
                self._out, columns, extrasaction="ignore", escapechar="\\"
            )
            self._writer.writeheader()
        self._writer.writerow({**row, "words": ", ".join(row["words"])})
