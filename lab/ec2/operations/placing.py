"""Where an interface endpoint stands: its subnets, zones, network interfaces and groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..call import Call
from ..errors import AwsError, invalid_parameter
from ..identifiers import ENDPOINT_SUBNET
from ..network import Network
from ..privatelink import InterfaceEndpoint
from . import address_types, interfaces, owned, subnet_addresses, subnet_blocks
from .targets import Target


def subnets(
    call: Call,
    vpc_id: str,
    target: Target,
    wanted: Iterable[str],
    taken: Iterable[str] = (),
    *,
    address_type: str = "ipv4",
) -> list[Any]:
    """The subnets asked for; `taken` are zone ids in which the endpoint stands already.

    Raises:
        AwsError: one is unknown, of another VPC, full, in a zone without the service
            (aws-sdk-go-v2 #1024), in one without remote access (chanzuckerberg/cztack #865) or in
            one with another subnet (openshift/hypershift #8651).
    """
    found, zone_ids = [], set(taken)
    for identifier in dict.fromkeys(wanted):
        subnet = owned.subnet(call, identifier, ENDPOINT_SUBNET)
        zone_id = str(subnet.availability_zone_id)
        _check_place(call, vpc_id, target, subnet, address_type)
        if zone_id in zone_ids:
            raise AwsError(
                "DuplicateSubnetsInSameZone",
                f"Found another VPC endpoint subnet in the availability zone of {subnet.id}",
            )
        zone_ids.add(zone_id)
        found.append(subnet)
    return found


def _check_place(call: Call, vpc_id: str, target: Target, subnet: Any, address_type: str) -> None:
    if subnet.vpc_id != vpc_id:
        raise invalid_parameter(f"Subnet {subnet.id} does not belong to VPC {vpc_id}.")
    _check_zone(target, subnet)
    address_types.check_subnet(address_type, subnet)
    if address_type != "ipv6" and call.network.free_address(subnet) is None:
        raise AwsError(*interfaces.NO_ADDRESS)
    subnet_addresses.wished(call, subnet)


def _check_zone(target: Target, subnet: Any) -> None:
    if subnet.availability_zone_id in target.zone_ids:
        return
    if target.remote:
        there = ", ".join(sorted(target.zone_ids))
        raise invalid_parameter(
            f"Only the following availability zones are supported for remote access: {there}"
        )
    raise invalid_parameter(
        f"The VPC endpoint service {target.name} does not support the availability zone of the"
        f" subnet: {subnet.id}."
    )


def groups(call: Call, vpc_id: str, wanted: Iterable[str]) -> list[str]:
    """The ids of the groups asked for.

    Raises:
        AwsError: one is unknown, or of another VPC.
    """
    found = [owned.group(call, each) for each in dict.fromkeys(wanted)]
    for group in found:
        if group.vpc_id != vpc_id:
            raise invalid_parameter(f"Security group {group.id} does not belong to VPC {vpc_id}.")
    owned.check_group_count(found)
    return [str(group.id) for group in found]


#: botocore's NetworkInterfaceType has one of its own for these; for others: believed.
_INTERFACE_TYPES = {"GatewayLoadBalancer": "gateway_load_balancer_endpoint"}


def settle_in(call: Call, endpoint: InterfaceEndpoint, places: list[Any]) -> None:
    """Gives the endpoint a network interface in each of some more subnets."""
    network = call.network
    for subnet in places:
        interface = network.create_network_interface(
            subnet,
            subnet_addresses.wished(call, subnet) or network.free_address(subnet) or "0.0.0.0",  # noqa: S104 - moto wants one; taken below
            group_ids=list(endpoint.group_ids),
            description=f"VPC Endpoint Interface {endpoint.id}",
        )
        interface.requester_managed, interface.status = True, "in-use"
        interface.interface_type = _INTERFACE_TYPES.get(endpoint.kind, "vpc_endpoint")
        address(call, endpoint, interface)
        endpoint.interfaces[subnet.id] = interface.id
        endpoint.zones[subnet.id] = str(subnet.availability_zone_id)


def address(call: Call, endpoint: InterfaceEndpoint, interface: Any) -> None:
    """Gives an interface of the endpoint's the addresses that the endpoint's type asks for."""
    six = endpoint.address_type != "ipv4"
    if not six:
        interface.ipv6_addresses = []
    elif not interface.ipv6_addresses:
        interface.ipv6_addresses = [subnet_blocks.free_address(call, interface.subnet)]
    if endpoint.address_type == "ipv6":
        interface.private_ip_address, interface.private_ip_addresses = None, []


def leave(network: Network, endpoint: InterfaceEndpoint, subnet_ids: Iterable[str]) -> None:
    """Takes the endpoint's network interfaces out of some of its subnets."""
    for subnet_id in list(subnet_ids):
        interface_id = endpoint.interfaces.pop(subnet_id, None)
        endpoint.zones.pop(subnet_id, None)
        if interface_id is not None:
            network.enis.pop(interface_id, None)
            network.forget_tags(interface_id)


def bear(network: Network, endpoint: InterfaceEndpoint, group_ids: list[str]) -> None:
    """Has the endpoint's network interfaces bear these groups."""
    held = network.groups.get(endpoint.vpc_id, {})
    endpoint.group_ids = group_ids
    for interface_id in endpoint.interfaces.values():
        network.enis[interface_id]._group_set = [held[each] for each in group_ids]
