"""A fresh world for each test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.ec2 import Ec2
from lab.ec2.outside import Membership

from .sdk import OTHER, REGION, S3, WIRE, Clock, client


@dataclass
class Organizations:
    """A directory that a test fills."""

    places: dict[str, Membership] = field(default_factory=dict)

    def membership(self, account: str) -> Membership | None:
        return self.places.get(account)


@dataclass
class Topics:
    """A notifier that keeps what was published."""

    sent: list[dict[str, str]] = field(default_factory=list)

    def publish(
        self, topic_arn: str, subject: str, message: str, source_arn: str, source_account: str
    ) -> None:
        self.sent.append(
            {
                "topic_arn": topic_arn,
                "subject": subject,
                "message": message,
                "source_arn": source_arn,
                "source_account": source_account,
            }
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ec2(clock: Clock) -> Ec2:
    """A world in which everything settles at once, unless a test says otherwise."""
    directory, notifier = Organizations(), Topics()
    WIRE.ec2, WIRE.replies = Ec2(clock, directory, notifier), []
    WIRE.directory, WIRE.notifier = directory, notifier
    WIRE.ec2.world({"settle_seconds": 0})
    return WIRE.ec2


@pytest.fixture
def owner(ec2: Ec2) -> Any:
    return client()


@pytest.fixture
def other(ec2: Ec2) -> Any:
    return client(OTHER)


@pytest.fixture
def balancing(ec2: Ec2) -> Any:
    return client(service="elbv2")


@pytest.fixture
def quotas(ec2: Ec2) -> Any:
    return client(service="service-quotas")


@dataclass
class Net:
    """A VPC with a subnet and a route table beside the main one."""

    owner: Any
    vpc: str
    subnet: str
    table: str

    @property
    def main(self) -> str:
        return str(self.tables(Name="association.main", Values=["true"])[0]["RouteTableId"])

    def tables(self, **narrower: Any) -> list[dict[str, Any]]:
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}, *([narrower] if narrower else [])]
        return list(self.owner.describe_route_tables(Filters=filters)["RouteTables"])

    def routes(self, table: str) -> dict[str, str]:
        shown = self.owner.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
        return {
            route["DestinationPrefixListId"]: route["GatewayId"]
            for route in shown["Routes"]
            if "DestinationPrefixListId" in route
        }

    def endpoint(self, *tables: str, service: str = S3, **more: Any) -> str:
        made = self.owner.create_vpc_endpoint(
            VpcId=self.vpc, ServiceName=service, RouteTableIds=list(tables), **more
        )
        return str(made["VpcEndpoint"]["VpcEndpointId"])


@pytest.fixture
def net(owner: Any) -> Net:
    vpc = owner.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnet = owner.create_subnet(VpcId=vpc, CidrBlock="10.20.1.0/24")["Subnet"]["SubnetId"]
    table = owner.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    return Net(owner, vpc, subnet, table)


#: Zones of us-east-1 by id: those where the provider's load balancer stands, and another.
HERE, THERE, ELSEWHERE = "use1-az1", "use1-az2", "use1-az4"


@dataclass
class Side:
    """One account's VPC with a subnet in each of three zones."""

    account: str
    sdk: Any
    vpc: str
    subnets: dict[str, str]

    def endpoint(self, service: str, *zone_ids: str, **more: Any) -> dict[str, Any]:
        asked = {
            "VpcId": self.vpc,
            "VpcEndpointType": "Interface",
            "ServiceName": service,
            "SubnetIds": [self.subnets[each] for each in zone_ids],
            **more,
        }
        return dict(self.sdk.create_vpc_endpoint(**asked)["VpcEndpoint"])

    def shown(self, endpoint_id: str) -> dict[str, Any]:
        answer = self.sdk.describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])
        return dict(answer["VpcEndpoints"][0])

    def states(self) -> list[str]:
        return [each["State"] for each in self.sdk.describe_vpc_endpoints()["VpcEndpoints"]]


@dataclass
class Provider(Side):
    """The account that publishes, with a load balancer in two of its zones."""

    balancing: Any
    balancer: str

    def publish(self, **more: Any) -> dict[str, Any]:
        made = self.sdk.create_vpc_endpoint_service_configuration(
            **{"NetworkLoadBalancerArns": [self.balancer], **more}
        )
        return dict(made["ServiceConfiguration"])

    def allow(self, service: dict[str, Any], *principals: str) -> list[dict[str, Any]]:
        answer = self.sdk.modify_vpc_endpoint_service_permissions(
            ServiceId=service["ServiceId"], AddAllowedPrincipals=list(principals)
        )
        return list(answer["AddedPrincipals"])

    def connections(self, **narrower: list[str]) -> list[dict[str, Any]]:
        filters = [{"Name": k.replace("_", "-"), "Values": v} for k, v in narrower.items()]
        answer = self.sdk.describe_vpc_endpoint_connections(Filters=filters)
        return list(answer["VpcEndpointConnections"])

    def answer(self, how: str, service: dict[str, Any], *endpoint_ids: str) -> list[Any]:
        call = getattr(self.sdk, f"{how}_vpc_endpoint_connections")
        answer = call(ServiceId=service["ServiceId"], VpcEndpointIds=list(endpoint_ids))
        return list(answer["Unsuccessful"])


def _side(account: str, region: str = REGION) -> Side:
    sdk = client(account, region)
    vpc = sdk.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    sdk.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    sdk.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    zones = [HERE, THERE, ELSEWHERE] if region == REGION else ["usw2-az1", "usw2-az2"]
    subnets = {}
    for number, zone in enumerate(zones):
        block = f"10.30.{number}.0/24"
        made = sdk.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZoneId=zone)
        subnets[zone] = made["Subnet"]["SubnetId"]
    return Side(account, sdk, vpc, subnets)


@pytest.fixture
def consumer(ec2: Ec2) -> Side:
    return _side(OTHER)


@pytest.fixture
def far(ec2: Ec2) -> Side:
    """The consumer's account in another Region."""
    return _side(OTHER, "us-west-2")


@pytest.fixture
def provider(ec2: Ec2) -> Provider:
    side, balancing = _side("111111111111"), client(service="elbv2")
    arn = balancing.create_load_balancer(
        Name="orders",
        Type="network",
        Scheme="internal",
        Subnets=[side.subnets[HERE], side.subnets[THERE]],
    )["LoadBalancers"][0]["LoadBalancerArn"]
    return Provider(side.account, side.sdk, side.vpc, side.subnets, balancing, arn)


@pytest.fixture
def organizations(ec2: Ec2) -> Organizations:
    found: Organizations = WIRE.directory
    return found


@pytest.fixture
def topics(ec2: Ec2) -> Topics:
    found: Topics = WIRE.notifier
    return found


@pytest.fixture
def service(provider: Provider) -> dict[str, Any]:
    """A service that requires acceptance, and that the consumer's account may ask."""
    made = provider.publish()
    provider.allow(made, f"arn:aws:iam::{OTHER}:root")
    return made
