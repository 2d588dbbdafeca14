"""Every intent stands in the domain, in the table, and in a rule; no example is claimed twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlu.examples import indexed, of_intents
from nlu.importer import KnowledgeImporter
from nlu.intents import INTENTS
from nlu.kind import QUESTION

ROOT = Path(__file__).resolve().parents[2]
# Rasa knows this one without being told.
OF_RASA = {"nlu_fallback"}
# Nobody types these: the guard or the numbers decide.
WITHOUT_EXAMPLES = {
    *OF_RASA,
    QUESTION,
    "lone_number",
    "empty_message",
    "too_long",
    "unknown_command",
}


def files() -> Iterator[dict[str, Any]]:
    for file in sorted((ROOT / "nlu").glob("*.yml")):
        yield yaml.safe_load(file.read_text("utf-8"))


@pytest.fixture(scope="module")
def in_rules() -> set[str]:
    return {
        step["intent"]
        for content in files()
        for rule in content.get("rules", ())
        for step in rule["steps"]
        if "intent" in step
    }


@pytest.fixture(scope="module")
def in_domain() -> set[str]:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    return {name for each in domain["intents"] for name in (each if each else ())}


def test_the_domain_and_the_table_name_the_same_intents(in_domain: set[str]) -> None:
    assert in_domain | OF_RASA == set(INTENTS)


def test_every_intent_has_a_rule(in_rules: set[str]) -> None:
    assert in_rules == set(INTENTS)


def test_every_intent_has_examples_or_is_decided_otherwise() -> None:
    said = {example.label.partition("/")[0] for example in of_intents()}
    assert said == set(INTENTS) - WITHOUT_EXAMPLES


def test_labels_have_a_second_half_where_the_table_says_so() -> None:
    for example in of_intents():
        name, _, detail = example.label.partition("/")
        assert bool(detail) == (INTENTS[name].detail is not None), example.label


def test_no_example_stands_under_two_intents() -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for example in of_intents():
        owners[example.text.lower()].add(example.label)
    assert {text: labels for text, labels in owners.items() if len(labels) > 1} == {}


def test_no_example_is_also_a_question_of_a_block() -> None:
    asked = {example.text.lower(): example.label for example in indexed() if example.is_question}
    both = {
        example.text: (example.label, asked[example.text.lower()])
        for example in of_intents()
        if example.text.lower() in asked
    }
    assert both == {}


def test_rasa_gets_an_example_of_every_intent_and_reads_no_knowledge_itself() -> None:
    folder = ROOT / "nlu"
    importer = KnowledgeImporter(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(folder)])
    data = importer.get_nlu_data()
    assert set(INTENTS) - WITHOUT_EXAMPLES | {QUESTION} <= data.intents
    assert not any(Path(file).parent == folder / "knowledge" for file in importer._nlu_files)
