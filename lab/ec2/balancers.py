"""Load balancers: moto's backend, told to look for subnets in the lab's networks."""

from __future__ import annotations

from typing import Any

from moto.elbv2.models import ELBv2Backend

from .network import Network


class Balancers(ELBv2Backend):  # type: ignore[misc]  # moto is untyped
    """One account's load balancers in one Region."""

    def __init__(self, network: Network) -> None:
        self.network = network
        super().__init__(network.region_name, network.account_id)

    @property
    def ec2_backend(self) -> Any:
        """The account's network, where moto would ask its own."""
        return self.network
