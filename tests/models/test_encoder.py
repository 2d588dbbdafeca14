"""The sentence encoder, and the vectors kept beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models import encoder
from models.encoder import DIMENSIONS, EncoderError, SentenceEncoder, padded, vectors

SENTENCES = [
    "what is overfitting",
    "where can I buy iris bulbs",
    "k=5",
    "how would you explain to a child that a network learns from examples and not from rules",
    "漢字 😀",
    "",
]


@pytest.fixture
def fresh() -> Iterator[None]:
    SentenceEncoder.load.cache_clear()
    yield
    SentenceEncoder.load.cache_clear()


def test_sentences_become_unit_vectors() -> None:
    found = SentenceEncoder.load().encode(SENTENCES)
    assert found.shape == (len(SENTENCES), DIMENSIONS)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_no_sentence_gives_no_vector() -> None:
    assert SentenceEncoder.load().encode([]).shape == (0, DIMENSIONS)


def test_a_sentence_does_not_depend_on_its_batch() -> None:
    model = SentenceEncoder.load()
    together = model.encode(SENTENCES)
    alone = np.concatenate([model.encode([sentence]) for sentence in SENTENCES])
    assert np.abs(together - alone).max() < 1e-5


def test_vectors_come_in_the_order_of_the_sentences() -> None:
    model = SentenceEncoder.load()
    turned = model.encode(SENTENCES[::-1])[::-1]
    assert np.abs(model.encode(SENTENCES) - turned).max() < 1e-5


def test_like_meanings_lie_near_each_other() -> None:
    asked, alike, other = SentenceEncoder.load().encode(
        [
            "my model memorises the training data",
            "what is overfitting",
            "what is a confusion matrix",
        ]
    )
    assert asked @ alike > asked @ other + 0.1


def test_a_very_long_text_is_cut() -> None:
    model = SentenceEncoder.load()
    long = model.encode(["network " * 200, "network " * 2_000])
    assert np.abs(long[0] - long[1]).max() < 1e-5


def test_words_that_are_never_taken_apart() -> None:
    model = SentenceEncoder.load()
    assert model.knows("network")
    assert not model.knows("overfiting")


def test_padding_is_masked() -> None:
    ids, mask = padded([[1, 2, 3], [4]])
    assert ids.tolist() == [[1, 2, 3], [4, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.usefixtures("fresh")
def test_a_file_of_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (encoder.FOLDER / "encoder.onnx").read_bytes()
    (tmp_path / "encoder.onnx").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    monkeypatch.setattr(encoder, "FOLDER", tmp_path)
    with pytest.raises(EncoderError, match="damaged"):
        SentenceEncoder.load()


@pytest.mark.usefixtures("fresh")
def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "FOLDER", tmp_path)
    with pytest.raises(EncoderError, match=r"encoder\.onnx"):
        SentenceEncoder.load()


def test_the_encoder_is_loaded_once() -> None:
    assert SentenceEncoder.load() is SentenceEncoder.load()


def test_kept_vectors_point_where_the_encoders_do(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    vectors.write(SENTENCES[:3], path)
    assert vectors.known_share(SENTENCES, path) == 3 / len(SENTENCES)
    likeness = (vectors.encode(SENTENCES, path) * SentenceEncoder.load().encode(SENTENCES)).sum(1)
    assert np.allclose(likeness, 1.0, atol=1e-3)


def test_kept_vectors_are_not_encoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.npz"
    vectors.write(SENTENCES, path)
    monkeypatch.setattr(SentenceEncoder, "load", lambda: pytest.fail("encoded again"))
    assert vectors.encode([*SENTENCES, SENTENCES[0]], path).shape == (7, DIMENSIONS)


def test_writing_keeps_these_texts_and_no_others(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    vectors.write(SENTENCES[:2], path)
    vectors.write(SENTENCES[1:3], path)
    assert [vectors.known_share([text], path) for text in SENTENCES[:3]] == [0.0, 1.0, 1.0]


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert vectors.known_share(SENTENCES, tmp_path / "none.npz") == 0.0
    assert vectors.encode([], tmp_path / "none.npz").shape == (0, DIMENSIONS)


def test_packing_a_vector_turns_it_by_little() -> None:
    table = np.random.default_rng(0).normal(size=(20, DIMENSIONS)).astype(np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    restored = vectors.restore(*vectors.quantise(table))
    assert np.linalg.norm(restored, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (table * restored).sum(1).min() > 0.9995


def test_what_git_holds_of_the_encoder_stays_within_its_limit() -> None:
    files = [file for file in encoder.FOLDER.iterdir() if file.is_file()]
    assert max(file.stat().st_size for file in files) <= 50_000_000
