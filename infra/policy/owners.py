"""Mappings of the policy file that name somebody under exactly one of several keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import yaml

from infra.policy.keys import home
from infra.policy.report import Node, Report, alternatives, kind_of
from infra.policy.section import Section
from infra.policy.values import account, organization_id, true, unit_id

# Key → how its value is read, and what would be right.
FORMS: Mapping[str, tuple[Callable[[str], str], str]] = {
    "allowed_principals": (true, "write true, or leave the rule out"),
    "account": (account, "write its 12 digits in quotes: without them a leading zero gets lost"),
    "organization": (organization_id, "write an id such as o-a1b2c3d4e5"),
    "organizational_unit": (unit_id, "write an id such as ou-ab12-11111111"),
}


class Named:
    """One such mapping: `kind` is the key, `value` what it says; `kind` "" if it names nobody.

    `sound`: no mistake was found in what it names.
    """

    def __init__(
        self,
        report: Report,
        node: Node,
        name: str,
        kinds: Sequence[str],
        extra: Sequence[str] = (),
    ) -> None:
        self.report, self.node, self.kind, self.value = report, node, "", ""
        if not isinstance(node, yaml.MappingNode):
            report.add(node, f"{name} is {kind_of(node)}", 'write {account: "222222222222"}')
            return
        self.section = Section(report, node, name, (*kinds, *extra), home)
        present = [kind for kind in kinds if self.section.node(kind) is not None]
        if len(present) == 1:
            self._read(present[0])
        elif present or not self._misspelt(node, (*kinds, *extra)):
            what = " and ".join(present) if present else "nobody"
            report.add(node, f"{name} names {what}", f"write exactly one of {alternatives(kinds)}")

    @property
    def sound(self) -> bool:
        """Whether it names somebody without a mistake."""
        return bool(self.value)

    def _read(self, kind: str) -> None:
        parse, right = FORMS[kind]
        self.kind = kind
        self.value = self.section.value(kind, "", parse, right)

    @staticmethod
    def _misspelt(node: Node, keys: Sequence[str]) -> bool:
        return any(key.value not in keys for key, _ in node.value)
