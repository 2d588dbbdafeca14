"""Cut a message into the requests that it holds: "hi! what is DL, and how do I install Keras?"."""

from __future__ import annotations

import re

from nlu.phrases import is_only_field

MAX_CHARACTERS = 300  # what is longer is a story or a review, not two questions
MOST_REQUESTS = 4

_SEPARATOR = r"[\s,.!?;:-]{1,9}"
_THANKS = r"(?:many )?(?:thanks?|thank you|thx|cheers)(?: you)?(?: (?:so|very) much| a lot| again)?"
_GREETING = (
    r"(?:hi+|hello+|hey+|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))"
    r"(?: (?:there|fathom|bot|all|everyone|friend|mate))?"
)
_OPENING = re.compile(rf"^\W*(?:(?:{_GREETING}|{_THANKS}){_SEPARATOR}(?:and |but |now )?)+", re.I)
_CLOSING = re.compile(
    rf"(?:{_SEPARATOR}(?:please|pls|plz|{_THANKS}(?: in advance)?|bye)){{1,6}}\W*$", re.I
)
_ASKS = (
    r"(?:what|whats|what's|how|why|when|which|who|where|is|are|does|do|did|can|could|should|would"
    r"|will|tell|explain|show|give|describe|define|compare|list|name|draw|plot|classify|predict"
    r"|judge|install|teach|i(?: would|'d)? (?:want|like|need))\b"
)
_JOINT = re.compile(
    rf"(?<=[.?!;])\s+|(?:\s{{0,9}}[,;])?\s{{1,9}}(?:and|but|then|also|plus)(?:\s{{1,9}}(?:also|then))?"
    rf"\s{{1,9}}(?={_ASKS})|\s{{0,9}},\s{{1,9}}(?={_ASKS})",
    re.I,
)
_ASKING = re.compile(rf"^\W*(?:and |so |but |then |also |please )*{_ASKS}", re.I)


def without_courtesies(text: str) -> str:
    """Return a text without the greeting or thanks around it; the text if nothing else is there.

    Example:
        >>> without_courtesies("hello there, what is a tensor? thank you!")
        'what is a tensor'
    """
    bare = _CLOSING.sub("", _OPENING.sub("", text)).strip()
    return bare if len(bare.split()) > 1 else text


def requests_in(text: str) -> list[str]:
    """Return the parts of a text that ask for something, in its order, courtesies left out.

    Example:
        >>> requests_in("what is overfitting and how do I install keras?")
        ['what is overfitting', 'how do I install keras?']
        >>> requests_in("which jobs go to classic ML and which go to deep networks?")
        []
    """
    if len(text) > MAX_CHARACTERS:
        return []
    parts = [without_courtesies(part.strip()) for part in _JOINT.split(text.strip()) if part]
    if any(is_only_field(part) for part in parts[1:]):
        return []
    asking = [part for part in parts if part.endswith("?") or _ASKING.match(part)]
    return [part for part in asking if len(part.split()) > 1][:MOST_REQUESTS]
