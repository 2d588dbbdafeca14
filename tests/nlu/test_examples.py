"""What the stages learn from."""

from __future__ import annotations

from collections import Counter

import pytest

from models.encoder.vectors import known_share
from models.knowledge import is_answer, library
from nlu.examples import MAX_CHARACTERS, Example, indexed, names, of_intents, prepare


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("what is  a\n tensor ", "what is a tensor"),
        ("", "?"),
        (" \n\t", "?"),
        ("K-Means", "K-Means"),
    ],
)
def test_a_text_is_read_in_one_line_and_never_empty(text: str, read: str) -> None:
    assert prepare(text) == read


def test_a_long_text_is_cut() -> None:
    assert len(prepare("a" * 10_000)) == MAX_CHARACTERS


def test_a_fifth_of_the_questions_is_kept_back_and_nothing_else() -> None:
    questions = [example for example in indexed() if example.part != "name"]
    share = sum(example.is_kept_back for example in questions) / len(questions)
    assert share == pytest.approx(0.2, abs=0.02)
    others = [example for example in indexed() if example.part == "name"]
    assert others
    assert not any(example.is_kept_back for example in others)


def test_what_is_kept_back_depends_on_the_text_only() -> None:
    texts = [f"what is number {number}" for number in range(40)]
    here = [Example(text, "a", "definition").is_kept_back for text in texts]
    assert here == [Example(text, "b", "why").is_kept_back for text in texts]
    assert len(set(here)) == 2


def test_every_block_is_indexed_and_no_question_twice() -> None:
    assert {example.label for example in indexed()} == {block.id for block in library().blocks}
    counts = Counter(example.text.lower() for example in indexed() if not example.is_aside)
    assert max(counts.values()) == 1


def test_every_block_has_a_name_and_questions() -> None:
    parts: dict[str, set[bool]] = {}
    for example in indexed():
        parts.setdefault(example.label, set()).add(example.is_question)
    assert [block for block, found in parts.items() if True not in found] == []


def test_an_aside_asks_for_an_answer_and_does_not_name_its_block_alone() -> None:
    asides = [example for example in indexed() if example.is_aside]
    assert len(asides) > 5_000
    for example in asides:
        assert is_answer(example.part)
        assert {link.concept for link in names().link(example.text)} != {example.label}


def test_examples_of_intents_come_with_the_labels_that_rasa_reads() -> None:
    examples = {example.text: example.label for example in of_intents()}
    assert examples["tell me more"] == "follow_up/more"
    assert {"greet", "out_of_scope", "try_iris/compare_k"} <= set(examples.values())


def test_the_vectors_of_nearly_all_examples_are_kept() -> None:
    texts = [example.text for example in (*indexed(), *of_intents())]
    assert known_share(texts) >= 0.99, "run `python -m nlu.examples`"
