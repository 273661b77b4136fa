"""Reads a YAML mapping with a closed set of keys, collecting every mistake and raising none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import yaml

from infra.policy.report import Node, Report, alternatives, is_empty, kind_of, line_of, suggestion

T = TypeVar("T")
D = TypeVar("D")


def pairs_of(report: Report, node: Node, name: str) -> Iterator[tuple[Node, Node]]:
    """The key and value nodes of a mapping, each key once; complains about doubled and odd keys."""
    seen: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            report.add(key, f"a key of {name} is {kind_of(key)}", "a key is a single word")
        elif key.value in seen:
            report.add(
                key,
                f'"{key.value}" stands twice in {name}, first on line {seen[key.value]}',
                "keep one of them",
            )
        else:
            seen[key.value] = line_of(key)
            yield key, value


class Section:
    """A mapping with a closed set of keys; what is wrong goes to the report, never raised.

    `home` tells, for a key that this section doesn't know, the section where it belongs.
    """

    def __init__(
        self,
        report: Report,
        node: Node | None,
        name: str,
        keys: Sequence[str],
        home: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self.report, self.name, self._keys, self._home = report, name, keys, home
        self.line = line_of(node) if node is not None else 1
        self._nodes: dict[str, Node] = {}
        if node is not None and not is_empty(node):
            self._read(node)

    def _read(self, node: Node) -> None:
        if not isinstance(node, yaml.MappingNode):
            self.report.add(
                node,
                f"{self.name} is {kind_of(node)}",
                f"write its keys below it, indented: {', '.join(self._keys)}",
            )
            return
        for key, value in pairs_of(self.report, node, self.name):
            if key.value in self._keys:
                self._nodes[key.value] = value
            else:
                self._unknown(key)

    def _unknown(self, key: Node) -> None:
        home = self._home(key.value)
        close = suggestion(key.value, self._keys)
        right = (
            f"it belongs under {home}"
            if home and not close
            else (f"{close}{self.name} takes {alternatives(self._keys)}")
        )
        self.report.add(key, f'"{key.value}" is no key of {self.name}', right)

    def full(self, key: str) -> str:
        """The key's name for messages, with its section."""
        if self.name in ("the policy", "the fleet"):
            return key
        # Sections in a list have no name of their own: "account in a rule of connections.allow".
        return f"{key} in {self.name}" if " " in self.name else f"{self.name}.{key}"

    def node(self, key: str) -> Node | None:
        """The value's node, None if it isn't there."""
        return self._nodes.get(key)

    def inner(self, key: str, name: str) -> Node | None:
        """The value's node of `name` in the mapping under `key`, without a word on the rest."""
        return _in(self.node(key), name)

    def of_profile(self, profile: str, key: str) -> Node | None:
        """The value's node of `key` in the interface profile of that name."""
        listed = self.node("interface_endpoints")
        nodes = listed.value if isinstance(listed, yaml.SequenceNode) else ()
        found = (node for node in nodes if _text(_in(node, "name")) == profile)
        return _in(next(found, None), key)

    def line_of(self, key: str) -> int:
        """The line of a key's value, of the section if the key isn't there."""
        node = self.node(key)
        return line_of(node) if node is not None else self.line

    def section(self, key: str, keys: Sequence[str]) -> Section:
        """The section under a key, empty if it isn't there."""
        return Section(self.report, self.node(key), self.full(key), keys, self._home)

    def value(self, key: str, default: D, parse: Callable[[str], T], right: str) -> T | D:
        """A single value; `parse` raises ValueError(what is wrong) or ValueError()."""
        node = self.node(key)
        return default if node is None else self.parsed(node, self.full(key), default, parse, right)

    def parsed(
        self, node: Node, name: str, default: D, parse: Callable[[str], T], right: str
    ) -> T | D:
        """What `parse` makes of a node that people call `name`; as `value` takes it."""
        if not isinstance(node, yaml.ScalarNode) or is_empty(node):
            self.report.add(node, f"{name} is {kind_of(node)}", right)
            return default
        try:
            return parse(node.value)
        except ValueError as problem:
            wrong = str(problem) or f'is "{node.value}"'
            self.report.add(node, f"{name} {wrong}", right)
            return default

    def choice(self, key: str, default: T, options: Sequence[T]) -> T:
        """One of the options."""
        node = self.node(key)
        words = [str(option) for option in options]
        close = suggestion(str(node.value), words) if isinstance(node, yaml.ScalarNode) else ""
        right = f"{close}write {alternatives(words)}"
        return self.value(key, default, lambda text: options[_index(words, text)], right)

    def items(self, key: str, parse: Callable[[str], T], right: str) -> tuple[T, ...] | None:
        """A list of single values, each once; None if the key isn't there."""
        node = self.node(key)
        if node is None:
            return None
        if not isinstance(node, yaml.SequenceNode):
            if not is_empty(node):
                self.report.add(
                    node, f"{self.full(key)} is {kind_of(node)}", f"make it a list; {right}"
                )
            return ()
        return tuple(self._items(key, node, parse, right))

    def _items(self, key: str, node: Node, parse: Callable[[str], T], right: str) -> Iterator[T]:
        seen: set[T] = set()
        for item in node.value:
            value = self.parsed(item, f"an entry of {self.full(key)}", None, parse, right)
            if value is not None and value in seen:
                self.report.add(
                    item, f'"{item.value}" stands twice in {self.full(key)}', "keep one of them"
                )
            elif value is not None:
                seen.add(value)
                yield value

    def listed(self, key: str, right: str) -> tuple[Node, ...] | None:
        """The nodes of a list, whatever they are; None if the key isn't there."""
        node = self.node(key)
        if node is None:
            return None
        if not isinstance(node, yaml.SequenceNode):
            self.report.add(
                node, f"{self.full(key)} is {kind_of(node)}", f"make it a list; {right}"
            )
            return ()
        return tuple(node.value)

    def entries(self, key: str, right: str) -> dict[str, Node] | None:
        """A mapping with free keys and single values; None if the key isn't there."""
        node = self.node(key)
        if node is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            if not is_empty(node):
                self.report.add(node, f"{self.full(key)} is {kind_of(node)}", f"write {right}")
            return {}
        found: dict[str, Node] = {}
        for name, value in pairs_of(self.report, node, self.full(key)):
            if isinstance(value, yaml.ScalarNode) and not is_empty(value):
                found[name.value] = value
            else:
                self.report.add(
                    value, f"{self.full(key)}.{name.value} is {kind_of(value)}", f"write {right}"
                )
        return found


def _index(words: Sequence[str], word: str) -> int:
    if word not in words:
        raise ValueError
    return words.index(word)


def _in(mapping: Node | None, name: str) -> Node | None:
    if not isinstance(mapping, yaml.MappingNode):
        return None
    return next((value for key, value in mapping.value if key.value == name), None)


def _text(node: Node | None) -> str:
    return str(node.value) if node is not None else ""
