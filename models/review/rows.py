"""Read the rows of a table one by one, and write them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any, TextIO

from models.review.errors import ReviewModelError

LONGEST_FIELD = 10_000_000

Row = dict[str, Any]


def problem(row: Row) -> str | None:
    """Say why a row cannot be judged, if so."""
    if None in row:
        return "more fields than the header"
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
