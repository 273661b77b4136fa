"""Whether a look shows how earlier changes came out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.interfaces.facts import Facts
from autopilot.interfaces.plan import Item, done, failed, stale

from tests.unit.interfaces.builders import (
    KMS,
    SUBNETS,
    endpoint,
    facts,
    group,
    offer,
    planned,
    situation,
    vpc,
)

EMPTY = facts(vpc(), *SUBNETS, offer(), group())
SERVED = facts(vpc(), *SUBNETS, offer(), group(), endpoint())
GOING = facts(vpc(), endpoint(state="deleting"))
OTHER = facts(vpc(), endpoint(service_name=KMS))


def made(action: str) -> Item:
    """A change of vpce-1, which serves logs in vpc-1."""
    (item,) = planned(situation(EMPTY)).items
    wanted: Any = {"action": action, "endpoint_id": "vpce-1"}
    return replace(item, **wanted)


@pytest.mark.parametrize(
    ("action", "seen", "shown"),
    [
        ("create", SERVED, True),
        ("create", EMPTY, False),
        ("create", Facts(), True),  # its VPC is gone, and asks for nothing
        ("modify", EMPTY, True),
        ("delete", SERVED, False),
        ("delete", GOING, True),
        ("delete", EMPTY, True),
    ],
)
def test_what_was_done_must_show(action: str, seen: Facts, shown: bool) -> None:
    assert seen.shows(done(made(action), "vpce-1")) is shown


@pytest.mark.parametrize(("seen", "shown"), [(SERVED, True), (OTHER, False), (GOING, False)])
def test_a_token_that_another_execution_used_shows_by_its_endpoint(
    seen: Facts, shown: bool
) -> None:
    assert seen.shows(stale(made("create"), "ParameterMismatch", "")) is shown


def test_what_never_came_to_be_need_not_show() -> None:
    assert EMPTY.shows(failed(made("create"), "AccessDenied", None))
    assert EMPTY.shows(stale(made("create"), "NotFound", ""))


def test_blocks_are_seen_with_their_vpc_and_an_endpoint_on_its_way_out_serves_no_more() -> None:
    seen = facts(vpc(associations=frozenset({"vpc-cidr-assoc-1"})), endpoint(state="deleting"))
    assert seen.seen == {"vpc-1", "vpc-cidr-assoc-1", "vpce-1"}
    assert seen.serving == {"vpc-cidr-assoc-1"}
