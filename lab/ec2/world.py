"""The state behind the lab's EC2: networks by account and Region, shares, quotas and settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .network import Network

Clock = Callable[[], float]
#: What a describe shows of one kind of resource: id -> (VPC id, answer's item).
Snapshot = dict[str, dict[str, tuple[str | None, dict[str, Any]]]]


@dataclass
class Settings:
    """How this AWS behaves; changed by `Ec2.world`."""

    #: Seconds by which every describe trails the writes.
    lag_seconds: float = 0.0
    #: Seconds that a new or changed endpoint takes to settle: pending, closed to other changes.
    settle_seconds: float = 0.2
    #: The code of a second route for a prefix list: both are seen on AWS.
    route_exists_code: str = "RouteAlreadyExists"


@dataclass
class Remembered:
    """A call with a ClientToken: what was asked, and what was answered."""

    parameters: dict[str, Any]
    output: dict[str, Any]


@dataclass
class World:
    """Everything that the lab's EC2 knows. Not thread-safe: `Ec2` holds the lock."""

    clock: Clock = time.time
    settings: Settings = field(default_factory=Settings)
    networks: dict[tuple[str, str], Network] = field(default_factory=dict)
    balancers: dict[tuple[str, str], Any] = field(default_factory=dict)
    #: vpc id -> accounts that it is shared with.
    shares: dict[str, set[str]] = field(default_factory=dict)
    #: (account, Region, quota code) -> value.
    quotas: dict[tuple[str, str, str], float] = field(default_factory=dict)
    #: (account, Region, operation, token) -> call.
    tokens: dict[tuple[str, str, str, str], Remembered] = field(default_factory=dict)
    #: (account, Region) -> states as they were until a moment, oldest first.
    past: dict[tuple[str, str], list[tuple[float, Snapshot]]] = field(default_factory=dict)

    def network(self, account: str, region: str) -> Network:
        """The account's network in a Region, made when first asked for."""
        key = (account, region)
        if key not in self.networks:
            self.networks[key] = Network(region, account)
        return self.networks[key]

    def visible_networks(self, account: str, region: str) -> list[Network]:
        """The account's own network, then those that share a VPC with it."""
        own = self.network(account, region)
        others = [
            network
            for (owner, where), network in self.networks.items()
            if where == region and owner != account and self._shares_with(network, account)
        ]
        return [own, *others]

    def _shares_with(self, network: Network, account: str) -> bool:
        return any(account in self.shares.get(vpc_id, ()) for vpc_id in network.vpcs)

    def sharing_owner(self, account: str, region: str, vpc_id: str) -> str | None:
        """The owner of a VPC that another account shares with this one, or None."""
        if account not in self.shares.get(vpc_id, ()):
            return None
        for network in self.visible_networks(account, region)[1:]:
            if vpc_id in network.vpcs:
                return str(network.account_id)
        return None

    def remember_past(self, network: Network, snapshot: Callable[[Network], Snapshot]) -> None:
        """Before a write, keeps the state that describes go on showing for the lag's length."""
        key = (network.account_id, network.region_name)
        now, lag = self.clock(), self.settings.lag_seconds
        kept = [entry for entry in self.past.get(key, []) if entry[0] > now - lag]
        if lag > 0:
            kept.append((now, snapshot(network)))
        self.past[key] = kept

    def shown(self, network: Network) -> Snapshot | None:
        """The state that a describe shows now, or None for the present one."""
        then = self.clock() - self.settings.lag_seconds
        for until, snapshot in self.past.get((network.account_id, network.region_name), []):
            if until > then:
                return snapshot
        return None
