"""The policies of a fleet: autopilot.yaml, a unit's overlay on it, an account's on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from infra.fleet import template
from infra.policy.merge import at, merged
from infra.policy.report import Mistake, Node, Report, is_empty, kind_of
from infra.policy.where import STACK, Where
from infra.policy_file import Configuration, PolicyMistakes, compose_policy, read

# What the hub does for all, and where that is said.
HUB_TELLS: Mapping[tuple[str, ...], str] = {
    ("notify", "emails"): "write emails in fleet.yaml",
    ("notify", "owners"): "write owners in fleet.yaml",
    ("notify", "letter"): "drop it: spokes write no letters",
    ("notify", "letter_at"): "drop it: spokes write no letters",
}
OVERLAY = "write the policy's keys below it, or the path of a YAML file beside this one"
Regions = Iterable[str]


class Policies:
    """Puts policies together. `mistakes` and `warnings` of all of them; `nodes`: the root of each,
    by target ("" for a plain deployment) and account ("" for a target's own)."""

    def __init__(self, report: Report, path: str | Path, organization: str) -> None:
        """`report`: of fleet.yaml; `path`: autopilot.yaml."""
        base = Report(str(path))
        self._report, self._organization = report, organization
        self._base = compose_policy(base, Path(path))
        self._sound = not base.mistakes
        self.mistakes: list[Mistake] = base.mistakes
        self.warnings: list[Mistake] = base.warnings
        self.nodes: dict[tuple[str, str], Node | None] = {}
        self._told(base)

    def _told(self, base: Report) -> None:
        """The base is the file of single deployments, too, so what has no effect may stand."""
        for path in (("notify", "emails"), ("notify", "owners")):
            node = at(self._base, *path)
            if node is not None and not is_empty(node) and node.value:
                base.warn(
                    node,
                    f"{'.'.join(path)} has no effect in a fleet: the hub tells",
                    HUB_TELLS[path],
                )

    def alone(self) -> None:
        """Find the mistakes of autopilot.yaml where no target would."""
        self._compiled("", "", self._base, ())

    def unit(
        self, target: str, overlay: Node | None, regions: Regions, account: str = ""
    ) -> Configuration:
        """The policy of a target or, with target "", of a plain deployment."""
        node = merged(self._base, self._overlay(overlay))
        return self._compiled(target, account, node, regions)

    def account(
        self, target: str, account: str, overlay: Node, regions: Regions, unit: Configuration
    ) -> Configuration:
        """The policy of one account of a target, which `unit` is the policy of."""
        over = self._overlay(overlay)
        before = len(self.mistakes)
        node = merged(self.nodes[target, ""], over)
        made = self._compiled(target, account, node, regions)
        if over is not None and len(self.mistakes) == before:
            self._same_template(over, unit, made)
        return made

    def _same_template(self, over: Node, unit: Configuration, made: Configuration) -> None:
        for what, keys in template.changed(unit, made):
            path = next((key for key in keys if _says(over, key)), keys[0])
            self._report.add(
                _nearest(over, path),
                f"{'.'.join(path)} decides {what} of the stack, which an account shares with its"
                " unit",
                "give the account a unit of its own, and that a target",
            )

    def _overlay(self, node: Node | None) -> Node | None:
        """The root of an overlay, which stands in fleet.yaml or in a file of its own."""
        if node is None or is_empty(node):
            return None
        if isinstance(node, yaml.SequenceNode):
            self._report.add(node, f"an overlay is {kind_of(node)}", OVERLAY)
            return None
        over = node if isinstance(node, yaml.MappingNode) else self._file(node)
        for path, right in HUB_TELLS.items():
            if over is not None and _says(over, path):
                self._report.add(
                    _nearest(over, path),
                    f"{'.'.join(path)} has no effect in a fleet: the hub tells",
                    right,
                )
        return over

    def _file(self, node: Node) -> Node | None:
        path = Path(self._report.path).parent / node.value
        if not path.is_file():
            self._report.add(node, f'the overlay is "{node.value}", which is no file', OVERLAY)
            return None
        report = Report(str(path))
        root = compose_policy(report, path)
        if root is not None and not isinstance(root, yaml.MappingNode):
            report.add(root, f"an overlay is {kind_of(root)}", "write the policy's keys")
            root = None
        self.mistakes += report.mistakes
        return root

    def _compiled(
        self, target: str, account: str, node: Node | None, regions: Regions
    ) -> Configuration:
        """What the policy says; the Region decides what is wrong with it, nothing else."""
        self.nodes[target, account] = node
        made = Configuration()
        for region in (regions or (None,)) if self._sound else ():
            try:
                made = read(Report(self._report.path), node, Where(STACK, region))
                self.warnings += made.warnings
            except PolicyMistakes as found:
                self.mistakes += found.mistakes
        self._one_organization(node, made)
        notify = replace(made.policy.notify, owners={})
        policy = replace(made.policy, notify=notify)
        return replace(made, policy=policy, emails=(), letter=None)

    def _one_organization(self, node: Node | None, made: Configuration) -> None:
        known, id_ = made.policy.organization, at(node, "organization", "id")
        if known and id_ is not None and self._organization not in ("", known.id):
            self._report.add(
                id_,
                f"organization.id is {known.id}, and the fleet's is {self._organization}",
                "let the two agree",
            )


def _says(over: Node, path: tuple[str, ...]) -> bool:
    """Whether an overlay changes what is under these keys: all of it by a section of nothing."""
    return _nearest(over, path) is not over


def _nearest(over: Node, path: tuple[str, ...]) -> Node:
    """The node under these keys; where a section of nothing takes them back, that."""
    found = over
    for name in path:
        inner = at(found, name)
        if inner is None:
            return over
        if is_empty(inner):
            return inner
        found = inner
    return found
