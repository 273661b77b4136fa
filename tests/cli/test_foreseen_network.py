"""`plan` names exactly the gateway endpoints that the network workflow then makes and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import plan_network
import pytest
from autopilot.aws.step import identity
from autopilot.aws.unwritten import snapshot, unwritten
from autopilot.foreseen import network
from autopilot.gateway import limits
from autopilot.gateway.facts import Endpoint, Facts
from autopilot.gateway.plan import Item, NetworkOutcome, NetworkPlan
from autopilot.policy.document import FULL_ACCESS
from autopilot.policy.model import ChangeWindow, GracePolicy, Policy
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.quota import GATEWAYS_IN_A_REGION, Limit
from autopilot.reconcile.scope import NetworkScope
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.connections.builders import MemoryLedger
from tests.unit.gateway.builders import NOW, facts, ours, policy, table, vpc
from tests.unit.gateway.builders import STACK as US
from tests.unit.gateway.networks import moments, networks, policies

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="r"
)
ENVIRONMENT = {"OWNER": US.owner, "ACCOUNT_ID": US.account, "AWS_REGION": US.region}
graces = st.sampled_from([GracePolicy(), GracePolicy(600, "everybody")])


@dataclass
class World:
    """A network that changes are carried out on."""

    facts: Facts
    made: Any = None

    def __post_init__(self) -> None:
        self.made = count()

    def survey(self, scope: NetworkScope) -> Facts:
        assert scope.everything
        return replace(self.facts, busy_subnets={}, looked_at="all")

    def of_vpc(self, vpc_id: str) -> Facts:
        raise AssertionError(f"nobody looks at {vpc_id} alone")

    def busy_subnets(self, vpc_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        return {id_: self.facts.busy_subnets[id_] for id_ in vpc_ids}

    def carry_out(self, item: Item, wanted: Policy) -> NetworkOutcome:
        document = wanted.document(item.endpoint_policy) or FULL_ACCESS
        there = {e.id: e for e in self.facts.endpoints}
        old = there.get(item.endpoint_id or "") or ours(
            f"vpce-f{next(self.made):04x}",
            vpc_id=item.vpc_id,
            service_name=item.service_name,
            policy=document,
        )
        new = replace(
            old,
            route_table_ids=(*old.route_table_ids, *item.route_table_ids),
            policy=document if item.set_policy else old.policy,
        )
        self.facts = replace(self.facts, endpoints=tuple({**there, new.id: new}.values()))
        return NetworkOutcome(replace(item, endpoint_id=new.id), "done")


def taken(world: World, wanted: Policy, limit: Limit, now: datetime) -> list[Item]:
    """What the workflow does, one execution after the other, until one leaves nothing."""
    ledger, every = MemoryLedger(), list[Item]()
    for number in count():
        outcomes: list[NetworkOutcome] = []
        while True:
            asked = {
                "trigger": "sweep",
                "round": 2 if outcomes else 1,
                "outcomes": encode(outcomes),
                "execution": f"arn:execution-{number}",
            }
            answer = plan_network.handler(
                asked,
                CONTEXT,
                planned=partial(plan_network.planned, network=world, limit=lambda: limit),
                ledger=lambda: ledger,
                policy=lambda: wanted,
                now=lambda: now,
            )
            made = decode(NetworkPlan, answer)
            if not made.items:
                break
            every += made.items
            outcomes += [world.carry_out(item, wanted) for item in made.items]
        if not made.more:
            return every
    raise AssertionError("there is an end")


def essence(things: Iterable[Any]) -> list[str]:
    without = ("reason", "cause", "document")
    return sorted(str({k: v for k, v in encode(t).items() if k not in without}) for t in things)


@given(
    networks(), policies, moments, graces, st.sampled_from([200, 1, 2]), st.sampled_from([0, 18])
)
def test_it_names_what_the_workflow_then_does(
    seen: Facts, wanted: Policy, now: datetime, grace: GracePolicy, room: int, others: int
) -> None:
    """`room`: for how much a plan has room; `others`: gateway endpoints elsewhere, of 20."""
    crowd = (Endpoint(f"vpce-e{n}", "vpc-f", "x") for n in range(others))
    seen = replace(seen, endpoints=(*seen.endpoints, *crowd))
    wanted = replace(wanted, gateway_endpoints=replace(wanted.gateway_endpoints, grace=grace))
    world, limit = World(seen), GATEWAYS_IN_A_REGION

    with patch.dict("os.environ", ENVIRONMENT), patch.object(limits, "MOST_ITEMS", room):
        identity.cache_clear()
        part = network.foresee(wanted, US, snapshot({}), now, network=world, limit=lambda: limit)
        done = taken(world, wanted, limit, now)

    assert essence(action.content for action in part.actions) == essence(done)
    assert all(action.reason and action.what for action in part.actions)


def test_it_says_what_waits_and_leaves_no_trace() -> None:
    """A table that is new waits; so says the ledger, in which the look notes nothing."""
    ledger = MemoryLedger()
    world = World(facts(vpc(tags={"Name": "shop"}), table()))
    wanted = policy(grace=GracePolicy(600, "everybody"))

    part = network.foresee(wanted, US, unwritten(ledger), NOW, network=world)

    assert part.actions == ()
    (told,) = part.told
    assert told.place == "vpc-1"
    assert told.line == "rtb-1 gets its routes after 2026-11-24T12:10:00+00:00 at the latest"
    assert part.names == {"vpc-1": "shop"}
    assert ledger.table == {}


def test_an_endpoint_is_given_its_tables_and_its_policy() -> None:
    world = World(facts(vpc(), table(), table("rtb-2"), ours("vpce-1", ["rtb-2"], policy="{}")))

    (action,) = network.foresee(policy(), US, snapshot({}), NOW, network=world).actions

    assert action.what == "give rtb-1 a route to S3 by vpce-1 and write the policy of vpce-1"
    assert (action.place, action.service, action.verb) == ("vpc-1", "s3", "modify")


@pytest.mark.parametrize(
    ("how", "busy", "drops"),
    [
        ("window", ["subnet-1"], True),
        ("window", [], False),
        ("now", [], True),  # nobody asks then
        ("audit", [], False),
    ],
)
def test_a_change_that_drops_open_connections_says_so(
    how: str, busy: list[str], drops: bool
) -> None:
    world = World(facts(vpc(), table(main=True), ours("vpce-1", []), busy=busy))
    window = ChangeWindow(("tue",), time(11), time(13), "UTC")
    wanted = policy(busy_route_tables=how, change_window=window)

    (action,) = network.foresee(wanted, US, snapshot({}), NOW, network=world).actions

    said = " (drops open connections to S3, once, where a table is in use)"
    assert action.what.startswith("give rtb-1 a route to S3 by vpce-1")
    assert action.what.endswith(said) is drops


def test_a_quota_that_may_not_be_read_is_named() -> None:
    many = [Endpoint(f"vpce-{n}", "vpc-9", "x") for n in range(17)]
    world = World(facts(vpc(), table(), *many))
    why = "servicequotas:GetServiceQuota: AccessDeniedException: no identity-based policy"

    part = network.foresee(
        policy(), US, snapshot({}), NOW, network=world, limit=lambda: Limit(20, why)
    )

    (unseen,) = part.unseen
    assert unseen.permission == "servicequotas:GetServiceQuota"
    assert unseen.what == "the quota of gateway endpoints"
