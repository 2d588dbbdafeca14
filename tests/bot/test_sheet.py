"""A table in memory: read as people save it, and written with what was found."""

from __future__ import annotations

import csv
import io

import pytest

from bot.files import sheet


@pytest.mark.parametrize(
    ("text", "reviews", "header"),
    [
        ("id;Review\n1;Good\n2;Bad\n", ["Good", "Bad"], ("id", "Review")),
        ("a fine film\nboring\n", ["a fine film", "boring"], ("text",)),
        ('1,"well, fine"\n2,bad\n', ["well, fine", "bad"], ("column_1", "text")),
        ("text\tyear\nGood\t1999\n\n", ["Good"], ("text", "year")),
    ],
)
def test_a_table_is_read_as_people_save_it(
    text: str, reviews: list[str], header: tuple[str, ...]
) -> None:
    table = sheet.read(text)
    assert (table.reviews(), table.header) == (reviews, header)


@pytest.mark.parametrize(
    ("content", "reviews"),
    [
        ("text\nI loved it, really, a great film\nDull, long\n", 2),
        ("ID,Review Text,Date\n1,fine film,x\n2,bad film,y\n", 2),
        ("id,opinion\n1,a fine film\n2,a bad film\n", 2),
        ("id|text\n1|a fine film\n", 1),
        ("sep=;\nid;text\n1;a fine film\n", 1),
        ("a fine film, really\na bad film\n", 2),
        ('"What did you think of the film?",Age\na fine film,33\na bad film,44\n', 2),
        ("How good was it?;Years\na fine film;33,5\na bad film;44\n", 2),
        ("a fine film,N/A\na bad film,44\na long film,45\n", 3),
        ("a fine film,7\na bad film,4\na long film,5\n", 3),
    ],
)
def test_a_header_is_told_from_a_review(content: str, reviews: int) -> None:
    table = sheet.read(content)
    assert len(table.reviews()) == reviews
    assert all("film" in said or "Dull, long" in said for said in table.reviews())


def test_what_is_added_stands_under_its_name_however_long_a_row_is() -> None:
    table = sheet.read("id,text\n1,great film,extra,more\n2,bad film\n")
    rows = list(csv.DictReader(io.StringIO(table.with_labels([("+", "1"), ("-", "0")]))))
    found = [(row["text"], row["label"]) for row in rows]
    assert found == [("great film,extra,more", "+"), ("bad film", "-")]


def test_one_row_of_very_many_cells_does_not_widen_all_others() -> None:
    table = sheet.read("text,stars\n" + "a," * 100_000 + "\n" + "a good film\n" * 100)
    assert {len(row) for row in table.rows} == {2}
