"""The table of behaviours names tests that exist, and marks each row."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parents[2] / "lab" / "ec2" / "BEHAVIOURS.md"
ROWS = [
    line.split("|")[1:-1]
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| What")
]


def test_every_row_has_a_mark_and_a_test_that_exists() -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    known = set(re.findall(r"^def (test_\w+)", written, re.MULTILINE))
    assert len(ROWS) > 50
    for what, source, tests in ROWS:
        named = set(re.findall(r"`(test_\w+)`", tests))
        assert named, what
        assert named <= known, (what, named - known)
        assert re.match(r" [VBI]\b", source), what
