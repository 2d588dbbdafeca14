"""Does a text speak of films at all? Asked where what it says about them is not clear."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_FILM = (
    "film films movie movies cinema cinemas theater theatre screen screening picture flick "
    "flicks dvd blu ray netflix hollywood bollywood oscar oscars studio blockbuster genre "
    "story stories storyline plot plots script scripts screenplay writing writer writers "
    "written dialogue dialogues dialog character characters hero heroes heroine villain "
    "villains protagonist acting actor actors actress actresses cast casting star stars "
    "starring performance performances performer role roles scene scenes sequence ending "
    "finale climax opening twist twists sequel sequels prequel remake adaptation franchise "
    "trailer trailers director directors directed directing direction debut cinematography "
    "photography camera camerawork edited editing score soundtrack music effects cgi visuals "
    "costumes comedy comedies comic drama dramas thriller thrillers horror romance romantic "
    "western musical documentary animation animated cartoon satire spoof joke jokes humor "
    "humour laugh laughs laughed laughing cry cried tears yawn yawned bored boring boredom "
    "dull funny unfunny scary suspense suspenseful predictable cliche cliches pacing pace "
    "runtime credits popcorn ticket tickets audience audiences viewer viewers viewing critic "
    "critics critical watch watched watching watchable rewatch recommend recommended "
    "entertaining entertainment enjoy entertained enjoyed enjoyable good bad great best worst "
    "better worse nice poor terrible awful horrible excellent wonderful amazing brilliant "
    "fantastic perfect masterpiece disaster garbage rubbish trash crap love loved loves hate "
    "hated hates like liked dislike disliked disappointing disappointed disappointment waste "
    "wasted fun beautiful beautifully charming clever stupid silly dumb mess masterful superb "
    "stunning lovely delightful ridiculous pathetic lame annoying "
)
_WORDS = frozenset(_FILM.split())
_LONG_LIST = 4
_RATING = re.compile(
    r"\d\s*(?:/|out of)\s*(?:5|10|100)\b|\b\d+\s*(?:stars?|points?)\b|[★☆⭐]|\*{2,}", re.I
)
# What stands on a poster or in a catalogue and praises nothing.
_FACTS = re.compile(
    r"\b(?:directed|written|produced|starring|distributed) (?:by\b)?|\brunning time\b"
    r"|\brated (?:pg|r)\b"
    r"|\b(?:released|filmed|shot|set|made|premiered) (?:in|on) (?:[A-Z]|\d|the )|\bminutes long\b"
    r"|\b(?:have|has|'ve)(?: not|n't) (?:seen|watched) (?:it|this|that)\b"
    r"|\bgoing (?:to (?:see|watch) it )?(?:tomorrow|tonight|on \w+day)\b|\bruns for \d"
    r"|\b\d+ (?:min|minutes)\b|\bstars? [A-Z]\w+ [A-Z]|\bbased on (?:a|the)\b",
)
_QUESTION = re.compile(
    r"\W*(?:(?:hi|hello|hey|ok|so|and|but|hm+|wait)\W+)*(?:who|what|when|where|which|how|is|are|do|does"
    r"|did|can|could|should|shall|may|will)\b(?! (?:a|an)\b)"
    r"(?:[^.!?]*\?)+(?:[^\w?.!]*[.!]\W*|[^\w?.!]*)",
    re.IGNORECASE,
)
_HAPPENING = (
    "moves discovers inherits returns meets marries disappears investigates travels arrives "
    "prepares drifts learns hides steals escapes befriends searches sets finds lives refuses "
    "joins loses "
)
_HAPPENS = frozenset(_HAPPENING.split())
_OF_VIEWERS = (
    "i me my we us our you your film films movie movies actor actors actress acting cast "
    "performance performances director direction script writing dialogue screenplay boring "
    "brilliant funny best worst great terrible awful wonderful ! "
)
_WORDS_OF_VIEWERS = frozenset(_OF_VIEWERS.split())
_BEGINNINGS = frozenset({"a", "an", "the", "after", "when", "in", "on", "two", "three", "four"})
_LITTLE = (
    "a an the i it this that he she they we you is was are were be been of and "
    "but so not in on to for with my me what as very too really more no"
)
_LITTLE_WORDS = frozenset(_LITTLE.split())


def is_question(text: str) -> bool:
    """Whether a text is one question, and not one that only exclaims."""
    return _QUESTION.fullmatch(text) is not None


def states_facts(text: str) -> bool:
    """Whether a text says what a catalogue says: who made a film, when, and how long it runs."""
    return _FACTS.search(text) is not None


def tells_plot(words: Sequence[str]) -> bool:
    """Whether a text tells what happens to somebody, and nothing of whoever saw it."""
    if not words or words[0] not in _BEGINNINGS or _HAPPENS.isdisjoint(words):
        return False
    return _WORDS_OF_VIEWERS.isdisjoint(words)


def is_list(words: Collection[str]) -> bool:
    """Whether a text is no sentence: four words or more, and none of those that tie words."""
    return len(words) >= _LONG_LIST and _LITTLE_WORDS.isdisjoint(words)


def has_rating(text: str) -> bool:
    """Whether a text holds a rating, such as "2/10" or "four stars"."""
    return _RATING.search(text) is not None


def speaks_of_films(words: Iterable[str], text: str) -> bool:
    """Whether a text holds a word about films or about liking something, or a rating.

    Args:
        words: its words, in lower case.
        text: the text itself.
    """
    return not _WORDS.isdisjoint(words) or has_rating(text)
