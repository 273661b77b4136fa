"""Security groups and their rules; moto keeps the rules, the lab adds what AWS refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.exceptions import ServiceException

from ..call import Call, Handler, Operations
from ..errors import AwsError, missing_parameter
from ..identifiers import GROUP
from ..listing import TAG_FILTERS, Item, Kind, Listing, describe
from ..network import Network
from . import owned


def _pair(network: Network, source: dict[str, Any]) -> Item:
    pair = {"UserId": source.get("OwnerId") or network.account_id, "GroupId": source["GroupId"]}
    return {**pair, "Description": source["Description"]} if "Description" in source else pair


def _permissions(network: Network, views: list[Any]) -> list[Item]:
    permissions = []
    for each in views:
        ports = {"FromPort": each.from_port, "ToPort": each.to_port}
        permissions.append(
            {
                "IpProtocol": each.ip_protocol,
                **{member: port for member, port in ports.items() if port is not None},
                "UserIdGroupPairs": [_pair(network, source) for source in each.source_groups],
                "IpRanges": each.ip_ranges,
                "Ipv6Ranges": each.ipv6_ranges,
                "PrefixListIds": each.prefix_list_ids,
            }
        )
    return permissions


def view(network: Network, group: Any, _now: float) -> Item:
    """A security group as DescribeSecurityGroups shows it."""
    return {
        "GroupId": group.id,
        "GroupName": group.name,
        "Description": group.description,
        "VpcId": group.vpc_id,
        "OwnerId": network.account_id,
        "SecurityGroupArn": _arn(network, group.id),
        "IpPermissions": _permissions(network, group.ip_permissions),
        "IpPermissionsEgress": _permissions(network, group.ip_permissions_egress),
        "Tags": network.tags_of(group.id),
    }


def _arn(network: Network, group_id: str) -> str:
    where = f"{network.region_name}:{network.account_id}"
    return f"arn:{network.partition}:ec2:{where}:security-group/{group_id}"


KIND = Kind(
    "security-group",
    lambda network: [group for groups in network.groups.values() for group in groups.values()],
    lambda group: str(group.vpc_id),
    view,
)

_LISTING = Listing(
    kind=KIND,
    result="SecurityGroups",
    ids="GroupIds",
    id_kind=GROUP,
    id_filter="group-id",
    vpc_filter="vpc-id",
    filters={
        **TAG_FILTERS,
        "description": ("Description",),
        "group-id": ("GroupId",),
        "group-name": ("GroupName",),
        "ip-permission.cidr": ("IpPermissions", "IpRanges", "CidrIp"),
        "ip-permission.from-port": ("IpPermissions", "FromPort"),
        "ip-permission.group-id": ("IpPermissions", "UserIdGroupPairs", "GroupId"),
        "ip-permission.prefix-list-id": ("IpPermissions", "PrefixListIds", "PrefixListId"),
        "ip-permission.protocol": ("IpPermissions", "IpProtocol"),
        "ip-permission.to-port": ("IpPermissions", "ToPort"),
        "owner-id": ("OwnerId",),
        "vpc-id": ("VpcId",),
    },
)


def _create(call: Call) -> Item:
    if not call.get("VpcId"):
        raise AwsError("VPCIdNotSpecified", "No default VPC for this user")
    vpc = owned.vpc(call, call.get("VpcId"))
    name = call.get("GroupName")
    if any(group.name == name for group in call.network.groups[vpc.id].values()):
        raise AwsError(
            "InvalidGroup.Duplicate",
            f"The security group '{name}' already exists for VPC '{vpc.id}'",
        )
    tags = call.tags_for("security-group")
    group = call.network.create_security_group(name, call.get("Description"), vpc_id=vpc.id)
    call.network.create_tags([group.id], tags)
    shown = view(call.network, group, 0)["Tags"]
    return {"GroupId": group.id, "Tags": shown, "SecurityGroupArn": _arn(call.network, group.id)}


def _delete(call: Call) -> Item:
    if not call.get("GroupId"):
        raise missing_parameter("GroupId")
    group = owned.group(call, call.get("GroupId"))
    if group.is_default:
        raise AwsError(
            "CannotDelete",
            f'the specified group: "{group.id}" name: "default" cannot be deleted by a user',
        )
    if _in_use(call.network, group):
        raise AwsError("DependencyViolation", f"resource {group.id} has a dependent object")
    del call.network.groups[group.vpc_id][group.id]
    call.network.forget_tags(group.id)
    return {"Return": True}


def _in_use(network: Network, group: Any) -> bool:
    """Whether an interface bears the group, or another group's rule names it."""
    if any(group in interface._group_set for interface in network.enis.values()):
        return True
    others = (each for each in KIND.objects(network) if each is not group)
    return any(
        rule.source_group.get("GroupId") == group.id
        for other in others
        for rule in (*other.ingress_rules, *other.egress_rules)
    )


def _rules(call: Call) -> list[dict[str, Any]]:
    """The rules of a request as moto takes them."""
    permissions = call.get("IpPermissions")
    if permissions is None:
        one = {member: call.get(member) for member in ("IpProtocol", "FromPort", "ToPort")}
        permissions = [{**one, "IpRanges": [{"CidrIp": call.get("CidrIp")}]}]
    return [
        {
            "ip_protocol": each.get("IpProtocol"),
            "from_port": each.get("FromPort"),
            "to_port": each.get("ToPort"),
            "ip_ranges": [*each.get("IpRanges", []), *each.get("Ipv6Ranges", [])],
            "source_groups": [dict(pair) for pair in each.get("UserIdGroupPairs", [])],
            "prefix_list_ids": each.get("PrefixListIds", []),
        }
        for each in permissions
    ]


def _rule_view(network: Network, rule: Any) -> Item:
    item = {
        "SecurityGroupRuleId": rule.id,
        "GroupId": rule.group_id,
        "GroupOwnerId": network.account_id,
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.ip_protocol,
        "FromPort": -1 if rule.from_port is None else rule.from_port,
        "ToPort": -1 if rule.to_port is None else rule.to_port,
        "Tags": [],
    }
    optional = {
        "CidrIpv4": rule.cidr_ipv4,
        "CidrIpv6": rule.cidr_ipv6,
        "PrefixListId": rule.prefix_list_id,
        "Description": rule.description,
    }
    if rule.source_group:
        source = {"GroupId": rule.source_group["GroupId"], "UserId": network.account_id}
        item["ReferencedGroupInfo"] = source
    return {**item, **{member: value for member, value in optional.items() if value}}


@contextmanager
def _all_or_nothing(group: Any) -> Iterator[None]:
    """Puts a group's rules back if one rule of several is refused, which moto would not."""
    ingress, egress = list(group.ingress_rules), list(group.egress_rules)
    try:
        yield
    except ServiceException:
        group.ingress_rules, group.egress_rules = ingress, egress
        raise


def _authorize(way: str) -> Handler:
    def handler(call: Call) -> Item:
        group = owned.group(call, _group_id(call))
        rules = _rules(call)
        for rule in rules:
            for pair in rule["source_groups"]:
                owned.group(call, pair.get("GroupId", ""))
        made: list[Any] = []
        with _all_or_nothing(group):
            for rule in rules:
                authorize = getattr(call.network, f"authorize_security_group_{way}")
                added, _ = authorize(group.id, vpc_id=group.vpc_id, **rule)
                made.extend(added)
        shown = [_rule_view(call.network, rule) for rule in made]
        return {"Return": True, "SecurityGroupRules": shown}

    return handler


def _revoke(way: str) -> Handler:
    def handler(call: Call) -> Item:
        group = owned.group(call, _group_id(call))
        with _all_or_nothing(group):
            for rule in _rules(call):
                revoke = getattr(call.network, f"revoke_security_group_{way}")
                revoke(group.id, vpc_id=group.vpc_id, **rule)
        return {"Return": True}

    return handler


def _group_id(call: Call) -> str:
    if not call.get("GroupId"):
        raise missing_parameter("GroupId")
    return str(call.get("GroupId"))


OPERATIONS: Operations = {
    "AuthorizeSecurityGroupEgress": _authorize("egress"),
    "AuthorizeSecurityGroupIngress": _authorize("ingress"),
    "CreateSecurityGroup": _create,
    "DeleteSecurityGroup": _delete,
    "DescribeSecurityGroups": describe(_LISTING),
    "RevokeSecurityGroupEgress": _revoke("egress"),
    "RevokeSecurityGroupIngress": _revoke("ingress"),
}
