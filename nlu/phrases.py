"""Words that say which field, which aspect or which model a message is about."""

from __future__ import annotations

import re

from spacy.lang.en.stop_words import STOP_WORDS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[^\W\d_]+")
_DL = (
    r"\bdl\b|\bdeep[- ]?(?:learn\w*|net\w*|model\w*)|\bneural\b|\bnn'?s\b|\bdeep\b"
    r"|\bnet(?:work)?s?\b|\blayers?\b|\bkernel sizes?\b|\bquanti[sz]\w+|\bedge devices?\b"
    r"|\btensor ?flow\b|\bkeras\b"
)
_ML = (
    r"\bml\b|\bmachine[- ]?lear\w*|\b(?:classical?|traditional|classic|ordinary|plain|shallow)"
    r" (?:ml|models?|machine|algorithms?|methods?)|\bsk-?learn\b|\bscikit\b"
)
FIELDS = {"dl": re.compile(_DL, re.I), "ml": re.compile(_ML, re.I)}
_BOTH = re.compile(
    r"\bboth\b|\bside by side\b|\beach (?:of them|other)\b|\bthe two\b|\bversus\b|\bvs\b", re.I
)
# What is left out is not what the message is about: "algorithms that aren't neural networks".
_EXCEPT = re.compile(
    r"\b(?:not|no|without|except|besides|(?:apart|aside|other|different) (?:from|than)"
    r"|(?:is|are|do|does)n'?t)\s+(?:(?:a|an|any|use|using|for|the|need|involve)\s+)*"
    r"(?:deep[- ]?learning|deep nets?|neural[- ](?:net(?:work)?s?)|net(?:work)?s?|dl|ml"
    r"|machine[- ]?learning)\b",
    re.I,
)
_AGAINST = re.compile(r"\b(?:vs|versus)\b|\bcompared (?:to|with)\b", re.I)
# A message that changes the field names it, and otherwise says nothing of its own.
_FIELD = re.compile(
    r"\b(?:dl|ml|(?:deep|machine)[- ]?learning|deep (?:nets?|networks?|models?|ones?)"
    r"|neural net(?:work)?s?|deep"
    r"|(?:classic(?:al)?|traditional|ordinary) (?:ml|machine learning|models?|ones?)"
    r"|tensorflow|keras|scikit(?:-learn)?|sklearn|both)\b",
    re.I,
)
_LINKS = _words(
    "and but so ok okay now then also same too instead version side back only meant asking about "
    "in for with it that this is its general one ones switch rather difference different "
    "counterpart other way go how well apply hold"
)
_EMPTY = (
    STOP_WORDS
    | _LINKS
    | _words(
        "please pls plz hmm hm again true answer question thing like hows whats s m re ve going "
        "production practice work works needed"
    )
) - _words("where when who why used")
_ASKS_WHAT = re.compile(r"\bwhat(?:'?s)?\b(?! (?:about|abt))", re.I)
_COMPARES = re.compile(
    r"\bthe same as\b|\bor not\b|\bpart of\b|\bkind of\b|\binside\b|\bdifferent (?:from|to|than)\b",
    re.I,
)
_DEFINES = re.compile(r"\bwhat(?:'?s| is| are)\b", re.I)


def switches_field(text: str) -> bool:
    """Whether a message does nothing but name the other field.

    Example:
        >>> switches_field("and back to ml, please"), switches_field("what is ml?")
        (True, False)
    """
    fields = _FIELD.findall(text)
    if len(fields) != 1 or _ASKS_WHAT.search(text) or _COMPARES.search(text):
        return False
    rest = [word.lower() for word in _WORD.findall(_FIELD.sub(" ", text))]
    if not rest:
        return text.rstrip().endswith("?")
    return _EMPTY.issuperset(rest) and not _LINKS.isdisjoint(rest)


def is_only_field(text: str) -> bool:
    """Whether a part of a message says nothing of its own but a field.

    Example:
        >>> is_only_field("which with DL?"), is_only_field("what does DL cost?")
        (True, False)
    """
    rest, count = _FIELD.subn(" ", text)
    if count != 1 or _DEFINES.search(text):
        return False
    return _EMPTY.issuperset(word.lower() for word in _WORD.findall(rest))


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.I)


_DRAWING = r"(?:picture|diagram|drawing|illustration|infographic|sketch|image|photo|pic)"
ASPECTS = {
    "simple": _any(
        r"\bsimpl(?:y|er|e words?|e terms?|e english|e language|ify)\b",
        r"\beli ?5\b|\blike i'?m (?:five|5|a)\b|\bto a (?:child|kid|beginner|5)",
        r"\b(?:layman|plain english|easy words|dumb it down|for dummies)",
        r"\b(?:don'?t|do not|can'?t|cannot) (?:really |quite |yet )?(?:understand|get (?:it|this"
        r"|that))\b",
    ),
    "example": _any(
        r"\b(?:an?|some|any|another|real|concrete|your) (?:\w+ )?examples?\b",
        r"\bexamples? (?:of|for)\b|\bfor (?:instance|example)\b|\bthe example\b|\be\.?g\.",
    ),
    "code": _any(
        r"\b(?:the|some|any|your|sample|example|python|sklearn|keras) code\b",
        r"\bcode (?:for|of|snippet|example|sample)\b|\bsnippet\b|\bin (?:python|code)\b",
    ),
    "picture": _any(
        rf"\b{_DRAWING} (?:of|for|it|that)\b|\bvisuali[sz](?:e|ation)\b|\bdraw\b",
        rf"\bshow me an? (?:{_DRAWING}|chart)|\bas an? (?:{_DRAWING}|chart)",
    ),
    "why": _any(
        r"^\W*(?:so |but |and )?why\b|\bwhy\W*$|\bwhy (?:is|are|do|does|should|would|it|we)\b",
        r"\bwhat(?:'s| is) the (?:point|use|purpose)\b|\bhow come\b",
    ),
}
MODELS = {
    "iris": _any(r"\biris\b|\bflowers?\b|\bknn\b|\bspecies\b|\bneighbou?rs?\b|\bbotan"),
    "review": _any(
        r"\breviews?\b|\bsentiment\b|\bmovies?\b|\bfilms?\b|\bkeras\b|\bimdb\b",
        r"\bopinions?\b|\bpositive\b|\bnegative\b",
    ),
}


def find_field(text: str) -> str | None:
    """Return ``ml``, ``dl``, ``both`` or None, whichever the words name."""
    left_out = " ".join(_EXCEPT.findall(text))
    named = _named(_EXCEPT.sub(" ", text))
    if not named and left_out:
        named = [field for field in FIELDS if field not in _named(left_out)]
    if len(named) == 2 or (not named and _BOTH.search(text)):
        return "both"
    if named and _AGAINST.search(text):
        return "both"
    return named[0] if named else None


def _named(text: str) -> list[str]:
    return [field for field, pattern in FIELDS.items() if pattern.search(text)]


def find_aspect(text: str) -> str | None:
    """Return which side of a topic the words ask for, None for the plain answer."""
    return next((aspect for aspect, pattern in ASPECTS.items() if pattern.search(text)), None)


def find_models(text: str) -> list[str]:
    """Return which of the assistant's own models the words name."""
    return [model for model, pattern in MODELS.items() if pattern.search(text)]
