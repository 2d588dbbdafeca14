"""Which encoding a file is written in."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from charset_normalizer import from_bytes

_BLOCK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What people's programs write when it is not UTF-8.
_OTHERS = ["utf_16_le", "utf_16_be", "cp1252"]


def encoding_of(source: BinaryIO) -> str:
    """Return the encoding of an open file, which is left at its start.

    Without a mark a file is UTF-8 if nearly all of it can be read so, else UTF-16 or the Western
    code page of Windows, whichever reads better.
    """
    head = source.read(_BLOCK)
    source.seek(0)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    # Letters with a zero beside each are UTF-16.
    for name, zeros in (("utf-16-le", head[1:2000:2]), ("utf-16-be", head[:2000:2])):
        if zeros.count(0) > max(3, len(zeros) * 0.4):
            return name
    bad = _undecodable(source)
    source.seek(0)
    if bad is None:
        return "utf-8"
    best = from_bytes(bad, cp_isolation=_OTHERS).best()
    return best.encoding if best is not None and best.encoding in _OTHERS else "cp1252"


def _undecodable(source: BinaryIO) -> bytes | None:
    """Return a block that is not UTF-8, None if such bytes are rarer than letters that are."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    wrong = right = 0
    sample = None
    while block := source.read(_BLOCK):
        text = decoder.decode(block)
        if text.isascii():
            continue
        here = text.count("\ufffd")
        wrong += here
        right += sum(ord(letter) > 0x7F for letter in text) - here
        sample = sample or (block if here else None)
    return sample if wrong > right else None
