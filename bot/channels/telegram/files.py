"""Read what a person uploads: one review as text, or many as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from bot.files.bulk import harmless
from bot.files.encodings import encoding_of
from bot.files.errors import TableError
from bot.files.tables import fitted, layout, records

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
# In the table that goes back every row is as wide as the widest.
MAX_CELLS = 1_000_000
# Lines from which the layout is found out.
_LOOKED_AT = 100
# No text holds it: a table without a separator has a single column.
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
        header: names of the columns, made up where the file has none.
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
        prefix = "fathom_" if not set(names).isdisjoint(self.header) else ""
        writer.writerow((*self.header, *(prefix + name for name in names)))
        for row, more in zip(self.rows, values, strict=True):
            writer.writerow([harmless(cell) for cell in (*row, *more)])
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
    encoding = encoding_of(io.BytesIO(content))
    text = content.decode(encoding, "replace")
    if text.strip() and "\0" not in text:
        return text
    raise FileError("file_empty")


def table(text: str) -> Table:
    """Read a table, with or without a header.

    The reviews are the column named so, else the one with the longest cells.

    Raises:
        FileError: if there are no reviews or too many.
    """
    try:
        found = layout("".join(islice(io.StringIO(text, newline=""), _LOOKED_AT)))
    except TableError as error:
        raise FileError("csv_no_reviews") from error
    delimiter = found.delimiter or _NO_DELIMITER
    read = records(io.StringIO(text, newline=""), delimiter, found.padded)
    rows = [tuple(cells) for cells, _ in islice(read, found.before, None)]
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    rows = [tuple(cell or "" for cell in fitted(found, row)) for row in rows]
    header, column = found.header, found.column
    if not rows:
        raise FileError("csv_no_reviews")
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
