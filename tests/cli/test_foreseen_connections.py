"""`plan` names exactly whom the connections workflow then accepts, rejects, cuts and holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pytest
from autopilot.aws.unwritten import unwritten
from autopilot.connections import items
from autopilot.connections.facts import AUTOPILOT, Organization, Remembered
from autopilot.connections.remembered import kept
from autopilot.foreseen import connections
from autopilot.foreseen.model import Part
from autopilot.policy.model import Policy, Rule
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.connection_world import ALICE, Endpoint, World
from tests.unit.connections.builders import NOW, TOPIC, US, connection, context, facts, root

OWNERS = ["222222222222", "333333333333"]
RULES = [Rule("allowed_principals"), *(Rule("account", owner) for owner in OWNERS)]
LONG_AGO = "2026-11-20T12:00:00+00:00"


@dataclass(frozen=True)
class Asking:
    """One endpoint, and who let it in if it is live."""

    service: str
    owner: str
    state: str
    by: str


askings = st.builds(
    Asking,
    st.sampled_from(["vpce-svc-0a", "vpce-svc-0b"]),
    st.sampled_from(OWNERS),
    st.sampled_from(["pendingAcceptance", "pendingAcceptance", "available", "rejected"]),
    st.sampled_from([AUTOPILOT, AUTOPILOT, ALICE]),
)
entries = st.sets(st.sampled_from([*OWNERS, "*"]))


def world_of(there: list[Asking], listed: list[set[str]], **rules: Any) -> World:
    world = World(Policy())
    world.with_policy(**rules)
    for service, allowed in zip(world.listed, listed, strict=True):
        world.listed[service] = set(allowed)
    for number, each in enumerate(there):
        id_ = f"vpce-{number:02x}"
        live = each.state == "available"
        world.endpoints[id_] = Endpoint(
            each.service, each.owner, each.state, each.by if live else ""
        )
        if live:
            known = Remembered("accepted", each.by, "rule", "reason", LONG_AGO)
            world.ledger.write([kept(f"{each.service}/{id_}", known, None)])
    return world


def taken(world: World) -> set[tuple[str, str]]:
    """What the workflow does, by verb and endpoint, one execution after the other."""
    found: set[tuple[str, str]] = set()
    for number in range(20):
        name = f"execution-{number}"
        made = world.plan(name, trigger="sweep")
        found |= {("register", each["service_id"]) for each in made["register"]}
        found |= {("hold", each["endpoint_id"]) for each in made["holds"]}
        world.sync(name, made)
        for item in made["items"]:
            outcome = world.answer(name, item=item)
            assert outcome
            found |= {(item["verdict"], id_) for id_ in outcome["endpoint_ids"]}
        if not made["more"]:
            return found
    raise AssertionError("there is an end")


@given(
    st.lists(askings, max_size=5),
    st.tuples(entries, entries),
    st.lists(st.sampled_from(RULES), max_size=2, unique=True),
    st.lists(st.sampled_from(RULES[1:]), max_size=1),
    st.sampled_from(["hold", "reject"]),
    st.sampled_from(["reject", "alert"]),
    st.sampled_from([200, 1]),
)
def test_it_names_what_the_workflow_then_does(
    there: Any, listed: Any, allow: Any, deny: Any, otherwise: Any, no_longer: Any, room: int
) -> None:
    world = world_of(
        there,
        listed,
        allow=tuple(allow),
        deny=tuple(deny),
        otherwise=otherwise,
        no_longer_allowed=no_longer,
    )
    before = dict(world.ledger.table)
    try:
        part = connections.foresee(
            world.policy, US, unwritten(world.ledger), world.now, topic="arn:topic"
        )
        assert world.ledger.table == before
        with patch.object(items, "MOST_ANSWERS", room), patch.object(items, "MOST_HOLDS", room):
            done = taken(world)
    finally:
        world.close()

    named = {(a.verb, a.place if a.verb == "register" else a.service) for a in part.actions}
    assert named == done
    assert all(action.reason and action.what for action in part.actions)


def foreseen(policy: Policy, seen: Any, known: Organization | None = None) -> Part:
    return connections.foresee(
        policy,
        US,
        unwritten(None),
        NOW,
        topic=TOPIC,
        look=lambda *_: seen,
        known=lambda *_: known or Organization(),
    )


def test_an_acceptance_names_its_rule() -> None:
    (action,) = foreseen(
        context(Rule("allowed_principals")).policy, facts(connection(), listed=[root()])
    ).actions

    assert action.what == "accept vpce-0e of 222222222222"
    assert action.reason == (
        "a rule names 222222222222, the permission list admits it (rule: allowed principals)"
    )


def test_a_hold_says_for_how_long() -> None:
    (action,) = foreseen(Policy(), facts(connection())).actions

    assert action.what == "hold the request of vpce-0e of 222222222222 for a person, 7 days"


@pytest.mark.parametrize("words", ["", "the organization can't be asked: timeout"])
def test_an_organization_that_is_not_known_for_another_reason_is_no_want_of_rights(
    words: str,
) -> None:
    policy = context(Rule("organization", "o-a1b2c3d4e5")).policy
    asks = facts(connection(), listed=[root()])
    assert foreseen(policy, asks, Organization(why=words)).unseen == ()


def test_an_organization_that_may_not_be_asked_is_named() -> None:
    why = "the organization can't be asked: sts:AssumeRole: AccessDenied: User x is not authorized"
    policy = context(Rule("organization", "o-a1b2c3d4e5")).policy
    asks = facts(connection(), listed=[root()])

    (unseen,) = foreseen(policy, asks, Organization(why=why)).unseen

    assert (unseen.what, unseen.permission) == (
        "who belongs to the organization",
        "sts:AssumeRole",
    )
