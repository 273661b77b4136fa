"""Zones by ID: whether a service, an endpoint and the consumer's VPC meet in the same ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, assert_never

from autopilot.notify.finding import Finding
from autopilot.reconcile.codec import encode

Status = Literal["aligned", "partial", "none", "unknown", "not_applicable"]
Require = Literal["all", "any"]
# "use1-az1", not "use1-bos1-az1" (a local zone) nor "use1-wl1-bos-wlz1" (a wavelength zone):
# neither has endpoints.
_ORDINARY = re.compile(r"[a-z]+\d+-az\d+")


@dataclass(frozen=True)
class Alignment:
    """How one endpoint's zones meet those of its service; zone IDs and subnet ids, sorted.

    `shared`: zones that both have. `lost`: zones of the endpoint that the service no longer has.
    `would_serve`: the consumer's subnets by zone where the service is and the endpoint isn't.
    `never`: the consumer's subnets by zone where the service isn't. `why` is a sentence for unknown
    and not_applicable, else "".
    """

    service_id: str
    endpoint_id: str
    owner: str
    status: Status
    why: str = ""
    shared: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    would_serve: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    never: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The subject of a finding about it."""
        return f"{self.service_id}/{self.endpoint_id}"


@dataclass(frozen=True)
class ZonesReport:
    """What comparing came to. `looked_at`: the subjects whose ZonesMisaligned it speaks for."""

    alignments: tuple[Alignment, ...] = ()
    findings: tuple[Finding, ...] = ()
    looked_at: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConsumerSide:
    """What the consumer's account shows of one endpoint: its subnets, and the zone ID of each
    subnet of its VPC. `single`: an endpoint of a kind that lives in one zone only.
    """

    subnet_ids: tuple[str, ...]
    zone_of: Mapping[str, str]
    single: bool = False


def compare(found: Alignment, service_zones: Collection[str], consumer: ConsumerSide) -> Alignment:
    """What is `found` of an endpoint, with how its zones meet the service's (IDs, never names)."""
    if why := _not_known(service_zones, consumer):
        return replace(found, status="unknown", why=why)
    served = {consumer.zone_of[id_] for id_ in consumer.subnet_ids}
    shared, lost = served & set(service_zones), served - set(service_zones)
    elsewhere = {} if consumer.single else _ordinary(consumer.zone_of)
    would_serve, never = _by_zone(elsewhere, served, service_zones)
    apart: Status = "partial" if lost or would_serve or never else "aligned"
    return replace(
        found,
        status=apart if shared else "none",
        shared=tuple(sorted(shared)),
        lost=tuple(sorted(lost)),
        would_serve=would_serve,
        never=never,
    )


def _not_known(service_zones: Collection[str], consumer: ConsumerSide) -> str:
    """Why nothing can be compared, "" if it can."""
    if not service_zones:
        return "AWS names no zone of the service"
    if missing := [id_ for id_ in consumer.subnet_ids if id_ not in consumer.zone_of]:
        return f"the zone of {missing[0]} isn't known"
    return "" if consumer.subnet_ids else "the endpoint shows no subnet"


def misaligned(alignment: Alignment, require: Require) -> bool:
    """Whether ops should know; what is unknown is not misaligned."""
    match require:
        case "all":
            return alignment.status in ("partial", "none")
        case "any":
            return alignment.status == "none"
        case unknown:
            assert_never(unknown)


def advised(
    zone_ids: Collection[str], subnet_ids: Collection[str], zone_of: Mapping[str, str]
) -> dict[str, Any]:
    """Which subnets of a VPC an endpoint could have, where one was refused: for ZoneAdvice."""
    would_serve, never = _by_zone(_ordinary(zone_of), (), zone_ids)
    refused = [id_ for id_ in subnet_ids if zone_of.get(id_, "") not in zone_ids]
    return {
        "zone_ids": sorted(zone_ids),
        "refused": sorted(refused),
        "would_serve": encode(would_serve),
        "never": encode(never),
    }


def _ordinary(zone_of: Mapping[str, str]) -> dict[str, str]:
    return {id_: zone for id_, zone in zone_of.items() if _ORDINARY.fullmatch(zone)}


def _by_zone(
    zone_of: Mapping[str, str], served: Collection[str], service_zones: Collection[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Subnets in zones that the endpoint is not in: where the service is, and where it is not."""
    subnets: dict[str, list[str]] = {}
    for id_, zone in sorted(zone_of.items()):
        if zone not in served:
            subnets.setdefault(zone, []).append(id_)
    zones = sorted(subnets)
    return (
        {zone: tuple(subnets[zone]) for zone in zones if zone in service_zones},
        {zone: tuple(subnets[zone]) for zone in zones if zone not in service_zones},
    )
