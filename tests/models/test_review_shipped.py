"""The review models that ship with the project, through the public functions."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from models import review
from models.review import artifact, ratings
from models.review.encoder import Encoder
from models.review.judge import ENCODER
from models.review.training import report
from tests import hostile
from tests.pace import slowness

PRAISE = (
    "This is one of the best films I have ever seen. The acting is superb, the story is moving "
    "and beautifully told, and the music is wonderful. I loved every minute and highly "
    "recommend it to everyone who enjoys a perfect, touching drama. "
)
BLAME = (
    "This is the worst film I have ever seen. The acting is awful, the plot is stupid and "
    "boring, and the dialogue is terrible. A complete waste of time and money, avoid it. "
)


@pytest.mark.parametrize("model", review.models())
def test_plain_praise_and_blame(model: str) -> None:
    assert review.classify(PRAISE * 4, model).label == "positive"
    assert review.classify(BLAME * 4, model).label == "negative"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("★★★★☆", "positive"),
        ("⭐⭐⭐⭐⭐", "positive"),
        ("★★★☆☆", "unsure"),
        ("★★½", "unsure"),
        ("★", "negative"),
        ("☆☆☆☆☆", "negative"),
        ("★★★★★ best film of the year", "positive"),
    ],
)
def test_stars_are_a_rating_with_or_without_words(text: str, label: str) -> None:
    assert review.classify(text).label == label


@pytest.mark.parametrize("text", ["It runs 1½ hours. Great.", "I loved its first ½ hour."])
def test_a_half_of_something_else_is_no_rating(text: str) -> None:
    assert ratings.rating(text) is None


@pytest.mark.parametrize("model", review.models())
def test_no_text_takes_long(model: str) -> None:
    review.classify(PRAISE, model)
    costs = {}
    for name, text in hostile.texts().items():
        for part in (text, text.split(": ", 1)[-1]):
            begin = time.process_time()
            review.classify(part, model)
            costs[name, part[:20]] = time.process_time() - begin
    assert {name: cost for name, cost in costs.items() if cost > 0.5 * slowness()} == {}


@pytest.mark.parametrize("model", review.models())
@pytest.mark.parametrize("text", ["", "  \n\t", "\x00", "🎬🎬🎬", "...!!!", "\ud800"])
def test_nothing_to_judge(model: str, text: str) -> None:
    verdict = review.classify(text, model)
    assert (verdict.label, verdict.probability, verdict.known_words) == ("no_opinion", 0.5, 0)


@pytest.mark.parametrize("model", review.models())
def test_any_text_gets_a_verdict(model: str) -> None:
    for text in (PRAISE * 100, "a" * 30_000, "film " * 6_000, "\x00film\ud800 superb"):
        assert 0 <= review.classify(text, model).probability <= 1


@pytest.mark.parametrize("model", review.models())
def test_case_and_spacing_make_no_difference(model: str) -> None:
    expected = review.classify(BLAME, model).probability
    for text in (BLAME.upper(), BLAME.replace(" ", "  \n"), "  " + BLAME):
        assert review.classify(text, model).probability == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("model", review.models())
def test_the_figures_belong_to_the_official_test_reviews(model: str) -> None:
    figures = review.metrics(model)
    assert figures.model == model
    assert figures.test.n == 25_000
    assert sum(figures.test.confusion) == 25_000
    assert figures.test.accuracy == figures.test.correct / figures.test.n
    assert figures.test.accuracy_low < figures.test.accuracy < figures.test.accuracy_high
    assert figures.size_bytes <= 15_000_000
    assert figures.data


@pytest.mark.parametrize("model", review.models())
def test_the_card_belongs_to_the_figures(model: str) -> None:
    written = (artifact.FOLDER / model / artifact.CARD).read_text(encoding="utf-8")
    assert written == report.card(review.metrics(model))


def test_the_readme_says_what_was_measured() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for model in review.models():
        assert f"{review.metrics(model).test.accuracy:.1%}" in readme


shipped = pytest.mark.skipif("default" not in review.models(), reason="no default model yet")


@shipped
def test_the_default_model_is_good_and_calibrated() -> None:
    figures = review.metrics("default").test
    assert figures.accuracy >= 0.92
    assert figures.ece <= 0.03


@shipped
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("A delight from start to finish.", "positive"),
        ("terrible", "negative"),
        ("not good", "negative"),
        ("I wanted to love it but I fell asleep.", "negative"),
        ("it was ok", "unsure"),
        ("neither good nor bad", "unsure"),
        ("average", "unsure"),
        ("the capital of France is Paris", "no_opinion"),
        ("\U0001f3ac", "no_opinion"),
        ("El perro come en la cocina de su madre", "no_opinion"),
    ],
)
def test_short_texts(text: str, label: str) -> None:
    assert review.classify(text).label == label


@shipped
def test_the_words_of_a_long_review_sum_to_its_logit() -> None:
    verdict = review.classify(PRAISE + BLAME * 2 + PRAISE)
    logit = math.log(verdict.probability / (1 - verdict.probability))
    for parts in (verdict.words, verdict.sentences):
        assert sum(part.weight for part in parts) + verdict.bias == pytest.approx(logit, abs=1e-6)


@shipped
@pytest.mark.parametrize(("most", "read"), [(126, 126), (1_000, 501)])
def test_of_a_long_review_the_encoder_reads_the_end(most: int, read: int) -> None:
    text = "dull " * 500 + "masterpiece"
    pieces = Encoder(artifact.FOLDER / "default" / ENCODER)(text, most)
    assert len(pieces.places) == read
    assert text[slice(*pieces.places[-1])] == "masterpiece"


def test_the_article_network_reaches_what_its_recipe_gives() -> None:
    assert 0.85 < review.metrics("article").test.accuracy < 0.88
