"""Every AWS CLI command that our texts print or document, and how one is run in a lab."""

from __future__ import annotations

import ast
import io
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from awscli.clidriver import create_clidriver  # type: ignore[import-untyped]  # it has no types

from tests.infra.synthesis import Synthesis, resolved

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "functions" / "autopilot"
TEXTS = ("README.md", "CONTRIBUTING.md", "lab/README.md", "functions/answer_hold.py")
_CODE = re.compile(r"`(aws [^`]+)`|^\s*(aws [a-z0-9].*)$", re.MULTILINE)
# An alarm's description is one paragraph: a command ends before " .", "; " or the next one.
_IN_A_PARAGRAPH = re.compile(r"aws [a-z0-9-]+ [a-z-]+ .*?(?= \.(?: |$)| and aws |$)")
_CALL = re.compile(r"([a-z0-9-]+) ([a-z]+(?:-[a-z]+)+|invoke)(?: |$)")
_INNER = re.compile(r"\$\((aws .*?)\)(?=[\"'\s]|$)")


@dataclass(frozen=True)
class Ran:
    """What became of a command: its exit code, and what it printed."""

    code: int
    said: str

    @property
    def error(self) -> str:
        """AWS's error code, "" if it was done, all that was printed if it is no error of AWS's."""
        if self.code == 0:
            return ""
        found = re.search(r"An error occurred \(([\w.]+)\)", self.said)
        return found[1] if found else self.said


def documented() -> Iterator[tuple[str, str]]:
    """(file, command) of everything that people read."""
    for path in (*(ROOT / name for name in TEXTS), *sorted((ROOT / "docs").rglob("*.md"))):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for inline, line in _CODE.findall(text):
            yield path.name, inline or line.partition("   #")[0].strip()


def in_alarms(stack: Synthesis) -> Iterator[tuple[str, str]]:
    """(alarm, command) of all alarms' descriptions."""
    for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
        for command in _IN_A_PARAGRAPH.findall(str(resolved(alarm["AlarmDescription"]))):
            yield name, command


def written() -> set[tuple[str, str]]:
    """(service, operation) of every command in the notices' words, shown by a test or not."""
    services = _driver()._get_command_table()
    return {
        (found[1], found[2])
        for path in WORDS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (found := _CALL.match(node.value)) and found[1] in services
    }


def called(command: str) -> tuple[str, str]:
    """The service and the operation of a command."""
    _, service, operation, *_ = shlex.split(command)
    return service, operation


def filled(command: str, placeholders: Mapping[str, str]) -> str:
    """The command with what stands for something filled in, one pattern after the other."""
    for word, value in placeholders.items():
        command = re.sub(word, value, command)
    return command


def run(command: str) -> Ran:
    """Run a command as a shell would."""
    while inner := _INNER.search(command):
        ran = run(inner[1])
        if ran.code:
            return ran
        command = command.replace(inner[0], ran.said.strip())
    return _main(shlex.split(command)[1:])


def _main(words: list[str]) -> Ran:
    # The pinned CLI is of version 1: what only version 2 has is left out, or called as it calls it.
    if "--cli-binary-format" in words:
        at = words.index("--cli-binary-format")
        words = words[:at] + words[at + 2 :]
    if words[:2] == ["logs", "tail"]:
        words = ["logs", "filter-log-events", "--log-group-name", words[2]]
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            code = int(_driver().main([*words, "--endpoint-url", os.environ["AWS_ENDPOINT_URL"]]))
        except SystemExit as ended:
            code = int(ended.code or 0)
    if words[1] in ("modify-vpc-attribute", "delete-stack"):
        _driver.cache_clear()  # it keeps an option of these, a Region, for whatever comes next
    return Ran(code, said.getvalue())


@cache
def _driver() -> Any:
    """The CLI itself: to start it anew for each command takes half a second of one core."""
    return create_clidriver()


def environment(url: str) -> dict[str, Any]:
    """What has the CLI talk to a lab."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "111111111111",
        "AWS_SECRET_ACCESS_KEY": "lab",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PAGER": "",
    }
