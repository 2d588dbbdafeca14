"""The review inside a message, and messages that only look as if they held one."""

from __future__ import annotations

import pytest

from nlu.review_text import find_review


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
        ("classify this: 5.1 3.5 1.4 0.2", None),
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
def test_the_review_inside_a_request(message: str, review: str | None) -> None:
    assert find_review(message) == review
