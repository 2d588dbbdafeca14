"""What the README counts and measures is what there is."""

from __future__ import annotations

import pytest

from bot.settings import ROOT
from models import review
from models.knowledge import library


@pytest.fixture(scope="module")
def readme() -> str:
    return " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


def test_it_counts_the_concepts_and_the_comparisons(readme: str) -> None:
    assert f"about {len(library().concepts)} concepts" in readme
    assert f"{len(library().contrasts)} comparisons" in readme


def test_it_says_how_accurate_the_review_models_are(readme: str) -> None:
    own, article = (review.metrics(name).test.accuracy for name in ("default", "article"))
    assert f"it gets {own:.1%} right" in readme
    assert f"the article's network {article:.1%}" in readme
