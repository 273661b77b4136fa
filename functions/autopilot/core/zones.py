"""Zones by ID: whether a service, an endpoint and the consumer's VPC meet in the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from autopilot.core.finding import Finding

Status = Literal["aligned", "partial", "none", "unknown", "not_applicable"]


@dataclass(frozen=True)
class Alignment:
    """How one endpoint's zones meet those of its service; zone IDs and subnet ids, sorted.

    `shared`: zones that both have. `lost`: zones of the endpoint that the service no longer has.
    `would_serve`: the consumer's subnets by zone that the service has and the endpoint lacks.
    `never`: the consumer's subnets by zone that the service lacks. `why` is a sentence for unknown
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

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            **asdict(self),
            "shared": list(self.shared),
            "lost": list(self.lost),
            "would_serve": {zone: list(ids) for zone, ids in self.would_serve.items()},
            "never": {zone: list(ids) for zone, ids in self.never.items()},
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Alignment:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        return Alignment(
            data["service_id"],
            data["endpoint_id"],
            data["owner"],
            data["status"],
            data["why"],
            tuple(data["shared"]),
            tuple(data["lost"]),
            {zone: tuple(ids) for zone, ids in data["would_serve"].items()},
            {zone: tuple(ids) for zone, ids in data["never"].items()},
        )


@dataclass(frozen=True)
class ZonesReport:
    """What comparing came to. `looked_at`: the subjects whose ZonesMisaligned it speaks for.

    | finding | severity | subject | data |
    |---|---|---|---|
    | ZonesMisaligned | action | service id/endpoint id | service_id, service_name, endpoint_id, |
    | | | | owner, status, shared, lost, would_serve, never |
    | ZoneAdvice | info | VPC id/service name | vpc_id, service_name, by, error, at, zone_ids (of |
    | | | | the service), refused (subnet ids), would_serve and never (zone to subnet ids), why |
    | | | | ("", or why no advice could be worked out) |
    """

    alignments: tuple[Alignment, ...] = ()
    findings: tuple[Finding, ...] = ()
    looked_at: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "alignments": [alignment.to_json() for alignment in self.alignments],
            "findings": [finding.to_json() for finding in self.findings],
            "looked_at": list(self.looked_at),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ZonesReport:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        return ZonesReport(
            tuple(map(Alignment.from_json, data["alignments"])),
            tuple(map(Finding.from_json, data["findings"])),
            tuple(data["looked_at"]),
        )
