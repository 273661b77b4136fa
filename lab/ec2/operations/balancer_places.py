"""Where a load balancer stands: a network interface in each of its subnets."""

from __future__ import annotations

from typing import Any

from ..network import Network


def place(network: Network, balancer: Any, subnets: list[Any]) -> None:
    """Gives the balancer a network interface in each of its subnets, and takes the others."""
    name = balancer.arn.partition(":loadbalancer/")[2]
    description = f"ELB {name}"
    wanted = {subnet.id for subnet in subnets}
    standing = set()
    for interface in list(network.enis.values()):
        if interface.description != description:
            continue
        if interface.subnet.id in wanted:
            standing.add(interface.subnet.id)
        else:
            del network.enis[interface.id]
    for subnet in subnets:
        if subnet.id not in standing:
            _interface(network, subnet, description, balancer.type)
    balancer.subnets = subnets


def _interface(network: Network, subnet: Any, description: str, kind: str) -> None:
    interface = network.create_network_interface(
        subnet, network.free_address(subnet), description=description
    )
    interface.requester_managed, interface.status = True, "in-use"
    gateway = kind == "gateway"
    interface.interface_type = "gateway_load_balancer" if gateway else "network_load_balancer"
