"""Writes and deletes the parameters that hold endpoints' DNS names, in Parameter Store."""

from __future__ import annotations

from autopilot.aws.errors import AccessDenied, AlreadyExists, NotFound, NotOurs
from autopilot.aws.interface_facts import parameter_tags
from autopilot.aws.pages import call
from autopilot.interfaces.plan import ParameterItem
from autopilot.reconcile.tags import OWNER_TAG, owned_by


def apply(item: ParameterItem, owner: str, _policy: object = None) -> str | None:
    """Write and delete what `item` names; the id of the endpoint that it is about. Repeatable.

    Raises NotOurs if somebody else's is in the way, other AwsErrors.
    """
    for name, value in item.put.items():
        _put(name, value, owner)
    for name in item.delete:
        delete(name, owner)
    return item.endpoint_id


def _put(name: str, value: str, owner: str) -> None:
    """Make it with its tag, which an overwrite may not bear; or change it if it is ours."""
    tags = [{"Key": OWNER_TAG, "Value": owner}]
    text = "Written by Endpoint Autopilot: DNS name of a VPC endpoint"
    made = {"Name": name, "Value": value, "Type": "String", "Description": text}
    try:
        call("ssm", "PutParameter", **made, Tags=tags)
    except AlreadyExists:
        _check(name, owner, "PutParameter")
        answer = call("ssm", "PutParameter", **made, Overwrite=True)
        if answer.get("Version") == 1:
            # Somebody has deleted it since the check: this made it anew, without a tag.
            call("ssm", "AddTagsToResource", ResourceType="Parameter", ResourceId=name, Tags=tags)


def delete(name: str, owner: str) -> bool:
    """Delete our parameter; False if it is gone. Raises NotOurs, other AwsErrors."""
    try:
        _check(name, owner, "DeleteParameter")
        _delete(name, owner)
    except NotFound:
        return False
    return True


def _delete(name: str, owner: str) -> None:
    try:
        call("ssm", "DeleteParameter", Name=name)
    except AccessDenied:
        # A try that follows one whose answer was lost: what is gone has no tag that IAM could see.
        _check(name, owner, "DeleteParameter")  # raises NotFound then
        raise


def _check(name: str, owner: str, operation: str) -> None:
    if not owned_by(parameter_tags(name), owner):
        raise NotOurs(f"ssm:{operation}: {name} doesn't carry the tag of {owner}")
