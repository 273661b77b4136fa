"""Reads how interface endpoints stand: in bulk, so that calls grow with pages, not with VPCs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from autopilot.aws.errors import NotFound, NotVisibleYet
from autopilot.aws.interface_facts import (
    Filters,
    described,
    groups,
    interfaces,
    offered,
    parameter_tags,
    subnets,
    vpcs,
    with_endpoints,
)
from autopilot.aws.pages import call, filters, pages
from autopilot.interfaces.desired import asked_in
from autopilot.interfaces.facts import DnsAttributes, Facts
from autopilot.interfaces.plan import ROOT, InterfaceRequest
from autopilot.interfaces.situation import Desired, Situation
from autopilot.notify.ledger import FINDINGS, Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import InterfaceScope
from autopilot.reconcile.tags import owned_by
from autopilot.reconcile.visible import unseen
from autopilot.reconcile.withdrawn import withdrawn

# The most that GetParametersByPath gives at once (its API reference).
_PAGE = 10
# More VPCs than this: all of the path is read in fewer calls.
_SINGLY = 5


def look(
    request: InterfaceRequest, policy: Policy, stack: StackIdentity, ledger: Rows, at: datetime
) -> Situation:
    """How things stand, but for what is worth a call only where it decides something.

    Raises NotVisibleYet while it doesn't show what must be there, other AwsErrors.
    """
    facts = survey(request.scope, policy, stack)
    if missing := unseen(
        request.expect,
        request.outcomes,
        seen=facts.seen,
        serving=facts.serving,
        shows=facts.shows,
    ):
        raise NotVisibleYet(f"the survey doesn't show yet: {', '.join(missing)}")
    return Situation(
        *(facts, policy, stack, request),
        withdrawn=withdrawn(ledger, at),
        told=_told(ledger) if policy.retire_interfaces != "report" else frozenset(),
        hour=at.strftime("%Y-%m-%dT%H"),
        at=at,
    )


def probed(now: Situation, desired: Desired) -> Situation:
    """With what a closer look says, where that decides something. Raises AwsErrors."""
    foreign = not_ours(desired.parameters_to_probe, now.stack.owner)
    facts = replace(now.facts, dns=_dns_attributes(desired.vpcs_to_probe), foreign=foreign)
    return replace(now, facts=facts)


def _told(ledger: Rows) -> frozenset[str]:
    kinds = ("InterfaceUnwanted/", "InterfaceIdle/")
    rows = (row for kind in kinds for row in ledger.rows(FINDINGS, kind))
    return frozenset(row.key.sk for row in rows if row.told)


def survey(scope: InterfaceScope, policy: Policy, stack: StackIdentity) -> Facts:
    """VPCs of the scope with subnets, interface endpoints and our groups; services; parameters.

    Ids in the scope that lead to no VPC are left out. Raises AwsErrors.
    """
    if scope.everything:
        return _facts("all", [[]], policy, stack)
    vpc_ids = tuple(sorted(_vpcs_of(scope, stack)))
    if not vpc_ids:
        return Facts(looked_at=())
    return _facts(vpc_ids, list(filters("vpc-id", vpc_ids)), policy, stack)


def _dns_attributes(vpc_ids: Iterable[str]) -> Mapping[str, DnsAttributes]:
    """Each VPC's DNS attributes, two calls each."""
    return {
        vpc_id: DnsAttributes(
            support=_attribute(vpc_id, "enableDnsSupport", "EnableDnsSupport"),
            hostnames=_attribute(vpc_id, "enableDnsHostnames", "EnableDnsHostnames"),
        )
        for vpc_id in vpc_ids
    }


def _attribute(vpc_id: str, name: str, key: str) -> bool:
    answer = call("ec2", "DescribeVpcAttribute", VpcId=vpc_id, Attribute=name)
    return bool(answer[key]["Value"])


def _facts(looked_at: Any, narrowed: list[Filters], policy: Policy, stack: StackIdentity) -> Facts:
    found = tuple(vpc for chosen in narrowed for vpc in vpcs(chosen))
    there = [each for chosen in narrowed for each in described(chosen)]
    return replace(
        with_endpoints(there),
        vpcs=found,
        subnets=tuple(s for chosen in narrowed for s in subnets(chosen)),
        groups=tuple(g for chosen in narrowed for g in groups(chosen, stack.owner)),
        offers=offered(asked_in(policy, stack, found), stack.region),
        parameters=dict(_parameters(looked_at)),
        looked_at=looked_at,
    )


def _vpcs_of(scope: InterfaceScope, stack: StackIdentity) -> set[str]:
    found = {*scope.vpc_ids}
    if scope.subnet_ids:
        found |= {s.vpc_id for f in filters("subnet-id", scope.subnet_ids) for s in subnets(f)}
    if scope.endpoint_ids:
        narrowed = filters("vpc-endpoint-id", scope.endpoint_ids)
        found |= {e.vpc_id for f in narrowed for e in interfaces(described(f))}
    if scope.group_ids:
        narrowed = filters("group-id", scope.group_ids)
        found |= {group.vpc_id for f in narrowed for group in groups(f, stack.owner)}
    return found


def _parameters(looked_at: str | tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The parameters of these VPCs or ("all") of all, with their values."""
    one_by_one = looked_at != "all" and len(looked_at) <= _SINGLY
    for path in [f"{ROOT}/{vpc_id}" for vpc_id in looked_at] if one_by_one else [ROOT]:
        asked = {"Path": path, "Recursive": True, "MaxResults": _PAGE}
        for each in pages("GetParametersByPath", service="ssm", **asked):
            yield each["Name"], each["Value"]


def not_ours(names: Iterable[str], owner: str) -> frozenset[str]:
    """Those of the parameters that don't carry the stack's tag; one that is gone is nobody's."""
    return frozenset(name for name in names if _is_foreign(name, owner))


def _is_foreign(name: str, owner: str) -> bool:
    try:
        return not owned_by(parameter_tags(name), owner)
    except NotFound:
        return False
