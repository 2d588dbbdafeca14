"""Is a text English prose at all? Asked before its words are weighed."""

from __future__ import annotations

import re

_LETTERS = re.compile(r"[^\W\d_]+")

_ENGLISH_WORDS = (
    "the a an and or but if of to in on at for with from by as is was are were be been it its "
    "this that these those i you he she they we me him her them us my your his their our not no "
    "so very too more most than then there here what which who when how why all some any one have "
    "has had do does did will would can could should just really good bad great film movie like "
    "love hate about out up after before because never ever "
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHER_WORDS = (
    "el la los las un una unos de del que y en por para con sin muy pero es fue esta este esto "
    "película pelicula cine buena bueno mala malo gusta le les des du et est une dans pour pas "
    "mais très ce cette ces je il elle nous vous film c'est qui sur avec der die das den dem ein "
    "eine einen und ist war nicht ich wir sie er es mit für auf aber sehr auch von zu im il lo "
    "gli di che è un' non ma per molto più questo questa o os as um uma não mas muito para foi "
    "het een en van niet maar ik met voor heel was och det är en ett inte men som jag på var i w "
    "na nie się jest to że ale bardzo ve bir bu çok ama değil filmi "
)
_OTHERS = frozenset(_OTHER_WORDS.split()) - _ENGLISH - {"film", "war", "die", "den", "per"}
_MANY = 5


def is_foreign(text: str) -> bool:
    """Whether a text is in another language or script than English.

    Counts letters outside the Latin script, and the little words of a dozen languages
    against those of English; a text with too few of either counts as English.
    """
    words = [word.lower() for word in _LETTERS.findall(text)]
    if not text.isascii():
        letters = sum(map(len, words))
        if sum(ord(letter) > 0x24F for word in words for letter in word) * 2 > letters:
            return True
    english = sum(word in _ENGLISH for word in words)
    if english == 0 and len(words) >= _MANY and sum(not word.isascii() for word in words) >= 2:
        return True
    others = sum(word in _OTHERS for word in words)
    return others >= 2 and others > english
