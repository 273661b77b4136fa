"""Tables of stacks: what a stack has kept, the next of its name leaves alone; settings count."""

from __future__ import annotations

import uuid
from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::DynamoDB::Table"


def install() -> None:
    """Install the hook."""
    # MiniStack makes up the same name for each stack of a name, and puts an empty table there.
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create = handlers["create"]

    def created(logical_id: str, given: dict[str, Any], *more: Any) -> Any:
        name = given.get("TableName")
        if name and name in dynamodb._tables:
            raise ValueError(f"Resource of type '{_TYPE}' with identifier '{name}' already exists.")
        if not name and not provisioners._NAME_SEED.get():
            provisioners._NAME_SEED.set(
                uuid.uuid4().hex[:8]
            )  # kept with the resource, as a bucket's
        made = create(logical_id, given, *more)
        _keep_settings(made[0], given)
        return made

    handlers["create"] = created


def _keep_settings(name: str, given: dict[str, Any]) -> None:
    # MiniStack's CloudFormation forgets both.
    backups = given.get("PointInTimeRecoverySpecification")
    if backups:
        asked = {"TableName": name, "PointInTimeRecoverySpecification": backups}
        dynamodb._update_continuous_backups(asked)
    if given.get("TimeToLiveSpecification"):
        asked = {"TableName": name, "TimeToLiveSpecification": given["TimeToLiveSpecification"]}
        dynamodb._update_ttl(asked)
