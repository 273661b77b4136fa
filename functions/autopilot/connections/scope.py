"""Which endpoint services to look at: all, or those that the events named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.gateway.scope import MOST_IDS


@dataclass(frozen=True)
class ConnectionScope:
    """Endpoint services, named by their ids or by the ARN of a load balancer behind them.

    `everything` swallows the lists. The lists are sorted, so equal scopes are equal.
    """

    everything: bool = False
    service_ids: tuple[str, ...] = ()
    load_balancer_arns: tuple[str, ...] = ()

    def __or__(self, other: ConnectionScope) -> ConnectionScope:
        """What either of them covers; everything when a list is longer than `MOST_IDS`."""
        services = {*self.service_ids, *other.service_ids}
        balancers = {*self.load_balancer_arns, *other.load_balancer_arns}
        too_many = max(len(services), len(balancers)) > MOST_IDS
        if self.everything or other.everything or too_many:
            return ALL_SERVICES
        return ConnectionScope(False, tuple(sorted(services)), tuple(sorted(balancers)))

    def to_json(self) -> Any:
        """The word "all", or an object of two lists."""
        if self.everything:
            return "all"
        return {
            "service_ids": list(self.service_ids),
            "load_balancer_arns": list(self.load_balancer_arns),
        }

    @staticmethod
    def from_json(data: str | Mapping[str, Any]) -> ConnectionScope:
        """Read what `to_json` wrote; a list may lack. Raises ValueError on anything else."""
        if data == "all":
            return ALL_SERVICES
        if not isinstance(data, Mapping):
            raise ValueError(f'scope is {data!r}; write "all" or an object of id lists')
        return ConnectionScope() | ConnectionScope(
            False, tuple(data.get("service_ids", ())), tuple(data.get("load_balancer_arns", ()))
        )


ALL_SERVICES = ConnectionScope(everything=True)
