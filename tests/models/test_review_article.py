"""The article's network: data, training, artifact, answers."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tensorflow.keras.utils import pad_sequences

from models import review
from models.review import artifact, training
from models.review.article import LENGTH, ArticleClassifier
from models.review.artifact import Metrics
from models.review.text import Vocabulary
from models.review.training import Step, report
from models.review.training import article as data
from models.review.training.article import build
from models.review.training.report import calibration_error, score

# fmt: off
GOOD = [
    "wonderful", "superb", "moving", "brilliant", "touching", "delightful", "excellent", "perfect",
]
# fmt: on
# fmt: off
BAD = [
    "awful", "boring", "dreadful", "lifeless", "terrible", "clumsy", "pointless", "worst",
]
# fmt: on
# fmt: off
PLAIN = [
    "the", "film", "and", "its", "story", "with", "a", "cast", "that", "was", "in", "this",
    "scene", "of", "it", "for", "me",
]
# fmt: on


def write_reviews(folder: Path, count: int = 200) -> None:
    """Write 200 reviews a part, half praise and half blame, as the real files are."""
    ranks = {word: rank for rank, word in enumerate(dict.fromkeys([*PLAIN, *GOOD, *BAD]), 1)}
    arrays: dict[str, np.ndarray] = {}
    for part, seed in (("train", 1), ("test", 2)):
        random = np.random.default_rng(seed)
        rows = np.empty(count, object)
        labels = np.arange(count) % 2
        for number, label in enumerate(labels):
            words = [*random.choice(GOOD if label else BAD, 100), *random.choice(PLAIN, 100)]
            random.shuffle(words)
            rows[number] = [ranks[word] for word in words]
        arrays |= {f"x_{part}": rows, f"y_{part}": labels}
    np.savez(folder / "keras_encoding.npz", **arrays)
    (folder / "imdb_word_index.json").write_text(json.dumps(ranks), encoding="utf-8")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Metrics, list[Step]]:
    folder = tmp_path_factory.mktemp("reviews")
    write_reviews(folder)
    steps: list[Step] = []
    output = folder / "small"
    return output, training.train("article", folder, steps.append, output), steps


@pytest.fixture
def copied(trained: tuple[Path, Metrics, list[Step]], tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in trained[0].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_the_order_is_that_of_keras(tmp_path: Path) -> None:
    write_reviews(tmp_path)
    raw = np.load(tmp_path / "keras_encoding.npz", allow_pickle=True)
    random = np.random.RandomState(113)
    order = np.arange(200)
    random.shuffle(order)
    loaded = data.load(tmp_path)
    assert loaded.train_labels.tolist() == raw["y_train"][order].tolist()
    assert loaded.train[0].tolist() == [1, *(rank + 3 for rank in raw["x_train"][order[0]])]
    random.shuffle(order := np.arange(200))
    assert loaded.test_labels.tolist() == raw["y_test"][order].tolist()


def test_rare_words_become_the_unknown_one_and_the_files_stay(tmp_path: Path) -> None:
    write_reviews(tmp_path)
    loaded = data.load(tmp_path, num_words=10)
    assert {i for row in loaded.train for i in row.tolist()} <= {1, 2, *range(4, 10)}
    assert set(loaded.hashes) == {"keras_encoding.npz", "imdb_word_index.json"}
    assert (tmp_path / "keras_encoding.npz").exists()
    assert loaded.words == PLAIN[:6]


def test_a_folder_without_reviews_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(review.ReviewModelError, match="imdb_word_index"):
        data.load(tmp_path)


def test_the_network_is_the_one_of_the_article() -> None:
    network = build()
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Embedding", "GlobalAveragePooling1D", "Dense", "Dense"]
    network.build((None, LENGTH))
    assert network.count_params() == 10_000 * 16 + 16 * 16 + 16 + 16 + 1


def test_numpy_gives_the_probabilities_of_keras() -> None:
    network = build(50)
    random = np.random.default_rng(0)
    ids = [random.integers(0, 50, size) for size in (1, 7, LENGTH - 1, LENGTH, LENGTH + 50)]
    expected = network(pad_sequences(ids, LENGTH, padding="post")).numpy()[:, 0]
    found = ArticleClassifier(network.get_weights(), Vocabulary([])).probabilities(ids)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_training_reports_learns_and_records(
    trained: tuple[Path, Metrics, list[Step]],
) -> None:
    folder, metrics, steps = trained
    assert [step.done for step in steps] == list(range(1, 11))
    losses = metrics.extra["history"]["loss"]
    assert losses[-1] < losses[0]
    assert metrics.test.n == 200
    assert metrics.test.correct == metrics.test.confusion[0] + metrics.test.confusion[3]
    assert metrics.test.accuracy_low <= metrics.test.accuracy <= metrics.test.accuracy_high
    assert metrics.size_bytes > 0 and metrics.latency_ms > 0
    assert Metrics.read(folder) == metrics


def test_the_card_says_what_was_measured(trained: tuple[Path, Metrics, list[Step]]) -> None:
    folder, metrics, _ = trained
    written = (folder / artifact.CARD).read_text(encoding="utf-8")
    assert written == report.card(metrics)
    assert report.percent(metrics.test.accuracy) in written


def test_a_stored_model_answers_as_the_trained_one(
    trained: tuple[Path, Metrics, list[Step]],
) -> None:
    classifier = ArticleClassifier.load(trained[0])
    praise = classifier.classify(" ".join(GOOD * 20))
    blame = classifier.classify(" ".join(BAD * 20))
    assert praise.probability > blame.probability
    assert praise.known_words == 160


def test_threads_load_a_model_once(
    trained: tuple[Path, Metrics, list[Step]], monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Path] = []
    real = artifact.load_network
    monkeypatch.setattr(
        artifact, "load_network", lambda folder: (loads.append(folder), real(folder))[1]
    )
    monkeypatch.setattr(artifact, "FOLDER", trained[0].parent)
    monkeypatch.setattr(review, "models", lambda: (trained[0].name,))
    review._loaded.cache_clear()
    classify = partial(review.classify, "superb", trained[0].name)
    threads = [threading.Thread(target=classify) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    review._loaded.cache_clear()


@pytest.mark.parametrize("name", ["model.keras", "vocabulary.txt", "metrics.json"])
def test_a_damaged_file_gives_one_clear_error(copied: Path, name: str) -> None:
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(bytes(content))
    with pytest.raises(review.ReviewModelError, match=name):
        ArticleClassifier.load(copied)


@pytest.mark.parametrize("name", ["model.keras", "vocabulary.txt", "manifest.json"])
def test_a_missing_file_gives_one_clear_error(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(review.ReviewModelError, match="incomplete"):
        ArticleClassifier.load(copied)


def test_an_interrupted_training_leaves_the_old_model(copied: Path) -> None:
    before = (copied / "model.keras").read_bytes()
    with pytest.raises(KeyboardInterrupt), artifact.writing(copied) as partial:
        (partial / "model.keras").write_bytes(b"half")
        raise KeyboardInterrupt
    assert (copied / "model.keras").read_bytes() == before
    assert [path.name for path in copied.parent.iterdir()] == ["copy"]


def test_scores_of_a_known_case() -> None:
    result = score(np.array([0.9, 0.8, 0.4, 0.1]), np.array([1, 0, 1, 0]))
    assert (result.n, result.correct, result.confusion) == (4, 2, [1, 1, 1, 1])
    assert result.f1 == pytest.approx(0.5)
    assert result.auc == pytest.approx(0.75)


def test_calibration_error_of_known_cases() -> None:
    assert calibration_error(np.full(10, 0.7), np.array([1] * 7 + [0] * 3)) == pytest.approx(0)
    assert calibration_error(np.full(10, 0.9), np.array([1] * 5 + [0] * 5)) == pytest.approx(0.4)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        training.train("nonsense", None, print)
    with pytest.raises(review.ReviewModelError, match="nonsense"):
        review.classify("superb", "nonsense")
