"""`make bench`: one table, each row a ratio against a baseline measured in the same run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from bench import burst, cold_start, connections, endpoints, questions, throttle
from bench import lab as the_lab
from bench.policed import policed
from bench.taken import Taken
from lab.client import Lab

ACCOUNT = "111111111111"
BIG_DESCRIBES = {"describe_vpcs": "DescribeVpcs", "describe_route_tables": "DescribeRouteTables"}


@dataclass(frozen=True)
class Row:
    """One measurement; `limit` is the most that the ratio, or else the value, may be."""

    what: str
    value: float
    unit: str
    baseline: float | None = None
    of: str = ""
    limit: float | None = None

    @property
    def judged(self) -> float:
        """What the limit is about: the ratio, or the value where there is nothing to compare."""
        return self.value / self.baseline if self.baseline else self.value

    @property
    def kept(self) -> bool:
        """Whether the limit holds."""
        return self.limit is None or self.judged <= self.limit

    def __str__(self) -> str:
        """The row as the table shows it."""
        against = f"{self.judged:6.2f} × {self.baseline:g} {self.of}" if self.baseline else ""
        limit = "" if self.limit is None else f"≤ {self.limit:g} {'ok' if self.kept else 'BROKEN'}"
        return f"{self.what:<44} {self.value:>9.3g} {self.unit:<12} {against:<44} {limit}"


def of_the_burst() -> Iterator[Row]:
    """A VPC with three subnets and five tables, then a request: time, calls, executions."""
    with Lab.start(accounts=(ACCOUNT,)) as lab:
        burst.automated(lab, ACCOUNT)  # the first one pays every cold start
        ours, hand = burst.automated(lab, ACCOUNT), burst.by_hand(lab, ACCOUNT)
        asked, answered = connections.automated(lab, ACCOUNT), connections.by_hand(lab, ACCOUNT)
    yield Row("CreateVpc to the last route", ours.seconds, "s", round(hand.seconds, 2), "s by hand")
    yield Row("EC2 calls for the burst", ours.calls, "calls", hand.calls, "calls by hand")
    yield Row("EC2 calls for the burst, budget", ours.calls, "calls", limit=20)
    yield Row("executions for the burst", ours.executions, "executions", limit=2)
    yield Row(
        "transitions for the burst", ours.transitions, "transitions", hand.calls, "calls by hand"
    )
    yield from _of_a_request(asked, answered)


def _of_a_request(asked: Taken, hand: Taken) -> Iterator[Row]:
    """An allowed account's request to connect."""
    what = "CreateVpcEndpoint to available"
    yield from _against_a_script(what, "a request", asked, hand, calls=8)
    yield Row(f"{what}, budget", asked.seconds, "s", limit=20)


def of_the_endpoints() -> Iterator[Row]:
    """An interface endpoint and an endpoint service, each wanted by a tag."""
    with policed(ACCOUNT, endpoints.POLICY) as lab:
        endpoints.interface_automated(lab, ACCOUNT)  # the first ones pay every cold start
        endpoints.service_automated(lab, ACCOUNT)
        ours = endpoints.interface_automated(lab, ACCOUNT)
        yield from _of_a_tag(
            "an interface endpoint", ours, endpoints.interface_by_hand(lab, ACCOUNT), calls=24
        )
        ours = endpoints.service_automated(lab, ACCOUNT)
        yield from _of_a_tag(
            "an endpoint service", ours, endpoints.service_by_hand(lab, ACCOUNT), calls=18
        )


def _of_a_tag(what: str, ours: Taken, hand: Taken, *, calls: int) -> Iterator[Row]:
    yield from _against_a_script(f"tag to {what}", what, ours, hand, calls=calls)


def _against_a_script(
    way: str, what: str, ours: Taken, hand: Taken, *, calls: int
) -> Iterator[Row]:
    yield Row(way, ours.seconds, "s", round(hand.seconds, 2), "s by hand")
    yield Row(f"EC2 calls for {what}", ours.calls, "calls", hand.calls, "calls by hand")
    yield Row(f"EC2 calls for {what}, budget", ours.calls, "calls", limit=calls)


def of_the_throttle() -> Iterator[Row]:
    """Fifty VPCs that want twelve endpoints each, as fast as the bucket of the call allows."""
    with policed(ACCOUNT, throttle.policy(), throttle.ENV) as lab:
        took = throttle.filled(lab, ACCOUNT)
    what, least = f"{throttle.WANTED} endpoints under AWS's throttle", round(took.least)
    of = f"s of AWS's bucket, {throttle.SPEED} times as fast"
    yield Row(what, took.seconds, "s", least, of, limit=1.15)
    yield Row("calls throttled meanwhile", took.throttled, "calls", throttle.WANTED, "made")
    yield Row("failures told to ops meanwhile", took.failures, "notices", limit=0)
    yield Row("endpoints beyond one each", took.doubles, "endpoints", limit=0)


def of_cold_starts() -> Iterator[Row]:
    """From nothing to the first EC2 client: where each workflow begins, and where each ends."""
    for function in ("plan_network", "record"):
        took = cold_start.compare(function)
        bare, of = round(took.bare * 1000), "ms boto3.client('ec2')"
        what = f"cold start of {function}"
        yield Row(what, took.with_bytecode * 1000, "ms", bare, of, limit=0.9)
        yield Row(f"{what}, bundled by another Python", took.without * 1000, "ms", bare, of)


def of_the_questions() -> Iterator[Row]:
    """An operator's questions at 200 VPCs and 500 connections: at most three seconds each."""
    with Lab.start(accounts=(ACCOUNT,)) as lab:
        asked = questions.asked(lab, ACCOUNT)
    bare = round(asked.bare, 2)
    for what, seconds in asked.took.items():
        yield Row(what, seconds, "s", bare, "s boto3's DescribeVpcs", limit=6)
        yield Row(f"{what}, budget", seconds, "s", limit=3)


def of_the_lab() -> Iterator[Row]:
    """From nothing to `lab ready`, at rest, and with a thousand VPCs of six tables."""
    start = the_lab.started()
    yield Row("the lab is ready, two accounts deployed", start.seconds, "s", limit=30)
    if start.megabytes is not None:
        yield Row("the lab idles, with all its processes", start.megabytes, "MB", limit=500)
    with the_lab.big_world() as ec2:
        for operation, name in BIG_DESCRIBES.items():
            cost = the_lab.page(ec2, operation, name)
            what, alone = f"a page of {name}", round(cost.parsed, 1)
            yield Row(what, cost.whole, "ms", alone, "ms to parse it", limit=8)
            yield Row(f"{what}, budget", cost.whole, "ms", limit=50)


MEASURES = (
    of_cold_starts,
    of_the_burst,
    of_the_endpoints,
    of_the_throttle,
    of_the_questions,
    of_the_lab,
)


def main() -> int:
    """Print the table as it comes; 1 if a limit is broken."""
    print("Each row: what, how much, how many times which baseline of this very run, its limit.")
    broken = 0
    for measure in MEASURES:
        for row in measure():
            print(row, flush=True)
            broken += not row.kept
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
