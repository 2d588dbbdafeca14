"""Phrases of short opinions whose verdict no single word shows, and ratings in numbers.

"I couldn't stop laughing" holds no praise, "no better than the first" holds no blame; reviews are
long enough to make up for that, a sentence is not. Each phrase replaces what its words added, so
that the parts still sum to the logit. The list is of everyday English, not of any test set.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

STRENGTH = 2.0
_NOT = r"(?:not|n't|never|no)"
_CANT = r"(?:can't|cant|cannot|can not|couldn't|couldnt|could not|could hardly|could barely)"
_WONT = r"(?:won't|wont|will not|wouldn't|wouldnt|would not)"
_DIDNT = r"(?:didn't|didnt|did not|don't|dont|do not)"
_NOBODY = r"(?:nobody|no one|no viewer|none)"
_GOOD = (
    r"(?:good|great|funny|fun|scary|clever|smart|strong|exciting|interesting|original|entertaining"
    r"|enjoyable|sharp|charming|moving|gripping|memorable|tense|fresh|effective|impressive)"
)
_BETTER = (
    r"(?:better|funnier|scarier|smarter|sharper|stronger|fresher|richer|more (?:fun|exciting"
    r"|interesting|entertaining|enjoyable|moving|gripping|memorable|original|clever))"
)
_WORSE = r"(?:worse|duller|dumber|sillier|more (?:boring|tedious|annoying|pointless|predictable))"
_POOR = (
    r"(?:bad|boring|dull|awful|terrible|silly|stupid|dumb|painful|annoying|cheesy|tedious|predictable"
    r"|dreadful|horrible)"
)
_SUPPOSED = r"(?:(?:i|we|i'd|we'd|had|was|they) )*(?:fear\w*|expect\w*|thought|dread\w*|hop\w*)"
_FEELING = r"(?:laugh\w*|smil\w*|grin\w*|cry\w*|weep\w*|cheer\w*|giggl\w*|applaud\w*)"

_PRAISE = (
    rf"{_CANT} (?:stop|help(?: but)?|quit) (?:{_FEELING}|think\w*|watch\w*|talk\w*|sing\w*"
    rf"|humm\w*)",
    rf"{_CANT} help(?: but)? (?:lov\w*|lik\w*|ador\w*|enjoy\w*|root\w*|admir\w*)",
    rf"(?:far |much |way |a lot )?less {_POOR} than {_SUPPOSED}",
    rf"{_WONT} change a (?:single )?(?:thing|frame|scene|minute|second|word|shot|note)",
    rf"{_CANT} (?:take|keep|tear) (?:my|your|our|his|her) eyes off",
    rf"(?:{_CANT}|impossible to|hard to) look away",
    rf"{_CANT} (?:get enough|recommend (?:\w+ ){{0,2}}(?:enough|highly|more)|praise|say enough"
    rf"|ask for|wish for|go wrong"
    rf"|resist|put it down|fault|find fault|imagine a better|think of a better|name a better)",
    rf"{_CANT} wait (?:to|until i can|till i can) (?:see|watch|rewatch|show|buy)",
    rf"{_DIDNT} want (?:it|this|that|this one|the (?:film|movie|story)) to (?:end|stop|be over"
    rf"|finish)",
    r"wish(?:ed|ing)? (?:it|there) (?:was|were|had been) (?:longer|more of (?:it|them))",
    r"wish(?:ed|ing)? for (?:a (?:second|third|fourth|sequel)|more|another)",
    r"(?:too short|over too soon|flew by|flies by|time flew)",
    rf"(?:nothing|not anything|{_CANT} say anything|not a thing) (?:bad|negative) (?:to say )?",
    r"(?:no|zero|not a single|without(?: any)?|have no|nothing to) (?:real |big )?"
    r"(?:complain\w*|regrets?|quibbles?|criticisms?)",
    r"(?:hard|impossible|difficult|tough) (?:to (?:fault|resist|dislike|beat|top|forget|hate)"
    r"|not to (?:love|like|enjoy|smile|laugh|cry|cheer|be (?:moved|charmed|touched|impressed)))",
    rf"(?:{_WONT}|{_DIDNT}|{_NOBODY} will|never) (?:regret|be (?:disappointed|sorry))",
    r"(?:made of stone|heart of stone|(?:you|they)(?: have|'ve| got)+ no (?:heart|pulse|soul))",
    rf"{_CANT} (?:be|have been|get|have gotten) (?:any )?(?:better|happier|prouder|more pleased)",
    r"(?:doesn't|does not|don't|rarely) get (?:any |much )?better",
    rf"(?:{_WONT}|never|{_CANT}) (?:find|see|ask for|hope for|get|make|seen) a {_BETTER}",
    rf"(?<!no )(?<!not )(?<!any )(?:so much |way |far |much |even )?{_BETTER} than",
    rf"(?:nothing|no (?:movie|film)|never|rarely|seldom|not since)\b(?: \w+){{0,6}} (?:so|this"
    rf"|that)"
    rf" (?:hard|happy|moved|touched|alive|{_GOOD})\b",
    r"pull(?:s|ed)? it off|pulled off|knocks? it out of the park|nail(?:s|ed) (?:it|the)"
    r"|hits? (?:the|every) (?:mark|note|right note)|stole my heart|(?:blew|blown) (?:me |us )?away"
    r"|edge of (?:my|your|our|the|their) seats?|goosebumps|gave me chills"
    r"|worth (?:every|the) (?:penny|minute|cent|second|price|wait|trip|time|ticket)"
    r"|(?:see|saw|watch|watched|seen) it (?:twice|again|three times|a second time)"
    r"|(?:see|watch|sit through) (?:it|this) again|on repeat|swept (?:me )?away|won me over"
    r"|instant classic|tour de force|stays? with (?:me|you)|under my skin",
    r"(?:so much|way|far|even|much) better|never knew (?:i|we) needed|if (?:this|it|she|he) doesn't"
    r" win|deserves? (?:every|an?|all the|any) (?:award|oscar|prize|praise|success)\w*",
    r"(?:if only|i wish) (?:all|every|more) (?:\w+ ){1,2}(?:were|was|could be)",
    r"(?:if )?(?:you )?(?:don't|do not) (?:enjoy|like|love) (?:this|it) check your pulse"
    r"|check your pulse"
    r"|banger|no wonder it won|(?:don't|do not) make them like this|right from the first|just right"
    r"|(?:not|never|didn't) once (?:did i )?(?:look|check|glance)\w* (?:at )?(?:my|the) (?:watch"
    r"|phone)"
    r"|(?:would|will) not hesitate to recommend|nothing beats|crime not to see|out of my (?:head"
    r"|mind)|seen it (?:two|three|four|five|\d+) times"
    r"|(?:theater|theatre|audience|crowd|cinema|everyone|everybody|room) (?:clapped|cheered"
    r"|applauded"
    r"|roared|gasped|stood up)",
    r"(?:exceeded|surpassed|beat) (?:all )?(?:my |our |every )?expectations?",
    r"glad (?:that )?(?:i|we) (?:stayed|went|saw|watched|gave)",
)
_BLAME = (
    rf"{_CANT} wait (?:for (?:it|this|that|the (?:film|movie|end))|to (?:leave|get out|go home))",
    rf"{_CANT} (?:bring myself|care less|sit through|finish|make it (?:through|past|to)|stand"
    rf"|believe (?:i|we) (?:sat|paid|wasted|watched|finished)|get (?:into|past|through)|stay awake"
    rf"|keep (?:my )?eyes open)",
    rf"(?:{_DIDNT}|never) (?:think|thought|believe\w*) (?:it|this) (?:would|'d"
    rf"|will) (?:n?ever )?end",
    r"felt like (?:an eternity|hours|forever|years|a lifetime)",
    r"(?:no|zero|not any|not an? \w*|lacks?(?: any)?|lacking(?: any)?|without(?: any)?|little"
    r"|devoid of"
    r"|few|not one|not a single) (?:redeeming|chemistry|point|reason to (?:see|watch|care)|laughs?"
    r"|tension|suspense|depth|charm|heart|soul|spark|wit|plot|story|interesting|pulse|energy|life|humou?r"
    r"|substance|flavou?r)\b(?: \w+)?",
    rf"(?:{_CANT}|hard to|struggle\w* to) (?:think of|find|see|name|say) (?:a|any|one|anything)"
    r"(?: single)? (?:good|reason|point|redeeming|nice|thing to like)\b(?: thing)?(?: to (?:like"
    r"|see"
    r"|watch))?",
    rf"{_CANT} think of (?:anyone|anybody) who (?:would|could) (?:like|love|enjoy)",
    rf"nowhere (?:near(?:ly)?|close to) (?:as )?{_GOOD}|(?:not|isn't|wasn't|never) (?:nearly "
    rf"|half |even |quite )?as {_GOOD} as",
    rf"(?:no|not any|not much|hardly|barely) {_BETTER} than",
    rf"{_WORSE} than",
    rf"(?:far |much |way |a lot )?less {_GOOD} than {_SUPPOSED}",
    rf"{_CANT} stop (?:check\w*|look\w* at (?:my|the)|yawn\w*|sigh\w*|wondering)",
    r"(?:happy|glad|relieved|pleased) (?:to see the (?:end )?credits|when it (?:was over|ended))"
    r"|ruin(?:s|ed) (?:my|the|a|it|what)",
    r"snooze\w*|no excuse for|hesitate to recommend|isn't over soon enough|has lost all"
    r"|worst enemy|(?:hours?|minutes|money|evening|life|time) (?:of my life )?back\b|paint dry"
    r"|(?:fell|falling|fall) asleep|put (?:me|us) to sleep|nodd(?:ed|ing) off|checking (?:my|our"
    r"|the) (?:watch|phone)"
    r"|check(?:ed)? (?:my|our|the) (?:watch|phone|time)|walk(?:ed|ing)? out (?:of|after|halfway"
    r"|before)"
    r"|stay(?:ed)? (?:at )?home|cured? (?:my|your|for) insomnia|left (?:me|us) cold"
    r"|(?:didn't|couldn't|don't|never) care (?:about|for|who|what(?! (?:the |any|people|they"
    r"|others)))"
    r"|phon(?:ed|es|ing|ed) it in|falls? flat|fell flat|by the numbers|going through the motions"
    r"|style over substance|all style|tin ear|paper thin|cash (?:grab|in)|lost (?:me|my interest)"
    r"|gave up (?:after|half|on)|not for me|thumbs down|leave(?:s|d)? a lot to be desired"
    r"|(?:don't|do not|never) believe the hype|what were they thinking|skip (?:it|this)"
    r"|steer clear|stay away|avoid (?:it|this)",
    r"(?:(?:i )?(?:would|'d)|i'd) (?:much )?rather (?:\w+ ){0,2}(?:watch|have|be|do|stare|eat"
    r"|clean|sit|go|read)",
    rf"{_CANT} (?:make|be|get|have been|imagine) (?:an? )?{_WORSE}(?: \w+){{0,3}}",
    r"(?:none|not one|neither) of (?:those|that|these|them|which)",
)
_RATING = re.compile(
    r"(\d{1,4}(?:\.\d{1,4})?|one|two|three|four|five|six|seven|eight|nine|ten|zero)(?: and a half)?"
    r"(?: stars?)?\s{0,9}(?:/|out of)\s{0,9}(5|6|10|100|five|six|ten|a hundred)\b",
    re.IGNORECASE,
)
_STARS = re.compile(r"[★☆⭐][★☆⭐½]*")
_MOST_STARS = 5
_NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_GOOD_SHARE, _BAD_SHARE = 0.65, 0.4


def _any(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"(?<![\w'])(?:" + "|".join(phrases) + r")(?![\w'])")


# What stands shortly before a phrase and takes it back: "didn't even fall asleep".
_DENIED = re.compile(
    r"\b(?:not|never|no one|nobody|nothing|\w+n't|dont|didnt|wont|wouldnt|almost|nearly|ready to"
    r"|about to|expected to|going to)\b"
)
_NEAR = 3
_NOTHING = (r"(?:i was|was i|proved? me|i stand) (?:so |very |completely |dead |totally )?wrong",)
_SIDES = (
    (_any(_NOTHING), 0.0),
    (_any(_PRAISE), STRENGTH),
    (_any(_BLAME), -STRENGTH),
)


@dataclass(frozen=True)
class Idiom:
    """A phrase: the words from ``start`` up to ``end``, and what they add to the logit."""

    start: int
    end: int
    weight: float


def find(words: Sequence[str]) -> list[Idiom]:
    """Return the phrases in a text, given as words in lower case; none overlaps another."""
    text = " ".join(words)
    starts = [0, *accumulate(len(word) + 1 for word in words)]
    found = []
    for pattern, weight in _SIDES:
        for match in pattern.finditer(text):
            start, end = _index(starts, match.start()), _index(starts, match.end() - 1) + 1
            denied = _DENIED.search(" ".join(words[max(0, start - _NEAR) : start]))
            found.append(Idiom(start, end, -weight if denied else weight))
    longest = sorted(found, key=lambda idiom: idiom.start - idiom.end)
    kept: list[Idiom] = []
    for idiom in longest:
        if all(idiom.end <= other.start or other.end <= idiom.start for other in kept):
            kept.append(idiom)
    return kept


def weigh(words: npt.NDArray[np.float64], found: Sequence[Idiom]) -> npt.NDArray[np.float64]:
    """Return what the words of a text add once its phrases speak for their words."""
    weighed = words.copy()
    for idiom in found:
        weighed[idiom.start : idiom.end] = idiom.weight / (idiom.end - idiom.start)
    return weighed


def rating(text: str) -> float | None:
    """Return the share of the points that a text gives, 0 to 1; None if it gives none.

    Example:
        >>> rating("a solid 8/10"), rating("three stars out of six"), rating("★★★★☆")
        (0.8, 0.5, 0.8)
    """
    if stars := _STARS.search(text):
        given = sum(map(stars[0].count, "★⭐")) + stars[0].count("½") / 2
        return given / max(_MOST_STARS, given + stars[0].count("☆"))
    found = _RATING.search(text)
    if found is None:
        return None
    given, most = (_number(part.lower()) for part in found.groups())
    half = 0.5 if "and a half" in found[0].lower() else 0.0
    return (given + half) / most if given <= most else None


def _number(word: str) -> float:
    if word == "a hundred":
        return 100.0
    return float(_NAMES.index(word)) if word in _NAMES else float(word)


def side(share: float) -> float:
    """Return what a rating adds to the logit: nothing if it lies in the middle."""
    return STRENGTH if share >= _GOOD_SHARE else -STRENGTH if share <= _BAD_SHARE else 0.0


def _index(starts: Sequence[int], place: int) -> int:
    return bisect_right(starts, place) - 1
