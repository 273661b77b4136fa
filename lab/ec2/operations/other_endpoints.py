"""Endpoints of the types that are neither gateway nor interface: made and shown, not changed."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from .. import chance
from ..call import Call
from ..errors import AwsError, invalid_parameter, invalid_value, missing_parameter
from ..identifiers import ENDPOINT_VPC
from ..listing import Item
from ..network import Network, new_id
from ..privatelink import LATTICE, InterfaceEndpoint
from . import connections, interfaces, offers, owned, placing, quotas, targets
from .targets import Target

#: The member that names what such an endpoint leads to, and how its ARN ends. What VPC Lattice has
#: is not the lab's to know: an ARN of the right form is taken.
_LEADS_TO = {
    "Resource": ("ResourceConfigurationArn", r"resourceconfiguration/rcfg-[0-9a-z]{17}"),
    "Tunnel": ("ResourceConfigurationArn", r"resourceconfiguration/rcfg-[0-9a-z]{17}"),
    "ServiceNetwork": ("ServiceNetworkArn", r"servicenetwork/sn-[0-9a-z]{17}"),
}
_BALANCED = "GatewayLoadBalancer"
TYPES = frozenset({_BALANCED, *LATTICE})


def view(network: Network, endpoint: InterfaceEndpoint) -> Item:
    """An endpoint as DescribeVpcEndpoints shows it: the members of the AWS CLI's examples.

    Those of VPC Lattice have states that begin with a capital, and no service.
    """
    shown: Item = {
        "VpcEndpointId": endpoint.id,
        "VpcEndpointType": endpoint.kind,
        "VpcId": endpoint.vpc_id,
        "SubnetIds": list(endpoint.interfaces),
        "CreationTimestamp": endpoint.created,
        "Tags": network.tags_of(endpoint.id),
        "OwnerId": network.account_id,
    }
    more = _balanced_view if endpoint.kind == _BALANCED else _lattice_view
    return {**shown, **more(network, endpoint)}


def _balanced_view(_network: Network, endpoint: InterfaceEndpoint) -> Item:
    return {
        "ServiceName": endpoint.service_name,
        "State": endpoint.state,
        "RequesterManaged": endpoint.requester_managed,
        "NetworkInterfaceIds": list(endpoint.interfaces.values()),
    }


def _lattice_view(network: Network, endpoint: InterfaceEndpoint) -> Item:
    held = network.groups.get(endpoint.vpc_id, {})
    member, _ = _LEADS_TO[endpoint.kind]
    return {
        "State": endpoint.state[:1].upper() + endpoint.state[1:],
        "Groups": [{"GroupId": each, "GroupName": held[each].name} for each in endpoint.group_ids],
        "IpAddressType": "IPV4",
        "PrivateDnsEnabled": endpoint.private_dns,
        member: endpoint.lattice_arn,
    }


def make(call: Call) -> Item:
    """Makes the endpoint that the call asks for; returns the view of it.

    Raises:
        AwsError: anything about it is refused; nothing has changed then.
    """
    if call.get("RouteTableIds"):
        raise invalid_parameter("Route table IDs are only supported for Gateway type VPC Endpoint.")
    kind = call.get("VpcEndpointType")
    vpc = owned.vpc(call, call.get("VpcId"), ENDPOINT_VPC)
    tags = call.tags_for("vpc-endpoint")
    endpoint = _balanced(call, vpc.id) if kind == _BALANCED else _of_lattice(call, vpc.id, kind)
    call.network.create_tags([endpoint.id], tags)
    return view(call.network, endpoint)


def _balanced(call: Call, vpc_id: str) -> InterfaceEndpoint:
    """One that leads to a gateway load balancer's service: in one subnet, with no group."""
    target = _target(call)
    if call.get("SecurityGroupIds"):
        raise invalid_parameter(
            "Security group IDs are only supported for Interface type VPC Endpoints."
        )
    named = call.get("SubnetIds", [])
    if len(named) > 1:
        raise invalid_parameter("A GatewayLoadBalancer endpoint can be in one subnet only.")
    places = placing.subnets(call, vpc_id, target, named)
    quotas.check_interface_endpoints(call, vpc_id)
    endpoint = _new(call, vpc_id, _BALANCED)
    endpoint.service_name, endpoint.service_region = target.name, target.region
    endpoint.service_id = target.service.id if target.service else None
    call.network.interface_endpoints[endpoint.id] = endpoint
    placing.settle_in(call, endpoint, places)
    connections.ask(call, endpoint, target)
    return endpoint


def _target(call: Call) -> Target:
    name = call.get("ServiceName")
    if not name:
        raise missing_parameter("ServiceName")
    offers.refuse_type(call, name, _BALANCED)
    service = offers.find_private(call, name)
    if service is None or not offers.usable(call, service):
        raise offers.unknown_service(name)
    targets.check_ready(call, service)
    return targets.published(call, service)


def _of_lattice(call: Call, vpc_id: str, kind: str) -> InterfaceEndpoint:
    member, form = _LEADS_TO[kind]
    arn = call.get(member)
    if not arn:
        raise missing_parameter(member)
    if not re.fullmatch(rf"arn:aws[a-z-]*:vpc-lattice:[a-z0-9-]+:\d{{12}}:{form}", arn):
        raise invalid_value(arn, member)
    if call.get("ServiceName"):
        raise invalid_parameter(f"ServiceName is not supported for {kind} type VPC Endpoints.")
    places = placing.subnets(call, vpc_id, targets.anywhere(call, arn), call.get("SubnetIds", []))
    groups = placing.groups(call, vpc_id, call.get("SecurityGroupIds", []))
    endpoint = _new(call, vpc_id, kind)
    endpoint.lattice_arn = arn
    endpoint.group_ids = groups or [interfaces.default_group(call, vpc_id)]
    endpoint.private_dns = bool(call.get("PrivateDnsEnabled"))
    call.network.interface_endpoints[endpoint.id] = endpoint
    placing.settle_in(call, endpoint, places)
    connections.settle(call.world, endpoint)
    return endpoint


def _new(call: Call, vpc_id: str, kind: str) -> InterfaceEndpoint:
    now, identifier = call.world.clock(), new_id("vpce")
    return InterfaceEndpoint(
        id=identifier,
        owner=call.caller.account,
        region=call.caller.region,
        vpc_id=vpc_id,
        service_name="",
        service_region=call.caller.region,
        service_id=None,
        dns_label=f"{identifier}-{chance.token_hex('vpce-dns', 4)}",
        dns_suffix="",
        private_dns_name=None,
        private_zone_id="",
        policy="",
        created=datetime.fromtimestamp(now, UTC),
        state="pending",
        settled_at=now,
        group_ids=[],
        kind=kind,
    )


def refuse_change(endpoint: InterfaceEndpoint) -> None:
    """Says that the lab changes none of these.

    Raises:
        AwsError: the endpoint is of one of these types.
    """
    if endpoint.kind in TYPES:
        raise AwsError(
            "UnsupportedOperation", f"The lab does not change endpoints of type {endpoint.kind}."
        )
