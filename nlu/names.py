"""Find the names of concepts in a message, slips of the fingers included."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import spacy
from rapidfuzz import process
from rapidfuzz.distance import OSA
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.matcher import PhraseMatcher
from spacy.util import filter_spans

from models.knowledge import Block

# Word marks that people set or leave out: "k-means", "train_test_split", "precision/recall".
_MARKS = str.maketrans("-_/’", "   '")
_WORD = re.compile(r"[^\W\d_]{4,}")
_LETTERS = re.compile(r"[^\W\d_]+")
# A word of running text, not of code: "sgd" in quotes and "torch.cuda" are none.
_STANDS_FREE = re.compile(r"(?<![^\s(])[^\W\d_]{1,40}(?![^\s,.;:!?)])")
_LAST_WORD = re.compile(r"([^\W\d_]{1,40}) \Z")
_NEXT_WORD = re.compile(r" ([^\W\d_]{1,40})")
_MOST_WORDS = 60
# One slip in four letters, two in eight.
_ALIKE = 0.75
# A word of the language must be more like the part of a name that it is taken for.
_AS_ALIKE = 0.85


@dataclass(frozen=True)
class Link:
    """A name in a message: the concept it names, and where it stands."""

    concept: str
    start: int
    end: int


class Names:
    """Every name and alias of the concepts, found by spaCy's matcher."""

    def __init__(self, concepts: Iterable[Block], prose: Iterable[str] = ()) -> None:
        """Index the names.

        Args:
            concepts: whose names to find.
            prose: texts. An acronym that is a word in them ("MAP", "ICE") counts only in its own
                capitals.
        """
        words = (word for text in prose for word in _STANDS_FREE.findall(text))
        self._common = {word for word in words if word.islower()}
        self._nlp = spacy.blank("en")
        self._any = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._exact = PhraseMatcher(self._nlp.vocab, attr="ORTH")
        for block in concepts:
            for name in block.names:
                plain = name.translate(_MARKS)
                matcher = self._exact if self.is_word(plain) else self._any
                forms = [plain] if plain.endswith("s") else [plain, f"{plain}s"]
                matcher.add(block.id, [self._nlp.make_doc(form) for form in forms])

    def is_word(self, name: str) -> bool:
        """Whether a name is an acronym that means something else in small letters: "hmm"."""
        return name.isupper() and name.lower() in self._common

    def link(self, text: str) -> list[Link]:
        """Return the names in a text from left to right; of names that overlap, the longest."""
        doc = self._nlp.make_doc(text.translate(_MARKS))
        spans = [*self._any(doc, as_spans=True), *self._exact(doc, as_spans=True)]
        return [Link(span.label_, span.start_char, span.end_char) for span in filter_spans(spans)]

    def beside(self, text: str, link: Link) -> list[str]:
        """Return the words that touch a name, as in "spiral backpropagation": not "in" or "the"."""
        before = _LAST_WORD.search(text.translate(_MARKS).lower(), 0, link.start)
        after = _NEXT_WORD.match(text.translate(_MARKS).lower(), link.end)
        touching = [found[1] for found in (before, after) if found]
        return [word for word in touching if word not in STOP_WORDS]

    @staticmethod
    def words(text: str) -> list[str]:
        """Return the words of a text that mean something, in lower case."""
        return [word for word in _LETTERS.findall(text.lower()) if word not in STOP_WORDS]


def masked(text: str, links: Iterable[Link], sign: str = "X") -> str:
    """Return a text with a sign in place of every name, so that only the asking is left."""
    for link in sorted(links, key=lambda link: -link.start):
        text = f"{text[: link.start]}{sign}{text[link.end :]}"
    return text


class Speller:
    """Replace unknown words by the familiar word that looks almost the same."""

    def __init__(
        self,
        familiar: Iterable[str],
        known: Callable[[str], bool],
        names: Iterable[Sequence[str]] = (),
    ) -> None:
        """Keep the familiar words.

        Args:
            familiar: words that a slip may have been meant to be, in lower case; of two that are
                as much alike the first is taken.
            known: whether a word in lower case is one of the language, and so no slip.
            names: the words of each name. Beside one of them a word of the language may be a slip
                as well: "random forrest".
        """
        self._known = known
        self._familiar: defaultdict[str, list[str]] = defaultdict(list)
        self._beside: defaultdict[str, set[str]] = defaultdict(set)
        for word in dict.fromkeys(familiar):
            self._familiar[word[0]].append(word)
        for one, other in itertools.chain.from_iterable(map(itertools.pairwise, names)):
            self._beside[one].add(other)
            self._beside[other].add(one)

    def mend(self, text: str) -> str:
        """Return the text with its slips mended; a text of many words as it is."""
        words = _WORD.findall(text)
        if len(words) > _MOST_WORDS:
            return text
        mended = {word: self._mend_word(word) for word in set(words)}
        for one, other in itertools.pairwise(words):
            mended[one] = self._mend_part(mended[one], mended[other])
            mended[other] = self._mend_part(mended[other], mended[one])
        return _WORD.sub(lambda match: mended[match[0]], text)

    def _mend_part(self, word: str, neighbour: str) -> str:
        """Return the part of a name that a word beside another part of it was meant to be."""
        lower, parts = word.lower(), self._beside.get(neighbour.lower(), ())
        if lower in parts:
            return word
        # "Networks" beside "neural" is no slip, and people rarely miss the first letter.
        other = [p for p in parts if p[0] == lower[0] and not p.startswith(lower[:-2])]
        near = process.extractOne(
            lower, other, scorer=OSA.normalized_similarity, score_cutoff=_AS_ALIKE
        )
        return near[0] if near else word

    def _mend_word(self, word: str) -> str:
        lower = word.lower()
        # People rarely miss the first letter, which leaves few words to compare with.
        candidates = self._familiar.get(lower[0], [])
        if lower in candidates or self._known(lower):
            return word
        near = process.extractOne(
            lower, candidates, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE
        )
        return near[0] if near else word
