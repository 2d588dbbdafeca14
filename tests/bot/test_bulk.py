"""Judging many files, in this process and on a Dask cluster."""

from __future__ import annotations

import csv
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from distributed import LocalCluster

from bot.files import bulk
from bot.files.bulk import Judged, classify_file
from bot.files.cluster import cluster, judged
from bot.files.errors import TableError
from bot.terminal import bulk as terminal


def marks(seconds: float = 0.0) -> Callable[[Sequence[str]], list[Judged]]:
    """Return a judge that says which process it ran in."""

    def judge(texts: Sequence[str]) -> list[Judged]:
        time.sleep(seconds)
        return [Judged("positive", 0.9, [str(os.getpid())]) for _ in texts]

    return judge


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_row_is_written_once_in_order_by_several_processes(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("".join(f"row {number}\n" for number in range(5000)))
    with cluster(processes=2, judge=marks(0.01)) as judging:
        report = classify_file(tmp_path / "in.txt", tmp_path / "out.csv", judging)
    written = rows(tmp_path / "out.csv")
    assert report.judged == 5000
    assert [row["text"] for row in written] == [f"row {number}" for number in range(5000)]
    assert len({row["words"] for row in written} - {str(os.getpid())}) == 2


def test_a_killed_worker_costs_no_row_and_writes_none_twice(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("".join(f"row {number}\n" for number in range(6000)))
    killed: list[int] = []

    def kill(done: int, _: int) -> None:
        if not killed and done:
            victim = next(iter(workers.workers.values()))
            killed.append(victim.pid)
            os.kill(victim.pid, signal.SIGKILL)

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as workers,
        cluster(workers.scheduler_address, judge=marks(0.1)) as judging,
    ):
        classify_file(tmp_path / "in.txt", tmp_path / "out.csv", judging, kill)
    assert killed
    written = [row["text"] for row in rows(tmp_path / "out.csv")]
    assert written == [f"row {number}" for number in range(6000)]


class Client:
    """A client of a cluster with one thread, which works at once."""

    def __init__(self) -> None:
        self.submitted = 0

    def ncores(self) -> dict[str, int]:
        return {"worker": 1}

    def submit(
        self, judge: Callable[[Sequence[str]], list[Judged]], texts: list[str], pure: bool
    ) -> Client:
        self.submitted += 1
        self._found = judge(texts)
        return self

    def result(self) -> list[Judged]:
        return self._found


def test_only_a_few_batches_are_read_ahead() -> None:
    client = Client()
    batches = (bulk.Batch([{"text": "row"}], ["row"]) for _ in range(1000))
    judging = judged(client, batches, marks())
    ahead = [client.submitted - number for number, _ in enumerate(judging)]
    assert (len(ahead), max(ahead)) == (1000, 3)


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.files.cluster._PATIENCE", 1)
    with pytest.raises(TableError, match=r"127\.0\.0\.1:9"), cluster("tcp://127.0.0.1:9"):
        pass


def test_a_pattern_a_folder_and_a_name_give_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "notes.md", "c.jsonl"):
        (tmp_path / name).write_text("")
    names = [path.name for path in terminal.found([str(tmp_path / "*.csv")])]
    assert names == ["a.csv", "b.csv"]
    names = [path.name for path in terminal.found([str(tmp_path), str(tmp_path / "a.csv")])]
    assert names == ["a.csv", "b.csv", "c.jsonl"]
    with pytest.raises(TableError, match="tsv"):
        terminal.found([str(tmp_path / "*.tsv")])


def test_results_get_names_of_their_own(tmp_path: Path) -> None:
    sources = [Path("a.csv"), Path("a.jsonl"), Path("b.parquet")]
    found = terminal.targets(sources, tmp_path / "out")
    assert [target.name for _, target in found] == ["a.csv.csv", "a.jsonl.jsonl", "b.csv"]
    assert (tmp_path / "out").is_dir()
    with pytest.raises(TableError, match="folder"):
        terminal.targets(sources, tmp_path / "one.csv")
    with pytest.raises(TableError, match=r"in\.xls"):
        terminal.targets(sources, tmp_path / "in.xls")


def test_a_bad_file_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("\n")
    (tmp_path / "b.txt").write_text("I loved it.\n")
    monkeypatch.setattr("bot.terminal.bulk.review.load", lambda: None)
    fake = marks()
    monkeypatch.setattr(bulk, "in_turn", lambda batches: ((b, fake(b.texts)) for b in batches))
    with pytest.raises(TableError, match=r"a\.txt"):
        terminal.classify([str(tmp_path / "*.txt")], tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.csv"]
    assert "1 positive" in capsys.readouterr().out
