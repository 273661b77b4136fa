"""What holds of every plan, whatever the network looks like."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import datetime
from typing import Any

from autopilot.gateway.facts import Endpoint, Facts
from autopilot.gateway.plan import NetworkPlan
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.quota import Limit
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.gateway.builders import NOW, STACK, carried_out, planned
from tests.unit.gateway.networks import SKIP, moments, networks, policies

RAISED = Limit(1000)


@given(networks(), policies, moments)
def test_planning_after_applying_plans_nothing(seen: Facts, wanted: Policy, now: datetime) -> None:
    made = planned(seen, wanted, limit=RAISED, now=now)

    again = planned(carried_out(seen, made, wanted), wanted, limit=RAISED, now=now)

    assert again.items == ()


@given(networks(), policies, moments)
def test_planning_twice_plans_the_same(seen: Facts, wanted: Policy, now: datetime) -> None:
    assert planned(seen, wanted, now=now) == planned(seen, wanted, now=now)


@given(networks(), policies, st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(
    seen: Facts, wanted: Policy, shuffler: random.Random
) -> None:
    def mixed(things: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(shuffler.sample(things, len(things)))

    other = replace(
        seen,
        vpcs=mixed(seen.vpcs),
        route_tables=mixed(seen.route_tables),
        endpoints=mixed(seen.endpoints),
    )

    assert planned(other, wanted) == planned(seen, wanted)


@given(networks(), policies)
def test_changes_only_endpoints_of_ours(seen: Facts, wanted: Policy) -> None:
    known = {e.id: e for e in seen.endpoints}

    for item in planned(seen, wanted).items:
        if item.action == "modify":
            changed = known[item.endpoint_id or ""]
            assert changed.tags["endpoint-autopilot:owner"] == STACK.owner
            assert not changed.requester_managed
            assert changed.lives
            assert (changed.vpc_id, changed.service_name) == (item.vpc_id, item.service_name)
        else:
            assert item.endpoint_id is None


@given(networks(), policies)
def test_touches_no_vpc_or_table_that_is_not_its_business(seen: Facts, wanted: Policy) -> None:
    vpcs = {v.id: v for v in seen.vpcs}
    tables = {t.id: t for t in seen.route_tables}
    out = bool(wanted.skip_tags)

    for item in planned(seen, wanted).items:
        assert vpcs[item.vpc_id].owner == STACK.account
        assert vpcs[item.vpc_id].state != "deleting"
        assert not (out and vpcs[item.vpc_id].tags == SKIP)
        for table_id in item.route_table_ids:
            assert tables[table_id].vpc_id == item.vpc_id
            assert not tables[table_id].edge
            assert not (out and tables[table_id].tags == SKIP)


@given(networks(), policies, moments)
def test_touches_no_busy_table_unless_the_policy_lets_it(
    seen: Facts, wanted: Policy, now: datetime
) -> None:
    gateway = wanted.gateway_endpoints
    if gateway.busy_route_tables == "now" or (gateway.busy_route_tables == "window" and now == NOW):
        return
    tables = {t.id: t for t in seen.route_tables}
    named = {subnet: t.vpc_id for t in seen.route_tables for subnet in t.subnet_ids}

    for item in planned(seen, wanted, now=now).items:
        for table_id in item.route_table_ids:
            busy = seen.busy_subnets[item.vpc_id]
            assert not busy & set(tables[table_id].subnet_ids)
            if tables[table_id].main:
                assert all(
                    any(s in t.subnet_ids for t in seen.tables_of(item.vpc_id)) for s in busy
                ), named


@given(networks(), policies)
def test_gives_no_table_a_second_endpoint_for_a_service(seen: Facts, wanted: Policy) -> None:
    taken = {
        (e.service_name, table_id)
        for e in seen.endpoints
        if e.lives
        for table_id in e.route_table_ids
    }

    for item in planned(seen, wanted).items:
        for table_id in item.route_table_ids:
            assert (item.service_name, table_id) not in taken
            taken.add((item.service_name, table_id))


@given(networks(), policies)
def test_has_at_most_one_change_for_an_endpoint(seen: Facts, wanted: Policy) -> None:
    items = planned(seen, wanted, limit=RAISED).items

    ids = [item.id for item in items]
    changed = [item.endpoint_id for item in items if item.endpoint_id]
    created = [(i.vpc_id, i.service) for i in items if i.action == "create"]
    for several in (ids, changed, created):
        assert len(several) == len(set(several))


@given(networks(), policies, st.integers(20, 40))
def test_never_exceeds_the_quota(seen: Facts, wanted: Policy, limit: int) -> None:
    full = replace(
        seen,
        endpoints=(
            *seen.endpoints,
            *(Endpoint(f"vpce-f{n}", "vpc-f", "x") for n in range(limit - 2)),
        ),
    )

    made = planned(full, wanted, limit=Limit(limit))

    creates = sum(item.action == "create" for item in made.items)
    assert creates == 0 or made.quota.used + creates <= limit


@given(networks(), policies)
def test_every_change_does_something_and_says_why(seen: Facts, wanted: Policy) -> None:
    for item in planned(seen, wanted).items:
        assert item.route_table_ids or item.set_policy
        assert item.reason


@given(networks(), policies)
def test_findings_are_told_apart_by_their_ids(seen: Facts, wanted: Policy) -> None:
    for mode in (wanted, replace(wanted, mode="audit")):
        ids = [finding.id for finding in planned(seen, mode).findings]
        assert len(ids) == len(set(ids))


@given(networks(), policies)
def test_audit_mode_announces_exactly_what_enforcing_would_do(seen: Facts, wanted: Policy) -> None:
    enforced = planned(seen, wanted)
    audited = planned(seen, replace(wanted, mode="audit"))

    announced = {f.subject: f for f in audited.findings if f.kind == "PlannedChange"}
    assert audited.items == ()
    assert set(announced) == {item.id for item in enforced.items}


@settings(max_examples=50)
@given(networks(), policies)
def test_a_plan_survives_being_json(seen: Facts, wanted: Policy) -> None:
    for mode in (wanted, replace(wanted, mode="audit")):
        made = planned(seen, mode)
        assert decode(NetworkPlan, json.loads(json.dumps(encode(made)))) == made
