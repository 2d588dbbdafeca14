"""What the stages learn from: how people ask for each block, and what else they say.

``python -m nlu.examples`` encodes them anew, once blocks or examples were added.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from models.encoder import vectors
from models.knowledge import Block, library

FOLDER = Path(__file__).parent
MAX_CHARACTERS = 600
# The same safe loader on libyaml, many times faster; not every build of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PASSAGES = ("definition", "example", "simple", "why")
_MARKUP = re.compile(r"[*`#|]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORDS = range(4, 41)


@dataclass(frozen=True)
class Example:
    """A text to learn from.

    Attributes:
        text: what somebody says, or what a block says.
        label: the id of a block, or an intent such as ``follow_up/why``.
        part: what it is of its block: ``name``, ``passage``, or the facet that it asks for.
    """

    text: str
    label: str
    part: str = "said"

    @property
    def is_question(self) -> bool:
        """Whether somebody asks so for a block."""
        return self.part not in ("name", "passage")

    @property
    def is_kept_back(self) -> bool:
        """Whether the encoder never saw it, so that it can tell what a fresh text looks like."""
        return self.is_question and hashlib.sha256(self.text.encode()).digest()[0] % 5 == 0


def prepare(text: str) -> str:
    """Return the text as every stage reads it: cut, in one line, never empty."""
    return " ".join(text[:MAX_CHARACTERS].split()) or "?"


@functools.lru_cache(maxsize=1)
def indexed() -> tuple[Example, ...]:
    """Return every name, question, symptom and sentence of every block, each text once."""
    found: dict[str, Example] = {}
    for example in (example for block in library().blocks for example in _of_block(block)):
        found.setdefault(example.text.lower(), example)
    return tuple(found.values())


@functools.lru_cache(maxsize=1)
def of_intents() -> tuple[Example, ...]:
    """Return every example of the intents."""
    examples = []
    for file in sorted(FOLDER.glob("*.yml")):
        for part in yaml.load(file.read_text(encoding="utf-8"), _LOADER).get("nlu", ()):
            lines = (line.strip() for line in part["examples"].splitlines())
            examples += [
                Example(prepare(line[2:]), part["intent"]) for line in lines if line[:2] == "- "
            ]
    return tuple(examples)


def _of_block(block: Block) -> Iterator[Example]:
    for name in block.names:
        yield Example(prepare(name), block.id, "name")
    for facet, texts in block.questions.items():
        for text in texts:
            yield Example(prepare(text), block.id, facet)
    for text in block.symptoms:
        yield Example(prepare(text), block.id, "symptoms")
    for facet in _PASSAGES:
        for sentence in _SENTENCE_END.split(_MARKUP.sub("", block.facets.get(facet, ""))):
            if len(sentence.split()) in _WORDS:
                yield Example(prepare(sentence.strip(" -")), block.id, "passage")


if __name__ == "__main__":
    vectors.write([example.text for example in (*indexed(), *of_intents())])
