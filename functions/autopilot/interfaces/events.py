"""What an event says about interface endpoints: where to look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from autopilot.interfaces.request import EVERYWHERE, InterfaceScope
from autopilot.reconcile.cloudtrail import EC2, Detail, Event, endpoint_types, ids, only, required
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
    return heard(event, _READERS, InterfaceWakeup(EVERYWHERE))


def _vpc_created(detail: Detail) -> InterfaceWakeup:
    vpc_ids = required(detail, "responseElements", "vpcid", "vpc")
    return InterfaceWakeup(InterfaceScope.of(vpc_ids=vpc_ids), expect=tuple(sorted(vpc_ids)))


def _vpc_changed(detail: Detail) -> InterfaceWakeup:
    """Its attributes or blocks; taking a block away may name the association only."""
    named = _found(detail, "vpcid", "vpc")
    return InterfaceWakeup(InterfaceScope.of(vpc_ids=named) if named else EVERYWHERE)


def _block_added(detail: Detail) -> InterfaceWakeup:
    """It is on its way at first, and lets nobody in before it is associated."""
    return replace(_vpc_changed(detail), expect=tuple(sorted(_blocks(detail))))


def _block_taken(detail: Detail) -> InterfaceWakeup:
    return replace(_vpc_changed(detail), expect=tuple(sorted(map(gone, _blocks(detail)))))


def _blocks(detail: Detail) -> set[str]:
    return _found(detail, "associationid", "vpc-cidr-assoc")


def _subnet_created(detail: Detail) -> InterfaceWakeup:
    subnet = only(detail, "responseElements", "subnetid", "subnet")
    vpc = only(detail, "responseElements", "vpcid", "vpc")
    return InterfaceWakeup(InterfaceScope.of(vpc_ids=[vpc]), expect=(subnet,))


def _endpoint_created(detail: Detail) -> InterfaceWakeup | None:
    if "Interface" not in endpoint_types(detail):
        return None
    endpoint = only(detail, "responseElements", "vpcendpointid", "vpce")
    vpc = only(detail, "responseElements", "vpcid", "vpc")
    return InterfaceWakeup(InterfaceScope.of(vpc_ids=[vpc]), expect=(endpoint,))


def _endpoint_named(detail: Detail) -> InterfaceWakeup | None:
    """Changed, or accepted by somebody in this account."""
    endpoints = ids(detail.get("requestParameters"), "vpcendpointid", "vpce")
    return InterfaceWakeup(InterfaceScope.of(endpoint_ids=endpoints)) if endpoints else None


def _endpoints_deleted(detail: Detail) -> InterfaceWakeup:
    """A deleted endpoint can't be asked for its VPC; the answer lists those not deleted."""
    endpoints = required(detail, "requestParameters", "vpcendpointid", "vpce")
    kept = ids(detail.get("responseElements"), "resourceid", "vpce")
    return InterfaceWakeup(EVERYWHERE, expect=tuple(gone(i) for i in sorted(endpoints - kept)))


def _group_changed(detail: Detail) -> InterfaceWakeup:
    """The group whose rules changed, not those that the rules speak of.

    It may be named by its name only; since 2023 the answer lists the rules, each with its group.
    """
    for part in ("requestParameters", "responseElements"):
        if groups := ids(detail.get(part), "groupid", "sg", without=_SPOKEN_OF):
            return InterfaceWakeup(InterfaceScope.of(group_ids=groups))
    return InterfaceWakeup(EVERYWHERE)


def _tagged(detail: Detail) -> InterfaceWakeup | None:
    scope = InterfaceScope.of(
        vpc_ids=_found(detail, "resourceid", "vpc"),
        subnet_ids=_found(detail, "resourceid", "subnet"),
        endpoint_ids=_found(detail, "resourceid", "vpce"),
        group_ids=_found(detail, "resourceid", "sg"),
    )
    return InterfaceWakeup(scope) if scope else None


def _found(detail: Detail, member: str, prefix: str) -> set[str]:
    parts = (detail.get("requestParameters"), detail.get("responseElements"))
    return {id_ for part in parts for id_ in ids(part, member, prefix)}


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
