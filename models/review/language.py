"""Is a text English? Asked before its words are weighed."""

from __future__ import annotations

import pycld2

# How CLD2 names English and a text of which it cannot tell.
_NOT_FOREIGN = ("en", "un")


def is_foreign(text: str) -> bool:
    """Whether a text is for certain in another language than English.

    CLD2 compares short runs of letters with those of 165 languages and is told to expect English.
    What it is not sure of counts as English: names, slang, a foreign word or two.
    """
    readable = "".join(letter if letter.isprintable() else " " for letter in text)
    is_sure, _, (likeliest, *_) = pycld2.detect(readable, isPlainText=True, hintLanguage="en")
    return is_sure and likeliest[1] not in _NOT_FOREIGN
