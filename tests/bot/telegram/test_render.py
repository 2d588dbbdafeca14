"""Markdown becomes what Telegram accepts, whatever it holds."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels.telegram import reply
from bot.channels.telegram.quiz import shorten
from bot.channels.telegram.reply import render, units
from tests.bot.telegram.fake_api import visible

MARKS = [
    "**",
    "*",
    "`",
    "```\n",
    "```python\n",
    "\n",
    "\n\n",
    " ",
    "- ",
    "|",
    "| a | b |\n",
    "\\",
    "<b>",
    "&amp;",
    "<",
    "é",
    "😀",
    "👩‍👩‍👧",
    "word",
    "_",
    "x*y",
    "\u0301",
]
markdown = st.lists(st.sampled_from(MARKS) | st.text(max_size=5), max_size=25).map("".join)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("**bold** and *italic*", "<b>bold</b> and <i>italic</i>"),
        ("an ***Iris setosa***.", "an <i><b>Iris setosa</b></i>."),
        ("**all *of* it**", "<b>all </b><b><i>of</i></b><b> it</b>"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("`a < b && c`", "<code>a &lt; b &amp;&amp; c</code>"),
        ("- one\n- two", "• one\n• two"),
        (r"\*not\*", "*not*"),
        ("**open", "**open"),
        (
            "```python\nif a < b:\n    pass\n```",
            '<pre><code class="language-python">if a &lt; b:\n    pass</code></pre>',
        ),
        ("```\n  x\n```", "<pre>  x</pre>"),
        ("| A | Bee |\n|---|:-:|\n| 1 | **2** |", "<pre>A  Bee\n1  2</pre>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_each_mark_means_what_the_contract_says(said: str, expected: str) -> None:
    assert [message.html for message in render(said)] == [expected]


@given(markdown, st.integers(5, 60))
@example("😀" * 10, 5)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_message_is_accepted_fits_and_is_never_empty(said: str, limit: int) -> None:
    for message in render(said, limit):
        assert visible(message.html, "HTML") == message.plain
        assert 0 < units(message.plain) <= limit
        assert message.plain.strip()


@given(st.text("ab \n", min_size=1, max_size=200), st.integers(5, 40))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_splitting_loses_nothing_but_blanks(said: str, limit: int) -> None:
    together = "".join(message.plain for message in render(said, limit))
    assert re.sub(r"\s", "", together) == re.sub(r"\s", "", said)


def test_a_split_prefers_paragraphs_and_keeps_code_whole() -> None:
    code = "```python\n" + "\n\n".join(f"line_{n}()" for n in range(20)) + "\n```"
    messages = render("word " * 50 + "\n\n" + code, 300)
    assert len(messages) == 2
    assert messages[1].plain.startswith("line_0()") and messages[1].plain.endswith("line_19()")


def test_a_cut_style_goes_on_and_clusters_stay_together() -> None:
    first, second = render("**" + "a" * 6 + " " + "b" * 6 + "**", 8)
    assert first.html == "<b>aaaaaa</b>" and second.html == "<b>bbbbbb</b>"
    family = "👩‍👩‍👧"
    assert [m.plain for m in render("x" * 5 + family, 9)] == ["x" * 5, family]


def test_formatting_never_exceeds_what_telegram_keeps() -> None:
    messages = render(" ".join(f"**{n}**" for n in range(250)))
    assert len(messages) == 3
    assert all(message.html.count("<b>") <= 100 for message in messages)


def test_a_caption_that_is_too_long_follows_its_picture() -> None:
    picture = "0" * 32 + ".png"
    (short,) = reply.compose([{"text": "short", "image": picture}])
    assert (short.picture, short.plain) == (picture, "short")
    first, second = reply.compose([{"text": "long " * 300, "image": picture}])
    assert (first.picture, first.html) == (picture, "") and second.plain.startswith("long")


def test_what_a_picture_shows_is_folded_below_its_text_or_goes_with_the_picture() -> None:
    picture, seen = "0" * 32 + ".png", {"alt": "a star & <3 circles"}
    folded = "<blockquote expandable>a star &amp; &lt;3 circles</blockquote>"
    (one,) = reply.compose([{"text": "**Look**", "image": picture, "metadata": seen}])
    assert (one.picture, one.html) == (picture, f"<b>Look</b>\n\n{folded}")
    assert visible(one.html, "HTML") == one.plain == "Look\n\na star & <3 circles"
    text = "x " * 510  # fits a caption by itself
    buttons = [{"title": "Why?"}]
    said = {"text": text, "image": picture, "metadata": seen, "buttons": buttons}
    shown, told = reply.compose([said])
    assert (shown.picture, shown.html, shown.buttons) == (picture, folded, ())
    assert (told.plain, told.buttons[0].title) == (text.strip(), "Why?")
    (alone,) = reply.compose([{"image": picture, "metadata": {"alt": "word " * 400}}])
    assert alone.picture == picture and 900 < units(alone.plain) <= 1024


def test_parts_survive_being_stored() -> None:
    poll = {"question": "q", "options": ["a", "b"], "correct": 1, "explanation": "why"}
    said = [reply.Part("<b>x</b>", "x", (reply.Button("t", "p", "quiz"),)), reply.Part(poll=poll)]
    assert reply.load(reply.dump(said)) == said


@given(st.text(max_size=400), st.integers(10, 100))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_shortened_texts_fit(said: str, limit: int) -> None:
    assert units(shorten(said, limit)) <= limit


@pytest.fixture(scope="module")
def tdlib() -> Any:
    tdjson = pytest.importorskip("tdjson")
    return tdjson


def test_telegrams_own_parser_reads_what_we_write(tdlib: Any) -> None:
    @given(markdown)
    @settings(max_examples=60, deadline=None, derandomize=True)
    def check(said: str) -> None:
        for message in render(said, 200):
            request = {
                "@type": "parseTextEntities",
                "text": message.html,
                "parse_mode": {"@type": "textParseModeHTML"},
            }
            answer = json.loads(tdlib.td_execute(json.dumps(request).encode()))
            assert answer["@type"] == "formattedText", answer
            assert answer["text"] == html.unescape(re.sub(r"<[^>]+>", "", message.html))

    check()


def test_a_table_too_wide_for_a_phone_becomes_a_list() -> None:
    cell = "words " * 10
    table = f"| | one | two |\n|---|---|---|\n| row | {cell}| {cell}|\n"
    (message,) = render(table)
    assert "<pre>" not in message.html
    assert "<b>row</b>" in message.html
    assert f"one: {cell.strip()}" in message.plain


def test_a_narrow_table_stays_one() -> None:
    (message,) = render("| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert "<pre>" in message.html


def test_paragraphs_keep_their_distance_also_after_code() -> None:
    (message,) = render("Look:\n\n```\nx = 1\n```\n\nDone.\n\nNext.")
    assert message.plain == "Look:\nx = 1\nDone.\n\nNext."
    assert message.html == "Look:\n<pre>x = 1</pre>\nDone.\n\nNext."
