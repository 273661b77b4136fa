"""Tables that a stack has kept: the next stack of that name makes another, as on AWS."""

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
        return create(logical_id, given, *more)

    handlers["create"] = created
