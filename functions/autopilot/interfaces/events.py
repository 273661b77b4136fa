"""What an event says about interface endpoints: where to look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from autopilot.reconcile.cloudtrail import EC2, REQUEST, RESPONSE, Call, Event
from autopilot.reconcile.scope import ALL_INTERFACES, InterfaceScope
from autopilot.reconcile.visible import gone
from autopilot.reconcile.wakeup import Readers, Wakeup, heard

# Where a group's rules name other groups: in a request, in an answer.
_SPOKEN_OF = frozenset({"groups", "referencedgroupinfo"})


@dataclass(frozen=True)
class InterfaceWakeup(Wakeup[InterfaceScope]):
    """Where to look for interface endpoints."""

    workflow: ClassVar[str] = "interfaces"


def read(event: Event) -> InterfaceWakeup | None:
    """The wake-up in an event; None if it isn't for interface endpoints.

    Raises BadEvent, and nothing else, on whatever can't be read.
    """
    return heard(event, _READERS, InterfaceWakeup(ALL_INTERFACES))


def _vpc_created(call: Call) -> InterfaceWakeup:
    vpc_ids = call.required(RESPONSE, "vpcid", "vpc")
    return InterfaceWakeup(InterfaceScope.of(vpc_ids=vpc_ids), expect=tuple(sorted(vpc_ids)))


def _vpc_changed(call: Call) -> InterfaceWakeup:
    """Its attributes or blocks; taking a block away may name the association only."""
    named = _found(call, "vpcid", "vpc")
    return InterfaceWakeup(InterfaceScope.of(vpc_ids=named) if named else ALL_INTERFACES)


def _block_added(call: Call) -> InterfaceWakeup:
    """It is on its way at first, and lets nobody in before it is associated."""
    return replace(_vpc_changed(call), expect=tuple(sorted(_blocks(call))))


def _block_taken(call: Call) -> InterfaceWakeup:
    return replace(_vpc_changed(call), expect=tuple(sorted(map(gone, _blocks(call)))))


def _blocks(call: Call) -> set[str]:
    return _found(call, "associationid", "vpc-cidr-assoc")


def _subnet_created(call: Call) -> InterfaceWakeup:
    subnet = call.only(RESPONSE, "subnetid", "subnet")
    vpc = call.only(RESPONSE, "vpcid", "vpc")
    return InterfaceWakeup(InterfaceScope.of(vpc_ids=[vpc]), expect=(subnet,))


def _endpoint_created(call: Call) -> InterfaceWakeup | None:
    if "Interface" not in call.endpoint_types:
        return None
    endpoint = call.only(RESPONSE, "vpcendpointid", "vpce")
    vpc = call.only(RESPONSE, "vpcid", "vpc")
    return InterfaceWakeup(InterfaceScope.of(vpc_ids=[vpc]), expect=(endpoint,))


def _endpoint_named(call: Call) -> InterfaceWakeup | None:
    """Changed, or accepted by somebody in this account."""
    endpoints = call.ids(REQUEST, "vpcendpointid", "vpce")
    return InterfaceWakeup(InterfaceScope.of(endpoint_ids=endpoints)) if endpoints else None


def _endpoints_deleted(call: Call) -> InterfaceWakeup:
    """A deleted endpoint can't be asked for its VPC; the answer lists those not deleted."""
    endpoints = call.required(REQUEST, "vpcendpointid", "vpce")
    kept = call.ids(RESPONSE, "resourceid", "vpce")
    return InterfaceWakeup(ALL_INTERFACES, expect=tuple(gone(i) for i in sorted(endpoints - kept)))


def _group_changed(call: Call) -> InterfaceWakeup:
    """The group whose rules changed, not those that the rules speak of.

    It may be named by its name only; since 2023 the answer lists the rules, each with its group.
    """
    for part in (REQUEST, RESPONSE):
        if groups := call.ids(part, "groupid", "sg", without=_SPOKEN_OF):
            return InterfaceWakeup(InterfaceScope.of(group_ids=groups))
    return InterfaceWakeup(ALL_INTERFACES)


def _tagged(call: Call) -> InterfaceWakeup | None:
    scope = InterfaceScope.of(
        vpc_ids=_found(call, "resourceid", "vpc"),
        subnet_ids=_found(call, "resourceid", "subnet"),
        endpoint_ids=_found(call, "resourceid", "vpce"),
        group_ids=_found(call, "resourceid", "sg"),
    )
    return InterfaceWakeup(scope) if scope else None


def _found(call: Call, member: str, prefix: str) -> set[str]:
    return call.ids(REQUEST, member, prefix) | call.ids(RESPONSE, member, prefix)


_READERS: Readers[InterfaceWakeup] = {
    (EC2, "CreateVpc"): _vpc_created,
    (EC2, "CreateDefaultVpc"): _vpc_created,
    (EC2, "ModifyVpcAttribute"): _vpc_changed,
    (EC2, "AssociateVpcCidrBlock"): _block_added,
    (EC2, "DisassociateVpcCidrBlock"): _block_taken,
    (EC2, "CreateSubnet"): _subnet_created,
    (EC2, "CreateDefaultSubnet"): _subnet_created,
    (EC2, "CreateVpcEndpoint"): _endpoint_created,
    (EC2, "ModifyVpcEndpoint"): _endpoint_named,
    (EC2, "DeleteVpcEndpoints"): _endpoints_deleted,
    (EC2, "AcceptVpcEndpointConnections"): _endpoint_named,
    (EC2, "AuthorizeSecurityGroupIngress"): _group_changed,
    (EC2, "AuthorizeSecurityGroupEgress"): _group_changed,
    (EC2, "RevokeSecurityGroupIngress"): _group_changed,
    (EC2, "RevokeSecurityGroupEgress"): _group_changed,
    (EC2, "ModifySecurityGroupRules"): _group_changed,
    (EC2, "CreateTags"): _tagged,
    (EC2, "DeleteTags"): _tagged,
}
