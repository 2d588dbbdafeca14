"""Which concept, or which contrast, a message asks for, and how sure that is: or none of them.

Every name, question, symptom and sentence of a block is a point. A message is compared with all
of them twice, by meaning (sentence vectors) and by letters (character n-grams), and a block is as
near as its nearest point. Whether the nearest block is what was meant is said by a regression on
what can be seen of the comparison; it learned on questions that the encoder never saw and on
messages that no block answers.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from spacy.lang.en.stop_words import STOP_WORDS

from models.encoder import SentenceEncoder
from models.encoder.vectors import Array, encode, quantise, restore
from models.knowledge import Block, library
from nlu.examples import Example, indexed, of_intents, prepare
from nlu.names import Link, Names, Speller, masked

# What letters say beside meaning; chosen on questions that were kept back.
LETTERS_WEIGHT = 0.7
# What a regression over all blocks says beside the nearest point, in logarithms of its chances.
LIKELY_WEIGHT = 0.07
SCALE, C, ROUNDS = 4.0, 2.0, 15
OUTSIDE = ("out_of_scope", "unknown_name")
# A word in so many follow-ups asks and names nothing.
ASKED_OFTEN = 3
SHORTEST_STRANGE = 4
# Sides that are running text; words in capitals there are names, in small letters words.
PROSE = ("definition", "example", "why", "when")
NEAREST = 5
FEATURES = (
    "score",
    "meaning",
    "letters",
    "likely",
    "ahead",
    "ahead_of_strangers",
    "named",
    "name_share",
    "other_names",
    "unsaid",
    "unknown",
    "outside",
    "words",
    "modified",
    "strange",
)


def _regression(examples: Sequence[Example]) -> tuple[Array, Array]:
    """Fit a direction and a bias for each label, in alphabetical order."""
    asked = [example for example in examples if example.part != "passage"]
    model = LogisticRegression(C=C, max_iter=ROUNDS)
    with warnings.catch_warnings():  # so few rounds are enough, and quick
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(
            encode([example.text for example in asked]) * np.float32(SCALE),
            [example.label for example in asked],
        )
    return (model.coef_ * SCALE).astype(np.float32), model.intercept_.astype(np.float32)


def asking_words(names: Names) -> frozenset[str]:
    """Return the words of follow-ups, which ask for a side of something and do not name it."""
    counts = Counter(
        word
        for example in of_intents()
        if example.label.startswith("follow_up/")
        for word in names.words(masked(example.text, names.link(example.text), " "))
    )
    return frozenset(word for word, count in counts.items() if count >= ASKED_OFTEN)


@dataclass(frozen=True)
class Finding:
    """What a message can be about.

    Attributes:
        ranking: block ids with their score (meaning plus letters), best first.
        probability: of the first being what was meant, 0 to 1.
        links: the names in the message, from left to right.
        text: the message with slips mended.
        strange: whether it holds a word that is none of the language or of the field.
        features: what the probability rests on, by ``FEATURES``.
        is_bare: whether it is a name and nothing else.
        only: the one concept that is named, if nothing else but a wish is said.
    """

    ranking: tuple[tuple[str, float], ...]
    probability: float
    links: tuple[Link, ...]
    text: str
    strange: bool
    features: dict[str, float]
    is_bare: bool = False
    only: str | None = None

    @property
    def best(self) -> str:
        """The id of the nearest block."""
        return self.ranking[0][0]

    @property
    def nearest(self) -> tuple[str, ...]:
        """The ids of the nearest blocks."""
        return tuple(block for block, _ in self.ranking[:NEAREST])

    def named(self) -> tuple[str, ...]:
        """Return the concepts that are named, the likeliest first."""
        scores = dict(self.ranking)
        found = dict.fromkeys(link.concept for link in self.links)
        return tuple(sorted(found, key=lambda concept: -scores.get(concept, 0.0)))


class ConceptIndex:
    """All points of all blocks, and the regression that knows when none of them fits."""

    def __init__(
        self,
        labels: Sequence[str],
        vectors: Array,
        letters: csr_matrix,
        vectorizer: TfidfVectorizer,
        outside: Array,
        directions: Array,
        bias: Array,
        weights: NDArray[np.float64],
        kept_back: frozenset[str] = frozenset(),
    ) -> None:
        """Keep the points, sorted by label; ``train`` and ``load`` make them.

        No word counts as known because of a question that was ``kept_back``.
        """
        self._labels = np.asarray(labels)
        self._blocks, self._first = np.unique(self._labels, return_index=True)
        self._place = {block: place for place, block in enumerate(self._blocks)}
        self._vectors, self._columns = vectors, np.ascontiguousarray(vectors.T)
        self._letters, self._vectorizer = letters, vectorizer
        self._letter_columns = letters.T.tocsr()
        self._outside, self._weights = outside, weights
        self._directions, self._bias = directions, bias
        encoder = SentenceEncoder.load()
        self._is_word = encoder.knows
        prose = [block.facets.get(side, "") for block in library().blocks for side in PROSE]
        prose += [e.text for e in of_intents() if e.label == "follow_up/why"]  # "hmm why"
        self.names = Names(library().concepts, prose)
        self._asking = asking_words(self.names)
        self._said = {block.id: self._words_of(block, kept_back) for block in library().blocks}
        counts = Counter(word for words in self._said.values() for word in words)
        self._rarity = {w: float(np.log(len(self._said) / n)) for w, n in counts.items()}
        names = (w for b in library().concepts for n in b.names for w in self.names.words(n))
        # A slip that stands among the questions must not pass for a word.
        often = (word for word, _ in counts.most_common() if encoder.knows(word))
        familiar = (*STOP_WORDS, *sorted(self._asking), *names, *often)
        self._speller = Speller((w for w in familiar if len(w) > 3), encoder.knows)

    def _words_of(self, block: Block, kept_back: frozenset[str]) -> frozenset[str]:
        texts = [*block.names, *block.facets.values()]
        asked = (*block.symptoms, *(text for asked in block.questions.values() for text in asked))
        texts += [text for text in asked if prepare(text) not in kept_back]
        return frozenset(self._words(" ".join(texts)))

    def _words(self, text: str) -> list[str]:
        """Return the words that say what a text is about, not how it asks."""
        return [word for word in self.names.words(text) if word not in self._asking]

    @classmethod
    def train(cls) -> ConceptIndex:
        """Index every example; learn when to trust the nearest from those kept back."""
        examples = sorted(indexed(), key=lambda example: example.label)
        strange = [example for example in of_intents() if example.label in OUTSIDE]
        seen = [example for example in examples if not example.is_kept_back]
        directions, bias = _regression(seen)
        part = cls._of(
            seen,
            [example for example in strange if not example.is_kept_back],
            directions,
            bias,
            np.zeros(len(FEATURES) + 1),
            frozenset(example.text for example in examples if example.is_kept_back),
        )
        asked = [example for example in (*examples, *strange) if example.is_kept_back]
        mended = [part.mend(example.text) for example in asked]
        vectors = encode(mended)
        found = [part.find(text, vector) for text, vector in zip(mended, vectors, strict=True)]
        features = np.array([list(finding.features.values()) for finding in found])
        right = np.array([f.best == e.label for f, e in zip(found, asked, strict=True)])
        known = np.array([example.label in library() for example in asked])
        # As many messages from outside as from inside, or the regression would trust everything.
        weight = np.where(known, 1.0, known.sum() / (~known).sum())
        spread = features.std(axis=0) + 1e-9
        trust = LogisticRegression(C=1.0, max_iter=1000).fit(features / spread, right, weight)
        weights = np.append(trust.coef_[0] / spread, trust.intercept_)
        return cls._of(examples, strange, directions, bias, weights)

    @classmethod
    def _of(
        cls,
        examples: Sequence[Example],
        strange: Sequence[Example],
        directions: Array,
        bias: Array,
        weights: NDArray[np.float64],
        kept_back: frozenset[str] = frozenset(),
    ) -> ConceptIndex:
        vectorizer = cls._untrained()
        texts = ["" if e.part == "passage" else e.text for e in examples]
        letters = vectorizer.fit_transform(texts).tocsr()
        labels = [example.label for example in examples]
        return cls(
            labels,
            encode([example.text for example in examples]),
            letters,
            vectorizer,
            encode([example.text for example in strange]),
            directions,
            bias,
            weights,
            kept_back,
        )

    @staticmethod
    def _untrained() -> TfidfVectorizer:
        return TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, dtype=np.float32
        )

    def find(self, text: str, vector: Array) -> Finding:
        """Return what a message can be about.

        Args:
            text: the message after ``mend``.
            vector: the sentence vector of that.
        """
        letters = (self._vectorizer.transform([text]) @ self._letter_columns).toarray()[0]
        return self._finding(text, vector, letters)

    def mend(self, text: str) -> str:
        """Return a text with slips of the fingers mended."""
        return self._speller.mend(text)

    def _finding(self, text: str, vector: Array, letters: Array) -> Finding:
        points = vector @ self._columns
        meaning = np.maximum.reduceat(points, self._first)
        letter = np.maximum.reduceat(letters, self._first)
        scores = np.maximum.reduceat(points + LETTERS_WEIGHT * letters, self._first)
        likely = log_softmax(self._directions @ vector + self._bias)
        scores = scores + LIKELY_WEIGHT * likely
        order = np.argsort(-scores)
        best = library()[str(self._blocks[order[0]])]
        near = library().neighbours(best)
        stranger = next(place for place in order[1:] if self._blocks[place] not in near)
        links = tuple(self.names.link(text))
        named = {link.concept for link in links}
        words = self._words(text)
        covered = self._words(
            " ".join(text[link.start : link.end] for link in links if link.concept in best.concepts)
        )
        unsaid = [self._rarity.get(w, 7.0) for w in words if w not in self._said[best.id]]
        total = sum(self._rarity.get(word, 7.0) for word in words)
        unknown = [word for word in words if word not in self._rarity]
        strange = [w for w in unknown if len(w) >= SHORTEST_STRANGE and not self._is_word(w)]
        linked = self._words(" ".join(text[link.start : link.end] for link in links))
        only = links[0].concept if len(named) == 1 and len(linked) == len(words) else None
        is_bare = only is not None and len(words) == len(self.names.words(text))
        beside = [
            word
            for link in links
            if link.concept in best.concepts
            for word in self.names.beside(text, link)
            if word not in self._asking and word not in self._said[best.id]
        ]
        top = order[0]
        features = {
            "score": float(scores[top]),
            "meaning": float(meaning[top]),
            "letters": float(letter[top]),
            "likely": float(likely[top]),
            "ahead": float(scores[top] - scores[order[1]]),
            "ahead_of_strangers": float(scores[top] - scores[stranger]),
            "named": len(named & set(best.concepts)) / len(best.concepts),
            "name_share": len(covered) / max(1, len(words)),
            "other_names": float(min(2, len(named - near - set(best.concepts)))),
            "unsaid": sum(unsaid) / max(1.0, total),
            "unknown": len(unknown) / max(1, len(words)),
            "outside": float((self._outside @ vector).max()),
            "words": float(np.log1p(len(words))),
            "modified": float(min(2, len(beside))),
            "strange": float(min(2, len(strange))),
        }
        chance = float(np.dot(self._weights[:-1], list(features.values())) + self._weights[-1])
        ranking = tuple((str(self._blocks[place]), float(scores[place])) for place in order[:20])
        trust = 1 / (1 + float(np.exp(-chance)))
        return Finding(ranking, trust, links, text, bool(strange), features, is_bare, only)

    def save(self, path: Path) -> None:
        """Write the fitted parts as arrays, without pickle."""
        small, scale = quantise(self._vectors)
        strange, strange_scale = quantise(self._outside)
        np.savez_compressed(
            path,
            labels=self._labels,
            vectors=small,
            scale=scale,
            outside=strange,
            outside_scale=strange_scale,
            letters=self._letters.data.astype(np.float16),
            letter_columns=self._letters.indices.astype(np.int32),
            letter_rows=self._letters.indptr.astype(np.int32),
            terms=self._vectorizer.get_feature_names_out().astype(str),
            term_weights=self._vectorizer.idf_,
            directions=self._directions.astype(np.float16),
            bias=self._bias,
            weights=self._weights,
        )

    @classmethod
    def load(cls, path: Path) -> ConceptIndex:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            vectorizer = cls._untrained().set_params(vocabulary=stored["terms"].tolist())
            vectorizer.idf_ = stored["term_weights"]
            letters = csr_matrix(
                (
                    stored["letters"].astype(np.float32),
                    stored["letter_columns"],
                    stored["letter_rows"],
                ),
                shape=(len(stored["labels"]), len(stored["terms"])),
            )
            return cls(
                stored["labels"].tolist(),
                restore(stored["vectors"], stored["scale"]),
                letters,
                vectorizer,
                restore(stored["outside"], stored["outside_scale"]),
                stored["directions"].astype(np.float32),
                stored["bias"],
                stored["weights"],
            )
