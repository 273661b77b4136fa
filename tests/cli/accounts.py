"""Draws accounts: VPCs, endpoints of the stack and of others, services, who is connected."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from autopilot.connections.facts import AUTOPILOT, Remembered
from autopilot.connections.remembered import kept
from autopilot.notify.ledger import FINDINGS, Key, Row, Write
from autopilot.policy.model import (
    ConnectionPolicy,
    GatewayPolicy,
    GracePolicy,
    InterfaceProfile,
    Policy,
    PublishPolicy,
    Rule,
)
from autopilot.policy.names import group_name
from autopilot.reconcile.tags import OWNER_TAG, PROFILE_TAG, endpoint_tags, profile_tags
from autopilot.reconcile.withdrawn import note, route_key
from autopilot.services.facts import service_tags

from tests.cli.strict import CONSUMER, REGION, STRANGER, US, Aws
from tests.unit.connections.builders import MemoryLedger

STACK, PROFILE = "EndpointAutopilot", "workloads"
ALICE = f"arn:aws:iam::{US}:user/alice"
NAME = "<b>shop</b>, 1 of 2 😀"
SKIP, PRIVATE = {"endpoint-autopilot": "off"}, {"network": "private"}
PUBLISH = {"endpoint-autopilot": "publish"}
ROOTS = {who: f"arn:aws:iam::{who}:root" for who in (CONSUMER, STRANGER)}
DENY = json.dumps(
    {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}
)
ZONES = ("use1-az1", "use1-az2")


@dataclass
class Account:
    """What was drawn. `build` makes it in `aws`; `ledger` is what the stack remembers of it."""

    aws: Aws
    chance: Random
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    def build(self) -> Policy:
        """Everything; the policy for it."""
        self.ec2 = self.aws.client("ec2")
        private = self._one((), (self._private(),))
        for number in range(self.chance.randint(0, 3)):
            self._vpc(number)
        if self._mostly():
            self._provider()
        if self._seldom():
            self._crowd()
        return policy_from(self.chance, private)

    def _one(self, *choices: Any) -> Any:
        return self.chance.choice(choices)

    def _mostly(self) -> bool:
        return self.chance.random() < 0.7

    def _seldom(self) -> bool:
        return self.chance.random() < 0.25

    def _vpc(self, number: int) -> None:
        tags = self._one(PRIVATE, PRIVATE, PRIVATE, {}, {**PRIVATE, **SKIP})
        vpc = self._network(self.ec2, f"10.{number}.0.0/16", {**tags, "Name": NAME})
        subnets = self._subnets(self.ec2, vpc, number, self.chance.randint(0, 2))
        tables = self._tables(vpc, subnets)
        for service in ("s3", "dynamodb"):
            if self._mostly():
                self._gateway(vpc, service, tables)
        if subnets and self._mostly():
            self._interface(vpc, subnets)
        if self._seldom():
            away = self._one(vpc, route_key(tables[0], "s3"))
            until = (self.now + timedelta(hours=1)).isoformat()
            note(self.ledger, [away], until, execution="", now=self.now)

    def _network(self, ec2: Any, block: str, tags: dict[str, str]) -> str:
        made = ec2.create_vpc(CidrBlock=block, **_tagged("vpc", tags))
        vpc: str = made["Vpc"]["VpcId"]
        names = self._one(True, True, True, False)
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": names})
        return vpc

    def _subnets(self, ec2: Any, vpc: str, number: int, count: int) -> list[str]:
        return [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.{number}.{n}.0/24", AvailabilityZoneId=ZONES[n]
            )["Subnet"]["SubnetId"]
            for n in range(count)
        ]

    def _tables(self, vpc: str, subnets: list[str]) -> list[str]:
        every = [{"Name": "vpc-id", "Values": [vpc]}]
        (main,) = self.ec2.describe_route_tables(Filters=every)["RouteTables"]
        tables = [main["RouteTableId"]]
        for subnet in subnets:
            tags = _tagged("route-table", self._one({}, {}, {"Name": NAME}, SKIP))
            made = self.ec2.create_route_table(VpcId=vpc, **tags)
            tables.append(made["RouteTable"]["RouteTableId"])
            self.ec2.associate_route_table(RouteTableId=tables[-1], SubnetId=subnet)
            if self._seldom():
                self.ec2.create_network_interface(SubnetId=subnet)
        return tables

    def _gateway(self, vpc: str, service: str, tables: list[str]) -> None:
        ours = self._mostly()
        tags = endpoint_tags(STACK, service) if ours else self._one({}, {OWNER_TAG: "Other"})
        chosen = [table for table in tables if self._one(True, False)]
        asked = {
            "VpcId": vpc,
            "ServiceName": f"com.amazonaws.{REGION}.{service}",
            **_tagged("vpc-endpoint", tags),
        }
        more = {"RouteTableIds": chosen} if chosen else {}
        document = {"PolicyDocument": DENY} if self._seldom() else {}
        self.ec2.create_vpc_endpoint(**asked, **more, **document)

    def _interface(self, vpc: str, subnets: list[str]) -> None:
        ours, service = self._mostly(), self._one("logs", "logs", "sqs", "kms")
        tags = profile_tags(STACK, PROFILE, service) if ours else {}
        groups = {"SecurityGroupIds": [self._group(vpc)]} if ours and self._mostly() else {}
        made = self.ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=vpc,
            ServiceName=f"com.amazonaws.{REGION}.{service}",
            SubnetIds=subnets[: self.chance.randint(1, len(subnets))],
            PrivateDnsEnabled=False,
            **_tagged("vpc-endpoint", tags),
            **groups,
        )["VpcEndpoint"]
        if self._one(True, False):
            key = Key(FINDINGS, f"InterfaceUnwanted/{vpc}/{service}/{made['VpcEndpointId']}")
            self.ledger.write([Write(key, Row(key, 1, True, "", "", {"change": "opened"}), None)])

    def _group(self, vpc: str) -> str:
        """The stack's: its rules aren't what the policy wants, or its profile is gone."""
        profile = self._one(PROFILE, PROFILE, "former")
        tags = {OWNER_TAG: STACK, PROFILE_TAG: profile}
        made: str = self.ec2.create_security_group(
            VpcId=vpc,
            GroupName=group_name(STACK, profile),
            Description="Lets clients reach interface endpoints",
            **_tagged("security-group", tags),
        )["GroupId"]
        return made

    def _private(self) -> str:
        """The name of another account's service that anybody may use."""
        theirs = self.aws.client("ec2", CONSUMER)
        vpc = self._network(theirs, "10.7.0.0/16", {})
        made = self._published(CONSUMER, "ledger", self._subnets(theirs, vpc, 7, 2), {})
        service = theirs.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[made], AcceptanceRequired=False
        )["ServiceConfiguration"]
        theirs.modify_vpc_endpoint_service_permissions(
            ServiceId=service["ServiceId"], AddAllowedPrincipals=["*"]
        )
        name: str = service["ServiceName"]
        return name

    def _crowd(self) -> None:
        """So many gateway endpoints elsewhere that their quota matters."""
        vpc = self._network(self.ec2, "10.6.0.0/16", SKIP)
        kind = [{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}]
        there = self.ec2.describe_vpc_endpoints(Filters=kind)["VpcEndpoints"]
        for _ in range(self.chance.randint(15, 20) - len(there)):
            self.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")

    def _published(self, account: str, name: str, subnets: list[str], tags: dict[str, str]) -> str:
        made: str = self.aws.client("elbv2", account).create_load_balancer(
            Name=name,
            Type="network",
            Scheme="internal",
            Subnets=subnets,
            **({"Tags": _listed(tags)} if tags else {}),
        )["LoadBalancers"][0]["LoadBalancerArn"]
        return made

    def _provider(self) -> None:
        """A VPC with load balancers, services of some of them, and consumers of these."""
        vpc = self._network(self.ec2, "10.9.0.0/16", SKIP)
        subnets = self._subnets(self.ec2, vpc, 9, 2)
        for name in ("orders", "stock", "users")[: self.chance.randint(1, 3)]:
            arn = self._published(US, name, subnets, self._one(PUBLISH, PUBLISH, {}))
            if self._mostly():
                self._service(arn)

    def _service(self, arn: str) -> None:
        tags = self._one(service_tags(STACK, arn), service_tags(STACK, arn), {"Name": NAME})
        made = self.ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[arn],
            AcceptanceRequired=True,
            **_tagged("vpc-endpoint-service", tags),
        )["ServiceConfiguration"]
        self._lets(made["ServiceId"], add=["*"])
        for account in (CONSUMER, STRANGER):
            for _ in range(self.chance.randint(0, 2)):
                self._consumer(account, made["ServiceId"], made["ServiceName"])
        listed = [root for root in ROOTS.values() if self._one(True, False)]
        if not self._seldom():
            self._lets(made["ServiceId"], remove=["*"])
        if listed:
            self._lets(made["ServiceId"], add=listed)
        if self._seldom():
            self.ec2.modify_vpc_endpoint_service_configuration(
                ServiceId=made["ServiceId"], AcceptanceRequired=False
            )

    def _lets(self, service: str, **changes: list[str]) -> None:
        named = {f"{how.title()}AllowedPrincipals": who for how, who in changes.items()}
        self.ec2.modify_vpc_endpoint_service_permissions(ServiceId=service, **named)

    def _consumer(self, account: str, service: str, name: str) -> None:
        theirs = self.aws.client("ec2", account)
        vpc = self._network(theirs, "10.8.0.0/16", {})
        endpoint = theirs.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=vpc,
            ServiceName=name,
            SubnetIds=self._subnets(theirs, vpc, 8, 1),
        )["VpcEndpoint"]["VpcEndpointId"]
        asked = {"ServiceId": service, "VpcEndpointIds": [endpoint]}
        match self._one("asks", "asks", "ours", "ours", "theirs", "nobody's", "rejected"):
            case "ours" | "theirs" | "nobody's" as by:
                self.ec2.accept_vpc_endpoint_connections(**asked)
                self._remember(f"{service}/{endpoint}", by)
            case "rejected":
                self.ec2.reject_vpc_endpoint_connections(**asked)

    def _remember(self, subject: str, by: str) -> None:
        who = {"ours": AUTOPILOT, "theirs": ALICE}.get(by)
        if who:
            at = (self.now - timedelta(days=4)).isoformat()
            known = Remembered("accepted", who, "allowed principals", "reason", at)
            self.ledger.write([kept(subject, known, None)])


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _tagged(kind: str, tags: dict[str, str]) -> dict[str, Any]:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": _listed(tags)}]} if tags else {}


def policy_from(chance: Random, private: tuple[str, ...]) -> Policy:
    """A policy of any kind, in enforce, that wants endpoints for these private services, too."""
    one = chance.choice
    gateway = GatewayPolicy(
        services=one([("s3", "dynamodb"), ("s3",), ()]),
        endpoint_policy=one([None, None, "deny"]),
        busy_route_tables=one(["audit", "now"]),
        grace=GracePolicy(600, one(["nobody", "nobody", "everybody"])),
    )
    profile = InterfaceProfile(
        PROFILE,
        (*one([("logs", "sqs"), ("logs",), ()]), *private) or ("kms",),
        PRIVATE,
        private_dns=one([True, False]),
        endpoint_policy=one([None, "deny"]),
    )
    rules = [Rule("allowed_principals"), *(Rule("account", who) for who in ROOTS)]
    return Policy(
        skip_tags=SKIP,
        gateway_endpoints=gateway,
        interface_endpoints=one([(profile,), (profile,), ()]),
        retire_interfaces=one(["report", "now"]),
        endpoint_policies={"deny": DENY},
        endpoint_services=replace(
            PublishPolicy(load_balancer_tags=PUBLISH),
            allowed_principals=one([(), (CONSUMER,), (CONSUMER, STRANGER)]),
            retire=one(["report", "when_unused", "now"]),
        ),
        connections=ConnectionPolicy(
            allow=tuple(rule for rule in rules if chance.random() < 0.4),
            deny=tuple(rule for rule in rules[1:] if chance.random() < 0.2),
            otherwise=one(["hold", "reject"]),
            no_longer_allowed=one(["reject", "alert"]),
        ),
    )
