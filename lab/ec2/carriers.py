"""What CloudWatch calls whatever carries traffic."""

from __future__ import annotations

from .outside import Carrier
from .world import World


def carrier(world: World, identifier: str) -> Carrier:
    """Whose it is, in which Region, and the dimensions of its metrics.

    Raises:
        ValueError: there is no such thing, or AWS writes no metrics of it.
    """
    for (account, region), network in world.networks.items():
        if identifier in network.nat_gateways:
            return Carrier(account, region)
        endpoint = network.interface_endpoints.get(identifier)
        if endpoint is None:
            continue
        if endpoint.service_region != endpoint.region:
            raise ValueError(f"{identifier} leads to another Region: AWS writes no metrics of it")
        # PrivateLink guide, "Endpoint metrics and dimensions".
        dimensions = {
            "Endpoint Type": endpoint.kind,
            "Service Name": endpoint.service_name,
            "VPC Endpoint Id": endpoint.id,
            "VPC Id": endpoint.vpc_id,
        }
        return Carrier(account, region, tuple(dimensions.items()), tuple(endpoint.interfaces))
    raise ValueError(f"there is no interface endpoint or NAT gateway {identifier!r}")
