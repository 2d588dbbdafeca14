"""Which concept, or which contrast, a message asks for, and how sure that is: or none of them.

Every name, question and symptom of a block is a point. A message is compared with all
of them twice, by meaning (sentence vectors) and by letters (character n-grams), and a block is as
near as its nearest point. Whether the nearest block is what was meant is said by a regression on
what can be seen of the comparison; it learned on questions that the encoder never saw and on
messages that no block answers.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.lang.en.tokenizer_exceptions import TOKENIZER_EXCEPTIONS

from models.encoder import SentenceEncoder
from models.encoder.vectors import Array, encode, quantise, restore
from models.knowledge import Block, library
from nlu.examples import FOLLOW_UP, Example, indexed, names, of_intents, prepare, said_in_lab
from nlu.names import Link, Names, Speller, masked
from nlu.points import Points
from nlu.regression import Regression, fit_trust

# What a regression over all blocks says beside the nearest point, in logarithms of its chances.
LIKELY_WEIGHT = 0.07
SCALE, C, ROUNDS = 4.0, 2.0, 8
OUTSIDE = ("out_of_scope", "unknown_name")
# A word in so many follow-ups asks and names nothing.
ASKED_OFTEN = 3
SHORTEST_STRANGE = 4
# A word in so many examples of intents is no slip; slips stand in a few of them.
SAID_OFTEN = 5
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


def _is_point(example: Example) -> bool:
    """Whether a text asks for its block wherever it is said: no aside, no word such as "hmm"."""
    return not example.is_aside and not (example.part == "name" and names().is_word(example.text))


def asking_words() -> frozenset[str]:
    """Return the words of follow-ups, which ask for a side of something and do not name it."""
    follow_ups = (each.text for each in of_intents() if each.label.startswith(FOLLOW_UP))
    asked = (masked(text, names().link(text), " ") for text in follow_ups)
    counts = Counter(word for text in asked for word in Names.words(text))
    return frozenset(word for word, count in counts.items() if count >= ASKED_OFTEN)


@functools.lru_cache(maxsize=1)
def _written() -> frozenset[str]:
    """Return every word of the answers, which are free of slips, and what people say often.

    That is also "cant" and "thats", which spaCy knows.
    """
    in_lab = (example for _, example in said_in_lab())
    examples = (*of_intents(), *in_lab)
    said = Counter(word for example in examples for word in Names.words(example.text))
    told = (text for block in library().blocks for text in block.facets.values())
    often = {word for word, count in said.items() if count >= SAID_OFTEN}
    return frozenset(often.union(TOKENIZER_EXCEPTIONS, *(Names.words(text) for text in told)))


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
        vector: the message among the points.
        score_of: the score of a block by its id, whatever its place in the ranking.
        is_bare: whether it is a name and nothing else.
        only: the one concept that is named, if nothing else but a wish is said.
    """

    ranking: tuple[tuple[str, float], ...]
    probability: float
    links: tuple[Link, ...]
    text: str
    strange: bool
    features: dict[str, float]
    vector: Array
    score_of: Callable[[str], float]
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
        points: Points,
        outside: Array,
        likely: Regression,
        trust: Regression | None = None,
        kept_back: frozenset[str] = frozenset(),
    ) -> None:
        """Keep the points; ``train`` and ``load`` make them.

        No word counts as known because of a question that was ``kept_back``.
        """
        self._points, self._outside = points, outside
        self._likely, self._trust = likely, trust
        knows, written = SentenceEncoder.load().knows, _written()
        self._is_word = lambda word: knows(word) or word in written
        self.names = names()
        self._asking = asking_words()
        self._said = {block.id: self._words_of(block, kept_back) for block in library().blocks}
        counts = Counter(word for words in self._said.values() for word in words)
        self._rarity = {w: float(np.log(len(self._said) / n)) for w, n in counts.items()}
        called = [self.names.words(n) for block in library().concepts for n in block.names]
        # A slip that stands among the questions must not pass for a word.
        often = (word for word, _ in counts.most_common() if self._is_word(word))
        familiar = (*STOP_WORDS, *sorted(self._asking), *itertools.chain(*called), *often)
        self._speller = Speller((w for w in familiar if len(w) > 3), self._is_word, called)

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
        """Index every example; trust the nearest as an index without those kept back does."""
        part = cls.without_kept_back()
        points = Points.train([*filter(_is_point, indexed())], part._points.basis)
        strange = [example.text for example in of_intents() if example.label in OUTSIDE]
        outside = points.project(encode(strange))
        return cls(points, outside, part._likely, part._trust)

    @classmethod
    @functools.lru_cache(maxsize=1)
    def without_kept_back(cls) -> ConceptIndex:
        """Index what was not kept back; learn from the rest when to trust the nearest."""
        strange = [example for example in of_intents() if example.label in OUTSIDE]
        seen = [each for each in indexed() if _is_point(each) and not each.is_kept_back]
        points = Points.train(seen)
        outside = encode([example.text for example in strange if not example.is_kept_back])
        asked = [e for e in (*indexed(), *strange) if e.is_kept_back and not e.is_aside]
        texts, labels = [each.text for each in seen], [each.label for each in seen]
        likely = Regression.fit(encode(texts), labels, c=C, rounds=ROUNDS, scale=SCALE)
        kept_back = frozenset(example.text for example in asked)
        index = cls(points, points.project(outside), likely, None, kept_back)
        mended = [index.mend(example.text) for example in asked]
        found = index.find(mended, encode(mended))
        features = np.array([list(finding.features.values()) for finding in found])
        right = np.array([f.best == e.label for f, e in zip(found, asked, strict=True)])
        known = np.array([example.label in library() for example in asked])
        # As many messages from outside as from inside, or the regression would trust everything.
        weight = np.where(known, 1.0, known.sum() / (~known).sum())
        index._trust = fit_trust(features, right.tolist(), weight)
        return index

    def project(self, vectors: Array) -> Array:
        """Return sentence vectors in the dimensions of the points, of length 1."""
        return self._points.project(vectors)

    def mend(self, text: str) -> str:
        """Return a text with slips of the fingers mended."""
        return self._speller.mend(text)

    def find(self, texts: Sequence[str], meant: Array) -> list[Finding]:
        """Return what each message can be about.

        Args:
            texts: the messages after ``mend``.
            meant: their sentence vectors, shape (messages, 384).
        """
        vectors = self.project(meant)
        meanings, likely = self._points.meanings(vectors), self._likely.logits(meant)
        return [*map(self._find, texts, vectors, meanings, likely)]

    def _find(self, text: str, vector: Array, meaning: Array, likely: Array) -> Finding:
        """Return what a message can be about, once its meaning was compared."""
        blocks, compared = self._points.blocks, self._points.compare(text, meaning)
        scores = compared.scores + LIKELY_WEIGHT * likely
        order = np.argsort(-scores)
        best = library()[str(blocks[order[0]])]
        near = library().neighbours(best)
        stranger = next(place for place in order[1:] if blocks[place] not in near)
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
            "meaning": self._points.nearest(compared.meaning, top),
            "letters": self._points.nearest(compared.letters, top),
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
        return Finding(
            tuple((str(blocks[place]), float(scores[place])) for place in order[:20]),
            self._trust.chance(list(features.values())) if self._trust else 0.0,
            links,
            text,
            bool(strange),
            features,
            vector,
            lambda block: float(scores[blocks.searchsorted(block)]),
            is_bare,
            only,
        )

    def arrays(self) -> dict[str, Any]:
        """Return the fitted parts."""
        outside, outside_scale = quantise(self._outside)
        return {
            "outside": outside,
            "outside_scale": outside_scale,
            **self._likely.arrays("likely"),
            **(self._trust.arrays("trust") if self._trust else {}),
            **self._points.arrays(),
        }

    @classmethod
    def of_arrays(cls, stored: Any) -> ConceptIndex:
        """Return what ``arrays`` packed."""
        return cls(
            Points.of_arrays(stored),
            restore(stored["outside"], stored["outside_scale"]),
            *(Regression.of_arrays(stored, name) for name in ("likely", "trust")),
        )
