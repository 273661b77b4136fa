"""Reads in which zones consumers are: in our account, in peers' by their read-only role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from autopilot.aws.clients import client
from autopilot.aws.errors import AwsError, ServiceUnavailable, Throttled
from autopilot.aws.pages import filters, pages, type_of
from autopilot.aws.roles import acting_as
from autopilot.connections.calls import Advice
from autopilot.connections.zones import ConsumerSide
from autopilot.connections.zoning import explained, unexplained
from autopilot.notify.finding import Finding
from autopilot.policy.partitions import partition
from autopilot.reconcile.identity import StackIdentity


class Reads(Protocol):
    """Reads zones."""

    def consumer_sides(
        self, wanted: Mapping[str, Iterable[str]], stack: StackIdentity
    ) -> Mapping[str, ConsumerSide | str]:
        """By endpoint what its owner's account shows, or why that isn't known."""

    def zone_ids_of(self, service_name: str) -> tuple[str, ...]:
        """The zone IDs that a service offers to our account."""

    def zones_in(self, vpc_id: str) -> dict[str, str]:
        """The zone ID of each subnet of one of our VPCs."""


READER = "EndpointAutopilotZoneReader"
_PAGE = 1000


def consumer_sides(
    wanted: Mapping[str, Iterable[str]], stack: StackIdentity
) -> Mapping[str, ConsumerSide | str]:
    """By endpoint what its owner's account shows, or a sentence on why that isn't known.

    `wanted`: endpoint ids by owner. A peer that can't be read is no error: never raises AwsError
    for one; of our own account it raises AwsErrors.
    """
    found: dict[str, ConsumerSide | str] = {}
    for owner, endpoint_ids in sorted(wanted.items()):
        ids = sorted(set(endpoint_ids))
        try:
            shown = _read(_reader(owner, stack), ids)
        except AwsError as error:
            if owner == stack.account:
                raise
            found |= dict.fromkeys(ids, f"account {owner} can't be read: {error}")
            continue
        unseen = f"account {owner} doesn't show the endpoint"
        found |= {id_: shown.get(id_, unseen) for id_ in ids}
    return found


def zone_ids_of(service_name: str) -> tuple[str, ...]:
    """The zone IDs that a service offers to our account."""
    if not service_name:
        raise ValueError("no service name: AWS would describe every service")
    details = pages("DescribeVpcEndpointServices", ServiceNames=[service_name])
    interface = [each for each in details if _is_interface(each)]
    return tuple(sorted({id_ for each in interface for id_ in each.get("AvailabilityZoneIds", ())}))


def zones_in(vpc_id: str) -> dict[str, str]:
    """The zone ID of each subnet of one of our VPCs."""
    return _zones(client("ec2"), {vpc_id})[vpc_id]


def explain(advice: Advice, reads: Reads) -> Finding:
    """Which subnets would have worked for a refused endpoint.

    What can't be worked out is said, not retried for ever. Raises Throttled, ServiceUnavailable.
    """
    try:
        zone_ids = reads.zone_ids_of(advice.service_name)
        return explained(advice, zone_ids, reads.zones_in(advice.vpc_id))
    except (Throttled, ServiceUnavailable):
        raise
    except AwsError as error:
        return unexplained(advice, str(error))


def _reader(owner: str, stack: StackIdentity) -> Any:
    if owner == stack.account:
        return client("ec2")
    role = f"arn:{partition(stack.region)}:iam::{owner}:role/{READER}-{stack.region}"
    return acting_as(role, "ec2")


def _read(ec2: Any, endpoint_ids: list[str]) -> Mapping[str, ConsumerSide]:
    endpoints = tuple(_endpoints(ec2, endpoint_ids))
    zones = _zones(ec2, {endpoint["VpcId"] for endpoint in endpoints})
    return {
        endpoint["VpcEndpointId"]: ConsumerSide(
            subnet_ids=tuple(sorted(endpoint.get("SubnetIds", ()))),
            zone_of=zones[endpoint["VpcId"]],
            single=type_of(endpoint) == "GatewayLoadBalancer",
        )
        for endpoint in endpoints
    }


def _endpoints(ec2: Any, endpoint_ids: list[str]) -> Iterator[Any]:
    for chosen in filters("vpc-endpoint-id", endpoint_ids):
        yield from pages("DescribeVpcEndpoints", account=ec2, Filters=chosen, MaxResults=_PAGE)


def _zones(ec2: Any, vpc_ids: set[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {vpc_id: {} for vpc_id in vpc_ids}
    for chosen in filters("vpc-id", vpc_ids) if vpc_ids else ():
        for subnet in pages("DescribeSubnets", account=ec2, Filters=chosen, MaxResults=_PAGE):
            found[subnet["VpcId"]][subnet["SubnetId"]] = subnet.get("AvailabilityZoneId", "")
    return found


def _is_interface(detail: Mapping[str, Any]) -> bool:
    return any(kind.get("ServiceType") != "Gateway" for kind in detail.get("ServiceType", ()))
