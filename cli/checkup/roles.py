"""Whether each role is as it was deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.checkup.model import Ailment, Seen, Shell
from cli.checkup.template import Template, comparable, items, lost_of, statements

MOST_NAMED = 4


@dataclass(frozen=True)
class Role:
    """A role as it was meant to be. `policies`: its inline policies' statements, by name."""

    seen: Seen
    arn: str
    trust: Mapping[str, Any]
    policies: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def name(self) -> str:
        """Its name in IAM."""
        return self.seen.physical

    def allows(self) -> Iterator[Mapping[str, Any]]:
        """All statements that allow something."""
        for each in self.policies.values():
            yield from (statement for statement in each if statement["Effect"] == "Allow")


@dataclass(frozen=True)
class Present:
    """A role as it is. `inline`: documents by name; `attached`: managed policies' ARNs."""

    trust: Any
    inline: Mapping[str, Any] = field(default_factory=dict)
    attached: Sequence[str] = ()
    boundary: str = ""


def wanted(template: Template) -> list[Role]:
    """The stack's roles, with the policies that it gives them."""
    policies = [*template.of("AWS::IAM::Policy")]
    return [
        Role(
            seen,
            template.arn_of(seen.logical),
            seen.properties["AssumeRolePolicyDocument"],  # type: ignore[arg-type]  # it is one
            {
                str(policy.properties["PolicyName"]): [
                    *statements(policy.properties["PolicyDocument"])
                ]
                for policy in policies
                if seen.physical in items(policy.properties["Roles"])
            },
        )
        for seen in template.of("AWS::IAM::Role")
        if seen.physical
    ]


def changed(role: Role, present: Present, shell: Shell) -> Iterator[Ailment]:
    """How a role differs from what was deployed."""
    if [*map(comparable, statements(role.trust))] != [*map(comparable, statements(present.trust))]:
        document = json.dumps(role.trust)
        yield Ailment(
            "role-trust",
            role.name,
            f"The role {role.seen.logical} trusts others than it was deployed to.",
            "Whom it was made for may not be able to assume it any more; others may.",
            (
                shell.aws(
                    *("iam", "update-assume-role-policy"),
                    role_name=role.name,
                    policy_document=document,
                ),
            ),
        )
    for name, meant in role.policies.items():
        yield from _inline(role, name, meant, present.inline.get(name), shell)
    yield from _extra(role, present, shell)


def _inline(
    role: Role, name: str, meant: Sequence[Mapping[str, Any]], present: Any, shell: Shell
) -> Iterator[Ailment]:
    lost = lost_of(present, meant)
    added = lost_of({"Statement": [*meant]}, statements(present))
    if not lost and not added:
        return
    which = "is without" if lost else "says more than"
    actions = dict.fromkeys(str(a) for s in lost or added for a in items(s.get("Action")))
    document = {"Version": "2012-10-17", "Statement": [*meant]}
    yield Ailment(
        "role-policy",
        role.name,
        f"The policy {name} of the role {role.seen.logical} was edited: it {which} what was"
        f" deployed ({', '.join([*actions][:MOST_NAMED])}).",
        "What the role may not do fails; what it has beyond that, nobody has looked at.",
        (
            shell.aws(
                *("iam", "put-role-policy"),
                role_name=role.name,
                policy_name=name,
                policy_document=json.dumps(document),
            ),
        ),
    )


def _extra(role: Role, present: Present, shell: Shell) -> Iterator[Ailment]:
    inline = [name for name in present.inline if name not in role.policies]
    named = {"role_name": role.name}
    away = [
        *(shell.aws("iam", "delete-role-policy", **named, policy_name=name) for name in inline),
        *(
            shell.aws("iam", "detach-role-policy", **named, policy_arn=arn)
            for arn in present.attached
        ),
    ]
    if away:
        yield Ailment(
            "role-extra",
            role.name,
            f"The role {role.seen.logical} has policies that aren't the stack's: "
            f"{', '.join([*inline, *present.attached])}.",
            "They allow or deny what nobody has looked at; a deletion of the stack fails on them.",
            tuple(away),
            "Unless your organization attaches them.",
        )
