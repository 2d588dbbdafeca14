"""Read the words of a short text that no review taught as the words that they were meant to be."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Sequence

from models.review.tokens import Lexicon

# Words beyond this place of the vocabulary, most frequent first, are too rare to be meant.
_FAMILIAR = 12_000
_SHORTEST = 3
_ALIKE = 0.82
_STRETCH = re.compile(r"([a-z])\1{2,}")


class Mender:
    """Replaces unknown words by familiar ones that look almost the same.

    Example:
        >>> Mender(Lexicon(["boring", "film"])).mend(["borring", "film"])
        ['boring', 'film']
    """

    def __init__(self, lexicon: Lexicon) -> None:
        """Sort the familiar words of a lexicon by their first letter."""
        self._known = frozenset(lexicon.words)
        self._common = frozenset(lexicon.words[:_FAMILIAR])
        self._familiar: defaultdict[str, list[str]] = defaultdict(list)
        for word in lexicon.words[:_FAMILIAR]:
            if len(word) >= _SHORTEST and word.isalpha():
                self._familiar[word[0]].append(word)

    def mend(self, words: Sequence[str]) -> list[str]:
        """Return the words, in lower case, with the unknown ones replaced where one is near."""
        shortened = [self._without_stretch(word) for word in words]
        return [word if word in self._known else self._nearest(word) for word in shortened]

    def _without_stretch(self, word: str) -> str:
        """Read "sooooo goooood" as "so good"."""
        if not _STRETCH.search(word):
            return word
        for letters in (r"\1\1", r"\1"):
            if (shorter := _STRETCH.sub(letters, word)) in self._common:
                return shorter
        return word

    def _nearest(self, word: str) -> str:
        if len(word) < _SHORTEST or not word.isalpha():
            return word
        near = difflib.get_close_matches(word, self._familiar[word[0]], n=1, cutoff=_ALIKE)
        return near[0] if near else word
