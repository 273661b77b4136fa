"""No input from outside breaks the lab: each operation, asked anything, answers or refuses."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from lab import permissions
from lab.ec2 import Caller, Ec2, Reply
from lab.ec2.events import cloudtrail
from lab.ec2.models import operation_model
from lab.ec2.outside import Membership
from lab.ec2.served import OPERATIONS

ME = Caller("111111111111", "us-east-1", "arn:aws:iam::111111111111:root")
SERVED = sorted((service, name) for service, each in OPERATIONS.items() for name in each)
ROUNDS = 40
JUNK = (
    "", " ", "x", "-1", "0", "1", "99999999999", "true", "null", "*", "[]", "{}", "größe", "\x00",
    "10.0.0.0/16", "10.0.0.5/16", "::/0", "10.0.0.0/99", "tcp", "443", "default", "a" * 300,
    "arn:aws:iam::111111111111:root", "arn:aws:x", "us-east-1", "us-east-1a", "use1-az1", "${x}",
    "vpc-0123456789abcdef0", "sg-1", "vpce-svc-0123456789abcdef0", "com.amazonaws.us-east-1.s3",
    "com.amazonaws.us-east-1.logs", "Interface", "Gateway", "network", "internal", "TCP", "ipv4",
    '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}',
    "eyJhIjogMX0=", "W10=", "MQ==", "vpc", "L-1B52E74A", "forward", "ip", "opted-in", "Accept",
)  # fmt: skip


BLOCKS = ("10.0.0.0/16", "10.0.1.0/24", "172.31.240.0/28")
#: What fits some members, by name.
FITTING = {
    "AvailabilityZoneId": ("use1-az1", "use1-az2"),
    "CidrBlock": BLOCKS,
    "CidrIp": BLOCKS,
    "CidrIpv6": ("::/0",),
    "ConnectionEvent": ("Accept", "Connect"),
    "ConnectionNotificationArn": ("arn:aws:sns:us-east-1:111111111111:topic",),
    "DesiredValue": ("30",),
    "DestinationCidrBlock": (*BLOCKS, "0.0.0.0/0"),
    "GroupName": ("mine", "us-east-1-bos-1"),
    "IpProtocol": ("tcp", "-1", "icmp", "50"),
    "Key": ("Name", "deletion_protection.enabled", "stickiness.enabled", "team"),
    "OptInStatus": ("opted-in",),
    "Protocol": ("TCP",),
    "QuotaCode": ("L-1B52E74A",),
    "ServiceCode": ("vpc",),
    "Type": ("forward", "network"),
    "Value": ("true", "x"),
}


class Nobody:
    """Organizations and topics of a world where nobody else is."""

    def membership(self, account: str) -> Membership | None:
        return None

    def publish(self, *_: str) -> None:
        return


class Asker:
    """Asks anything, with what it has come to know: ids, names and ARNs of earlier answers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.eager = self.random.choice((0.15, 0.3, 0.5))
        self.known: dict[str, list[str]] = {name: [*words] for name, words in FITTING.items()}
        nobody = Nobody()
        self.ec2 = Ec2(directory=nobody, notifier=nobody)
        self.ec2.world({"settle_seconds": 0})

    def ask(self, service: str, name: str, body: Any) -> Reply:
        reply = self.ec2.serve(service, name, body, ME)
        list(permissions.needed(service, name, reply.parameters, ME, self._about))
        cloudtrail(
            service, name, reply, ME, event_id="e", when=datetime.now(UTC), user_agent="",
            source_ip="127.0.0.1",
        )  # fmt: skip
        if reply.response:
            self._learn(reply.response)
        return reply

    def _about(self, identifier: str) -> Any:
        return self.ec2.about(ME, identifier)

    def _learn(self, value: Any, name: str = "") -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                self._learn(inner, key)
        elif isinstance(value, list):
            for inner in value:
                self._learn(inner, name)
        elif isinstance(value, str) and name.endswith(("Id", "Ids", "Arn", "Name", "Block")):
            self.known.setdefault(name.removesuffix("s"), []).append(value)

    def word(self, name: str, shape: Shape) -> str:
        """A value for a member, mostly one that fits."""
        fitting = self.known.get(name.removesuffix("s"), [])
        enum = getattr(shape, "enum", None) or []
        if self.random.random() < 0.07:
            return self.random.choice(JUNK)
        if fitting and self.random.random() < 0.9:
            return self.random.choice(fitting[-6:])
        if enum:
            return str(self.random.choice(enum))
        if shape.type_name in ("integer", "long"):
            return str(self.random.choice([-1, 0, 1, 5, 443, 400, 70_000]))
        if shape.type_name == "boolean":
            return self.random.choice(["true", "false", "perhaps"])
        return self.random.choice(JUNK)

    def pairs(self, shape: Shape, path: str, name: str) -> list[tuple[str, str]]:
        """A query's pairs for a member; now and then of another form than it has."""
        if self.random.random() < 0.03:
            return [(path, self.random.choice(JUNK)), (f"{path}.1", "x")][
                : self.random.choice((1, 2))
            ]
        if isinstance(shape, StructureShape):
            chosen = [each for each in shape.members.items() if self.random.random() < 0.6]
            found = (self.pairs(inner, f"{path}.{_wire(inner, m)}", m) for m, inner in chosen)
            return [pair for each in found for pair in each]
        if isinstance(shape, ListShape):
            items = range(1, self.random.choice((2, 2, 3)))
            found = (self.pairs(shape.member, f"{path}.{n}", name) for n in items)
            return [pair for each in found for pair in each]
        if isinstance(shape, MapShape):
            return [(f"{path}.entry.1.key", "a"), (f"{path}.entry.1.value", "b")]
        return [(path, self.word(name, shape))]

    def _json(self, name: str, shape: Shape) -> Any:
        word = self.word(name, shape)
        number = shape.type_name != "string" and word.lstrip("-").isdigit()
        return float(word) if number and self.random.random() < 0.9 else word

    def request(self, service: str, name: str) -> Any:
        """A body that asks for some of what the operation takes."""
        model = operation_model(service, name)
        shape = model.input_shape if model else None
        if shape is None:
            return []
        wanted = {
            member: inner
            for member, inner in shape.members.items()
            if member != "DryRun"
            and (member in shape.required_members or self.random.random() < self.eager)
        }
        if service == "servicequotas" and self.random.random() < 0.1:
            return self.random.choice(JUNK).encode()
        if service == "servicequotas":
            return json.dumps({m: self._json(m, inner) for m, inner in wanted.items()}).encode()
        ec2 = service == "ec2"
        found: list[tuple[str, str]] = []
        for member, inner in wanted.items():
            path = _wire(inner, member)
            if isinstance(inner, ListShape) and not ec2 and self.random.random() < 0.9:
                path += ".member"
            found += self.pairs(inner, path[0].upper() + path[1:] if ec2 else path, member)
        return found


def _wire(shape: Shape, member: str) -> str:
    name = str(shape.serialization.get("queryName") or shape.serialization.get("name", member))
    return name[0].upper() + name[1:]


def furnished(seed: int) -> Asker:
    """An asker whose guesses meet something: a default VPC, a balancer, a service, endpoints."""
    asker = Asker(seed)

    def make(service: str, name: str, *pairs: tuple[str, str]) -> dict[str, Any]:
        reply = asker.ask(service, name, list(pairs))
        assert reply.status == 200, reply.message
        return reply.response or {}

    vpc = make("ec2", "CreateDefaultVpc")["Vpc"]["VpcId"]
    network = asker.ec2._world.network(ME.account, ME.region)
    subnets = [subnet.id for subnet in network.all_subnets()]
    groups = [each for groups in network.groups.values() for each in groups]
    asker.known |= {"SubnetId": subnets, "Subnet": subnets, "RouteTableId": [*network.route_tables]}
    asker.known |= {"GroupId": groups, "SecurityGroupId": groups, "SecurityGroup": groups}
    asker.known["Resource"] = [vpc, *subnets]
    asker.known["PrefixListId"] = [*network.managed_prefix_lists]
    named = [("Name", "one"), ("Type", "network"), ("Subnets.member.1", subnets[0])]
    balancer = make("elasticloadbalancing", "CreateLoadBalancer", *named)["LoadBalancers"][0]
    arn = balancer["LoadBalancerArn"]
    asker.known |= {"NetworkLoadBalancerArn": [arn], "ResourceArn": [arn]}
    make("ec2", "CreateVpcEndpointServiceConfiguration", ("NetworkLoadBalancerArn.1", arn))
    name = ("ServiceName", "com.amazonaws.us-east-1.logs")
    make("ec2", "CreateVpcEndpoint", ("VpcId", vpc), ("VpcEndpointType", "Interface"), name)
    gateway = make("ec2", "CreateInternetGateway")["InternetGateway"]["InternetGatewayId"]
    asker.known["GatewayId"] = [gateway]
    make("ec2", "AllocateAddress")
    target = [("Name", "one"), ("Protocol", "TCP"), ("Port", "443"), ("VpcId", vpc)]
    make("elasticloadbalancing", "CreateTargetGroup", *target)
    return asker


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_nothing_that_is_asked_breaks_the_lab(seed: int) -> None:
    asker = furnished(seed)
    order = [each for each in SERVED for _ in range(2)]
    asker.random.shuffle(order)
    for service, name in order:
        reply = asker.ask(service, name, asker.request(service, name))
        assert reply.status in (200, 400, 401, 403, 412), (name, reply.error)
        assert reply.error != "InternalError"
