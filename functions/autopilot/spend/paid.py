"""Interface endpoints as they are paid for: each in each zone by the hour, and its data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from autopilot.interfaces.facts import Endpoint
from autopilot.policy.names import label
from autopilot.spend.facts import Facts, named
from autopilot.spend.model import Line
from autopilot.spend.prices import HOURS, PRICES, Prices

UNKNOWN_ZONE = "unknown zone"
# Nothing is paid for these any more (believed for those that failed or expired: AWS's page says
# "for each hour that your VPC endpoint remains provisioned").
_UNPAID = frozenset({"deleting", "deleted", "failed", "expired"})


@dataclass(frozen=True)
class Unit:
    """An endpoint in one zone: what an hour is paid for."""

    endpoint: Endpoint
    subnet_id: str
    zone_id: str


@dataclass(frozen=True)
class Paid:
    """The endpoints that are paid for, with what their data costs.

    `facts` hold all endpoints of the account in the Region.
    """

    facts: Facts

    @cached_property
    def prices(self) -> Prices | None:
        """The Region's; None: not known."""
        return PRICES.get(self.facts.stack.region)

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Anybody's, by id."""
        there = (e for e in self.facts.interfaces.endpoints if e.state.lower() not in _UNPAID)
        return tuple(sorted(there, key=lambda e: e.id))

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Each endpoint in each of its zones."""
        zones = {subnet.id: subnet.zone_id for subnet in self.facts.interfaces.subnets}
        return tuple(
            Unit(endpoint, subnet_id, zones.get(subnet_id) or UNKNOWN_ZONE)
            for endpoint in self.endpoints
            for subnet_id in endpoint.subnet_ids
        )

    @cached_property
    def bytes(self) -> dict[str, int]:
        """Bytes of a month by endpoint, as the window had them; without what wasn't measured."""
        measured, found = self.facts.measured, dict[str, int]()
        for each in self.endpoints:
            count = measured.endpoints.get(each.id)
            if count is not None and (hours := _hours(each, self.facts)):
                found[each.id] = count * HOURS // hours
        return found

    @cached_property
    def data(self) -> dict[str, int]:
        """What the data costs in micro-USD, by endpoint.

        Tiers go by the Region's total; each endpoint bears its share of that, and together they are
        what the total costs, to the last micro-USD.
        """
        if self.prices is None:
            return {}
        shares, before, below = dict[str, int](), 0, 0
        total = sum(self.bytes.values())
        whole = self.prices.data(total)
        for id_, count in self.bytes.items():
            below += count
            upto = whole * below // total if total else 0
            shares[id_], before = upto - before, upto
        return shares

    def hours(self, units: int) -> int | None:
        """What so many units cost by the hour in a month; None: the price isn't known."""
        return units * self.prices.endpoint_hour * HOURS if self.prices else None

    def line(self, id_: str, name: str, units: Sequence[Unit], data: bool = True) -> Line:
        """A line of units; `data`: with that of their endpoints, which must not be on others."""
        ids = {unit.endpoint.id for unit in units}
        counted = [self.bytes.get(each, 0) for each in ids] if data else []
        cost = sum(self.data.get(each, 0) for each in ids) if data else 0
        return Line(
            id=id_,
            name=name,
            endpoints=len(ids),
            zones=len(units),
            hours_micro_usd=self.hours(len(units)),
            bytes=sum(counted),
            data_micro_usd=cost if self.prices else None,
        )


def by_service(paid: Paid) -> tuple[Line, ...]:
    """By service, the dearest first."""
    region = paid.facts.stack.region
    return _lines(paid, lambda unit: label(unit.endpoint.service_name, region))


def by_vpc(paid: Paid) -> tuple[Line, ...]:
    """By VPC."""
    names = {vpc.id: named(vpc) for vpc in paid.facts.interfaces.vpcs}
    return _lines(paid, lambda unit: unit.endpoint.vpc_id, lambda id_: names.get(id_, ""))


def by_zone(paid: Paid) -> tuple[Line, ...]:
    """By zone, hours only: an endpoint's data isn't told zone by zone."""
    return _lines(paid, lambda unit: unit.zone_id, data=False)


def _lines(
    paid: Paid,
    key: Callable[[Unit], str],
    name: Callable[[str], str] = lambda _: "",
    *,
    data: bool = True,
) -> tuple[Line, ...]:
    groups: dict[str, list[Unit]] = {}
    for unit in paid.units:
        groups.setdefault(key(unit), []).append(unit)
    lines = (paid.line(id_, name(id_), units, data) for id_, units in groups.items())
    return tuple(sorted(lines, key=lambda each: (-each.micro_usd, -each.zones, each.id)))


def without(units: Iterable[Unit], taken: Iterable[Unit]) -> Iterator[Unit]:
    """The units that aren't among those that are taken."""
    gone = set(map(_key, taken))
    return (unit for unit in units if _key(unit) not in gone)


def _key(unit: Unit) -> tuple[str, str]:
    return unit.endpoint.id, unit.subnet_id


def _hours(endpoint: Endpoint, facts: Facts) -> int:
    """For how many hours of the window the endpoint was there; all, if nobody says."""
    made = datetime.fromisoformat(endpoint.created) if endpoint.created else None
    return facts.hours_since(made)
