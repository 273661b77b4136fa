"""What an event says about where to look; several events of a batch as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from autopilot.reconcile.cloudtrail import EC2, REQUEST, RESPONSE, Call, Event
from autopilot.reconcile.scope import MOST_IDS, WHOLE_NETWORK, NetworkScope
from autopilot.reconcile.visible import gone
from autopilot.reconcile.wakeup import Readers, Wakeup, heard


@dataclass(frozen=True)
class NetworkWakeup(Wakeup[NetworkScope]):
    """Where to look, and what the look must show to be believed.

    `inside` maps tables and endpoints to their VPC, as far as the events tell. `made_by_stacks`:
    VPCs and tables that CloudFormation called for, whose tags may not say so yet.
    """

    workflow: ClassVar[str] = "network"
    inside: Mapping[str, str] = field(default_factory=dict)
    made_by_stacks: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The execution's input."""
        made = {"made_by_stacks": list(self.made_by_stacks)} if self.made_by_stacks else {}
        return {**super().document(), **made}

    def __or__(self, other: Self) -> Self:
        """What both of them say."""
        return replace(
            super().__or__(other),
            inside={**self.inside, **other.inside},
            made_by_stacks=tuple(sorted({*self.made_by_stacks, *other.made_by_stacks})),
        )

    def complete(self) -> Self:
        """With a table or endpoint whose VPC one of the events names looked for in that VPC."""
        scope, inside = self.scope, self.inside
        named = (*scope.route_table_ids, *scope.endpoint_ids)
        without = NetworkScope(
            scope.everything,
            scope.vpc_ids,
            tuple(i for i in scope.route_table_ids if i not in inside),
            tuple(i for i in scope.endpoint_ids if i not in inside),
        )
        folded = without | NetworkScope.of(vpc_ids=[inside[i] for i in named if i in inside])
        made = self.made_by_stacks[:MOST_IDS]
        return replace(super().complete(), scope=folded, made_by_stacks=made)


def read(event: Event) -> NetworkWakeup | None:
    """The wake-up in an event; None if it isn't for us.

    Raises BadEvent, and nothing else, on whatever can't be read.
    """
    wakeup = heard(event, _READERS, NetworkWakeup(WHOLE_NETWORK))
    if wakeup is None or event.call is None or not event.call.by_cloudformation:
        return wakeup
    named = {*wakeup.expect, *wakeup.scope.route_table_ids}
    made = tuple(sorted(i for i in named if i.startswith(("vpc-", "rtb-"))))
    return replace(wakeup, made_by_stacks=made)


def _vpc_created(call: Call) -> NetworkWakeup:
    vpc_ids = call.required(RESPONSE, "vpcid", "vpc")
    return NetworkWakeup(NetworkScope.of(vpc_ids=vpc_ids), expect=tuple(sorted(vpc_ids)))


def _table_created(call: Call) -> NetworkWakeup:
    table = call.only(RESPONSE, "routetableid", "rtb")
    vpc = call.only(RESPONSE, "vpcid", "vpc")
    return NetworkWakeup(NetworkScope(vpc_ids=(vpc,)), expect=(table,), inside={table: vpc})


def _table_associated(call: Call) -> NetworkWakeup:
    tables = call.required(REQUEST, "routetableid", "rtb")
    return NetworkWakeup(NetworkScope.of(route_table_ids=tables))


def _endpoint_created(call: Call) -> NetworkWakeup | None:
    if not call.endpoint_types <= {"Gateway"}:
        return None
    endpoint = call.only(RESPONSE, "vpcendpointid", "vpce")
    vpc = call.only(RESPONSE, "vpcid", "vpc")
    return NetworkWakeup(NetworkScope(vpc_ids=(vpc,)), expect=(endpoint,), inside={endpoint: vpc})


def _endpoint_modified(call: Call) -> NetworkWakeup:
    endpoints = call.required(REQUEST, "vpcendpointid", "vpce")
    return NetworkWakeup(NetworkScope.of(endpoint_ids=endpoints))


def _endpoints_deleted(call: Call) -> NetworkWakeup:
    """A deleted endpoint can't be asked for its VPC; the answer lists those not deleted."""
    endpoints = call.required(REQUEST, "vpcendpointid", "vpce")
    kept = call.ids(RESPONSE, "resourceid", "vpce")
    return NetworkWakeup(WHOLE_NETWORK, expect=tuple(gone(i) for i in sorted(endpoints - kept)))


def _tagged(call: Call) -> NetworkWakeup | None:
    vpcs, tables = (call.ids(REQUEST, "resourceid", each) for each in ("vpc", "rtb"))
    scope = NetworkScope.of(vpc_ids=vpcs, route_table_ids=tables)
    return NetworkWakeup(scope) if scope else None


_READERS: Readers[NetworkWakeup] = {
    (EC2, "CreateVpc"): _vpc_created,
    (EC2, "CreateDefaultVpc"): _vpc_created,
    (EC2, "CreateRouteTable"): _table_created,
    (EC2, "AssociateRouteTable"): _table_associated,
    (EC2, "ReplaceRouteTableAssociation"): _table_associated,
    # It names only an association: in which VPC?
    (EC2, "DisassociateRouteTable"): lambda _: NetworkWakeup(WHOLE_NETWORK),
    (EC2, "CreateVpcEndpoint"): _endpoint_created,
    (EC2, "ModifyVpcEndpoint"): _endpoint_modified,
    (EC2, "DeleteVpcEndpoints"): _endpoints_deleted,
    (EC2, "CreateTags"): _tagged,
    (EC2, "DeleteTags"): _tagged,
}
