"""Answers as HTML: what the assistant writes is laid out, what people wrote stays text."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.page.markdown import LONGEST, to_html
from tests import hostile

TAGS = {
    *("p", "strong", "em", "ul", "ol", "li", "pre", "code", "br", "hr", "blockquote", "span"),
    *("div", "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"),
}
ATTRIBUTES = {"class", "tabindex", "role", "aria-label", "start"}


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def test_what_the_assistant_writes_is_laid_out() -> None:
    html = to_html("**bold** *slanted*\nnext\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert "<strong>bold</strong> <em>slanted</em><br />" in html
    assert html.count("<li>") == 2
    assert '<div class="scroll" tabindex="0"' in html and "<td>2</td>" in html


def test_python_is_highlighted_and_other_blocks_are_not() -> None:
    assert '<span class="kn">import</span>' in to_html("```python\nimport numpy\n```")
    assert "<span" not in to_html("```\nimport numpy\n```")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b>bold</b>\n\n<div onclick='x'>",
        "[click](javascript:alert(1))",
        "[click](https://evil.example)",
        "![picture](https://evil.example/x.png)",
        "<https://evil.example>",
        "[a]: https://evil.example\n\n[a]",
        "```\n</code></pre><script>alert(1)</script>\n```",
        "```python\n</code></pre><script>alert(1)</script>\n```",
        '```"><script>alert(1)</script>\nx\n```',
        "    <script>alert(1)</script>",
        "| <script>alert(1)</script> |\n|---|\n| <img src=x> |",
        "`<script>`",
        "&lt;script&gt;",
        "a<!-- -->b",
        "| a |\n|:-:|\n| b |",
    ],
)
def test_what_people_write_does_not_become_html(text: str) -> None:
    found = read(to_html(text))
    assert found.tags <= TAGS
    assert found.attributes <= ATTRIBUTES


@given(st.text(alphabet="<>&\"'`*_[]()!|:-~#= \n\taxs/", max_size=200))
def test_no_text_becomes_other_html(text: str) -> None:
    found = read(to_html(text))
    assert found.tags <= TAGS
    assert found.attributes <= ATTRIBUTES


@pytest.mark.parametrize("text", hostile.SEEN.values(), ids=hostile.SEEN)
@pytest.mark.parametrize("opening", ["", "```python\n", "> ", "| a |\n|---|\n| "])
def test_no_text_takes_long(text: str, opening: str) -> None:
    begin = time.process_time()
    to_html(opening + text)
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    "unit",
    ["*", "_", "`", "[", "](", "<", "> ", "- ", "**a", "*a _b ", "|", "\\", "&", "![", "'\""],
)
def test_much_of_the_same_mark_does_not_take_long(unit: str) -> None:
    for opening in ("", "```python\n"):
        begin = time.process_time()
        to_html(opening + unit * (LONGEST // len(unit) - 20))
        assert time.process_time() - begin < 1


def test_a_text_without_end_is_shown_as_it_is() -> None:
    assert to_html("*" * (LONGEST + 1)) == f"<p>{'*' * (LONGEST + 1)}</p>"
