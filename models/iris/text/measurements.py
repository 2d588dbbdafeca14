"""Read flower measurements and the k of k-nearest neighbours from a message."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace

from spacy.tokens import Doc, Span

from models.iris.text.labels import FIELDS, language
from models.iris.text.number_words import normalise_numbers, whole_number

CENTIMETRES = {"cm": 1.0, "mm": 0.1, "inch": 2.54, "m": 100.0}
LABELS = ("part", "side", "field")

_LINK = re.compile(
    r"[=:,(\"']|is|of|to|at|be|equals?|was|with|for|the|value|about|around|now", re.I
)
# What takes back a value that the same message gave before.
_TAKEN_BACK = re.compile(
    r"\b(?:no|wait|sorry|oops|actually|i mean|rather|correction|make that|scratch that)\b", re.I
)
_EQUALS = re.compile(r"[=:]|is|of|to|equals?", re.I)


@dataclass(frozen=True)
class Measurement:
    """One number: its value in centimetres, what it measures (if said) and its unit (if said)."""

    value: float
    field: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Reading:
    """Everything numeric that a message says about a flower or the model."""

    measurements: tuple[Measurement, ...] = ()
    k: str | None = None


@dataclass
class _Number:
    value: float
    unit: str | None = None
    side: str | None = None


@dataclass
class _Group:
    """Labels that stand together and the numbers that follow them."""

    labels: list[Span] = field(default_factory=list)
    numbers: list[_Number] = field(default_factory=list)


def read_numbers(text: str) -> Reading:
    """Return the measurements, in the order typed, and ``k`` as it was written.

    Example:
        >>> read_numbers("petal width of 2 mm").measurements
        (Measurement(value=0.2, field='petal_width', unit='mm'),)
    """
    doc = language()(normalise_numbers(text))
    k, used = _read_k(doc)
    spans = [span for span in doc.ents if span.start not in used]
    measurements = _label(_groups(spans, doc))
    if _TAKEN_BACK.search(text):
        measurements = _last_of_each(_in_order(measurements))
    if sum(measurement.field is not None for measurement in measurements) == len(FIELDS):
        measurements = [measurement for measurement in measurements if measurement.field]
    return Reading(tuple(measurements), k)


def _in_order(measurements: list[Measurement]) -> list[Measurement]:
    """Label four bare numbers that come before what takes one of them back."""
    bare = [measurement for measurement in measurements if measurement.field is None]
    if len(bare) != len(FIELDS) or measurements[: len(FIELDS)] != bare:
        return measurements
    named = [replace(m, field=name) for m, name in zip(bare, FIELDS, strict=True)]
    return named + measurements[len(FIELDS) :]


def _last_of_each(measurements: list[Measurement]) -> list[Measurement]:
    """Leave out a value whose field is named again later."""
    last = {measurement.field: measurement for measurement in measurements}
    return [m for m in measurements if m.field is None or last[m.field] is m]


def _read_k(doc: Doc) -> tuple[str | None, set[int]]:
    """Find "k=5", "k of -3", "5 neighbours", "neighbours: 7"; return it and the tokens used."""
    starts = {span.start: span for span in doc.ents}
    ends = {span.end: span for span in doc.ents}
    word: tuple[str | None, set[int]] = (None, set())
    for span in doc.ents:
        if span.label_ not in ("k", "neighbours"):
            continue
        before = ends.get(span.start) or ends.get(span.start - 1)
        if span.label_ == "neighbours" and before and (digits := _digits(before)) is not None:
            return digits, {before.start}
        position = span.end
        while position < len(doc) and _LINK.fullmatch(doc[position].text):
            position += 1
        target = starts.get(position)
        named_only = span.text.lower() not in ("k", "neighbours") and "." in str(target)
        if target is not None and not named_only and (digits := _digits(target)) is not None:
            return digits, {target.start, *_alternatives(target, starts, doc)}
        if (
            span.label_ == "k"
            and span.end < position < len(doc)
            and _EQUALS.fullmatch(doc[position - 1].text)
            and doc[position].text.isalnum()
            and not doc[position].is_stop
        ):
            word = str(doc[position].text), {position}
    return word


def _alternatives(target: Span, starts: dict[int, Span], doc: Doc) -> set[int]:
    """Return where the other values of "k to 1 or to 100" stand, which measure nothing either."""
    others: set[int] = set()
    position = target.end
    while position < len(doc) and doc[position].lower_ == "or":
        position += 1
        while position < len(doc) and _LINK.fullmatch(doc[position].text):
            position += 1
        other = starts.get(position)
        if other is None or _digits(other) is None:
            break
        others.add(other.start)
        position = other.end
    return others


def _digits(span: Span) -> str | None:
    if span.label_ == "number":
        return str(span.text)
    return whole_number(span.text) if span.label_ == "word_number" else None


def _groups(spans: list[Span], doc: Doc) -> list[_Group]:
    """Cut the message where a number is followed by a label, or a label by a number."""
    numbers_only = all(
        token.ent_type_ in ("number", "word_number", "unit")
        or not token.is_alpha
        or token.lower_ in ("and", "x", "by")
        for token in doc
    )
    marks: list[tuple[Span, _Number | None]] = []
    skip = -1
    for index, span in enumerate(spans):
        counts = span.label_ == "number" or (
            span.label_ == "word_number" and (numbers_only or _counts(span, doc))
        )
        if counts:
            number = _Number(_value(span), unit=_unit_after(index, spans, doc))
            after = index + (2 if number.unit else 1)
            if after < len(spans) and _is_adjective(spans[after], spans[after - 1], doc):
                number.side, skip = spans[after].ent_id_, after
            marks.append((span, number))
        elif span.label_ in LABELS and index != skip:
            marks.append((span, None))
    labels_follow = len(marks) > 1 and marks[0][1] is not None and marks[-1][1] is None
    if not labels_follow:
        marks = _first_label_in_front(marks, doc)
    groups = [_Group()]
    for span, counted in reversed(marks) if labels_follow else marks:
        if counted is not None:
            groups[-1].numbers.append(counted)
            continue
        if groups[-1].numbers:
            groups.append(_Group())
        groups[-1].labels.append(span)
    if labels_follow:
        for group in groups:
            group.labels.reverse()
            group.numbers.reverse()
        groups.reverse()
    _convert(groups, spans)
    return groups


def _first_label_in_front(
    marks: list[tuple[Span, _Number | None]], doc: Doc
) -> list[tuple[Span, _Number | None]]:
    """Put the label of "5.1 x 3.5 sepal, petal 1.4 x 0.2" before the numbers it closes."""
    start = next((index for index, (_, number) in enumerate(marks) if number is None), 0)
    for end in range(start + 1, len(marks)):
        if marks[end][1] is not None:
            break
        if any(token.text in ",;" for token in doc[marks[end - 1][0].end : marks[end][0].start]):
            return marks[start:end] + marks[:start] + marks[end:]
    return marks


def _is_adjective(side: Span, before: Span, doc: Doc) -> bool:
    """Whether a side belongs to the number before it: "2 cm long", "1.4 in width", "2 of width"."""
    if side.label_ != "side":
        return False
    between = doc[before.end : side.start].text.lower()
    noun = side.text.lower() in ("length", "width")
    return between in ("in", "of") if noun else between == ""


def _counts(span: Span, doc: Doc) -> bool:
    """Whether a number word is meant as a number ("is five"), not as a pronoun ("this one")."""
    after = doc[span.end] if span.end < len(doc) else None
    if after is not None and (
        (after.ent_type_ == "unit" and after.lower_ != "in") or after.lower_ in ("long", "wide")
    ):
        return True
    before = doc[span.start - 1] if span.start else None
    return before is not None and (
        before.ent_type_ in LABELS or before.lower_ in ("=", ":", "is", "was", "about", "of", "to")
    )


def _value(span: Span) -> float:
    if span.label_ == "word_number":
        return float(whole_number(span.text))
    return math.nan if span.ent_id_ == "not_a_number" else float(span.text)


def _unit_after(index: int, spans: list[Span], doc: Doc) -> str | None:
    if index + 1 >= len(spans):
        return None
    span = spans[index + 1]
    if span.label_ != "unit" or span.start != spans[index].end:
        return None
    following = doc[span.end].lower_ if span.end < len(doc) else ""
    if span.text.lower() == "in" and following in ("length", "width", "the", "a", "my"):
        return None
    return str(span.ent_id_)


def _convert(groups: list[_Group], spans: list[Span]) -> None:
    """Give every number a unit (its own, else the next one said, else the last) in centimetres."""
    said = [
        span.ent_id_
        for span in spans
        # A quotation mark or "in" is a unit only where it stands behind a number.
        if span.label_ == "unit" and span.text.isalpha() and span.text.lower() != "in"
    ]
    unit: str | None = said[-1] if said else None
    for group in reversed(groups):
        for number in reversed(group.numbers):
            unit = number.unit = number.unit or unit
            number.value = round(number.value * (CENTIMETRES[unit] if unit else 1.0), 4)


def _label(groups: list[_Group]) -> list[Measurement]:
    measurements: list[Measurement] = []
    part: str | None = None
    heading: str | None = None
    for group in groups:
        known = {measurement.field for measurement in measurements if measurement.field}
        fields, part = _fields(group, part, known)
        heading = _heading(group) or heading
        if heading and _names_part_only(group):
            fields = [f"{part}_{heading}"]
        for position, number in enumerate(group.numbers):
            name = fields[position] if position < len(fields) else None
            if number.side:
                name = f"{part or 'sepal'}_{number.side}"
                if not part and name in {m.field for m in measurements}:
                    name = f"petal_{number.side}"
            measurements.append(Measurement(number.value, name, number.unit))
    return measurements


def _heading(group: _Group) -> str | None:
    """Return the side of "lengths: sepal 6.3, petal 4.4", which counts for what follows."""
    labels = group.labels
    heads = len(labels) > 1 and labels[0].label_ == "side" and labels[1].label_ == "part"
    return str(labels[0].ent_id_) if heads else None


def _names_part_only(group: _Group) -> bool:
    return [span.label_ for span in group.labels] == ["part"] and len(group.numbers) == 1


def _fields(group: _Group, part: str | None, known: set[str]) -> tuple[list[str], str | None]:
    """Return what the numbers of a group measure, in order, and the part now spoken of."""
    if not group.labels:
        return [], part
    parts = [span.ent_id_ for span in group.labels if span.label_ == "part"]
    fields: list[str] = []
    current = part if not parts else None
    waiting: list[str] = []
    for span in group.labels:
        if span.label_ == "field":
            fields.append(str(span.ent_id_))
            current = str(span.ent_id_).split("_")[0]
        elif span.label_ == "part":
            current = str(span.ent_id_)
            fields += [f"{current}_{side}" for side in waiting]
            waiting = []
        elif current is None and parts:
            waiting.append(str(span.ent_id_))
        elif current is None:
            side = str(span.ent_id_)
            fields.append(f"petal_{side}" if f"sepal_{side}" in known else f"sepal_{side}")
        else:
            fields.append(f"{current}_{span.ent_id_}")
    if not fields and current:
        fields = [f"{current}_length", f"{current}_width"]
    return fields, current or part
