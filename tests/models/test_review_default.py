"""The default model: words, n-grams, network, rules, training on a small set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from models.review import Verdict, artifact, corpus, network, ngrams, tone, training
from models.review.errors import ReviewModelError
from models.review.evaluation import Metrics
from models.review.judge import DefaultClassifier
from models.review.language import is_foreign
from models.review.linear import LinearScorer, Settings
from models.review.policy import Thresholds, choose
from models.review.progress import Step
from models.review.tokens import Lexicon, spans, tokens

GOOD = ["wonderful", "superb", "moving", "brilliant", "touching", "delightful", "excellent"]
BAD = ["awful", "boring", "dreadful", "lifeless", "terrible", "clumsy", "pointless"]
PLAIN = ["the", "film", "and", "its", "story", "with", "a", "cast", "that", "was", "in", "not"]


def write_reviews(folder: Path, count: int = 200) -> None:
    """Write a small ``train.parquet`` and ``test.parquet`` of praise and blame."""
    for part, seed in (("train", 1), ("test", 2)):
        random = np.random.default_rng(seed)
        rows: dict[str, list[object]] = {"id": [], "text": [], "label": []}
        for number in range(count):
            label = number % 2
            words = [*random.choice(GOOD if label else BAD, 8), *random.choice(PLAIN[:-1], 32)]
            random.shuffle(words)
            for name, value in zip(rows, (number // 2, " ".join(words), label), strict=True):
                rows[name].append(value)
        parquet.write_table(pa.table(rows), folder / f"{part}.parquet")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Metrics, list[Step]]:
    folder = tmp_path_factory.mktemp("reviews")
    write_reviews(folder)
    steps: list[Step] = []
    output = folder / "default"
    return output, training.train("default", folder, steps.append, output), steps


def random_scorer(seed: int) -> tuple[LinearScorer, object, int]:
    """Return a scorer of random weights and the Keras model of the same weights."""
    random = np.random.default_rng(seed)
    table = random.integers(-127, 128, ngrams.BUCKETS).astype(np.int8)
    negator = np.zeros(60, np.int8)
    negator[[5, 9]] = 1
    keras_model = network.build(table, negator, 0.01, 0.2, 0.7, 1.3)
    return LinearScorer(table, negator, Settings(0.01, 0.2, 0.7, 1.3)), keras_model, 60


def test_words_keep_apostrophes_and_marks_of_feeling() -> None:
    assert tokens("It ISN\u2019T good!<br /><br />**** :-)") == [
        *("it", "isn't", "good", "!", "****", ":-)"),
    ]


@pytest.mark.parametrize("text", ["Don't go!", "\u0130stanbul \u0130s fine", "a<br/>b &amp; c"])
def test_each_word_has_its_place(text: str) -> None:
    places = spans(text)
    assert len(places) == len(tokens(text))
    assert all(
        text[start:end].lower().startswith(token[:1]) or not token[:1].isascii()
        for (start, end), token in zip(places, tokens(text), strict=True)
    )


def test_a_lexicon_survives_its_file(tmp_path: Path) -> None:
    lexicon = Lexicon(["film", "good"])
    lexicon.write(tmp_path / "words")
    assert Lexicon.read(tmp_path / "words").words == lexicon.words
    assert lexicon.encode("Good unknown FILM").tolist() == [3, 1, 2]


def test_ngrams_stay_within_a_review_and_leave_unknown_words_out() -> None:
    ids = np.array([2, 3, 4, 1, 5, 6])
    owner = np.array([0, 0, 0, 0, 1, 1])
    found = ngrams.extract(ids, owner, np.zeros(10, bool))
    pairs = sorted(zip(found.start.tolist(), found.length.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (2, 1), (4, 1), (4, 2), (5, 1)]


def test_a_negation_reaches_three_words_and_not_the_next_review() -> None:
    negator = np.zeros(10, bool)
    negator[2] = True
    ids, owner = np.array([2, 3, 4, 5, 6, 2, 7]), np.array([0, 0, 0, 0, 0, 0, 1])
    assert ngrams.negated(ids, owner, negator).tolist() == [0, 1, 1, 1, 0, 0, 0]


def test_keras_and_numpy_agree_and_the_words_sum_to_the_logit() -> None:
    scorer, keras_model, words = random_scorer(3)
    random = np.random.default_rng(4)
    reviews = [random.integers(1, words, size) for size in (1, 2, 3, 9, 40, 300)]
    padded = np.zeros((len(reviews), 300), np.int64)
    for row, ids in zip(padded, reviews, strict=True):
        row[: len(ids)] = ids
    probabilities = keras_model(padded).numpy()[:, 0]  # type: ignore[operator]
    logits = scorer.logits(reviews)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), probabilities, rtol=1e-4)
    for ids, logit in zip(reviews, logits, strict=True):
        evidence = scorer.explain(ids)
        assert evidence.words.sum() + evidence.bias == pytest.approx(logit, abs=1e-4)
        assert evidence.logit == pytest.approx(logit, abs=1e-4)


def test_training_on_a_small_set(small: tuple[Path, Metrics, list[Step]]) -> None:
    folder, metrics, steps = small
    assert metrics.test.n == 200
    assert metrics.test.accuracy > 0.95
    assert Metrics.read(folder / artifact.METRICS) == metrics
    assert {"reading", "fitting", "testing"} <= {step.stage for step in steps}
    names = {path.name for path in folder.iterdir()}
    assert {"model.keras", "card.md", "roc.png", "reliability.png", "confusion.png"} <= names


def test_the_same_seed_gives_the_same_model(
    small: tuple[Path, Metrics, list[Step]], tmp_path: Path
) -> None:
    again = training.train("default", small[0].parent, None, tmp_path / "again")
    assert again.test == small[1].test


def test_verdicts_of_the_small_model(small: tuple[Path, Metrics, list[Step]]) -> None:
    classifier = DefaultClassifier(small[0])
    text = "the film was wonderful and superb. its cast was brilliant."
    verdict = classifier.classify(text)
    assert verdict.label == "positive"
    total = sum(word.weight for word in verdict.words) + verdict.bias
    assert 1 / (1 + np.exp(-total)) == pytest.approx(verdict.probability)
    sentences = sum(sentence.weight for sentence in verdict.sentences)
    assert sentences == pytest.approx(total - verdict.bias)
    assert [text[part.start : part.end] for part in verdict.sentences] == [
        "the film was wonderful and superb",
        "its cast was brilliant",
    ]
    strongest = max(verdict.words, key=lambda word: word.weight)
    assert text[strongest.start : strongest.end] in GOOD
    html = classifier.classify(text.upper().replace(" ", "<br /> \n"))
    assert html.probability == pytest.approx(verdict.probability)


def test_a_negation_turns_a_word_around(small: tuple[Path, Metrics, list[Step]]) -> None:
    classifier = DefaultClassifier(small[0])
    for good, bad in (("superb", "awful"), ("brilliant", "boring")):
        assert _probability(classifier, good) > _probability(classifier, bad)
        assert _probability(classifier, f"not {good}") < _probability(classifier, good)
        assert _probability(classifier, f"not {bad}") > _probability(classifier, bad)


def _probability(classifier: DefaultClassifier, word: str) -> float:
    verdict: Verdict = classifier.classify(f"the film was {word}")
    return verdict.probability


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\U0001f3ac \U0001f44d", "empty"),
        ("?!...", "empty"),
        ("la película es muy buena, me gusta", "foreign"),
        ("Фильм просто замечательный", "foreign"),
        ("xqz vbn wrt", "unknown_words"),
        ("the film and the story", "not_a_review"),
    ],
)
def test_texts_without_an_opinion(
    small: tuple[Path, Metrics, list[Step]], text: str, reason: str
) -> None:
    verdict = DefaultClassifier(small[0]).classify(text)
    assert (verdict.label, verdict.probability, verdict.reason) == ("no_opinion", 0.5, reason)


def test_english_is_not_foreign() -> None:
    assert not is_foreign("I saw Das Boot and La Dolce Vita and liked both of them")
    assert is_foreign("Der Film ist nicht gut und sehr langweilig")
    assert is_foreign("Un film formidable avec une histoire qui est très belle")


def test_lukewarm_words_and_turns_move_the_weight() -> None:
    assert tone.is_lukewarm("It was ok.")
    assert tone.is_lukewarm("neither good nor bad")
    assert not tone.is_lukewarm("It was good and I would watch it again")
    each = np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    words = ["good", "cast", "here", "but", "boring", "plot"]
    assert tone.weigh(each, words, False).sum() < 0
    assert np.abs(tone.weigh(each, words, True)).sum() < 0.3 * np.abs(each).sum()


def test_short_texts_are_doubted_sooner() -> None:
    thresholds = Thresholds()
    assert thresholds.label(0.68, 5) == ("unsure", "undecided")
    assert thresholds.label(0.68, 100) == ("positive", None)
    assert thresholds.label(0.2, 5) == ("negative", None)


def test_the_doubt_is_as_narrow_as_the_wanted_accuracy_allows() -> None:
    labels = np.array([1] * 50 + [0] * 50)
    sure = np.where(labels == 1, 0.9, 0.1)
    assert choose(sure, labels, 0.95) == (0.45, 0.55)
    doubtful = np.concatenate([sure, np.full(50, 0.62)])
    targets = np.concatenate([labels, np.zeros(50, int)])
    low, high = choose(doubtful, targets, 0.95)
    assert high >= 0.62 and low == pytest.approx(1 - high)


def test_a_folder_without_reviews_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReviewModelError):
        corpus.load(tmp_path)
    (tmp_path / "train.parquet").write_bytes(b"not parquet")
    with pytest.raises(ReviewModelError):
        corpus.load(tmp_path)
