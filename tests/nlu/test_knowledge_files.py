import ast
from collections import Counter

import pytest
import yaml

from models.knowledge import GROUPS, KnowledgeError, Topic, library
from nlu.questions import KNOWLEDGE, read_questions

TOPICS = library().topics


def test_every_subject_of_the_article_is_there() -> None:
    count = Counter(topic.group for topic in TOPICS)
    assert count["chart"] == 18  # six rows for ML, DL and side by side
    assert count["ml_aspects"] == 17
    assert count["dl_aspects"] == 18
    assert set(count) == set(GROUPS)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_complete(topic: Topic) -> None:
    assert topic.answer
    assert topic.detail
    assert topic.questions
    assert {"more", "why", "simple", "example"} <= set(topic.aspects)
    assert 2 <= len(topic.related) <= 4
    assert set(topic.related) <= {other.name for other in TOPICS}
    assert topic.name not in topic.related
    assert topic.counterpart is None or library()[topic.counterpart].field != topic.field
    assert "code" in topic.aspects or not topic.is_code


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_texts_fit_into_a_message(topic: Topic) -> None:
    assert len(topic.title) <= 40
    assert len(topic.answer) <= 320
    longest = max(len(text) for text in topic.aspects.values())
    assert len(topic.answer) + len(topic.detail) + longest < 3500


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if "code" in topic.aspects])
def test_code_is_python(topic: Topic) -> None:
    ast.parse(topic.aspects["code"])


def test_each_subject_has_enough_questions_and_none_is_asked_twice() -> None:
    questions = read_questions()
    assert min(len(texts) for texts in questions.values()) >= 25
    owners = Counter(text.lower() for texts in questions.values() for text in texts)
    assert [text for text, count in owners.items() if count > 1] == []


def test_intents_have_no_example_of_another() -> None:
    owner: dict[str, str] = {}
    for file in sorted(KNOWLEDGE.parent.glob("*.yml")):
        for block in yaml.safe_load(file.read_text()).get("nlu", []):
            for line in block["examples"].splitlines():
                text = line.removeprefix("- ").strip().lower()
                assert owner.setdefault(text, block["intent"]) == block["intent"], text
    topics = {text.lower() for texts in read_questions().values() for text in texts}
    assert not topics & set(owner)


def test_titles_are_unique() -> None:
    assert max(Counter(topic.title for topic in TOPICS).values()) == 1


def test_the_words_decide_between_the_fields_before_the_conversation() -> None:
    topics = library()
    assert topics.resolve("ethics", "dl", "ml").name == "ethics_dl"
    assert topics.resolve("ethics", None, "dl").name == "ethics_dl"
    assert topics.resolve("ethics", None, None).name == "ethics_ml"
    assert topics.resolve("learning", None, None).name == "learning_both"


def test_an_incomplete_topic_is_named(tmp_path) -> None:
    (tmp_path / "x.yml").write_text("topics: [{topic: half, title: Half, group: basics}]")
    with pytest.raises(KnowledgeError, match=r"x\.yml: topic half lacks"):
        library.__wrapped__(tmp_path)
