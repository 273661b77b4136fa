"""What of the policy file is right and has no effect: warnings, which hinder no deployment."""

from __future__ import annotations

from autopilot.policy.model import InterfaceProfile, Policy
from autopilot.policy.names import full_names

from infra.policy.report import is_empty
from infra.policy.section import Section
from infra.policy.tags import cover
from infra.policy.where import Where

UNPUBLISHED = ("allowed_principals", "supported_regions", "private_dns_names")


def check(root: Section, policy: Policy, where: Where) -> None:
    """Warn of everything that has no effect, each at its line."""
    _unpublished(root, policy)
    _waiting(root, policy)
    _window(root, policy)
    _no_gateways(root, policy)
    _organization(root, policy)
    _documents(root, policy)
    _overlaps(root, policy.interface_endpoints, where)


def _unpublished(root: Section, policy: Policy) -> None:
    if policy.endpoint_services.load_balancer_tags:
        return
    for key in UNPUBLISHED:
        node = root.inner("endpoint_services", key)
        if node is not None and not is_empty(node) and node.value:
            root.report.warn(
                node,
                f"endpoint_services.{key} has no effect: no load balancer is published",
                "add publish_load_balancers: {tags: {endpoint-autopilot: publish}}, or drop it",
            )


def _waiting(root: Section, policy: Policy) -> None:
    node = root.inner("idle", "wait")
    if node is not None and not is_empty(node) and policy.retire_interfaces != "idle":
        root.report.warn(
            node,
            f"idle.wait has no effect: retire is {policy.retire_interfaces}",
            "write retire: idle, or drop it",
        )


def _window(root: Section, policy: Policy) -> None:
    node = root.inner("gateway_endpoints", "change_window")
    busy = policy.gateway_endpoints.busy_route_tables
    if node is not None and not is_empty(node) and busy != "window":
        root.report.warn(
            node,
            f"the change_window has no effect: busy_route_tables is {busy}",
            "write busy_route_tables: window, or drop it",
        )


def _no_gateways(root: Section, policy: Policy) -> None:
    node = root.inner("gateway_endpoints", "services")
    if node is not None and not policy.gateway_endpoints.services:
        root.report.warn(
            node,
            "gateway_endpoints.services is empty: no route table gets an endpoint",
            "write [s3, dynamodb], unless you mean it",
        )


def _organization(root: Section, policy: Policy) -> None:
    """Permission lists may name it as well, ours or others': who is admitted goes by them too."""
    node = root.node("organization")
    rules = (*policy.connections.allow, *policy.connections.deny)
    listed = any(":organizations:" in p for p in policy.endpoint_services.allowed_principals)
    if node is None or listed or any(rule.kind != "account" for rule in rules):
        return
    root.report.warn(
        node,
        "no rule of connections needs the organization",
        "add {organization: ...}, {organizational_unit: ...} or {allowed_principals: true}, or"
        " drop it if no permission list names an organization or unit either",
    )


def _documents(root: Section, policy: Policy) -> None:
    used = {policy.gateway_endpoints.endpoint_policy}
    used |= {profile.endpoint_policy for profile in policy.interface_endpoints}
    for name in policy.endpoint_policies:
        node = root.inner("endpoint_policies", name)
        if name not in used and node is not None:
            root.report.warn(
                node,
                f'the endpoint policy "{name}" has no effect: nothing names it',
                f"write policy: {name} under gateway_endpoints or in a profile, or drop it",
            )


def _overlaps(root: Section, profiles: tuple[InterfaceProfile, ...], where: Where) -> None:
    """Services that a profile before has in every VPC of a profile."""
    for number, profile in enumerate(profiles):
        for earlier in profiles[:number]:
            shared = _shared(earlier, profile, where)
            if shared and cover(earlier.vpc_tags, profile.vpc_tags):
                root.report.warn(
                    root.of_profile(profile.name, "services") or root.line,
                    f'"{earlier.name}" has {", ".join(shared)} in every VPC of "{profile.name}"'
                    " already: the first profile wins",
                    f'drop the service from one of them, or put "{profile.name}" first',
                )


def _shared(one: InterfaceProfile, other: InterfaceProfile, where: Where) -> list[str]:
    def names(service: str) -> set[str]:
        return {service, *(full_names(service, where.region) if where.region else ())}

    first = {name for service in one.services for name in names(service)}
    return [service for service in other.services if first & names(service)]
