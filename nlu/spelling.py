"""Mend slips of the fingers in the words that matter here: "deep lerning requirments"."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable

SHORTEST = 5
_ALIKE = 0.84
_MOST_WORDS = 60
_WORD = re.compile(r"[^\W\d_]{5,}")


class Speller:
    """Replace unknown words by the familiar word that looks almost the same.

    Example:
        >>> Speller(["learning"], known=lambda word: False).mend("deep lerning")
        'deep learning'
    """

    def __init__(self, familiar: Iterable[str], known: Callable[[str], bool]) -> None:
        """Keep the familiar words.

        Args:
            familiar: words that a slip may have been meant to be, in lower case.
            known: whether a word in lower case is one of the language, and so no slip.
        """
        self._known = known
        self._familiar: defaultdict[str, list[str]] = defaultdict(list)
        for word in familiar:
            if len(word) >= SHORTEST:
                self._familiar[word[0]].append(word)

    def mend(self, text: str) -> str:
        """Return the text with its slips mended; a text of many words as it is."""
        words = _WORD.findall(text)
        if len(words) > _MOST_WORDS:
            return text
        mended = {word: self._mend_word(word) for word in set(words)}
        return _WORD.sub(lambda match: mended[match[0]], text)

    def _mend_word(self, word: str) -> str:
        lower = word.lower()
        # People rarely miss the first letter, which leaves few words to compare with.
        candidates = self._familiar.get(lower[0], [])
        if lower in candidates or self._known(lower):
            return word
        near = difflib.get_close_matches(lower, candidates, n=1, cutoff=_ALIKE)
        return near[0] if near else word
