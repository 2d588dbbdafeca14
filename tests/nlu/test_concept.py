"""Which concept a message asks for, and that it is known when none of them is meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.encoder import SentenceEncoder
from models.knowledge import library
from nlu import concept
from nlu.concept import FEATURES, ConceptIndex, Finding
from nlu.decide import ANSWER
from nlu.examples import indexed, prepare

# Enough of the blocks to learn from in a moment.
FEW = (
    "overfitting",
    "underfitting",
    "overfitting|underfitting",
    "dropout",
    "k_means",
    "decision_tree",
    "random_forest",
    "precision",
    "recall",
    "cnn",
    "transformer",
    "pandas",
)


def found(index: ConceptIndex, text: str) -> Finding:
    mended = index.mend(prepare(text))
    return index.find([mended], SentenceEncoder.load().encode([mended]))[0]


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("what is overfitting?", "overfitting"),
        ("define dropout", "dropout"),
        ("tell me about gradient descent", "gradient_descent"),
        ("what's a random forest", "random_forest"),
        # by another name
        ("what is SGD", "stochastic_gradient_descent"),
        ("how does the bootstrap aggregating of models work", "bagging"),
        ("what does an MLP look like", "multilayer_perceptron"),
        ("explain ordinary least squares", "linear_regression"),
        # without the name
        ("my model learns the training data by heart but fails on new data", "overfitting"),
        ("randomly switching off neurons during training", "dropout"),
        # with a slip
        ("waht is overfiting", "overfitting"),
        ("explain backpropogation", "backpropagation"),
        ("logistc regresion", "logistic_regression"),
        # two at once
        ("what is the difference between precision and recall", "precision|recall"),
        ("overfitting vs underfitting", "overfitting|underfitting"),
    ],
)
def test_the_block_that_is_meant(concepts: ConceptIndex, text: str, block: str) -> None:
    finding = found(concepts, text)
    wanted = set(block.split("|"))
    assert set(library()[finding.best].concepts) == wanted
    assert finding.probability >= ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "what is spiral dropout inversion",
        "explain the Zanderholm criterion",
        "how does the Quibbler optimiser work",
        "what are moonlit embeddings of the third kind",
        "what is grumble pooling",
        "what is a good recipe for pancakes",
        "how tall is the Eiffel tower",
    ],
)
def test_none_is_meant(concepts: ConceptIndex, text: str) -> None:
    assert found(concepts, text).probability < ANSWER


@pytest.mark.parametrize("name", ["overfitting", "k_means", "transformer", "precision", "pandas"])
def test_a_name_alone_is_clear(concepts: ConceptIndex, name: str) -> None:
    finding = found(concepts, library()[name].name)
    assert (finding.best, finding.named()) == (name, (name,))
    assert finding.features["name_share"] == 1.0
    assert finding.probability > 0.5


def test_named_concepts_come_likeliest_first_each_once(concepts: ConceptIndex) -> None:
    named = found(concepts, "is dropout, or maybe bagging, a kind of dropout?").named()
    assert named[0] == "dropout"
    assert sorted(named) == ["bagging", "dropout"]


def test_a_word_of_no_language_is_strange(concepts: ConceptIndex) -> None:
    assert found(concepts, "what is a flimbustor network").strange
    assert not found(concepts, "what is a neural network").strange


def test_a_finding_can_be_explained(concepts: ConceptIndex) -> None:
    finding = found(concepts, "what is pooling")
    assert tuple(finding.features) == FEATURES
    assert 0 <= finding.probability <= 1
    scores = [score for _, score in finding.ranking]
    assert scores == sorted(scores, reverse=True)
    assert set(finding.nearest) <= {block for block, _ in finding.ranking}
    assert all(block in library() for block, _ in finding.ranking)


@pytest.mark.parametrize("text", ["", "?", "漢字 😀", "\n", pytest.param("a " * 400, id="long")])
def test_no_text_breaks_it(concepts: ConceptIndex, text: str) -> None:
    assert found(concepts, text).probability < ANSWER


def test_asking_words_name_nothing(concepts: ConceptIndex) -> None:
    asking = concept.asking_words()
    assert {"example", "formula", "code", "explain"} <= asking
    assert not {"overfitting", "dropout", "gradient", "tree"} & asking


@pytest.fixture(scope="module")
def small() -> ConceptIndex:
    return trained()


def trained() -> ConceptIndex:
    few = tuple(example for example in indexed() if example.label in FEW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(concept, "indexed", lambda: few)
        ConceptIndex.without_kept_back.cache_clear()
        index = ConceptIndex.train()
        ConceptIndex.without_kept_back.cache_clear()
        return index


QUESTIONS = ("what is dropout", "trees or forests?", "overfiting", "how do I bake bread", "recall")


def test_a_kept_index_finds_what_the_index_found(small: ConceptIndex, tmp_path: Path) -> None:
    kept = ConceptIndex.of_arrays(small.arrays())
    for text in QUESTIONS:
        before, after = found(small, text), found(kept, text)
        assert (before.best, before.links, before.text) == (after.best, after.links, after.text)
        assert after.probability == pytest.approx(before.probability, abs=0.02)
        assert dict(after.ranking) == pytest.approx(dict(before.ranking), abs=0.01)


def test_training_twice_gives_the_same(small: ConceptIndex) -> None:
    again = trained()
    for text in QUESTIONS:
        first, second = found(small, text), found(again, text)
        assert (first.ranking, first.features) == (second.ranking, second.features)


def test_training_learns_when_none_is_meant(small: ConceptIndex) -> None:
    assert small._trust is not None and np.isfinite(small._trust.weights).all()
    assert found(small, "what is dropout").probability > 0.5
    assert found(small, "how do I bake bread").probability < ANSWER


def test_words_of_the_answers_are_no_slips(concepts: ConceptIndex) -> None:
    for text in ("how often to retrain", "reuse a network", "cropping pictures", "spam"):
        assert concepts.mend(text) == text
    assert concepts.mend("overfiting of a netwrok") == "overfitting of a network"
