"""Numbers as people write them: separators, labels, units, words, and what is no measurement."""

from __future__ import annotations

import math
import re
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from models.iris.text import (
    NUMBER,
    WHOLE,
    ks_to_compare,
    named_row,
    named_unit,
    names_sepal,
    read_experiment,
    read_numbers,
    takes_back,
)
from models.iris.text.experiments import MOST_COMPARED
from tests.pace import slowness

FIELDS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
FLOWER = [5.1, 3.5, 1.4, 0.2]
tenths = st.integers(1, 99).map(lambda number: number / 10)


def values(text: str) -> list[float]:
    return [measurement.value for measurement in read_numbers(text).measurements]


def labelled(text: str) -> dict[str | None, float]:
    return {measurement.field: measurement.value for measurement in read_numbers(text).measurements}


@pytest.mark.parametrize(
    "text",
    [
        "5.1 3.5 1.4 0.2",
        "5.1, 3.5, 1.4, 0.2",
        "5.1,3.5,1.4,0.2",
        "5,1; 3,5; 1,4; 0,2",
        "5,1 3,5 1,4 0,2",
        "5,1, 3,5, 1,4, 0,2",
        "5.1/3.5/1.4/0.2",
        "[5.1, 3.5, 1.4, .2]",
        "5.1\n3.5\n1.4\n0.2",
        "5.1 - 3.5 - 1.4 - 0.2",
        "5.1|3.5|1.4|0.2",
        "5,1,3,5,1,4,0,2",
        "my iris: 5.1 x 3.5 and 1.4 x 0.2, please",
        "five point one, three point five, one point four, zero point two",
        "51 mm 35 mm 14 mm 2 mm",
        "51 35 14 2 mm",
        "5.1cm 3.5cm 1.4cm 0.2cm",
        "5.1cmx3.5cm and 1.4cmx0.2cm",
        "(5.1;3.5;1.4;0.2)",
        "~5.1 x ~3.5 sepal, ~1.4 x ~0.2 petal",
        "≈5.1, ≈3.5, ≈1.4, ≈0.2",
    ],
)
def test_four_values_in_the_usual_order(text: str) -> None:
    assert values(text) == pytest.approx(FLOWER)
    assert all(
        measurement.field in (None, *FIELDS) for measurement in read_numbers(text).measurements
    )


@pytest.mark.parametrize(
    "text",
    [
        "sepal length 5.1, sepal width 3.5, petal length 1.4, petal width 0.2",
        "petal length 1.4, sepal width of 3.5, petal width 0.2 and sepal length 5.1",
        "sl 5.1 sw 3.5 pl 1.4 pw 0.2",
        "PW=0.2 PL=1.4 SW=3.5 SL=5.1",
        "sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2",
        '{"petal_length": 1.4, "petal_width": 0.2, "sepal_length": 5.1, "sepal_width": 3.5}',
        "5.1cm x 3.5cm sepal, petal 1.4 by 0.2",
        "sepal 5.1 by 3.5, petal 1.4 by 0.2",
        "petal: 1.4 / 0.2, sepal: 5.1 / 3.5",
        "the sepal is 5.1 long and 3.5 wide, the petal 1.4 long and 0.2 wide",
        "length of sepal 5.1, width of sepal 3.5, length of petal 1.4, width of petal 0.2",
        "sepl lenght 5.1 sepl width 3.5 petl lenght 1.4 petl width 0.2".replace(
            "sepl", "sepel"
        ).replace("petl", "pettal"),
    ],
)
def test_labels_in_any_order(text: str) -> None:
    assert labelled(text) == pytest.approx(dict(zip(FIELDS, FLOWER, strict=True)))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("petal width of 2 mm", 0.2, "mm"),
        ("sepal length 2 inches", 5.08, "inch"),
        ('petal length 1"', 2.54, "inch"),
        ("sepal width 3.5 cm", 3.5, "cm"),
        ("petal length 14 millimetres", 1.4, "mm"),
    ],
)
def test_units_become_centimetres_and_stay_known(text: str, value: float, unit: str) -> None:
    (found,) = read_numbers(text).measurements
    assert (found.value, found.unit) == (pytest.approx(value), unit)


@pytest.mark.parametrize(
    ("text", "k"),
    [
        ("k=5", "5"),
        ("with k = 7", "7"),
        ("use 9 neighbours", "9"),
        ("k of -3", "-3"),
        ("five neighbours", "5"),
        ("neighbours: 11", "11"),
        ("k=abc", "abc"),
        ("k is 10000", "10000"),
        ("n_neighbors=6", "6"),
        ("k = 2.5", "2.5"),
    ],
)
def test_k_is_kept_as_it_was_written(text: str, k: str) -> None:
    reading = read_numbers(text)
    assert reading.ks == (k,)
    assert reading.measurements == ()


def test_a_flower_and_k_in_one_message() -> None:
    reading = read_numbers("5.1 3.5 1.4 0.2 with k=5")
    assert reading.ks == ("5",)
    assert [measurement.value for measurement in reading.measurements] == FLOWER


def test_what_cannot_be_is_passed_on_not_repaired() -> None:
    assert values("-1") == [-1]
    assert values("petal width 0") == [0]
    assert math.isnan(values("sepal length nan")[0])
    assert len(values("1 2 3 4 5")) == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "what is a sepal",
        "this one please",
        "tell me about the iris",
        "why is that one",
    ],
)
def test_words_without_numbers_give_nothing(text: str) -> None:
    assert read_numbers(text).measurements == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("five point one", [5.1]),
        ("one and a half", [1.5]),
        ("point two", [0.2]),
        ("nought point two", [0.2]),
        ("five point one three point five", [5.1, 3.5]),
        (".5", [0.5]),
        ("1e1", [10]),
        ("twenty one", [21]),
        ("three quarters of an inch", [1.905]),
    ],
)
def test_a_number_in_any_form(text: str, expected: list[float]) -> None:
    assert values(text) == expected


def test_the_fragments_of_an_expression() -> None:
    assert all(re.fullmatch(NUMBER, text) for text in ("5", "-5,1", ".2", "0.25"))
    assert all(re.fullmatch(WHOLE, text) for text in ("5", "five", "twenty-one", "fifty one"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(tenths, min_size=4, max_size=4), st.sampled_from([" ", ", ", "; ", " / ", " x ", "\n"])
)
def test_any_four_decimals_with_any_separator(numbers: list[float], separator: str) -> None:
    assert values(separator.join(f"{number:.1f}" for number in numbers)) == pytest.approx(numbers)


@settings(max_examples=60, deadline=None)
@given(st.lists(tenths, min_size=4, max_size=4), st.sampled_from([" ", "; ", ", "]))
def test_any_four_decimal_commas(numbers: list[float], separator: str) -> None:
    written = separator.join(f"{number:.1f}".replace(".", ",") for number in numbers)
    assert values(written) == pytest.approx(numbers)


@settings(max_examples=60, deadline=None)
@given(
    st.permutations(list(zip(FIELDS, FLOWER, strict=True))),
    st.sampled_from([" ", ": ", "=", " is "]),
)
def test_labels_in_every_order(pairs: list[tuple[str, float]], link: str) -> None:
    text = ", ".join(f"{field.replace('_', ' ')}{link}{value}" for field, value in pairs)
    assert labelled(text) == pytest.approx(dict(pairs))


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=120))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_numbers(text)


def test_another_value_of_k_is_no_measurement() -> None:
    reading = read_numbers("what if I set k to 1 or to 100")
    assert (reading.ks, reading.measurements) == (("1", "100"), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sepal 5 1/2 cm by 3 cm, petal 4 1/4 cm by 1 1/2 cm", [5.5, 3, 4.25, 1.5]),
        ("5½ x 3¼, 4¾ x 1½", [5.5, 3.25, 4.75, 1.5]),
        (
            "sepal length 5, sepal width 3, petal length 1 1/2, petal width 1/4 cm",
            [5, 3, 1.5, 0.25],
        ),
        ("five and a half, three and a quarter, two, a half", [5.5, 3.25, 2, 0.5]),
        (
            "the sepal is six and a half long and three wide, the petal five long and two wide",
            [6.5, 3, 5, 2],
        ),
        ("6/3/5/2", [6, 3, 5, 2]),
    ],
)
def test_fractions(text: str, expected: list[float]) -> None:
    assert values(text) == pytest.approx(expected)


def test_an_inch_and_a_quarter() -> None:
    assert values("an inch and a quarter") == pytest.approx([3.175])


@pytest.mark.parametrize("text", ["petal width minus 2.1", "petal width negative 2.1"])
def test_a_spoken_sign(text: str) -> None:
    assert values(text) == [-2.1]


def test_a_value_that_is_mended_in_the_same_breath() -> None:
    text = "sl 5.8, sw 2.7, pl 5.1, pw 1.4... no wait, pw 1.9"
    assert labelled(text) == dict(zip(FIELDS, [5.8, 2.7, 5.1, 1.9], strict=True))
    assert len(values(text)) == 4


def test_lengths_and_widths_as_headings() -> None:
    text = "lengths: sepal 6.3, petal 4.4. widths: sepal 2.3, petal 1.3"
    assert labelled(text) == dict(zip(FIELDS, [6.3, 2.3, 4.4, 1.3], strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "5 cm 1 mm, 3 cm 5 mm, 1 cm 4 mm, 2 mm",
        "5dot1 3dot5 1dot4 0dot2",
        "Flower #3: 5.1 3.5 1.4 0.2",
        "sample 12: 5.1 3.5 1.4 0.2",
        "i am in class 7b and my flower is 5.1 3.5 1.4 0.2",
        "my daughter is 7 years old, hers has 5.1 3.5 1.4 0.2",
        "my son is 7, the sepal is 5.1 cm long and 3.5 wide, the petal 1.4 long, 0.2 wide",
        "5.1cmx3.5cm,1.4cmx.2cm",
        "sepal length 5.9, no wait, 5.1, sepal width 3.5, petal length 1.4, petal width 0.2",
        "5.1 3.0 1.4 0.2, sorry the sepal width is 3.5 not 3.0",
        "knn = KNeighborsClassifier(n_neighbors=5)\nprint(knn.predict([[5.1, 3.5, 1.4, 0.2]]))",
        "Id,SepalLengthCm,SepalWidthCm,PetalLengthCm,PetalWidthCm\n12,5.1,3.5,1.4,0.2",
        "petal_width,petal_length,sepal_width,sepal_length\n0.2,1.4,3.5,5.1",
    ],
)
def test_numbers_among_others(text: str) -> None:
    reading = read_numbers(text).measurements
    found = {m.field or name: m.value for m, name in zip(reading, FIELDS, strict=True)}
    assert found == pytest.approx(dict(zip(FIELDS, FLOWER, strict=True)))


@pytest.mark.parametrize(
    ("text", "k"),
    [
        ("what if you only look at the single nearest neighbour", "1"),
        ("classify a flower using the 5 closest flowers", "5"),
        ("let the 9 nearest flowers vote on 6.3 2.7 4.9 1.8", "9"),
        ("do a 9-NN on 6.3,2.8,5.1,1.5", "9"),
    ],
)
def test_neighbours_in_other_words(text: str, k: str) -> None:
    assert read_numbers(text).ks == (k,)


def test_hm_fifteen_i_mean_one_point_five() -> None:
    assert values("15.. i mean 1.5") == [1.5]


def test_a_class_is_no_length() -> None:
    assert values("hi we are class 7b and we have a flower") == []


def test_the_name_of_the_method_before_a_flower_names_no_k() -> None:
    reading = read_numbers("iris knn: 5.7 2.5 5.0 2.0")
    assert not reading.ks
    assert [m.value for m in reading.measurements] == [5.7, 2.5, 5.0, 2.0]


@pytest.mark.parametrize(
    "text",
    [
        "what's the f1 score",
        "my accuracy is 99% today",
        "is resnet50 better than vgg16",
        "can we play the flower game with the 4 measurements",
    ],
)
def test_numbers_that_measure_nothing(text: str) -> None:
    assert values(text) == []


ROWS = [
    (
        (
            "  Sepal.Length Sepal.Width Petal.Length Petal.Width Species\n6         "
            " 5.4         3.9          1.7         0.4  setosa"
        ),
        [5.4, 3.9, 1.7, 0.4],
    ),
    (
        ("  sepal length  sepal width  petal length  petal width\n7  4.6  3.4  1.4  0.3"),
        [4.6, 3.4, 1.4, 0.3],
    ),
    ("setosa,5.1,3.5,1.4,0.2", [5.1, 3.5, 1.4, 0.2]),
    ("A,6.3,3.3,6.0,2.5", [6.3, 3.3, 6.0, 2.5]),
    ("1:6.3 2:3.3 3:6.0 4:2.5", [6.3, 3.3, 6.0, 2.5]),
    ("1 1:6.3 2:3.3 3:6.0 4:2.5", [6.3, 3.3, 6.0, 2.5]),
    (
        (
            "| sepal length | sepal width | petal length | petal width |\n|---|---|-"
            "--|---|\n| 6.3 | 3.3 | 6.0 | 2.5 |"
        ),
        [6.3, 3.3, 6.0, 2.5],
    ),
    ("sepal_length=6.3&sepal_width=3.3&petal_length=6.0&petal_width=2.5", [6.3, 3.3, 6.0, 2.5]),
    ("https://iris.example.org/predict?sl=6.3&sw=3.3&pl=6.0&pw=2.5", [6.3, 3.3, 6.0, 2.5]),
    ('"6","5.4","3.9","1.7","0.4","setosa"', [5.4, 3.9, 1.7, 0.4]),
    (
        (
            '"","Sepal.Length","Sepal.Width","Petal.Length","Petal.Width","Species"'
            '\n"1",5.1,3.5,1.4,0.2,"setosa"'
        ),
        [5.1, 3.5, 1.4, 0.2],
    ),
    (
        (
            '"Sepal.Length" "Sepal.Width" "Petal.Length" "Petal.Width" "Species"\n"1'
            '" 5.1 3.5 1.4 0.2 "setosa"'
        ),
        [5.1, 3.5, 1.4, 0.2],
    ),
    (
        (
            "sepal length (cm)  sepal width (cm)  petal length (cm)  petal width (c"
            "m)  target\n0  5.1  3.5  1.4  0.2  0"
        ),
        [5.1, 3.5, 1.4, 0.2],
    ),
    (
        (
            "   sepal_length  sepal_width  petal_length  petal_width\n0           5."
            "1          3.5          1.4          0.2"
        ),
        [5.1, 3.5, 1.4, 0.2],
    ),
    (
        ("species,sepal_length,sepal_width,petal_length,petal_width\nsetosa,5.1,3.5,1.4,0.2"),
        [5.1, 3.5, 1.4, 0.2],
    ),
    (
        (
            "Id,SepalLengthCm,SepalWidthCm,PetalLengthCm,PetalWidthCm,Species\n101,6"
            ".3,3.3,6.0,2.5,Iris-virginica"
        ),
        [6.3, 3.3, 6.0, 2.5],
    ),
    ("101,6.3,3.3,6.0,2.5,Iris-virginica", [6.3, 3.3, 6.0, 2.5]),
    ("6.3\t3.3\t6.0\t2.5\tvirginica", [6.3, 3.3, 6.0, 2.5]),
    (
        ('[{"sepal_length": 6.3, "sepal_width": 3.3, "petal_length": 6.0, "petal_width": 2.5}]'),
        [6.3, 3.3, 6.0, 2.5],
    ),
    (
        (
            '{"id": 7, "sepal.length": 6.3, "sepal.width": 3.3, "petal.length": 6.0'
            ', "petal.width": 2.5}'
        ),
        [6.3, 3.3, 6.0, 2.5],
    ),
    (
        (
            '{"columns":["sepal_length","sepal_width","petal_length","petal_width"]'
            ',"index":[0],"data":[[6.3,3.3,6.0,2.5]]}'
        ),
        [6.3, 3.3, 6.0, 2.5],
    ),
    (
        (
            '{"sepal_length":{"0":6.3},"sepal_width":{"0":3.3},"petal_length":{"0":'
            '6.0},"petal_width":{"0":2.5}}'
        ),
        [6.3, 3.3, 6.0, 2.5],
    ),
    ("1. 6.3\n2. 3.3\n3. 6.0\n4. 2.5", [6.3, 3.3, 6.0, 2.5]),
    ("1) 6.3 2) 3.3 3) 6.0 4) 2.5", [6.3, 3.3, 6.0, 2.5]),
    ("(1) 6.3 (2) 3.3 (3) 6.0 (4) 2.5", [6.3, 3.3, 6.0, 2.5]),
    (
        ("1. sepal length: 6.3\n2. sepal width: 3.3\n3. petal length: 6.0\n4. petal width: 2.5"),
        [6.3, 3.3, 6.0, 2.5],
    ),
    ("[1,] 6.3 3.3 6.0 2.5", [6.3, 3.3, 6.0, 2.5]),
    (
        (
            "| feature | value |\n|---|---|\n| sepal length | 6.3 |\n| sepal width | 3"
            ".3 |\n| petal length | 6.0 |\n| petal width | 2.5 |"
        ),
        [6.3, 3.3, 6.0, 2.5],
    ),
    ("'6.3','3.3','6.0','2.5'", [6.3, 3.3, 6.0, 2.5]),
    ('"6.3","3.3","6.0","2.5"', [6.3, 3.3, 6.0, 2.5]),
    (
        (
            "sepal_length    6.3\nsepal_width     3.3\npetal_length    6.0\npetal_widt"
            "h     2.5\nName: 100, dtype: float64"
        ),
        [6.3, 3.3, 6.0, 2.5],
    ),
    ("array([6.3, 3.3, 6. , 2.5])", [6.3, 3.3, 6.0, 2.5]),
    ("c(6.3, 3.3, 6.0, 2.5)", [6.3, 3.3, 6.0, 2.5]),
    (
        (
            "pd.DataFrame({'sepal_length': [6.3], 'sepal_width': [3.3], 'petal_leng"
            "th': [6.0], 'petal_width': [2.5]})"
        ),
        [6.3, 3.3, 6.0, 2.5],
    ),
    ("0\t6.3\t3.3\t6.0\t2.5", [6.3, 3.3, 6.0, 2.5]),
    ("what if the four measurements are zero: 0 0 0 0", [0, 0, 0, 0]),
    ("sepals 6.0 and 2.2, petals 5.0 and 1.5. Species?", [6.0, 2.2, 5.0, 1.5]),
    ("5 cm 1 mm, 3 cm 5 mm, 1 cm 4 mm, 2 mm", [5.1, 3.5, 1.4, 0.2]),
    ("five point one three point five one point four zero point two", [5.1, 3.5, 1.4, 0.2]),
    ("sepal five long three wide, petal one and a half long, point two wide", [5, 3, 1.5, 0.2]),
    ("x1,x2,x3,x4\n6.3,3.3,6.0,2.5", [6.3, 3.3, 6.0, 2.5]),
    ("6.3,3.3,,2.5", [6.3, 3.3, None, 2.5]),
    (",3.3,6.0,2.5", [None, 3.3, 6.0, 2.5]),
    ("6.3;3.3;n/a;2.5", [6.3, 3.3, None, 2.5]),
    ("1:6.3 2:3.3 4:2.5", [6.3, 3.3, None, 2.5]),
    (
        (
            "|   | sepal length | sepal width | petal length | petal width | specie"
            "s |\n|---|---|---|---|---|---|\n| 3 | 6.3 |  | 6.0 | 2.5 | virginica |"
        ),
        [6.3, None, 6.0, 2.5],
    ),
    ("?sepal_length=6.3&sepal_width=&petal_length=6.0&petal_width=2.5", [6.3, None, 6.0, 2.5]),
    (
        ("species,sepal_length,sepal_width,petal_length,petal_width\nsetosa,5.1,3.5,,0.2"),
        [5.1, 3.5, None, 0.2],
    ),
    ("6.3\t3.3\t\t2.5", [6.3, 3.3, None, 2.5]),
    (
        "sepal length\tsepal width\tpetal length\tpetal width\n6.3\t\t6.0\t2.5",
        [6.3, None, 6.0, 2.5],
    ),
    ("6.3 3.3 - 2.5", [6.3, 3.3, None, 2.5]),
    ("6.3 3.3 ? 2.5", [6.3, 3.3, None, 2.5]),
    ("6.3, 3.3, ?, 2.5", [6.3, 3.3, None, 2.5]),
    ("6.3, 3.3, -, 2.5", [6.3, 3.3, None, 2.5]),
    ("6.3 NA 6.0 2.5", [6.3, None, 6.0, 2.5]),
    ("classify 6.3, 3.3, , 2.5 please", [6.3, 3.3, None, 2.5]),
    ("[6.3, 3.3, null, 2.5]", [6.3, 3.3, None, 2.5]),
    (
        (
            '{"sepal_length": 6.3, "sepal_width": null, "petal_length": 6.0, "petal'
            '_width": 2.5, "species": "virginica"}'
        ),
        [6.3, None, 6.0, 2.5],
    ),
    (
        ('{"sepalLength": 6.3, "sepalWidth": 3.3, "petalLength": 6.0, "petalWidth": ""}'),
        [6.3, 3.3, 6.0, None],
    ),
    (
        ("- sepal length: 6.3\n- sepal width: 3.3\n- petal length: -\n- petal width: 2.5"),
        [6.3, 3.3, None, 2.5],
    ),
    ("sl 6.3 sw - pl 6.0 pw 2.5", [6.3, None, 6.0, 2.5]),
    ("sl=6.3, sw=?, pl=6.0, pw=2.5", [6.3, None, 6.0, 2.5]),
    (
        "sepal length 6.3, sepal width unknown, petal length 6.0, petal width 2.5",
        [6.3, None, 6.0, 2.5],
    ),
    (
        "sepal length: 6.3\nsepal width: n/a\npetal length: 6.0\npetal width: 2.5",
        [6.3, None, 6.0, 2.5],
    ),
    ("6,3;3,3;;2,5", [6.3, 3.3, None, 2.5]),
    ("6.3|3.3||2.5", [6.3, 3.3, None, 2.5]),
    ("5.1 cm x 3.5 cm sepal; petal n/a x 0.2", [5.1, 3.5, None, 0.2]),
    ("6.3 x 3.3 x ? x 2.5", [6.3, 3.3, None, 2.5]),
    ("? 3.3 6.0 2.5", [None, 3.3, 6.0, 2.5]),
    ("sl 6.3 sw ?, pl 6.0 pw 2.5", [6.3, None, 6.0, 2.5]),
    ("6.3, abc, 6.0, 2.5", [6.3, None, 6.0, 2.5]),
    ("7 6.3 3.3 - 2.5", [6.3, 3.3, None, 2.5]),
    ("12,,3.3,6.0,2.5", [None, 3.3, 6.0, 2.5]),
    ("| sl | 6.3 |\n| sw | |\n| pl | 6.0 |\n| pw | 2.5 |", [6.3, None, 6.0, 2.5]),
    ("petal_length;petal_width;sepal_length\n6,0;2,5;6,3", [6.3, None, 6.0, 2.5]),
    ("0 5 3.4 1.5 0.2 0", [5, 3.4, 1.5, 0.2]),
    ("5,3.4,1.5,0.2,0", [5, 3.4, 1.5, 0.2]),
    ("1. 6.3\n2. 3.3\n3. ?\n4. 2.5", [6.3, 3.3, None, 2.5]),
    ("1=6.3, 2=3.3, 3=6.0, 4=2.5", [6.3, 3.3, 6.0, 2.5]),
    ("a) 6.3 b) 3.3 c) 6.0 d) 2.5", [6.3, 3.3, 6.0, 2.5]),
    ("2024-05-03: 6.3 3.3 6.0 2.5", [6.3, 3.3, 6.0, 2.5]),
    ("knn.predict(np.array([6.3,3.3,6.0,2.5]).reshape(1, -1))", [6.3, 3.3, 6.0, 2.5]),
]


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_data_as_people_paste_it(text: str, expected: list[float | None]) -> None:
    """An empty cell leaves its own measurement open, and shifts no other."""
    reading = read_numbers(text).measurements
    wanted = {
        name: value for name, value in zip(FIELDS, expected, strict=True) if value is not None
    }
    assert {m.field or name: m.value for m, name in zip(reading, FIELDS, strict=False)} == wanted
    assert len(reading) == len(wanted)


FIRST, SECOND = (6.3, 3.3, 6.0, 2.5), (5.1, 3.5, 1.4, 0.2)
OPEN = (5.1, None, 1.4, 0.2)
TABLES = [
    ("6.3 3.3 6.0 2.5\n5.1 3.5 1.4 0.2", [FIRST, SECOND]),
    ("6.3,3.3,6.0,2.5; 5.1,3.5,1.4,0.2", [FIRST, SECOND]),
    ("6.3 3.3 6.0 2.5 and 5.1 3.5 1.4 0.2", [FIRST, SECOND]),
    ("first: 6.3 3.3 6.0 2.5, second: 5.1 3.5 1.4 0.2", [FIRST, SECOND]),
    ("1) 6.3 3.3 6.0 2.5\n2) 5.1 3.5 1.4 0.2", [FIRST, SECOND]),
    ("Flower 1: 6.3 3.3 6.0 2.5\nFlower 2: 5.1 3.5 1.4 0.2", [FIRST, SECOND]),
    ("63 33 60 25 mm\n51 35 14 2 mm", [FIRST, SECOND]),
    ("6,3;3,3;6,0;2,5\n5,1;;1,4;0,2", [FIRST, OPEN]),
    ("101,6.3,3.3,6.0,2.5,virginica\n1,5.1,NA,1.4,0.2,setosa", [FIRST, OPEN]),
    ("6.3 3.3 6.0 2.5\n5.1 NaN 1.4 0.2", [FIRST, OPEN]),
    ("6.3 3.3 6.0 2.5\n5.1 3.5 1.4", [FIRST, (5.1, 3.5, 1.4, None)]),
    ("[[6.3, 3.3, 6.0, 2.5], [5.1, 3.5, 1.4, 0.2]]", [FIRST, SECOND]),
    ("sl 6.3 sw 3.3 pl 6.0 pw 2.5\nsl 5.1 sw - pl 1.4 pw 0.2", [FIRST, OPEN]),
    ("a: sepal 6.3 x 3.3, petal 6 x 2.5\nb: sepal 5.1 x 3.5, petal 1.4 x 0.2", [FIRST, SECOND]),
    ("1 1:6.3 2:3.3 3:6.0 4:2.5\n0 1:5.1 3:1.4 4:0.2", [FIRST, OPEN]),
    ("pl,pw,sl,sw\n6.0,2.5,6.3,3.3\n1.4,0.2,5.1,3.5", [FIRST, SECOND]),
    (
        "   sepal length (cm)  sepal width (cm)  petal length (cm)  petal width (cm)  target\n"
        "0  6.3  3.3  6.0  2.5  2\n1  5.1  3.5  1.4  0.2  0",
        [FIRST, SECOND],
    ),
    (
        "|sl|sw|pl|pw|\n|---|---|---|---|\n| 6.3 | 3.3 | 6.0 | 2.5 |\n| 5.1 | | 1.4 | 0.2 |",
        [FIRST, OPEN],
    ),
    ("x | a | b\nsl | 6.3 | 5.1\nsw | 3.3 | 3.5\npl | 6.0 | 1.4\npw | 2.5 | 0.2", [FIRST, SECOND]),
    (
        '[{"sl": 6.3, "sw": 3.3, "pl": 6.0, "pw": 2.5}, '
        '{"sl": 5.1, "sw": null, "pl": 1.4, "pw": 0.2}]',
        [FIRST, OPEN],
    ),
    (
        '{"sl": {"0": 6.3, "1": 5.1}, "sw": {"0": 3.3, "1": 3.5}, '
        '"pl": {"0": 6.0, "1": 1.4}, "pw": {"0": 2.5, "1": 0.2}}',
        [FIRST, SECOND],
    ),
    (
        '{"columns": ["sl","sw","pl","pw"], "index": [0,1], '
        '"data": [[6.3,3.3,6.0,2.5],[5.1,3.5,1.4,0.2]]}',
        [FIRST, SECOND],
    ),
    ("\n".join(f"{row},6.3,3.3,6.0,2.5,virginica" for row in range(1, 21)), [FIRST] * 20),
]


@pytest.mark.parametrize(("text", "flowers"), TABLES)
def test_several_flowers_at_once(text: str, flowers: list[tuple[float | None, ...]]) -> None:
    reading = read_numbers(text)
    assert reading.flowers == tuple(flowers)
    assert {m.field: m.value for m in reading.measurements} == dict(zip(FIELDS, FIRST, strict=True))


TABLE = yaml.safe_load(Path(__file__).with_name("iris_forms.yml").read_text("utf-8"))


@pytest.mark.parametrize(("text", "expected"), [(text, four) for text, *four in TABLE["forms"]])
def test_forms_that_strangers_paste(text: str, expected: list[float | None]) -> None:
    reading = read_numbers(text)
    found = {
        m.field or name: m.value for m, name in zip(reading.measurements, FIELDS, strict=False)
    }
    wanted = {name: value for name, value in zip(FIELDS, expected, strict=True) if value}
    assert found == pytest.approx(wanted, abs=0.001)
    assert (len(reading.measurements), reading.flowers) == (len(wanted), ())


@pytest.mark.parametrize(("text", "flowers"), TABLE["several"])
def test_several_flowers_as_strangers_paste_them(text: str, flowers: list[list[float]]) -> None:
    assert read_numbers(text).flowers == tuple(map(tuple, flowers))


@pytest.mark.parametrize("text", TABLE["remarks"])
def test_remarks_of_strangers_measure_nothing(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("text", "ks"),
    [
        ("now 1-NN", ("1",)),
        ("try k 5 and k 11", ("5", "11")),
        ("with k 3 and then k 11", ("3", "11")),
        ("3-NN, then 7-NN", ("3", "7")),
        ("and with 3 neighbours and then 1", ("3", "1")),
        ("k nearest neighbours with k=5 on 5.1 3.5 1.4 0.2", ("5",)),
    ],
)
def test_every_k_of_a_message(text: str, ks: tuple[str, ...]) -> None:
    assert read_numbers(text).ks == ks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an inch and a quarter, so 1.25 in", [3.175]),
        ("6.3 cm (63 mm)", [6.3]),
        ("at 9:30 the sepal was 5.1", [5.1]),
        ("1.8 without the minus", [1.8]),
        ("let's say 6", [6]),
        ("it is 5.1 cm. a friend wrote 0.2 there", [5.1]),
        ("iris 4.8", [4.8]),
        ("so in mm 63 33 60 25", [6.3, 3.3, 6, 2.5]),
        ("no dots on this phone so in mm 63 33 60 25", [6.3, 3.3, 6, 2.5]),
    ],
)
def test_a_value_said_twice_counts_once_and_a_time_not_at_all(
    text: str, expected: list[float]
) -> None:
    assert values(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["5.1 3.5 1.4 0.2", "6.3,3.3,,2.5", "sepal 5.1 3.5", "sl 5 sl 6"])
def test_one_flower_is_no_table(text: str) -> None:
    assert read_numbers(text).flowers == ()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1 2 3 4 5", 5),
        ("5.1 3.5 1.4 0.2 0.7", 5),
        ("my ruler says 5.8", 1),
        ("I'd say 4.9 or so", 1),
        ("sorry, it should be 3.3", 1),
        ("oops, 3.0 not 30", 1),
        ("nearly 2 cm wide", 1),
        ("correct that to 6.1", 1),
        ("it have 3.2 of width", 1),
        ("about 25 millimetres", 1),
        ("predict for a flower of 50 by 30 by 40 by 20", 4),
        ("-1 3 2 0.5", 4),
        ("I'd guess it's 5.1", 1),
        ("haha ok 5.7, 3.8", 2),
        ("ah forgot one, 1.6", 1),
        ("fine, .1", 1),
        ("4.8 of course", 1),
        ("lol ok so 5.0 for that one", 1),
        ("what is 5.1, 3.5, 1.4, 0.2, 2.2", 5),
    ],
)
def test_how_many_numbers_measure_something(text: str, count: int) -> None:
    assert len(values(text)) == count


@pytest.mark.parametrize(
    "text",
    [
        "the paper says 0.2",
        "the error is 0.05, is that good?",
        "fisher wrote 0.2 there",
        "shape (64, 3)",
        (
            "ValueError: X has 3 features, but KNeighborsClassifier is expecting 4 "
            "features as input."
        ),
        (
            'Traceback (most recent call last):\n  File "iris.py", line 12, in <modu'
            "le>\n    knn.fit(X_train, y_train)"
        ),
        "model.add(Dense(16, activation='relu', input_shape=(10000,)))",
        "train_test_split(X, y, test_size=0.2, random_state=42)",
        "my loss is 0.3 and accuracy 0.95",
        "is 0.2 normal?",
        "what is 0.05",
        "why 80 20?",
        "epochs=20, batch_size=512",
        "python 3.10.2",
        "x = np.zeros((64, 3))",
        "got array of shape (32, 64, 3)",
        "the mean is 3.5",
        "we have 150 flowers in three classes",
        "learning rate 0.001",
        "fig. 3 shows 0.4",
        "what does 0.96 mean",
        "cross-validation scores 0.97 0.93 0.90 0.96",
        "p < 0.05",
        "his book from 1936",
        "version 2.12",
        "can we play the flower game with the 4 measurements",
        "all four",
        "the other two",
        "one of the two",
        "in 2018 it was 5 percent",
        "i read 0.2 somewhere",
        "how is 0.96 computed",
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x3 and 4x16)",
        "IndexError: index 4 is out of bounds for axis 0 with size 4",
        "the f1 was 0.8",
        "k-means with 3 clusters",
        "knn.score(X_test, y_test) # 0.97",
        "for i in range(10):\n    print(i)",
        "the textbook has 5.1",
        "they measured 0.2 in the study",
        "x.shape == (64, 3)",
        "layers of 64, 32, 16, 3",
        "scores: 0.97, 0.93, 0.90, 0.96",
    ],
)
def test_numbers_of_remarks_questions_and_code_measure_nothing(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    "unit",
    [
        "5.1 ",
        "sepal ",
        "1/",
        "no 5 ",
        "1: ",
        "k or 1 ",
        "(",
        "|",
        "a half ",
        "\n5",
        '"',
        "A",
        "k ",
        ",",
        "|",
        "sl 5 ",
        "\\n5 5 5 5",
    ],
)
def test_no_text_takes_the_reader_long(unit: str) -> None:
    read_numbers(unit)
    begin = time.process_time()
    read_numbers(unit * (5_000 // len(unit)))
    assert time.process_time() - begin < 0.3 * slowness()


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("train on 60 %", 0.4),
        ("hold out 30 percent for testing", 0.3),
        ("test size 0.25", 0.25),
        ("train with 120 flowers", 0.2),
        ("train it on half of the flowers", 0.5),
        ("hold out a quarter for testing", 0.25),
        ("two thirds for training", 0.3333),
        ("split it again", None),
    ],
)
def test_the_share_of_test_flowers(text: str, share: float | None) -> None:
    assert read_experiment(text).share == share


def test_the_seed_of_a_split_is_kept_as_it_was_typed() -> None:
    assert read_experiment("another split with random_state=7").seed == "7"
    assert read_experiment("another split").seed is None


@pytest.mark.parametrize(
    ("text", "ks"),
    [
        ("compare k=3 and 9", (3, 9)),
        ("compare k from 3 to 6", (3, 4, 5, 6)),
        ("compare 9, 1, 5 and 5", (1, 5, 9)),
        ("compare k up to 4", (1, 2, 3, 4)),
        ("compare k", tuple(range(1, 16))),
    ],
)
def test_the_ks_to_compare(text: str, ks: tuple[int, ...]) -> None:
    values = read_experiment(text)
    asked = [int(number) for number in values.numbers]
    assert ks_to_compare(asked, values.is_list, 120) == ks


def test_a_long_range_of_ks_is_thinned() -> None:
    ks = ks_to_compare([1, 100], is_list=False, largest=120)
    assert len(ks) <= MOST_COMPARED + 1
    assert ks[0] == 1


@pytest.mark.parametrize("text", ["no, 3.5", "sorry, the width is 2", "I meant 4.1"])
def test_words_that_take_a_value_back(text: str) -> None:
    assert takes_back(text)


def test_words_that_take_nothing_back() -> None:
    assert not takes_back("the width is 2")


def test_the_sepal_is_named_in_full_or_in_short() -> None:
    assert names_sepal("sepal width 3")
    assert names_sepal("sw 3")
    assert not names_sepal("petal width 3")


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("why is the second one virginica?", 2),
        ("and the 3rd", 3),
        ("explain flower 4", 4),
        ("no. 2 please", 2),
        ("row 12", 12),
        ("what about the last one", -1),
        ("and the middle one?", -2),
        ("and flower B?", 2),
        ("why is c's petal so long", 3),
        ("the petal is 2 cm", None),
        ("it's a setosa", None),
        ("number 2.5", None),
    ],
)
def test_which_of_several_flowers_is_meant(text: str, row: int | None) -> None:
    assert named_row(text) == row


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("those were in inches btw", "inch"),
        ("i gave you mm, sorry", "mm"),
        ("all in millimetres", "mm"),
        ("it was in cm", None),
        ("put it in there", None),
    ],
)
def test_a_unit_that_is_named_later(text: str, unit: str | None) -> None:
    assert named_unit(text) == unit


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("51 35 14 2", [5.1, 3.5, 1.4, 0.2], "mm"),
        ("and a third: 58, 27, 51, 19", [5.8, 2.7, 5.1, 1.9], "mm"),
        ("sepal length 51, sepal width 35, petal length 14, petal width 2", FLOWER, "mm"),
        ("6.1 2.8 47 1.2", [6.1, 2.8, 47, 1.2], None),
        ("5 3 1 0", [5, 3, 1, 0], None),
        ("1000 2000 3000 4000", [1000, 2000, 3000, 4000], None),
        ("51", [51], None),
    ],
)
def test_whole_numbers_that_are_too_large_for_a_flower_are_millimetres(
    text: str, values: list[float], unit: str | None
) -> None:
    found = read_numbers(text).measurements
    assert [(each.value, each.unit) for each in found] == [(value, unit) for value in values]
