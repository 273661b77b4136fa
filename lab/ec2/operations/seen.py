"""What is still listed of endpoints that are deleted (openshift/hypershift #9517)."""

from __future__ import annotations

from typing import Any

from ..network import Endpoint, Gone, Network
from ..privatelink import InterfaceEndpoint
from ..world import World


def leave(
    world: World,
    network: Network,
    endpoint: Endpoint | InterfaceEndpoint,
    item: dict[str, Any],
    when: float,
) -> None:
    """Has describes show an endpoint as `deleted` for a while from `when` on, as it last was."""
    shown = {**item, "State": "deleted", "NetworkInterfaceIds": [], "DnsEntries": []}
    network.gone_endpoints[endpoint.id] = Gone(endpoint.id, str(endpoint.vpc_id), shown)

    def forget(_when: float) -> None:
        network.gone_endpoints.pop(endpoint.id, None)

    world.later("gone endpoint listed", (network,), forget, since=when)
