"""The permissions of the stack's roles, and the stack with one of them taken out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass

from tests.end_to_end.stage import Stage

# Permissions that no story here can show to be missing, each with the reason.
UNSEEN = {
    "xray:PutTelemetryRecords": "the runtime sends traces itself; the lab has no X-Ray",
    "xray:PutTraceSegments": "the same",
    "logs:CreateLogStream": "the lab keeps the functions' logs without their role",
    "logs:PutLogEvents": "the same",
    "sqs:SendMessage": "dead letters of asynchronous calls, which nobody makes",
}


@dataclass(frozen=True)
class Permission:
    """One action of one statement of a role's policy."""

    role: str
    policy: str
    statement: int
    action: str

    @property
    def words(self) -> str:
        """How a failure names it."""
        return f"{self.action}, statement {self.statement} of {self.role}"


def permissions(stage: Stage, of: str = "Functions") -> Iterator[Permission]:
    iam = stage.lab.client("iam", stage.account)
    roles = [
        role["RoleName"]
        for page in iam.get_paginator("list_roles").paginate()
        for role in page["Roles"]
        if role["RoleName"].startswith(f"EndpointAutopilot-{of}")
    ]
    for role in sorted(roles):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            for number, statement in enumerate(document["Statement"]):
                actions = statement["Action"]
                for action in [actions] if isinstance(actions, str) else actions:
                    yield Permission(role, policy, number, action)


@contextmanager
def without(stage: Stage, permission: Permission) -> Iterator[None]:
    iam = stage.lab.client("iam", stage.account)
    named = {"RoleName": permission.role, "PolicyName": permission.policy}
    document = iam.get_role_policy(**named)["PolicyDocument"]
    crippled = deepcopy(document)
    statement = crippled["Statement"][permission.statement]
    actions = statement["Action"]
    left = [
        a for a in ([actions] if isinstance(actions, str) else actions) if a != permission.action
    ]
    statement["Action"] = left or "none:None"
    iam.put_role_policy(**named, PolicyDocument=json.dumps(crippled))
    try:
        yield
    finally:
        iam.put_role_policy(**named, PolicyDocument=json.dumps(document))


def the(stage: Stage, action: str, of: str) -> Permission:
    return all_of(stage, action, of)[0]


def all_of(stage: Stage, action: str, of: str) -> list[Permission]:
    return [p for p in permissions(stage, of) if p.action == action]
