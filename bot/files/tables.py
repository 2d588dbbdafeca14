"""Read files of reviews as people have them: lines, tables, JSON, Parquet.

Which column holds the reviews, what separates the cells and whether there is a header are found
out from the beginning of a file. A row comes back as it was, or as a word on what is wrong with it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, TextIO

from bot.files.encodings import encoding_of
from bot.files.errors import TableError

KINDS = (".txt", ".csv", ".tsv", ".jsonl", ".json", ".parquet")
LONGEST_TEXT = 100_000
_LONGEST_FIELD = 10_000_000
# No text holds it: a table without a separator has a single column.
_NO_DELIMITER = "\x1f"
# Rows from which the layout is found out.
LOOKED_AT = 100
# A quote that spans more lines than this was never closed: only its own row is lost by it.
_MOST_LINES = 200
_UNFINISHED, _NEVER_CLOSED = "unexpected end of data", "a quote that is never closed"
# A JSON array is read whole.
_LARGEST_ARRAY = 64 << 20

# Names of the column of reviews, the likeliest first, and words that such a name may hold.
_NAMES = (
    *("text", "review", "reviews", "review text", "comment", "comments", "content", "sentence"),
    *("opinion", "opinions", "message", "body", "feedback", "phrase", "tweet"),
)
# What else stands above a column: a row that holds one of these is a header.
_OTHER_NAMES = (
    "id nr no number date time label rating stars score sentiment user name author title film "
    "movie polarity class target index url votes"
)
_OTHERS = frozenset(_OTHER_NAMES.split())
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{1,20})?")
# What stands where a number is missing.
_MISSING = ("na", "n/a", "nan", "none", "null")
_LONGEST_NAME = 40
_SEPARATOR = re.compile(r"sep=(.)\r?\n")
_QUOTE_AFTER_BLANK = re.compile(r"[,;\t|] +\"")

# Of these a text has no more than a stray one; archives, workbooks and pictures are full of them.
_CONTROLS = str.maketrans("", "", "".join(map(chr, (*range(1, 9), *range(14, 32)))))
_MOST_CONTROLS = 0.02

Row = dict[str, Any]
Cells = list[str]


@dataclass(frozen=True)
class Layout:
    """How a table of text is written.

    Attributes:
        delimiter: what separates the cells, "" if a line is one cell.
        header: names of the columns, one each.
        before: how many rows of the file stand before the first review.
        column: index of the reviews.
        named: whether the name of that column says so.
        padded: whether a blank before a quote is to be left out.
    """

    delimiter: str
    header: tuple[str, ...]
    before: int
    column: int
    named: bool
    padded: bool = False


class Table:
    """An open file of reviews.

    Attributes:
        column: name of the column that holds the reviews.
        notes: what the person should know about how the file is read.
    """

    def __init__(
        self,
        column: str,
        notes: Sequence[str],
        rows: Iterable[Row | str],
        position: Callable[[], int] = int,
    ) -> None:
        """Keep what was found out; ``position`` tells how many bytes of the file are read."""
        self.column, self.notes, self._rows = column, tuple(notes), rows
        self.position = position

    def __iter__(self) -> Iterator[Row | str]:
        """Yield each row that can be judged, else what is wrong with it."""
        for row in self._rows:
            yield row if isinstance(row, str) else self.problem(row) or row

    def problem(self, row: Row) -> str | None:
        """Say why a row cannot be judged, if so."""
        text = row.get(self.column)
        if not isinstance(text, str):
            return f"no text in {self.column!r}"
        if not text.strip():
            return "empty text"
        if len(text) > LONGEST_TEXT:
            return f"{len(text):,} characters, more than {LONGEST_TEXT:,}"
        try:
            json.dumps(row, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            return "half of a character (a lone surrogate)"
        return None


def open_table(path: Path) -> Table:
    """Open a file of reviews, whose name ends in one of ``KINDS``.

    Raises:
        TableError: if the file cannot be read or holds no table.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise TableError(f"{path.name} must end in {', '.join(KINDS)}")
    try:
        if kind == ".parquet":
            return _parquet(path)
        with path.open("rb") as source:
            encoding = encoding_of(source)
            head = list(islice(_clean(io.TextIOWrapper(source, encoding, "replace", "")), 100))
        if _is_binary("".join(head)):
            raise TableError(f"{path.name} is no text; save the table as .csv or .parquet")
        raw = path.open("rb", buffering=0)
        lines = io.TextIOWrapper(io.BufferedReader(raw, 1 << 16), encoding, "replace", "")
        reader = _json if kind in (".json", ".jsonl") else _text
        try:
            table = reader(path, head, lines)
        except TableError as error:
            raise TableError(f"{path.name}: {error}") from error
        size = path.stat().st_size
        table.position = lambda: size if raw.closed else raw.tell()  # read to the end, it closes
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or error}") from error
    if encoding not in ("utf-8", "utf-8-sig"):
        table.notes = (f"{path.name} is read as {encoding.replace('_', '-')}", *table.notes)
    return table


def _is_binary(text: str) -> bool:
    return len(text) - len(text.translate(_CONTROLS)) > _MOST_CONTROLS * len(text)


def _text(path: Path, head: Sequence[str], lines: TextIO) -> Table:
    lines_only = path.suffix.lower() == ".txt"
    found = layout("".join(head), lines_only)
    cells: Iterator[tuple[Cells, str]]
    if not found.delimiter and lines_only:
        cells = (([line.rstrip("\r\n")], "") for line in islice(_clean(lines), found.before, None))
    else:
        cells = cells_below(found, _clean(lines))
    name = found.header[found.column]
    notes = []
    if not found.named and len(found.header) > 1:
        notes = [f"{path.name}: the reviews are taken from the column {name!r}, the longest texts"]
    elif lines_only and found.delimiter:
        notes = [f"{path.name} has columns; the reviews are taken from {name!r}"]
    return Table(name, notes, (_row(found, each, wrong) for each, wrong in cells))


def _row(found: Layout, cells: Cells, wrong: str) -> Row | str:
    if wrong:
        return wrong
    return dict(zip(found.header, fitted(found, cells), strict=True))


def cells_below(found: Layout, lines: Iterable[str]) -> Iterator[tuple[Cells, str]]:
    """Yield the cells of each row below the header, as ``records`` does."""
    read = records(lines, found.delimiter or _NO_DELIMITER, found.padded)
    return islice(read, found.before, None)


def fitted(found: Layout, cells: Sequence[str]) -> list[str | None]:
    """Return as many cells as there are columns: commas too many belong to the review."""
    spare, column = len(cells) - len(found.header), found.column
    if spare > 0:
        whole = found.delimiter.join(cells[column : column + spare + 1])
        return [*cells[:column], whole, *cells[column + spare + 1 :]]
    return [*cells, *[None] * -spare]


def layout(text: str, lines_only: bool = False) -> Layout:
    """Find out how a table is written from its beginning.

    Args:
        text: whole rows.
        lines_only: only tabs that stand in every line separate cells.

    Raises:
        TableError: if there is nothing in it.
    """
    told = _SEPARATOR.match(text)
    text = text[told.end() :] if told else text
    if not text.strip():
        raise TableError("there are no reviews in it")
    delimiter = told[1] if told else _delimiter(text, "\t" if lines_only else ",;\t|")
    padded = _QUOTE_AFTER_BLANK.search(text) is not None
    if lines_only and not delimiter:
        return Layout("", ("text",), 0, 0, True)
    found = records(io.StringIO(text, newline=""), delimiter or _NO_DELIMITER, padded)
    rows = [cells for cells, _ in islice(found, LOOKED_AT) if any(map(str.strip, cells))]
    if not rows:
        raise TableError("there are no reviews in it")
    column = _named(rows[0])
    has_header = column is not None or _is_header(rows)
    width = max(map(len, rows[:1] if has_header else rows))
    longest = _longest(rows[1:] or rows, width)
    chosen = longest if column is None else column
    names = rows[0] if has_header else [f"column_{i + 1}" for i in range(width)]
    if not has_header:
        names[chosen] = "text"
    before = int(has_header) + int(told is not None)
    return Layout(delimiter, _distinct(names), before, chosen, column is not None, padded)


def _delimiter(text: str, candidates: str) -> str:
    """Return what separates cells: what splits most rows alike, "" if nothing does."""
    best, found = 0.0, ""
    for delimiter in candidates:
        rows = islice(records(io.StringIO(text, newline=""), delimiter, True), LOOKED_AT)
        widths = Counter(len(cells) for cells, _ in rows if any(map(str.strip, cells)))
        first = next(iter(widths), 1)
        alike = widths[first] / max(1, sum(widths.values()))
        if candidates == "\t" and alike < 1:
            continue
        if first > 1 and alike + 0.01 * min(first, 20) > best:
            best, found = alike + 0.01 * min(first, 20), delimiter
    return found


def _named(cells: Sequence[str]) -> int | None:
    """Return which cell names the column of reviews, by its whole name or by a word of it."""
    names = [" ".join(_WORD.findall(cell)).lower() for cell in cells]
    names = [name if len(name) <= _LONGEST_NAME else "" for name in names]
    for name in _NAMES:
        if name in names:
            return names.index(name)
    words = [name.split() if len(name.split()) <= 3 else [] for name in names]
    if len(cells) == 1 and not {"text", "review", "reviews"} & {*words[0]}:
        return None
    for name in _NAMES:
        for number, each in enumerate(words):
            if name in each and not _OTHERS & {*each}:
                return number
    return None


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names its columns: by a usual name, or by its looks."""
    first = [cell.strip() for cell in rows[0]]
    if any(cell.lower() in _OTHERS for cell in first):
        return True
    if len(rows) > 2 and any(map(_names_numbers, zip_longest(*rows, fillvalue=""))):
        return True
    if len(first) < 2 or len(rows) < 2 or any(re.search(r"\d|[.!?]$", cell) for cell in first):
        return False
    below = [len(max(row, key=len, default="")) for row in rows[1:]]
    return max(map(len, first)) <= _LONGEST_NAME and sum(below) / len(below) > 30


def _names_numbers(cells: Sequence[str]) -> bool:
    """Whether a word stands above numbers alone."""
    first, *below = (cell.strip() for cell in cells)
    is_word = first[:1].isalpha() and first.lower() not in _MISSING
    return is_word and all(map(_NUMBER.fullmatch, below))


def _longest(rows: Sequence[Sequence[str]], width: int) -> int:
    lengths = [0] * width
    for row in rows:
        for index, cell in enumerate(row[:width]):
            lengths[index] += len(cell)
    return max(range(width), key=lengths.__getitem__)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Number names that stand above several columns."""
    found: list[str] = []
    for name in (name.strip() for name in names):
        number, given = 1, name
        while given in found:
            number, given = number + 1, f"{name}_{number + 1}"
        found.append(given)
    return tuple(found)


def _json(path: Path, head: Sequence[str], lines: TextIO) -> Table:
    if head and head[0].startswith("[") and path.stat().st_size <= _LARGEST_ARRAY:
        rows = _array(lines.read())
    else:
        rows = map(_parsed, filter(str.strip, _clean(lines)))
    return _of_objects(path, rows)


def _array(content: str) -> Iterator[Row | str]:
    """Yield the objects of a file that is one JSON array, or else of its lines."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, list) and any(isinstance(each, dict) for each in found):
        return (each if isinstance(each, dict) else "not a JSON object" for each in found)
    return map(_parsed, filter(str.strip, io.StringIO(content)))


def _parsed(line: str) -> Row | str:
    try:
        row = json.loads(line)
        json.dumps(row)
    except RecursionError:
        return "nested too deeply"
    except ValueError:
        return "not JSON"
    return row if isinstance(row, dict) else "not a JSON object"


def _parquet(path: Path) -> Table:
    from pyarrow import ArrowException, parquet

    try:
        batches = parquet.ParquetFile(path).iter_batches(batch_size=256)
        rows = chain.from_iterable(batch.to_pylist() for batch in batches)
        return _of_objects(path, rows)
    except ArrowException as error:
        raise TableError(f"{path.name} is no Parquet file: {error}") from error


def _of_objects(path: Path, rows: Iterator[Row | str]) -> Table:
    """Find the column of reviews among the names and the values of the first rows."""
    head = list(islice(rows, LOOKED_AT))
    good = [row for row in head if isinstance(row, dict)]
    names = list(dict.fromkeys(str(name) for row in good for name in row))
    if not names:
        return Table("text", (), chain(head, rows))
    column = _named(names)
    values = [
        [value if isinstance(value := row.get(name), str) else "" for name in names] for row in good
    ]
    notes = []
    if column is None:
        column = _longest(values, len(names))
        name = names[column]
        notes = [f"{path.name}: the reviews are taken from the column {name!r}, the longest texts"]
    return Table(names[column], notes, chain(head, rows))


def records(
    lines: Iterable[str], delimiter: str = ",", padded: bool = False
) -> Iterator[tuple[Cells, str]]:
    """Yield the cells of each row of a CSV file, and what is wrong with it or "".

    A row with a stray quote is read as well as it can be, and the next line begins anew.

    Args:
        lines: with their ends.
        delimiter: between the cells.
        padded: whether a blank before a cell is left out.
    """
    csv.field_size_limit(_LONGEST_FIELD)
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
            reader = csv.reader(held, delimiter=delimiter, strict=True, skipinitialspace=padded)
            cells, problem = next(reader), ""
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


def _clean(lines: TextIO) -> Iterator[str]:
    """Read by line, without the NUL characters that some programs write."""
    for line in iter(lines.readline, ""):
        yield line.replace("\0", "")
