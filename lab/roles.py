"""IAM's names in stacks: IAM is one for all Regions of an account, so each stack's are its own.

MiniStack names a role after stack and logical id only: the stack of that name in another Region
would take the role for its own, and give it other permissions.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ministack.services import iam
from ministack.services.cloudformation import provisioners

#: Types of resource by the property that names one.
_NAMED = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
}


def install() -> None:
    """Install the hook."""
    for kind, named in _NAMED.items():
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        handlers["create"] = _alone(handlers["create"], kind, named)


def _alone(create: Any, kind: str, named: str) -> Any:
    def created(logical_id: str, given: Mapping[str, Any], *more: Any) -> Any:
        name = given.get(named)
        if kind == "AWS::IAM::Role" and name in iam._roles:
            # CloudFormation guide, "Name type".
            raise ValueError(f"Resource of type '{kind}' with identifier '{name}' already exists.")
        if not name and not provisioners._NAME_SEED.get():
            provisioners._NAME_SEED.set(uuid.uuid4().hex[:8])  # kept with the resource
        return create(logical_id, given, *more)

    return created
