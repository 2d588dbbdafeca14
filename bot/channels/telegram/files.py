"""Read what a person uploads: one review as text, or many as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath

from models.review.rows import records

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
_NAMES = ("text", "review", "reviews", "comment", "comments", "sentence", "content")


class FileError(ValueError):
    """The file cannot be used; the first argument names the sentence that says why."""

    def __init__(self, sentence: str, **values: int) -> None:
        """Keep the values that fill the sentence."""
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values


@dataclass(frozen=True)
class Table:
    """Rows as they came, and which column holds the reviews.

    Attributes:
        header: names of the columns, empty if there are none.
        rows: the cells.
        column: index of the reviews' column.
        delimiter: what separated the cells.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    column: int
    delimiter: str

    def reviews(self) -> list[str]:
        """Return the review of every row, empty where it has none."""
        return [row[self.column] if len(row) > self.column else "" for row in self.rows]

    def with_columns(self, names: tuple[str, ...], values: Iterable[tuple[str, ...]]) -> str:
        """Return the table as CSV with columns added at the end."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\n")
        width = max([len(self.header), *(len(row) for row in self.rows)])
        header = self.header or tuple(
            "text" if i == self.column else f"column_{i + 1}" for i in range(width)
        )
        writer.writerow((*header, *names))
        for row, more in zip(self.rows, values, strict=True):
            writer.writerow((*row, *[""] * (len(header) - len(row)), *more))
        return out.getvalue()


def kind(name: str) -> str:
    """Return "txt", "csv" or "" from a file's name."""
    suffix = PurePath(name).suffix.lower().lstrip(".")
    return suffix if suffix in ("txt", "csv") else ""


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 with its mark, or a Western code page.

    Raises:
        FileError: if it is too large, empty or not text.
    """
    if len(content) > MAX_BYTES:
        raise FileError("file_too_large", limit_mb=MAX_BYTES // 2**20)
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.strip() and "\0" not in text:
            return text
    raise FileError("file_empty")


def table(text: str) -> Table:
    """Read a table, with or without a header.

    The reviews are the column named so, else the one with the longest cells.

    Raises:
        FileError: if there are no reviews or too many.
    """
    delimiter = _delimiter(text)
    found = records(io.StringIO(text, newline=""), delimiter)
    rows = [tuple(cells) for cells, _ in found if any(cell.strip() for cell in cells)]
    if not rows:
        raise FileError("csv_no_reviews")
    names = [cell.strip().lower() for cell in rows[0]]
    named = next((names.index(name) for name in _NAMES if name in names), None)
    header = rows.pop(0) if named is not None else ()
    column = named if named is not None else _longest(rows)
    if len(rows) > MAX_ROWS:
        raise FileError("csv_too_many", rows=len(rows), limit=MAX_ROWS)
    if not any(len(row) > column and row[column].strip() for row in rows):
        raise FileError("csv_no_reviews")
    return Table(header, tuple(rows), column, delimiter)


def label(
    reviews: Iterable[str], classify: Callable[[str], tuple[str, float]]
) -> list[tuple[str, str]]:
    """Return label and probability of being positive for each review, as text."""
    results = []
    for review in reviews:
        name, probability = classify(review)
        results.append((name, f"{probability:.3f}"))
    return results


def _delimiter(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    names = {name: line.count(name) for name in ("\t", ";", ",")}
    return max(names, key=lambda name: names[name]) if any(names.values()) else ","


def _longest(rows: list[tuple[str, ...]]) -> int:
    lengths: dict[int, int] = {}
    for row in rows:
        for index, cell in enumerate(row):
            lengths[index] = lengths.get(index, 0) + len(cell)
    return max(lengths, key=lambda index: lengths[index])
