"""What an interface endpoint is to reach: one of AWS's services, or one that somebody publishes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..aws_services import AwsService, offered
from ..call import Call
from ..errors import AwsError, missing_parameter
from ..privatelink import InterfaceEndpoint, Service
from ..zones import zones
from . import offers

#: Zones from which no service of another Region is asked (PrivateLink guide, cross-Region access).
_NOT_REMOTE = frozenset({"use1-az3", "usw1-az2", "apne1-az3", "apne2-az2", "apne2-az4"})


@dataclass(frozen=True)
class Target:
    """A service. `zone_ids` are those in which an endpoint of the caller can stand.

    `private_name` is None where the service offers none, `verified` says whether it is proven.
    """

    name: str
    region: str
    service: Service | None
    zone_ids: frozenset[str]
    dns_suffix: str
    private_name: str | None
    verified: bool
    acceptance_required: bool
    policy: bool
    remote: bool
    address_types: frozenset[str] = frozenset({"ipv4"})


def find(call: Call) -> Target:
    """The service that a CreateVpcEndpoint for an interface names.

    Raises:
        AwsError: it is missing, unknown to the caller, or comes as another type only.
    """
    name = call.get("ServiceName")
    if not name:
        raise missing_parameter("ServiceName")
    offers.refuse_type(call, name, "Interface")
    region = call.get("ServiceRegion", call.caller.region)
    service = offers.find_private(call, name)
    if service is not None and service.region == region and offers.usable(call, service):
        check_ready(call, service)
        return published(call, service)
    amazon = offered(call.caller.region, region).get(name)
    if amazon is None:
        raise offers.unknown_service(name)
    return _amazon(call, amazon)


def check_ready(call: Call, service: Service) -> None:
    """Refuses to ask a service that was just made, though describes call it available.

    Raises:
        AwsError: Unavailable (aws-sdk-go-v2 #2254 has code, status and wording).
    """
    if call.world.clock() < service.ready_at:
        raise AwsError("Unavailable", "The service is unavailable. Please try again shortly.")


def of(call: Call, endpoint: InterfaceEndpoint) -> Target | None:
    """The target of an endpoint that exists already; None if its service is gone."""
    service = offers.find_private(call, endpoint.service_name)
    if service is not None:
        return published(call, service)
    there = offered(call.caller.region, endpoint.service_region)
    amazon = there.get(endpoint.service_name)
    return _amazon(call, amazon) if amazon else None


def anywhere(call: Call, name: str) -> Target:
    """What is no endpoint service, and stands in every zone of the caller's Region."""
    every = (str(zone.zone_id) for zone in zones(call.caller.account, call.caller.region))
    return Target(
        name=name,
        region=call.caller.region,
        service=None,
        zone_ids=frozenset(every),
        dns_suffix="",
        private_name=None,
        verified=False,
        acceptance_required=False,
        policy=False,
        remote=False,
    )


def _zone_ids(call: Call, region: str, zone_ids: Iterable[str]) -> frozenset[str]:
    """Where an endpoint to a service of `region` can stand, which stands in `zone_ids` there."""
    here = call.caller.region
    if region == here:
        return frozenset(zone_ids)
    every = {str(zone.zone_id) for zone in zones(call.caller.account, here)}
    return frozenset(every - _NOT_REMOTE)


def published(call: Call, service: Service) -> Target:
    """The target that a published service is to the caller."""
    name = service.private_dns
    return Target(
        name=service.name,
        region=service.region,
        service=service,
        zone_ids=_zone_ids(call, service.region, service.zone_ids),
        dns_suffix=service.dns_suffix,
        private_name=name.name if name else None,
        verified=name is not None and name.state == "verified",
        acceptance_required=service.acceptance_required,
        policy=False,
        remote=service.region != call.caller.region,
        address_types=frozenset(service.address_types),
    )


def _amazon(call: Call, service: AwsService) -> Target:
    return Target(
        name=service.name,
        region=service.region,
        service=None,
        zone_ids=_zone_ids(call, service.region, service.zone_ids),
        dns_suffix=service.dns_suffix,
        private_name=service.private_names[0] if service.private_names else None,
        verified=True,
        acceptance_required=False,
        policy=service.policy,
        remote=service.region != call.caller.region,
        address_types=frozenset(service.address_types),
    )
