"""What people do, told to the trained assistant over REST; facts are asserted, not wording."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable

import pytest

from models import iris, review
from models.knowledge import library

Say = Callable[[str], str]


def test_a_question_and_its_follow_ups(say: Say) -> None:
    assert "overfit" in say("my model aces training but flunks new data").lower()
    first = say("what is cross validation")
    more = say("tell me more")
    assert more != first
    assert "k" in more
    assert say("explain it simply") not in (first, more)


@pytest.mark.parametrize(
    ("first", "second", "aspect"),
    [
        ("how does machine learning learn", "and in deep learning?", "learning"),
        ("what does machine learning require", "and deep learning?", "requirements"),
        ("what inspired deep learning", "and in machine learning?", "inspiration"),
    ],
)
def test_the_words_or_the_conversation_choose_the_field(
    say: Say, first: str, second: str, aspect: str
) -> None:
    for field, asked in zip(("ml", "dl"), (first, second), strict=True):
        other = {"ml": "dl", "dl": "ml"}[field]
        here = f"{aspect}_{other if 'deep' in first else field}"
        assert library()[here].title in say(asked)


@pytest.mark.xfail(strict=True, reason="a sentence of what was spoken of answers instead")
def test_a_short_question_stays_in_the_field(say: Say) -> None:
    say("what inspired deep learning?")
    assert library()["methods_dl"].title in say("and what does it use?")


@pytest.mark.parametrize(
    ("before", "concept"),
    [("5.1 3.5 1.4 0.2", "iris_knn"), ("what is dropout?", "dropout")],
)
def test_how_it_works_is_about_what_was_said_last(say: Say, before: str, concept: str) -> None:
    say(before)
    assert library()[concept].title in say("cool, how does it work?")


def test_a_picture_can_be_asked_about(say: Say) -> None:
    say("show me a picture of how AI, ML and DL nest")
    assert library()["dl_part_of_ml"].title in say("why is it that way?")


@pytest.mark.parametrize(
    ("asked", "library_used"),
    [
        ("show me some code", "sklearn"),
        ("keras code please", "tensorflow"),
        ("I'd like the complete Iris script", "sklearn"),
    ],
)
def test_code_needs_no_concept_before_it(say: Say, asked: str, library_used: str) -> None:
    answer = say(asked)
    assert "```" in answer
    assert f"import {library_used}" in answer or f"from {library_used}" in answer


def test_the_chart_is_told_side_by_side(say: Say) -> None:
    answer = say("what is the difference between machine learning and deep learning").lower()
    answer += say("tell me more").lower()
    for fact in ("statistics", "brain", "blockchain", "transfer learning"):
        assert fact in answer


def test_iris_in_one_message(say: Say) -> None:
    answer = say("5.1 3.5 1.4 0.2").lower()
    assert "setosa" in answer
    assert "all 3 nearest" in answer


def test_iris_step_by_step_with_an_interruption_and_a_wrong_value(say: Say) -> None:
    assert "sepal" in say("classify an iris flower").lower()
    say("6,7")
    say("3.0")
    answer = say("what is overfitting?").lower()
    assert "overfit" in answer
    assert "petal" in answer  # and the dialogue goes on
    assert "petal" in say("-4").lower()
    say("5.2")
    assert "virginica" in say("2.3").lower()


def test_the_number_of_neighbours_and_corrections(say: Say) -> None:
    say("sepal 5.1 by 3.5, petal 1.4 by 0.2")
    assert "5 nearest" in say("with k=5")
    refused = say("with k=-3")
    assert str(iris.training_size()) in refused
    assert "virginica" in say("no, petal length 6.0 and petal width 2.2").lower()


def test_a_flower_in_unusual_forms(say: Say) -> None:
    assert "virginica" in say("classify 5.9, 3.0, 5.1, 1.8 pls").lower()
    assert "versicolor" in say("same flower but petal width 1.3").lower()
    assert "versicolor" in say("now petal length 4.2 and k=5").lower()


def test_a_flower_described_beside_its_question(say: Say) -> None:
    say("the petal is 4.5cm long and 1.5 wide, which iris")
    assert "versicolor" in say("oh, sepal 6.0 by 2.9").lower()


def test_who_has_to_measure_first_is_waited_for(say: Say) -> None:
    say("classify my flower. sepal length = 5.0cm")
    assert "sepal" in say("hm dunno, let me measure").lower()
    assert "setosa" in say("3.3, and the petal is 1.4 by 0.2").lower()


def test_two_people_never_mix(server) -> None:
    one, other = server.conversation(), server.conversation()
    one("classify an iris flower")
    other("what is a cnn")
    assert "sepal" in one("5.1").lower()
    assert "convolution" in other("tell me more").lower()


def test_reviews_at_once_and_after_asking(say: Say) -> None:
    loved = "A wonderful film: brilliant acting, a great story, I loved every minute of it."
    hated = "Awful. A terrible waste of time with the worst acting I have ever seen, so boring."
    assert "positive" in say(f"classify this review: {loved}").lower()
    say("classify a review")
    assert "negative" in say(hated).lower()


@pytest.mark.skipif("default" not in review.models(), reason="no default model yet")
def test_a_verdict_is_explained_and_compared(say: Say) -> None:
    say("classify this review: the cast is superb, but the story is awful and boring")
    for question in ("why?", "explain that verdict"):
        answer = say(question)
        assert "**−" in answer and "awful" in answer
    answer = say("compare with the article's model")
    for model in review.models():
        assert f"{100 * review.metrics(model).test.accuracy:.1f} %" in answer
    say("what is overfitting")
    assert "**−" not in say("why?")


def test_a_review_may_say_stop_and_bye(say: Say) -> None:
    say("classify a review")
    answer = say("I had to stop after an hour. Bye bye ticket money, it was awful and boring.")
    assert "negative" in answer.lower()


LONG = (
    'I saw "The Awful Truth of Harbour Street" with my sister on Sunday and we have talked of '
    "nothing else since. It begins slowly, with a boat and an old man, and for ten minutes I "
    "thought of my shopping. Then the daughter comes home and every scene after that is a joy: the "
    "acting is superb, the music is beautiful and I cried twice. A wonderful film."
)


def test_a_quoted_title_is_not_the_review(say: Say) -> None:
    say("classify a review")
    assert "positive" in say(LONG).lower()


def test_a_review_that_is_pasted_without_a_word_is_judged(say: Say) -> None:
    assert "positive" in say(LONG).lower()
    assert "negative" in say("A boring film with wooden actors and a terrible script.").lower()


def test_what_sounds_like_a_way_out_may_be_the_review(say: Say) -> None:
    say("classify a review")
    assert "negative" in say("don't bother, it is rubbish").lower()
    say("classify a review")
    assert "negative" not in say("never mind, forget it").lower()


def test_a_review_may_follow_its_command(say: Say) -> None:
    assert "negative" in say("/review a dull and lifeless film").lower()


def test_cancel_leaves_and_keeps_nothing(say: Say) -> None:
    say("classify an iris flower")
    say("5.1")
    say("cancel")
    assert "overfit" in say("what is overfitting").lower()
    assert "sepal" in say("classify an iris flower").lower()


def test_accuracy_is_what_was_measured(say: Say) -> None:
    answer = say("how accurate are you")
    measured = iris.accuracy()
    assert f"{measured.correct} of {measured.total}" in answer
    assert f"{100 * measured.cross_validation.mean:.1f} %" in answer
    assert f"{100 * review.metrics().test.accuracy:.1f} %" in answer


def test_small_talk_and_off_topic(say: Say) -> None:
    for message in ("hello", "help", "thanks", "bye", "yes", "no", "what can I ask"):
        say(message)
    assert "outside" in say("how do I train my dog").lower()


def test_a_picture_on_request(server) -> None:
    for message in ("how does k-nearest neighbours work", "show me a picture"):
        _, messages = server.post(json.dumps({"sender": "painter", "message": message}).encode())
    image = next(item["image"] for item in messages if item.get("image"))
    assert image.startswith(server.origin)
    with urllib.request.urlopen(image, timeout=30) as answer:
        assert answer.read(8) == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        (["classify an iris"], "The arrow for the sepal length"),
        (["5.1 3.5 1.4 0.2"], "petal 1.4 × 0.2 cm"),
        (["compare k from 1 to 5"], "k from 1 to 5"),
        (["classify this review: a great film", "why?"], "great +"),
        (["show me a confusion matrix"], "Precision is 0."),
    ],
)
def test_a_picture_says_what_it_shows_with_its_numbers(server, said: list[str], seen: str) -> None:
    for message in said:
        body = {"sender": f"unseeing-{len(seen)}", "message": message}
        _, messages = server.post(json.dumps(body).encode())
    (shown,) = [message for message in messages if message.get("image")]
    assert seen in shown["alt"]


@pytest.mark.parametrize(
    "asked", ["show me a {}", "can you show me a {}?", "could you show me a {}"]
)
@pytest.mark.parametrize("concept", ["neuron", "decision tree", "convolution"])
def test_who_asks_to_be_shown_a_concept_gets_its_picture(server, asked: str, concept: str) -> None:
    body = {"sender": "".join(concept.split()), "message": asked.format(concept)}
    _, messages = server.post(json.dumps(body).encode())
    assert any(message.get("image") for message in messages)


def test_nothing_is_told_twice_in_a_row(say: Say) -> None:
    say("what is overfitting?")
    answers = [say(text) for text in ("tell me more", "more", "go on", "continue")]
    assert len(set(answers)) == len(answers)
    first, second = say("why"), say("why though")
    assert first != second


def test_why_after_an_experiment_leaves_the_conversation_alive(say: Say) -> None:
    say("which features matter?")
    say("why")
    say("5.1 3.5 1.4 0.2")
    say("which features matter?")
    reason = say("why").lower()
    assert "setosa" in reason
    assert "another species" in reason
    assert "fathom" in say("hello").lower()


def test_another_language_is_told_that_only_english_is_understood(say: Say) -> None:
    assert "English" in say("Was ist der Unterschied und warum ist das so wichtig für mich?")
