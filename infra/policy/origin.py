"""Each value of a policy with the file and line that it is from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from infra.policy.keys import KEYS
from infra.policy.merge import at
from infra.policy.report import Node, is_empty, line_of
from infra.policy.written import written
from infra.policy_file import Configuration

DEFAULT = "default"
_FILES = "endpoint_policies"


@dataclass(frozen=True)
class Value:
    """What is under a key ("connections.hold_for"); of a list of mappings each entry by itself.

    `source`: "overlays/canary.yaml:3", or "default".
    """

    key: str
    value: Any
    source: str = DEFAULT


def values(found: Configuration, node: Node | None) -> Iterator[Value]:
    """Every value, in the order of the manual. `node`: the root of the policy that it is from."""
    said = written(found)
    for key in KEYS["the policy"]:
        if key in said:
            yield from _values(key, said[key], at(node, key))
        elif (there := at(node, key)) is not None and key == _FILES:
            yield from _values(key, {k.value: v.value for k, v in there.value}, there)


def _values(key: str, value: Any, node: Node | None) -> Iterator[Value]:
    """A mapping's by its keys, which are merged one by one; a list of mappings' by their number."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _values(f"{key}.{name}", inner, at(node, name))
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        nodes = node.value if isinstance(node, yaml.SequenceNode) else ()
        for number, each in enumerate(value):
            yield Value(f"{key}[{number}]", each, source(nodes[number] if nodes else node))
    elif value is not None:
        yield Value(key, value, source(node))


def source(node: Node | None) -> str:
    """Where a node is from."""
    if node is None or is_empty(node):
        return DEFAULT
    line = line_of(node)
    return f"{line.path}:{int(line)}"
