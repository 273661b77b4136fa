"""The view: everything an operator can see, worked out once for the terminal, CloudWatch and JSON.

Plain data. Times are ISO 8601 in UTC with seconds, "" where nobody knows; names are Name tags, ""
where there is none, and may hold any text: each face escapes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from autopilot.notify.notice import Severity

Reach = Literal["private", "waiting", "not private", "left alone", "unknown"]
"""How a subnet reaches a service: by an endpoint; not yet, but it will; not, and won't by itself;
not, and the policy leaves it so; or what says so can't be read."""
WORST_FIRST: tuple[Reach, ...] = ("not private", "unknown", "waiting", "private", "left alone")
Served = Literal["served", "missing", "unknown"]
Part = Literal["vpcs", "services", "waiting", "problems"]
"""A list of the `Overview`, by its name."""
EVERY_PART: tuple[Part, ...] = ("vpcs", "services", "waiting", "problems")


@dataclass(frozen=True)
class Place:
    """Whose view it is."""

    account: str
    region: str
    stack: str
    mode: str
    at: str


@dataclass(frozen=True)
class SubnetView:
    """How one subnet reaches one service, and by which endpoint (`endpoint_id`, "" for none).

    `reason`: one sentence, for an operator. `service`: "s3", "dynamodb", or an interface service's
    full name. `subnet_id` is "" where the subnets can't be read: then `reach` is "unknown".
    """

    subnet_id: str
    name: str
    zone_id: str
    route_table_id: str
    service: str
    reach: Reach
    reason: str
    endpoint_id: str = ""


@dataclass(frozen=True)
class VpcView:
    """One VPC: its subnets' reach, one line for each subnet and service."""

    id: str
    name: str
    subnets: tuple[SubnetView, ...] = ()

    @property
    def worst(self) -> Reach:
        """The worst of its subnets' reach."""
        found = {each.reach for each in self.subnets}
        return next((reach for reach in WORST_FIRST if reach in found), "left alone")


@dataclass(frozen=True)
class ZoneRow:
    """The provider ("") or one consumer's endpoint, and how it stands in each zone ID.

    "missing": a zone of the consumer's in which the service can't be reached. Zones in which it has
    no subnet are left out.
    """

    endpoint_id: str
    owner: str
    zones: dict[str, Served] = field(default_factory=dict)


@dataclass(frozen=True)
class ConnectionView:
    """One connection: how it stands, who decided it, by which rule, why, since when.

    `state`: as AWS writes it. `by`: "autopilot", "expiry", a person's ARN or name as given, ""
    where nobody knows. `rule`: the policy's rule as it is written there, "" for none.
    """

    endpoint_id: str
    service_id: str
    service_name: str
    owner: str
    region: str
    state: str
    since: str
    by: str = ""
    rule: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ServiceView:
    """One endpoint service of this account, with its connections, worst first."""

    id: str
    name: str
    service_name: str
    load_balancers: tuple[str, ...] = ()
    zone_ids: tuple[str, ...] = ()
    connections: tuple[ConnectionView, ...] = ()
    zone_map: tuple[ZoneRow, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person or for its time.

    `kind` "request" can be answered (`autopilot accept`, `reject`); "Grace" (for an endpoint of its
    own tool) and "SteppedAside" only need time; every other is a finding's kind. `until`: when it
    ends by itself, and `then` how; "" for both: not without a person.
    """

    kind: str
    subject: str
    name: str
    since: str
    until: str
    then: str
    reason: str
    owner: str = ""
    service_id: str = ""


@dataclass(frozen=True)
class Problem:
    """An open finding, in the words of its mail."""

    id: str
    kind: str
    severity: Severity
    subject: str
    name: str
    since: str
    headline: str
    line: str
    told: bool = True


@dataclass(frozen=True)
class Unknown:
    """What couldn't be read ("subnets", "the ledger"), why, and which lists suffer.

    A face says so where it shows one of these: nothing there counts as fine.
    """

    what: str
    why: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Overview:
    """All of it. Lists are sorted worst first, then oldest, then by id."""

    place: Place
    vpcs: tuple[VpcView, ...] = ()
    services: tuple[ServiceView, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    problems: tuple[Problem, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    def unknown_in(self, part: Part) -> tuple[Unknown, ...]:
        """What couldn't be read of a list."""
        return tuple(each for each in self.unknown if part in each.parts)
