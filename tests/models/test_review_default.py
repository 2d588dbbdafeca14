"""The default model: training on a small set, its artifact, its answers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from models.review import Verdict, artifact
from models.review.artifact import Metrics
from models.review.encoder import word_vectors
from models.review.judge import Judge
from models.review.training import Step, corpus, encoder
from models.review.training import default as default_training
from models.review.training.default import Plan
from models.review.training.lessons import Opinion, Recipe
from models.review.training.network import Sizes
from models.review.verdict import ReviewModelError

GOOD = ["wonderful", "superb", "moving", "brilliant", "touching", "delightful", "excellent"]
BAD = ["awful", "boring", "dreadful", "lifeless", "terrible", "clumsy", "pointless"]
PLAIN = ["the", "film", "and", "its", "story", "with", "a", "cast", "that", "was", "in"]
SMALL = Plan(
    Sizes(
        words=500,
        common=1,
        validation=0.2,
        buckets=1 << 14,
        rarest=1,
        kept=4000,
        rounds=5,
    ),
    (Recipe(stretches=40, repeats=2),),
)
SAID = {
    "positive": "a {} film and a {} cast",
    "negative": "the {} story was {}",
    "unsure": "it was {} and {} in parts",
    "no_opinion": "the bus to {} leaves from {}",
}

Small = tuple[Path, Metrics, list[Step]]


def write_reviews(folder: Path, count: int = 200) -> None:
    """Write 200 reviews of praise and blame a part."""
    for part, seed in (("train", 1), ("test", 2), ("unsup", 3)):
        random = np.random.default_rng(seed)
        rows: dict[str, list[object]] = {"id": [], "text": [], "label": []}
        for number in range(count):
            label = number % 2
            words = [*random.choice(GOOD if label else BAD, 8), *random.choice(PLAIN, 32)]
            random.shuffle(words)
            for name, value in zip(rows, (number // 2, " ".join(words), label), strict=True):
                rows[name].append(value)
        parquet.write_table(pa.table(rows), folder / f"{part}.parquet")


def opinions() -> tuple[list[Opinion], list[Opinion]]:
    random = np.random.default_rng(5)
    told = []
    for label, pattern in SAID.items():
        words = {"positive": GOOD, "negative": BAD}.get(label, PLAIN)
        told += [Opinion(label, "any", pattern.format(*random.choice(words, 2))) for _ in range(12)]
    return told, told[::2]


def train(folder: Path, output: Path, steps: list[Step]) -> Metrics:
    source, work = folder / "model.safetensors", folder / f"{output.name}-work"
    return default_training.train(folder, source, steps.append, output, work, SMALL)


@pytest.fixture(scope="module")
def tiny_encoder() -> Iterator[None]:
    """Take one layer and random weights for the published ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder, "LAYERS", 1)
        patch.setattr(
            encoder,
            "begin",
            lambda model, _: model.get_layer("words").set_weights([word_vectors()]),
        )
        patch.setattr(default_training.lessons, "load_opinions", opinions)
        yield


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: None) -> Small:
    folder = tmp_path_factory.mktemp("reviews")
    write_reviews(folder)
    steps: list[Step] = []
    output = folder / "default"
    return output, train(folder, output, steps), steps


@pytest.fixture(scope="module")
def classifier(small: Small) -> Judge:
    return Judge.load(small[0])


def test_training_on_a_small_set(small: Small) -> None:
    folder, metrics, steps = small
    assert metrics.test.n == 200
    assert metrics.test.accuracy > 0.95
    assert Metrics.read(folder) == metrics
    assert {"n-grams", "encoder"} <= {step.stage for step in steps}
    names = {path.name for path in folder.iterdir()}
    assert {"model.keras", "card.md", "decision.json", "encoder.onnx"} <= names


def test_the_same_seed_gives_the_same_model(small: Small, tmp_path: Path) -> None:
    again = train(small[0].parent, tmp_path / "two", [])
    assert again.test.correct == pytest.approx(small[1].test.correct, abs=2)
    assert again.test.loss == pytest.approx(small[1].test.loss, abs=1e-2)


def test_an_interrupted_training_goes_on_where_it_was(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> Metrics:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(default_training.report, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            train(small[0].parent, tmp_path / "three", [])
    steps: list[Step] = []
    metrics = train(small[0].parent, tmp_path / "three", steps)
    assert metrics.test.accuracy > 0.95
    assert {step.stage for step in steps}.isdisjoint({"n-grams", "encoder"})


def test_words_and_sentences_sum_to_the_logit(classifier: Judge) -> None:
    text = "the film was wonderful and superb. its cast was brilliant."
    verdict = classifier.classify(text)
    assert verdict.label == "positive"
    total = sum(word.weight for word in verdict.words) + verdict.bias
    assert 1 / (1 + math.exp(-total)) == pytest.approx(verdict.probability)
    assert sum(part.weight for part in verdict.sentences) + verdict.bias == pytest.approx(total)
    assert [text[part.start : part.end] for part in verdict.sentences] == [
        "the film was wonderful and superb.",
        "its cast was brilliant.",
    ]
    strongest = max(verdict.words, key=lambda word: word.weight)
    assert text[strongest.start : strongest.end] in GOOD


@pytest.mark.parametrize("text", ["The film was superb and moving", "an awful, boring story"])
def test_case_spacing_and_html_make_no_difference(classifier: Judge, text: str) -> None:
    same = [text, text.upper(), text.replace(" ", "<br /><br />"), f"  {text}\n"]
    verdicts = classifier.classify_many(same)
    expected = verdicts[0].probability
    assert [verdict.probability for verdict in verdicts] == pytest.approx([expected] * 4)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\U0001f3ac \U0001f3ac", "empty"),
        ("?!...", "empty"),
        ("la película es muy buena, me gusta", "foreign"),
        ("Фильм просто замечательный", "foreign"),
        ("xqz vbn wrt", "unknown_words"),
    ],
)
def test_texts_without_an_opinion(classifier: Judge, text: str, reason: str) -> None:
    verdict = classifier.classify(text)
    assert (verdict.label, verdict.probability, verdict.reason) == ("no_opinion", 0.5, reason)


def test_many_texts_are_judged_as_one_by_one(classifier: Judge) -> None:
    texts = ["the film was superb", "", "boring and clumsy story", "xqz vbn wrt"]
    together: Sequence[Verdict] = classifier.classify_many(texts)
    for text, verdict in zip(texts, together, strict=True):
        assert classifier.classify(text).label == verdict.label
        assert classifier.classify(text).probability == pytest.approx(verdict.probability)


def test_a_damaged_artifact_gives_one_clear_error(small: Small, tmp_path: Path) -> None:
    damaged = tmp_path / "default"
    damaged.mkdir()
    for path in small[0].iterdir():
        (damaged / path.name).write_bytes(path.read_bytes())
    (damaged / artifact.MODEL).write_bytes(b"no model")
    with pytest.raises(ReviewModelError, match=r"damaged: model\.keras"):
        Judge.load(damaged)


def test_a_folder_without_reviews_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReviewModelError):
        corpus.load(tmp_path)
    (tmp_path / "train.parquet").write_bytes(b"not parquet")
    with pytest.raises(ReviewModelError):
        corpus.load(tmp_path)
