"""The review inside a message, and messages that only look as if they held one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from nlu.review_text import Heard, find_review
from nlu.talk import Talk
from nlu.understand import Stages


@pytest.mark.parametrize(
    ("message", "review"),
    [
        ("classify this review: I loved it", "I loved it"),
        ("is this positive or negative? A dull, long film.", "A dull, long film."),
        ('what do you think of "a waste of two hours"', "a waste of two hours"),
        (
            "Please rate this review\nThe plot made no sense.\nAwful.",
            "The plot made no sense.\nAwful.",
        ),
        ("★★★★☆", "★★★★☆"),
        ("one more: what a waste of time that was", "what a waste of time that was"),
        ("classify this review: 3/10", "3/10"),
        ("classify a review", None),
        ("tell me: what is dropout?", None),
        ("review: I'll paste it next", None),
        ("classify this review I loved every minute of it", "I loved every minute of it"),
        ("can you classify two irises for me?", None),
        ("classify these irises 5.1 3.5 1.4 0.2 6.2 3.4 5.4 2.3", None),
        ("knn = KNeighborsClassifier()\nknn.fit(X, y)\nknn.predict([[5, 3, 1, 0]])", None),
        ("can you tell whether a review is positive", None),
        ("what is overfitting?", None),
        ("classify an iris flower for me", None),
        ("In sklearn, the call after creating the classifier - what happens there?", None),
        ("which version made this? we lost track of the model", None),
    ],
)
def test_the_review_inside_a_request(stages: Stages, message: str, review: str | None) -> None:
    assert find_review(message, stages._hear) == review


@pytest.mark.parametrize(
    ("message", "review"),
    [
        ("classify this: 5 of 10 jokes work, 3 are good", "5 of 10 jokes work, 3 are good"),
        ("classify this: 5.1 3.5 1.4 0.2", None),
    ],
)
def test_four_numbers_are_a_flower(stages: Stages, message: str, review: str | None) -> None:
    carried = [e["value"] for e in stages.read(message, Talk()).entities if e["entity"] == "review"]
    assert carried == ([review] if review else [])


def heard(announces: float = 0.0, asks: float = 0.0, tells: float = 0.0) -> Heard:
    return Heard(announces, asks, tells)


def test_only_what_announces_a_review_parts_it() -> None:
    told = {"rate this": heard(announces=0.9), "my problem": heard(announces=0.1)}

    def hear(texts: Sequence[str]) -> list[Heard]:
        return [told.get(text, heard()) for text in texts]

    assert find_review("rate this: so dull", hear) == "so dull"
    assert find_review("my problem: so dull", hear) is None
    told["so dull"] = heard(asks=0.9)  # "review: I'll paste it next"
    assert find_review("rate this: so dull", hear) is None
