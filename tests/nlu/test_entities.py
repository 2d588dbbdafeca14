"""Numbers, a sum or a review in a message, and what only looks like one."""

from __future__ import annotations

import pytest

from nlu.entities import find_entities, of_demonstration


@pytest.mark.parametrize("text", ["solve x^2 - 5x + 6 = 0", "17 * 23", "{{7*7}}"])
def test_a_formula_measures_nothing(text: str) -> None:
    assert not [entity for entity in find_entities(text) if entity["entity"] == "measurement"]


def test_a_labelled_number_is_no_formula() -> None:
    found = find_entities("petal width = 0.2 * and petal length = 1.4")
    assert [entity["value"] for entity in found if entity["entity"] == "measurement"] == [0.2, 1.4]


@pytest.mark.parametrize(
    ("text", "k"),
    [
        ("and with fifteen neighbours", "15"),
        ("twenty-one nearest neighbors please", "21"),
        ('{"sepal_length": 5.3, "petal_width": 0.2, "k": 5}', "5"),
    ],
)
def test_k_in_words_and_in_json(text: str, k: str) -> None:
    found = [entity["value"] for entity in find_entities(text) if entity["entity"] == "k"]
    assert found == [k]


@pytest.mark.parametrize(
    "text",
    [
        "classify 5.9, 3.0, 5.1, 1.8 pls",
        "classify 5.9 3.2 4.8 1.8 using 7 nearest neighbors",
        "classify an iris: sepal length two and a half inches",
        "rate 7.4 2.8 6.1 1.9 k=abc",
    ],
)
def test_a_flower_to_classify_is_no_review(text: str) -> None:
    assert not [entity for entity in find_entities(text) if entity["entity"] == "review"]
    assert [entity for entity in find_entities(text) if entity["entity"] == "measurement"]


def test_a_flower_comes_with_its_fields_and_its_k() -> None:
    found = find_entities("sepal 5.1 by 3.5, petal 1.4 by 0.2, k=7")
    fields = {each.get("role"): each["value"] for each in found if each["entity"] == "measurement"}
    assert fields == {
        "sepal_length": 5.1,
        "sepal_width": 3.5,
        "petal_length": 1.4,
        "petal_width": 0.2,
    }
    assert [each["value"] for each in found if each["entity"] == "k"] == ["7"]


def test_several_flowers_come_as_one_entity() -> None:
    assert find_entities("5.1,3.5,,0.2\n6.3,3.3,6.0,2.5")[-1]["entity"] == "flowers"
    assert find_entities("5.1,3.5,,0.2\n6.3,3.3,6.0,2.5")[-1]["value"] == [
        [5.1, 3.5, None, 0.2],
        [6.3, 3.3, 6.0, 2.5],
    ]
    rows = "\n".join(["12,6.3,3.3,6.0,2.5,Iris-virginica"] * 20)
    assert len(find_entities(rows)[-1]["value"]) == 20
    assert not [each for each in find_entities("5.1 3.5 1.4 0.2") if each["entity"] == "flowers"]


def test_a_long_text_is_no_flower() -> None:
    assert find_entities("the film runs for 120 minutes and the sepal is 5 " * 20) == []


def test_what_is_no_number_stays_json() -> None:
    (found,) = find_entities("sepal length nan")
    assert found["value"] == "nan"


def test_a_sum_hides_its_numbers() -> None:
    (found,) = find_entities("precision with tp=8 fp=2")
    assert (found["entity"], found["value"]["quantity"]) == ("sum", "precision")


def test_an_experiment_comes_with_the_values_it_names() -> None:
    details = of_demonstration("train on 60 % with seed 3", "try_iris", [])
    assert (details["values"]["share"], details["values"]["seed"]) == (0.4, "3")


def test_a_whole_flower_leaves_no_part_to_guess() -> None:
    details = of_demonstration("6.3,3.3,,2.5", "", find_entities("6.3,3.3,,2.5"))
    assert details["names_sepal"]


def test_a_measurement_comes_with_what_it_takes_back() -> None:
    text = "no, the sepal width is 3.1"
    details = of_demonstration(text, "inform_measurement", find_entities(text))
    assert details == {"corrects": True, "names_sepal": True}
    assert of_demonstration("what is a sepal", "ask_concept", []) == {}
