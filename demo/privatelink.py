"""A provider with an endpoint service and a consumer that connects, by a plain SDK."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.client import Lab

ZONES = ("use1-az1", "use1-az2", "use1-az4")


@dataclass(frozen=True)
class Service:
    """An endpoint service behind an internal load balancer; `account` provides it."""

    lab: Lab
    account: str
    id: str
    name: str

    @property
    def ec2(self) -> Any:
        """The provider's client."""
        return self.lab.client("ec2", self.account)

    def allow(self, *principals: str) -> None:
        """Put principals on the permission list: account ids, or ARNs, or `*`."""
        self.ec2.modify_vpc_endpoint_service_permissions(
            ServiceId=self.id, AddAllowedPrincipals=[*map(_principal, principals)]
        )

    def revoke(self, *principals: str) -> None:
        """Take principals off the permission list."""
        self.ec2.modify_vpc_endpoint_service_permissions(
            ServiceId=self.id, RemoveAllowedPrincipals=[*map(_principal, principals)]
        )

    def answer(self, verdict: str, endpoint_id: str) -> None:
        """Accept or reject as a person does in the console or with the CLI."""
        call = getattr(self.ec2, f"{verdict}_vpc_endpoint_connections")
        call(ServiceId=self.id, VpcEndpointIds=[endpoint_id])

    def states(self) -> dict[str, str]:
        """How each connection stands, by endpoint."""
        of = [{"Name": "service-id", "Values": [self.id]}]
        pages = self.ec2.get_paginator("describe_vpc_endpoint_connections").paginate(Filters=of)
        return {
            connection["VpcEndpointId"]: connection["VpcEndpointState"]
            for page in pages
            for connection in page["VpcEndpointConnections"]
        }

    def listed(self) -> list[str]:
        """The permission list: the ARNs of whom it lets ask."""
        found = self.ec2.describe_vpc_endpoint_service_permissions(ServiceId=self.id)
        return sorted(entry["Principal"] for entry in found["AllowedPrincipals"])

    def notified(self) -> bool:
        """Whether the automation has registered its notification."""
        of = [{"Name": "service-id", "Values": [self.id]}]
        found = self.ec2.describe_vpc_endpoint_connection_notifications(Filters=of)
        return bool(found["ConnectionNotificationSet"])


def publish(lab: Lab, account: str, name: str, zones: Sequence[str] = ZONES) -> Service:
    """An internal load balancer in `zones` (zone ids) and a service behind it, by hand."""
    made = lab.client("ec2", account).create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer(lab, account, name, zones)], AcceptanceRequired=True
    )["ServiceConfiguration"]
    return Service(lab, account, made["ServiceId"], made["ServiceName"])


def published_names(lab: Lab, account: str, vpc: str) -> dict[str, str]:
    """The SSM parameters that hold DNS names of a VPC's endpoints: name and value."""
    shown = lab.client("ssm", account).get_parameters_by_path(
        Path=f"/endpoint-autopilot/{vpc}", Recursive=True
    )["Parameters"]
    return {each["Name"]: each["Value"] for each in sorted(shown, key=lambda e: str(e["Name"]))}


def balancer(lab: Lab, account: str, name: str, zones: Sequence[str] = ZONES) -> str:
    """An internal load balancer in `zones` (zone ids), in a VPC of its own; its ARN."""
    _, subnets = network(lab, account, f"{name}-provider", zones)
    made = lab.client("elbv2", account).create_load_balancer(
        Name=name, Type="network", Scheme="internal", Subnets=subnets
    )
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def network(
    lab: Lab, account: str, name: str, zones: Sequence[str] = ZONES
) -> tuple[str, list[str]]:
    """A VPC with a subnet in each of `zones`."""
    ec2 = lab.client("ec2", account)
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": name}]}]
    vpc = ec2.create_vpc(CidrBlock="10.50.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.50.{i}.0/24", AvailabilityZoneId=zone)
        for i, zone in enumerate(zones)
    ]
    return vpc, [each["Subnet"]["SubnetId"] for each in made]


def connect(
    service: Service, account: str, zones: Sequence[str] = ZONES, unused: Sequence[str] = ()
) -> str:
    """An interface endpoint of `account` to the service, in a new VPC; its id.

    The VPC has subnets in `zones`, where the endpoint is, and in the `unused` ones.
    """
    vpc, subnets = network(service.lab, account, "consumer", (*zones, *unused))
    return ask(service, account, vpc, subnets[: len(zones)])


def ask(service: Service, account: str, vpc: str, subnets: Sequence[str]) -> str:
    """An interface endpoint of `account` to the service in these subnets; its id."""
    made = service.lab.client("ec2", account).create_vpc_endpoint(
        VpcId=vpc,
        VpcEndpointType="Interface",
        ServiceName=service.name,
        SubnetIds=list(subnets),
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def zone_names(lab: Lab, account: str) -> dict[str, str]:
    """What the account calls each zone, by its ID."""
    zones = lab.client("ec2", account).describe_availability_zones()["AvailabilityZones"]
    return {zone["ZoneId"]: zone["ZoneName"] for zone in zones}


def subnets_of(lab: Lab, account: str, endpoint: str) -> dict[str, str]:
    """The subnets of the VPC of the account's endpoint, by zone ID."""
    ec2 = lab.client("ec2", account)
    vpc = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]["VpcId"]
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    return {subnet["AvailabilityZoneId"]: subnet["SubnetId"] for subnet in found}


def _principal(principal: str) -> str:
    return f"arn:aws:iam::{principal}:root" if principal.isdigit() else principal
