"""Facts for weekly letters: a busy week, a quiet one, one that couldn't be read."""

from __future__ import annotations

from dataclasses import replace

from autopilot.notify.history import Entry
from autopilot.notify.notice import Change, Place
from autopilot.spend.costs import costs
from autopilot.spend.model import Costs
from autopilot.view.letter import Letter, Week, letter
from autopilot.view.model import Overview, Part, Problem, Unknown, VpcView, Waiting
from autopilot.view.model import Place as ViewPlace

from tests.unit.spend.builders import OURS, by_nat, endpoint, facts, idle, table

AT = "2026-11-30T08:00:00+00:00"
PLACE = Place("111111111111", "us-east-1", "EndpointAutopilot", "", AT)
HERE = ViewPlace("111111111111", "us-east-1", "EndpointAutopilot", "enforce", AT)
HOSTILE = "<script>alert(1)</script>\nSubject: free money"


def entry(at: str, kind: str, what: str, change: Change = "done", count: int = 1) -> Entry:
    names = {"vpc-1": "shop"}
    return Entry(
        at, kind, change, ("vpc-1/s3",), count, names, what, "it is so", "autopilot", "arn"
    )


CHANGED = "GatewayEndpointsChanged"
GROUP = entry(
    "2026-11-28T07:00:00+00:00", "InterfaceEndpointsChanged", "Endpoints in vpc-1: 1 group changed"
)
ANSWERED = entry("2026-11-27T16:30:00+00:00", "HoldAnswered", "vpce-9 was accepted by maria")
ENTRIES = (
    entry("2026-11-29T10:02:00+00:00", CHANGED, "Gateway endpoints in vpc-1: 1 created"),
    entry("2026-11-28T09:00:00+00:00", "PrincipalsChanged", "Permission list of vpce-svc-1 kept"),
    replace(GROUP, why="The rules of our security group differ from the policy."),
    replace(ANSWERED, by="maria"),
    entry("2026-11-26T07:00:00+00:00", CHANGED, "Gateway endpoints: 3 created", count=3),
    entry("2026-11-25T07:00:00+00:00", "RouteTableBusy", "1 busy route table", "opened"),
    entry("2026-11-25T08:00:00+00:00", "QuotaNear", "room again", "resolved"),
    entry("2026-11-24T12:00:00+00:00", "RouteTakenAway", "Routes in vpc-1 are gone", "opened"),
)
REQUEST = Waiting(
    kind="request",
    subject="vpce-svc-1/vpce-3",
    name="orders",
    since="2026-11-28T06:00:00+00:00",
    until="2026-12-05T06:00:00+00:00",
    then="it is rejected",
    reason="no rule names account 333333333333",
    owner="333333333333",
    service_id="vpce-svc-1",
)
BUSY_TABLE = Waiting(
    "RouteTableBusy", "vpc-1/s3", "shop", "2026-11-25T07:00:00+00:00", "", "", "1 busy route table"
)
PROBLEM = Problem(
    id="ForeignEndpointPolicy/vpc-2/s3",
    kind="ForeignEndpointPolicy",
    severity="action",
    subject="vpc-2/s3",
    name="",
    since="2026-11-10T08:00:00+00:00",
    headline="An endpoint of somebody else's has another policy",
    line="vpce-7 has full access",
)
VPCS = (VpcView("vpc-1", "shop"), VpcView("vpc-2", HOSTILE))


def money() -> Costs:
    """An idle endpoint of our own, an idle zone of somebody else's, NAT traffic."""
    made = facts(
        endpoint("vpce-1", tags={**OURS, "Name": "shop-logs"}),
        endpoint("vpce-2", "sqs", "ab", vpc_id="vpc-2"),
        unused=(idle("vpce-1"), idle("vpce-2", "subnet-vpc-2-b")),
    )
    nat = by_nat(table("rtb-1"), nat_1=112)
    both = replace(nat.measured, endpoints=made.measured.endpoints)
    return costs(replace(made, network=nat.network, measured=both))


def quiet_money() -> Costs:
    return costs(facts())


def busy() -> Letter:
    seen = Overview(HERE, VPCS, waiting=(REQUEST, BUSY_TABLE), problems=(PROBLEM,))
    return letter(seen, money(), Week("2026-11-23", "2026-11-30", ENTRIES))


def quiet() -> Letter:
    return letter(Overview(HERE, VPCS), quiet_money(), Week("2026-11-23", "2026-11-30"))


def unread() -> Letter:
    why = "ec2:DescribeVpcEndpoints: UnauthorizedOperation: no policy allows it"
    lost_parts: tuple[Part, ...] = ("vpcs", "waiting", "problems")
    seen = Overview(HERE, unknown=(Unknown("VPC endpoints", why, lost_parts),))
    lost = replace(quiet_money(), unread={"metrics": "cloudwatch: no", "VPC endpoints": why})
    week = Week("2026-11-23", "2026-11-30", forgotten="dynamodb:ExecuteStatement: Throttled")
    return letter(seen, lost, week)


def many() -> Letter:
    """More of everything than fits on two screens."""
    waits = tuple(replace(REQUEST, subject=f"vpce-svc-1/vpce-{n}") for n in range(40))
    problems = tuple(replace(PROBLEM, subject=f"vpc-{n}/s3", id=f"p{n}") for n in range(40))
    vast = facts(
        *(endpoint(f"vpce-{n}", f"s{n}") for n in range(300)),
        unused=tuple(idle(f"vpce-{n}") for n in range(300)),
    )
    seen = Overview(HERE, VPCS, waiting=waits, problems=problems)
    return letter(seen, costs(vast), Week("2026-11-23", "2026-11-30", ENTRIES * 40, True))


LETTERS = {"busy": busy, "quiet": quiet, "unread": unread}
