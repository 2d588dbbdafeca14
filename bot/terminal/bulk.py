"""Classify files of reviews with something to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from glob import glob
from pathlib import Path

from rich.console import Console

from bot.files import bulk, tables
from bot.files.bulk import Judging, Report
from bot.files.cluster import cluster, processors
from bot.files.errors import TableError
from bot.terminal.progress import showing
from models import review

# Files of fewer bytes are judged sooner than further processes have started.
_WORTH_PROCESSES = 2_000_000


def classify(patterns: Sequence[str], output: Path, scheduler: str | None = None) -> None:
    """Judge every review of some files, write the results and print how many there are of each.

    Args:
        patterns: names of files or of folders; ``*`` and ``?`` stand for any letters.
        output: a file to write, or for several a folder, which is made.
        scheduler: address of a Dask scheduler whose workers judge.

    Raises:
        TableError: if a file cannot be read or written, or nothing in it can be judged; of
            several, the others are written before.
        ReviewModelError: if the model is damaged.
    """
    pairs = targets(found(patterns), output)
    console = Console(stderr=True, highlight=False)
    failed: list[TableError] = []
    with showing(bar=True) as progress, _judging(pairs, scheduler) as judging:
        for source, target in pairs:
            task = progress.add_task(source.name, total=None, news="")

            def show(done: int, size: int, task: int = task) -> None:
                news = f"{done} of {size} bytes"
                progress.update(task, completed=done, total=size, news=news)  # type: ignore[arg-type]

            try:
                report = bulk.classify_file(source, target, judging, show)
            except TableError as error:
                failed.append(error)
                continue
            _tell(console, source if len(pairs) > 1 else None, report)
            print(f"{target}: {_sum(report.counts)}, {report.bad_count} left out", flush=True)
    if failed:
        raise TableError("\n".join(map(str, failed)))


@contextmanager
def _judging(pairs: Sequence[tuple[Path, Path]], scheduler: str | None) -> Iterator[Judging]:
    """Give what judges: this process for little, else as many as there are processors."""
    size = sum(source.stat().st_size for source, _ in pairs if source.is_file())
    if scheduler or (size >= _WORTH_PROCESSES and processors() > 1):
        with cluster(scheduler) as judging:
            yield judging
    else:
        review.load()
        yield bulk.in_turn


def found(patterns: Sequence[str]) -> list[Path]:
    """Return the files that some patterns name, each once.

    Raises:
        TableError: if a pattern names none.
    """
    files: dict[Path, None] = {}
    for pattern in patterns:
        path = Path(pattern)
        if path.is_dir():
            named = [each for each in sorted(path.iterdir()) if each.suffix.lower() in tables.KINDS]
        else:
            is_pattern = any(sign in pattern for sign in "*?[") and not path.exists()
            named = sorted(map(Path, glob(pattern, recursive=True))) if is_pattern else [path]
        if not named:
            raise TableError(f"there is no file of reviews called {pattern}")
        files.update(dict.fromkeys(named))
    return list(files)


def targets(sources: Sequence[Path], output: Path) -> list[tuple[Path, Path]]:
    """Return each file with the one to write: in a folder it has the same name, but for its end.

    Lines of JSON become such lines, everything else a CSV.

    Raises:
        TableError: if several files are to become one.
    """
    if output.suffix.lower() in bulk.OUTPUTS and not output.is_dir():
        if len(sources) > 1:
            raise TableError(f"{len(sources)} files need a folder to be written to, not {output}")
        return [(sources[0], output)]
    if output.suffix and not output.is_dir():
        raise TableError(f"{output.name} must end in {', '.join(bulk.OUTPUTS)} or be a folder")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TableError(f"{output}: {error.strerror}") from error
    often = Counter(source.stem for source in sources)
    pairs = []
    for source in sources:
        kind = ".jsonl" if source.suffix.lower() in (".jsonl", ".json") else ".csv"
        name = source.stem if often[source.stem] == 1 else source.name
        pairs.append((source, output / f"{name}{kind}"))
    taken = Counter(target for _, target in pairs)
    if twice := next((target for target, count in taken.items() if count > 1), None):
        raise TableError(f"two files would be written to {twice}")
    return pairs


def _tell(console: Console, source: Path | None, report: Report) -> None:
    before = f"{source.name}, " if source else ""
    for note in report.notes:
        console.print(note, markup=False)
    for row in report.bad:
        console.print(f"{before}row {row.number}: {row.problem}", markup=False)
    if report.bad_count > len(report.bad):
        console.print(f"{before}and {report.bad_count - len(report.bad)} rows more")


def _sum(counts: dict[str, int]) -> str:
    each = ", ".join(f"{count} {label}" for label, count in sorted(counts.items()))
    return f"{sum(counts.values())} reviews ({each or 'none'})"
