"""Makes, changes and deletes the security groups of our endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, assert_never

from autopilot.aws.errors import AccessDenied, AlreadyExists, NotFound, NotOurs
from autopilot.aws.interface_facts import Filters, group_of
from autopilot.aws.pages import call, pages, tagged, tags_of
from autopilot.interfaces.facts import EGRESS, Group
from autopilot.interfaces.plan import GroupItem
from autopilot.reconcile.tags import owned_by, profile_tags

_DESCRIPTION = "Reach the interface endpoints of Endpoint Autopilot"
_PORTS = re.compile(r"(-?\d+)-(-?\d+)")
# What AWS gives each new group (VPC guide, "Default security group rules").
_DEFAULT_EGRESS = "-1 -1--1 0.0.0.0/0"


def apply(item: GroupItem, owner: str, _policy: object = None) -> str:
    """Do what `item` says; the group's id. Repeatable.

    Raises NotOurs if the name is somebody else's, NotFound, InUse while something bears what is to
    be deleted, other AwsErrors.
    """
    match item.action:
        case "create":
            group = _create(item, owner)
        case "modify":
            group = _ours(owner, _by_id(item.group_id or ""))
        case "delete":
            remove(item.group_id or "", owner)
            return item.group_id or ""
        case _:
            assert_never(item.action)
    _bring(group, item)
    return group.id


def _create(item: GroupItem, owner: str) -> Group:
    """Make the group, or find one of that name that is ours: the name makes it repeatable."""
    if not item.vpc_id:
        raise ValueError(f"{item.id}: a security group needs a VPC")
    try:
        answer = call(
            "ec2",
            "CreateSecurityGroup",
            VpcId=item.vpc_id,
            GroupName=item.name,
            Description=_DESCRIPTION,
            **tagged("security-group", profile_tags(owner, item.profile, item.profile)),
        )
    except AlreadyExists:
        return _ours(owner, _by_name(item))
    # Describes may not show it yet; what it is born with is known.
    return Group(answer["GroupId"], item.vpc_id, item.name, egress=frozenset({_DEFAULT_EGRESS}))


def remove(group_id: str, owner: str) -> bool:
    """Delete our group; False if it is gone. Raises InUse while something bears it, NotOurs."""
    try:
        _ours(owner, _by_id(group_id), "DeleteSecurityGroup")
        _delete(group_id, owner)
    except NotFound:
        return False
    return True


def _delete(group_id: str, owner: str) -> None:
    try:
        call("ec2", "DeleteSecurityGroup", GroupId=group_id)
    except AccessDenied:
        # What another execution has just deleted has no tag that IAM could see.
        _ours(owner, _by_id(group_id), "DeleteSecurityGroup")  # raises NotFound then
        raise


def _by_id(group_id: str) -> Filters:
    return [{"Name": "group-id", "Values": [group_id]}]


def _by_name(item: GroupItem) -> Filters:
    return [
        {"Name": "vpc-id", "Values": [item.vpc_id]},
        {"Name": "group-name", "Values": [item.name]},
    ]


def _ours(owner: str, chosen: Filters, operation: str = "CreateSecurityGroup") -> Group:
    if not all(all(each["Values"]) for each in chosen):
        raise ValueError("no group id: AWS would describe every group")
    found = next(pages("DescribeSecurityGroups", Filters=chosen), None)
    if found is None:
        raise NotFound("ec2:DescribeSecurityGroups: the group is gone, or not there yet")
    if not owned_by(tags_of(found), owner):
        raise NotOurs(f"ec2:{operation}: {found['GroupId']} isn't tagged as {owner}'s")
    return group_of(found)


def _bring(group: Group, item: GroupItem) -> None:
    """Let in first, shut out next: who is entitled is never without."""
    ingress = frozenset(item.ingress)
    _change("AuthorizeSecurityGroupIngress", group.id, ingress - group.ingress)
    _change("RevokeSecurityGroupIngress", group.id, group.ingress - ingress)
    _change("RevokeSecurityGroupEgress", group.id, group.egress - EGRESS)


def _change(operation: str, group_id: str, rules: Iterable[str]) -> None:
    """One call for all; one by one where a rule of them is there (or gone) already."""
    wanted = sorted(rules)
    if not wanted:
        return
    try:
        permissions = [_permission(each) for each in wanted]
        call("ec2", operation, GroupId=group_id, IpPermissions=permissions)
    except (AlreadyExists, NotFound):
        if len(wanted) > 1:
            for each in wanted:
                _change(operation, group_id, [each])
        elif not _is_there(group_id):
            raise


def _is_there(group_id: str) -> bool:
    """Whether the error is about a rule, so that all is as it shall be; not about the group."""
    return any(True for _ in pages("DescribeSecurityGroups", Filters=_by_id(group_id)))


def _permission(text: str) -> dict[str, Any]:
    protocol, ports, peer = text.split(" ")
    first, last = map(int, _PORTS.findall(ports)[0])
    known = {} if protocol == "-1" else {"FromPort": first, "ToPort": last}
    return {"IpProtocol": protocol, **known, **_peer(peer)}


def _peer(peer: str) -> dict[str, Any]:
    if peer.startswith("sg-"):
        return {"UserIdGroupPairs": [{"GroupId": peer}]}
    if peer.startswith("pl-"):
        return {"PrefixListIds": [{"PrefixListId": peer}]}
    return {"Ipv6Ranges": [{"CidrIpv6": peer}]} if ":" in peer else {"IpRanges": [{"CidrIp": peer}]}
