"""What Fathom teaches: one block for each concept, and written contrasts between them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "nlu" / "knowledge"
PATH_FILE = "learning_path.yml"
LEVELS = ("basic", "intermediate", "advanced")
FIELDS = ("ml", "dl", "both")
# What a block can tell, in the order in which a learner may want it.
FACETS = (
    "definition",
    "example",
    "simple",
    "detail",
    "why",
    "how",
    "when",
    "strengths",
    "weaknesses",
    "formula",
    "code",
    "symptoms",
    "article",
)
# Beside these sides a block answers small questions: with what is written for one, or with the
# sentence of a side that happens to say it. Each is a side of its own.
ANSWER, LINE = "answer/", "line/"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_NO_LINES = ("code", "formula", "symptoms")
_WORDS_OF_LINE = range(5, 61)
# A contrast tells these; "definition" is the contrast itself and "when" says which to choose.
_OF_CONTRAST = {"contrast": "definition", "choose": "when"}
JOINT = "|"
# The same safe loader on libyaml, many times faster; not every build of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def is_answer(side: str) -> bool:
    """Whether a side of a block can answer one small question and no more."""
    return side.startswith((ANSWER, LINE))


class KnowledgeError(ValueError):
    """A knowledge file cannot be used; the message names the file, the block and the problem."""


@dataclass(frozen=True)
class Source:
    """Where to read more: a public page, or a text without an address."""

    title: str
    url: str | None = None


@dataclass(frozen=True)
class Block:
    """A concept, or the contrast of several, as one block of YAML holds it.

    Attributes:
        id: unique name, such as ``dropout``; of a contrast the ids joined by ``|``.
        name: what it is called in the middle of a sentence.
        facets: what it can tell, as Markdown, by one of ``FACETS`` or the name of an answer.
        questions: how people ask for it, by the side they ask for.
        concepts: the ids that a contrast sets side by side; of a concept only its own.
        aliases: other names: acronyms, spellings, plurals.
        area: the part of the field it belongs to, such as ``evaluation``.
        level: one of ``LEVELS``.
        field: ``ml``, ``dl`` or ``both``: where a learner would put it.
        symptoms: troubles by which people ask for it.
        related: ids to go to next.
        confused_with: ids that people take for it.
        counterpart: id of what comes nearest to it in the other field.
        picture: name of a drawing, if there is one.
        leads_with: the side that answers a question for the whole.
        source: where to read more.
    """

    id: str
    name: str
    facets: Mapping[str, str]
    questions: Mapping[str, tuple[str, ...]]
    concepts: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    area: str = ""
    level: str = "basic"
    field: str = "both"
    symptoms: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    confused_with: tuple[str, ...] = ()
    counterpart: str | None = None
    picture: str | None = None
    leads_with: str = "definition"
    source: Source | None = None

    @property
    def title(self) -> str:
        """The name as a heading or a button shows it."""
        return self.name[:1].upper() + self.name[1:]

    @property
    def is_contrast(self) -> bool:
        """Whether it sets several concepts side by side."""
        return len(self.concepts) > 1

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and every alias."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Stage:
    """A part of the learning path: what to learn now, in order, and why now."""

    title: str
    why: str
    concepts: tuple[str, ...]


@dataclass(frozen=True)
class LearningPath:
    """What to learn first and next.

    Attributes:
        stages: from nothing to practice.
        tracks: shorter paths to one goal, by its name: ids in order.
        needs: what to know before a concept that many find hard, by its id.
    """

    stages: tuple[Stage, ...] = ()
    tracks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def order(self) -> tuple[str, ...]:
        """Every concept of the stages, in order."""
        return tuple(concept for stage in self.stages for concept in stage.concepts)

    def after(self, concept: str, before: str | None = None) -> tuple[str, ...]:
        """Return what follows a concept.

        Args:
            concept: where the learner is.
            before: where the learner was; who walks the stages goes on in them, everybody else
                in the order of the article if the concept is one of its own.
        """
        article = self.tracks.get("the_article", ())
        steps = [*zip(self.order, self.order[1:], strict=False)]
        walks = before is not None and (before, concept) in steps
        orders = (self.order, article) if walks else (article, self.order)
        order = next((order for order in orders if concept in order), ())
        return order[order.index(concept) + 1 :] if order else ()


class Library:
    """All blocks by id, the contrasts by what they compare, and the learning path."""

    def __init__(self, blocks: tuple[Block, ...], path: LearningPath) -> None:
        """Index the blocks."""
        self.blocks = blocks
        self.path = path
        self._by_id = {block.id: block for block in blocks}
        self._contrasts = {frozenset(block.concepts): block for block in self.contrasts}
        self._neighbours = {block.id: self._named_by(block) for block in blocks}

    def __contains__(self, block: object) -> bool:
        """Whether a block of this id exists."""
        return block in self._by_id

    def __getitem__(self, block: str) -> Block:
        """Return the block of this id.

        Raises:
            KeyError: if there is none.
        """
        return self._by_id[block]

    @functools.cached_property
    def concepts(self) -> tuple[Block, ...]:
        """Every concept, in the order of the files."""
        return tuple(block for block in self.blocks if not block.is_contrast)

    @functools.cached_property
    def contrasts(self) -> tuple[Block, ...]:
        """Every written contrast."""
        return tuple(block for block in self.blocks if block.is_contrast)

    def area(self, name: str) -> tuple[Block, ...]:
        """Return the concepts of an area."""
        return tuple(block for block in self.concepts if block.area == name)

    def areas(self) -> tuple[str, ...]:
        """Return the areas in the order of the files."""
        return tuple(dict.fromkeys(block.area for block in self.concepts))

    def contrast(self, *concepts: str) -> Block | None:
        """Return the written contrast of these concepts, in whatever order they are named."""
        return self._contrasts.get(frozenset(concepts))

    def block(self, name: str) -> Block:
        """Return a block by its id, or concepts joined by ``JOINT`` that nobody compared yet.

        Raises:
            KeyError: if a concept does not exist.
        """
        if found := self._by_id.get(name) or self.contrast(*name.split(JOINT)):
            return found
        parts = [self._by_id[each] for each in name.split(JOINT)]
        title = " / ".join(part.title for part in parts)
        return Block(name, title, {}, {}, tuple(part.id for part in parts))

    def neighbours(self, block: Block) -> frozenset[str]:
        """Return the ids that a block names: related, confused with it, compared with it."""
        return self._neighbours[block.id]

    def _named_by(self, block: Block) -> frozenset[str]:
        partners = {
            name
            for contrast in self.contrasts
            if block.id in contrast.concepts
            for name in (contrast.id, *contrast.concepts)
        }
        named = {*block.related, *block.confused_with, *block.concepts, *partners}
        return frozenset(named | {block.counterpart or block.id}) - {block.id}


@functools.lru_cache(maxsize=1)
def library(folder: Path = FOLDER) -> Library:
    """Read every knowledge file once.

    Raises:
        KnowledgeError: if a block lacks a part, two share an id, or one names an unknown id.
    """
    blocks = tuple(block for file in sorted(folder.glob("*.yml")) for block in _read(file))
    ids = [block.id for block in blocks]
    if doubled := {block for block in ids if ids.count(block) > 1}:
        raise KnowledgeError(f"blocks of the same id: {', '.join(sorted(doubled))}")
    for block in blocks:
        named = {*block.concepts, *block.related, *block.confused_with}
        if unknown := (named | {block.counterpart or block.id}) - set(ids):
            raise KnowledgeError(f"block {block.id} names unknown ids: {', '.join(unknown)}")
    path = _path(folder / PATH_FILE)
    if unknown := {*path.order, *path.needs} - set(ids):
        raise KnowledgeError(f"{PATH_FILE} names unknown ids: {', '.join(sorted(unknown))}")
    return Library(blocks, path)


def _read(file: Path) -> Iterator[Block]:
    content = yaml.load(file.read_text(encoding="utf-8"), _LOADER)
    for raw in content.get("concepts", ()):
        yield _block(raw, file, str(raw.get("concept", "?")), _concept)
    for raw in content.get("contrasts", ()):
        yield _block(raw, file, JOINT.join(raw.get("concepts", "?")), _contrast)


def _block(raw: dict[str, Any], file: Path, name: str, make: Any) -> Block:
    try:
        made: Block = make(raw, name)
        return made
    except KeyError as missing:
        raise KnowledgeError(f"{file.name}: block {name} lacks {missing.args[0]!r}") from missing


def _concept(raw: dict[str, Any], name: str) -> Block:
    facets = _facets(raw)
    return Block(
        id=raw["concept"],
        name=raw["name"],
        facets={
            **facets,
            **_answers(raw, "say"),
            **{f"{LINE}{n}": line for n, line in enumerate(_lines(facets))},
        },
        questions={
            side: tuple(texts)
            for side, texts in {**raw["questions"], **_answers(raw, "ask")}.items()
        },
        concepts=(raw["concept"],),
        aliases=tuple(raw["aliases"]),
        area=raw["area"],
        level=raw["level"],
        field=raw["field"],
        symptoms=tuple(raw.get("symptoms", ())),
        related=tuple(raw["related"]),
        confused_with=tuple(raw.get("confused_with", ())),
        counterpart=raw.get("counterpart"),
        picture=raw.get("picture"),
        leads_with=raw.get("leads_with", "definition"),
        source=Source(**raw["source"]),
    )


def _contrast(raw: dict[str, Any], name: str) -> Block:
    told = {_OF_CONTRAST.get(key, key): value for key, value in raw.items()}
    return Block(
        id=name,
        name=raw["title"],
        facets={**_facets(told), "definition": raw["contrast"].strip(), **_answers(raw, "say")},
        questions={"compare": tuple(raw["questions"]), **_answers(raw, "ask")},
        concepts=tuple(raw["concepts"]),
        picture=raw.get("picture"),
        source=Source(**raw["source"]) if "source" in raw else None,
    )


def _answers(raw: dict[str, Any], part: str) -> dict[str, Any]:
    """Return what the small answers of a block ask, or say, by the side that each is."""
    return {f"{ANSWER}{number}": each[part] for number, each in enumerate(raw.get("answers", ()))}


def _facets(raw: dict[str, Any]) -> dict[str, str]:
    told = {facet: raw[facet] for facet in FACETS if raw.get(facet)}
    return {
        facet: "\n".join(f"- {line}" for line in text) if isinstance(text, list) else text.strip()
        for facet, text in told.items()
    }


def _lines(facets: Mapping[str, str]) -> Iterator[str]:
    """Yield the sentences of the sides that are running text or lists."""
    for facet, text in facets.items():
        lines = () if facet in _NO_LINES else _SENTENCE_END.split(text)
        for line in (line.strip().removeprefix("- ") for line in lines):
            if len(line.split()) in _WORDS_OF_LINE and "|" not in line:
                yield line


def _path(file: Path) -> LearningPath:
    if not file.exists():
        return LearningPath()
    raw = yaml.load(file.read_text(encoding="utf-8"), _LOADER)
    return LearningPath(
        tuple(Stage(part["stage"], part["why"], tuple(part["concepts"])) for part in raw["path"]),
        {goal: tuple(ids) for goal, ids in raw["tracks"].items()},
        {concept: tuple(ids) for concept, ids in raw["needs"].items()},
    )
