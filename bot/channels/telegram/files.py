"""Read what a person uploads: one review as text, or many as a table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from models.review.rows import records

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
# In the table that goes back every row is as wide as the widest.
MAX_CELLS = 1_000_000
_NAMES = (
    *("text", "review", "reviews", "comment", "comments", "sentence", "content", "opinion"),
    *("opinions", "message", "body"),
)
# What else stands above a column; a table whose first row holds one of these has a header.
_OTHERS = (
    "id nr no number date time label rating stars score sentiment user name author title film movie"
)
_OTHER_NAMES = frozenset(_OTHERS.split())
_WORD = re.compile(r"[a-z]+")
_LONGEST_NAME = 30
_SEPARATOR = re.compile(r"sep=(.)\r?\n")
# No text holds it: a table without a separator in its first line has a single column.
_NO_DELIMITER = "\x1f"


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
        delimiter = "," if self.delimiter == _NO_DELIMITER else self.delimiter
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        width = max([len(self.header), *(len(row) for row in self.rows)])
        header = self.header or (*(f"column_{i + 1}" for i in range(self.column)), "text")
        header += tuple(f"column_{i + 1}" for i in range(len(header), width))
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
    if separator := _SEPARATOR.match(text):
        text = text[separator.end() :]
    delimiter = separator[1] if separator else _delimiter(text)
    found = records(io.StringIO(text, newline=""), delimiter)
    rows = [tuple(cells) for cells, _ in found if any(cell.strip() for cell in cells)]
    if not rows:
        raise FileError("csv_no_reviews")
    named = _named(rows[0])
    header = rows.pop(0) if named is not None or _is_header(rows[0]) else ()
    if not rows:
        raise FileError("csv_no_reviews")
    column = named if named is not None else _longest(rows)
    if len(rows) > MAX_ROWS:
        raise FileError("csv_too_many", rows=len(rows), limit=MAX_ROWS)
    if max(map(len, (header, *rows))) * len(rows) > MAX_CELLS:
        raise FileError("csv_too_wide", cells=max(map(len, (header, *rows))))
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


def _named(cells: Sequence[str]) -> int | None:
    """Return which cell names the column of reviews, by its whole name or a word of it."""
    names = [cell.strip().lower() for cell in cells]
    short = [name if len(name) <= _LONGEST_NAME else "" for name in names]
    for name in _NAMES:
        if name in names:
            return names.index(name)
    if not _OTHER_NAMES.isdisjoint(names) or len(cells) == 1:
        words = [set(_WORD.findall(name)) for name in short]
        return next((i for i, each in enumerate(words) if not each.isdisjoint(_NAMES)), None)
    return None


def _is_header(cells: Sequence[str]) -> bool:
    return not _OTHER_NAMES.isdisjoint(cell.strip().lower() for cell in cells)


def _delimiter(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    names = {name: line.count(name) for name in ("\t", ";", ",", "|")}
    return max(names, key=lambda name: names[name]) if any(names.values()) else _NO_DELIMITER


def _longest(rows: list[tuple[str, ...]]) -> int:
    lengths: dict[int, int] = {}
    for row in rows:
        for index, cell in enumerate(row):
            lengths[index] = lengths.get(index, 0) + len(cell)
    return max(lengths, key=lambda index: lengths[index])
