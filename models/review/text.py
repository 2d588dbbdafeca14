"""Raw text as the word ids of ``keras.datasets.imdb``.

The encoding is that of Keras's ``Tokenizer``: lower case, its punctuation filter, split at
blanks. The breaks of the web page (``<br />``) lose only their brackets there, so that the
word "br" is one of the most frequent: the article's network was trained with it and gets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.review.data import OFFSET, START, UNKNOWN

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n\r\x0b\x0c'
_BLANKS = str.maketrans(_FILTERS, " " * len(_FILTERS))
Row = Sequence[int] | npt.NDArray[np.int32]

_SPECIAL = ("<pad>", "<start>", "<unknown>", "<unused>")


class Vocabulary:
    """The words a model knows and their ids; line ``i`` of its file is the word of id ``i``."""

    def __init__(self, words: Sequence[str]) -> None:
        """Number the words from 4 in the given order, most frequent first."""
        self._words = tuple(words)
        self._ids = {word: number + OFFSET + 1 for number, word in enumerate(self._words)}

    @property
    def words(self) -> tuple[str, ...]:
        """The known words, most frequent first."""
        return self._words

    def __len__(self) -> int:
        """Count every id, special ones included."""
        return len(self._words) + len(_SPECIAL)

    def __contains__(self, word: object) -> bool:
        """Whether a word is known."""
        return word in self._ids

    @classmethod
    def from_ranks(cls, ranks: dict[str, int], num_words: int) -> Vocabulary:
        """Take the words whose id is below ``num_words``."""
        chosen = sorted((rank, word) for word, rank in ranks.items() if rank + OFFSET < num_words)
        return cls([word for _, word in chosen])

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Read a vocabulary file."""
        return cls(path.read_text(encoding="utf-8").split("\n")[len(_SPECIAL) : -1])

    def write(self, path: Path) -> None:
        """Write the vocabulary, one word a line."""
        path.write_text("\n".join((*_SPECIAL, *self._words)) + "\n", encoding="utf-8")

    def encode(self, text: str) -> list[int]:
        """Return the start id and the id of each word, unknown words included."""
        return [START, *(self._ids.get(word, UNKNOWN) for word in split(text))]


def split(text: str) -> list[str]:
    """Return the words of a text, in lower case, without punctuation."""
    return text.lower().translate(_BLANKS).split()


def pad(rows: Sequence[Row], length: int) -> npt.NDArray[np.int32]:
    """Return ids of shape (reviews, length): the last ``length`` of each, zeros after them.

    That is ``pad_sequences(rows, maxlen=length, padding="post")`` of Keras, which cuts long
    rows at their start.
    """
    padded = np.zeros((len(rows), length), np.int32)
    for row, ids in zip(padded, rows, strict=True):
        tail = ids[-length:]
        row[: len(tail)] = tail
    return padded
