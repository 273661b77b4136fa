"""`plan` names exactly what the interfaces workflow then makes, changes and deletes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import plan_interfaces
from autopilot.aws.unwritten import snapshot
from autopilot.foreseen import interfaces
from autopilot.foreseen.model import Part
from autopilot.interfaces.changes import draft
from autopilot.interfaces.desired import desired_in
from autopilot.interfaces.facts import Endpoint, Facts
from autopilot.interfaces.plan import EndpointItem, InterfaceOutcome, InterfaceRequest, Item
from autopilot.interfaces.planning import plan
from autopilot.interfaces.retirement import Retirement
from autopilot.interfaces.retiring import retire
from autopilot.interfaces.situation import Desired, Situation
from autopilot.policy.model import Policy
from autopilot.policy.names import is_private
from autopilot.reconcile.codec import encode
from autopilot.reconcile.quota import Limit
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gateway.builders import NOW, OTHERS
from tests.unit.gateway.builders import STACK as US
from tests.unit.interfaces.builders import (
    GROUP,
    LOGS,
    OURS,
    OWN,
    SERVICE,
    SUBNETS,
    carried_out,
    endpoint,
    facts,
    group,
    offer,
    policy,
    profile,
    situation,
    subnet,
    vpc,
)

NAMES = {"logs": LOGS, OWN: OWN}
PRIVATE = {"network": "private"}


@st.composite
def accounts(draw: st.DrawFn) -> tuple[Facts, Policy, frozenset[str]]:
    """Some VPCs, what stands in them, profiles, and of which findings ops know."""
    things: list[Any] = [offer(name) for name in NAMES.values() if draw(st.integers(0, 4))]
    for number in range(draw(st.integers(0, 2))):
        things += draw(vpcs(f"vpc-{number}"))
    services = draw(st.lists(st.sampled_from(list(NAMES)), min_size=1, max_size=2, unique=True))
    retire: Any = draw(st.sampled_from(["report", "now"]))
    wanted = policy(profile(services=tuple(services)), retire_interfaces=retire)
    if not draw(st.integers(0, 4)):
        wanted = replace(wanted, interface_endpoints=())
    ours = [e for e in things if isinstance(e, Endpoint) and e.tags == OURS]
    labels = {LOGS: "logs", OWN: SERVICE}
    ids = (f"InterfaceUnwanted/{e.vpc_id}/{labels[e.service_name]}/{e.id}" for e in ours)
    return facts(*things), wanted, frozenset(id_ for id_ in ids if draw(st.booleans()))


@st.composite
def vpcs(draw: st.DrawFn, vpc_id: str) -> list[Any]:
    owner = draw(st.sampled_from([US.account, US.account, US.account, OTHERS]))
    tags = draw(st.sampled_from([PRIVATE, PRIVATE, {}, {**PRIVATE, "endpoint-autopilot": "off"}]))
    subnets = [
        subnet(n, vpc_id=vpc_id, id=f"subnet-{vpc_id[4:]}{n}") for n in (1, 2) if draw(booleans)
    ]
    there = []
    for name in NAMES.values():
        for number in range(draw(st.integers(0, 2))):
            there.append(draw(endpoints(vpc_id, name, number, [s.id for s in subnets])))
    groups = [group(f"sg-{vpc_id[4:]}", vpc_id=vpc_id)] if draw(booleans) else []
    if draw(booleans):
        groups.append(group(f"sg-{vpc_id[4:]}b", vpc_id=vpc_id, name=f"{GROUP} of old"))
    return [vpc(vpc_id, owner=owner, tags=tags), *subnets, *groups, *there]


booleans = st.sampled_from([True, True, False])


@st.composite
def endpoints(
    draw: st.DrawFn, vpc_id: str, service: str, number: int, subnets: list[str]
) -> Endpoint:
    made = endpoint(
        f"vpce-{vpc_id[4:]}{number}{'p' if is_private(service) else 'a'}",
        vpc_id=vpc_id,
        service_name=service,
        state=draw(st.sampled_from(["available", "available", "available", "deleting", "failed"])),
        subnet_ids=tuple(s for s in subnets if draw(booleans)),
        group_ids=(draw(st.sampled_from([f"sg-{vpc_id[4:]}", f"sg-{vpc_id[4:]}b"])),),
        tags=draw(st.sampled_from([OURS, OURS, OURS, {}])),
    )
    return named(made)


def named(each: Endpoint) -> Endpoint:
    """With the DNS name that one of a private service has."""
    if not is_private(each.service_name):
        return each
    return replace(each, dns_names=(f"{each.id}-abc.{SERVICE}.us-east-1.vpce.amazonaws.com",))


def foreseen(seen: Facts, wanted: Policy, told: frozenset[str], limit: Limit) -> Part:
    def look(request: InterfaceRequest, *_: Any) -> tuple[Situation, Desired]:
        now = replace(situation(seen, wanted, told=told), request=request)
        return now, desired_in(now)

    # The quota is asked for near the default one only; the property wants to come near a small one.
    with patch.object(plan_interfaces, "INTERFACES_IN_A_VPC", limit):
        return interfaces.foresee(wanted, US, snapshot({}), NOW, look=look, limit=lambda: limit)


def taken(seen: Facts, wanted: Policy, told: frozenset[str], limit: Limit) -> list[Item]:
    """What the workflow does, look by look; what was being deleted is gone by the second one."""
    outcomes: tuple[InterfaceOutcome, ...] = ()
    every: list[Item] = []
    for number in range(1, 12):
        now = situation(
            seen,
            wanted,
            told=told,
            trigger="sweep",
            round_number=number,
            outcomes=outcomes,
        )
        made = plan(draft(now, desired_in(now)), now, limit)
        if not made.items and not any(e.standing == "going" for e in seen.endpoints):
            return every
        every += made.items
        seen, done = carried_out(seen, made.items)
        staying = (e for e in seen.endpoints if e.standing != "going")
        seen, outcomes = replace(seen, endpoints=tuple(map(named, staying))), outcomes + done
    raise AssertionError("there is an end")


def essence(id_: str, data: Any) -> str:
    """What is changed how; ids of what is made, and values that hold them, differ."""
    asked = {k: v for k, v in encode(data).items() if k in ASKED}
    return f"{id_} {asked}"


ASKED = ("action", "ingress", "add_subnet_ids", "remove_subnet_ids", "private_dns", "delete")


@given(accounts(), st.sampled_from([50, 2]))
def test_it_names_what_the_workflow_then_does(
    account: tuple[Facts, Policy, frozenset[str]], most: int
) -> None:
    seen, wanted, told = account

    part = foreseen(seen, wanted, told, Limit(most))

    done = taken(seen, wanted, told, Limit(most))
    assert {essence(a.id, a.content) for a in part.actions} == {essence(i.id, i) for i in done}
    assert all(action.reason and action.what for action in part.actions)


def test_what_it_names_is_what_is_made_word_for_word() -> None:
    seen = facts(vpc(), subnet(1), subnet(2), group(), offer())

    part = foreseen(seen, policy(), frozenset(), Limit(50))

    (item,) = taken(seen, policy(), frozenset(), Limit(50))
    (action,) = part.actions
    without = ("token", "reason", "cause")
    assert isinstance(item, EndpointItem)
    assert action.content == {k: v for k, v in encode(item).items() if k not in without}
    assert action.what == (
        "make an interface endpoint for logs in subnet-1, subnet-2; private DNS on"
    )


def test_it_says_which_parameters_follow() -> None:
    seen = facts(vpc(), subnet(1), offer(OWN))

    part = foreseen(seen, policy(profile(services=(OWN,))), frozenset(), Limit(50))

    making_group, making, writing = part.actions
    assert (making_group.follows, making.follows, writing.follows) == (False, True, True)
    assert writing.what == (
        f"write its DNS names, once it is available, under /endpoint-autopilot/vpc-1/{SERVICE}/dns"
    )


def test_what_retires_is_not_put_right_by_a_later_look() -> None:
    seen = facts(vpc(), *SUBNETS, group(), offer(), endpoint())
    row = Retirement("vpc-1/logs", "leaving", "vpce-1", LOGS, NOW.isoformat(), "it is idle")

    def look(request: InterfaceRequest, *_: Any) -> tuple[Situation, Desired]:
        now = replace(situation(seen, retirements={row.subject: row}), request=request)
        return now, retire(now, desired_in(now))

    part = interfaces.foresee(policy(), US, snapshot({}), NOW, look=look, limit=lambda: Limit(50))

    (action,) = part.actions
    assert action.what == "change vpce-1; private DNS off"
    assert [finding.kind for finding in part.findings] == ["InterfaceIdle"]
