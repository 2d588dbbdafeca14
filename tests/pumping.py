"""Find strings on which a regular expression takes far longer than their length explains.

An expression is slow where quantifiers beside or inside each other match the same characters:
each way of sharing the characters out is tried. Strings that repeat a piece of the expression
itself, behind what leads to it and before something that fits nowhere, bring that out.
"""

from __future__ import annotations

import random
import re
import signal
import sre_constants as sre
import sre_parse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, permutations, product
from typing import Any

# Each method as the code calls it.
METHODS: dict[str, Callable[[re.Pattern[str], str], object]] = {
    "search": lambda pattern, text: pattern.search(text),
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "findall": lambda pattern, text: pattern.findall(text),
    "finditer": lambda pattern, text: list(pattern.finditer(text)),
    "split": lambda pattern, text: pattern.split(text),
    "sub": lambda pattern, text: pattern.sub("", text),
    "subn": lambda pattern, text: pattern.subn("", text),
}
# Characters of every kind that a class may hold, beside those that the expression names.
_KINDS = "a1 .,-_\n'\"/:?!(é"
_SUFFIXES = ("", "\0", ".a", "1 x")
_MOST_WORDS, _MOST_PAIRED, _MOST_STRINGS = 40, 12, 2_000
# A first look at a short string, in seconds, decides whether the long one is worth its time.
_SHORT, _SUSPICIOUS, _ENOUGH = 1_000, 0.0003, 0.02


@dataclass(frozen=True)
class Slow:
    """A string that takes too long: ``prefix + unit * n + suffix``."""

    method: str
    prefix: str
    unit: str
    suffix: str
    seconds: float


class _OutOfTimeError(Exception):
    """The time for one string is over."""


def slow_strings(
    pattern: re.Pattern[str], methods: frozenset[str], length: int, limit: float
) -> Iterator[Slow]:
    """Yield strings of up to ``length`` characters that cost more than ``limit`` CPU seconds."""
    tree = sre_parse.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    units = list(dict.fromkeys([*_KINDS, *_literals(tree), *_words(tree)]))
    signs = dict.fromkeys([*_literals(tree), *units[:_MOST_PAIRED]])
    pairs = ["".join(pair) for pair in permutations(signs, 2)]
    ways = [way for way in dict.fromkeys(_ways_in(tree, "")) if way]
    plain = list(product([""], units, _SUFFIXES[:2]))
    others = [
        *product([""], units, _SUFFIXES[2:]),
        *product([""], pairs, _SUFFIXES[:2]),
        *product(ways, units, _SUFFIXES),
    ]
    most = min(len(others), _MOST_STRINGS)
    for method in sorted(methods):
        call = partial(METHODS[method], pattern)
        for prefix, unit, suffix in chain(plain, random.Random(0).sample(others, most)):
            if _wall_seconds(call, prefix + unit * (_SHORT // len(unit)) + suffix) < _SUSPICIOUS:
                continue
            text = prefix + unit * (length // len(unit)) + suffix
            seconds = min(cpu_seconds(call, text, limit) for _ in range(2))
            if seconds > limit:
                yield Slow(method, prefix, unit, suffix, seconds)


def _wall_seconds(call: Callable[[str], object], text: str) -> float:
    begin = time.perf_counter()
    cpu_seconds(call, text, _ENOUGH)
    return time.perf_counter() - begin


def cpu_seconds(call: Callable[[str], object], text: str, limit: float) -> float:
    """Return the CPU seconds of a call, which is ended a little over the limit."""

    def stop(*_: Any) -> None:
        raise _OutOfTimeError

    before = signal.signal(signal.SIGPROF, stop)
    begin = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, 2 * limit)
        call(text)
    except _OutOfTimeError:
        return time.process_time() - begin
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return time.process_time() - begin


def _ways_in(tree: Any, before: str) -> Iterator[str]:
    """Yield a text that leads to each repeat of an expression."""
    for kind, argument in tree:
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            yield before
            yield from _ways_in(argument[2], before)
        elif kind is sre.SUBPATTERN:
            yield from _ways_in(argument[3], before)
        elif kind is sre.BRANCH:
            for way in argument[1]:
                yield from _ways_in(way, before)
        before += next(iter(_samples([(kind, argument)])), "")


def _words(tree: Any) -> Iterator[str]:
    """Yield texts that the body of each repeat matches, and that several in a row match."""
    for kind, argument in tree:
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            yield from filter(None, islice(_samples(argument[2]), _MOST_WORDS))
            yield from _words(argument[2])
        elif kind is sre.SUBPATTERN:
            yield from _words(argument[3])
        elif kind is sre.BRANCH:
            for way in argument[1]:
                yield from _words(way)
    yield from filter(None, islice(_samples(tree), _MOST_WORDS))


def _literals(tree: Any) -> Iterator[str]:
    """Yield every character that an expression names."""
    for kind, argument in tree:
        if kind is sre.LITERAL:
            yield chr(argument)
        elif kind is sre.IN:
            yield from _literals(argument)
        elif kind is sre.RANGE:
            yield chr(argument[0])
        elif kind is sre.SUBPATTERN:
            yield from _literals(argument[3])
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            yield from _literals(argument[2])
        elif kind is sre.BRANCH:
            for way in argument[1]:
                yield from _literals(way)


def _samples(tree: Any) -> Iterator[str]:
    """Yield texts that a sequence matches, what it asks around it left aside: short ones first."""
    choices = [list(islice(_choices(kind, argument), 6)) for kind, argument in tree]
    seen = set()
    most = max(map(len, choices), default=1)
    # One choice at a time differs from the first of each, then all of them together.
    rows = [[0] * len(choices)]
    rows += [
        [turn if place == at else 0 for place in range(len(choices))]
        for at, options in enumerate(choices)
        for turn in range(1, len(options))
    ]
    rows += [[turn] * len(choices) for turn in range(1, most)]
    for row in rows:
        text = "".join(
            options[min(turn, len(options) - 1)] if options else ""
            for options, turn in zip(choices, row, strict=True)
        )
        if text not in seen:
            seen.add(text)
            yield text


def _choices(kind: Any, argument: Any) -> Iterator[str]:
    if kind is sre.LITERAL:
        yield chr(argument)
    elif kind in (sre.NOT_LITERAL, sre.ANY):
        yield from (sign for sign in "a ." if kind is sre.ANY or ord(sign) != argument)
    elif kind is sre.IN:
        yield from (sign for sign in _KINDS if _holds(argument, sign))
        yield from _literals(argument)
    elif kind is sre.SUBPATTERN:
        yield from _samples(argument[3])
    elif kind is sre.BRANCH:
        for way in argument[1]:
            yield from islice(_samples(way), 2)
    elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        low, high, body = argument
        if not low:
            yield ""
        for sample in islice(_samples(body), 6):
            yield sample * max(1, low)
        if high > 1:
            yield "".join(islice(_samples(body), 3))
    else:
        yield ""


def _holds(members: Any, sign: str) -> bool:
    negated, found = False, False
    for kind, argument in members:
        if kind is sre.NEGATE:
            negated = True
        elif kind is sre.LITERAL:
            found |= argument == ord(sign)
        elif kind is sre.RANGE:
            found |= argument[0] <= ord(sign) <= argument[1]
        elif kind is sre.CATEGORY:
            found |= _in_category(argument, sign)
    return found != negated


def _in_category(category: Any, sign: str) -> bool:
    name = str(category).lower()
    test = (
        str.isspace
        if "space" in name
        else str.isdigit
        if "digit" in name
        else lambda character: character.isalnum() or character == "_"
    )
    return test(sign) != ("not" in name)
