"""A table of reviews that came as a text, held in memory, and written again with what is found."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from bot.files.bulk import added_names, harmless
from bot.files.tables import LOOKED_AT, cells_below, fitted, layout


@dataclass(frozen=True)
class Sheet:
    """Rows as they came, and which column holds the reviews."""

    header: tuple[str, ...]  # made up where the text has none
    rows: tuple[tuple[str, ...], ...]  # each as wide as the header
    column: int
    delimiter: str  # "" where there is one column

    def reviews(self) -> list[str]:
        """Return the review of every row, empty where it has none."""
        return [row[self.column] for row in self.rows]

    def with_labels(self, labels: Iterable[tuple[str, str]]) -> str:
        """Return the table as CSV with label and probability at the end."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter or ",", lineterminator="\n")
        writer.writerow((*self.header, *added_names(self.header)[:2]))
        for row, added in zip(self.rows, labels, strict=True):
            writer.writerow([harmless(cell) for cell in (*row, *added)])
        return out.getvalue()


def read(text: str) -> Sheet:
    """Read a table, with or without a header.

    The reviews are the column named so, else the one with the longest cells.

    Raises:
        TableError: if there are no reviews in it.
    """
    lines = io.StringIO(text, newline="")
    found = layout("".join(islice(lines, LOOKED_AT)))
    lines.seek(0)
    below = (cells for cells, _ in cells_below(found, lines) if any(map(str.strip, cells)))
    rows = tuple(tuple(cell or "" for cell in fitted(found, cells)) for cells in below)
    return Sheet(found.header, rows, found.column, found.delimiter)
