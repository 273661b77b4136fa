"""The view of a running lab's account, with a ledger of the lab's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from autopilot.aws import clients
from autopilot.aws.ledger import Ledger
from autopilot.aws.overview import overview
from autopilot.connections.facts import AUTOPILOT, Remembered
from autopilot.connections.remembered import kept
from autopilot.gateway.messages import CHANGE_FAILED
from autopilot.gateway.rivals import RESTORED
from autopilot.notify.ledger import Key, Row, Write, at_once, finding_delta
from autopilot.policy.model import GatewayPolicy, Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.view.model import Overview

from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import Net
from tests.lab.ec2.sdk import OWNER, Sdk, fresh

# pytest finds fixtures by their names.
sdk, balancing, owner, net = lab.sdk, lab.balancing, lab.owner, lab.net
US = StackIdentity("Stack", OWNER, "us-east-1")
S3_ONLY = Policy(gateway_endpoints=GatewayPolicy(services=("s3",), busy_route_tables="now"))
NOW = datetime.now(UTC)


@dataclass
class Shown:
    """Shows the lab's account under a policy for S3 alone."""

    ledger: Ledger

    def view(self) -> Overview:
        return overview(S3_ONLY, US, self.ledger, NOW)

    def reach(self, subnet_id: str) -> str:
        (found,) = [
            line.reach
            for each in self.view().vpcs
            for line in each.subnets
            if line.subnet_id == subnet_id
        ]
        return found


@pytest.fixture
def shown(sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    clients.client.cache_clear()
    monkeypatch.setattr(clients, "make", lambda service, *_: sdk.client(OWNER, service=service))
    dynamodb, table = sdk.client(OWNER, service="dynamodb"), fresh("ledger")
    keys = {"pk": "HASH", "sk": "RANGE"}
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    yield Shown(Ledger(table))
    dynamodb.delete_table(TableName=table)


def failed(vpc_id: str) -> Write:
    finding = CHANGE_FAILED.about(f"{vpc_id}/s3", {"error": "AccessDenied", "action": "create"})
    new = finding_delta("opened", finding, None, CHANGE_FAILED, execution="one", now=NOW)
    return at_once(new.delivery)


def test_an_endpoint_makes_its_subnets_private(shown: Shown, net: Net) -> None:
    assert shown.reach(net.subnet) == "waiting"

    net.owner.create_vpc_endpoint(
        VpcId=net.vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[net.main]
    )

    assert shown.reach(net.subnet) == "private"


def test_what_the_ledger_remembers_is_in_the_view(shown: Shown, net: Net) -> None:
    shown.ledger.write([failed(net.vpc)])

    view = shown.view()

    assert shown.reach(net.subnet) == "not private"
    assert [each.subject for each in view.problems] == [f"{net.vpc}/s3"]
    assert view.unknown == ()


def test_a_rivals_table_is_left(shown: Shown, net: Net) -> None:
    body = {"tables": f'{{"{net.main}": 3}}', "last": (NOW - timedelta(hours=1)).isoformat()}
    key = Key(RESTORED, f"{net.vpc}/s3")
    shown.ledger.write([Write(key, Row(key, 1, True, "one", NOW.isoformat(), body), None)])

    assert shown.reach(net.subnet) == "not private"


def test_other_partitions_are_not_read(shown: Shown, net: Net) -> None:
    known = Remembered("accepted", AUTOPILOT, at=NOW.isoformat())
    elsewhere = Key("execution", "one")
    row = Row(elsewhere, 1, True, "one", NOW.isoformat(), {})
    shown.ledger.write([kept("vpce-svc-1/vpce-1", known, None), Write(elsewhere, row, None)])

    found: Any = shown.ledger.partitions(["connection", "finding"])

    assert {pk: [each.key.sk for each in rows] for pk, rows in found.items()} == {
        "connection": ["vpce-svc-1/vpce-1"],
        "finding": [],
    }


def test_a_denied_read_is_named(shown: Shown, sdk: Sdk, net: Net) -> None:
    sdk.lab.fault("DescribeSubnets", error="UnauthorizedOperation")

    view = shown.view()

    assert [each.what for each in view.unknown] == ["subnets"]
    assert {line.reach for each in view.vpcs for line in each.subnets} == {"unknown"}
