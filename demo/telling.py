"""How the demo speaks: chapters, steps that show they work, checks that fail loudly."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from demo.scenes import Look, Network

WIDTH = 96


class OutcomeMissing(Exception):
    """What the demo promises did not happen."""


def chapter(title: str) -> None:
    """A heading."""
    say("")
    say(f"━━ {title} " + "━" * max(0, WIDTH - len(title) - 4))


def say(text: str) -> None:
    """A line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def progress(elapsed: float) -> None:
    """A sign of life while something is waited for: a dot, on a terminal and in a log alike."""
    del elapsed
    sys.stdout.write("·")
    sys.stdout.flush()


def expect(held: bool, what: str) -> None:
    """Tick off `what`; raises OutcomeMissing if it didn't hold."""
    if not held:
        raise OutcomeMissing(what)
    say(f"   ✓ {what}")


def show_tables(network: Network, names: Mapping[str, str], stands: Look) -> None:
    """Each route table with the endpoints that its prefix-list routes lead to."""
    services = {e.id: e.service for e in stands.endpoints}
    say(f"   {'route table':<24} {'name':<14} routes")
    for table in sorted(network.all_tables, key=lambda t: names.get(t, "")):
        routes = stands.routes.get(table, {})
        shown = (
            ", ".join(
                f"{services.get(via, '?')}: {prefix} → {via}"
                for prefix, via in sorted(routes.items(), key=lambda r: r[1])
            )
            or "none"
        )
        say(f"   {table:<24} {names.get(table, '(main)'):<14} {shown}")


def show_rows(head: Sequence[str], *rows: Sequence[str]) -> None:
    """A table; its last column may be long."""
    every = [head, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(head) - 1)]
    indent = " " * (sum(widths) + 2 * len(widths))
    for row in every:
        cells = (cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True))
        line = "  ".join((*cells, row[-1]))
        for part in textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False):
            say(f"   {part}")


def show_messages(messages: Iterable[Mapping[str, Any]]) -> None:
    """What ops were told, by the automation and by CloudWatch's alarms."""
    for message in messages:
        if "AlarmName" in message:
            say(f"   ALARM {message['AlarmName']}: {message['AlarmDescription']}")
            continue
        show_mail(message, len(message["next"]))


def show_mail(message: Mapping[str, Any], steps: int) -> None:
    """What ops were told, with the first `steps` of what it advises."""
    say(f"   ┌ {message['severity'].upper()}: {message['title']}")
    advice = message["next"]
    said = [message["what"], message["why"], *(f"→ {step}" for step in advice[:steps])]
    for line in "\n".join(filter(None, said)).splitlines():
        for part in _fitted(line):
            say(f"   │ {part}")
    if more := advice[steps:]:
        say(f"   │   and {len(more)} more")
    say("   └")


def _fitted(line: str) -> list[str]:
    if line.startswith("aws "):
        return [line]  # a command is to be copied
    return textwrap.wrap(line, WIDTH - 5, break_on_hyphens=False)
