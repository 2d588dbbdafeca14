"""The names of concepts in a message, and the slips in them."""

from __future__ import annotations

import pytest

from models.knowledge import Block
from nlu.concept import ConceptIndex
from nlu.names import Names, Speller, masked


@pytest.fixture(scope="module")
def names(concepts: ConceptIndex) -> Names:
    return concepts.names


def concept(name: str, *aliases: str) -> Block:
    return Block(name, name, {}, {}, (name,), aliases)


def linked(names: Names, text: str) -> list[str]:
    return [link.concept for link in names.link(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("what is overfitting?", ["overfitting"]),
        ("WHAT IS DROPOUT", ["dropout"]),
        ("precision or recall", ["precision", "recall"]),
        ("recall or precision", ["recall", "precision"]),
        ("what's for dinner", []),
        ("", []),
    ],
)
def test_names_are_found_from_left_to_right(names: Names, text: str, found: list[str]) -> None:
    assert linked(names, text) == found


def test_a_link_says_where_the_name_stands(names: Names) -> None:
    text = "why is k-means so fast?"
    (link,) = names.link(text)
    assert text[link.start : link.end] == "k-means"


@pytest.mark.parametrize("text", ["logistic regression", "linear regression", "deep learning"])
def test_of_names_that_overlap_the_longest_counts(names: Names, text: str) -> None:
    assert linked(names, f"explain {text} to me") == [text.replace(" ", "_")]


@pytest.mark.parametrize(
    "text",
    [
        "k-means",
        "k means",
        "K-Means",
        "train_test_split",
        "train test split",
        "train/test split",
    ],
)
def test_marks_between_words_may_be_left_out(names: Names, text: str) -> None:
    assert linked(names, f"is {text} good") == [
        "k_means" if text.lower().startswith("k") else "train_test_split"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("decision trees", "decision_tree"),
        ("are activation functions needed", "activation_function"),
        ("random forests", "random_forest"),
    ],
)
def test_a_plural_is_the_same_name(names: Names, text: str, found: str) -> None:
    assert linked(names, text) == [found]


def test_an_acronym_that_is_a_word_counts_in_capitals_only() -> None:
    names = Names([concept("estimate", "MAP"), concept("network", "CNN")], ["a map of the land"])
    assert linked(names, "MAP or CNN") == ["estimate", "network"]
    assert linked(names, "a map of the cnn") == ["network"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cnn", "cnn"),
        ("lstm", "lstm"),
        ("pca", "pca"),
        ("svm", "support_vector_machine"),
        ("dbscan", "dbscan"),
        ("smote", "smote"),
        ("shap", "shap"),
        ("llm", "large_language_model"),
    ],
)
def test_an_acronym_that_is_no_word_may_be_typed_in_small_letters(
    names: Names, text: str, found: str
) -> None:
    assert linked(names, f"what is {text}?") == [found]


def test_a_masked_text_keeps_the_asking_only(names: Names) -> None:
    text = "is k-means faster than hierarchical clustering?"
    assert masked(text, names.link(text)) == "is X faster than X?"
    assert masked("why?", names.link("why?")) == "why?"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("explain spiral backpropagation", ["spiral"]),
        ("reverse dropout cascade", ["reverse", "cascade"]),
        ("dropout in the network", []),
        ("what is dropout?", []),
        ("dropout, explained", []),
    ],
)
def test_words_beside_a_name_change_it(names: Names, text: str, words: list[str]) -> None:
    (link,) = (each for each in names.link(text) if each.concept in ("backpropagation", "dropout"))
    found = [word for word in names.beside(text, link) if word != "explain"]
    assert found == words


def test_words_that_mean_nothing_are_left_out() -> None:
    assert Names.words("What is the Loss of it?") == ["loss"]


SPELLER = Speller(
    ["learning", "requirements", "training", "labels"], known={"raining", "learnt"}.__contains__
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("deep lerning requirments", "deep learning requirements"),
        ("leanring", "learning"),  # two letters in the wrong order are one slip
        ("LERNING", "learning"),
        ("is it raining", "is it raining"),  # a word of its own
        ("labls", "labels"),
        ("zebra crossings", "zebra crossings"),
        ("l4bels", "l4bels"),
        ("", ""),
    ],
)
def test_slips_are_mended_and_words_are_not(typed: str, meant: str) -> None:
    assert SPELLER.mend(typed) == meant


def test_of_two_words_as_much_alike_the_first_is_meant() -> None:
    assert Speller(["lines", "lives"], known=lambda word: False).mend("lixes") == "lines"


def test_a_long_text_stays_as_it_is() -> None:
    text = "lerning " * 100
    assert SPELLER.mend(text) == text


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("what is a random forrest", "what is a random forest"),
        ("gradient decent explained", "gradient descent explained"),
        ("how large are neural networks", "how large are neural networks"),
        ("a decent film", "a decent film"),
    ],
)
def test_a_word_of_the_language_is_a_slip_only_in_a_name(
    concepts: ConceptIndex, text: str, mended: str
) -> None:
    assert concepts.mend(text) == mended
