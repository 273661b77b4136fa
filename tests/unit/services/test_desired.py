"""Which load balancers are published, which services stay and which are to go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from autopilot.policy.model import Policy, PublishPolicy
from autopilot.services.desired import (
    Sorted,
    leaving,
    sort,
)
from autopilot.services.facts import SERVICE_TAG, LoadBalancer, ServicesFacts, name_of, subject_of
from autopilot.services.plan import ServiceOutcome

from tests.unit.services.builders import (
    OWNED,
    SERVICE,
    TAGS,
    US,
    arn,
    balancer,
    facts,
    planned,
    policy,
    request,
    service,
)

OTHERS = {"team": "payments"}
STRANGERS = {"endpoint-autopilot:owner": "AnotherStack"}


def sorted_(*there: Any, wanted: Policy | None = None, **changes: Any) -> Sorted:
    seen = facts(*there, **changes)
    unasked = replace(seen, connected={})
    found = sort(unasked, wanted or policy(), US.owner, lambda _: seen.connected)
    return replace(found, facts=ServicesFacts())


def asked_for(*there: Any, **changes: Any) -> Collection[str]:
    """The services of which is asked who is connected."""
    asked: list[Collection[str]] = []
    seen = facts(*there, **changes)

    def ask(ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        asked.append(ids)
        return seen.connected

    sort(seen, policy(), US.owner, ask)
    (ids,) = asked
    return ids


def test_an_internal_balancer_with_the_tags_is_published() -> None:
    assert [b.name for b in sorted_(balancer()).publish] == ["orders"]


@pytest.mark.parametrize(
    "other",
    [
        balancer(internal=False),
        balancer(tags={}),
        balancer(tags={"endpoint-autopilot": "off"}),
        balancer(tags={"Endpoint-Autopilot": "publish"}),
        balancer(state="failed"),
    ],
)
def test_others_are_not(other: LoadBalancer) -> None:
    assert sorted_(other) == Sorted()


def test_a_balancer_with_an_opt_out_tag_is_not() -> None:
    wanted = Policy(
        skip_tags={"keep": "out"},
        endpoint_services=PublishPolicy(load_balancer_tags={"endpoint-autopilot": "*"}),
    )
    tagged = balancer(tags={"endpoint-autopilot": "publish", "keep": "out"})
    assert sorted_(tagged, wanted=wanted) == Sorted()


def test_without_tags_in_the_policy_nothing_is() -> None:
    assert sorted_(balancer(), wanted=policy(load_balancer_tags={})) == Sorted()


def test_one_that_aws_still_sets_up_is_waited_for() -> None:
    found = sorted_(balancer(state="provisioning"))
    assert [b.name for b in found.settling] == ["orders"]
    assert found.publish == ()


def test_a_service_of_ours_for_it_stays() -> None:
    (kept,) = sorted_(balancer(), service()).kept
    assert (kept.service.id, kept.named.name) == ("vpce-svc-0a", "orders")


@pytest.mark.parametrize("tags", [OTHERS, STRANGERS, {}])
def test_what_others_published_is_left_alone(tags: dict[str, str]) -> None:
    found = sorted_(balancer(), service(tags=tags))
    assert [(b.name, o.id) for b, o in found.foreign] == [("orders", "vpce-svc-0a")]
    assert found == Sorted(foreign=found.foreign)


def test_ours_beside_that_of_others_stays() -> None:
    found = sorted_(balancer(), service(), service("vpce-svc-0b", tags=OTHERS))
    assert [each.service.id for each in found.kept] == ["vpce-svc-0a"]
    assert found.foreign == ()


@pytest.mark.parametrize(
    ("there", "wanted", "reason"),
    [
        ([balancer(tags={})], policy(), "load balancer orders no longer bears the tags to be"),
        ([], policy(), "its load balancer is gone"),
        ([], policy(load_balancer_tags={}), "the policy publishes no load balancers"),
    ],
)
def test_ours_that_nothing_asks_for_is_unwanted(
    there: list[Any], wanted: Policy, reason: str
) -> None:
    (unwanted,) = sorted_(*there, service(), wanted=wanted).unwanted
    assert unwanted.reason.startswith(reason)
    assert not unwanted.duplicate


def test_a_service_that_others_made_is_never_unwanted() -> None:
    assert sorted_(service(tags=OTHERS)) == Sorted()


TWO = (balancer(), service("vpce-svc-0b"), service("vpce-svc-0a"))


def test_of_two_of_ours_the_used_one_stays_else_the_first() -> None:
    found = sorted_(*TWO)
    assert [each.service.id for each in found.kept] == ["vpce-svc-0a"]
    assert [(each.service.id, each.duplicate) for each in found.unwanted] == [("vpce-svc-0b", True)]
    assert asked_for(*TWO) == ("vpce-svc-0a", "vpce-svc-0b")

    found = sorted_(*TWO, connected={"vpce-svc-0b": ("vpce-1",)})
    assert [each.service.id for each in found.kept] == ["vpce-svc-0b"]


def test_a_service_of_several_balancers_is_wanted_as_long_as_one_is() -> None:
    both = service("vpce-svc-0a", "billing", "orders")
    (kept,) = sorted_(balancer("billing", tags={}), balancer(), both).kept
    assert kept.named.name == "orders"
    assert {b.name for b in kept.balancers} == {"billing", "orders"}


def test_only_what_decides_something_is_asked_for() -> None:
    there = balancer(), service(), service("vpce-svc-0b", "billing"), service("x", tags=OTHERS)
    assert asked_for(*there) == ("vpce-svc-0b",)


def test_balancers_are_known_by_their_names() -> None:
    assert name_of(arn("a-b")) == "a-b"
    assert subject_of(arn()) == "load balancer orders"
    assert name_of("odd") == "odd"


def test_the_owner_is_asked_for_by_its_whole_name() -> None:
    seen = facts(service(tags=OWNED))
    assert sort(seen, policy(), "Endpoint", lambda _: {}) == Sorted(seen)


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
    assert (other.line == OLD.line) is together
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
