"""Is a film review positive or negative? Two models, loaded when first asked.

``default`` is the one that answers, ``article`` is the network of the article. Every function
raises ``ReviewModelError`` if the model does not exist or its files are damaged.

>>> from models import review
>>> review.classify("One of the best films I have seen.").label  # doctest: +SKIP
'positive'
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock

from models.review import artifact
from models.review.article import ArticleClassifier
from models.review.artifact import Metrics, Score
from models.review.judge import Judge
from models.review.verdict import Contribution, ReviewModelError, Verdict

__all__ = [
    "Contribution",
    "Metrics",
    "ReviewModelError",
    "Score",
    "Verdict",
    "classify",
    "classify_many",
    "load",
    "metrics",
    "models",
]

NAMES = ("default", "article")
_LOADING = Lock()


def models() -> tuple[str, ...]:
    """Return the names of the models that are there, the default one first."""
    return tuple(name for name in NAMES if (artifact.FOLDER / name / artifact.MANIFEST).is_file())


def classify(text: str, model: str = "default") -> Verdict:
    """Judge a review of any length: raw text, HTML breaks allowed."""
    return load(model).classify(text)


def classify_many(texts: Sequence[str], model: str = "default") -> list[Verdict]:
    """Judge several reviews at once, which takes less time for each."""
    return load(model).classify_many(texts)


def load(model: str = "default") -> Judge | ArticleClassifier:
    """Load a model, if it is not, so that the first answer does not wait for it."""
    if model not in models():
        raise ReviewModelError(f"There is no review model {model!r}")
    with _LOADING:  # two threads do not load twice
        return _loaded(model)


@cache
def _loaded(name: str) -> Judge | ArticleClassifier:
    kind = Judge if name == "default" else ArticleClassifier
    return kind.load(artifact.FOLDER / name)


@cache
def metrics(model: str = "default") -> Metrics:
    """Return what the training of a model measured."""
    artifact.verify(artifact.FOLDER / model)
    return Metrics.read(artifact.FOLDER / model)
