"""Find the review inside a message that announces one, as in "good or bad? A dull film".

A mark parts the announcement from the review: a colon, a new line, a dash, quotation marks, the
end of a question. Whether the words before it announce a review, and whether what follows is one,
is asked of the model that tells the kinds of messages apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nlu.guard import STARS


@dataclass(frozen=True)
class Heard:
    """What kind of message a text is: how likely it announces a review, asks for one, tells one."""

    announces: float
    asks: float
    tells: float


Hear = Callable[[Sequence[str]], list[Heard]]

_MARK = re.compile(r":\s|:(?=[\"“«*])|\n|\s[-–—]\s|\?\s")
_QUOTED = re.compile(r"[\"“«]([^\"“”«»]{3,})[\"”»]|(?<!\w)'([^\n']{8,}(?:'\w[^\n']*){0,9})'(?!\w)")
_LONGEST_ANNOUNCEMENT, _MOST_WORDS_AROUND = 160, 14
# So many words may announce a review without any mark, and so many a review has then.
_MOST_WORDS, _FEWEST_WORDS, _LONGEST = 8, 4, 60
ANNOUNCES, SURE = 0.5, 0.8
ASKS, TELLS = "classify_review", "state_opinion"
# After a verdict "one more" is enough.
GOES_ON = 0.1


def parted(text: str) -> Iterator[tuple[str, str]]:
    """Yield what may announce a review and what follows it, for each mark that may part them."""
    if found := _QUOTED.search(text):
        around = f"{text[: found.start()]} {text[found.end() :]}".strip()
        if 0 < len(around.split()) <= _MOST_WORDS_AROUND:
            yield around, (found[1] or found[2]).strip()
    if found := _MARK.search(text, 0, _LONGEST_ANNOUNCEMENT):
        yield text[: found.end()].strip(" \n:-–—"), text[found.end() :].strip(' \n"“”«»')


def find_review(text: str, hear: Hear, follows: bool = False) -> str | None:
    """Return the review that a request carries, None if it carries none.

    Args:
        text: the message.
        hear: tells what kind of message a text is.
        follows: whether a verdict was spoken of last, so that "and this one:" asks for another.
    """
    if STARS.fullmatch(text.strip()):
        return text.strip()
    for announcement, review in parted(text):
        if announcement and review:
            announced, told = hear((announcement, review))
            if announced.announces >= (GOES_ON if follows else ANNOUNCES):
                return None if told.asks >= ANNOUNCES else review
    return _without_mark(text, hear)


def _without_mark(text: str, hear: Hear) -> str | None:
    """Find the review in "classify this review I loved every minute of it"."""
    words = text.split()
    if not _FEWEST_WORDS < len(words) <= _LONGEST:
        return None
    (whole,) = hear((text,))
    if whole.asks + whole.tells < ANNOUNCES:
        return None
    counts = range(1, min(_MOST_WORDS, len(words) - _FEWEST_WORDS) + 1)
    heads = hear([" ".join(words[:count]) for count in counts])
    asking = [(n, head) for n, head in zip(counts, heads, strict=True) if head.announces >= SURE]
    rests = [" ".join(words[count:]) for count, _ in asking]
    told = [
        (head.announces + heard.tells, rest)
        for (_, head), heard, rest in zip(asking, hear(rests), rests, strict=True)
        if heard.tells >= SURE
    ]
    return max(told)[1] if told else None
