"""Train the default model: weighted n-grams of whole reviews and of short stretches of them.

Stretches of a few sentences teach it short text; phrases made from its own strongest words,
plain and negated, teach it what a negation does. A block of reviews with neighbouring ids is
kept apart to choose from, and texts that occur in the test reviews too are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.review import ngrams
from models.review.linear import LinearScorer, Settings
from models.review.ngrams import Floats, Ints
from models.review.progress import Progress, Step
from models.review.tokens import FIRST, Lexicon

WORDS = 40_000
VALIDATION_FROM = 11_250
STRENGTH = 3.0
CROPS, CROP_IMPORTANCE, CROP_WORDS = 3, 0.25, (6, 45)
PHRASE_IMPORTANCE, STRONGEST = 0.5, 250
CLIP = 99.995

_PLAIN = ("{}", "it was {}", "this film is {}", "really {}", "a {} movie")
_NEGATED = ("not {}", "it was not {}", "this film isn't {}", "never {}", "not a {} movie")


@dataclass(frozen=True)
class Trained:
    """What training gives: the tables of the network and the words they are for."""

    lexicon: Lexicon
    table: npt.NDArray[np.int8]
    negator: npt.NDArray[np.int8]
    settings: Settings


def lexicon_of(reviews: Sequence[Sequence[str]], words: int = WORDS) -> Lexicon:
    """Return the words that most reviews hold; single ones are left out."""
    counts = Counter(chain.from_iterable(map(set, reviews)))
    frequent = sorted((-count, word) for word, count in counts.items() if count > 2)
    return Lexicon([word for _, word in frequent[:words]])


def crops(reviews: Sequence[Ints], seed: int, each: int = CROPS) -> tuple[list[Ints], Ints]:
    """Cut random stretches of 6 to 45 words; return them and the review each is from."""
    random = np.random.default_rng(seed)
    pieces, owners = [], []
    for number, ids in enumerate(reviews):
        for size in random.integers(*CROP_WORDS, each):
            start = int(random.integers(0, max(1, len(ids) - size)))
            pieces.append(ids[start : start + size])
            owners.append(number)
    return pieces, np.array(owners, np.int64)


def phrases(
    lexicon: Lexicon, weights: Floats, strongest: int = STRONGEST
) -> tuple[list[Ints], Ints]:
    """Make short phrases from the strongest words; a negation turns their label around."""
    numbers = np.arange(FIRST, len(lexicon))
    weight = weights[ngrams.hashed(numbers, 0, 0)]
    order = np.argsort(weight)
    made, labels = [], []
    for label, chosen in ((0, order[:strongest]), (1, order[-strongest:])):
        for number in chosen:
            word = lexicon.words[number]
            for pattern in (*_PLAIN, *_NEGATED):
                made.append(lexicon.encode(pattern.format(word)))
                labels.append(label if pattern in _PLAIN else 1 - label)
    return made, np.array(labels, np.int64)


def fit(
    lexicon: Lexicon,
    reviews: Sequence[Ints],
    labels: Ints,
    held_out: tuple[Sequence[Ints], Ints],
    seed: int,
    progress: Progress,
) -> Trained:
    """Train on reviews and set the gains of the logit on the held-out ones."""
    negator = np.zeros(len(lexicon), np.int8)
    for number, word in enumerate(lexicon.words, FIRST):
        negator[number] = word in ngrams.NEGATORS
    progress(Step("cutting", 1, 4))
    pieces, owners = crops(reviews, seed)
    texts = [*reviews, *pieces]
    targets = np.concatenate([labels, labels[owners]])
    importance = np.ones(len(texts), np.float32)
    importance[len(reviews) :] = CROP_IMPORTANCE
    held, scale = _matrix(texts, negator)
    ratio = ngrams.ratios(held[: len(reviews)], labels, importance[: len(reviews)])
    progress(Step("phrases", 2, 4))
    made, made_labels = phrases(lexicon, ratio * _common(held[: len(reviews)]))
    extra, extra_scale = _matrix(made, negator)
    progress(Step("fitting", 3, 4))
    weights, bias = ngrams.fit(
        sparse.vstack([held, extra], format="csr"),
        np.concatenate([scale, extra_scale]),
        np.concatenate([targets, made_labels]),
        np.concatenate([importance, np.full(len(made), PHRASE_IMPORTANCE, np.float32)]),
        STRENGTH,
        seed,
    )
    step = float(np.percentile(np.abs(weights[weights != 0]), CLIP)) / 127
    table = np.clip(np.rint(weights / step), -127, 127).astype(np.int8)
    settings = Settings(step, bias, 1.0, 1.0)
    settings = _gains(LinearScorer(table, negator, settings), settings, held_out, seed)
    progress(Step("fitting", 4, 4))
    return Trained(lexicon, table, negator, settings)


def _gains(
    scorer: LinearScorer, settings: Settings, held_out: tuple[Sequence[Ints], Ints], seed: int
) -> Settings:
    """Choose the gains that make whole reviews and short stretches well calibrated."""
    from scipy.optimize import minimize_scalar

    reviews, labels = held_out
    pieces, owners = crops(reviews, seed + 1, 1)
    found = []
    for texts, targets in ((pieces, labels[owners]), (reviews, labels)):
        logits = scorer.logits(texts).astype(np.float64)
        signed = np.where(targets == 1, logits, -logits)
        found.append(
            minimize_scalar(
                lambda gain, signed=signed: np.logaddexp(0, -gain * signed).mean(),
                bounds=(0.2, 5),
                method="bounded",
            ).x
        )
    return Settings(settings.step, settings.bias, float(found[0]), float(found[1]))


def _matrix(
    texts: Sequence[Ints], negator: npt.NDArray[np.int8]
) -> tuple[sparse.csr_matrix, Floats]:
    sizes = np.array([len(ids) for ids in texts], np.int64)
    return ngrams.matrix(np.concatenate(texts), sizes, negator > 0)


def _common(held: sparse.csr_matrix) -> Floats:
    """Return 1 for buckets that enough reviews hold to trust their ratio, else 0."""
    counts = np.bincount(held.indices, minlength=ngrams.BUCKETS)
    result: Floats = (counts >= 60).astype(np.float32)
    return result
