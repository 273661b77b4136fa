"""Markdown of text widgets, and of custom widgets that return it."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt

#: CloudWatch guide, "Add or remove a text widget": a link that looks like a button.
_BUTTON = re.compile(r"\[button:(primary:)?([^\]]*)\]\(([^)\s]*)\)")


@cache
def _parser() -> MarkdownIt:
    # HTML in it is text: CloudWatch's text widgets show none.
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def html_of(markdown: str) -> str:
    """Return markdown as HTML that has still to be sanitized."""
    html: str = _parser().render(_BUTTON.sub(r"[\2](\3)", markdown))
    return html
