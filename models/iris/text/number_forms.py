"""Rewrite forms of numbers that no tokeniser knows, and leave out those that measure nothing."""

from __future__ import annotations

import re

# A number as people write it. No measurement and no count here has more digits, and an expression
# whose quantifiers are bounded cannot be made to try them in ever more ways.
NUMBER = r"-?(?:\d{1,9}(?:[.,]\d{1,9})?|[.,]\d{1,9})"
_UNIT = r"(?:cm|mm|inch(?:es)?|in)"
_TAKE_BACK = (
    r"(?:no(?: wait)?|wait|sorry|oops|ups|i mean(?:t)?|actually|rather|correction|make that"
    r"|scratch that|er+m?|uh+)"
)

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    # "5 cm 1 mm"
    (re.compile(r"(?<![\d.,])(\d+)\s*cm\s*(?:and\s+)?(\d)\s*mm\b", re.I), r"\1.\2 cm"),
    # "7.1cmx3cm,5.9cmx2.1cm"
    (re.compile(rf"(?<=\d)\s*({_UNIT})\s*([x×*,;/])\s*(?=\.?\d)", re.I), r" \1 \2 "),
    # "f1", "resnet50", "gpt4"; but "sl5.1", "k7", "x3"
    (
        re.compile(
            r"(?<![\w.])(?!(?:s\.?[lw]|p\.?[lw]|k|x|by|is|of|and|\w*length|\w*width|\w*sepal|\w*petal|\w*cm)\d)"
            r"[a-z]+\d+\b(?![.,]\d)",
            re.I,
        ),
        " ",
    ),
    # "the 4 measurements"
    (
        re.compile(
            r"\b(?:\d+|four) (?:measurements?|features?|values?|numbers?|classes|species"
            r"|dimensions)\b",
            re.I,
        ),
        " ",
    ),
    # percentages
    (re.compile(rf"{NUMBER}\s{{0,9}}(?:%|percent\b|per cent\b)", re.I), " "),
    # "5dot1"
    (re.compile(r"(?<=\d)\s*(?:dot|punkt|virgule|komma)\s*(?=\d)", re.I), "."),
    (re.compile(r"\bfloat\(\s*['\"]nan['\"]\s*\)", re.I), "nan"),
    # "Flower #3: ...", "no. 12 - ...", "sample 7: ..."
    (re.compile(r"#\s*\d+\s*[:.)-]?", re.I), " "),
    (
        re.compile(
            r"\b(?:no\.?|nr\.?|number|sample|flower|plant|specimen|row|id)\s*\d+\s*[:)](?!\d)", re.I
        ),
        " ",
    ),
    # "I'm 7 years old", "class 7b", "my daughter is 12 and"
    (re.compile(r"\b\d+\s*(?:years?|yrs?|yo)\b|\b\d+(?!x\b|k\b)[a-wy-z]\b(?!\w)", re.I), " "),
    # "5.1, no wait, 5.7" is 5.7; so is "5.7, not 5.1"
    (
        re.compile(
            rf"(?<![\w.]){NUMBER}\s{{0,9}}{_UNIT}?\W{{0,6}}\b{_TAKE_BACK}\b[\s,.:;-]{{0,9}}"
            rf"(?:(?:{_TAKE_BACK}|it'?s|it is)\b[\s,.:;-]{{0,9}}){{0,3}}(?={NUMBER}\b)",
            re.I,
        ),
        " ",
    ),
    (
        re.compile(
            rf"({NUMBER}\s{{0,9}}{_UNIT}?)[\s,]{{1,9}}(?:and\s{{1,9}})?not\s{{1,9}}{NUMBER}\b", re.I
        ),
        r"\1",
    ),
    # "the single nearest neighbour"
    (
        re.compile(
            r"\b(?:single|only the|just the|the very)\s+(?=(?:nearest|closest)\s+(?:neighbou?r"
            r"|flower)\b)",
            re.I,
        ),
        "1 ",
    ),
)
_HEADING = re.compile(r"sepal|petal|^\W*[sp][lw]\W*$", re.I)


def plain_forms(text: str) -> str:
    """Return a text whose numbers stand in forms that can be read one by one.

    Example:
        >>> plain_forms("5 cm 1 mm x 3.4, sorry, 3.5")
        '5.1 cm x  3.5'
    """
    text = _with_headings(text)
    for pattern, plain in _FORMS:
        text = pattern.sub(plain, text)
    return text


def _with_headings(text: str) -> str:
    """Put the name of its column before each number of a table's first row; other columns go."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    for mark in (",", ";", "\t", "|"):
        head, *rows = [line.strip(mark).split(mark) for line in lines] or [[]]
        named = [bool(_HEADING.search(name)) for name in head]
        if sum(named) > 1 and rows and len(rows[0]) == len(head):
            cells = zip(head, rows[0], named, strict=True)
            return ", ".join(f"{name} {value}" for name, value, wanted in cells if wanted)
    return text
