"""Train the default model: n-grams and filters that teach each other, then their blend.

A block of reviews with neighbouring ids is kept apart to choose from; texts that occur in
the test reviews too are left out. The test reviews are scored once, at the very end.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.review import corpus, opinions
from models.review.default_release import release
from models.review.evaluation import Metrics
from models.review.opinions import SIDES, Opinion
from models.review.progress import Progress, Step
from models.review.teaching import Sizes, Teaching, Texts
from models.review.tokens import Ids, Lexicon, tokens

PACE = 2500


def train(
    folder: Path | None, progress: Progress, output: Path, seed: int, sizes: Sizes | None = None
) -> Metrics:
    """Train the default model, measure it once on the test reviews, write its folder."""
    sizes = sizes or Sizes()
    begin = time.monotonic()
    reviews = corpus.load(folder)
    split = [_words(texts, progress) for texts in (reviews.train, reviews.unlabelled)]
    known = set(reviews.test)
    fresh = np.array([text not in known for text in reviews.train])
    apart = reviews.train_ids >= (1 - sizes.validation) * (reviews.train_ids.max() + 1)
    told, told_apart = opinions.load()
    lexicon = _lexicon(
        [words for words, held_out in zip(split[0], apart, strict=True) if not held_out] + split[1],
        [tokens(opinion.text) for opinion in told],
        sizes,
    )
    train_ids, unlabelled = ([lexicon.number(words) for words in part] for part in split)
    del split
    chosen, held_out = np.flatnonzero(fresh & ~apart), np.flatnonzero(fresh & apart)
    texts = Texts([train_ids[i] for i in chosen], reviews.train_labels[chosen])
    validation = Texts([train_ids[i] for i in held_out], reviews.train_labels[held_out])
    short = Texts(*_sided(told, lexicon)), Texts(*_sided(told_apart, lexicon))
    teaching = Teaching(lexicon, texts, unlabelled, validation, short, sizes, seed, progress)
    tables = teaching.tables()
    test_labels = reviews.test_labels
    return release(
        output,
        lexicon,
        tables,
        validation,
        [reviews.train[i] for i in held_out],
        (told, told_apart),
        lambda: Texts([lexicon.number(w) for w in _words(reviews.test, progress)], test_labels),
        seed=seed,
        seconds=round(time.monotonic() - begin, 1),
        data=reviews.hashes,
        history=teaching.history,
        extra={
            "training_reviews": len(chosen),
            "opinions": len(told) + len(told_apart),
            "unlabelled_reviews": len(unlabelled),
            "left_out_as_duplicates": int((~fresh).sum()),
        },
    )


def _words(texts: Sequence[str], progress: Progress) -> list[list[str]]:
    rows = []
    for number, text in enumerate(texts, 1):
        rows.append(tokens(text))
        if number % PACE == 0 or number == len(texts):
            progress(Step(f"reading {len(texts):,} reviews", number, len(texts)))
    return rows


def _sided(told: Sequence[Opinion], lexicon: Lexicon) -> tuple[list[Ids], npt.NDArray[np.int64]]:
    """Return word ids and labels of the opinions that take a side."""
    sided = [opinion for opinion in told if opinion.label in SIDES]
    labels = np.array([SIDES.index(opinion.label) for opinion in sided], np.int64)
    return [lexicon.number(tokens(opinion.text)) for opinion in sided], labels


def _lexicon(
    reviews: Sequence[Sequence[str]], told: Sequence[Sequence[str]], sizes: Sizes
) -> Lexicon:
    """Return the words that most reviews hold, an opinion counting as several."""
    counts = Counter(chain.from_iterable(map(set, reviews)))
    for word in chain.from_iterable(map(set, told)):
        counts[word] += sizes.per_opinion
    frequent = sorted((-count, word) for word, count in counts.items() if count >= sizes.common)
    return Lexicon([word for _, word in frequent[: sizes.words]])
