"""Which interface endpoints and zones nobody has used for a time: verdicts with their reasons.

AWS reports a minute of `BytesProcessed` or `ActiveConnections` only if "the endpoint received
traffic during the one-minute period" (PrivateLink guide, "CloudWatch metrics for AWS PrivateLink").
So an endpoint without a single datapoint had no traffic, if its metrics come at all. That we take
as shown only where another endpoint of the account in the Region has some in the same time; else
the answer is "no data". Datapoints of zero, which that page doesn't foresee, count as no bytes.
Believed: that a `Service Name` is written in the metrics as DescribeVpcEndpoints writes it; what
CloudWatch lists of an endpoint under other dimensions counts as use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from autopilot.interfaces.facts import Endpoint
from autopilot.policy.tags import has_any

Word = Literal["in use", "idle", "too young", "no data", "kept"]
WHOLE = ""
"""In place of a subnet's id: the endpoint with all its zones."""


@dataclass(frozen=True)
class Traffic:
    """What CloudWatch says of one metric over a time: how many datapoints, and their values' sum.

    `complete`: AWS says that nothing is missing.
    """

    points: int = 0
    total: float = 0.0
    complete: bool = True


@dataclass(frozen=True)
class Readings:
    """What CloudWatch says of endpoints from `start` on.

    `bytes`: by endpoint and subnet (WHOLE: all together). `connections`: by endpoint the most that
    were open at once, summed up. `elsewhere`: endpoints that have metrics under dimensions that
    weren't asked for. `published`: whether any endpoint of the account has metrics here, anybody's.
    `failure`: why nothing could be read, "" if it could.
    """

    start: datetime
    bytes: Mapping[tuple[str, str], Traffic] = field(default_factory=dict)
    connections: Mapping[str, Traffic] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    published: bool = False
    failure: str = ""


@dataclass(frozen=True)
class Window:
    """For how long nobody must have used an endpoint, looked at `now` from Region `region`.

    `keep_tags`: an endpoint, or its VPC, with one of them is kept. `vpc_tags`: tags by VPC.
    `anew`: by endpoint since when its time runs, if later than its creation.
    """

    length: timedelta
    now: datetime
    region: str
    keep_tags: Mapping[str, str] = field(default_factory=dict)
    vpc_tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    anew: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def start(self) -> datetime:
        """Since when metrics are read: the midnight (UTC) before, so that each day is a whole."""
        return (self.now - self.length).replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def words(self) -> str:
        """Its length, as a person says it."""
        days = self.length.days
        return "1 day" if days == 1 else f"{days} days"


@dataclass(frozen=True)
class ZoneVerdict:
    """How one of an endpoint's zones stands; `bytes` that went through it, None: not known."""

    subnet_id: str
    word: Word
    reason: str
    bytes: float | None = None


@dataclass(frozen=True)
class Verdict:
    """How an endpoint and its zones stand; `bytes` that went through it, None: not known."""

    endpoint_id: str
    word: Word
    reason: str
    bytes: float | None = None
    zones: tuple[ZoneVerdict, ...] = ()


def verdicts(
    endpoints: Iterable[Endpoint], readings: Readings, window: Window
) -> tuple[Verdict, ...]:
    """The verdict on each endpoint, in their order."""
    return tuple(_verdict(endpoint, readings, window) for endpoint in endpoints)


def _verdict(endpoint: Endpoint, readings: Readings, window: Window) -> Verdict:
    word, reason = _judged(endpoint, readings, window)
    known = readings.bytes.get((endpoint.id, WHOLE))
    zones = tuple(_zones(endpoint, (word, reason), readings, window))
    total = known.total if known and _read(known, readings) else None
    return Verdict(endpoint.id, word, reason, total, zones)


def _judged(endpoint: Endpoint, readings: Readings, window: Window) -> tuple[Word, str]:
    if used := _used(endpoint, readings, window):
        return "in use", used
    if _is_kept(endpoint, window):
        return "kept", "it or its VPC bears a tag by which the policy keeps it"
    if unknown := _unknown(endpoint, readings, window):
        return "no data", unknown
    if young := _too_young(endpoint, window):
        return "too young", young
    return "idle", f"no bytes and no connection in {window.words}"


def _used(endpoint: Endpoint, readings: Readings, window: Window) -> str:
    """What shows that it is used, if anything: the smallest sign is enough."""
    by_place = [t for (id_, _), t in readings.bytes.items() if id_ == endpoint.id]
    most = max((each.total for each in by_place), default=0)
    if most > 0:
        return f"{most:,.0f} bytes in {window.words}"
    if (open_ := readings.connections.get(endpoint.id)) and open_.total > 0:
        return f"connections in {window.words}, though no bytes"
    if endpoint.id in readings.elsewhere:
        return "CloudWatch has metrics of it under dimensions that this version doesn't know"
    return ""


def _is_kept(endpoint: Endpoint, window: Window) -> bool:
    there = (endpoint.tags, window.vpc_tags.get(endpoint.vpc_id, {}))
    return any(has_any(tags, window.keep_tags) for tags in there)


def _unknown(endpoint: Endpoint, readings: Readings, window: Window) -> str:
    """Why nobody knows whether it is used; "" if it is known."""
    if readings.failure:
        return f"its metrics could not be read: {readings.failure}"
    if endpoint.standing != "available":
        return f"it is {endpoint.state}, so nobody could use it"
    if endpoint.service_region not in ("", window.region):
        # PrivateLink guide, as above: "not published ... for cross-Region access".
        return "AWS publishes no metrics of endpoints to services of another Region"
    asked = (readings.bytes.get((endpoint.id, WHOLE)), readings.connections.get(endpoint.id))
    if not all(traffic and _read(traffic, readings) for traffic in asked):
        return "CloudWatch gave a part of its metrics only"
    if not readings.published:
        return "no endpoint of the account has metrics here, so their absence shows nothing"
    return "" if _created(endpoint) else "AWS doesn't say when it was made"


def _read(traffic: Traffic, readings: Readings) -> bool:
    return traffic.complete and not readings.failure


def _too_young(endpoint: Endpoint, window: Window) -> str:
    made, anew = _created(endpoint), window.anew.get(endpoint.id)
    since = max(each for each in (made, anew) if each)
    if since <= window.now - window.length:
        return ""
    began = "made" if since == made else "restored"
    return f"{began} {since:%Y-%m-%d}, less than {window.words} ago"


def _created(endpoint: Endpoint) -> datetime | None:
    return datetime.fromisoformat(endpoint.created) if endpoint.created else None


def _zones(
    endpoint: Endpoint, whole: tuple[Word, str], readings: Readings, window: Window
) -> Iterator[ZoneVerdict]:
    """Zones of a used endpoint stand by themselves, those of any other as it does.

    How long a subnet has been the endpoint's AWS doesn't say; it counts as old as the endpoint.
    """
    known = {id_: readings.bytes.get((endpoint.id, id_)) for id_ in endpoint.subnet_ids}
    any_used = any(traffic and traffic.total > 0 for traffic in known.values())
    left = sum(1 for traffic in known.values() if traffic and traffic.total > 0)
    for subnet_id, traffic in known.items():
        total = traffic.total if traffic and _read(traffic, readings) else None
        if whole[0] != "in use":
            yield ZoneVerdict(subnet_id, *whole, total)
        elif traffic and traffic.total > 0:
            yield ZoneVerdict(
                subnet_id, "in use", f"{traffic.total:,.0f} bytes in {window.words}", total
            )
        elif total is None or not any_used:
            yield ZoneVerdict(subnet_id, "no data", "CloudWatch doesn't tell its zones apart", None)
        else:
            yield _quiet(endpoint, subnet_id, left, window)


def _quiet(endpoint: Endpoint, subnet_id: str, left: int, window: Window) -> ZoneVerdict:
    """A zone without bytes of an endpoint that others use."""
    if _is_kept(endpoint, window):
        reason = "the endpoint or its VPC bears a tag by which the policy keeps it"
        return ZoneVerdict(subnet_id, "kept", reason, 0.0)
    if not _created(endpoint):
        return ZoneVerdict(subnet_id, "no data", "AWS doesn't say when the endpoint was made", 0.0)
    if young := _too_young(endpoint, window):
        return ZoneVerdict(subnet_id, "too young", f"its endpoint was {young}", 0.0)
    rest = "one zone alone would serve" if left == 1 else f"{left} zones with traffic would serve"
    reason = (
        f"no bytes in {window.words} while others of the endpoint had some; without it {rest}, and"
        " whoever starts in this zone would cross into another, which costs by the gigabyte"
    )
    return ZoneVerdict(subnet_id, "idle", reason, 0.0)
