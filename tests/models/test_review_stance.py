"""What a text takes sides on, how that is learned and decided, and from which opinions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml

from models.review import decision, opinions, stance, stance_training
from models.review.decision import Decision
from models.review.errors import ReviewModelError
from models.review.mending import Mender
from models.review.stance import STANCES, Stance
from models.review.tokens import Lexicon, tokens
from models.review.weighing import Text

HELD_OUT = Path(__file__).parents[1] / "conversations" / "held_out_reviews.yml"
TAUGHT = {
    "sided": ["a lovely film", "an awful film", "the cast is superb", "the script is a mess"],
    "unsure": ["it was ok I suppose", "ok but nothing more", "some of it was ok", "neither here"],
    "no_opinion": ["the bus is late", "buy milk and eggs", "the bus leaves at nine", "two eggs"],
}

MEANINGS = np.random.default_rng(1).normal(size=(12, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    lexicon = Lexicon(sorted({w for said in TAUGHT.values() for t in said for w in tokens(t)}))
    return [Text.split(t, lexicon, Mender(lexicon)) for said in TAUGHT.values() for t in said]


@pytest.fixture(scope="module")
def taught(texts: list[Text]) -> Stance:
    return stance_training.fit(texts, MEANINGS, np.repeat([0, 1, 2], 4), 7)


def test_each_text_is_nearest_to_its_own_stance(texts: list[Text], taught: Stance) -> None:
    found = []
    for text, meaning in zip(texts, MEANINGS, strict=True):
        unsure, nothing = taught.logits(text, meaning)
        found.append(STANCES[int(np.argmax([0.0, unsure, nothing]))])
    assert found == [name for name in TAUGHT for _ in range(4)]


def test_where_a_text_begins_and_ends_counts() -> None:
    alone, within = np.array([5]), np.array([4, 5, 6])
    shared = set(stance.buckets(alone).tolist()) & set(stance.buckets(within).tolist())
    assert len(shared) == 1  # the word itself
    assert len(stance.buckets(np.array([5, 5]))) < len(stance.buckets(np.array([5, 6])))
    assert len(stance.buckets(np.zeros(0, np.int64))) > 0


def test_the_weights_come_back_from_disk(taught: Stance, texts: list[Text], tmp_path: Path) -> None:
    path = tmp_path / "stance.npz"
    taught.write(path)
    again = Stance.read(path)
    assert again.logits(texts[0], MEANINGS[0]) == taught.logits(texts[0], MEANINGS[0])
    path.write_bytes(b"nothing of that form")
    with pytest.raises(ReviewModelError, match=r"stance\.npz"):
        Stance.read(path)


def test_a_decision_learns_which_signal_matters_and_comes_back_from_disk(tmp_path: Path) -> None:
    seen = np.repeat(np.eye(3), 20, axis=0)
    learned = decision.fit(seen, np.repeat([0, 1, 2], 20), np.ones(60))
    assert [learned(row) for row in np.eye(3)] == list(STANCES)
    learned.write(tmp_path / "decision.json")
    assert Decision.read(tmp_path / "decision.json") == learned
    (tmp_path / "decision.json").write_text("{}")
    with pytest.raises(ReviewModelError):
        Decision.read(tmp_path / "decision.json")


def test_the_opinions_hold_every_label_and_each_text_once() -> None:
    told, apart = opinions.load()
    counts = Counter(opinion.label for opinion in (*told, *apart))
    assert set(counts) == {"positive", "negative", "unsure", "no_opinion"}
    assert 0.9 < counts["positive"] / counts["negative"] < 1.1
    assert len({opinion.text.lower() for opinion in (*told, *apart)}) == sum(counts.values())
    assert len(told) == pytest.approx(9 * len(apart), rel=0.02)


def test_nothing_that_is_held_out_was_taught() -> None:
    told, apart = opinions.load()
    held_out = {" ".join(item["text"].lower().split()) for item in yaml.safe_load(HELD_OUT.open())}
    assert held_out.isdisjoint(" ".join(o.text.lower().split()) for o in (*told, *apart))


def test_an_unknown_label_is_named(tmp_path: Path) -> None:
    path = tmp_path / "opinions.tsv"
    path.write_text("label\ttext\npositive\tfine\ngreat\tfine\n")
    with pytest.raises(ReviewModelError, match="great"):
        opinions.load(path)
