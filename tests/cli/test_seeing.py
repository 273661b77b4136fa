"""`status`, `why` and `requests`: the view as a person reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode
from autopilot.view.model import (
    ConnectionView,
    Overview,
    Place,
    Problem,
    ServiceView,
    SubnetView,
    Unknown,
    VpcView,
    Waiting,
    ZoneRow,
)

from cli import policy_file
from cli.deployed import Deployed
from cli.problem import Problem as Trouble
from cli.status_text import print_status
from cli.why import about
from tests.cli.conftest import ACCOUNT, NO_STACK, OUTPUTS, Aws, Run, refusal, stack

CONSUMER, STRANGER = "222222222222", "333333333333"
SINCE = "2026-11-24T12:00:00+00:00"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/orders-lb/50dc"
SERVICE, NAME = "vpce-svc-0a", "com.amazonaws.vpce.us-east-1.vpce-svc-0a"


def line(subnet: str, reach: Any, **more: Any) -> SubnetView:
    made = SubnetView(subnet, "private-a", "use1-az1", "rtb-1", "s3", reach, f"it is {reach}")
    return replace(made, **more)


def connection(endpoint: str, owner: str, **more: Any) -> ConnectionView:
    made = ConnectionView(endpoint, SERVICE, NAME, owner, "us-east-1", "available", SINCE)
    return replace(made, **more)


REQUEST = Waiting(
    "request",
    f"{SERVICE}/vpce-03",
    "orders",
    SINCE,
    "2026-12-01T12:00:00+00:00",
    "it is rejected",
    f"no rule names {STRANGER}",
    STRANGER,
    SERVICE,
)
ALL = Overview(
    Place(ACCOUNT, "us-east-1", "EndpointAutopilot", "enforce", SINCE),
    vpcs=(
        VpcView(
            "vpc-1",
            "shop\x1b[2J",
            (line("subnet-1", "not private"), line("subnet-10", "private", endpoint_id="vpce-11")),
        ),
        VpcView("vpc-2", "", (line("subnet-2", "private", endpoint_id="vpce-12"),)),
        VpcView("vpc-3", ""),
    ),
    services=(
        ServiceView(
            SERVICE,
            "orders",
            NAME,
            (BALANCER,),
            ("use1-az1",),
            (
                connection("vpce-01", CONSUMER, by="autopilot", rule="account 222222222222"),
                connection("vpce-02", STRANGER, by="arn:alice", reason="agreed in CHG-17"),
            ),
            (
                ZoneRow("", ACCOUNT, {"use1-az1": "served"}),
                ZoneRow("vpce-01", CONSUMER, {"use1-az1": "served", "use1-az2": "missing"}),
            ),
        ),
    ),
    waiting=(
        REQUEST,
        Waiting("RouteTableBusy", "vpc-1/s3", "shop", SINCE, "", "", "1 busy route table (rtb-1)"),
    ),
    problems=(
        Problem("x", "x", "failure", "vpc-1/s3", "shop", SINCE, "It failed", "ec2: no", False),
    ),
)


def printed(seen: Overview, capsys: pytest.CaptureFixture[str], *, every: bool = False) -> str:
    print_status(seen, every=every)
    return capsys.readouterr().out


def test_status_reads_worst_first_and_counts_what_is_fine(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert printed(ALL, capsys).splitlines() == [
        f"EndpointAutopilot in account {ACCOUNT}, us-east-1, mode enforce, at {SINCE}",
        "",
        "Coverage",
        "vpc-1 (shop\\x1b[2J): not private",
        "  subnet-1 (private-a) to s3: not private [use1-az1 rtb-1]",
        "      it is not private",
        "1 VPC: private (--all shows each)",
        "1 VPC: left alone (--all shows each)",
        "",
        "Services",
        f"vpce-svc-0a (orders): {NAME}",
        "  load balancers: orders-lb; zones: use1-az1",
        f"  vpce-01 of account {CONSUMER}: available, since {SINCE}, by autopilot"
        f" (rule: account {CONSUMER})",
        f"  vpce-02 of account {STRANGER}: available, since {SINCE}, by arn:alice",
        "      agreed in CHG-17",
        "    zones of the service: use1-az1 served",
        f"    zones of vpce-01 of account {CONSUMER}: use1-az1 served, use1-az2 missing",
        "",
        "Waits",
        f"vpce-03 of account {STRANGER} asks for vpce-svc-0a (orders), since {SINCE}",
        f"  why it waits: no rule names {STRANGER}",
        "  until 2026-12-01T12:00:00+00:00: then it is rejected",
        "  ./autopilot accept vpce-03",
        '  ./autopilot reject vpce-03 --reason "..."',
        f"vpc-1/s3 (shop): 1 busy route table (rtb-1), since {SINCE}",
        "",
        "Open findings",
        f"failure: It failed, since {SINCE} (ops don't know yet)",
        "  vpc-1/s3 (shop): ec2: no",
    ]


def test_of_many_bad_vpcs_the_worst_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    many = tuple(VpcView(f"vpc-{n}", "", (line("subnet-1", "waiting"),)) for n in range(25))
    said = printed(replace(ALL, vpcs=many), capsys)
    assert said.count(" to s3: waiting") == 20
    assert "5 VPCs: waiting (--all shows each)" in said
    assert printed(replace(ALL, vpcs=many), capsys, every=True).count(" to s3: waiting") == 25


def test_status_can_show_every_subnet(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(ALL, capsys, every=True)
    assert "subnet-10 (private-a) to s3: private [use1-az1 rtb-1 vpce-11]" in said
    assert "vpc-3: left alone" in said


def test_what_could_not_be_read_is_said_with_the_permission(
    capsys: pytest.CaptureFixture[str],
) -> None:
    why = "ec2:DescribeSubnets: UnauthorizedOperation: no"
    said = printed(replace(ALL, unknown=(Unknown("subnets", why, ("vpcs",)),)), capsys)
    assert "Not seen: nothing above counts as fine without it" in said
    assert f"  subnets: ec2:DescribeSubnets is missing. AWS's words: {why}" in said


@pytest.mark.parametrize(
    ("asked", "subnets", "connections", "waiting", "problems"),
    [
        ("vpc-1", ["subnet-1", "subnet-10"], [], ["vpc-1/s3"], ["vpc-1/s3"]),
        ("subnet-1", ["subnet-1"], [], [], []),
        ("subnet-10", ["subnet-10"], [], [], []),
        ("rtb-1", ["subnet-1", "subnet-10", "subnet-2"], [], ["vpc-1/s3"], []),
        ("vpce-12", ["subnet-2"], [], [], []),
        ("vpce-02", [], ["vpce-02"], [], []),
        ("vpce-03", [], [], [REQUEST.subject], []),
        (SERVICE, [], ["vpce-01", "vpce-02"], [REQUEST.subject], []),
        (NAME, [], ["vpce-01", "vpce-02"], [], []),
        (BALANCER, [], ["vpce-01", "vpce-02"], [], []),
        ("orders-lb", [], ["vpce-01", "vpce-02"], [], []),
        (CONSUMER, [], ["vpce-01"], [], []),
        (STRANGER, [], ["vpce-02"], [REQUEST.subject], []),
    ],
)
def test_why_finds_all_that_speaks_of_a_thing_and_nothing_else(
    asked: str, subnets: Any, connections: Any, waiting: Any, problems: Any
) -> None:
    made = about(ALL, asked)
    assert [each.subnet_id for vpc in made.vpcs for each in vpc.subnets] == subnets
    found = [each.endpoint_id for service in made.services for each in service.connections]
    assert found == connections
    assert [each.subject for each in made.waiting] == waiting
    assert [each.subject for each in made.problems] == problems


def test_why_shows_the_zones_of_an_endpoint_alone() -> None:
    (service,) = about(ALL, "vpce-01").services
    assert [row.endpoint_id for row in service.zone_map] == ["vpce-01"]


@pytest.mark.parametrize("asked", ["vpc-4", "subnet", "vpce-0", "rtb", ""])
def test_why_says_that_it_knows_nothing_of_others(asked: str) -> None:
    with pytest.raises(Trouble, match="is called"):
        about(ALL, asked)


def test_why_admits_what_it_could_not_look_for() -> None:
    blind = replace(ALL, unknown=(Unknown("VPCs", "no", ("vpcs",)),))
    with pytest.raises(Trouble, match=r"as far as it can be read \(not: VPCs\)"):
        about(blind, "vpc-4")


ASKING = {
    "VpcEndpointId": "vpce-03",
    "ServiceId": SERVICE,
    "VpcEndpointOwner": STRANGER,
    "VpcEndpointState": "pendingAcceptance",
}


@pytest.fixture
def world(aws: Aws) -> Aws:
    """A service that somebody asks for, and a VPC."""
    service = {"ServiceId": SERVICE, "ServiceName": NAME, "ServiceState": "Available"}
    aws.will(
        DescribeStacks=NO_STACK,
        DescribeVpcs={"Vpcs": [{"VpcId": "vpc-1", "OwnerId": ACCOUNT, "State": "available"}]},
        DescribeVpcEndpointServiceConfigurations={"ServiceConfigurations": [service]},
        DescribeVpcEndpointConnections={"VpcEndpointConnections": [ASKING]},
    )
    return aws


@pytest.fixture
def remembering(world: Aws) -> Aws:
    """The same with a stack, which remembers nothing."""
    world.will(DescribeStacks=stack(**OUTPUTS), ExecuteStatement={"Items": []})
    return world


def test_requests_lists_what_waits_with_the_commands(remembering: Aws, run: Run) -> None:
    ran = run("requests")
    assert (ran.code, ran.err) == (0, "")
    assert f"vpce-03 of account {STRANGER} asks for {SERVICE}" in ran.out
    assert "  ./autopilot accept vpce-03\n" in ran.out
    (listed,) = run("requests", "--json").json["requests"]
    assert listed["subject"] == REQUEST.subject


def test_no_request_is_said(aws: Aws, run: Run) -> None:
    aws.will(ExecuteStatement={"Items": []})
    assert run("requests").out == "No request waits for a person.\n"


def test_status_and_why_in_json_are_the_view(world: Aws, run: Run) -> None:
    seen = run("status", "--json").json
    assert set(seen) == set(encode(ALL))
    assert run("why", "vpc-1", "--json").json["vpcs"][0]["id"] == "vpc-1"


@pytest.mark.parametrize("name", ["status", "requests"])
def test_what_may_not_be_read_makes_it_an_error(remembering: Aws, run: Run, name: str) -> None:
    remembering.will(DescribeVpcEndpointConnections=refusal("UnauthorizedOperation"))
    ran = run(name)
    assert ran.code == 1
    assert "connections: ec2:DescribeVpcEndpointConnections is missing." in ran.out


@pytest.mark.parametrize("arguments", [("status",), ("why", "vpc-1")])
@pytest.mark.parametrize(
    ("runs", "said"),
    [
        (Deployed(Policy(mode="audit", skip_tags={})), "Another policy is deployed, this goes by"),
        (Deployed(why="lambda:GetFunction: no"), "Which policy is deployed isn't known, this"),
        (None, ""),
    ],
)
def test_a_view_by_another_policy_than_the_deployed_one_says_so_first(
    remembering: Aws,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    runs: Deployed | None,
    said: str,
) -> None:
    own = policy_file.load(policy_file.own(), "EndpointAutopilot", "us-east-1", warn=False).policy
    monkeypatch.setattr("cli.deployed.deployed", lambda _: runs or Deployed(own))
    ran = run(*arguments)
    assert (ran.code, ran.err) == (0, "")
    first = ran.out.splitlines()[0]
    assert first.startswith(said or ("EndpointAutopilot in" if arguments[0] == "status" else "vpc"))
    json.loads(run(*arguments, "--json").out)


def test_nothing_is_written(world: Aws, run: Run) -> None:
    for arguments in (("status",), ("requests",), ("why", "vpc-1"), ("plan",)):
        run(*arguments)
    reading = ("describe_", "get_", "list_", "query")
    assert not [name for name, _ in world.asked if not name.startswith(reading)]
