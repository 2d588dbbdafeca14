"""What the assistant says as HTML, in which nothing is mark-up that a person typed."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from bot.channels.markdown import reader

# Far above what the assistant says at a time.
LONGEST = 20_000


def to_html(text: str) -> str:
    """Return Markdown as HTML; line breaks are kept, tags are shown as they were written."""
    if len(text) > LONGEST:
        return f"<p>{escape(text)}</p>"
    html: str = _parser().render(text)
    return html


@functools.lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = reader(breaks=True)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    parser.add_render_rule("table_open", _table)
    parser.add_render_rule("table_close", _table)
    parser.add_render_rule("th_open", _cell)
    parser.add_render_rule("td_open", _cell)
    return parser


def _code(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    """Show code in a box that the keyboard can scroll; Python with its parts in classes."""
    token = tokens[index]
    if token.info.strip() == "python":
        shown = highlight(token.content, PythonLexer(), HtmlFormatter(nowrap=True))
        return f'<pre tabindex="0" aria-label="Python code"><code>{shown}</code></pre>\n'
    return f'<pre tabindex="0" aria-label="Block"><code>{escape(token.content)}</code></pre>\n'


def _table(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    """Put a table into a box, so that a wide one scrolls by itself."""
    if tokens[index].nesting > 0:
        return '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n'
    return "</table></div>\n"


def _cell(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    """Leave out a column's alignment, which would be a style inside the page."""
    return f"<{tokens[index].tag}>"
