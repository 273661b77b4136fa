"""What the policy file says of the organization, which rules on it need."""

from __future__ import annotations

from dataclasses import dataclass

from autopilot.policy.model import OrganizationPolicy, RuleKind

from infra.policy.keys import part
from infra.policy.report import Node, Report
from infra.policy.section import Section
from infra.policy.values import organization_id, reader

READ_BY = "write self, or a role's ARN such as arn:aws:iam::333333333333:role/OrganizationReader"


@dataclass(frozen=True)
class Known:
    """The organization that rules may speak of; `there`: whether the file has such a section."""

    policy: OrganizationPolicy | None
    there: bool

    def expect(self, report: Report, node: Node, kind: RuleKind, value: str) -> None:
        """Complain about a rule that needs an organization, or another one."""
        if kind == "account":
            return
        if not self.there:
            id_ = value if kind == "organization" else "o-a1b2c3d4e5"
            report.add(
                node,
                f"{value} can't be looked up: the policy has no organization",
                f"add organization: {{id: {id_}, read_by: self}}",
            )
        elif kind == "organization" and self.policy and value != self.policy.id:
            report.add(
                node,
                f"{value} can't be looked up: organization.id is {self.policy.id}",
                "name that one; accounts of another are named one by one",
            )


def organization(root: Section) -> Known:
    """Read the section."""
    if root.node("organization") is None:
        return Known(None, there=False)
    section = part(root, "organization")
    if section.node("id") is None:
        section.report.add(
            section.line, "organization.id is missing", "write an id such as o-a1b2c3d4e5"
        )
    id_ = section.value("id", "", organization_id, "write an id such as o-a1b2c3d4e5")
    read_by: str | None = section.value("read_by", None, reader, READ_BY)
    return Known(OrganizationPolicy(id_, read_by) if id_ else None, there=True)
