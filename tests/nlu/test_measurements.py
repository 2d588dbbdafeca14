import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.measurements import read_numbers

LABELLED = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}


@pytest.mark.parametrize(
    "text",
    [
        "5.1 3.5 1.4 0.2",
        "5.1, 3.5, 1.4, 0.2",
        "5.1,3.5,1.4,0.2",
        "5,1; 3,5; 1,4; 0,2",
        "5,1 3,5 1,4 0,2",
        "5,1, 3,5, 1,4, 0,2",
        "[5.1, 3.5, 1.4, .2]",
        "5.1/3.5/1.4/0.2",
        "5.1-3.5-1.4-0.2",
        "51mm 35mm 14mm 2mm",
        "51 x 35 x 14 x 2 mm",
        "five point one three point five one point four zero point two",
        "which one is this: 5.1 3.5 1.4 0.2",
    ],
)
def test_four_numbers_in_any_notation(text: str) -> None:
    values = [measurement.value for measurement in read_numbers(text).measurements]
    assert values == pytest.approx([5.1, 3.5, 1.4, 0.2])


@pytest.mark.parametrize(
    "text",
    [
        "petal length 1.4, sepal width of 3.5, sepal length 5.1 and petal width .2",
        "sl=5.1 sw:3.5 pl 1.4 pw .2",
        "5.1 sepal length, 3.5 sepal width, 1.4 petal length, 0.2 petal width",
        "sepals 5.1 by 3.5, petals 1.4 by 0.2",
        "the sepal is 5.1 cm long and 3.5 cm wide, the petal 1.4 cm long and .2 cm wide",
        "length of the sepal is 5.1, its width 3.5; petal: length 1.4 width 0.2",
        "sepal length and width are 5.1 and 3.5, petal length and width 1.4 and 0.2",
        '{"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}',
    ],
)
def test_labels_in_any_order(text: str) -> None:
    found = {m.field: m.value for m in read_numbers(text).measurements}
    assert found == pytest.approx(LABELLED)


def test_units_become_centimetres() -> None:
    (inch,) = read_numbers("petal length 2 inches").measurements
    assert inch.value == pytest.approx(5.08)
    assert inch.unit == "inch"


def test_length_of_is_not_an_inch() -> None:
    (measurement,) = read_numbers("5.1 in length").measurements
    assert measurement.value == 5.1


@pytest.mark.parametrize(
    ("text", "k"),
    [
        ("with k=5", "5"),
        ("use 7 neighbours", "7"),
        ("k of -3", "-3"),
        ("what if k is abc", "abc"),
        ("neighbours: 15", "15"),
        ("k=five", "5"),
        ("7-nn please", "7"),
        ("5.1 3.5 1.4 0.2", None),
    ],
)
def test_k_as_it_was_written(text: str, k: str | None) -> None:
    assert read_numbers(text).k == k


def test_k_is_not_a_measurement() -> None:
    assert len(read_numbers("5.1 3.5 1.4 0.2 with k=5").measurements) == 4


def test_signs_and_nan_are_kept_for_the_refusal() -> None:
    values = [measurement.value for measurement in read_numbers("5.1 -3.5 nan 0").measurements]
    assert values[1] == -3.5
    assert math.isnan(values[2])
    assert values[3] == 0


@given(st.lists(st.integers(1, 99), min_size=1, max_size=4))
def test_plain_numbers_survive_in_order(tenths: list[int]) -> None:
    text = " ".join(f"{number / 10:.1f}" for number in tenths)
    values = [measurement.value for measurement in read_numbers(text).measurements]
    assert values == pytest.approx([number / 10 for number in tenths])


@given(st.text(max_size=120))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_numbers(text)
