"""What names and tags hold is text, on a terminal and elsewhere."""

from __future__ import annotations

import pytest

from cli.output import Printer, clean
from cli.problem import Problem

HOSTILE = "\x1b[31m\x1b]0;title\x07[bold]x[/bold] <script>\u202egnp.exe\u2028\r\n:smile: 😀 ä"


def test_nothing_steers_a_terminal() -> None:
    assert clean(HOSTILE) == (
        "\\x1b[31m\\x1b]0;title\\x07[bold]x[/bold] <script>\\u202egnp.exe\\u2028\\r\\n:smile: 😀 ä"
    )


def test_what_another_account_says_in_an_error_steers_none_either() -> None:
    said = Problem(f"111111111111/us-east-1 says: {HOSTILE}\nsecond line").message
    assert "\x1b" not in said
    assert said.endswith("\nsecond line")


def test_without_a_terminal_lines_are_whole_and_plain(capsys: pytest.CaptureFixture[str]) -> None:
    long = "word " * 60
    Printer().line((f"[red]{long}", "bold red"), "\x1b[1mend", indent=2)
    assert capsys.readouterr().out == f"  [red]{long}\\x1b[1mend\n"


def test_no_color_is_heeded_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    Printer().line(("failure: ", "red"), "text")
    coloured = capsys.readouterr().out
    assert "31m" not in coloured
    assert "failure: " in coloured
