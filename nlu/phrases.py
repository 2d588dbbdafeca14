"""Words that say which field, which aspect or which model a message is about."""

from __future__ import annotations

import re

_DL = r"\bdl\b|\bdeep[- ]?(?:learn\w*|net\w*|model\w*)|\bneural\b|\bnn'?s\b|\bdeep\b"
_ML = (
    r"\bml\b|\bmachine[- ]?lear\w*|\b(?:classical?|traditional|classic|ordinary|plain|shallow)"
    r" (?:ml|models?|machine|algorithms?|methods?)"
)
FIELDS = {"dl": re.compile(_DL, re.I), "ml": re.compile(_ML, re.I)}
_BOTH = re.compile(
    r"\bboth\b|\bside by side\b|\beach (?:of them|other)\b|\bthe two\b|\bversus\b|\bvs\b", re.I
)


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.I)


_DRAWING = r"(?:picture|diagram|drawing|illustration|infographic|sketch)"
ASPECTS = {
    "simple": _any(
        r"\bsimpl(?:y|er|e words?|e terms?|e english|e language|ify)\b",
        r"\beli ?5\b|\blike i'?m (?:five|5|a)\b|\bto a (?:child|kid|beginner|5)",
        r"\b(?:layman|plain english|easy words|dumb it down|for dummies)",
    ),
    "example": _any(
        r"\b(?:an?|some|any|another|real|concrete|your) (?:\w+ )?examples?\b",
        r"\bexamples? (?:of|for)\b|\bfor instance\b",
    ),
    "code": _any(
        r"\b(?:the|some|any|your|sample|example|python|sklearn|keras) code\b",
        r"\bcode (?:for|of|snippet|example|sample)\b|\bsnippet\b|\bin python\b",
    ),
    "picture": _any(
        rf"\b{_DRAWING} (?:of|for|it|that)\b|\bvisuali[sz](?:e|ation)\b|\bdraw\b",
        rf"\bshow me an? (?:{_DRAWING}|chart)|\bas an? (?:{_DRAWING}|chart)",
    ),
    "why": _any(
        r"^\W*(?:so |but |and )?why\b|\bwhy (?:is|are|do|does|should|would|it|we)\b",
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
    named = [field for field, pattern in FIELDS.items() if pattern.search(text)]
    if len(named) == 2 or (not named and _BOTH.search(text)):
        return "both"
    return named[0] if named else None


def find_aspect(text: str) -> str | None:
    """Return which side of a topic the words ask for, None for the plain answer."""
    return next((aspect for aspect, pattern in ASPECTS.items() if pattern.search(text)), None)


def find_models(text: str) -> list[str]:
    """Return which of the assistant's own models the words name."""
    return [model for model, pattern in MODELS.items() if pattern.search(text)]
