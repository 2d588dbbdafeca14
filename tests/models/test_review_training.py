"""The parts of reading and training: plain text, opinions, lessons, ratings, who imports whom."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import yaml

from models.review import artifact, ratings
from models.review.judge import Decision, Shares
from models.review.language import is_foreign
from models.review.text import plain, read, tokens
from models.review.training import encoder, lessons
from models.review.training.corpus import Labelled
from models.review.verdict import STANCES, ReviewModelError

HELD_OUT = Path(__file__).parents[1] / "conversations" / "held_out_reviews.yml"


@pytest.mark.parametrize(
    ("raw", "read_as"),
    [
        ("It does n't bore .", "It doesn't bore ."),
        ("it ca n 't last", "it can't last"),
        ("This isn&#39;t bad &amp; loud", "This isn't bad & loud"),
        ("I&nbsp;won’t", "I\xa0won't"),
        ("a<br />b", "a b"),
        ("&lt;br&gt;it 's fine", " it's fine"),
        ("``so'' -LRB- he says -RRB-", '"so" ( he says )'),
        ("nothing to do", "nothing to do"),
    ],
)
def test_what_exports_did_to_a_text_is_undone(raw: str, read_as: str) -> None:
    assert plain(raw).text == read_as


@pytest.mark.parametrize(
    "raw", ["Don&#39;t go!", "İstanbul İs fine", "a<br/>b &amp; c", "does n't", "\U0001f60d fine"]
)
def test_every_word_has_its_place_in_the_raw_text(raw: str) -> None:
    text = plain(raw)
    words, places = read(text.text)
    assert words == tokens(raw)
    found = [text.raw(*place) for place in places]
    assert all(0 <= start < end <= len(raw) for start, end in found)
    assert found == sorted(found)


def test_words_keep_apostrophes_and_marks_of_feeling() -> None:
    words = ["it", "isn't", "good", "!", "****", ":-)", "loved"]
    assert tokens("It ISN’T good!<br /><br />**** :-) \U0001f60d") == words


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("a solid 8/10", 0.8),
        ("three stars out of six", 0.5),
        ("★★★★☆", 0.8),
        ("★ ★ ★", 0.6),
        ("two and a half stars out of 5", 0.5),
        ("I give it 12/10", None),
        ("on 11/10/2021 we went", None),
        ("It runs 1½ hours", None),
    ],
)
def test_ratings(text: str, share: float | None) -> None:
    found = ratings.rating(text)
    assert (found and found[0]) == share


@pytest.mark.parametrize(
    "text",
    [
        *("I saw Das Boot and La Dolce Vita and liked both of them", "ok", "meh film", "nah", ""),
        *("luv it", "trash af", "Werner Herzog", "Amores Perros, wow", "Bravissimo!", "10/10"),
        *("naïve and dull", "a tour de force", "Timothée Chalamet is a dream", "b8 movie"),
        *("\ud800 dull", "dull\x00", "1,000 \ufffe dull"),
    ],
)
def test_english_is_not_foreign(text: str) -> None:
    assert not is_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Der Film ist nicht gut und sehr langweilig", "Hat mir gar nicht gefallen"),
        *("Un film formidable avec une histoire qui est très belle", "no me gustó nada"),
        *("Film noioso e troppo lungo.", "nie podobał mi się", "riktigt bra film, rekommenderas"),
        *("ужасный фильм", "最高の映画", "정말 재미있는 영화", "η ταινία ήταν βαρετή"),
        "der Film ist\x07 nicht gut\nund sehr \ud800 lang",
    ],
)
def test_other_languages_are_foreign(text: str) -> None:
    assert is_foreign(text)


def test_no_english_opinion_is_lost() -> None:
    opinions = (opinion for part in lessons.load_opinions() for opinion in part)
    lost = [each.text for each in opinions if each.label != "no_opinion" and is_foreign(each.text)]
    assert set(lost) <= {"Comme ci, comme ça."}


def test_the_opinions_hold_every_label_and_each_text_once() -> None:
    told, apart = lessons.load_opinions()
    counts = Counter(opinion.label for opinion in (*told, *apart))
    assert set(counts) == {"positive", "negative", "unsure", "no_opinion"}
    assert 0.9 < counts["positive"] / counts["negative"] < 1.1
    assert len({opinion.text.lower() for opinion in (*told, *apart)}) == sum(counts.values())
    assert len(told) == pytest.approx(9 * len(apart), rel=0.02)


def test_nothing_that_is_held_out_was_taught() -> None:
    told, apart = lessons.load_opinions()
    held_out = {" ".join(item["text"].lower().split()) for item in yaml.safe_load(HELD_OUT.open())}
    assert held_out.isdisjoint(" ".join(o.text.lower().split()) for o in (*told, *apart))


def test_an_unknown_label_is_named(tmp_path: Path) -> None:
    path = tmp_path / "opinions.tsv"
    path.write_text("label\tkind\ttext\npositive\tany\tfine\ngreat\tany\tfine\n")
    with pytest.raises(ReviewModelError, match="great"):
        lessons.load_opinions(path)


def test_stretches_that_contradict_their_review_are_left_out() -> None:
    reviews = ["It was awful. I loved it. The cast was there."] * 40
    found = lessons.of_reviews(
        Labelled(reviews, np.ones(40, np.int64)),
        lambda texts: np.array([0.0 if "awful" in text else 1.0 for text in texts], np.float32),
        20,
        3,
    )
    assert 0 < len(found) <= 20
    assert all("awful" not in lesson.text and lesson.side > 0.5 for lesson in found)
    assert all(lesson.stance_weight == 0 for lesson in found)


def test_the_decision_comes_back_from_disk(tmp_path: Path) -> None:
    decision = Decision(Shares(1, 2, 3), Shares(4, 5, 6), 1.5, np.eye(3).tolist(), [0, 0, 0])
    assert [decision.stance_of(row) for row in np.eye(3)] == list(STANCES)
    artifact.write_json(tmp_path / "decision.json", asdict(decision))
    assert Decision.read(tmp_path / "decision.json") == decision


def test_answering_loads_nothing_that_trains() -> None:
    code = (
        "import sys; from models import review; review.classify('a lovely film');"
        "trains = ('models.review.training', 'tensorflow');"
        "sys.exit(any(name.startswith(trains) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_text_of_a_test_is_learned_from() -> None:
    learned = {opinion.text.casefold() for part in lessons.load_opinions() for opinion in part}
    blind = Path(__file__).parents[1] / "review" / "blind"
    tested = [line.split("\t")[-1] for path in blind.glob("*.tsv") for line in path.open("r")]
    assert len(tested) > 400
    assert learned.isdisjoint(text.strip().casefold() for text in tested)
    assert learned.isdisjoint({"meh.", "so-so", "i loved it"})


def test_the_served_encoder_can_be_learned_on_and_comes_back_the_same(tmp_path: Path) -> None:
    served = artifact.FOLDER / "default" / "encoder.onnx"
    model = encoder.build()
    encoder.begin(model, served)
    encoder.write(model, tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == served.read_bytes()


def test_small_steps_of_learning_survive_the_rounding() -> None:
    whole = np.random.default_rng(1).integers(-63, 64, (200, 50)).astype(np.float32)
    whole[0] = 63
    moved = whole + 0.1 * (np.abs(whole) < 60)
    graph = encoder.Graph()
    assert (graph.rounded(whole)[0] == whole).all()
    stored = graph.rounded(moved)[0].mean() - whole.mean()
    assert stored == pytest.approx((moved - whole).mean(), abs=0.01)
