"""Rules of security groups as a call names them: checked, and made canonical as AWS does."""

from __future__ import annotations

import ipaddress
from typing import Any

from ..call import Call
from ..errors import AwsError, missing_parameter
from ..identifiers import PREFIX_LIST
from ..listing import Item
from ..network import Network
from . import owned

#: Protocols that have names; rules show the name, whatever was asked for (API reference).
_NAMED = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
_NAMES = frozenset({"tcp", "udp", "icmp", "icmpv6", "-1"})
_PORTED = frozenset({"tcp", "udp"})
_TYPED = frozenset({"icmp", "icmpv6"})
#: Rules of a family in a direction (VPC quotas).
MOST_RULES = 60
#: Public build logs have these words.
_DUPLICATE = 'the specified rule "{rule}" already exists'
_SOURCES = ("ip_ranges", "source_groups", "prefix_list_ids")


def of(call: Call, group: Any) -> list[dict[str, Any]]:
    """The rules that a call names, as moto takes them.

    Raises:
        AwsError: there is none, or one that AWS doesn't take.
    """
    return [rule(call, group, each) for each in _permissions(call)]


def _permissions(call: Call) -> list[Item]:
    permissions: list[Item] | None = call.get("IpPermissions")
    if permissions:
        return permissions
    if not call.get("IpProtocol"):
        raise missing_parameter("IpPermissions")
    one: Item = {
        m: call.get(m) for m in ("IpProtocol", "FromPort", "ToPort") if m in call.parameters
    }
    source = {"CidrIp": call.get("CidrIp")} if call.get("CidrIp") else None
    return [{**one, "IpRanges": [source] if source else []}]


def rule(call: Call, group: Any, permission: Item) -> dict[str, Any]:
    """The rules of one permission, as moto takes them.

    Raises:
        AwsError: AWS doesn't take it.
    """
    protocol = _protocol(permission)
    first, last = _ports(protocol, permission)
    asked = {
        "ip_protocol": protocol,
        "from_port": first,
        "to_port": last,
        "ip_ranges": [
            *(_range(each, "CidrIp") for each in permission.get("IpRanges", [])),
            *(_range(each, "CidrIpv6") for each in permission.get("Ipv6Ranges", [])),
        ],
        "source_groups": [_pair(call, group, p) for p in permission.get("UserIdGroupPairs", [])],
        "prefix_list_ids": [_listed(call, each) for each in permission.get("PrefixListIds", [])],
    }
    if not any(asked[each] for each in _SOURCES):
        raise AwsError("InvalidParameterValue", "Invalid value 'null' for IP range.")
    return asked


def _protocol(permission: Item) -> str:
    """Words: moto's tests verified against AWS for none, public build logs for an unknown one."""
    if not permission.get("IpProtocol"):
        text = "VPC security group rules must specify protocols explicitly."
        raise AwsError("InvalidParameterValue", f"Invalid value 'null' for protocol. {text}")
    asked = str(permission["IpProtocol"])
    protocol = _NAMED.get(asked.lower(), asked.lower())
    known = protocol in _NAMES or (protocol.isascii() and protocol.isdigit())
    if not known or (protocol.isdigit() and int(protocol) > 255):
        raise AwsError(
            "InvalidParameterValue", f"Invalid value '{asked}' for IP protocol. Unknown protocol."
        )
    return protocol


def _ports(protocol: str, permission: Item) -> tuple[int, int]:
    """The range, or the type and code of ICMP; other protocols have none, whatever is said.

    chef-provisioning-aws #183 and boto3 #336 have the words for missing ports.
    """
    first, last = permission.get("FromPort"), permission.get("ToPort")
    if protocol not in _PORTED | _TYPED or (protocol == "icmpv6" and first is last is None):
        return -1, -1
    if first is None and last is None:
        kind = "TCP/UDP" if protocol in _PORTED else "ICMP"
        text = f"Invalid value 'Must specify both from and to ports with {kind}.' for portRange."
        raise AwsError("InvalidParameterValue", text)
    first, last = -1 if first is None else first, -1 if last is None else last
    if protocol in _PORTED:
        _check_range(first, last)
    elif not -1 <= first <= 255 or not -1 <= last <= 255:
        text = f"ICMP type or code ({first}, {last}) out of range"
        raise AwsError("InvalidPermission.Malformed", text)
    return first, last


def _check_range(first: int, last: int) -> None:
    for port in (first, last):
        if not 0 <= port <= 65535:
            raise AwsError("InvalidPermission.Malformed", f"TCP/UDP port ({port}) out of range")
    if first > last:
        raise AwsError(
            "InvalidParameterValue", f"Invalid TCP/UDP port range ({first}:{last}): from exceeds to"
        )


def _range(source: Item, member: str) -> Item:
    """A block by its network's address (10.0.0.5/16 is 10.0.0.0/16), of the family it says."""
    cidr = str(source.get(member, ""))
    kind = ipaddress.IPv4Network if member == "CidrIp" else ipaddress.IPv6Network
    try:
        block = kind(cidr, strict=False) if "/" in cidr else None
    except ValueError:
        block = None
    if block is None:
        raise AwsError("InvalidParameterValue", f"CIDR block {cidr} is malformed")
    return {**source, member: str(block)}


def _pair(call: Call, group: Any, pair: Item) -> Item:
    """A group by its id, or by its name in the same VPC."""
    if pair.get("GroupId"):
        return {**pair, "GroupId": owned.group(call, pair["GroupId"]).id}
    name = pair.get("GroupName")
    if not name:
        raise missing_parameter("GroupId")
    rest = {member: value for member, value in pair.items() if member != "GroupName"}
    return {**rest, "GroupId": owned.group_named(call, group.vpc_id, name).id}


def _listed(call: Call, listed: Item) -> Item:
    identifier = PREFIX_LIST.check(listed.get("PrefixListId", ""))
    if identifier not in call.network.managed_prefix_lists:
        raise PREFIX_LIST.unknown(identifier)
    return listed


def made(network: Network, group: Any, asked: dict[str, Any], *, egress: bool) -> list[Any]:
    """One rule for each source of what a call names, as moto keeps them."""
    made: list[Any] = list(
        network._iterate_security_rules(
            group_id=group.id,
            is_egress=egress,
            **asked,
        )
    )
    sources = (source for member in _SOURCES for source in asked[member])
    for rule, source in zip(made, sources, strict=True):
        rule.said = source.get("Description")
    return made


def terms(rule: Any) -> tuple[Any, ...]:
    """What makes two rules one to AWS: everything but the description."""
    return (
        rule.ip_protocol,
        rule.from_port,
        rule.to_port,
        rule.cidr_ipv4,
        rule.cidr_ipv6,
        rule.prefix_list_id,
        rule.source_group.get("GroupId"),
    )


def add(held: list[Any], new: list[Any]) -> None:
    """Puts rules to those that a group has in one direction, all or none.

    Raises:
        AwsError: one is there already, or they get too many.
    """
    known = {terms(rule) for rule in held}
    for rule in new:
        if terms(rule) in known:
            raise AwsError("InvalidPermission.Duplicate", _DUPLICATE.format(rule=_words(rule)))
        known.add(terms(rule))
    for family in ("cidr_ipv6", "cidr_ipv4"):
        # The quota counts each family alone (VPC quotas); groups and lists count for both.
        if sum(getattr(rule, family) is None for rule in [*held, *new]) > MOST_RULES:
            text = "The maximum number of rules per security group has been reached."
            raise AwsError("RulesPerSecurityGroupLimitExceeded", text)
    held.extend(new)


def _words(rule: Any) -> str:
    peer = rule.cidr_ipv4 or rule.cidr_ipv6 or rule.prefix_list_id or rule.source_group["GroupId"]
    protocol = {"-1": "ALL"}.get(rule.ip_protocol, rule.ip_protocol.upper())
    ports = "" if rule.from_port is None else f", from port: {rule.from_port}"
    ports += "" if rule.to_port is None else f", to port: {rule.to_port}"
    return f"peer: {peer}, {protocol}{ports}, ALLOW"


def find(held: list[Any], wanted: list[Any]) -> list[Any]:
    """The rules of a group that are those wanted.

    Raises:
        AwsError: it has one of them not.
    """
    by_terms = {terms(rule): rule for rule in held}
    if not all(terms(rule) in by_terms for rule in wanted):
        raise AwsError(
            "InvalidPermission.NotFound",
            "The specified rule does not exist in this security group.",
        )
    return [by_terms[terms(rule)] for rule in wanted]
