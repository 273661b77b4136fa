"""What the policy file says of interface endpoints: their profiles, and how they end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import get_args

from autopilot.policy.model import AddressType, IdlePolicy, InterfaceProfile, RetireInterfaces

from infra.policy.gateway import endpoint_policy
from infra.policy.report import Node, alternatives, is_empty
from infra.policy.section import Section
from infra.policy.tags import tags
from infra.policy.values import boolean, cidr, days, port
from infra.policy.wanted import regions, wanted
from infra.policy.where import Where

RETIRE: tuple[RetireInterfaces, ...] = get_args(RetireInterfaces)
# CloudWatch keeps values by the hour for 455 days (API reference, GetMetricData).
AFTER, WAIT = (7, 450), (1, 90)
# As Terraform and CDK call it.
INBOUND_ONLY = "private_dns_only_for_inbound_resolver_endpoint"
ADDRESS_TYPES: tuple[AddressType, ...] = ("ipv4", "dualstack", "ipv6")
PROFILE = (
    "name",
    "vpcs",
    "subnets",
    "services",
    "private_dns",
    INBOUND_ONLY,
    "ip_address_type",
    "policy",
    "allow_from",
    "ports",
)
EXAMPLE = "write [{name: workloads, vpcs: {tags: {network: private}}, services: [logs]}]"
NAME = "use small letters, digits and hyphens"
CIDRS = "write `vpc`, or blocks such as [10.0.0.0/8]"
PORTS = "write ports from 1 to 65535, such as [443]"


def interfaces(
    root: Section, documents: Collection[str], where: Where
) -> tuple[InterfaceProfile, ...]:
    """Read the list `interface_endpoints`; `documents`: the endpoint policies that there are."""
    nodes = root.listed("interface_endpoints", EXAMPLE) or ()
    found: dict[str, InterfaceProfile] = {}
    for node in nodes:
        section = Section(root.report, node, "a profile of interface_endpoints", PROFILE)
        profile = _profile(section, documents, where)
        if profile.name in found:
            section.report.add(
                section.line_of("name"),
                f'"{profile.name}" is the name of two profiles',
                "give each its own: it names their security groups",
            )
        elif profile.name:
            found[profile.name] = profile
        _agree(section, profile, found.values())
    return tuple(found.values())


def _agree(section: Section, profile: InterfaceProfile, all_: Iterable[InterfaceProfile]) -> None:
    """Complain about a service that another profile wants of another Region."""
    for name in profile.services:
        mine = profile.service_regions.get(name)
        others = {p.service_regions.get(name, "none") for p in all_ if name in p.services}
        if others - {mine or "none"}:
            section.report.add(
                section.line_of("services"),
                f"{name} has two Regions, {alternatives(sorted(others | {mine or 'none'}))}",
                "give it the same in every profile",
            )


def retire(root: Section) -> RetireInterfaces:
    """Which interface endpoints of the automation's go."""
    return root.choice("retire", RETIRE[0], RETIRE)


def idle(section: Section) -> IdlePolicy:
    """Read the section `idle`: when an interface endpoint counts as idle."""
    return IdlePolicy(
        after_days=_days(section, "after", IdlePolicy.after_days, *AFTER),
        wait_days=_days(section, "wait", IdlePolicy.wait_days, *WAIT),
        keep_tags=tags(section, "keep_tags") or {},
    )


def _days(section: Section, key: str, default: int, least: int, most: int) -> int:
    right = f'write "N days", from {least} to {most}'
    return section.value(key, default, lambda text: days(text, least, most), right)


def _profile(section: Section, documents: Collection[str], where: Where) -> InterfaceProfile:
    for key, example in (("name", "name: workloads"), ("services", "services: [logs]")):
        node = section.node(key)
        if node is None or node.value == []:
            section.report.add(section.line_of(key), f"a profile has no {key}", f"write {example}")
    services = wanted(section, where.region)
    return InterfaceProfile(
        name=section.value("name", "", where.profile_name, NAME),
        services=tuple(each.name for each in services),
        vpc_tags=_tags(section, "vpcs", needed=True),
        subnet_tags=_tags(section, "subnets", needed=False),
        private_dns=section.value("private_dns", True, boolean, "write true or false"),
        endpoint_policy=endpoint_policy(section, documents),
        allow_from=_allow_from(section),
        ports=section.items("ports", port, PORTS) or InterfaceProfile.ports,
        ip_address_type=section.choice("ip_address_type", ADDRESS_TYPES[0], ADDRESS_TYPES),
        inbound_only=section.value(INBOUND_ONLY, None, boolean, "write true or false"),
        service_regions=regions(services),
    )


def _tags(section: Section, key: str, *, needed: bool) -> Mapping[str, str]:
    """The tags under `vpcs` or `subnets`. No tags would mean every VPC: that must be written."""
    inner = section.section(key, ("tags",))
    found = tags(inner, "tags", before="classes")
    if needed and not found:
        section.report.add(
            section.line_of(key),
            f"{section.full(key)} has no tags",
            'write vpcs: {tags: {network: private}}, or tags: {Name: "*"} for all with a Name',
        )
    return found or {}


def _allow_from(section: Section) -> tuple[str, ...] | None:
    node = section.node("allow_from")
    if node is None or _is_word(node, "vpc"):
        return None
    if is_empty(node) or node.value == []:
        section.report.add(node, "allow_from is empty: nobody could reach the endpoints", CIDRS)
        return None
    return section.items("allow_from", cidr, CIDRS) or None


def _is_word(node: Node, word: str) -> bool:
    return bool(node.value == word)
