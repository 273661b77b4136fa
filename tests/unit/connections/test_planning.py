"""The plan of one look: batches, holds, findings, registrations, zones, and what doesn't fit."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from autopilot.connections.desired import owners_to_ask_for
from autopilot.connections.facts import ConnectionFacts, Notification
from autopilot.connections.holds import (
    Hold,
    HoldAnswer,
    HoldRow,
    answered,
    hold_row,
    opened,
    opening,
    put,
)
from autopilot.connections.items import MOST_ANSWERS, MOST_AT_ONCE, MOST_HOLDS
from autopilot.connections.plan import AnswerItem, AnswerOutcome, ConnectionPlan, Registration
from autopilot.connections.planning import light
from autopilot.connections.request import (
    ConnectionScope,
    LookRequest,
    services_answered,
    unsettled,
)
from autopilot.policy.model import Peer, Policy, Rule, ZonePolicy
from autopilot.reconcile.codec import decode, encode
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.connections.builders import (
    ALICE,
    ALLOWED,
    CONSUMER,
    ENDPOINT,
    EVERYBODY,
    EXECUTION,
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
    facts,
    law,
    memory,
    organization,
    planned,
    root,
    service,
)

HERE = ConnectionScope(service_ids=(SERVICE,))


def many(count: int, **changes: Any) -> list[Any]:
    return [connection(f"vpce-{number:04x}", **changes) for number in range(count)]


def through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


def test_one_item_for_each_service_and_verdict() -> None:
    seen = facts(
        connection("vpce-01"),
        connection("vpce-02"),
        connection("vpce-03", service_id=OTHER_SERVICE),
        connection("vpce-04", owner=STRANGER),
        connection("vpce-05", owner=STRANGER, state="available"),
        listed=[root(), root(STRANGER)],
        memory={f"{SERVICE}/vpce-05": memory()},
    )

    made = planned(seen, law(ALLOWED, deny=[account(STRANGER)]))

    assert {item.id: item.endpoint_ids for item in made.items} == {
        f"{SERVICE}/accept/1": ("vpce-01", "vpce-02"),
        f"{OTHER_SERVICE}/accept/1": ("vpce-03",),
        f"{SERVICE}/reject/1": ("vpce-04",),
        f"{SERVICE}/cut/1": ("vpce-05",),
    }
    assert made.items[0].service_name.endswith(SERVICE)
    assert made.items[0].reasons["vpce-01"].created == "2026-11-24T11:59:50+00:00"
    assert made.expect == tuple(f"vpce-0{n}" for n in range(1, 6))


def test_long_batches_are_cut_and_a_long_plan_leaves_the_rest_to_another() -> None:
    seen = facts(*many(MOST_ANSWERS + 30), listed=[root()])

    made = planned(seen, law(ALLOWED))

    assert [len(item.endpoint_ids) for item in made.items] == [MOST_AT_ONCE, MOST_AT_ONCE]
    assert [item.id for item in made.items] == [f"{SERVICE}/accept/1", f"{SERVICE}/accept/2"]
    assert made.more == 30


def test_the_largest_plan_fits_into_a_state_with_its_outcomes() -> None:
    held = [connection(f"vpce-{n:017x}", owner=STRANGER) for n in range(500)]
    seen = facts(*many(300), *held, listed=[root()])
    made = planned(seen, law(ALLOWED))
    outcomes = [encode(AnswerOutcome(item, "done", at=NOW.isoformat())) for item in made.items]

    assert len(made.holds) == MOST_HOLDS
    assert made.left["findings too many at once"] > 0
    assert made.looked_at == (OTHER_SERVICE,), "what isn't told in full is not taken back"
    both = {"plan": encode(made), "outcomes": outcomes, "expect": list(made.expect)}
    assert len(json.dumps(both)) < 250_000


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
    assert planned(seen, law(ALLOWED), further(outcome("accept", ["vpce-01"]))).more == 7
    assert planned(seen, law(ALLOWED), further(outcome("accept", stale=["vpce-01"]))).more == 0
    settled = light(further(outcome("accept", ["vpce-01"])))
    assert settled is not None
    assert settled.more == 7
    failed = light(further(outcome("accept", ["vpce-01"], result="failed")))
    assert failed is not None
    assert failed.more == 0


def test_a_light_look_is_for_settled_answers_of_a_plan_that_is_known() -> None:
    assert light(LookRequest()) is None
    assert light(further(before=None)) is None
    assert light(further(outcome("accept", ["vpce-01"], ["vpce-02"]))) is None
    assert light(further(outcome("accept", ["vpce-01"]))) is not None


@pytest.mark.parametrize(
    ("made", "state", "missing"),
    [
        (outcome("accept", [ENDPOINT]), "pendingAcceptance", True),
        (outcome("accept", [ENDPOINT]), "pending", False),
        (outcome("accept", [ENDPOINT]), "rejected", False),
        (outcome("reject", [ENDPOINT]), "pendingAcceptance", True),
        (outcome("reject", [ENDPOINT]), "rejected", False),
        (outcome("cut", [ENDPOINT]), "available", True),
        (outcome("cut", [ENDPOINT]), "rejected", False),
        (outcome("accept", stale=[ENDPOINT], error="Unsuccessful"), "pendingAcceptance", True),
        (outcome("accept", stale=[ENDPOINT], error="StandsOtherwise"), "pendingAcceptance", False),
        (outcome("accept", [ENDPOINT], result="failed"), "pendingAcceptance", False),
        (outcome("accept", ["vpce-99"]), "pendingAcceptance", False),
    ],
)
def test_what_was_answered_must_show(made: Any, state: str, missing: bool) -> None:
    request = further(made, expect=(ENDPOINT,))
    assert unsettled([connection(state=state)], request) == ((ENDPOINT,) if missing else ())
    assert unsettled([connection(state=state)], replace(request, expect=())) == ()
    assert services_answered(request) == (SERVICE,)


def test_the_last_answer_counts() -> None:
    first, last = outcome("accept", [ENDPOINT]), outcome("cut", [ENDPOINT])
    request = further(first, last, expect=(ENDPOINT,))
    assert unsettled([connection(state="available")], request) == (ENDPOINT,)


HOLD = Hold(f"hold-{ENDPOINT}-1", ENDPOINT, SERVICE, "name", CONSUMER, "no rule", "", 3600)


def row(state: Any = "open", **changes: Any) -> HoldRow:
    made = opened(HOLD, None, "token", EXECUTION, NOW)
    return replace(made, state=state, **changes)


OLD = (NOW - timedelta(minutes=20)).isoformat()
LONG_AGO = (NOW - timedelta(hours=3)).isoformat()
ALICES = {"answer": "accept", "by": ALICE, "at": NOW.isoformat()}


@pytest.mark.parametrize(
    ("known", "opens"),
    [
        (None, True),
        (row("opening"), False),
        (row("opening", opened_at=OLD), True),
        (row("open"), False),
        (row("open", opened_at=OLD), False),
        (row("open", opened_at=LONG_AGO), True),
        (row("answered", **ALICES), False),
        (row("answered", **{**ALICES, "at": OLD}), True),
        (row("closed"), True),
    ],
)
def test_a_request_is_held_once(known: Any, opens: bool) -> None:
    made = planned(facts(connection(), holds={ENDPOINT: known} if known else {}), law(ALLOWED))
    assert bool(made.holds) == opens


def test_a_hold_and_its_finding_say_what_ops_need() -> None:
    made = planned(facts(connection()), law(ALLOWED, hold_for_seconds=3600))

    (hold,), (finding,) = made.holds, made.findings
    assert hold == Hold(
        f"hold-{ENDPOINT}-{int(NOW.timestamp())}", ENDPOINT, SERVICE, service().name, CONSUMER,
        "the service's permission list doesn't admit 222222222222", connection().created, 3600,
    )  # fmt: skip
    assert (finding.id, finding.severity) == (f"ConnectionHeld/{SERVICE}/{ENDPOINT}", "action")
    assert finding.data["expires"] == "2026-11-24T13:00:00+00:00"
    assert finding.data["hold"] == hold.name


def test_the_finding_of_an_open_hold_does_not_change_from_look_to_look() -> None:
    known = {ENDPOINT: row(name="hold-x", opened_at=OLD)}
    one = planned(facts(connection(), holds=known), law(ALLOWED))
    other = planned(facts(connection(), holds=known), law(ALLOWED, now=NOW + timedelta(minutes=5)))
    assert one.findings == other.findings
    assert one.findings[0].data["hold"] == "hold-x"


@pytest.mark.parametrize(
    ("connections", "remembered", "answered_", "by"),
    [
        ([connection(state="available")], memory(by=ALICE), "accept", ALICE),
        ([connection(state="available")], None, "accept", ""),
        ([connection(state="available")], memory(), "policy", ""),
        ([connection(state="available")], memory(state="accepting"), "accept", ""),
        ([connection(state="rejected")], memory(state="rejected", by=ALICE), "reject", ALICE),
        ([connection(state="rejected")], memory(state="rejected"), "policy", ""),
        ([connection(state="rejected")], None, "reject", ""),
        ([connection(state="deleted")], None, "gone", ""),
        ([], None, "gone", ""),
    ],
)
def test_a_hold_that_became_needless_is_closed(
    connections: Any, remembered: Any, answered_: str, by: str
) -> None:
    known = {f"{SERVICE}/{ENDPOINT}": remembered} if remembered else {}
    seen = facts(*connections, listed=[root()], memory=known, holds={ENDPOINT: row()})

    (closure,) = planned(seen, law(ALLOWED)).close_holds

    assert (closure.answered, closure.by) == (answered_, by)
    assert closure.why


@pytest.mark.parametrize(
    "known",
    [row("closed"), row("answered", **ALICES), row("open", opened_at=LONG_AGO)],
)
def test_a_hold_that_is_over_is_not_closed_again(known: Any) -> None:
    assert planned(facts(holds={ENDPOINT: known}), law(ALLOWED)).close_holds == ()


def test_a_hold_stays_while_its_request_waits_or_was_not_looked_at() -> None:
    kept = facts(connection(), holds={ENDPOINT: row()})
    assert planned(kept, law(ALLOWED)).close_holds == ()
    elsewhere = facts(holds={ENDPOINT: row()}, looked_at=(OTHER_SERVICE,))
    assert planned(elsewhere, law(ALLOWED)).close_holds == ()


def test_a_hold_row_survives_the_ledger() -> None:
    for known in (opening(HOLD, EXECUTION, NOW), row("closed"), row("answered", **ALICES)):
        write = put(known, None, NOW)
        assert write.row is not None
        assert hold_row(write.row) == replace(known, version=1)
        assert (write.row.expires_at is not None) == (known.state == "closed")
    again = put(row("closed"), row(version=4), NOW)
    assert again.row is not None
    assert (again.replaces, again.row.version) == (4, 5)
    said = HoldAnswer("reject", ALICE, "because", NOW.isoformat())
    assert answered(row(), said).state == "answered"


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
    made = planned(facts(notifications=notifications), law(ALLOWED))
    assert list(made.register) == register


def test_gateway_load_balancer_services_know_no_notifications() -> None:
    seen = facts(services=(service(interface=False),), notifications=())
    assert planned(seen, law(ALLOWED)).register == ()


PEERS = Policy(zones=ZonePolicy(peers=(Peer("account", CONSUMER),)))


def compared(made: ConnectionPlan) -> list[str]:
    return [consumer.endpoint_id for check in made.zones for consumer in check.endpoints]


def test_zones_of_what_is_accepted_are_compared_whoever_owns_it() -> None:
    seen = facts(connection("vpce-01", owner=STRANGER), listed=[root(STRANGER)])
    made = planned(seen, law(ALLOWED), LookRequest(scope=HERE))

    (check,) = made.zones
    assert (check.service_id, check.endpoints[0].owner) == (SERVICE, STRANGER)


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        (LookRequest(), ["vpce-01", "vpce-03"]),
        (LookRequest(scope=HERE), []),
        (LookRequest(scope=HERE, look=frozenset({"zones"})), ["vpce-01", "vpce-03"]),
    ],
)
def test_zones_of_what_lives_are_compared_where_asked_and_readable(
    request_: Any, found: list[str]
) -> None:
    seen = facts(
        connection("vpce-01", state="available"),
        connection("vpce-02", state="available", owner=STRANGER),
        connection("vpce-03", state="available", owner=US.account),
        connection("vpce-04", state="rejected"),
        listed=[root(), root(STRANGER)],
    )
    made = planned(seen, law(ALLOWED, account(US.account), policy=PEERS), request_)
    assert compared(made) == found


def test_a_further_look_still_compares_what_the_first_accepted() -> None:
    seen = facts(connection("vpce-01", state="available"), connection("vpce-02"), listed=[root()])
    request = further(outcome("accept", ["vpce-01"], ["vpce-02"]), scope=HERE)
    assert compared(planned(seen, law(ALLOWED), request)) == ["vpce-01", "vpce-02"]


def test_peers_may_be_an_organization() -> None:
    wanted = Policy(zones=ZonePolicy(peers=(Peer("organization", ORGANIZATION),)))
    seen = facts(connection(state="available"), listed=[root()])
    for known, found in (
        (organization(CONSUMER), [ENDPOINT]),
        (organization(), []),
        (None, [ENDPOINT]),  # nobody can tell: the role will
    ):
        assert compared(planned(seen, law(ALLOWED, known=known, policy=wanted))) == found


def test_too_many_zones_are_counted() -> None:
    seen = facts(*many(310, state="available"), listed=[root()])
    made = planned(seen, law(ALLOWED, policy=PEERS))
    assert len(compared(made)) == 300
    assert made.left["zones of too many at once"] == 10


def test_only_owners_that_the_organization_decides_are_asked_for() -> None:
    rule = Rule("organization", ORGANIZATION)
    seen = facts(
        connection("vpce-01"),
        connection("vpce-02", owner=STRANGER),
        connection("vpce-03", state="rejected", owner="444444444444"),
        listed=[EVERYBODY],
    )
    asked = owners_to_ask_for(seen, law(account(), rule))[0]
    assert asked == {STRANGER}
    assert owners_to_ask_for(seen, law(account(), rule, known=organization()))[0] == set()


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
    assert planned(seen, law(ALLOWED)).left == {
        "transit gateway attachment": 1,
        "over or under way": 1,
        "service not there": 1,
        "held": 1,
        "decided and as it should be": 1,
        "another execution answers it": 1,
    }


def test_a_plan() -> None:
    seen = facts(
        connection("vpce-01"),
        connection("vpce-02", owner=STRANGER),
        listed=[root()],
        notifications=(),
        holds={"vpce-09": replace(row(), endpoint_id="vpce-09")},
    )
    made = planned(seen, law(ALLOWED))
    assert all((made.items, made.register, made.holds, made.close_holds, made.zones))
    assert decode(ConnectionPlan, through_json(encode(made))) == made


def test_an_outcome_that_the_workflow_made_of_a_failure() -> None:
    (item,) = planned(facts(connection(), listed=[root()]), law(ALLOWED)).items
    failed = {**encode(item), "result": "failed", "error": "AccessDenied", "message": "no"}
    read = decode(AnswerOutcome, through_json(failed))
    assert (read.result, read.item.endpoint_ids, read.stale) == ("failed", (ENDPOINT,), ())
    assert decode(AnswerOutcome, through_json(encode(read))) == read


def test_a_request_may_be_empty_or_in_full() -> None:
    assert decode(LookRequest, {}) == LookRequest()
    made = planned(facts(connection(), listed=[root()]), law(ALLOWED))
    full = {
        "trigger": "event",
        "scope": HERE.to_json(),
        "look": ["zones"],
        "answers": [
            {"endpoint_id": ENDPOINT, "service_id": SERVICE, "verdict": "accept", "by": ALICE,
             "at": "2026-11-24T12:00:00Z"}
        ],
        "expect": [ENDPOINT],
        "round": 2,
        "outcomes": [encode(outcome("accept", [ENDPOINT]))],
        "plan": encode(made),
        "execution": EXECUTION,
    }  # fmt: skip
    read = decode(LookRequest, through_json(full))
    assert (read.scope, read.before, read.round_number) == (HERE, made, 2)
    assert read.looks_at("zones")
    assert not read.looks_at("notifications")
    with pytest.raises(ValueError, match="trigger"):
        decode(LookRequest, {"trigger": "cron"})


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
    under = law(*allow, deny=denied, known=known)
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
    under = law(*allow, deny=[r for r in deny if r != ALLOWED], known=known)

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
