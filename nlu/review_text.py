"""Find the review inside a message that asks for it to be classified."""

from __future__ import annotations

import re

from models.iris.text import NUMBER
from nlu.guard import STARS

_ASKS = (
    r"(?:cl?as+if\w{0,12}|anal[iy][sz]e|rate|judge|score|evaluate|check|label|categori[sz]e|sent[ie]m\w{0,12}"
    r"|rev(?:ie|ei|e|i)w\w{0,12}"
    r"|pos|neg|positive|negative|opinion|verdict|tell me|predict|guess|assess"
    r"|mood|tone|feel\w{0,12}|think|liked?|loved?|enjoy(?:ed)?|hated?|recommend\w{0,12}|make of)"
)
# A request, then a mark that ends it, then the review itself.
_AFTER_MARK = re.compile(
    rf"^(?P<ask>[^:\n]{{0,120}}?{_ASKS}[^:\n]{{0,80}}?)\s{{0,9}}(?::|\n|\s[-–—]\s|\?\s)\s*"
    r"(?P<review>\S.*)$",
    re.I | re.S,
)
# A dash or a question mark ends many a sentence, so what stands before must speak of a review.
_STRONG_MARK = re.compile(r":|\n")
_ABOUT_REVIEW = re.compile(
    r"\b(?:rev(?:ie|ei|e|i)ws?|reviewer|critics?|films?|movies?|sent[ie]m\w*|opinion|comment|text"
    r"|feedback|positive|negative|this)"
    r"\b",
    re.I,
)
_ON_REVIEW = re.compile(r"\b(?:rev(?:ie|ei|e|i)ws?|films?|movies?|sent[ie]m\w*|opinion)\b", re.I)
_ABOUT_ELSE = re.compile(
    r"\W*(?:(?:an?|my|the|this|these|those|some|another|new|two|three|\d)\s+)*(?:iris|flower|plant|sample|species)",
    re.I,
)
_QUOTED = re.compile(r"[\"“«]([^\"“”«»]{3,})[\"”»]")
_SINGLE_OPENS, _SINGLE_CLOSES = re.compile(r"(?<!\w)'"), re.compile(r"'(?!\w)")
_SHORTEST_SINGLE = 8
_FILLERS = r"this|my|the|following|a|movie|film|text|review|opinion|sentiment|of|for me|please"
_VERB_FIRST = re.compile(
    r"^(?:please |pls |can you |could you )*"
    r"(?:classify|analy[sz]e|rate|judge|score|evaluate|label)"
    rf"(?: (?:{_FILLERS}))*[,.]?\s+(?P<review>\S.*)$",
    re.I | re.S,
)
_LONGEST_ANNOUNCEMENT = 80
_MOST_WORDS_AROUND = 14
# After a verdict: "one more: ...", "and this one: ...", "try this instead - ...".
_NEXT = re.compile(
    r"\W*(?:(?:ok(?:ay)?|and|now|then|so|here'?s|how about|what about|try|take|next(?: up)?)\W+)*"
    r"(?:(?:one|another|a (?:second|third|different|new)|this|that|the (?:next|second|other))"
    r"(?: one| more| other| review| text)?|(?:a )?next(?: one| review)?|again|also)"
    r"(?: (?:instead|then|now|too|please|for me))?\s{0,9}(?::|\s[-–—]\s|\n)\s*(?P<review>\S.*)$",
    re.I | re.S,
)
_WHAT_ABOUT = re.compile(
    r"\W*(?:(?:and|ok|so)\W+)*(?:what|how) about\s*:\s*(?P<review>\S.*)$", re.I | re.S
)
# "I'd paste it next" announces a review and is none.
_ANNOUNCES = re.compile(
    r"\W*(?:i(?:'ll|'d| will| would| want| can| am|'m)|let me|it(?:'s|s| is)|here it|coming|wait"
    r"|one sec)"
    r"\b.{0,40}\b(?:paste|type|send|post|give|write|copy|next|comes?|coming|long|moment|second)\b",
    re.I | re.S,
)
# "Tell me: what is dropout?" asks for no verdict.
_QUESTION = re.compile(
    r"\W*(?:(?:and|so|ok)\W+)*(?:what(?! an?\b)|how|why|which|when|where|can you|could you)\b"
    r"(?:[\s,]+[^\s,?!.]+){1,12}[\s,?!.]*",
    re.I,
)
# Four numbers behind "classify this:" are a flower.
_MEASURED = re.compile(
    r"(?:[\d\W_]|cm|mm|x|(?:in|inch(?:es)?|by|and|sepals?|petals?|length|width|long|wide|sl|sw|pl|pw|k"
    r"|with|is|of|iris|flower)\b)*",
    re.I,
)
# So does a text that begins with three numbers, whatever follows them.
_RATED = re.compile(r"\W*\d+(?:[.,]\d)?\s*(?:/|out of)\s*(?:5|10|100)\W*", re.I)
_BEGINS_MEASURED = re.compile(
    rf"(?:[^\w.,-]{{0,9}}{NUMBER}\s{{0,9}}(?:cm|mm|in|x|and)?\b[\s,;/]{{0,9}}){{3}}", re.I
)
_ON_FLOWER = re.compile(r"\b(?:iris|flower|sepals?|petals?)\b", re.I)
_CODE = re.compile(r"\.(?:fit|predict|score)\(|^[ \t]*(?:import|from) \w", re.M)


def find_review(text: str) -> str | None:
    """Return the review that a request carries, None if it carries none.

    Example:
        >>> find_review("is this positive or negative: a dull film")
        'a dull film'
    """
    if STARS.fullmatch(text.strip()):
        return text.strip()
    review = None if _CODE.search(text) else _find(text)
    measured = review is not None and _MEASURED.fullmatch(review) and not _RATED.fullmatch(review)
    if review is None or (measured and any(map(str.isdigit, review))):
        return None
    ask = text.replace(review, "")
    if _BEGINS_MEASURED.match(review) or (_ON_FLOWER.search(ask) and not _ON_REVIEW.search(ask)):
        return None
    if _QUESTION.fullmatch(review):
        return None
    return None if len(review) < _LONGEST_ANNOUNCEMENT and _ANNOUNCES.match(review) else review


def _find(text: str) -> str | None:
    after = _AFTER_MARK.match(text)
    if after and _asks_for_review(after):
        return _unquote(after["review"])
    following = _NEXT.match(text) or _WHAT_ABOUT.match(text)
    if following:
        return _unquote(following["review"])
    around, quoted, after = _quoted(text)
    # Who tells more than that quotes a title or a line of the film.
    around += after
    if quoted and len(around.split()) <= _MOST_WORDS_AROUND and re.search(_ASKS, around, re.I):
        return quoted.strip()
    verb = _VERB_FIRST.match(text)
    if verb and len(verb["review"].split()) > 3 and not _ABOUT_ELSE.match(verb["review"]):
        return _unquote(verb["review"])
    return None


def _quoted(text: str) -> tuple[str, str, str]:
    """Return what stands before, in and after quotation marks, or all before if none."""
    if double := _QUOTED.search(text):
        return text[: double.start()], double[1], text[double.end() :]
    single = _SINGLE_OPENS.search(text)
    closing = [*_SINGLE_CLOSES.finditer(text, single.end() + _SHORTEST_SINGLE)] if single else []
    if not single or not closing:
        return text, "", ""
    start, end = closing[-1].span()
    return text[: single.start()], text[single.end() : start], text[end:]


def _asks_for_review(found: re.Match[str]) -> bool:
    between = found.string[found.end("ask") : found.start("review")]
    return bool(_STRONG_MARK.search(between) or _ABOUT_REVIEW.search(found["ask"]))


def _unquote(text: str) -> str:
    return text.strip().strip('"“”«»').strip() or text.strip()
