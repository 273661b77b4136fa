"""The view of a large account: what it costs to read, and what becomes of what can't be read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from autopilot.aws import clients
from autopilot.aws.ledger import Ledger
from autopilot.aws.overview import overview, read
from autopilot.connections import remembered
from autopilot.connections.holds import HOLDS
from autopilot.gateway.grace import FIRST_SEEN
from autopilot.gateway.messages import CHANGE_FAILED
from autopilot.notify.ledger import FINDINGS
from autopilot.policy.model import InterfaceProfile, Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.withdrawn import WITHDRAWN
from autopilot.view.model import EVERY_PART, Overview, Part
from autopilot.view.seen import Source
from autopilot.view.widget import SHOWS, widget
from autopilot.view.widget_page import Asked
from botocore import xform_name
from botocore.exceptions import ClientError

US = StackIdentity("Stack", "111111111111", "us-east-1")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
OURS = [{"Key": "endpoint-autopilot:owner", "Value": "Stack"}]
LOGS = "com.amazonaws.us-east-1.logs"
PROFILE = InterfaceProfile("workloads", ("logs",), {"network": "private"})
POLICY = Policy(interface_endpoints=(PROFILE,))
VPCS, SERVICES, CONNECTIONS = 200, 5, 500
MOST_CALLS = 12
# Bytes. CloudWatch names no limit of its own; Lambda's is 6 MB, and a browser has to draw it.
MOST_HTML = 400_000


@dataclass
class Account:
    """An account that answers page by page, with pages as long as AWS gives at most.

    `lists`: operation to the name of its list and the elements. `answers`: to operations that have
    no list. `refused`: operations that are denied. `called`: how often each was asked for.
    """

    lists: dict[str, tuple[str, list[Any]]]
    refused: frozenset[str] = frozenset()
    called: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    # The most that a page takes (botocore's EC2 model), whatever is asked for.
    _most: Mapping[str, int] = field(default_factory=lambda: {"DescribeRouteTables": 100})

    def __getattr__(self, method: str) -> Callable[..., Any]:
        operations = {
            xform_name(operation): operation for operation in (*self.lists, *self.answers)
        }
        return lambda **request: self._answer(operations[method], request)

    def _answer(self, operation: str, request: Mapping[str, Any]) -> Any:
        self.called[operation] += 1
        self.asked.append((operation, request))
        if operation in self.refused:
            error: Any = {"Code": "UnauthorizedOperation", "Message": "no policy allows it"}
            raise ClientError({"Error": error}, operation)
        if operation in self.answers:
            return self.answers[operation]
        name, elements = self.lists[operation]
        page = min(request.get("MaxResults", 1000), self._most.get(operation, 1000))
        start = int(request.get("NextToken", 0))
        more = {"NextToken": str(start + page)} if start + page < len(elements) else {}
        return {name: elements[start : start + page], **more}


def vpc(number: int) -> dict[str, Any]:
    tags = [{"Key": "Name", "Value": f"vpc {number}"}, {"Key": "network", "Value": "private"}]
    return {"VpcId": f"vpc-{number}", "OwnerId": US.account, "State": "available", "Tags": tags}


def subnet(vpc_number: int, number: int) -> dict[str, Any]:
    return {
        "SubnetId": f"subnet-{vpc_number}-{number}",
        "VpcId": f"vpc-{vpc_number}",
        "AvailabilityZoneId": f"use1-az{number + 1}",
        "State": "available",
        "CidrBlock": "10.0.0.0/24",
        "AvailableIpAddressCount": 200,
    }


def table(vpc_number: int, number: int) -> dict[str, Any]:
    """The first is the main one; the second one is of subnet 0."""
    uses = {"SubnetId": f"subnet-{vpc_number}-0"} if number else {"Main": True}
    route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
    return {
        "RouteTableId": f"rtb-{vpc_number}-{number}",
        "VpcId": f"vpc-{vpc_number}",
        "Associations": [uses],
        "Routes": [route],
    }


def endpoint(vpc_number: int, service: str, **more: Any) -> dict[str, Any]:
    return {
        "VpcEndpointId": f"vpce-{service}-{vpc_number}",
        "VpcEndpointType": "Gateway",
        "VpcId": f"vpc-{vpc_number}",
        "ServiceName": f"com.amazonaws.us-east-1.{service}",
        "State": "available",
        "RouteTableIds": [f"rtb-{vpc_number}-0", f"rtb-{vpc_number}-1"],
        "Tags": OURS,
        **more,
    }


def endpoints() -> list[dict[str, Any]]:
    """All VPCs have S3; the last hundred go without DynamoDB, and have no endpoint for logs."""
    half = range(VPCS // 2)
    interface = {"VpcEndpointType": "Interface", "PrivateDnsEnabled": True, "RouteTableIds": []}
    return [
        *(endpoint(n, "s3") for n in range(VPCS)),
        *(endpoint(n, "dynamodb") for n in half),
        *(endpoint(n, "logs", **interface, SubnetIds=[f"subnet-{n}-0"]) for n in half),
    ]


def connection(number: int) -> dict[str, Any]:
    return {
        "ServiceId": f"vpce-svc-{number % SERVICES}",
        "VpcEndpointId": f"vpce-c{number}",
        "VpcEndpointOwner": "222222222222",
        "VpcEndpointState": "available" if number % 10 else "pendingAcceptance",
        "CreationTimestamp": NOW - timedelta(hours=number),
    }


def row(pk: str, sk: str, **body: Any) -> dict[str, Any]:
    """A row of the ledger as DynamoDB gives it."""
    plain = {"pk": pk, "sk": sk, "claimed_by": "arn", "claimed_at": NOW.isoformat(), **body}
    return {
        **{name: {"S": value} for name, value in plain.items()},
        "version": {"N": "1"},
        "told": {"BOOL": True},
    }


def accepted(number: int) -> dict[str, Any]:
    subject = f"vpce-svc-{number % SERVICES}/vpce-c{number}"
    how = {"state": "accepted", "by": "autopilot", "rule": "account 222222222222"}
    at = (NOW - timedelta(days=1)).isoformat()
    return row(remembered.CONNECTIONS, subject, **how, reason="a rule names it", at=at)


FAILED = row(
    FINDINGS,
    "ChangeFailed/vpc-150/dynamodb",
    kind=CHANGE_FAILED.kind,
    subject="vpc-150/dynamodb",
    severity="failure",
    data='{"error": "AccessDenied", "message": "no", "action": "create"}',
    change="opened",
    first_seen=NOW.isoformat(),
)
HELD = "vpce-svc-0/vpce-c0"
LATER = (NOW + timedelta(minutes=5)).isoformat()


def account(*refused: str) -> Account:
    listed: dict[str, tuple[str, list[Any]]] = {
        "DescribeVpcs": ("Vpcs", [vpc(n) for n in range(VPCS)]),
        "DescribeSubnets": ("Subnets", [subnet(v, n) for v in range(VPCS) for n in range(3)]),
        "DescribeRouteTables": ("RouteTables", [table(v, n) for v in range(VPCS) for n in (0, 1)]),
        "DescribeVpcEndpoints": ("VpcEndpoints", endpoints()),
        "DescribeNetworkInterfaces": (
            "NetworkInterfaces",
            [{"VpcId": f"vpc-{n}", "SubnetId": f"subnet-{n}-0"} for n in range(100, 120)],
        ),
        "DescribeVpcEndpointServices": (
            "ServiceDetails",
            [
                {
                    "ServiceName": LOGS,
                    "ServiceType": [{"ServiceType": "Interface"}],
                    "AvailabilityZoneIds": ["use1-az1", "use1-az2"],
                    "PrivateDnsName": "logs.us-east-1.amazonaws.com",
                }
            ],
        ),
        "DescribeVpcEndpointServiceConfigurations": (
            "ServiceConfigurations",
            [
                {"ServiceId": f"vpce-svc-{n}", "AvailabilityZoneIds": ["use1-az1"]}
                for n in range(SERVICES)
            ],
        ),
        "DescribeVpcEndpointConnections": (
            "VpcEndpointConnections",
            [connection(n) for n in range(CONNECTIONS)],
        ),
        "ExecuteStatement": (
            "Items",
            [
                *(accepted(n) for n in range(CONNECTIONS) if n % 10),
                FAILED,
                row(FIRST_SEEN, "rtb-130-0", until=LATER),
                row(WITHDRAWN, "rtb-140-0/dynamodb", until=LATER),
            ],
        ),
    }
    return Account(listed, frozenset(refused))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Account]:
    """Makes the account that all clients lead to; `refused` operations are denied there."""

    def made(*refused: str) -> Account:
        there = account(*refused)
        clients.client.cache_clear()
        monkeypatch.setattr(clients, "make", lambda *_: there)
        return there

    return made


def view(policy: Policy = POLICY) -> Overview:
    return overview(policy, US, Ledger("ledger"), NOW)


def stands(shown: Overview, subnet_id: str, service: str) -> str:
    (found,) = [
        line.reach
        for each in shown.vpcs
        for line in each.subnets
        if (line.subnet_id, line.service) == (subnet_id, service)
    ]
    return found


def test_a_large_account_takes_twelve_calls(large: Callable[..., Account]) -> None:
    there = large()

    shown = view()

    assert there.called == {
        "DescribeVpcs": 1,
        "DescribeSubnets": 1,
        "DescribeRouteTables": 4,
        "DescribeVpcEndpoints": 1,
        "DescribeNetworkInterfaces": 1,
        "DescribeVpcEndpointServices": 1,
        "DescribeVpcEndpointServiceConfigurations": 1,
        "DescribeVpcEndpointConnections": 1,
        "ExecuteStatement": 1,
    }
    assert there.called.total() <= MOST_CALLS
    assert (len(shown.vpcs), len(shown.services)) == (VPCS, SERVICES)
    assert sum(len(each.connections) for each in shown.services) == CONNECTIONS
    assert sum(len(each.subnets) for each in shown.vpcs) == VPCS * 3 * 3


def test_where_all_is_served_nobody_asks_for_interfaces_and_offers(
    large: Callable[..., Account],
) -> None:
    there = large()
    there.lists["DescribeVpcEndpoints"][1][:] = [
        each
        for number in range(VPCS)
        for each in (endpoint(number, "s3"), endpoint(number, "dynamodb"))
    ]

    view(Policy())

    assert there.called.total() == MOST_CALLS - 2


def test_shows_the_account_as_the_workflows_would_see_it(large: Callable[..., Account]) -> None:
    large()

    shown = view()

    assert stands(shown, "subnet-0-0", "s3") == "private"
    assert stands(shown, "subnet-0-2", LOGS) == "private"
    assert stands(shown, "subnet-100-1", "dynamodb") == "waiting"
    assert stands(shown, "subnet-100-0", "dynamodb") == "not private", "its table is busy"
    assert stands(shown, "subnet-150-1", "dynamodb") == "not private", "the change failed"
    assert stands(shown, "subnet-150-1", LOGS) == "waiting"
    kinds = Counter(each.kind for each in shown.waiting)
    assert kinds == {"request": 50, "RouteTableBusy": 20, "Grace": 1, "SteppedAside": 1}
    assert [each.subject for each in shown.problems] == ["vpc-150/dynamodb"]
    assert {c.by for s in shown.services for c in s.connections} == {"autopilot", ""}
    assert shown.unknown == ()


def test_names_where_traffic_goes_meanwhile(large: Callable[..., Account]) -> None:
    large()
    reasons = [line.reason for each in view().vpcs for line in each.subnets]
    assert any(reason.endswith("; meanwhile traffic goes by nat-1") for reason in reasons)


def test_before_the_first_deployment_the_quota_is_asked_for(large: Callable[..., Account]) -> None:
    there = large()
    there.answers["GetServiceQuota"] = {"Quota": {"Value": 301.0}}

    reached = Counter(
        line.reach
        for each in overview(POLICY, US, None, NOW).vpcs
        for line in each.subnets
        if line.service == "dynamodb" and line.reach != "private"
    )

    assert reached["waiting"] <= 3, "one endpoint is left to be made, for one VPC"
    assert reached["not private"] >= 297


def test_before_the_first_deployment_there_is_no_ledger(large: Callable[..., Account]) -> None:
    there = large()
    there.answers["GetServiceQuota"] = {"Quota": {"Value": 1000.0}}

    shown = overview(POLICY, US, None, NOW)

    assert there.called["ExecuteStatement"] == 0
    assert there.called.total() == MOST_CALLS
    assert shown.unknown == ()
    assert shown.problems == ()
    assert stands(shown, "subnet-150-1", "dynamodb") == "waiting"
    assert {c.by for s in shown.services for c in s.connections} == {""}


ALL = ("DescribeVpcs", "DescribeSubnets", "DescribeRouteTables", "DescribeVpcEndpoints",
       "DescribeNetworkInterfaces", "DescribeVpcEndpointServices",
       "DescribeVpcEndpointServiceConfigurations", "DescribeVpcEndpointConnections",
       "ExecuteStatement")  # fmt: skip
OF_SERVICES = {"DescribeVpcEndpointServiceConfigurations", "DescribeVpcEndpointConnections"}
READS: dict[str, set[str]] = {
    "coverage": {*ALL} - OF_SERVICES,
    "connections": {"DescribeSubnets", "DescribeVpcEndpoints", "ExecuteStatement", *OF_SERVICES},
    "waiting": {*ALL} - {"DescribeVpcEndpointServices"},
}


@pytest.mark.parametrize("part", SHOWS)
def test_each_widget_reads_no_more_than_it_shows_in_twelve_calls(
    large: Callable[..., Account], part: str
) -> None:
    whole, there = (large(), view())[1], large()

    shown = overview(POLICY, US, Ledger("ledger"), NOW, SHOWS[part])

    assert set(there.called) == READS[part]
    assert there.called.total() <= MOST_CALLS
    assert all(getattr(shown, each) == getattr(whole, each) for each in SHOWS[part])
    assert not any(getattr(shown, each) for each in EVERY_PART if each not in SHOWS[part])


@pytest.mark.parametrize("part", SHOWS)
def test_every_page_of_a_large_account_stays_below_the_limit(
    large: Callable[..., Account], part: str
) -> None:
    large()
    seen, number, of = view(), 0, 1
    while number < of:
        number += 1
        html = widget(seen, Asked(part, number, endpoint="arn:show", answers="arn:press"))
        assert len(html.encode()) < MOST_HTML
        told = re.search(r"Page (\d+) of (\d+)", html)
        assert told is None or int(told[1]) == number
        of = int(told[2]) if told else 1
    assert of > 1


REFUSALS: list[tuple[str, Source, tuple[Part, ...]]] = [
    ("DescribeVpcs", "VPCs", ("vpcs", "waiting")),
    ("DescribeSubnets", "subnets", ("vpcs",)),
    ("DescribeRouteTables", "route tables", ("vpcs", "waiting")),
    ("DescribeVpcEndpoints", "VPC endpoints", ("vpcs", "waiting")),
    ("DescribeNetworkInterfaces", "network interfaces", ("vpcs", "waiting")),
    ("DescribeVpcEndpointServices", "offered services", ("vpcs",)),
    ("DescribeVpcEndpointServiceConfigurations", "endpoint services", ("services", "waiting")),
    ("DescribeVpcEndpointConnections", "connections", ("services", "waiting")),
    ("ExecuteStatement", "the ledger", ("vpcs", "services", "waiting", "problems")),
]


@pytest.mark.parametrize(("operation", "source", "parts"), REFUSALS)
def test_what_is_denied_is_named_and_the_rest_is_shown(
    large: Callable[..., Account], operation: str, source: Source, parts: tuple[Part, ...]
) -> None:
    large(operation)

    shown = view()

    assert [(each.what, each.parts) for each in shown.unknown] == [(source, parts)]
    assert operation in shown.unknown[0].why
    assert all((shown.unknown_in(part) != ()) == (part in parts) for part in shown.unknown[0].parts)


@pytest.mark.parametrize("operation", [each[0] for each in REFUSALS])
def test_nothing_looks_better_than_it_is_for_want_of_a_permission(
    large: Callable[..., Account], operation: str
) -> None:
    large()
    good = {
        (line.subnet_id, line.service)
        for each in view().vpcs
        for line in each.subnets
        if line.reach == "private"
    }
    large(operation)

    for each in view().vpcs:
        for line in each.subnets:
            better = line.reach == "private" and (line.subnet_id, line.service) not in good
            assert not better
            assert line.reach != "left alone"


def test_nobody_is_shown_as_connected_without_the_ledgers_word(
    large: Callable[..., Account],
) -> None:
    large("ExecuteStatement")
    assert {c.by for s in view().services for c in s.connections} == {""}


def test_writes_nothing(large: Callable[..., Account]) -> None:
    there = large()
    view()
    assert all(each.startswith(("Describe", "ExecuteStatement")) for each in there.called)
    (statement,) = [request for name, request in there.asked if name == "ExecuteStatement"]
    assert statement["Statement"].startswith("SELECT * FROM ")


def test_reads_the_ledger_after_everything_that_it_explains(
    large: Callable[..., Account],
) -> None:
    there = large()
    view()
    order = [name for name, _ in there.asked]
    later = {"ExecuteStatement", "DescribeNetworkInterfaces"}
    assert set(order[: order.index("ExecuteStatement")]) == set(there.lists) - later


def test_a_private_service_is_asked_for_only_where_somebody_goes_without(
    large: Callable[..., Account],
) -> None:
    name = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
    own = replace(PROFILE, services=(name,))
    there = large()
    there.lists["DescribeVpcEndpoints"][1].extend(
        endpoint(n, "own", VpcEndpointType="Interface", PrivateDnsEnabled=True, ServiceName=name)
        for n in range(VPCS)
    )

    view(Policy(interface_endpoints=(own,)))
    assert there.called["DescribeVpcEndpointServices"] == 0


@pytest.mark.parametrize(
    "operation", ["DescribeVpcs", "DescribeRouteTables", "DescribeVpcEndpoints", "ExecuteStatement"]
)
def test_nobody_asks_who_is_busy_where_the_network_isnt_known(
    large: Callable[..., Account], operation: str
) -> None:
    there = large(operation)
    view()
    assert there.called["DescribeNetworkInterfaces"] == 0


def test_where_the_ledger_forgot_the_connections_own_tags_tell(
    large: Callable[..., Account],
) -> None:
    there = large()
    told = {"owner": "Stack", "rule": "account 222222222222", "accepted-by": "autopilot"}
    tags = {f"endpoint-autopilot:{name}": value for name, value in told.items()}
    there.lists["ExecuteStatement"][1].clear()
    there.lists["DescribeVpcEndpointConnections"][1][:] = [
        {**connection(1), "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    ]

    (found,) = [each for service in view().services for each in service.connections]

    assert (found.by, found.rule) == ("autopilot", "account 222222222222")


def test_holds_and_memory_come_of_the_rows(large: Callable[..., Account]) -> None:
    there = large()
    of_hold = {"service_id": "vpce-svc-0", "name": "hold-1", "state": "open", "token": "t"}
    rest = dict.fromkeys(("answer", "by", "reason", "at"), "")
    held = row(HOLDS, "vpce-c0", **of_hold, **rest, opened_at=NOW.isoformat())
    there.lists["ExecuteStatement"][1].append({**held, "hold_for_seconds": {"N": "3600"}})

    seen = read(POLICY, US, Ledger("ledger"), NOW)

    assert list(seen.connections.holds) == ["vpce-c0"]
    assert len(seen.connections.memory) == 450
    (first,) = [w for w in view().waiting if (w.kind, w.subject) == ("request", HELD)]
    assert first.until == "2026-11-30T13:00:00+00:00"
