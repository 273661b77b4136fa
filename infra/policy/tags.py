"""Tags that pick things: a mapping of keys to values, `*` for any value."""

from __future__ import annotations

from collections.abc import Mapping

from infra.policy.section import Section


def tags(section: Section, key: str) -> Mapping[str, str] | None:
    """The tags under a key; None if it isn't there."""
    found = section.entries(key, 'key: "value", or key: "*" for any value')
    if found is None:
        return None
    for name, node in found.items():
        # Tag restrictions of the EC2 guide.
        if not name or len(name) > 128 or len(node.value) > 256:
            section.report.add(
                node,
                f'"{name}" is no tag that AWS allows',
                "keys have 1 to 128 characters, values up to 256",
            )
    # The text as written: an unquoted off is a boolean to YAML, but the word to whoever wrote it.
    return {name: node.value for name, node in found.items()}
