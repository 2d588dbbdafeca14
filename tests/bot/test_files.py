"""Judging a file of reviews."""

from __future__ import annotations

import csv
import gzip
import json
import time
from functools import partial
from pathlib import Path

import pytest

from bot.files.bulk import Judged, classify_file, in_turn
from bot.files.errors import TableError


def judge(text: str) -> Judged:
    """Praise if the text holds "good", else blame; its first word is what drove it."""
    if text.startswith("?"):
        return Judged("unsure", 0.5, [])
    good = "good" in text
    return Judged("positive" if good else "negative", 0.9 if good else 0.1, text.split()[:1])


classify = partial(in_turn, judge=lambda texts: list(map(judge, texts)))


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
        ("2", "bad,3", "negative"),
        ("3", "bad", "negative"),
    ]
    assert [bad.number for bad in report.bad] == [4]


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
        ("in.csv", "out.csv", "text,stars\n,5\n"),
        ("in.jsonl", "out.csv", "[]"),
        ("in.parquet", "out.csv", "text"),
        ("missing.txt", "out.csv", None),
    ],
)
def test_unusable_files_give_one_clear_error(
    tmp_path: Path, source: str, target: str, content: str | None
) -> None:
    if content is not None:
        (tmp_path / source).write_text(content, encoding="utf-8")
    with pytest.raises(TableError):
        classify_file(tmp_path / source, tmp_path / target, classify)
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"text\na good film\n"), b"PK\x03\x04" + bytes(range(256)), b"\x89PNG\x01"],
)
@pytest.mark.parametrize("name", ["in.csv", "in.txt", "in.jsonl"])
def test_an_archive_or_a_workbook_is_not_judged_as_text(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=f"{name} is no text"):
        classify_file(tmp_path / name, tmp_path / "out.csv", classify)


def test_the_file_that_is_read_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text\nfine\n", encoding="utf-8")
    with pytest.raises(TableError, match="another"):
        classify_file(path, path, classify)
    assert path.read_text(encoding="utf-8") == "text\nfine\n"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    source = tmp_path / "reviews.txt"
    source.write_text("fine\n", encoding="utf-8")
    with pytest.raises(TableError, match="nowhere"):
        classify_file(source, tmp_path / "nowhere" / "out.csv", classify)


def test_bytes_that_are_no_text_do_not_stop_the_rest(tmp_path: Path) -> None:
    source, target = tmp_path / "reviews.txt", tmp_path / "out.csv"
    source.write_bytes(b"fine\n\xff\xfe\x00 odd\nfine again\n")
    assert classify_file(source, target, classify).judged == 3


def test_rows_of_stars_are_judged_beside_the_others(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('text\nA dull film.\n★★★★☆\n"☆☆☆☆☆"\nI loved it.\n', encoding="utf-8")
    report = classify_file(source, tmp_path / "out.csv")
    labels = [row["label"] for row in read(tmp_path / "out.csv")]
    assert (report.bad_count, labels) == (0, ["negative", "positive", "negative", "positive"])


def test_a_quote_that_is_never_closed_costs_no_time(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('text\n"aaa\n' + ("b" * 9_000 + "\n") * 300, encoding="utf-8")
    begin = time.process_time()
    report = classify_file(source, tmp_path / "out.csv", classify)
    assert (report.judged, report.bad_count) == (300, 1)
    assert time.process_time() - begin < 1


def rewrite(tmp_path: Path, name: str, content: str | bytes) -> list[dict[str, str]]:
    """Judge a file and return the rows that come out."""
    source, target = tmp_path / name, tmp_path / "out.csv"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    classify_file(source, target, classify)
    return read(target)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_whatever_program_wrote_it_a_table_is_read(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    lines = ["id,Review Text,stars", "1,A café comedy I didn’t mind – good,4", "2,“Dull” film,1"]
    content = "\r\n".join(lines).replace(",", delimiter).encode(encoding)
    rows = rewrite(tmp_path, "in.csv", content)
    assert [row["Review Text"] for row in rows] == [
        "A café comedy I didn’t mind – good",
        "“Dull” film",
    ]
    assert [(row["id"], row["stars"]) for row in rows] == [("1", "4"), ("2", "1")]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("text,sentiment", "text"),
        ("Text,Stars", "Text"),
        ("review,sentiment", "review"),
        ("Review Text,Rating", "Review Text"),
        ("review_content,critic_name", "review_content"),
        ("reviewText,overall", "reviewText"),
        ("Comment,when", "Comment"),
        ("content,thumbs up", "content"),
        ("what she said,when", "what she said"),
    ],
)
def test_the_column_of_reviews_is_found(tmp_path: Path, header: str, column: str) -> None:
    said = "A good and clever tale that nobody in the room wanted to end."
    rows = rewrite(tmp_path, "in.csv", f"{header}\n{said},x\n")
    assert [(row[column], row["label"]) for row in rows] == [(said, "positive")]


def test_which_column_was_chosen_is_said(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("who,what she said\nAnn,a good film that I would see again and again\n")
    report = classify_file(source, tmp_path / "out.csv", classify)
    assert "what she said" in report.notes[0]


def test_commas_without_quotes_belong_to_the_review(tmp_path: Path) -> None:
    rows = rewrite(tmp_path, "in.csv", "text,sentiment\nI loved the start, then not,0\n")
    assert (rows[0]["text"], rows[0]["sentiment"]) == ("I loved the start, then not", "0")
    rows = rewrite(tmp_path, "in.csv", 'id, text\n1, "Dull, slow, but good"\n')
    assert rows[0]["text"] == "Dull, slow, but good"


@pytest.mark.parametrize("name", ["label", "probability", "words"])
def test_columns_of_the_same_name_stay_as_they_are(tmp_path: Path, name: str) -> None:
    rows = rewrite(tmp_path, "in.csv", f"text,{name}\na good film,1\n")
    assert rows[0][name] == "1"
    assert rows[0]["fathom_label"] == "positive"


def test_cells_come_back_unchanged(tmp_path: Path) -> None:
    said = r"A real \o/ moment, \"good\""
    rows = rewrite(tmp_path, "in.jsonl", json.dumps({"text": said, "stars": "-5"}))
    assert (rows[0]["text"], rows[0]["stars"]) == (said, "-5")


def test_no_cell_becomes_a_formula(tmp_path: Path) -> None:
    rows = rewrite(tmp_path, "in.jsonl", json.dumps({"text": "=1+1 good", "note": "@sum(a)"}))
    assert (rows[0]["text"], rows[0]["note"]) == ("'=1+1 good", "'@sum(a)")


def test_a_row_that_breaks_does_not_stop_the_rest(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    bad = [
        '{"text": "\\ud800 odd"}',
        '{"text": ' + "[" * 100_000,
        json.dumps({"text": "x" * 200_000}),
    ]
    source.write_text("\n".join(['{"text": "good"}', *bad, '{"text": "bad"}']))
    report = classify_file(source, tmp_path / "out.csv", classify)
    assert (report.judged, [row.number for row in report.bad]) == (2, [2, 3, 4])


def test_an_array_of_objects_is_read(tmp_path: Path) -> None:
    rows = rewrite(tmp_path, "in.jsonl", '[{"text": "good"},\n{"text": "Dull."}]')
    assert [row["label"] for row in rows] == ["positive", "negative"]


def test_a_label_after_a_tab_is_no_part_of_the_review(tmp_path: Path) -> None:
    rows = rewrite(tmp_path, "in.txt", "Loved the good dog.  \t1\nNot the cat.\t0\n")
    assert [row["text"] for row in rows] == ["Loved the good dog.  ", "Not the cat."]


def test_nothing_to_judge_leaves_an_older_result_alone(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("\n\n")
    (tmp_path / "out.csv").write_text("older")
    with pytest.raises(TableError, match=r"in\.txt"):
        classify_file(tmp_path / "in.txt", tmp_path / "out.csv", classify)
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "older"


def test_parquet_is_read(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({"review": ["a good film", None, "dull"], "stars": [5, 3, 1]})
    parquet.write_table(table, tmp_path / "in.parquet")
    report = classify_file(tmp_path / "in.parquet", tmp_path / "out.csv", classify)
    assert (report.judged, report.bad_count) == (2, 1)
    assert [row["stars"] for row in read(tmp_path / "out.csv")] == ["5", "1"]
