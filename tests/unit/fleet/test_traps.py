"""Each trap that others fell into is held by tests, which docs/fleet.md names."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TRAPS = (
    "management account never",
    "suspended accounts",
    "empty unit",
    "moves between units",
    "by turns",
    "inside a target unit",
    "new hub and old spokes",
    "not enabled",
    "failed half way",
    "gone for a day",
    "ten thousand events",
    "puts on the hub's bus",
    "put on a spoke's own bus",
)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> dict[str, list[tuple[str, str]]]:
    """By trap the tests that hold it, each with its file."""
    text = (ROOT / "docs/fleet.md").read_text(encoding="utf-8")
    _, _, section = text.partition("## Traps that others fell into")
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    return {line.split("|")[1].strip(): _TEST.findall(line) for line in lines[1:]}


def test_each_trap_has_its_row_and_each_row_a_test() -> None:
    found = rows()
    assert [[trap for trap in found if words in trap] for words in TRAPS] == [
        [trap] for trap in found
    ]
    assert [trap for trap, tests in found.items() if not tests] == []


def test_each_test_that_the_manual_names_is_there() -> None:
    named = [test for tests in rows().values() for test in tests]
    missing = [
        f"{file}::{name}"
        for file, name in named
        if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []
