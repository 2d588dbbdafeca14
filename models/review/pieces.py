"""The word pieces of the encoder and their vectors, which it shares with ``models/encoder``."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from models import encoder
from models.review.errors import ReviewModelError

# What the head says of each piece: the side, and the three stances.
OUTPUTS = 4
# So many are read at once, begin and end included.
MOST = 128
WIDTH = 384
# Of the vectors as they lie in the encoder's file: another file would give other answers.
SHA256 = "49bb450f8156a45d475d1cda146e263a4ebf5473c9cea371994a3cba790a039d"
_TABLE, _SCALE = "words", "words.scale"

Floats = npt.NDArray[np.float32]


@cache
def tokenizer() -> Tokenizer:
    """Return the tokenizer that cuts a text into pieces."""
    found = Tokenizer.from_file(str(encoder.FOLDER / "tokenizer.json"))
    found.no_padding()
    return found


@cache
def table() -> tuple[npt.NDArray[np.int8], Floats]:
    """Return the vectors in one byte a number, (pieces, 384), and the scale of each, (pieces, 1).

    Raises:
        ReviewModelError: if the encoder's file is missing or holds others.
    """
    try:
        content = (encoder.FOLDER / "encoder.onnx").read_bytes()
        raw = _tensor(content, _TABLE)
        scale = np.frombuffer(_tensor(content, _SCALE), "<f4").reshape(-1, 1)
    except (OSError, ValueError) as error:
        raise ReviewModelError("The vectors of the words cannot be read") from error
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise ReviewModelError("The vectors of the words are not those the review model knows")
    return np.frombuffer(raw, np.int8).reshape(-1, WIDTH), scale


def word_vectors() -> Floats:
    """Return the vector of each piece, shape (pieces, 384)."""
    small, scale = table()
    return small * scale


def _tensor(content: bytes, name: str) -> bytes:
    """Return the data of a named tensor of an ONNX file: field 8 is the name, field 9 the data."""
    key = bytes([0x42, len(name)]) + name.encode() + b"\x4a"
    at = content.index(key) + len(key)
    size = shift = 0
    while True:
        size |= (content[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if content[at - 1] < 0x80:
            return content[at : at + size]
