"""Rules of security groups, each by itself, as answers and DescribeSecurityGroupRules show them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..call import Call, Operations
from ..identifiers import GROUP, GROUP_RULE, check_all
from ..listing import TAG_FILTERS, Item, Kind, Listing, describe
from ..network import Network


def view(network: Network, rule: Any, _now: float) -> Item:
    """A rule as DescribeSecurityGroupRules shows it."""
    where = f"{network.region_name}:{network.account_id}"
    item = {
        "SecurityGroupRuleId": rule.id,
        "GroupId": rule.group_id,
        "GroupOwnerId": network.account_id,
        "Tags": network.tags_of(rule.id),
        "SecurityGroupRuleArn": (
            f"arn:{network.partition}:ec2:{where}:security-group-rule/{rule.id}"
        ),
        **_terms(rule),
    }
    if rule.source_group:
        source = {"GroupId": rule.source_group["GroupId"], "UserId": network.account_id}
        item["ReferencedGroupInfo"] = source
    return item


def revoked_view(rule: Any) -> Item:
    """A rule as the answer to its revocation shows it."""
    item = {"SecurityGroupRuleId": rule.id, "GroupId": rule.group_id, **_terms(rule)}
    if rule.source_group:
        item["ReferencedGroupId"] = rule.source_group["GroupId"]
    return item


def _terms(rule: Any) -> Item:
    optional = {
        "CidrIpv4": rule.cidr_ipv4,
        "CidrIpv6": rule.cidr_ipv6,
        "PrefixListId": rule.prefix_list_id,
        "Description": getattr(rule, "said", None),
    }
    return {
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.ip_protocol,
        "FromPort": -1 if rule.from_port is None else rule.from_port,
        "ToPort": -1 if rule.to_port is None else rule.to_port,
        **{member: value for member, value in optional.items() if value},
    }


KIND = Kind(
    "security-group-rule",
    lambda network: [
        rule
        for groups in network.groups.values()
        for group in groups.values()
        for rule in (*group.egress_rules, *group.ingress_rules)
    ],
    lambda _rule: None,
    view,
)

_FILTERED_GROUP = replace(GROUP, broken="The security group ID '{id}' is malformed")
_LISTING = Listing(
    kind=KIND,
    result="SecurityGroupRules",
    ids="SecurityGroupRuleIds",
    id_kind=GROUP_RULE,
    id_filter="security-group-rule-id",
    vpc_filter=None,
    filters={
        **TAG_FILTERS,
        "group-id": ("GroupId",),
        "security-group-rule-id": ("SecurityGroupRuleId",),
    },
)

_describe_all = describe(_LISTING)


def _describe(call: Call) -> Item:
    """Ids of groups are checked in the filter, too (a test of moto's, verified against AWS)."""
    for each in call.get("Filters", []):
        if each.get("Name") == "group-id":
            check_all(_FILTERED_GROUP, each.get("Values", []))
    return _describe_all(call)


OPERATIONS: Operations = {"DescribeSecurityGroupRules": _describe}
