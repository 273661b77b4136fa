"""fleet.yaml's waves: which targets are deployed together, and after which."""

from __future__ import annotations

from collections.abc import Sequence

from infra.fleet.keys import KEYS, home
from infra.fleet.model import Wave
from infra.fleet.values import percent, wait
from infra.policy.report import Node, alternatives, line_of, suggestion
from infra.policy.section import Section

EXAMPLE = "write [{targets: [canary], wait: 10 minutes}, {targets: [production]}]"
WAIT = "write N minutes, 0 to 14"
TOLERANCE = 'write a part of each Region\'s accounts, "0%" to "100%"'


def waves(root: Section, targets: Sequence[str]) -> tuple[Wave, ...]:
    """Read the list `waves`; without it all targets are one wave."""
    nodes = root.listed("waves", EXAMPLE)
    if nodes is None:
        return (Wave(tuple(targets)),)
    first: dict[str, int] = {}
    found = tuple(_wave(root, node, targets, first) for node in nodes)
    for name in targets:
        if name not in first:
            root.report.add(
                root.line_of("waves"),
                f"the target {name} is in no wave: it would never be deployed",
                "add it to the targets of one",
            )
    return found


def _wave(root: Section, node: Node, targets: Sequence[str], first: dict[str, int]) -> Wave:
    section = Section(root.report, node, "an entry of waves", KEYS["an entry of waves"], home)
    named = section.items("targets", lambda text: _known(text, targets), _right(targets)) or ()
    if not named and not isinstance(node.value, str):
        _empty(section, targets)
    for name in named:
        if name in first:
            section.report.add(
                section.line_of("targets"),
                f"the target {name} is in two waves, first on line {first[name]}",
                "keep one of them",
            )
        first.setdefault(name, section.line_of("targets"))
    return Wave(
        named,
        section.value("tolerance", Wave.tolerance, percent, TOLERANCE),
        section.value("wait", Wave.wait_minutes, wait, WAIT),
    )


def _empty(section: Section, targets: Sequence[str]) -> None:
    node = section.node("targets")
    if node is None or node.value == []:
        where = section.line if node is None else line_of(node)
        section.report.add(where, "a wave has no targets", _right(targets))


def _known(text: str, targets: Sequence[str]) -> str:
    if text not in targets:
        close = suggestion(text, targets).removesuffix(" ")
        raise ValueError(f'is "{text}", which is no target{f" ({close})" if close else ""}')
    return text


def _right(targets: Sequence[str]) -> str:
    return f"name {alternatives(list(targets))}" if targets else "name an entry of targets"
