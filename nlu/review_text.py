"""Find the review inside a message that asks for it to be classified."""

from __future__ import annotations

import re

_ASKS = (
    r"(?:classif\w*|analy[sz]e|rate|judge|score|evaluate|check|label|categori[sz]e|sentiment|review"
    r"|positive|negative|opinion|verdict|tell me|predict|guess|assess|mood|tone|feel\w*|think)"
)
# A request, then a mark that ends it, then the review itself.
_AFTER_MARK = re.compile(
    rf"^(?P<ask>[^:\n]{{0,120}}?{_ASKS}[^:\n]{{0,80}}?)\s*(?::|\n+|\s[-–—]\s|\?\s)\s*"
    r"(?P<review>\S.*)$",
    re.I | re.S,
)
# A dash or a question mark ends many a sentence, so what stands before must speak of a review.
_STRONG_MARK = re.compile(r":|\n")
_ABOUT_REVIEW = re.compile(
    r"\b(?:reviews?|films?|movies?|sentiment|opinion|comment|text|feedback|positive|negative|this)"
    r"\b",
    re.I,
)
_ABOUT_ELSE = re.compile(
    r"\W*(?:an?|my|the|this|some|another|new)?\s*(?:iris|flower|plant|sample|species)", re.I
)
_QUOTED = re.compile(r"[\"“«](?P<review>[^\"”»]{3,})[\"”»]|(?<!\w)'(?P<single>.{8,})'(?!\w)", re.S)
_FILLERS = r"this|my|the|following|a|movie|film|text|review|opinion|sentiment|of|for me|please"
_VERB_FIRST = re.compile(
    r"^(?:please |pls |can you |could you )*"
    r"(?:classify|analy[sz]e|rate|judge|score|evaluate|label)"
    rf"(?: (?:{_FILLERS}))*[,.]?\s+(?P<review>\S.*)$",
    re.I | re.S,
)
_MIN_WORDS = 2


def find_review(text: str) -> str | None:
    """Return the review that a request carries, None if it carries none."""
    after = _AFTER_MARK.match(text)
    if after and _long_enough(after["review"]) and _asks_for_review(after):
        return _unquote(after["review"])
    quoted = _QUOTED.search(text)
    if quoted and re.search(_ASKS, text[: quoted.start()] + text[quoted.end() :], re.I):
        review = quoted["review"] or quoted["single"]
        if _long_enough(review):
            return review.strip()
    verb = _VERB_FIRST.match(text)
    if verb and len(verb["review"].split()) > 3 and not _ABOUT_ELSE.match(verb["review"]):
        return _unquote(verb["review"])
    return None


def _asks_for_review(found: re.Match[str]) -> bool:
    between = found.string[found.end("ask") : found.start("review")]
    return bool(_STRONG_MARK.search(between) or _ABOUT_REVIEW.search(found["ask"]))


def _long_enough(text: str) -> bool:
    return len(text.split()) >= _MIN_WORDS or len(text) >= 8


def _unquote(text: str) -> str:
    return text.strip().strip('"“”«»').strip() or text.strip()
