"""Which load balancers stand for one service, and which of them may leave it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.services.desired import SERVICE_TAG, leaving, line
from autopilot.services.facts import LoadBalancer
from autopilot.services.plan import ServiceOutcome

from tests.unit.services.builders import SERVICE, TAGS, balancer, facts, planned, request, service

STACK = {
    "aws:cloudformation:stack-id": "arn:aws:cloudformation:us-east-1:111111111111:stack/shop/1",
    "aws:cloudformation:logical-id": "Orders",
}


def made(name: str, created: str, tags: dict[str, str] | None = None, **more: Any) -> LoadBalancer:
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
    plan = planned(facts(OLD, other, service()))
    assert [(i.action, i.add_balancers) for i in plan.items] == (
        [("change", (other.arn,))] if together else [("publish", ())]
    )


def test_the_old_one_leaves_once_the_new_one_stands_and_nobody_is_connected() -> None:
    both = service(SERVICE, "orders", "orders-2")
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
    behind: tuple[LoadBalancer, ...], wanted: tuple[str, ...], goes: list[str]
) -> None:
    there = {b.arn: b for b in behind if b.name in wanted}
    assert [b.name for b in leaving(behind, there)] == goes


def test_those_that_a_tag_puts_together_stay_together() -> None:
    same = {SERVICE_TAG: "orders"}
    both = made("orders", "2026-11-01", same), made("orders-2", "2026-11-02", same)
    assert planned(facts(*both, service(SERVICE, "orders", "orders-2"))).items == ()


def test_two_that_come_at_once_get_one_service() -> None:
    """The oldest is published; the other joins when the next look shows the service."""
    (item,) = planned(facts(NEW, OLD)).items
    assert (item.action, item.balancer_arn) == ("publish", OLD.arn)
    published = ServiceOutcome(item, "done")
    (join,) = planned(facts(NEW, OLD, service()), None, request(published)).items
    assert (join.action, join.add_balancers) == ("change", (NEW.arn,))


def test_the_service_outlives_the_first_of_its_balancers() -> None:
    there = facts(NEW, service(SERVICE, "orders", "orders-2"))
    assert planned(there).findings == () and planned(there).items == ()


def test_a_service_is_kept_for_the_successor_while_it_is_set_up() -> None:
    untagged = balancer("orders", created="2026-11-01", tags=STACK)
    coming = made("orders-2", "2026-11-02", state="provisioning")
    seen = facts(untagged, coming, service())
    plan = planned(seen)
    assert (plan.items, plan.findings, plan.settling, plan.look_again) == ((), (), 1, 30)
    last, late = (planned(seen, None, request(waits=waits)) for waits in (19, 20))
    assert (last.look_again, late.look_again, late.settling) == (30, 0, 1), "then it is the sweep's"


def test_the_old_one_neither_joins_again_nor_gets_a_service_of_its_own() -> None:
    """CloudFormation may keep it (UpdateReplacePolicy), or take minutes to delete it."""
    alone = service(SERVICE, "orders-2")
    assert planned(facts(OLD, NEW, alone)).items == ()
    broken = replace(NEW, state="failed")
    assert [i.add_balancers for i in planned(facts(OLD, broken, alone)).items] == [(OLD.arn,)]


def test_one_execution_lets_the_new_one_join_and_the_old_one_leave() -> None:
    (join,) = planned(facts(OLD, NEW, service())).items
    joined = ServiceOutcome(join, "done")
    plan = planned(facts(OLD, NEW, service(SERVICE, "orders", "orders-2")), None, request(joined))
    assert [(i.add_balancers, i.remove_balancers) for i in plan.items] == [((), (OLD.arn,))]
    assert plan.findings == ()
    left = ServiceOutcome(plan.items[0], "done")
    last = planned(facts(OLD, NEW, service(SERVICE, "orders-2")), None, request(joined, left))
    assert (last.items, last.findings) == ((), ())


def test_a_successor_that_somebody_else_has_published_keeps_no_service_of_ours() -> None:
    untagged = balancer("orders", created="2026-11-01", tags=STACK)
    seen = facts(untagged, NEW, service(), service("vpce-svc-9", "orders-2", tags={}))
    plan = planned(seen)
    assert [(i.action, i.service_id) for i in plan.items] == [("retire", SERVICE)]
    assert [f.kind for f in plan.findings] == ["AlreadyPublished"]
