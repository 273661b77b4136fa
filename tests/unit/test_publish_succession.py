"""Which load balancers stand for one service, and which of them may leave it."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.core.publishing.facts import Balancer
from autopilot.core.publishing.succession import SERVICE_TAG, leaving, line

from tests.unit.publish_builders import SERVICE, TAGS, balancer, facts, offer, planned

STACK = {
    "aws:cloudformation:stack-id": "arn:aws:cloudformation:us-east-1:111111111111:stack/shop/1",
    "aws:cloudformation:logical-id": "Orders",
}


def made(name: str, created: str, tags: dict[str, str] | None = None, **more: Any) -> Balancer:
    return balancer(
        name, created=created, tags={**TAGS, **(STACK if tags is None else tags)}, **more
    )


OLD, NEW = made("orders", "2026-11-01"), made("orders-2", "2026-11-02")


@pytest.mark.parametrize(
    ("tags", "together"),
    [
        (STACK, True),
        ({**STACK, "aws:cloudformation:logical-id": "Billing"}, False),
        ({"aws:cloudformation:logical-id": "Orders"}, False),
        ({}, False),
        ({**STACK, SERVICE_TAG: "orders"}, False),
    ],
)
def test_what_a_stack_puts_in_ones_place_is_its_successor(
    tags: dict[str, str], together: bool
) -> None:
    other = made("orders-2", "2026-11-02", tags)
    assert (line(other) == line(OLD)) is together
    plan = planned(facts(OLD, other, offer()))
    assert [(i.action, i.add_balancers) for i in plan.items] == (
        [("change", (other.arn,))] if together else [("publish", ())]
    )


def test_the_old_one_leaves_once_the_new_one_stands_and_nobody_is_connected() -> None:
    both = offer(SERVICE, "orders", "orders-2")
    (item,) = planned(facts(OLD, NEW, both)).items
    assert (item.action, item.remove_balancers) == ("change", (OLD.arn,))
    assert planned(facts(OLD, NEW, both, connected={SERVICE: ("vpce-1",)})).items == ()


@pytest.mark.parametrize(
    ("behind", "wanted", "goes"),
    [
        ((OLD, NEW), ("orders", "orders-2"), ["orders"]),
        ((OLD, NEW), ("orders",), ["orders-2"]),
        ((OLD, made("orders-2", "2026-11-02", state="provisioning")), ("orders", "orders-2"), []),
        ((OLD, made("orders-2", "2026-11-02", {})), ("orders", "orders-2"), []),
        ((OLD, NEW), (), []),
    ],
)
def test_one_leaves_only_where_another_has_taken_its_place(
    behind: tuple[Balancer, ...], wanted: tuple[str, ...], goes: list[str]
) -> None:
    there = {b.arn: b for b in behind if b.name in wanted}
    assert [b.name for b in leaving(behind, there)] == goes


def test_those_that_a_tag_puts_together_stay_together() -> None:
    same = {SERVICE_TAG: "orders"}
    both = made("orders", "2026-11-01", same), made("orders-2", "2026-11-02", same)
    assert planned(facts(*both, offer(SERVICE, "orders", "orders-2"))).items == ()


def test_the_service_outlives_the_first_of_its_balancers() -> None:
    there = facts(NEW, offer(SERVICE, "orders", "orders-2"))
    assert planned(there).findings == () and planned(there).items == ()


def test_a_service_is_kept_for_the_successor_while_it_is_set_up() -> None:
    untagged = balancer("orders", created="2026-11-01", tags=STACK)
    coming = made("orders-2", "2026-11-02", state="provisioning")
    plan = planned(facts(untagged, coming, offer()))
    assert (plan.items, plan.findings, plan.settling) == ((), (), 1)
