"""Rules of security groups changed in place: their terms, and what they say of themselves."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler, Operations
from ..errors import AwsError, missing_parameter
from ..identifiers import GROUP_RULE
from ..listing import Item
from . import group_rules, groups, owned

#: A rule's member in ModifySecurityGroupRules: the permission's list, and the source's member.
_SOURCES = {
    "CidrIpv4": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "PrefixListId": ("PrefixListIds", "PrefixListId"),
    "ReferencedGroupId": ("UserIdGroupPairs", "GroupId"),
}


def _modify(call: Call) -> Item:
    """Gives rules other terms, all or none; a rule keeps its id, its direction and its tags."""
    group = owned.group(call, call.get("GroupId"))
    new = [_changed(call, group, each) for each in call.get("SecurityGroupRules")]
    changed = {rule.id for rule in new}
    for egress, way in ((True, "egress"), (False, "ingress")):
        held = groups.held(group, way)
        kept = [rule for rule in held if rule.id not in changed]
        mine = [rule for rule in new if rule.is_egress == egress]
        group_rules.add(kept, mine)
        held[:] = kept
    return {"Return": True}


def _changed(call: Call, group: Any, update: Item) -> Any:
    every = [*group.ingress_rules, *group.egress_rules]
    old, asked = _rule(every, update.get("SecurityGroupRuleId")), update.get("SecurityGroupRule")
    if not asked:
        raise missing_parameter("SecurityGroupRule")
    _check_ports(asked)
    source = _source(asked)
    listed, member = _SOURCES[source]
    said = {"Description": asked["Description"]} if asked.get("Description") else {}
    ports = {m: asked[m] for m in ("IpProtocol", "FromPort", "ToPort") if m in asked}
    permission = {**ports, listed: [{member: asked[source], **said}]}
    terms = group_rules.rule(call, group, permission)
    (new,) = group_rules.made(call.network, group, terms, egress=old.is_egress)
    new.id = old.id
    return new


def _check_ports(asked: Item) -> None:
    """This call has words of its own for half a range (moto's tests, verified against AWS)."""
    protocol = str(asked.get("IpProtocol", "")).lower()
    if protocol in ("tcp", "udp", "6", "17") and not {"FromPort", "ToPort"} <= asked.keys():
        text = "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
        raise AwsError("InvalidParameterValue", text)


def _source(asked: Item) -> str:
    """The member that names the rule's one source (codes and words as above)."""
    sources = [member for member in _SOURCES if asked.get(member)]
    if not sources:
        raise AwsError(
            "MissingParameter",
            "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or"
            " referencedGroupId",
        )
    if len(sources) > 1:
        raise AwsError(
            "InvalidParameterCombination",
            "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified",
        )
    return sources[0]


def _rule(rules: list[Any], identifier: str | None) -> Any:
    if not identifier:
        raise missing_parameter("SecurityGroupRuleId")
    GROUP_RULE.check(identifier)
    for rule in rules:
        if rule.id == identifier:
            return rule
    raise GROUP_RULE.unknown(identifier)


def _describe_anew(way: str) -> Handler:
    """Rules named by their permissions or ids get other descriptions."""

    def handler(call: Call) -> Item:
        group = groups.named(call)
        held = groups.held(group, way)
        said = call.get("SecurityGroupRuleDescriptions", [])
        if said and not call.get("IpPermissions"):
            named = [
                (_rule(held, e.get("SecurityGroupRuleId")), e.get("Description")) for e in said
            ]
        else:
            wanted = groups.wanted(call, group, way)
            named = [
                (rule, new.said)
                for rule, new in zip(group_rules.find(held, wanted), wanted, strict=True)
            ]
        for rule, words in named:
            rule.said = words
            _tell(rule, words)
        return {"Return": True}

    return handler


def _tell(rule: Any, words: str | None) -> None:
    """Puts the words where moto's grouped view of a group's rules finds them."""
    for source in (rule.ip_range, rule.source_group):
        if source:
            source.pop("Description", None)
            source |= {"Description": words} if words else {}


OPERATIONS: Operations = {
    "ModifySecurityGroupRules": _modify,
    "UpdateSecurityGroupRuleDescriptionsEgress": _describe_anew("egress"),
    "UpdateSecurityGroupRuleDescriptionsIngress": _describe_anew("ingress"),
}
