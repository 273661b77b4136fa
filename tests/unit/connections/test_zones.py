"""Zones by ID: aligned, partial, none, and which subnets would serve."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.connections.zones import (
    Alignment,
    ConsumerSide,
    advised,
    compare,
    misaligned,
)

from tests.unit.connections.builders import CONSUMER, ENDPOINT, SERVICE

ONE, TWO, THREE = "use1-az1", "use1-az2", "use1-az3"


VPC = {"subnet-1": ONE, "subnet-2": TWO, "subnet-3": THREE}


def compared(service: Any, subnets: Any, vpc: Any = None, **side: Any) -> Alignment:
    known = VPC if vpc is None else vpc
    unknown = Alignment(SERVICE, ENDPOINT, CONSUMER, "unknown")
    return compare(unknown, service, ConsumerSide(tuple(subnets), known, **side))


@pytest.mark.parametrize(
    ("service", "subnets", "vpc", "status"),
    [
        ((ONE, TWO, THREE), ["subnet-1", "subnet-2", "subnet-3"], VPC, "aligned"),
        ((ONE, TWO), ["subnet-1", "subnet-2"], VPC, "partial"),
        ((ONE, TWO, THREE), ["subnet-1", "subnet-2"], VPC, "partial"),
        ((ONE,), ["subnet-2"], VPC, "none"),
        ((ONE,), ["subnet-1", "subnet-2"], VPC, "partial"),
        ((ONE, TWO), ["subnet-1"], {"subnet-1": ONE}, "aligned"),
        ((ONE,), ["subnet-1"], {"subnet-1": ONE, "subnet-x": ONE}, "aligned"),
        ((ONE,), ["subnet-1"], {"subnet-1": ONE, "s": "use1-bos1-az1"}, "aligned"),
        ((ONE,), ["subnet-1"], {"subnet-1": ONE, "s": "use1-wl1-bos-wlz1"}, "aligned"),
        ((ONE,), ["subnet-1"], {"subnet-1": ONE, "s": ""}, "aligned"),
        ((ONE, "usgw1-az1"), ["s"], {"s": "usgw1-az1", "t": ONE}, "partial"),
        ((), ["subnet-1"], VPC, "unknown"),
        ((ONE,), [], VPC, "unknown"),
        ((ONE,), ["subnet-9"], VPC, "unknown"),
    ],
)
def test_how_zones_meet(service: Any, subnets: Any, vpc: Any, status: str) -> None:
    made = compared(service, subnets, vpc)
    assert made.status == status
    assert bool(made.why) == (status == "unknown")


def test_the_third_zone_of_a_consumer_is_named_with_its_subnets() -> None:
    made = compared((ONE, TWO), ["subnet-1", "subnet-2"])
    assert (made.shared, made.lost) == ((ONE, TWO), ())
    assert (made.would_serve, made.never) == ({}, {THREE: ("subnet-3",)})


def test_what_would_serve_is_told_from_what_never_will() -> None:
    vpc = {**VPC, "subnet-2b": TWO}
    made = compared((ONE, TWO), ["subnet-1"], vpc)
    assert made.would_serve == {TWO: ("subnet-2", "subnet-2b")}
    assert made.never == {THREE: ("subnet-3",)}


def test_a_zone_that_the_service_gave_up_is_lost() -> None:
    made = compared((ONE, THREE), ["subnet-1", "subnet-2", "subnet-3"])
    assert (made.status, made.lost) == ("partial", (TWO,))


def test_an_endpoint_of_one_zone_is_not_blamed_for_it() -> None:
    assert compared((ONE, TWO), ["subnet-1"], single=True).status == "aligned"
    assert compared((TWO,), ["subnet-1"], single=True).status == "none"


@pytest.mark.parametrize(
    ("status", "all_", "any_"),
    [
        ("aligned", False, False),
        ("partial", True, False),
        ("none", True, True),
        ("unknown", False, False),
        ("not_applicable", False, False),
    ],
)
def test_when_ops_should_know(status: Any, all_: bool, any_: bool) -> None:
    made = Alignment(SERVICE, ENDPOINT, CONSUMER, status)
    assert (misaligned(made, "all"), misaligned(made, "any")) == (all_, any_)


def test_advice_names_the_subnets_that_would_have_worked() -> None:
    assert advised((ONE, TWO), ["subnet-1", "subnet-3"], VPC) == {
        "zone_ids": [ONE, TWO],
        "refused": ["subnet-3"],
        "would_serve": {ONE: ["subnet-1"], TWO: ["subnet-2"]},
        "never": {THREE: ["subnet-3"]},
    }
