"""Judge many files, or large ones, in parts: one process a core, or a Dask cluster.

A part is some millions of bytes of a file, cut where a row begins, or some row groups of a Parquet
file. Each part writes a file of its own, which appears whole or not at all: a worker that dies
costs no row and writes none twice, and a run that was interrupted leaves out what is there.
"""

from __future__ import annotations

import glob
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.files.bulk import BadRow, classify_file, replacing
from bot.files.errors import TableError
from bot.files.tables import KINDS

PART_BYTES, PART_GROUPS = 4 << 20, 1
_BLOCK = 1 << 20
_KEPT_BAD = 20


@dataclass(frozen=True)
class Part:
    """A stretch of a file and where its verdicts go.

    Attributes:
        source: path of the file.
        target: path of the part's own file.
        start: first byte, or row group.
        end: byte, or row group, to stop before; None for the end of the file.
    """

    source: str
    target: str
    start: int
    end: int | None


@dataclass(frozen=True)
class Done:
    """What became of a part.

    Attributes:
        part: the part.
        counts: how many rows have each label.
        bad: rows that were left out, the first of them; numbers count from the part's beginning.
        bad_count: how many were left out.
    """

    part: Part
    counts: dict[str, int]
    bad: tuple[BadRow, ...]
    bad_count: int


def found(pattern: str) -> list[Path]:
    """Return the files of a pattern, or of a folder, in order.

    Raises:
        TableError: if there is none.
    """
    folder = Path(pattern)
    names = folder.iterdir() if folder.is_dir() else map(Path, glob.glob(pattern, recursive=True))
    files = sorted(path for path in names if path.suffix.lower() in KINDS and path.is_file())
    if not files:
        raise TableError(f"there is no file {pattern} that ends in {', '.join(KINDS)}")
    return files


def parts_of(files: Sequence[Path], output: Path, size: int = PART_BYTES) -> list[Part]:
    """Cut files into parts, whose own files are named after them and numbered."""
    parts = []
    taken: Counter[str] = Counter()
    for path in files:
        taken[path.stem] += 1
        stem = path.stem if taken[path.stem] == 1 else f"{path.stem}-{taken[path.stem]}"
        places = [*_places(path, size), None]
        for number, (start, end) in enumerate(pairwise(places)):
            target = output / f"{stem}.{number:05d}.csv"
            parts.append(Part(str(path.resolve()), str(target.resolve()), start or 0, end))
    return parts


def judge(part: Part) -> Done:
    """Judge a part, unless that is done, in whichever process this runs."""
    from models import review

    told = Path(part.target).with_suffix(".json")
    if Path(part.target).is_file() and told.is_file():
        kept = json.loads(told.read_text(encoding="utf-8"))
        if kept.get("part") == asdict(part):
            bad = tuple(BadRow(**row) for row in kept["bad"])
            return Done(part, kept["counts"], bad, kept["bad_count"])
    report = classify_file(
        Path(part.source),
        Path(part.target),
        review.classify_many,
        shown_bad=_KEPT_BAD,
        part=(part.start, part.end),
        empty=True,
    )
    done = Done(part, report.counts, report.bad, report.bad_count)
    with replacing(told) as out:
        json.dump(asdict(done), out)
    return done


def run(
    parts: Sequence[Part],
    processes: int,
    scheduler: str | None = None,
    told: Callable[[Done], None] = lambda done: None,
) -> list[Done]:
    """Judge every part; a part whose worker dies is given to another one.

    Args:
        parts: what to judge.
        processes: of this machine, where no scheduler is named.
        scheduler: address of a Dask cluster that sees the same files, such as tcp://host:8786.
        told: called with each part that is done.

    Raises:
        TableError: if the cluster cannot be reached.
    """
    from distributed import Client, LocalCluster, as_completed

    cluster: Any = None
    try:
        if scheduler is None:
            cluster = LocalCluster(
                n_workers=min(processes, max(1, len(parts))),
                threads_per_worker=1,
                dashboard_address=None,
                memory_limit=0,
                silence_logs=50,
            )
        client = Client(cluster or scheduler, timeout="20s")
    except OSError as error:
        raise TableError(f"no Dask scheduler answers at {scheduler}") from error
    try:
        waiting = as_completed(client.map(judge, parts, pure=False, retries=3), with_results=True)
        finished = []
        for _, done in waiting:
            finished.append(done)
            told(done)
        return finished
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def _places(path: Path, size: int) -> Iterator[int]:
    """Yield where each part of a file begins."""
    kind = path.suffix.lower()
    if kind == ".parquet":
        from pyarrow import parquet

        yield from range(0, max(1, parquet.ParquetFile(path).num_row_groups), PART_GROUPS)
        return
    yield 0
    with path.open("rb") as source:
        head = source.read(_BLOCK)
        if head.startswith((b"[", b"\xff\xfe", b"\xfe\xff")) or b"\0" in head[:2000]:
            return  # one JSON array, or two bytes a letter: read whole
        if kind in (".csv", ".tsv") and _quotes(path) % 2:
            return  # a quote is never closed: nobody knows where rows begin
        source.seek(0)
        at = quotes = 0
        begun = 0
        for line in source:
            at += len(line)
            quotes += line.count(b'"') if kind in (".csv", ".tsv") else 0
            if at - begun >= size and quotes % 2 == 0:
                begun = at
                yield at
    # The last place may be the end itself: that part is empty, which is no harm.


def _quotes(path: Path) -> int:
    with path.open("rb") as source:
        return sum(block.count(b'"') for block in iter(lambda: source.read(_BLOCK), b""))
