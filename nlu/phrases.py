"""Words that say which field, which aspect or which model a message is about."""

from __future__ import annotations

import re

_DL = r"\bdl\b|\bdeep[- ]?(?:learn\w*|net\w*|model\w*)|\bneural\b|\bnn'?s\b|\bdeep\b"
_ML = (
    r"\bml\b|\bmachine[- ]?lear\w*|\b(?:classical?|traditional|classic|ordinary|plain|shallow)"
    r" (?:ml|models?|machine|algorithms?|methods?)"
)
FIELDS = {"dl": re.compile(_DL, re.I), "ml": re.compile(_ML, re.I)}
_BOTH = re.compile(r"\bboth\b|\bside by side\b|\beach (?:of them|other)\b|\bthe two\b|\bversus\b|\bvs\b", re.I)

ASPECTS = {
    "simple": re.compile(
        r"\bsimpl(?:y|er|e words?|e terms?|e english|e language|ify)\b|\beli ?5\b|\blike i'?m (?:five|5|a)\b"
        r"|\b(?:layman|plain english|easy words|dumb it down|for dummies|to a (?:child|kid|beginner|5))",
        re.I,
    ),
    "example": re.compile(r"\b(?:an?|some|any|another|real|concrete|your) (?:\w+ )?examples?\b|\bexamples? (?:of|for)\b|\bfor instance\b", re.I),
    "code": re.compile(r"\b(?:the|some|any|your|sample|example|python|sklearn|keras) code\b|\bcode (?:for|of|snippet|example|sample)\b|\bsnippet\b|\bin python\b", re.I),
    "picture": re.compile(r"\b(?:picture|diagram|drawing|illustration|infographic|sketch|visual(?:i[sz]ation|ise|ize)?) (?:of|for|it|that)\b|\bdraw\b|\bshow me a (?:picture|diagram|drawing|chart)|\bas a (?:picture|diagram|chart)", re.I),
    "why": re.compile(r"^\W*(?:so |but |and )?why\b|\bwhy (?:is|are|do|does|should|would|it|we)\b|\bwhat(?:'s| is) the (?:point|use|purpose)\b|\bhow come\b", re.I),
}
MODELS = {
    "iris": re.compile(r"\biris\b|\bflowers?\b|\bknn\b|\bspecies\b|\bneighbou?rs?\b|\bbotan", re.I),
    "review": re.compile(r"\breviews?\b|\bsentiment\b|\bmovies?\b|\bfilms?\b|\bkeras\b|\bimdb\b|\bopinions?\b|\bpositive\b|\bnegative\b", re.I),
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
