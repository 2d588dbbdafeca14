"""Write the numbers in a text as plain digits with a decimal point.

Works on the text alone, so that the entity extractor can tokenise it afterwards:
``"five point one and 3,5"`` becomes ``"5.1 and 3.5"``.
"""

from __future__ import annotations

import re
import unicodedata

from text_to_num import text2num

from models.iris.text.number_forms import plain_forms

_DIGIT = "zero|oh|one|two|three|four|five|six|seven|eight|nine"
_TEEN = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
WHOLE = rf"(?:(?:{_TENS})(?:[ -](?:{_DIGIT}))?|{_TEEN}|{_DIGIT}|\d+)"

# A lone digit word is left alone here: "one" is more often a pronoun than a number.
_LARGE = re.compile(rf"\b(?:(?:{_TENS})(?:[ -](?:{_DIGIT}))?|{_TEEN})\b", re.IGNORECASE)
_PARTS = {"half": 0.5, "quarter": 0.25, "third": 1 / 3}
_UNIT = r"(?:cm|mm|in|inch(?:es)?|centimet(?:er|re)s?|millimet(?:er|re)s?)"
# "six and a half", "an inch and a quarter"
_AND_PART = re.compile(
    rf"\b(?P<whole>{WHOLE}|an?(?= {_UNIT} ))\s+(?:(?P<unit>{_UNIT})\s+)?and\s+"
    rf"(?P<count>a|one|two|three)\s+(?P<part>half|quarter|third)s?\b",
    re.IGNORECASE,
)
# "half an inch", "a half" at the end of a clause
_PART = re.compile(
    rf"\b(?:a\s+)?(?P<part>half|quarter)\s+(?:of\s+)?an?\s+(?={_UNIT}\b)|"
    rf"\b(?:a|one)\s+(?P<alone>half|quarter)(?=\s*(?:$|[,.;)])|\s+(?:{_UNIT}|long|wide|by|x|and)\b)",
    re.IGNORECASE,
)
_SIGNS = "¼½¾⅓⅔⅛⅜⅝⅞"
_SIGN = re.compile(rf"(?<![\d.,])(\d*)\s?([{_SIGNS}])")
# "6 1/2" and "3/4", but not the list "6/3/5/2"
_SLASHED = re.compile(r"(?<![\d.,/])(?:(\d+)[ -])?(\d{1,2})/(2|3|4|8|16)(?![\d/]|[.,]\d|\s*/)")
_ABOUT = re.compile(r"[~≈](?=\s*\.?\d)")
_MINUS = re.compile(r"\b(?:minus|negative)\s+(?=\.?\d)", re.IGNORECASE)
# A digit before another "point" starts the next number: "five point one three point five".
_SPOKEN = re.compile(
    rf"\b(?:(?P<whole>{WHOLE})\s+)?(?:point|dot|comma)\s+"
    rf"(?P<fraction>(?:{_DIGIT}|\d)(?:\s+(?:{_DIGIT}|\d)\b(?!\s+(?:point|dot|comma)))?)\b",
    re.IGNORECASE,
)
_CHAIN = re.compile(r"(?<![\d.,])\d+(?:,\d+){2,}(?![\d.,])")
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d{1,4}),(\d{1,3})(?!\d|,\d)")
_BARE_FRACTION = re.compile(r"(?<![\d.,])[.,](?=\d)")
# "5.1-3.5" and "5.1 / 3.5" are lists; in "5.1 -3.5" the sign belongs to the number.
_LIST_MARK = re.compile(r"(?<=\d)(?:[-–—/|_]|\s+[-–—/|_]\s+)(?=\.?\d)")


def whole_number(words: str) -> str:
    """Return the digits of a whole number: ``"fifty one"`` gives ``"51"``.

    Raises:
        ValueError: if the words are not a number.
    """
    words = words.lower().replace("-", " ")
    if words.isdigit():
        return words
    return "0" if words == "oh" else str(text2num(words, "en"))


def normalise_numbers(text: str) -> str:
    """Return ``text`` with spoken fractions, decimal commas and ``.5`` written as ``0.5``."""
    text = plain_forms(text)
    text = _SIGN.sub(lambda match: _decimal(match[1], unicodedata.numeric(match[2])), text)
    text = _SLASHED.sub(_slashed, text)
    text = _AND_PART.sub(_and_part, text)
    text = _PART.sub(lambda match: f"{_PARTS[(match['part'] or match['alone']).lower()]} ", text)
    text = _SPOKEN.sub(_spoken_fraction, text)
    text = _LARGE.sub(lambda match: whole_number(match[0]), text)
    text = _MINUS.sub("-", _ABOUT.sub(" ", text))
    text = _BARE_FRACTION.sub("0.", text)
    text = _LIST_MARK.sub(" ", text)
    if re.search(r"\d\.\d", text):  # points are decimal here, so commas only separate
        return re.sub(r"(?<=\d),(?=\d)", ", ", text)
    text = _CHAIN.sub(_split_chain, text)
    return _DECIMAL_COMMA.sub(r"\1.\2", text)


def _decimal(whole: str, part: float) -> str:
    return f"{int(whole or 0) + part:.4g}"


def _slashed(match: re.Match[str]) -> str:
    part = int(match[2]) / int(match[3])
    return _decimal(match[1], part) if part < 1 else match[0]


def _and_part(match: re.Match[str]) -> str:
    whole = "1" if match["whole"].lower() in ("a", "an") else whole_number(match["whole"])
    count = "1" if match["count"].lower() == "a" else whole_number(match["count"])
    number = _decimal(whole, int(count) * _PARTS[match["part"].lower()])
    return f"{number} {match['unit']}" if match["unit"] else number


def _spoken_fraction(match: re.Match[str]) -> str:
    whole = whole_number(match["whole"]) if match["whole"] else "0"
    return f"{whole}." + "".join(whole_number(word) for word in match["fraction"].split())


def _split_chain(match: re.Match[str]) -> str:
    parts = match[0].split(",")
    if len(parts) == 8:  # four decimals glued together: 5,1,3,5,1,4,0,2
        parts = [f"{whole}.{tenth}" for whole, tenth in zip(parts[::2], parts[1::2], strict=True)]
    return " ".join(parts)
