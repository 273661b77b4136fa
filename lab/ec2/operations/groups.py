"""Security groups and their rules; moto keeps the rules, the lab adds what AWS refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..call import Call, Handler, Operations
from ..errors import AwsError, missing_parameter
from ..filters import Path
from ..identifiers import GROUP, GROUP_RULE
from ..listing import TAG_FILTERS, Item, Kind, Listing, describe
from ..network import Network
from . import group_names, group_rules, owned, rule_views


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


def _of_permissions(prefix: str, member: str) -> dict[str, Path]:
    """The filters on rules of one direction."""
    return {
        f"{prefix}.cidr": (member, "IpRanges", "CidrIp"),
        f"{prefix}.from-port": (member, "FromPort"),
        f"{prefix}.group-id": (member, "UserIdGroupPairs", "GroupId"),
        f"{prefix}.group-name": (member, "UserIdGroupPairs", "GroupName"),
        f"{prefix}.ipv6-cidr": (member, "Ipv6Ranges", "CidrIpv6"),
        f"{prefix}.prefix-list-id": (member, "PrefixListIds", "PrefixListId"),
        f"{prefix}.protocol": (member, "IpProtocol"),
        f"{prefix}.to-port": (member, "ToPort"),
        f"{prefix}.user-id": (member, "UserIdGroupPairs", "UserId"),
    }


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
        **_of_permissions("ip-permission", "IpPermissions"),
        **_of_permissions("egress.ip-permission", "IpPermissionsEgress"),
        "owner-id": ("OwnerId",),
        "vpc-id": ("VpcId",),
    },
)


_describe_all = describe(_LISTING)


def _describe(call: Call) -> Item:
    """Names are those of groups in the default VPC (API reference)."""
    names = call.get("GroupNames", [])
    if not names:
        return _describe_all(call)
    named = [owned.group_named(call, _default_vpc(call), each).id for each in names]
    asked = {**call.parameters, "GroupIds": [*call.get("GroupIds", []), *named]}
    return _describe_all(replace(call, parameters=asked))


def _create(call: Call) -> Item:
    vpc_id = call.get("VpcId") or _default_vpc(call)
    vpc = owned.vpc(call, vpc_id)
    name = group_names.checked(call.get("GroupName"))
    group_names.check_words("GroupDescription", call.get("Description"))
    held = call.network.groups[vpc.id].values()
    if any(str(group.name).casefold() == name.casefold() for group in held):
        raise AwsError(
            "InvalidGroup.Duplicate",
            f"The security group '{name}' already exists for VPC '{vpc.id}'",
        )
    tags = call.tags_for("security-group")
    group = call.network.create_security_group(name, call.get("Description"), vpc_id=vpc.id)
    call.network.create_tags([group.id], tags)
    shown = view(call.network, group, 0)["Tags"]
    return {"GroupId": group.id, "Tags": shown, "SecurityGroupArn": _arn(call.network, group.id)}


def _default_vpc(call: Call) -> str:
    default = call.network.default_vpc
    if default is None:
        raise AwsError("VPCIdNotSpecified", "No default VPC for this user")
    return str(default.id)


def named(call: Call) -> Any:
    """The group that a call names by its id, or by its name in the default VPC."""
    if call.get("GroupId"):
        return owned.group(call, call.get("GroupId"))
    if call.get("GroupName"):
        return owned.group_named(call, _default_vpc(call), call.get("GroupName"))
    raise missing_parameter("GroupId")


def _delete(call: Call) -> Item:
    group = named(call)
    if group.is_default:
        raise AwsError(
            "CannotDelete",
            f'the specified group: "{group.id}" name: "default" cannot be deleted by a user',
        )
    if _in_use(call.network, group):
        raise AwsError("DependencyViolation", f"resource {group.id} has a dependent object")
    del call.network.groups[group.vpc_id][group.id]
    for gone in (group, *group.ingress_rules, *group.egress_rules):
        call.network.forget_tags(gone.id)
    return {"Return": True, "GroupId": group.id}


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


def held(group: Any, way: str) -> list[Any]:
    """The rules of a group in one direction: the list itself, to be changed."""
    rules: list[Any] = group.egress_rules if way == "egress" else group.ingress_rules
    return rules


def wanted(call: Call, group: Any, way: str) -> list[Any]:
    """The rules that a call names, whether the group has them or not."""
    return [
        rule
        for asked in group_rules.of(call, group)
        for rule in group_rules.made(call.network, group, asked, egress=way == "egress")
    ]


def _authorize(way: str) -> Handler:
    def handler(call: Call) -> Item:
        group = named(call)
        new, tags = wanted(call, group, way), call.tags_for("security-group-rule")
        group_rules.add(held(group, way), new)
        call.network.create_tags([rule.id for rule in new], tags)
        shown = [rule_views.view(call.network, rule, 0) for rule in new]
        return {"Return": True, "SecurityGroupRules": shown}

    return handler


def _revoke(way: str) -> Handler:
    def handler(call: Call) -> Item:
        group = named(call)
        there = held(group, way)
        gone = _by_id(call, there) or group_rules.find(there, wanted(call, group, way))
        for rule in gone:
            if rule in there:
                there.remove(rule)
            call.network.forget_tags(rule.id)
        shown = [rule_views.revoked_view(rule) for rule in gone]
        return {"Return": True, "RevokedSecurityGroupRules": shown}

    return handler


def _by_id(call: Call, held: list[Any]) -> list[Any]:
    """The rules whose ids a call names; none if it names rules otherwise."""
    identifiers, by_id = call.get("SecurityGroupRuleIds", []), {rule.id: rule for rule in held}
    if identifiers and (call.get("IpPermissions") or call.get("IpProtocol")):
        text = "Rules are named by their ids or by their permissions, not by both."
        raise AwsError("InvalidParameterCombination", text)
    for each in identifiers:
        if GROUP_RULE.check(each) not in by_id:
            raise GROUP_RULE.unknown(each)
    return [by_id[each] for each in dict.fromkeys(identifiers)]


OPERATIONS: Operations = {
    "AuthorizeSecurityGroupEgress": _authorize("egress"),
    "AuthorizeSecurityGroupIngress": _authorize("ingress"),
    "CreateSecurityGroup": _create,
    "DeleteSecurityGroup": _delete,
    "DescribeSecurityGroups": _describe,
    "RevokeSecurityGroupEgress": _revoke("egress"),
    "RevokeSecurityGroupIngress": _revoke("ingress"),
}
