"""The fine-tuned encoder, served by ONNX Runtime: what each piece of a text adds to its logits.

The vectors of the word pieces are not in its file: it shares those of ``models/encoder``.
"""

from __future__ import annotations

import hashlib
from functools import cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from models import encoder
from models.review.verdict import ReviewModelError

# What the head says of each piece: the side, and the three stances.
OUTPUTS = 4
# So many pieces are read at once, begin and end included.
MOST = 128
# Of the vectors as they lie in the encoder's file: another file would give other answers.
_SHA256 = "49bb450f8156a45d475d1cda146e263a4ebf5473c9cea371994a3cba790a039d"
_BEGIN, _END = 101, 102
# Of a text with more letters a piece than this, only the end is cut into pieces.
_LETTERS = 12

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


class Pieces(NamedTuple):
    """What the word pieces of one text add up to."""

    places: list[tuple[int, int]]  # where each piece stands in the text
    added: Doubles  # what it adds to each logit: the side, and the three stances; (pieces, 4)
    bias: Doubles  # what belongs to no piece, shape (4,)

    @property
    def logits(self) -> Doubles:
        """The logits of the text, shape (4,)."""
        total: Doubles = self.added.sum(axis=0) + self.bias
        return total


class Encoder:
    """Read texts one at a time. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Load the network, in about 0.1 s.

        Raises:
            ReviewModelError: if the vectors of the pieces are missing or others.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep what the longest text took
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        stored = self._session.get_modelmeta().custom_metadata_map["bias"]
        self._bias = np.array(stored.split(), np.float64)
        self._words, self._scale = _vectors()
        self._tokenizer = tokenizer()

    def __call__(self, text: str, most: int) -> Pieces:
        """Read a text; of a longer one the last ``most`` pieces, in parts of equal length."""
        readable = text.encode("utf-8", "replace").decode()  # no half of a character
        first = max(0, len(readable) - most * _LETTERS)
        first = readable.find(" ", first) + 1 if first else 0  # not within a word, if there are any
        encoding = self._tokenizer.encode(readable[first:], add_special_tokens=False)
        ids = encoding.ids[-most:]
        places = [(first + start, first + end) for start, end in encoding.offsets[-most:]]
        if not ids:
            return Pieces([], np.zeros((0, OUTPUTS)), self._bias)
        parts = np.array_split(np.array(ids), -(-len(ids) // (MOST - 2)))
        added = np.concatenate([self._read(part) for part in parts]) / len(ids)
        return Pieces(places, added, self._bias)

    def _read(self, ids: npt.NDArray[np.int64]) -> Doubles:
        framed = np.concatenate([[_BEGIN], ids, [_END]])
        words = self._words[framed] * self._scale[framed]
        (added,) = self._session.run(None, {"words": words[None]})
        inside: Doubles = added[0, 1:-1].astype(np.float64)
        return inside


@cache
def tokenizer(most: int | None = None) -> Tokenizer:
    """Return what cuts a text into pieces, of which it keeps all or the first so many."""
    found = Tokenizer.from_file(str(encoder.FOLDER / "tokenizer.json"))
    found.no_padding()
    found.no_truncation()
    if most is not None:
        found.enable_truncation(most)
    return found


def word_vectors() -> Floats:
    """Return the vector of each piece, shape (pieces, 384)."""
    small, scale = _vectors()
    return small * scale


@cache
def _vectors() -> tuple[npt.NDArray[np.int8], Floats]:
    """Return the vectors in one byte a number, (pieces, 384), and the scale of each, (pieces, 1).

    Raises:
        ReviewModelError: if the encoder's file is missing or holds others.
    """
    try:
        with (encoder.FOLDER / "encoder.onnx").open("rb") as file:  # all processes share its pages
            content = mmap(file.fileno(), 0, access=ACCESS_READ)
        raw, scale = _tensor(content, "words"), _tensor(content, "words.scale")
    except (OSError, ValueError) as error:
        raise ReviewModelError("The vectors of the words cannot be read") from error
    if hashlib.sha256(raw).hexdigest() != _SHA256:
        raise ReviewModelError("The vectors of the words are not those the review model knows")
    small = np.frombuffer(raw, np.int8).reshape(-1, encoder.DIMENSIONS)
    return small, np.frombuffer(scale, "<f4").reshape(-1, 1)


def _tensor(content: mmap, name: str) -> memoryview:
    """Return the data of a named tensor of an ONNX file: field 8 is the name, field 9 the data."""
    key = bytes([0x42, len(name)]) + name.encode() + b"\x4a"
    if (found := content.find(key)) < 0:
        raise ValueError(f"There is no {name}")
    at = found + len(key)
    size = shift = 0
    while True:
        size |= (content[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if content[at - 1] < 0x80:
            return memoryview(content)[at : at + size]
