"""Judging a file of reviews."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from models import review
from models.review import Contribution, ReviewModelError, Verdict
from models.review.bulk import classify_file


def classify(texts: Sequence[str]) -> list[Verdict]:
    return [judge(text) for text in texts]


def judge(text: str) -> Verdict:
    """Praise if the text holds "good", else blame; its first word is what drove it."""
    if text.startswith("?"):
        return Verdict("no_opinion", 0.5, 0, "fake", "empty")
    good = "good" in text
    word = Contribution(0, len(text.split()[0]), 1.0 if good else -1.0)
    return Verdict(
        "positive" if good else "negative", 0.9 if good else 0.1, 2, "fake", words=(word,)
    )


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_text_file_has_a_review_a_line(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("good film\n\nsad film\n???\n", encoding="utf-8")
    report = classify_file(source, tmp_path / "out.csv", classify)
    rows = read(tmp_path / "out.csv")
    assert [(row["text"], row["label"], row["probability"], row["words"]) for row in rows] == [
        ("good film", "positive", "0.9", "good"),
        ("sad film", "negative", "0.1", "sad"),
        ("???", "unsure", "0.5", ""),
    ]
    assert report.counts == {"positive": 1, "negative": 1, "unsure": 1}
    assert [(bad.number, bad.problem) for bad in report.bad] == [(2, "empty text")]


def test_a_csv_keeps_its_columns_and_its_quoted_lines(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('id,text\n1,"good,\nfilm"\n2,bad,3\n3,bad\n4\n', encoding="utf-8")
    report = classify_file(source, tmp_path / "out.jsonl", classify)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["id"], row["text"], row["label"]) for row in rows] == [
        ("1", "good,\nfilm", "positive"),
        ("3", "bad", "negative"),
    ]
    assert [bad.number for bad in report.bad] == [2, 4]


def test_a_quote_that_is_never_closed_costs_only_its_own_row(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    rest = "".join(f'{number},"good, film {number}"\n' for number in range(3, 600))
    source.write_text(f'id,text\n1,"good,\nfilm"\n2,"good film\n{rest}', encoding="utf-8")
    report = classify_file(source, tmp_path / "out.csv", classify)
    assert [bad.number for bad in report.bad] == [2]
    assert [row["id"] for row in read(tmp_path / "out.csv")] == ["1", *map(str, range(3, 600))]


def test_the_last_quote_may_be_the_one_that_is_never_closed(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('text\ngood\n"bad\ngood film\n', encoding="utf-8")
    report = classify_file(source, tmp_path / "out.csv", classify)
    assert (report.judged, [bad.number for bad in report.bad]) == (2, [2])


def test_quotes_within_a_cell_are_read_as_they_stand(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('text,id\ngood 5" screen,1\n"good "old" film",2\n', encoding="utf-8")
    assert classify_file(source, tmp_path / "out.csv", classify).judged == 2


def test_bad_json_lines_are_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    lines = ['{"text": "good"}', "{", "[1]", '{"text": 5}', '{"other": 1}', '{"text": "bad"}']
    source.write_text("\n".join(lines), encoding="utf-8")
    report = classify_file(source, tmp_path / "out.csv", classify)
    assert report.judged == 2
    assert [bad.number for bad in report.bad] == [2, 3, 4, 5]


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("good film\n" * 1000, encoding="utf-8")
    news: list[tuple[int, int]] = []
    classify_file(source, tmp_path / "out.csv", classify, lambda *step: news.append(step))
    assert news == sorted(news)
    assert news[-1] == (10_000, 10_000)


@pytest.mark.parametrize(
    ("source", "target", "content"),
    [
        ("in.pdf", "out.csv", "x"),
        ("in.txt", "out.xls", "x"),
        ("in.csv", "out.csv", "a,b\n1,2\n"),
        ("missing.txt", "out.csv", None),
    ],
)
def test_unusable_files_give_one_clear_error(
    tmp_path: Path, source: str, target: str, content: str | None
) -> None:
    if content is not None:
        (tmp_path / source).write_text(content, encoding="utf-8")
    with pytest.raises(ReviewModelError):
        classify_file(tmp_path / source, tmp_path / target, classify)
    assert not list(tmp_path.glob("out*"))


def test_the_file_that_is_read_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text\nfine\n", encoding="utf-8")
    with pytest.raises(ReviewModelError, match="another"):
        classify_file(path, path, classify)
    assert path.read_text(encoding="utf-8") == "text\nfine\n"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    source = tmp_path / "reviews.txt"
    source.write_text("fine\n", encoding="utf-8")
    with pytest.raises(ReviewModelError, match="nowhere"):
        classify_file(source, tmp_path / "nowhere" / "out.csv", classify)


def test_bytes_that_are_no_text_do_not_stop_the_rest(tmp_path: Path) -> None:
    source, target = tmp_path / "reviews.txt", tmp_path / "out.csv"
    source.write_bytes(b"fine\n\xff\xfe\x00 odd\nfine again\n")
    assert classify_file(source, target, classify).judged == 3


def test_rows_of_stars_are_judged_beside_the_others(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('text\nA dull film.\n★★★★☆\n"☆☆☆☆☆"\nI loved it.\n', encoding="utf-8")
    report = classify_file(source, tmp_path / "out.csv", review.classify_many)
    labels = [row["label"] for row in read(tmp_path / "out.csv")]
    assert (report.bad_count, labels) == (0, ["negative", "positive", "negative", "positive"])


def test_a_quote_that_is_never_closed_costs_no_time(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('text\n"aaa\n' + ("b" * 9_000 + "\n") * 300, encoding="utf-8")
    begin = time.process_time()
    report = classify_file(source, tmp_path / "out.csv", classify)
    assert (report.judged, report.bad_count) == (300, 1)
    assert time.process_time() - begin < 1
