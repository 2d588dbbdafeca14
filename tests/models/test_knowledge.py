"""Every block that Fathom teaches keeps the form that its answers count on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.knowledge import (
    FACETS,
    FIELDS,
    LEVELS,
    PATH_FILE,
    Block,
    KnowledgeError,
    is_answer,
    library,
)

LIBRARY = library()
# Read past the cache, so that a folder of a test does not drive the real one out.
read = library.__wrapped__
IDS = Path(__file__).with_name("concept_ids.txt").read_text("utf-8").split()
AREAS = {
    "classical models",
    "computer vision and generative models",
    "data",
    "evaluation",
    "foundations",
    "large language models",
    "mlops",
    "neural networks and training",
    "nlp",
    "reinforcement learning",
    "responsible ai",
    "statistics and mathematics",
    "the article",
    "the field",
    "tools",
}
ARTICLE = "the article"
DEFINITION_WORDS, FIRST_REPLY_WORDS, SENTENCES = 48, 85, 2
CONCEPT_QUESTIONS, CONTRAST_QUESTIONS = 8, 5
_SENTENCE_END = re.compile(r"[.!?][\"'”’)*_]*\s+(?=[\"'“‘(*_`]*[A-Z0-9])")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")
# "just as well" compares; "just add" plays down.
_QUOTATION = re.compile(r"[\"“][^\"“”\n]*[\"”]")
_FILLER = re.compile(r"\bsimply\b|\bjust\b(?! as\b)", re.IGNORECASE)


def questions(block: Block) -> list[str]:
    """Return what asks for the block and its sides; small questions may be asked of many."""
    asked = (texts for side, texts in block.questions.items() if not is_answer(side))
    return [text for texts in asked for text in texts]


def words(block: Block, *facets: str) -> int:
    return sum(len(block.facets[facet].split()) for facet in facets)


def texts(block: Block) -> Iterator[str]:
    """Yield what a person may read of a block, the code left out."""
    yield from (text for facet, text in block.facets.items() if facet != "code")
    yield from (block.name, *block.aliases, *block.symptoms, *questions(block))


def same(text: str) -> str:
    return " ".join(text.casefold().split())


def shared(texts: Iterator[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the texts that stand under two blocks, of pairs of a block and a text."""
    blocks = defaultdict(set)
    for block, text in texts:
        blocks[same(text)].add(block)
    return {text: found for text, found in blocks.items() if len(found) > 1}


def test_the_whole_list_of_concepts_is_taught() -> None:
    assert len(IDS) == len(set(IDS)) == 428
    assert [concept for concept in IDS if concept not in LIBRARY] == []
    assert all(not LIBRARY[concept].is_contrast for concept in IDS)


def test_a_first_reply_is_short() -> None:
    long = [block.id for block in LIBRARY.concepts if words(block, "definition") > DEFINITION_WORDS]
    both = ("definition", "example")
    long += [block.id for block in LIBRARY.concepts if words(block, *both) > FIRST_REPLY_WORDS]
    assert long == []


def test_a_definition_is_at_most_two_sentences() -> None:
    found = {
        block.id: parts
        for block in LIBRARY.concepts
        if len(parts := _SENTENCE_END.split(block.facets["definition"])) > SENTENCES
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It costs 0.5 per run, e.g. in May. That is all.", 2),
        ("Is it one? It is. **Three** of them.", 3),
        ("A test (see above.) Then `more`", 2),
    ],
)
def test_sentences_are_counted(text: str, count: int) -> None:
    assert len(_SENTENCE_END.split(text)) == count


def test_every_concept_tells_what_is_asked_for_most() -> None:
    lacking = {
        block.id
        for block in LIBRARY.concepts
        if not {"definition", "example", "detail"} <= block.facets.keys()
        or len({"why", "how", "when"} & block.facets.keys()) < 2
    }
    lacking |= {block.id for block in LIBRARY.contrasts if "definition" not in block.facets}
    assert lacking == set()


def test_no_facet_is_empty_or_unknown() -> None:
    assert all(text.strip() for block in LIBRARY.blocks for text in block.facets.values())
    asked = {facet for block in LIBRARY.concepts for facet in block.questions}
    assert {facet for facet in asked if not is_answer(facet)} <= {*FACETS, "compare"}
    compared = (side for block in LIBRARY.contrasts for side in block.questions)
    assert {side for side in compared if not is_answer(side)} == {"compare"}


ANSWER_WORDS, ASKED_SO = 60, range(3, 6)


def test_every_concept_answers_small_questions_in_a_few_words() -> None:
    written = {
        (block.id, side): text
        for block in LIBRARY.blocks
        for side, text in block.facets.items()
        if side in block.questions and is_answer(side)
    }
    assert {block for block, _ in written} >= {block.id for block in LIBRARY.concepts}
    assert [key for key, text in written.items() if len(text.split()) > ANSWER_WORDS] == []
    asked = {key: len(LIBRARY[key[0]].questions[key[1]]) for key in written}
    assert {key: count for key, count in asked.items() if count not in ASKED_SO} == {}


def test_the_sentences_of_a_block_are_sides_that_can_answer() -> None:
    block = LIBRARY["dropout"]
    lines = [text for side, text in block.facets.items() if is_answer(side)]
    assert any(line in block.facets["definition"] for line in lines)


def test_levels_fields_and_areas_are_known() -> None:
    assert {block.level for block in LIBRARY.concepts} == set(LEVELS)
    assert {block.field for block in LIBRARY.concepts} == set(FIELDS)
    assert {block.area for block in LIBRARY.concepts} == AREAS == set(LIBRARY.areas())


def test_every_block_has_questions_enough() -> None:
    few = [block.id for block in LIBRARY.concepts if len(questions(block)) < CONCEPT_QUESTIONS]
    few += [block.id for block in LIBRARY.contrasts if len(questions(block)) < CONTRAST_QUESTIONS]
    assert few == []


def test_no_question_stands_under_two_blocks_or_twice_under_one() -> None:
    pairs = [(block.id, text) for block in LIBRARY.blocks for text in questions(block)]
    assert shared(iter(pairs)) == {}
    twice = {
        block.id
        for block in LIBRARY.blocks
        if len({same(text) for text in questions(block)}) < len(questions(block))
    }
    assert twice == set()


def test_every_concept_has_another_name_and_no_name_belongs_to_two() -> None:
    alone = [b.id for b in LIBRARY.concepts if len({same(name) for name in b.names}) < 2]
    assert alone == []
    assert shared((block.id, name) for block in LIBRARY.concepts for name in block.names) == {}


def test_every_source_can_be_looked_up() -> None:
    assert [block.id for block in LIBRARY.blocks if not (block.source and block.source.title)] == []
    no_address = [
        block.id
        for block in LIBRARY.blocks
        if block.source
        and block.source.title != ARTICLE
        and not re.match(r"https?://[^\s/]+\.[^\s/]+", block.source.url or "")
    ]
    assert no_address == []


def test_a_block_names_other_concepts_and_not_itself() -> None:
    wrong = {
        (block.id, named)
        for block in LIBRARY.blocks
        for named in (*block.related, *block.confused_with, block.counterpart)
        if named and (named == block.id or named not in LIBRARY or LIBRARY[named].is_contrast)
    }
    assert wrong == set()


def test_a_contrast_compares_two_or_three_concepts_once() -> None:
    compared = [frozenset(block.concepts) for block in LIBRARY.contrasts]
    assert [names for names in compared if compared.count(names) > 1] == []
    assert {len(block.concepts) for block in LIBRARY.contrasts} <= {2, 3}
    assert all(
        len(set(block.concepts)) == len(block.concepts)
        and not any(LIBRARY[concept].is_contrast for concept in block.concepts)
        and LIBRARY.contrast(*reversed(block.concepts)) is block
        for block in LIBRARY.contrasts
    )


def test_no_text_holds_tags_or_filler() -> None:
    tagged = {block.id for block in LIBRARY.blocks for text in texts(block) if _TAG.search(text)}
    filled = {
        block.id
        for block in LIBRARY.blocks
        for facet, text in block.facets.items()
        if facet != "code" and _FILLER.search(_QUOTATION.sub("", text))
    }
    assert (tagged, filled) == (set(), set())


def test_the_learning_path_names_concepts_and_none_twice() -> None:
    path = LIBRARY.path
    assert len(path.stages) == 8
    assert all(stage.title and stage.why and stage.concepts for stage in path.stages)
    assert len({stage.title for stage in path.stages}) == 8
    assert len(set(path.order)) == len(path.order)
    assert all(len(set(track)) == len(track) > 1 for track in path.tracks.values())
    needed = {concept for needs in path.needs.values() for concept in needs}
    named = {
        *path.order,
        *path.needs,
        *needed,
        *(c for track in path.tracks.values() for c in track),
    }
    assert {concept for concept in named if concept not in LIBRARY} == set()
    assert not any(LIBRARY[concept].is_contrast for concept in named)


def test_nothing_has_to_be_known_before_itself() -> None:
    tuple(TopologicalSorter(LIBRARY.path.needs).static_order())  # raises CycleError


def test_nothing_is_taught_before_what_it_needs() -> None:
    order = {concept: place for place, concept in enumerate(LIBRARY.path.order)}
    early = {
        (concept, need)
        for concept, needs in LIBRARY.path.needs.items()
        for need in needs
        if concept in order and need in order and order[need] > order[concept]
    }
    assert early == set()


# Files that cannot be used.


def concept(of: str, **changes: Any) -> dict[str, Any]:
    """Return a block as a file holds it; a change to None leaves the part out."""
    raw = {
        "concept": of,
        "name": of,
        "aliases": [],
        "area": "data",
        "level": "basic",
        "field": "ml",
        "definition": "What it is.",
        "related": [],
        "source": {"title": ARTICLE},
        "questions": {"definition": [f"what is {of}"]},
        **changes,
    }
    return {part: value for part, value in raw.items() if value is not None}


def write(folder: Path, *concepts: dict[str, Any], **more: Any) -> Path:
    raw = {"concepts": [*concepts], **more}
    (folder / "some.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    return folder


def write_path(folder: Path, stage: str, **changes: Any) -> Path:
    part = {"stage": "First", "why": "Because.", "concepts": [stage]}
    raw = {"path": [part], "tracks": {}, "needs": {}, **changes}
    (folder / PATH_FILE).write_text(yaml.safe_dump(raw), encoding="utf-8")
    return folder


def contrast(*names: str, **changes: Any) -> dict[str, Any]:
    raw = {
        "concepts": [*names],
        "title": " and ".join(names),
        "contrast": "One does this, the other that.",
        "questions": ["which one"],
        **changes,
    }
    return {part: value for part, value in raw.items() if value is not None}


def test_blocks_are_read(tmp_path: Path) -> None:
    pair = contrast("a", "b", choose="Take a.")
    found = read(write(tmp_path, concept("a"), concept("b", related=["a"]), contrasts=[pair]))
    assert [block.id for block in found.blocks] == ["a", "b", "a|b"]
    assert found["b"].related == ("a",)
    assert found["a|b"].facets == {
        "definition": "One does this, the other that.",
        "when": "Take a.",
    }
    assert found.neighbours(found["a"]) == {"b", "a|b"}
    assert found.path.order == ()
    assert read(write_path(tmp_path, "b")).path.order == ("b",)


@pytest.mark.parametrize(
    "part", ["concept", "name", "aliases", "area", "level", "related", "source", "questions"]
)
def test_a_block_without_a_part_is_named(tmp_path: Path, part: str) -> None:
    name = "[?]" if part == "concept" else "a"
    with pytest.raises(KnowledgeError, match=rf"some\.yml: block {name} lacks '{part}'"):
        read(write(tmp_path, concept("a", **{part: None})))


@pytest.mark.parametrize("part", ["title", "contrast", "questions"])
def test_a_contrast_without_a_part_is_named(tmp_path: Path, part: str) -> None:
    pair = contrast("a", "b", **{part: None})
    with pytest.raises(KnowledgeError, match=rf"some\.yml: block a\|b lacks '{part}'"):
        read(write(tmp_path, concept("a"), concept("b"), contrasts=[pair]))


def test_two_blocks_of_one_id_are_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"same id: twice$"):
        read(write(tmp_path, concept("twice"), concept("once"), concept("twice")))


@pytest.mark.parametrize(
    "reference", [{"related": ["z"]}, {"confused_with": ["z"]}, {"counterpart": "z"}]
)
def test_a_reference_to_nothing_is_named(tmp_path: Path, reference: dict[str, Any]) -> None:
    with pytest.raises(KnowledgeError, match="block a names unknown ids: z"):
        read(write(tmp_path, concept("a", **reference)))


def test_a_contrast_with_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"block a\|z names unknown ids: z"):
        read(write(tmp_path, concept("a"), contrasts=[contrast("a", "z")]))


@pytest.mark.parametrize(("stage", "changes"), [("z", {}), ("a", {"needs": {"z": ["a"]}})])
def test_a_path_to_nothing_is_named(tmp_path: Path, stage: str, changes: dict[str, Any]) -> None:
    write_path(write(tmp_path, concept("a")), stage, **changes)
    with pytest.raises(KnowledgeError, match=rf"{re.escape(PATH_FILE)} names unknown ids: z"):
        read(tmp_path)
