"""The phrases that drove a verdict."""

from __future__ import annotations

import pytest

from models.review import Contribution, Verdict, pictures
from models.review.explain import LONGEST_PHRASE, driving, phrases, sentences, summarise
from models.review.pictures import explained

TEXT = "A truly superb cast, an awful  plot. Superb!"


def words(*weights: float) -> tuple[Contribution, ...]:
    places = [(0, 1), (2, 7), (8, 14), (15, 19), (21, 23), (24, 29), (31, 35), (37, 43)]
    return tuple(
        Contribution(start, end, weight)
        for (start, end), weight in zip(places, weights, strict=True)
    )


def test_neighbours_that_pull_the_same_way_are_one_phrase() -> None:
    found = phrases(TEXT, words(0.01, 0.5, 1.0, 0.0, 0.0, -0.9, -0.3, 0.6))
    assert [(TEXT[part.start : part.end], round(part.weight, 2)) for part in found] == [
        ("truly superb", 1.5),
        ("awful  plot", -1.2),
        ("Superb", 0.6),
    ]


def test_the_strongest_come_first_and_once() -> None:
    verdict = Verdict("unsure", 0.5, 8, "x", words=words(0, 0, 0.7, 0, 0, -0.9, -0.3, 0.8))
    result = driving(TEXT, verdict)
    assert result.praise == ("superb",)
    assert result.blame == ("awful plot",)


def test_a_phrase_without_end_is_cut() -> None:
    text = "1" * 9_000
    verdict = Verdict("positive", 0.9, 1, "x", words=(Contribution(0, len(text), 1.0),))
    assert len(driving(text, verdict).praise[0]) == LONGEST_PHRASE


def test_weak_phrases_are_not_mentioned() -> None:
    verdict = Verdict("positive", 0.9, 8, "x", words=words(0, 0, 2.0, 0, 0, -0.3, 0, 0))
    assert driving(TEXT, verdict).blame == ()


def test_a_verdict_without_words_has_no_phrases() -> None:
    assert driving("", Verdict("no_opinion", 0.5, 0, "x")).praise == ()


def test_a_summary_marks_the_strong_words_and_adds_everything_up() -> None:
    weights = words(0.1, 0.5, 1.0, 0.0, 0.0, -0.9, -0.3, 0.6)
    summary = summarise(TEXT, Verdict("positive", 0.7, 8, "x", words=weights))
    assert summary.marked == "A **+truly superb** cast, an **−awful plot**. **+Superb**!"
    assert (round(summary.praise, 2), round(summary.blame, 2)) == (2.2, -1.2)
    assert summary.best_sentence is None


def test_the_sentences_of_a_long_text_are_named() -> None:
    text = "It was fun. It was superb! It was sad? It was awful."
    places = [(0, 10, 0.5), (12, 25, 1.0), (27, 37, -0.2), (39, 51, -1.0)]
    parts = tuple(Contribution(*place) for place in places)
    verdict = Verdict("unsure", 0.5, 8, "x", words=parts, sentences=sentences(text, parts))
    assert len(verdict.sentences) == 4
    summary = summarise(text, verdict)
    assert (summary.best_sentence, summary.worst_sentence) == ("It was superb", "It was awful")


@pytest.mark.parametrize("count", [3, 300, 900, 2500])
def test_the_picture_shows_the_whole_text(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    text = " ".join(f"w{number}" for number in range(count))
    drawn: list[str] = []
    monkeypatch.setattr(pictures, "_write", lambda _, pieces, *__: drawn.extend(pieces))
    explained(text, Verdict("positive", 0.7, count, "x"))
    assert "".join(piece.text for piece in drawn) == text.replace(" ", "")


def test_a_picture_of_any_text_is_a_png_and_the_same_each_time() -> None:
    weights = words(0.1, 0.5, 1.0, 0.0, 0.0, -0.9, -0.3, 0.6)
    for text in (TEXT, TEXT + " \U0001f60d<br />$x$ " + "a" * 300, TEXT + " word" * 900):
        verdict = Verdict("positive", 0.7, 8, "x", words=weights, sentences=weights)
        picture = explained(text, verdict)
        assert picture.startswith(b"\x89PNG")
        assert picture == explained(text, verdict)


def test_the_picture_names_its_axes_and_the_ends_of_its_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weights = words(0.1, 0.5, 1.0, 0.0, 0.0, -0.9, -0.3, 0.6)
    monkeypatch.setattr(pictures, "png", lambda drawing: drawing)
    verdict = Verdict("positive", 0.7, 8, "x", words=weights, sentences=weights)
    above, below = explained(TEXT, verdict).axes
    said = [text.get_text() for text in above.texts]
    assert {"against it", "for it", "−1.00", "0", "+1.00", "a word adds to the logit"} <= set(said)
    assert (below.get_xlabel(), below.get_ylabel()) == (
        "number of the sentence",
        "added to the logit",
    )
