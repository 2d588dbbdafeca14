"""Is a film review positive or negative? Two models, loaded when first asked.

``default`` is the one that answers, ``article`` is the network of the article.

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
from models.review.errors import ReviewModelError
from models.review.judge import Judge
from models.review.metrics import Metrics, Score
from models.review.verdict import Contribution, Verdict

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

# The first that is there is the default.
_NAMES = ("default", "article")
_LOADING = Lock()


@cache
def models() -> tuple[str, ...]:
    """Return the names of the models that are there, the default one first."""
    there = tuple(name for name in _NAMES if (artifact.FOLDER / name / artifact.MANIFEST).is_file())
    return there or _NAMES[-1:]


def classify(text: str, model: str = "default") -> Verdict:
    """Judge a review of any length.

    Args:
        text: raw text, HTML breaks allowed.
        model: "default" or the name of a shipped model.

    Raises:
        ReviewModelError: if the model does not exist or its files are damaged.
    """
    return _classifier(_resolve(model)).classify(text)


def classify_many(texts: Sequence[str], model: str = "default") -> list[Verdict]:
    """Judge several reviews at once, which takes less time for each.

    Raises:
        ReviewModelError: if the model does not exist or its files are damaged.
    """
    return _classifier(_resolve(model)).classify_many(texts)


def load(model: str = "default") -> None:
    """Load a model now, so that the first answer does not wait for it.

    Raises:
        ReviewModelError: if the model does not exist or its files are damaged.
    """
    _classifier(_resolve(model))


@cache
def metrics(model: str = "default") -> Metrics:
    """Return what the training of a model measured.

    Raises:
        ReviewModelError: if the model does not exist or its files are damaged.
    """
    folder = artifact.FOLDER / _resolve(model)
    artifact.verify(folder)
    return Metrics.read(folder / artifact.METRICS)


def _resolve(model: str) -> str:
    name = models()[0] if model == "default" else model
    if name not in models():
        raise ReviewModelError(f"There is no review model {model!r}")
    return name


def _classifier(name: str) -> Judge | ArticleClassifier:
    with _LOADING:  # two threads do not load twice
        return _loaded(name)


@cache
def _loaded(name: str) -> Judge | ArticleClassifier:
    kind = Judge if name == "default" else ArticleClassifier
    return kind.load(artifact.FOLDER / name)
