"""Removes resources of the stack, or parts of them: reads the owner tag right before each call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autopilot.aws import parameters, security_groups
from autopilot.aws.errors import NotFound, NotOurs, StillReliedOn, StillServing, refusal
from autopilot.aws.pages import call, pages, tags_of
from autopilot.aws.vpc_contents import attached_endpoint
from autopilot.reconcile.attached import AttachedEndpoint
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.reconcile.tags import owned_by

# The plan no longer fits how things stand: another look tells what does.
_STALE = (NotOurs, StillServing)


def remove(item: Removal, owner: str) -> RemovalOutcome:
    """Carry out a removal; its outcome. Raises the AwsErrors that make it no outcome yet."""
    try:
        return RemovalOutcome(item, "done", deleted=_remove(item, owner))
    except _STALE as error:
        return RemovalOutcome(item, "stale", type(error).__name__, str(error))


def _remove(item: Removal, owner: str) -> bool:
    """Whether the resource was deleted now; False, too, if it was gone already."""
    match item.action:
        case "delete group":
            return security_groups.remove(item.resource_id, owner)
        case "delete service":
            return service(item, owner)
        case "delete parameter":
            return parameters.delete(item.resource_id, owner)
        case _:
            return endpoint(item, owner)


def endpoint(item: Removal, owner: str) -> bool:
    """Take the parts from the endpoint, or delete it; whether it was deleted now.

    Gone, or going: done already. Raises NotOurs, StillServing if it would lose its last part and
    may not go, other AwsErrors.
    """
    found = _endpoint(item.resource_id)
    if found is None or found.standing == "going":
        return False
    if not found.is_ours(owner):
        raise NotOurs(f"ec2:DeleteVpcEndpoints: {found.id} doesn't carry the tag of {owner}")
    return _delete(found.id) if item.action == "delete endpoint" else _take(found, item)


def _take(found: AttachedEndpoint, item: Removal) -> bool:
    """Nothing of one that failed can be changed, and it serves nobody: that goes as a whole."""
    has, member = _parts(found, item)
    taken = sorted(has & {*item.parts})
    if not taken:
        return False
    if found.lives and len(taken) < len(has):
        _leave(found, member, taken)
        return False
    if found.lives and not item.whole:
        raise StillServing(f"ec2:ModifyVpcEndpoint: {found.id} would lose the last of {taken}")
    try:
        return _delete(found.id)
    except StillReliedOn:
        # It may stand without a table, and so it goes on being there for whom it is kept.
        _leave(found, member, taken)
        return False


def _leave(found: AttachedEndpoint, member: str, parts: list[str]) -> None:
    call("ec2", "ModifyVpcEndpoint", VpcEndpointId=found.id, **{member: parts})


def _endpoint(endpoint_id: str) -> AttachedEndpoint | None:
    if not endpoint_id:
        raise ValueError("no id: AWS would describe everything")
    try:
        found = pages("DescribeVpcEndpoints", VpcEndpointIds=[endpoint_id])
        return next(map(attached_endpoint, found), None)
    except NotFound:
        return None


def _parts(found: AttachedEndpoint, item: Removal) -> tuple[frozenset[str], str]:
    """What the endpoint has of the kind that is to be taken, and ModifyVpcEndpoint's member."""
    match item.action:
        case "leave tables":
            return frozenset(found.table_ids), "RemoveRouteTableIds"
        case "leave subnets":
            return frozenset(found.subnet_ids), "RemoveSubnetIds"
        case "drop groups":
            return frozenset(found.group_ids), "RemoveSecurityGroupIds"
        case other:
            raise ValueError(f"{other} takes no parts")


def _delete(endpoint_id: str) -> bool:
    answer = call("ec2", "DeleteVpcEndpoints", VpcEndpointIds=[endpoint_id])
    return _was_there(answer, "DeleteVpcEndpoints")


def service(item: Removal, owner: str) -> bool:
    """Delete an endpoint service; False if it is gone. Raises NotOurs, AwsError's others."""
    try:
        found = next(
            pages("DescribeVpcEndpointServiceConfigurations", ServiceIds=[item.resource_id]), None
        )
    except NotFound:
        return False
    if found is None:
        return False
    operation = "DeleteVpcEndpointServiceConfigurations"
    if not owned_by(tags_of(found), owner):
        raise NotOurs(f"ec2:{operation}: {item.resource_id} isn't {owner}'s")
    answer = call("ec2", "DeleteVpcEndpointServiceConfigurations", ServiceIds=[item.resource_id])
    return _was_there(answer, operation)


def _was_there(answer: Mapping[str, Any], operation: str) -> bool:
    """Whether an answer, which is 200 in any case, says that the resource was deleted.

    False: it was gone. Raises the named error for what else EC2 puts into `Unsuccessful`.
    """
    for each in answer.get("Unsuccessful", ()):
        error = each.get("Error", {})
        if not str(error.get("Code", "")).endswith(".NotFound"):
            raise refusal(error, f"ec2:{operation}")
        return False
    return True
