"""The grammar of numbers: what a message says about flowers and about k.

A message becomes tokens: numbers, labels, units, words, marks. Each step over them settles one
question: what belongs to k, what only counts, what is taken back, what a list or a table holds,
what each number measures, and whether it measures anything at all.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise, takewhile

from spacy.lang.en.stop_words import STOP_WORDS
from text_to_num import text2num

FIELDS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
CENTIMETRES = {"cm": 1.0, "mm": 0.1, "inch": 2.54, "m": 100.0}
_LONGEST = 10  # cm, of anything that is measured here

_DIGIT = "zero|nought|oh|one|two|three|four|five|six|seven|eight|nine"
_TEEN = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SPOKEN = rf"(?:{_TENS})(?:[ -](?:{_DIGIT}))?|{_TEEN}|{_DIGIT}"
# A whole number, in digits or in words.
WHOLE = rf"(?:{_SPOKEN}|\d+)"
# A number in digits. Its quantifiers are bounded, so that it cannot be made to backtrack.
NUMBER = r"-?(?:\d{1,9}(?:[.,]\d{1,9})?|[.,]\d{1,9})"

_END = r"(?![^\W\d_])"
_UNIT = rf"(?:cms?|centim\w{{2,7}}|mms?|millim\w{{2,7}}|in|ins|inch(?:es)?|m|met(?:er|re)s?){_END}"
_DECIMAL = rf"(?:{_DIGIT}|\d{{1,3}})(?!\w)"
_SHARE = (
    r"(?:[¼½¾⅓⅔⅛⅜⅝⅞]|(?:1/2|[12]/3|[13]/4|[1357]/8)(?![\d/])|(?:a|one|two|three)\s"
    rf"(?:half|quarter|third)s?(?!\w|:|\sone)(?:\sof\san?(?=\s{_UNIT})|(?!\sof\s)))"
)
# "-5.1", "1e-3", "five point one", "6 1/2", "two and a half", "an inch and a quarter", ".2"
_NUMBER = (
    r"(?P<minus>(?<![^\s=:,;(\[|&\"'])[-−]|(?:minus|negative|plus)\s)?"
    rf"(?:(?<![\d/.,])(?P<share>{_SHARE})|(?P<half>half)\s(?:of\s)?an?(?=\s{_UNIT})"
    rf"|(?:nan|inf(?:inity)?){_END}"
    rf"|(?P<whole>\d+|(?:{_SPOKEN}){_END}|an?(?=\s{_UNIT}\sand\s))"
    r"(?P<exact>(?:\.\d+)+(?:e[-+]?\d+)?|e[-+]?\d+)?"
    rf"(?:(?:[\s-]?|(?:\s(?P<inner>{_UNIT}))?\sand\s)(?P<more>{_SHARE})"
    rf"|\s?(?:point|dot|comma)\s?(?P<spoken>{_DECIMAL}(?:\s{_DECIMAL}(?!\s(?:point|dot)))?))?"
    rf"|\.\d+|point\s(?P<alone>{_DECIMAL}))"
)
_TOKEN = re.compile(
    r"(?P<line>[\n\r\[\]{}])"
    r"|(?P<date>\d{4}-\d\d-\d\d|(?<![\d/])\d\d?/\d\d?/\d{4}"
    r"|\d\d?(?:st|nd|rd|th)?\s[a-z]{3,9}\s(?:19|20)\d\d"
    r"|(?<![\d.:])(?<!\d\s)\d\d?:[0-5]\d(?![\d.:]|\s\d\d?:))|(?P<letter>(?<!\w)[a-d]\))"
    rf"|(?P<number>{_NUMBER})|(?P<unit>{_UNIT}|(?:cm|mm|in)(?=[x×]\.?\d)|″|(?<=\d)'')"
    r"|(?P<gap>n/a)|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)"
    # An empty cell stands between two marks or behind the first of a line: ",,", "| - |", "=&".
    r"|(?P<empty>[,;|\t] {0,9}(?:[-–—?] {0,9})?(?=[,;|\t])|(?<![^\n])[,;\t]|\"\""
    r"|[=:]\s{0,3}(?:[-–—?](?![^\s,;&|])|(?=[&,;}]|\n[^\d\n]|$)))"
    r"|(?P<mark>\S|\t)",
    re.IGNORECASE,
)
# A word that names a part, a side or both: "sepal", "width", "pl", "SepalLengthCm".
_LABEL = re.compile(
    r"(?:(?P<sepal>s[eé]{1,2}pp?[ae]?l(?:e|um)?s?|sep(?=.)|s(?=.))"
    r"|(?P<petal>p[eé](?:tt?|d)[ae]?l(?:e|um)?s?|pet(?=.)|p(?=.)))?"
    r"(?:(?P<length>le[ngth]{3,5}s?|len|long|(?<=.)l)"
    r"|(?P<width>wi[dht]{2,4}s?|wid|wdth|breadth|wide|(?<=.)w))?(?:cm)?"
)
_WORDS = {
    word: kind
    for kind, words in {
        "k": "k knn",
        "near": "nearest closest neighbour neighbours neighbor neighbors neigbours neigbors nn nns",
        "gap": "na null none nil missing unknown",
        "back": "no wait sorry oops ups actually rather correction",
        "join": "x by and n × *",
    }.items()
    for word in words.split()
}
# What has numbers of its own.
_FIGURE = re.compile(
    r"\w{0,30}error|accura|articl|avera|batch|bias|book|chapter|correlat|deviat|epoch|loss|matri"
    r"|mean$|paper|page$|line$|precisi|probabil|recall|score|seed|shape|std$|thresh|varian|version"
    r"|weight"
)
_ALONE = re.compile(_DIGIT, re.IGNORECASE)
# What HTML and escapes write for the ends of cells and rows.
_MARKUP = re.compile(
    # A tag, unless a longer one holds values; an escape; the place in a list; a float of C.
    r"<(?P<tag>/?[a-z]\w?)(?:(?!\w)[^<>]{0,200}|[^<>\d]{0,200})>|\\(?P<escape>[nrt])(?![a-z])"
    r"|&nbsp;|(?<=\w)\[\d{1,4}\](?=\s{0,3}=)|(?<=\d)f(?!\w)|\\[a-z]{2,12}\{|\}\{",
    re.IGNORECASE,
)
_WRITES = {"td": "|", "th": "|", "/tr": "|\n", "t": "\t"} | dict.fromkeys(
    ("br", "li", "n", "r"), "\n"
)
_POINTED, _COMMAS = re.compile(r"\d\.\d|,,"), re.compile(r"(?<![\d,])\d+(?:,\d+)+")
_UNITS = {"cm": "cm", "ce": "cm", "mm": "mm", "mi": "mm", "m": "m", "me": "m"}
_SHARES = {"half": 0.5, "quarter": 0.25, "third": 1 / 3}
_LINK = re.compile(
    r"[=:,(]|is|of|to|at|be|being|equals?|was|with|for|the|value|about|around|or|and|then|vs|versus"
)
_CELL = [[mark, mark] for mark in ",;|\t"]
_SAYS = ("=", ":", "is", "was", "about", "of", "to", "by", "and")
_QUESTIONS = ("what", "why", "how", "who", "when", "which", "where")
# What people say around a number that answers, beside the commonest words of all.
_TALK = re.compile(
    r"[ao]+h+|[deimnsuy]|er+m*|h[aeiu]y?(?:ha){0,9}|hello|h*m+|lol|ok(?:ay)?|u[hm]+|y(?:es|eah|ep|up)"
    r"|nope|pl[sz]|thanks?|thx|fine|nice|right|sure|course|kidding|minus|plus|approx|ca|maybe|answer"
    r"|believe|came|change|classify|correct|determine|enter|forgot|gives?|got|guess|identify|instead"
    r"|kind|know|let|like|looks?|measured?|new|predict|reads|reckon|recogni[sz]e|said|same|says|set"
    r"|takes?|tell|think|time|try|type|use"
)
_OF_FLOWERS = re.compile(
    r"measur(?:ements?|ing)|values?|numbers?|readings?|dimensions|features|data|prediction|model"
    r"|ruler|tape|typo|species|iris|irises|flowers?|plants?|samples?|setosa|versicolor|virginica"
)


@dataclass(frozen=True)
class Measurement:
    """One number: its value in centimetres, what it measures (if said) and its unit (if said)."""

    value: float
    field: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Reading:
    """Everything numeric that a message says about flowers or the model.

    Attributes:
        measurements: the numbers that measure something; of several flowers those of the first.
        ks: the numbers of neighbours, as they were written.
        flowers: of two flowers or more the four values of each, in centimetres and in the order
            of ``FIELDS``, None where one is left open; of a single flower nothing.
    """

    measurements: tuple[Measurement, ...] = ()
    ks: tuple[str, ...] = ()
    flowers: tuple[tuple[float | None, ...], ...] = ()


@dataclass(eq=False)
class _Token:
    """A number, a word or a mark, and what has been found out about it."""

    kind: str
    text: str = ""
    glued: bool = False
    field: str | None = None
    unit: str | None = None
    sure: bool = False

    @property
    def is_label(self) -> bool:
        return self.kind in ("part", "side", "field")

    @property
    def is_whole(self) -> bool:
        return self.kind in ("number", "spoken") and self.text.lstrip("-").isdecimal()

    @property
    def is_known(self) -> bool:
        """Whether it may stand beside a number that measures something."""
        word = self.text.replace("’", "'").split("'")[0]
        if self.kind != "word" or word in STOP_WORDS or word.isdecimal() or word.endswith("ly"):
            return self.kind != "figure"
        return bool(_TALK.fullmatch(word) or _OF_FLOWERS.fullmatch(word))

    @property
    def value(self) -> float:
        """What it says in centimetres, not a number where it says nothing."""
        value = float(self.text) if self.kind == "number" else math.nan
        value *= CENTIMETRES[self.unit or "cm"]
        return round(value, 4) if math.isfinite(value) else math.nan


_Tokens = list[_Token]


def read_numbers(text: str) -> Reading:
    """Return the measurements, in the order typed, and every k as it was written.

    Example:
        >>> read_numbers("petal width of 2 mm").measurements
        (Measurement(value=0.2, field='petal_width', unit='mm'),)
    """
    p = [*_with_fields(_tokens(text)), *[_Token("end")] * 4]
    ks = _read_k(p)
    _leave_out_counts(p)
    _read_list(p)
    _give_units(p)
    _take_back(p)
    rows = _read_rows(p)
    in_rows = {token for row in rows for token in row}
    labelled = _read_labels([token for token in p if token not in in_rows])
    flowers = rows or labelled
    _leave_out_remarks(p, bool(rows))
    _read_millimetres(_numbers(p))
    numbers = _numbers(flowers[0] if flowers[1:] else p)
    if any(token.kind == "back" for token in p):  # the last of each field holds
        if [number.field for number in numbers[:4]].count(None) == 4:
            for name, number in zip(FIELDS, numbers, strict=False):
                number.field = name
        numbers = [*{number.field or number: number for number in numbers}.values()]
    if {number.field for number in numbers}.issuperset(FIELDS):
        numbers = [number for number in numbers if number.field]
    measured = tuple(Measurement(number.value, number.field, number.unit) for number in numbers)
    table = [[None if math.isnan(t.value) else t.value for t in row] for row in flowers]
    return Reading(measured, tuple(ks), tuple(map(tuple, table)) if table[1:] else ())


def named_unit(text: str) -> str | None:
    """Return the unit that a text names, as in "that was in inches", if it is not centimetres."""
    units = (token.unit for token in _tokens(text) if token.text not in ("in", "m"))
    return next((unit for unit in units if unit not in (None, "cm")), None)


def _tokens(text: str) -> Iterator[_Token]:
    """Cut a text into tokens; a comma is decimal where nothing else separates decimals."""
    text = text.replace("\n", " ") if "</t" in text.lower() else text.replace("·", ".")
    text = _MARKUP.sub(lambda found: _WRITES.get((found[1] or found[2] or "").lower(), " "), text)
    text = text if _POINTED.search(text) else _COMMAS.sub(_with_points, text)
    end, quoted, last = 0, False, _Token("line")
    for found in _TOKEN.finditer(text):
        written = found[0].lower()
        glued = last.kind != "line" and not text[end : found.start()].strip("\"'")
        token = _Token(str(found.lastgroup), written, glued)
        if written == "'" or (
            written == '"' and (quoted or last.kind != "number" or not token.glued)
        ):
            quoted ^= written == '"'
            continue
        if token.kind == "number":
            token.kind, token.text = _number(found)
        elif token.kind == "word" or written in "×*":
            _name(token, last)
        elif token.kind == "unit" or written == '"':
            token.kind, token.unit = "unit", _UNITS.get(written[:2], "inch")
        elif token.kind == "empty":
            yield _Token("mark", written[:1])
            token = _Token("gap")
        token.kind = "mark" if token.kind == "letter" else token.kind
        yield token
        if found["inner"]:
            inner = found["inner"].lower()
            yield _Token("unit", inner, unit=_UNITS.get(inner[:2], "inch"))
        end, last = found.end(), token


def _name(token: _Token, last: _Token) -> None:
    """Find out what kind of word a token is, and what of a flower it names."""
    word = token.text.replace("’", "'").split("'")[0]
    label = None if len(word) < 2 or word in STOP_WORDS else _LABEL.fullmatch(word)
    kind = _WORDS.get(token.text, "figure" if _FIGURE.match(word) else "word")
    if label:
        part = "sepal" if label["sepal"] else "petal" if label["petal"] else ""
        side = "length" if label["length"] else "width" if label["width"] else ""
        kind = "field" if part and side else "part" if part else "side"
        token.field = f"{part}_{side}".strip("_")
        if word in ("long", "wide") and last.kind in ("number", "spoken", "unit"):
            kind = "adjective"
    elif f"{last.text} {word}" in ("i mean", "i meant", "make that", "scratch that"):
        kind = "back"
    token.kind = kind


def _with_fields(tokens: Iterable[_Token]) -> _Tokens:
    """Make one token of "sepal length", "petal_w" and "width of the petal"."""
    p = [_Token("line")] * 3
    for token in tokens:
        part = p[-2] if p[-1].text in ("_", "-", ".") else p[-1]
        side = p[-3] if p[-1].text == "the" else p[-2]
        if part.kind == "part" and (token.kind == "side" or token.text in ("l", "w")):
            del p[len(p) - (part is p[-2]) :]
            name = token.field or {"l": "length", "w": "width"}[token.text]
            part.kind, part.field = "field", f"{part.field}_{name}"
        elif token.kind == "part" and side.kind == "side" and "of" in (p[-1].text, p[-2].text):
            del p[len(p) - (1 if side is p[-2] else 2) :]
            side.kind, side.field = "field", f"{token.field}_{side.field}"
        elif token.kind == "side" and p[-1].text in ("of", "in") and p[-2].kind == "number":
            p[-1] = _Token("adjective", token.text, field=token.field)  # "3.2 of width"
        else:
            p.append(token)
    return p[3:]


def _with_points(commas: re.Match[str]) -> str:
    """Write decimal points in "5,1", and in the four of "5,1,3,5,1,4,0,2"."""
    parts = commas[0].split(",")
    pairs = zip(parts[::2], parts[1::2], strict=False)
    return " ".join(map(".".join, pairs)) if len(parts) in (2, 8) else commas[0]


def _number(found: re.Match[str]) -> tuple[str, str]:
    """Return the kind of a number and how digits write it; one word alone may be none."""
    whole = _whole(found["whole"])
    share, point = found["share"] or found["more"], found["spoken"] or found["alone"]
    if share or found["half"]:
        text = f"{float(whole or 0) + (_share(share.lower()) if share else 0.5):.4g}"
    elif point:
        text = f"{whole or 0}.{''.join(map(_whole, point.split()))}"
    else:
        text = f"{whole}{found['exact'] or ''}" or found[0].lstrip("-−").lower()
    if text.count(".") > 1 or found[0].lower() == "oh":
        return "word", found[0].lower()
    if found["minus"] and found["minus"][0].lower() != "p":
        text = f"-{text}"
    return "spoken" if _ALONE.fullmatch(found[0]) else "number", text


def _whole(words: str | None) -> str:
    words = (words or "").lower().replace("-", " ")
    if words in ("a", "an", "oh", "nought"):
        return "1" if words[0] == "a" else "0"
    return str(text2num(words, "en")) if words[:1].isalpha() else words


def _share(written: str) -> float:
    if len(written) == 1:
        return unicodedata.numeric(written)
    if "/" in written:
        return int(written[0]) / int(written[2])
    count, part = written.split()[:2]
    return int(_whole(count)) * _SHARES[part.rstrip("s")]


def _numbers(tokens: Iterable[_Token]) -> _Tokens:
    return [token for token in tokens if token.kind == "number"]


def _drop(*tokens: _Token) -> None:
    for token in tokens:
        token.kind = "dropped"


def _read_k(p: _Tokens) -> list[str]:
    """Find "k=5", "k of -3", "5 neighbours", "neighbours: 7", and drop the numbers."""
    found: list[str] = []
    word: list[str] = []
    for at, token in enumerate(p):
        before = p[at - 1 - (p[at - 1].text == "-")]
        if token.kind not in ("k", "near") or before.kind in ("k", "near"):
            continue
        behind = _behind_links(p, at + 1)
        if token.kind == "near" and (before.is_whole or before.text in ("single", "very")):
            found.append(before.text if before.text[-1:].isdecimal() else "1")
            _drop(before)
            if not (p[behind].is_whole and p[behind - 1].text in ("then", "or", "and")):
                continue  # "with 3 neighbours and then 7"
        target, many = p[behind], any(t.kind == "number" for t in p[behind + 1 : behind + 3])
        only_name = token.kind == "near" or token.text == "knn"
        if target.kind in ("number", "spoken") and not (
            only_name and (many or not target.is_whole)
        ):
            numbers = [target]
            behind = _behind_links(p, behind + 1)
            while p[behind].is_whole and p[behind + 1].kind != "number":  # "k to 1 or to 100"
                numbers.append(p[behind])
                behind = _behind_links(p, behind + 1)
            found += [number.text for number in numbers]
            _drop(*numbers)
        says = token.kind == "k" and p[behind - 1].text in ("=", ":", "is", "to")
        if says and target.kind == "word" and target.text not in STOP_WORDS:
            word, target.kind = [target.text], "dropped"
    return [*dict.fromkeys(found or word)]


def _behind_links(p: _Tokens, at: int) -> int:
    links = takewhile(lambda t: _LINK.fullmatch(t.text) or t.kind in ("k", "near"), p[at : at + 8])
    return at + len([*links])


def _leave_out_counts(p: _Tokens) -> None:
    """Leave out what counts, names or belongs to a word: "7 years", "no. 3: ...", "f1", "60 %"."""
    words = ("word", "figure")
    plain = all(t.kind not in (*words, "k") and not t.is_label for t in p)
    for at, token in enumerate(p[:-4]):
        before, after, third, fourth = p[at - 1], *p[at + 1 : at + 4]
        if token.kind == "spoken":  # "is five" is a number, "this one" is none
            said = before.is_label or before.text in _SAYS or after.kind == "adjective"
            said |= after.kind == "unit" and after.text != "in"
            token.kind = "number" if plain or said else "word"
        if token.kind != "number":
            continue
        if (after.unit, fourth.unit) == ("cm", "mm") and token.is_whole and len(third.text) == 1:
            token.text += f".{third.text}"  # "5 cm 1 mm"
            _drop(third, fourth)
        clause = takewhile(
            lambda t: t.kind in (*words, "unit", "join", "mark") and t.text not in ",;.:!?(",
            reversed(p[max(at - 8, 0) : at]),
        )
        counted = after.kind in words and after.text.endswith("s") and before.kind != "number"
        counted = counted and after.text not in STOP_WORDS and not _TALK.fullmatch(after.text)
        named = after.text in (":", ")") and (before.kind in (*words, "back") or before.text == ".")
        factor = before.kind == "join" and p[at - 2].kind not in ("number", "unit")
        if (
            (token.is_whole and (counted or named or before.text == "#"))
            or after.text in ("%", "percent", "per")
            or before.text == "±"
            or any(word.kind == "figure" for word in clause)  # "the paper says 0.3 for the width"
            or (before.text in ("<", ">") and p[at - 2].kind in (*words, "k"))
            or (after.text == "of" and third.kind == "number")
            or (before.text == "of" and p[at - 2].kind == "dropped")
            or (p[at - 2].text, before.text) == ("/", "-")
            or (token.glued and (before.kind in words or factor))
            or (after.glued and after.kind in (*words, "k"))
        ):
            _drop(token)


def _read_list(p: _Tokens) -> None:
    """Leave out the numbers of a list; "1:6.3 2:3.3 4:2.5" also tells what is left open."""
    marks = [
        at
        for at, token in enumerate(p[:-4])
        if token.is_whole and p[at + 1].glued and p[at + 1].text in (*":).=",)
        if p[at + 2].kind in ("number", "gap") or p[at + 2].is_label or p[at + 2].text in ("-", "?")
    ]
    values = [float(p[at].text) for at in marks]
    if len(marks) < 2 or any(b <= a and b != values[0] for a, b in pairwise(values)):
        return
    _drop(*(p[at - 1] for at in marks if p[at - 1].is_whole and p[at - 2].text != ":"))
    _drop(*(p[at] for at in marks))
    single = all(p[at + 2].kind == "number" != p[at + 3].kind for at in marks)
    if single and len({*values}) > 1 and {*values} <= {1, 2, 3, 4}:
        for at, value in zip(marks, values, strict=True):
            p[at + 2].field = FIELDS[int(value) - 1]


def _read_millimetres(numbers: _Tokens) -> None:
    """Read "51 35 14 2" in millimetres: whole numbers for whole flowers, too large for cm."""
    values = [token.value for token in numbers if token.is_whole and not token.unit]
    is_whole = len(values) == len(numbers) > 0 == len(values) % len(FIELDS)
    if is_whole and _LONGEST < max(values) <= CENTIMETRES["m"]:
        for token in numbers:
            token.unit = "mm"


def _take_back(p: _Tokens) -> None:
    """Drop 5.1 from "5.1, no wait, 5.7" and "5.7, not 5.1", and 51 from "5.1 cm (51 mm)"."""
    numbers = [at for at, token in enumerate(p) if token.kind == "number"]
    for done, (here, there) in enumerate(pairwise(numbers), 1):
        between = p[here + 1 : there]
        if not all(t.kind in ("back", "mark", "unit", "word") and t.is_known for t in between):
            continue
        says_again = not {"(", "=", "so", "is", "ie"}.isdisjoint(t.text for t in between)
        if says_again and math.isclose(p[here].value, p[there].value, abs_tol=0.02):
            _drop(p[there])
        if any(token.kind == "back" for token in between):
            again = done == len(numbers) - done == len(FIELDS)
            _drop(*(p[at] for at in (numbers[:done] if again else [here])))
        elif p[there - 1].text == "not":
            _drop(p[there])


def _give_units(p: _Tokens) -> None:
    """Give every number its own unit, else that of the next, else the last that is said."""
    said = [token.unit for token in p if token.text[1:].isalpha() and token.text != "in"]
    unit = next((unit for unit in reversed(said) if unit), None)
    for at in range(len(p) - 5, -1, -1):
        own, behind = p[at + 1], p[at + 2]
        place = own.text == "in" and (behind.kind == "part" or behind.text in ("the", "a", "my"))
        if p[at].kind == "number":
            if own.unit and not place:
                unit, p[at].sure = own.unit, own.text not in ("m", "in")
            p[at].unit = unit
    for before, token in pairwise(p):  # "in mm 63 33 60 25"
        if token.kind == "number" and (before.kind != "unit" or before.text not in ("m", "in")):
            token.sure |= before.sure or before.kind == "unit"


def _read_rows(p: _Tokens) -> list[_Tokens]:
    """Return the flowers of a table, in the order of its header, and of rows without one."""
    header: _Tokens = []
    flowers: list[_Tokens] = []
    lines = [[*line] for _, line in groupby(p[:-4], lambda token: token.kind == "line")]
    if not any(token.field for token in p) and not any(map(_rows, lines)):
        lines = [p[:-4]]
    for line in lines:
        named = [token for token in line if token.kind in ("field", "word")]
        if [token.kind for token in named].count("field") > 1 and not _numbers(line):
            header = named
        elif not any(token.field for token in line):
            names = [token.field for token in header if token.field] or FIELDS
            rows = _rows(line, len(names), bool(header) and header[-1].kind == "word")
            if flowers and not rows and len(_numbers(line)) == len(names) - 1:  # one is cut short
                rows = [[*_numbers(line), _Token("gap")]] if all(t.is_known for t in line) else []
            for row in rows:
                cells = dict(zip(names, row, strict=True))
                flowers.append([cells.get(name, _Token("gap")) for name in FIELDS])
                _drop(*header)
    for flower in flowers:
        for name, token in zip(FIELDS, flower, strict=True):
            token.sure = True
            if header or len(flowers) > 1 or len(_numbers(flower)) < len(FIELDS):
                token.field = name
    return flowers


def _rows(line: _Tokens, size: int = len(FIELDS), has_class: bool = False) -> list[_Tokens]:
    """Return the rows in a line: runs of numbers and gaps that come out even."""
    rows: list[_Tokens] = []
    run: _Tokens = []
    start = -1
    for at, token in enumerate([*line, _Token("word")]):
        if token.kind in ("number", "gap"):
            run.append(token)
        elif token.kind == "mark" and token.text in "-–—?" and not token.glued:
            run.append(_Token("dash"))
        elif not token.is_known and [t.text for t in line[max(at - 1, 0) : at + 2 : 2]] in _CELL:
            run.append(_Token("word"))
        elif token.kind == "word" and not token.is_known and _is_amid(line, at):
            run.append(_Token("gap"))
        elif token.text in "+^=" or token.kind not in ("mark", "unit", "join", "line", "dropped"):
            found = _even(run, size, has_class)
            if found and not _is_of_else(line[max(start - 12, 0) : start + 1]):
                rows += found
            run, start = [], at
    return rows


def _is_amid(line: _Tokens, at: int) -> bool:
    """Whether a token stands among the numbers of a row: "5.4 abc 1.7 0.4"."""
    around = line[max(at - 1, 0) : at + 2]
    return [token.kind for token in around] == ["number", "word", "number"]


def _even(run: _Tokens, size: int, has_class: bool) -> list[_Tokens]:
    """Cut a run into rows of a size, without the numbers of rows and classes beside them."""
    outer = ("word", "gap", "dash") if len(_numbers(run)) % size == 0 else ("word",)
    while run and (run[0].kind in outer or run[-1].kind in outer):
        run = run[1:] if run[0].kind in outer else run[:-1]
    for kinds in (("number", "gap", "word", "dash"), ("number", "gap"), ("number",)):
        row = [token for token in run if token.kind in kinds]
        starts = row[:: size + 1]
        numbered = len(row) % (size + 1) == 0 and len(row) not in (size + 1, 5 * size)
        if numbered and all(token.is_whole for token in starts):  # each row has its number
            row = [token for token in row if token not in starts]
        if len(row) in (size + 1, size + 2) and not all(token.is_whole for token in row):
            front, end = row[0].is_whole, row[-1].is_whole
            if front and end and len(row) == size + 1:  # which of them is no length of an iris?
                front, end = (not 0 < float(row[at].text) <= _LONGEST for at in (0, -1))
                front, end = (not has_class, has_class) if front == end else (front, end)
            row = row[front : len(row) - end]
        if row and len(row) % size == 0 and 2 * len(_numbers(run)) >= len(row):
            return [row[start : start + size] for start in range(0, len(row), size)]
    return []


def _is_of_else(before: _Tokens) -> bool:
    """Whether the words before a row tell that it holds no flower: "scores 0.9 0.8 0.9 0.7"."""
    clause = takewhile(lambda token: token.text not in (*".;!?,",), reversed(before))
    words = [token for token in clause if token.text not in STOP_WORDS]
    named = next((word for word in words if word.kind == "word"), _Token("end"))
    plural = named.text.endswith("s") and not named.is_known
    return plural or any(word.kind == "figure" for word in words)


def _read_labels(p: _Tokens) -> list[_Tokens]:
    """Tell what each number measures, by the labels beside it; return the flowers, if several."""
    groups = _groups(_marks(p))
    kinds = [[label.kind for label in labels] for labels, _ in groups]
    sizes = {len(numbers) for _, numbers in groups}
    columns = (
        len(groups) > 2 and kinds.count(["field"]) == len(kinds) and min(sizes) == max(sizes) > 1
    )
    part = heading = ""
    if kinds[-1] == ["part"] and not groups[-1][1]:
        part = str(groups[-1][0][0].field)  # of "1.4 long and 0.2 wide (the petal)"
    known: set[str] = set()
    for (labels, numbers), kind in zip(groups, kinds, strict=True):
        fields, part = _fields(labels, part, known)
        if kind[:2] == ["side", "part"]:
            heading = str(labels[0].field)  # of "lengths: sepal 6.3, petal 4.4"
        if heading and kind == ["part"] and len(numbers) == 1:
            fields = [f"{part}_{heading}"]
        if kind.count("field") > len(numbers) > 0 and p.index(labels[-1]) < p.index(numbers[0]):
            fields = fields[-len(numbers) :]  # "sepal length long, sepal width 3.1"
        for number, name in zip(numbers, fields * (len(numbers) if columns else 1), strict=False):
            number.field = name
            known.add(name)
    rows = zip(*(numbers for _, numbers in groups), strict=True) if columns else [p]
    flowers: list[dict[str | None, _Token]] = []
    for token in _numbers(token for row in rows for token in row):
        if not flowers or token.field in flowers[-1]:
            flowers.append({})
        if token.field:
            flowers[-1][token.field] = token
    if any(len(flower) < 3 for flower in flowers) or any(token.kind == "back" for token in p):
        return []
    return [[flower.get(name, _Token("gap")) for name in FIELDS] for flower in flowers]


def _marks(p: _Tokens) -> _Tokens:
    """Return labels, numbers and what parts them, the side of "2 cm long" before its number."""
    marks: _Tokens = []
    tokens = [token for token in p if not (token.kind == "number" and token.field)]
    for token, after in pairwise(tokens):
        last = marks[-1] if marks else token
        ends = after.is_label or after.kind in ("line", "end") or after.text in (",", ";", "|")
        dash = token.text in ("-", "–", "?") and ends
        if token.kind == "adjective":
            at = len(marks) - (last.kind == "number")
            marks.insert(at, _Token("side", field=token.field))
        elif (token.kind == "gap" or dash) and last.is_label:
            marks += [_Token("gap")] if token.text or last.kind == "field" else []
        elif token.is_label or token.text in (",", ";") or token.kind in ("number", "figure"):
            marks.append(token)
    return marks


def _groups(marks: _Tokens) -> list[tuple[_Tokens, _Tokens]]:
    """Put the labels that stand together beside the numbers that they name."""
    ends = [token.is_label for token in marks if token.kind == "number" or token.is_label]
    follow = len(ends) > 1 and ends[-1] > ends[0]
    if True in ends and not follow:
        # The first label of "5.1 x 3.5 sepal, petal 1.4 x 0.2" goes before the numbers it closes.
        start = next(at for at, token in enumerate(marks) if token.is_label)
        end = start + len([*takewhile(lambda token: token.is_label, marks[start:])])
        if end < len(marks) and marks[end].kind == "mark":
            marks = marks[start:end] + marks[:start] + marks[end:]
    groups: list[tuple[_Tokens, _Tokens]] = [([], [])]
    for token in reversed(marks) if follow else marks:
        if (token.is_label and groups[-1][1]) or token.kind == "figure":
            groups.append(([], []))
        if token.kind not in ("mark", "figure"):
            groups[-1][not token.is_label].append(token)
    return [(labels[::-1], numbers[::-1]) for labels, numbers in groups[::-1]] if follow else groups


def _fields(labels: _Tokens, part: str, known: set[str]) -> tuple[list[str], str]:
    """Return what the numbers of a group measure, in order, and the part now spoken of."""
    parts = [str(label.field).split("_")[0] for label in labels if label.kind != "side"]
    part = parts[0] if parts else part
    fields: list[str] = []
    for label in labels:
        if label.kind == "side":
            petal = f"sepal_{label.field}" in known
            fields.append(f"{part or ('petal' if petal else 'sepal')}_{label.field}")
        else:
            part = str(label.field).split("_")[0]
            fields += [str(label.field)] if label.kind == "field" else []
    return fields or [f"{part}_length", f"{part}_width"] if labels else [], part


def _leave_out_remarks(p: _Tokens, has_rows: bool) -> None:
    """Leave out numbers without a label where the words speak of something else, or ask."""
    words = [*(token for token in p if token.kind in ("word", "figure")), *p[-2:]]
    asks = words[0].text in _QUESTIONS and words[1].text not in ("about", "if")
    asks |= words[0].text in ("is", "are", "does", "do") and any(t.text == "?" for t in p)
    other = (token for token, after in pairwise(p) if after.text == "=" and not token.is_known)
    elsewhere = has_rows or any(token.kind == "figure" for token in p) or any(other)
    clause: _Tokens = []
    for before, token, after in zip(p[-1:] + p, p, p[1:], strict=False):
        clause.append(token)
        listed = before.kind == after.kind == "number"
        if token.kind in ("line", "end") or (token.text in (*",.;:!?)",) and not listed):
            numbers = [number for number in clause if number.kind == "number"]
            row = len(numbers) > 2 and not all(number.is_whole for number in numbers)
            labelled = any(label.is_label for label in clause)
            answers = not asks and (labelled or all(word.is_known for word in clause))
            if elsewhere or not (row or answers):
                _drop(*(number for number in numbers if not (number.field or number.sure)))
            clause = []
