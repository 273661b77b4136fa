"""Removes what is ours: reads the owner tag right before each call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autopilot.aws import security_groups
from autopilot.aws.errors import NotFound, NotOurs, StillReliedOn, StillServing, refusal
from autopilot.aws.pages import call, pages
from autopilot.aws.vpc_contents import held_of
from autopilot.reconcile.attached import AttachedEndpoint
from autopilot.reconcile.removal import Removal


def endpoint(item: Removal, owner: str) -> bool:
    """Take the parts from the endpoint, or delete it; whether it was deleted now.

    Gone, or going: done already. Raises NotOurs, StillServing if it would lose its last part and
    may not go, AwsError's other subclasses.
    """
    found = _endpoint(item.thing)
    if found is None or found.standing == "going":
        return False
    if not found.is_ours(owner):
        raise NotOurs(f"ec2:DeleteVpcEndpoints: {item.thing} doesn't carry the tag of {owner}")
    return _delete(found.id) if item.action == "delete endpoint" else _take(found, item)


def _take(found: AttachedEndpoint, item: Removal) -> bool:
    """Nothing of one that failed can be changed, and it serves nobody: that goes as a whole."""
    has, member = _parts(found, item)
    taken = sorted(has & {*item.parts})
    if not taken:
        return False
    if found.standing == "living" and len(taken) < len(has):
        _leave(found, member, taken)
        return False
    if found.standing == "living" and not item.whole:
        raise StillServing(f"ec2:ModifyVpcEndpoint: {found.id} would lose the last of {taken}")
    try:
        return _delete(found.id)
    except StillReliedOn:
        # It may stand without a table, and so it goes on being there for whom it is kept.
        _leave(found, member, taken)
        return False


def _leave(found: AttachedEndpoint, member: str, parts: list[str]) -> None:
    call("ec2", "ModifyVpcEndpoint", VpcEndpointId=found.id, **{member: parts})


def group(item: Removal, owner: str) -> bool:
    """Delete a security group; False if it is gone already. Raises NotOurs, InUse, ..."""
    return security_groups.remove(item.thing, owner)


def _endpoint(endpoint_id: str) -> AttachedEndpoint | None:
    try:
        found = pages(
            "DescribeVpcEndpoints",
            VpcEndpointIds=[_named(endpoint_id)],
        )
        return next(map(held_of, found), None)
    except NotFound:
        return None


def _named(identifier: str) -> str:
    if not identifier:
        raise ValueError("no id: AWS would describe everything")
    return identifier


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
    return unsuccessful(answer, "DeleteVpcEndpoints")


def unsuccessful(answer: Mapping[str, Any], operation: str) -> bool:
    """Whether an answer, which is 200 in any case, says that the thing was deleted.

    False: it was gone. Raises the named error for what else EC2 puts into `Unsuccessful`.
    """
    for each in answer.get("Unsuccessful", ()):
        error = each.get("Error", {})
        if not str(error.get("Code", "")).endswith(".NotFound"):
            raise refusal(error, f"ec2:{operation}")
        return False
    return True
