"""What people asked and was not answered well: alike messages together, and one made an example."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from rich.console import Console
from rich.table import Table

from bot.settings import ROOT, FathomError, Settings
from bot.store import REMARK, Conversations, Heard
from models.encoder.vectors import encode
from nlu.examples import indexed

UNANSWERED = {
    "nlu_fallback": "not understood",
    "out_of_scope": "outside the subject",
    "unknown_name": "an unknown name",
}
# Messages whose vectors have at least this cosine are put together.
ALIKE = 0.75
_LONGEST, _DAY = 300, 86_400
_SIDE = "definition"


class InboxError(FathomError):
    """What was asked for cannot be done; the text says why."""


@dataclass(frozen=True)
class Item:
    """A message, and why it is looked at."""

    text: str
    why: str


@dataclass(frozen=True)
class Group:
    """Messages that are alike, the most typical first."""

    items: tuple[Item, ...]
    nearest: str

    @property
    def text(self) -> str:
        """The message that stands for all."""
        return self.items[0].text

    @property
    def why(self) -> str:
        """The commonest reason."""
        return Counter(item.why for item in self.items).most_common(1)[0][0]


def collect(heard: Iterable[Heard]) -> Iterator[Item]:
    """Yield what was not answered, and what the remark on an answer was about."""
    before = Heard("", "", "")
    for message in heard:
        text = " ".join(message.text.split())[:_LONGEST]
        if message.intent in UNANSWERED and text:
            yield Item(text, UNANSWERED[message.intent])
        if message.intent == REMARK and before.sender == message.sender:
            yield Item(" ".join(before.text.split())[:_LONGEST], f'told: "{text[:60]}"')
        before = message


def grouped(items: Iterable[Item]) -> list[Group]:
    """Put alike messages together, the largest group first."""
    found = list(items)
    if not found:
        return []
    vectors = encode([item.text for item in found])
    groups: list[list[int]] = []
    for row in range(len(found)):
        alike = [float(vectors[row] @ vectors[group[0]]) for group in groups]
        if alike and max(alike) >= ALIKE:
            groups[int(np.argmax(alike))].append(row)
        else:
            groups.append([row])
    known = indexed()
    table = encode([example.text for example in known])
    made = []
    for rows in sorted(groups, key=len, reverse=True):
        centre = vectors[rows].mean(axis=0)
        typical = sorted(rows, key=lambda row: -float(vectors[row] @ centre))
        nearest = known[int((table @ centre).argmax())].label
        made.append(Group(tuple(found[row] for row in typical), nearest))
    return made


def add(text: str, label: str, side: str = _SIDE, folder: Path = ROOT / "nlu") -> Path:
    """Write a message under an intent, or under a side of a concept; return the changed file.

    Raises:
        InboxError: if there is no such intent or concept.
    """
    line = yaml.safe_dump([text], allow_unicode=True, width=10_000).strip()
    for path in sorted(folder.glob("*.yml")):
        lines = path.read_text("utf-8").splitlines()
        at = next((n for n, given in enumerate(lines) if given == f"- intent: {label}"), None)
        if at is not None:  # examples are plain lines of a text, without quotes
            return _insert(path, lines, at + 2, f"    - {text}")
    for path in sorted((folder / "knowledge").glob("*.yml")):
        lines = path.read_text("utf-8").splitlines()
        at = next(
            (n for n, given in enumerate(lines) if given.strip() == f"- concept: {label}"), None
        )
        if at is None:
            continue
        questions = next(n for n in range(at, len(lines)) if lines[n] == "    questions:")
        end = next(
            (n for n in range(questions + 1, len(lines)) if not lines[n].startswith("      ")),
            len(lines),
        )
        asked = [n for n in range(questions, end) if lines[n] == f"      {side}:"]
        if not asked:
            lines.insert(questions + 1, f"      {side}:")
        return _insert(path, lines, (asked or [questions + 1])[0] + 1, f"        {line}")
    raise InboxError(f"there is no intent or concept {label!r} to add an example to")


def _insert(path: Path, lines: list[str], at: int, line: str) -> Path:
    lines.insert(at, line)
    text = "\n".join(lines) + "\n"
    try:
        yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InboxError(f"{path} would not be YAML any more: {error}".splitlines()[0]) from error
    path.write_text(text, encoding="utf-8")
    return path


def run(settings: Settings, days: int, number: int | None, label: str | None, side: str) -> None:
    """Show the groups of the last days, or make one an example.

    Raises:
        InboxError: if there is no such group, intent or concept.
        StoreError: if the conversations cannot be read.
    """
    store = Conversations(settings.tracker_store_url)
    since = time.time() - days * _DAY
    groups = grouped(collect(store.heard(since)))
    if number is not None:
        if not 0 < number <= len(groups):
            raise InboxError(f"there is no group {number}, only 1 to {len(groups)}")
        group = groups[number - 1]
        path = add(group.text, label or group.nearest, side)
        print(f"added to {path.relative_to(ROOT)}: {group.text}\nNow `python -m bot train`.")
        return
    console = Console(highlight=False)
    table = Table("no.", "times", "message", "why", "nearest")
    for place, group in enumerate(groups, 1):
        table.add_row(str(place), str(len(group.items)), group.text, group.why, group.nearest)
    console.print(
        table if groups else "Nothing: all messages were answered, and nobody complained."
    )
    for topic, (up, down) in counted(store.thumbs(since)).items():
        console.print(f"thumbs for {topic}: {up} up, {down} down")


def counted(thumbs: Iterable[tuple[str, bool]]) -> dict[str, tuple[int, int]]:
    """Return thumbs up and down of each topic, those with the most down first."""
    found = Counter(thumbs)
    topics = sorted({topic for topic, _ in found}, key=lambda topic: -found[topic, False])
    return {topic: (found[topic, True], found[topic, False]) for topic in topics}
