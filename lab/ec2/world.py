"""The state behind the lab's EC2: networks by account and Region, shares, quotas and settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import pace
from .agenda import Action, Agenda
from .clock import Clock
from .network import Network
from .outside import Directory, Notifier
from .privatelink import Service
from .throttle import Bucket

#: What describes show, by kind of resource: id -> (VPC id, answer's item).
Shown = dict[str, tuple[str | None, dict[str, Any]]]
Snapshot = dict[str, Shown]
#: Takes a snapshot of a network: of the kinds named, or of all.
Camera = Callable[[Network, float, frozenset[str] | None], Snapshot]
#: The kinds whose items change when the other side of a connection acts.
PRIVATELINK_KINDS = frozenset(
    {"vpc-endpoint", "vpc-endpoint-connection", "vpc-endpoint-service", "network-interface"}
)


@dataclass
class Settings:
    """How this AWS behaves; changed by `Ec2.world`."""

    #: Seconds by which every describe trails the writes.
    lag_seconds: float = 0.0
    #: Seconds that a new or changed endpoint takes to settle: pending, closed to other changes.
    settle_seconds: float = 0.2
    #: How long things take: "quick" (`settle_seconds`, mostly), or "aws", as long as on AWS.
    world: pace.Pace = "quick"
    #: How many times as fast as on AWS they go, where the pace is AWS's.
    speed: float = 1.0
    #: Whether the clock stands, so that time passes only when it is told to.
    time_stands: bool = False
    #: Whether a private DNS name's record is found when its verification is started.
    private_dns_verifies: bool = True
    #: Whether a provider can accept a connection that it has rejected before.
    accept_rejected: bool = True
    #: Whether connections take tags: they should, nobody has been seen to do it.
    connection_tags: bool = True
    #: Whether permission lists take organizations and units; the API reference names only accounts,
    #: users and roles.
    organization_principals: bool = True
    #: Whether an entry of a permission list says that it is for endpoints.
    permission_types: bool = True
    #: What connection notifications say: "json", "prose", "bare" or {"template": text}.
    notification_body: str | dict[str, str] = "json"
    #: {"speed": factor} for AWS's token buckets, so many times as fast; None for no throttling.
    throttle: dict[str, float] | None = None
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

    directory: Directory
    notifier: Notifier
    camera: Camera
    clock: Clock = field(default_factory=Clock)
    settings: Settings = field(default_factory=Settings)
    networks: dict[tuple[str, str], Network] = field(default_factory=dict)
    balancers: dict[tuple[str, str], Any] = field(default_factory=dict)
    #: vpc id -> accounts that it is shared with.
    shares: dict[str, set[str]] = field(default_factory=dict)
    #: (account, group of local or wavelength zones).
    opted_in: set[tuple[str, str]] = field(default_factory=set)
    #: (account, Region, quota code) -> value.
    quotas: dict[tuple[str, str, str], float] = field(default_factory=dict)
    #: (account, Region, operation, token) -> call.
    tokens: dict[tuple[str, str, str, str], Remembered] = field(default_factory=dict)
    #: (account, Region) -> states as they were until a moment, oldest first.
    past: dict[tuple[str, str], list[tuple[float, Snapshot]]] = field(default_factory=dict)
    #: (account, Region, action) -> token bucket.
    buckets: dict[tuple[str, str, str], Bucket] = field(default_factory=dict)
    agenda: Agenda = field(default_factory=Agenda)

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

    def service(self, service_id: str) -> Service | None:
        """An endpoint service, whoever publishes it."""
        for network in self.networks.values():
            if service_id in network.services:
                return network.services[service_id]
        return None

    def takes(self, what: pace.Takes) -> float:
        """How many seconds something takes, this time, at the world's pace."""
        now = self.settings
        return pace.seconds(now.world, now.speed, now.settle_seconds, what)

    def later(
        self,
        what: pace.Takes,
        networks: tuple[Network, ...],
        action: Action,
        since: float | None = None,
    ) -> None:
        """Has `action` done once `what`, which began now or at `since`, is over.

        It changes what `networks` show.
        """
        begun = self.clock() if since is None else since
        self.agenda.add(begun + self.takes(what), networks, action)

    def pass_time(self) -> None:
        """Does whatever has fallen due since the last call."""
        for when, networks, action in self.agenda.due(self.clock()):
            for network in networks:
                self.remember_past(network, when, PRIVATELINK_KINDS)
            action(when)

    def remember_past(
        self, network: Network, when: float | None = None, kinds: frozenset[str] | None = None
    ) -> None:
        """Before a change, keeps the state that describes go on showing for the lag's length.

        `when` is the moment of the change (now), `kinds` what it may change (everything).
        """
        key = (network.account_id, network.region_name)
        lag, now = self.settings.lag_seconds, self.clock()
        moment = now if when is None else when
        kept = [entry for entry in self.past.get(key, []) if entry[0] > now - lag]
        if lag > 0:
            kept.append((moment, self.camera(network, moment, kinds)))
        self.past[key] = kept

    def shown(self, network: Network, kind: str) -> Shown | None:
        """What describes show now of a kind, or None for the present state."""
        then = self.clock() - self.settings.lag_seconds
        for until, snapshot in self.past.get((network.account_id, network.region_name), []):
            if until > then and kind in snapshot:
                return snapshot[kind]
        return None
