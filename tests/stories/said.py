"""What ops are told, word for word, as it came out of a story: `words/` holds a mail of each kind.

Ids are numbered in the order in which they appear: what stays is what an operator reads. A mail is
written there, to be read before it is kept, by `python -m tests.stories`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.stories.account import Account, Mail

WORDS = Path(__file__).parent / "words"
WRITE = "WRITE_WORDS"
# AWS's own ids, and what else is made of hexadecimal digits, whatever stands before it.
_ID = re.compile(r"\b([a-z]+(?:-[a-z]+)*-)?([0-9a-f]{16,64})\b")

Says = Callable[[str], None]
"""Holds the one new mail that tells of a kind against its words."""


def words(mail: Mail) -> str:
    """The mail with its ids numbered: vpc-1, rtb-1, rtb-2."""
    seen: dict[str, list[str]] = {}

    def number(found: re.Match[str]) -> str:
        kind = found[1] or "id-"
        known = seen.setdefault(kind, [])
        if found[2] not in known:
            known.append(found[2])
        return f"{kind}{known.index(found[2]) + 1}"

    return _ID.sub(number, f"Subject: {mail.subject}\n\n{mail.text}")


def says(account: Account) -> Says:
    """What a story asks with: `says("RouteTableBusy")`; after "-" stands which of several it is."""

    def hold(name: str) -> None:
        said, file = words(account.told(name.partition("-")[0])), WORDS / f"{name}.txt"
        if os.environ.get(WRITE):
            file.write_text(said)
        assert file.exists(), f"nobody has read {name} yet: run `python -m tests.stories`\n{said}"
        assert said == file.read_text()

    return hold


def asked() -> Iterator[str]:
    """The names of all words that stories ask for."""
    for file in Path(__file__).parent.glob("test_*.py"):
        yield from re.findall(r'\bsays\("([\w-]+)"\)', file.read_text())
