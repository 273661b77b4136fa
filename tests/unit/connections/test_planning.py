"""The plan of one look: what goes on, what is left, who is never let in."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from autopilot.connections.facts import ConnectionFacts, Notification
from autopilot.connections.plan import AnswerItem, AnswerOutcome, ConnectionPlan, Registration
from autopilot.connections.planning import light
from autopilot.connections.request import (
    LookRequest,
)
from autopilot.policy.model import Rule
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.connections.builders import (
    ALICE,
    ALLOWED,
    CONSUMER,
    EVERYBODY,
    NOW,
    ORGANIZATION,
    OTHER,
    OTHER_SERVICE,
    SERVICE,
    STRANGER,
    TOPIC,
    US,
    account,
    connection,
    context,
    facts,
    memory,
    organization,
    planned,
    root,
    service,
)


def outcome(verdict: Any, done: Any = (), stale: Any = (), **changes: Any) -> AnswerOutcome:
    item = AnswerItem(f"{SERVICE}/{verdict}/1", SERVICE, "name", verdict, tuple(done), {})
    made = AnswerOutcome(item, "done" if done else "stale", stale=tuple(stale))
    return replace(made, **changes)


def further(*outcomes: AnswerOutcome, **changes: Any) -> LookRequest:
    request = LookRequest(
        round_number=2, outcomes=outcomes, before=ConnectionPlan(more=7, looked_at="all")
    )
    return replace(request, **changes)


def test_more_goes_on_only_while_something_gets_done() -> None:
    seen = facts(listed=[root()])
    assert planned(seen, context(ALLOWED), further(outcome("accept", ["vpce-01"]))).more == 7
    assert planned(seen, context(ALLOWED), further(outcome("accept", stale=["vpce-01"]))).more == 0
    settled = light(further(outcome("accept", ["vpce-01"])))
    assert settled.more == 7
    failed = light(further(outcome("accept", ["vpce-01"], result="failed")))
    assert failed.more == 0


def test_a_light_look_is_for_settled_answers_of_a_plan_that_is_known() -> None:
    assert not LookRequest().is_light
    assert not further(before=None).is_light
    assert not further(outcome("accept", ["vpce-01"], ["vpce-02"])).is_light
    assert further(outcome("accept", ["vpce-01"])).is_light


@pytest.mark.parametrize(
    ("notifications", "register"),
    [
        ((), [Registration(SERVICE), Registration(OTHER_SERVICE)]),
        (
            (Notification("nfn-1", SERVICE, TOPIC, ("Accept", "Connect", "Delete")),),
            [Registration(OTHER_SERVICE)],
        ),
        (
            (
                Notification("nfn-1", SERVICE, TOPIC, ("Connect",)),
                Notification("nfn-2", OTHER_SERVICE, "arn:somebody-else", ("Connect", "Delete")),
            ),
            [Registration(SERVICE, "nfn-1"), Registration(OTHER_SERVICE)],
        ),
        (None, []),
    ],
)
def test_services_whose_notifications_do_not_reach_us(notifications: Any, register: Any) -> None:
    made = planned(facts(notifications=notifications), context(ALLOWED))
    assert list(made.register) == register


def test_gateway_load_balancer_services_know_no_notifications() -> None:
    seen = facts(services=(service(interface=False),), notifications=())
    assert planned(seen, context(ALLOWED)).register == ()


def test_what_is_left_is_counted_by_reason() -> None:
    seen = facts(
        connection("", state="available"),
        connection("vpce-01", state="deleted"),
        connection("vpce-02", service_id="vpce-svc-99"),
        connection("vpce-03", owner=STRANGER),
        connection("vpce-04", state="available"),
        connection("vpce-05"),
        listed=[root()],
        memory={
            f"{SERVICE}/vpce-05": memory(state="accepting", claimed_by=OTHER, at=NOW.isoformat())
        },
    )
    assert planned(seen, context(ALLOWED)).left == {
        "transit gateway attachment": 1,
        "over or under way": 1,
        "service not there": 1,
        "held": 1,
        "decided and as it should be": 1,
        "another execution answers it": 1,
    }


states = st.sampled_from(["pendingAcceptance", "available", "pending", "rejected", "deleted"])


rules = st.lists(
    st.sampled_from([ALLOWED, account(), account(STRANGER), Rule("organization", ORGANIZATION)]),
    max_size=3,
)


memories = st.sampled_from(
    [None, memory(), memory(by=ALICE), memory(state="accepting"), memory(state="rejected")]
)


@st.composite
def surveys(draw: st.DrawFn) -> ConnectionFacts:
    seen, remembered = [], {}
    for number in range(draw(st.integers(0, 6))):
        made = connection(
            f"vpce-{number:02x}",
            service_id=draw(st.sampled_from([SERVICE, OTHER_SERVICE, "vpce-svc-99"])),
            owner=draw(st.sampled_from([CONSUMER, STRANGER, US.account])),
            state=draw(states),
        )
        seen.append(made)
        if known := draw(memories):
            remembered[made.subject] = known
    listed = draw(st.lists(st.sampled_from([root(), root(STRANGER), EVERYBODY]), max_size=2))
    return facts(*seen, listed=listed, memory=remembered)  # type: ignore[no-any-return]  # the builder is loose


known_members = st.sampled_from([None, organization(), organization(CONSUMER)])


@given(surveys(), rules, rules, known_members, st.randoms(use_true_random=False))
def test_the_order_of_what_is_seen_does_not_matter(
    seen: Any, allow: Any, deny: Any, known: Any, shuffler: random.Random
) -> None:
    denied = [rule for rule in deny if rule != ALLOWED]
    under = context(*allow, deny=denied, known=known)
    shuffled = list(seen.connections)
    shuffler.shuffle(shuffled)
    backwards = replace(
        seen,
        connections=tuple(shuffled),
        services=seen.services[::-1],
        permissions={id_: list_[::-1] for id_, list_ in reversed(seen.permissions.items())},
        memory=dict(reversed(seen.memory.items())),
    )
    assert planned(seen, under) == planned(backwards, under)


@given(surveys(), rules, rules, known_members)
def test_nobody_gets_in_whom_no_rule_names_or_the_list_does_not_admit(
    seen: Any, allow: Any, deny: Any, known: Any
) -> None:
    """By means of its own: a plain reading of the rules and the lists."""
    under = context(*allow, deny=[r for r in deny if r != ALLOWED], known=known)

    for item in planned(seen, under).items:
        entries = {p.principal for p in seen.permissions[item.service_id]}
        for endpoint_id in item.endpoint_ids:
            (found,) = [c for c in seen.connections if c.endpoint_id == endpoint_id]
            owner, remembered = found.owner, seen.memory.get(found.subject)
            on_list = f"arn:aws:iam::{owner}:root" in entries
            inside = known is not None and ORGANIZATION in known.members.get(owner, _NONE).ids
            named = [
                r
                for r in under.policy.connections.allow
                if r.value == owner
                or (r == ALLOWED and on_list)
                or (r.kind == "organization" and inside)
            ]
            denied = [
                r
                for r in under.policy.connections.deny
                if r.value == owner or (r.kind == "organization" and inside)
            ]
            admitted = on_list or "*" in entries or owner == US.account
            if item.verdict == "accept":
                assert named and admitted and not denied
                assert found.state == "pendingAcceptance"
            elif item.verdict == "cut":
                assert denied or (remembered and remembered.we_accepted)
                assert denied or not (named and admitted)
            else:
                assert denied or under.policy.connections.otherwise == "reject"


class _None:
    ids: frozenset[str] = frozenset()


_NONE = _None()
