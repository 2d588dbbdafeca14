"""Judging many files in parts."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.files import parts
from bot.files.errors import TableError
from models import review
from models.review import Verdict


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Judge without a model; returns how many texts each call was given."""
    calls: list[int] = []

    def classify(texts: Sequence[str]) -> list[Verdict]:
        calls.append(len(texts))
        return [Verdict("positive" if "good" in t else "negative", 0.5, 1, "x") for t in texts]

    monkeypatch.setattr(review, "classify_many", classify)
    return calls


def read(folder: Path) -> list[str]:
    """Return the texts of every part, in order."""
    texts = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            texts += [row["text"] for row in csv.DictReader(lines)]
    return texts


def write(folder: Path, kind: str, texts: Sequence[str]) -> Path:
    path = folder / f"in{kind}"
    if kind == ".parquet":
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.table({"text": list(texts)}), path, row_group_size=30)
    elif kind == ".jsonl":
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    elif kind == ".csv":
        with path.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([("id", "text"), *enumerate(texts)])
    else:
        path.write_text("".join(text + "\n" for text in texts))
    return path


@pytest.mark.parametrize("kind", [".csv", ".jsonl", ".txt", ".parquet"])
def test_every_row_is_in_one_part(tmp_path: Path, kind: str, quick: list[int]) -> None:
    breaks = "\n" if kind in (".csv", ".jsonl", ".parquet") else " "
    texts = [f'good "film",{breaks}number {number}' for number in range(200)]
    out = tmp_path / "out"
    out.mkdir()
    cut = parts.parts_of([write(tmp_path, kind, texts)], out, size=1000)
    assert len(cut) > 3
    done = [parts.judge(part) for part in cut]
    assert read(out) == texts
    assert sum(each.counts.get("positive", 0) for each in done) == 200


def test_what_is_done_is_not_done_again(tmp_path: Path, quick: list[int]) -> None:
    (tmp_path / "out").mkdir()
    source = write(tmp_path, ".csv", [f"good film {n}" for n in range(100)])
    cut = parts.parts_of([source], tmp_path / "out", size=500)
    first = [parts.judge(part) for part in cut]
    quick.clear()
    assert [parts.judge(part) for part in cut] == first
    assert quick == []
    Path(cut[1].target).unlink()
    assert [parts.judge(part) for part in cut] == first
    assert len(quick) == 1


def test_files_of_the_same_name_do_not_meet(tmp_path: Path) -> None:
    files = [tmp_path / "a.csv", tmp_path / "a.txt"]
    for path in files:
        path.write_text("text\ngood\n")
    targets = {part.target for part in parts.parts_of(files, tmp_path)}
    assert len(targets) == 2


def test_no_file_is_an_error_that_names_the_pattern(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="nothing"):
        parts.found(str(tmp_path / "nothing*.csv"))


def test_two_processes_judge_every_row_once(tmp_path: Path) -> None:
    texts = [f"A lovely film, number {number}." for number in range(40)]
    source = write(tmp_path, ".csv", texts)
    (tmp_path / "out").mkdir()
    cut = parts.parts_of([source], tmp_path / "out", size=400)
    done = parts.run(cut, 2)
    assert len(done) == len(cut) > 2
    assert read(tmp_path / "out") == texts
