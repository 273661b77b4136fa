"""Describes of what nobody can have in the lab: they find nothing, as in an account without it.

Tools that look around in a VPC before they touch it (CDK's look-ups, Terraform, clean-up scripts)
ask for these first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..call import Call, Handler, Operations
from ..errors import AwsError
from ..identifiers import ENDPOINT


@dataclass(frozen=True)
class _Absent:
    """The answer's list, the request's list of ids, and what AWS says of an id."""

    result: str
    ids: str
    code: str


_ABSENT = {
    "DescribeCarrierGateways": _Absent(
        "CarrierGateways", "CarrierGatewayIds", "InvalidCarrierGatewayID.NotFound"
    ),
    "DescribeCustomerGateways": _Absent(
        "CustomerGateways", "CustomerGatewayIds", "InvalidCustomerGatewayID.NotFound"
    ),
    "DescribeEgressOnlyInternetGateways": _Absent(
        "EgressOnlyInternetGateways",
        "EgressOnlyInternetGatewayIds",
        "InvalidGatewayID.NotFound",
    ),
    "DescribeFlowLogs": _Absent("FlowLogs", "FlowLogIds", "InvalidFlowLogId.NotFound"),
    "DescribeInstances": _Absent("Reservations", "InstanceIds", "InvalidInstanceID.NotFound"),
    "DescribeTransitGatewayVpcAttachments": _Absent(
        "TransitGatewayVpcAttachments",
        "TransitGatewayAttachmentIds",
        "InvalidTransitGatewayAttachmentID.NotFound",
    ),
    "DescribeTransitGateways": _Absent(
        "TransitGateways", "TransitGatewayIds", "InvalidTransitGatewayID.NotFound"
    ),
    "DescribeVpcPeeringConnections": _Absent(
        "VpcPeeringConnections",
        "VpcPeeringConnectionIds",
        "InvalidVpcPeeringConnectionID.NotFound",
    ),
    "DescribeVpnConnections": _Absent(
        "VpnConnections", "VpnConnectionIds", "InvalidVpnConnectionID.NotFound"
    ),
    "DescribeVpnGateways": _Absent("VpnGateways", "VpnGatewayIds", "InvalidVpnGatewayID.NotFound"),
}
#: These heed all that they are asked: nothing is what any narrower question finds, too.
ABSENT = tuple(_ABSENT)


def _nothing(absent: _Absent) -> Handler:
    def handler(call: Call) -> dict[str, Any]:
        named = call.get(absent.ids, [])
        if named:
            raise AwsError(absent.code, f"The ID '{named[0]}' does not exist")
        return {absent.result: []}

    return handler


def _associations(call: Call) -> dict[str, Any]:
    """What endpoints of the types Resource and ServiceNetwork lead to; the lab's lead to none."""
    for identifier in call.get("VpcEndpointIds", []):
        held = (call.network.endpoints, call.network.interface_endpoints)
        if not any(ENDPOINT.check(identifier) in each for each in held):
            raise ENDPOINT.unknown(identifier)
    return {"VpcEndpointAssociations": []}


_OTHERS: dict[str, Callable[[Call], dict[str, Any]]] = {
    "DescribeVpcEndpointAssociations": _associations
}
OPERATIONS: Operations = {
    **{operation: _nothing(absent) for operation, absent in _ABSENT.items()},
    **_OTHERS,
}
