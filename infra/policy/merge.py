"""Lays an overlay over a policy, node by node: each keeps the file and line that it came from."""

from __future__ import annotations

from collections.abc import Container

import yaml

from infra.policy.report import Node, is_empty


def merged(below: Node | None, above: Node | None) -> Node | None:
    """`above` over `below`: mappings merge key by key, anything else is replaced as a whole.

    A key with nothing behind it (or `null`) in `above` takes back what `below` says: the default.
    """
    if not isinstance(above, yaml.MappingNode):
        return below if above is None or is_empty(above) else above
    if not isinstance(below, yaml.MappingNode):
        return _without_nothing(above)
    return _mapping(below, above)


def _mapping(below: yaml.MappingNode, above: yaml.MappingNode) -> Node:
    """Keys in the order of `below`; a key that stands twice stays so, for a reader to complain."""
    over = {key.value: value for key, value in above.value if isinstance(key, yaml.ScalarNode)}
    known = {key.value for key, _ in below.value if isinstance(key, yaml.ScalarNode)}
    pairs = [
        (key, merged(value, over[key.value]) if _has(over, key) else value)
        for key, value in below.value
        if not (_has(over, key) and is_empty(over[key.value]))
    ]
    fresh = [
        (key, _without_nothing(value))
        for key, value in above.value
        if not _has(known, key) and not is_empty(value)
    ]
    return _like(above, [*pairs, *fresh])


def _has(keys: Container[str], key: Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.value in keys


def _without_nothing(node: Node) -> Node:
    """What an overlay says that nothing is below: what it takes back is not there anyway."""
    if not isinstance(node, yaml.MappingNode):
        return node
    return _like(node, [(k, _without_nothing(v)) for k, v in node.value if not is_empty(v)])


def _like(node: yaml.MappingNode, pairs: list[tuple[Node, Node | None]]) -> Node:
    return yaml.MappingNode(
        node.tag, pairs, node.start_mark, node.end_mark, flow_style=node.flow_style
    )


def at(node: Node | None, *path: str) -> Node | None:
    """The node under these keys; None if there is none."""
    for name in path:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for key, value in node.value if key.value == name), None)
    return node
