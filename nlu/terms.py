"""Jargon that names a subject outright: "what is SHAP?", "HPO", "ml securty"."""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from nlu.questions import KNOWLEDGE, YAML_LOADER

# What stands around a term in a message that asks what it is, and says nothing else.
_FILLERS = frozenset(
    [
        "a",
        "about",
        "again",
        "an",
        "and",
        "are",
        "define",
        "definition",
        "deep",
        "describe",
        "dl",
        "do",
        "does",
        "explain",
        "explained",
        "explanation",
        "for",
        "give",
        "how",
        "in",
        "info",
        "is",
        "it",
        "learning",
        "machine",
        "me",
        "mean",
        "meaning",
        "means",
        "ml",
        "of",
        "on",
        "please",
        "pls",
        "plz",
        "s",
        "short",
        "stand",
        "stands",
        "tell",
        "term",
        "the",
        "these",
        "this",
        "topic",
        "understand",
        "used",
        "u",
        "what",
        "whats",
        "why",
        "work",
        "works",
        "you",
        "can",
        "could",
        "would",
        "i",
        "like",
        "to",
        "know",
        "problem",
        "problems",
        "role",
        "importance",
        "important",
        "purpose",
        "idea",
        "basics",
        "really",
        "exactly",
        "simply",
        "actually",
        "with",
        "hmm",
        "hm",
        "ok",
        "okay",
        "so",
        "but",
        "now",
        "then",
        "wait",
        "hey",
        "thing",
        "stuff",
        "called",
        "concept",
        "eli5",
        "any",
        "have",
    ]
)
_WORD = re.compile(r"[^\W_]+(?:[-_./][^\W_]+)*(?:'s)?")
_MOST_WORDS = 12
_FUZZY_FROM = 6  # shorter words have too many neighbours
_ALIKE = 0.84


@dataclass(frozen=True)
class Term:
    """A subject that a message names by a term, exactly or with a slip of the fingers."""

    subject: str
    exact: bool


def find_term(text: str, folder: Path = KNOWLEDGE) -> Term | None:
    """Return the subject whose term is all that a message is about, None if there is none.

    Example:
        >>> find_term("whats SHAP?")
        Term(subject='interpretability', exact=True)
    """
    words = [word.lower().removesuffix("'s") for word in _WORD.findall(text)]
    if len(words) > _MOST_WORDS:
        return None
    terms = _terms(folder)
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            if any(word not in _FILLERS for word in words[:start] + words[end:]):
                continue
            if subject := terms.get(" ".join(words[start:end])):
                return Term(subject, exact=True)
    rest = " ".join(word for word in words if word not in _FILLERS)
    if len(rest) < _FUZZY_FROM:
        return None
    near = difflib.get_close_matches(rest, terms, n=1, cutoff=_ALIKE)
    return Term(terms[near[0]], exact=False) if near else None


@functools.lru_cache(maxsize=4)
def _terms(folder: Path) -> dict[str, str]:
    terms: dict[str, str] = {}
    for file in sorted(folder.glob("*.yml")):
        for topic in yaml.load(file.read_text(encoding="utf-8"), YAML_LOADER)["topics"]:
            for term in topic.get("terms", ()):
                terms[" ".join(_WORD.findall(str(term).lower()))] = topic.get(
                    "subject", topic["topic"]
                )
    return terms
