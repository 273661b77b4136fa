"""What commands print: text that stays text whatever names and tags hold; JSON; progress.

Without a terminal, and with NO_COLOR, there is no colour and no line is broken; colour is never all
that says something.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text


def clean(text: str) -> str:
    """`text` with whatever would steer a terminal or turn the line around written as its code."""
    return "".join(each if each.isprintable() else _code(each) for each in text)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()


class Printer:
    """Prints lines of a person's reading."""

    def __init__(self) -> None:
        self._console = Console(markup=False, emoji=False, highlight=False)

    def line(self, *parts: str | tuple[str, str], indent: int = 0) -> None:
        """One line of parts, each a text, or a text with its style; a long one is folded."""
        made = Text()
        for part in parts:
            text, style = (part, "") if isinstance(part, str) else part
            made.append(clean(text), style)
        if self._console.is_terminal:
            self._console.print(Padding(made, (0, 0, 0, indent)))
        else:
            self._console.print(Text(" " * indent) + made, soft_wrap=True)

    def heading(self, text: str) -> None:
        """An empty line and a heading."""
        self.line("")
        self.line((text, "bold"))


def print_json(plain: Any) -> None:
    """Print plain JSON types; what isn't ASCII is written as its code."""
    print(json.dumps(plain, indent=2))


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Any]:
    """Show on a terminal's stderr that something is under way; yields what changes the text."""
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    if quiet or not sys.stderr.isatty():
        yield lambda _text: None
        return
    with console.status(Text(clean(what))) as status:
        yield lambda text: status.update(Text(clean(text)))
