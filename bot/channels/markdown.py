"""How every channel reads the assistant's Markdown: nothing in it is mark-up of a person."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt

# The assistant repeats parts of what people wrote, and writes none of these itself: a link or a
# picture could lead to another host, the others could make a heading of what somebody said.
_NEVER = ("html_block", "html_inline", "image", "link", "autolink", "reference", "lheading")


def reader(*more: str, **options: Any) -> MarkdownIt:
    """Return a reader of CommonMark and tables, without ``more`` of its rules and with options."""
    parser = MarkdownIt("commonmark", {"html": False, **options})
    return parser.enable("table").disable([*_NEVER, *more])
