"""Which load balancers are published, which services stay and which are to go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.policy.model import Policy, PublishPolicy
from autopilot.services.desired import (
    Sorted,
    sort,
    to_ask_for_connections,
    to_ask_for_principals,
)
from autopilot.services.facts import LoadBalancer, ServicesFacts, name_of, subject_of

from tests.unit.services.builders import OWNED, US, arn, balancer, facts, policy, service

OTHERS = {"team": "payments"}
STRANGERS = {"endpoint-autopilot:owner": "AnotherStack"}


def sorted_(*there: Any, law: Policy | None = None, **changes: Any) -> Sorted:
    found = sort(facts(*there, **changes), law or policy(), US.owner)
    return replace(found, facts=ServicesFacts())


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
    law = Policy(
        skip_tags={"keep": "out"},
        endpoint_services=PublishPolicy(load_balancer_tags={"endpoint-autopilot": "*"}),
    )
    tagged = balancer(tags={"endpoint-autopilot": "publish", "keep": "out"})
    assert sorted_(tagged, law=law) == Sorted()


def test_without_tags_in_the_policy_nothing_is() -> None:
    assert sorted_(balancer(), law=policy(load_balancer_tags={})) == Sorted()


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
    ("there", "law", "reason"),
    [
        ([balancer(tags={})], policy(), "load balancer orders no longer bears the tags to be"),
        ([], policy(), "its load balancer is gone"),
        ([], policy(load_balancer_tags={}), "the policy publishes no load balancers"),
    ],
)
def test_ours_that_nothing_asks_for_is_unwanted(there: list[Any], law: Policy, reason: str) -> None:
    (unwanted,) = sorted_(*there, service(), law=law).unwanted
    assert unwanted.reason.startswith(reason)
    assert not unwanted.duplicate


def test_a_service_that_others_made_is_never_unwanted() -> None:
    assert sorted_(service(tags=OTHERS)) == Sorted()


def test_of_two_of_ours_the_used_one_stays_else_the_first() -> None:
    twins = (balancer(), service("vpce-svc-0b"), service("vpce-svc-0a"))
    found = sorted_(*twins)
    assert [each.service.id for each in found.kept] == ["vpce-svc-0a"]
    assert [(each.service.id, each.duplicate) for each in found.unwanted] == [("vpce-svc-0b", True)]
    assert to_ask_for_connections(found) == ("vpce-svc-0a", "vpce-svc-0b")

    found = sorted_(*twins, connected={"vpce-svc-0b": ("vpce-1",)})
    assert [each.service.id for each in found.kept] == ["vpce-svc-0b"]


def test_a_service_of_several_balancers_is_wanted_as_long_as_one_is() -> None:
    both = service("vpce-svc-0a", "billing", "orders")
    (kept,) = sorted_(balancer("billing", tags={}), balancer(), both).kept
    assert kept.named.name == "orders"
    assert {b.name for b in kept.balancers} == {"billing", "orders"}


def test_only_what_decides_something_is_asked_for() -> None:
    found = sorted_(
        balancer(), service(), service("vpce-svc-0b", "billing"), service("x", tags=OTHERS)
    )
    assert to_ask_for_principals(found) == ("vpce-svc-0a",)
    assert to_ask_for_connections(found) == ("vpce-svc-0b",)


def test_balancers_are_known_by_their_names() -> None:
    assert name_of(arn("a-b")) == "a-b"
    assert subject_of(arn()) == "load balancer orders"
    assert name_of("odd") == "odd"


def test_the_owner_is_asked_for_by_its_whole_name() -> None:
    seen = facts(service(tags=OWNED))
    assert sort(seen, policy(), "Endpoint") == Sorted(seen)
