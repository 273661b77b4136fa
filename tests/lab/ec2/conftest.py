"""A running lab, one for all tests, and in it a fresh world for each test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.client import Lab

from .sdk import OTHER, OWNER, REGION, S3, Sdk, allowing, fresh


@pytest.fixture(scope="session")
def running() -> Iterator[Sdk]:
    """A lab without any stack is ready within seconds."""
    with Lab.start(deploy=False) as lab:
        yield Sdk(lab)


@pytest.fixture
def sdk(running: Sdk) -> Sdk:
    """A world in which everything settles at once and time stands, unless a test says otherwise."""
    lab = running.lab
    lab.clear_faults()
    lab.delivery()
    lab.clear_calls()
    lab.forget_world()
    lab.world({"settle_seconds": 0, "time_stands": True})
    return running


@pytest.fixture
def lab(sdk: Sdk) -> Lab:
    return sdk.lab


@pytest.fixture
def owner(sdk: Sdk) -> Any:
    return sdk.client()


@pytest.fixture
def other(sdk: Sdk) -> Any:
    return sdk.client(OTHER)


@pytest.fixture
def balancing(sdk: Sdk) -> Any:
    return sdk.client(service="elbv2")


@pytest.fixture
def quotas(sdk: Sdk) -> Any:
    return sdk.client(service="service-quotas")


@dataclass
class Queue:
    """A queue of an account that lets a service of AWS's put in whatever it has."""

    lab: Lab
    account: str
    service: str
    name: str = field(default_factory=lambda: fresh("queue"))

    def __post_init__(self) -> None:
        self._sqs = self.lab.client("sqs", self.account)
        self.arn = f"arn:aws:sqs:{REGION}:{self.account}:{self.name}"
        policy = allowing("sqs:SendMessage", self.service)
        made = self._sqs.create_queue(QueueName=self.name, Attributes={"Policy": policy})
        self._url = made["QueueUrl"]
        self._read: list[dict[str, Any]] = []

    def everything(self) -> list[dict[str, Any]]:
        """What has come in since it was made, once all has that is on its way."""
        self.lab.wait_for_deliveries()
        receive = self._sqs.receive_message
        while got := receive(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in got:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                self._read.append(json.loads(message["Body"]))
        return list(self._read)

    def remove(self) -> None:
        self._sqs.delete_queue(QueueUrl=self._url)


@dataclass
class Trail:
    """What CloudTrail tells of calls, as a rule on an account's default bus gets it."""

    sdk: Sdk
    queues: dict[str, Queue] = field(default_factory=dict)

    def listen(self, account: str) -> None:
        queue = Queue(self.sdk.lab, account, "events.amazonaws.com")
        events = self.sdk.lab.client("events", account)
        events.put_rule(Name=queue.name, EventPattern=json.dumps({"source": [{"prefix": "aws."}]}))
        events.put_targets(Rule=queue.name, Targets=[{"Id": "all", "Arn": queue.arn}])
        self.queues[account] = queue

    def stop(self) -> None:
        for account, queue in self.queues.items():
            events = self.sdk.lab.client("events", account)
            events.remove_targets(Rule=queue.name, Ids=["all"])
            events.delete_rule(Name=queue.name)
            queue.remove()

    def told(self, account: str = OWNER) -> list[dict[str, Any]]:
        """The events so far, oldest first."""
        return self.queues[account].everything()

    def event(self, account: str = OWNER) -> dict[str, Any]:
        """The event of the last call."""
        asked = self.sdk.last.request_id
        (event,) = [each for each in self.told(account) if each["detail"]["requestID"] == asked]
        return event

    def detail(self, account: str = OWNER) -> dict[str, Any]:
        """CloudTrail's record of the last call."""
        return dict(self.event(account)["detail"])


@pytest.fixture
def trail(sdk: Sdk) -> Iterator[Trail]:
    trail = Trail(sdk)
    for account in (OWNER, OTHER):
        trail.listen(account)
    yield trail
    trail.stop()


class Topic:
    """A topic that lets PrivateLink in, under a condition or none, and what it has said."""

    def __init__(self, lab: Lab, account: str = OWNER, condition: Any = None) -> None:
        sns, self._queue = lab.client("sns", account), Queue(lab, account, "sns.amazonaws.com")
        policy = allowing("sns:Publish", "vpce.amazonaws.com", condition)
        made = sns.create_topic(Name=fresh("topic"), Attributes={"Policy": policy})
        self.arn = str(made["TopicArn"])
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=self._queue.arn)

    def said(self) -> list[dict[str, Any]]:
        """SNS's envelopes of all that was published, oldest first."""
        return self._queue.everything()

    def messages(self) -> list[str]:
        return [str(each["Message"]) for each in self.said()]

    def events(self) -> list[str]:
        return [json.loads(each)["event"] for each in self.messages()]


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


def side_of(of: Sdk, account: str, region: str = REGION) -> Side:
    sdk = of.client(account, region)
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
def consumer(sdk: Sdk) -> Side:
    return side_of(sdk, OTHER)


@pytest.fixture
def far(sdk: Sdk) -> Side:
    """The consumer's account in another Region."""
    return side_of(sdk, OTHER, "us-west-2")


@pytest.fixture
def provider(sdk: Sdk, balancing: Any) -> Provider:
    side = side_of(sdk, OWNER)
    arn = balancing.create_load_balancer(
        Name="orders",
        Type="network",
        Scheme="internal",
        Subnets=[side.subnets[HERE], side.subnets[THERE]],
    )["LoadBalancers"][0]["LoadBalancerArn"]
    return Provider(side.account, side.sdk, side.vpc, side.subnets, balancing, arn)


@pytest.fixture
def service(provider: Provider) -> dict[str, Any]:
    """A service that requires acceptance, and that the consumer's account may ask."""
    made = provider.publish()
    provider.allow(made, f"arn:aws:iam::{OTHER}:root")
    return made


@pytest.fixture
def inspection(provider: Provider) -> str:
    """The name of a gateway load balancer's service that everyone may ask without acceptance."""
    made = provider.balancing.create_load_balancer(
        Name="inspection", Type="gateway", Subnets=[provider.subnets[HERE]]
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    service = provider.sdk.create_vpc_endpoint_service_configuration(
        GatewayLoadBalancerArns=[arn], AcceptanceRequired=False
    )["ServiceConfiguration"]
    assert service["ServiceType"] == [{"ServiceType": "GatewayLoadBalancer"}]
    assert service["GatewayLoadBalancerArns"] == [arn] and "/gwy/" in arn
    provider.allow(service, "*")
    return str(service["ServiceName"])
