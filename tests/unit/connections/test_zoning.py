"""Whose zones are compared, and what comes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from autopilot.connections.decision import Verdict
from autopilot.connections.desired import decided
from autopilot.connections.plan import (
    AnswerItem,
    AnswerOutcome,
    ConnectionPlan,
    Consumer,
    ZoneCheck,
)
from autopilot.connections.request import LookRequest, ZonesRequest
from autopilot.connections.zones import (
    ConsumerSide,
    ZonesReport,
)
from autopilot.connections.zoning import accepted_where_zones_fit, alignments, report
from autopilot.policy.model import Peer, Policy, ZonePolicy
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import ServiceScope

from tests.unit.connections.builders import (
    ALLOWED,
    CONSUMER,
    ENDPOINT,
    ORGANIZATION,
    SERVICE,
    STRANGER,
    US,
    account,
    connection,
    context,
    facts,
    organization,
    planned,
    root,
    service,
)

HERE = ServiceScope(service_ids=(SERVICE,))


def many(count: int, **changes: Any) -> list[Any]:
    return [connection(f"vpce-{number:04x}", **changes) for number in range(count)]


def outcome(verdict: Any, done: Any = (), stale: Any = (), **changes: Any) -> AnswerOutcome:
    item = AnswerItem(f"{SERVICE}/{verdict}/1", SERVICE, "name", verdict, tuple(done), {})
    made = AnswerOutcome(item, "done" if done else "stale", stale=tuple(stale))
    return replace(made, **changes)


def further(*outcomes: AnswerOutcome, **changes: Any) -> LookRequest:
    request = LookRequest(
        round_number=2, outcomes=outcomes, before=ConnectionPlan(more=7, looked_at="all")
    )
    return replace(request, **changes)


PEERS = Policy(zones=ZonePolicy(peers=(Peer("account", CONSUMER),)))


def compared(made: ConnectionPlan) -> list[str]:
    return [consumer.endpoint_id for check in made.zones for consumer in check.endpoints]


def test_zones_of_what_is_accepted_are_compared_whoever_owns_it() -> None:
    seen = facts(connection("vpce-01", owner=STRANGER), listed=[root(STRANGER)])
    made = planned(seen, context(ALLOWED), LookRequest(scope=HERE))

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
    made = planned(seen, context(ALLOWED, account(US.account), policy=PEERS), request_)
    assert compared(made) == found


def test_a_further_look_still_compares_what_the_first_accepted() -> None:
    seen = facts(connection("vpce-01", state="available"), connection("vpce-02"), listed=[root()])
    request = further(outcome("accept", ["vpce-01"], ["vpce-02"]), scope=HERE)
    assert compared(planned(seen, context(ALLOWED), request)) == ["vpce-01", "vpce-02"]


def test_peers_may_be_an_organization() -> None:
    wanted = Policy(zones=ZonePolicy(peers=(Peer("organization", ORGANIZATION),)))
    seen = facts(connection(state="available"), listed=[root()])
    for known, found in (
        (organization(CONSUMER), [ENDPOINT]),
        (organization(), []),
        (None, [ENDPOINT]),  # nobody can tell: the role will
    ):
        assert compared(planned(seen, context(ALLOWED, known=known, policy=wanted))) == found


def test_too_many_zones_are_counted() -> None:
    seen = facts(*many(310, state="available"), listed=[root()])
    made = planned(seen, context(ALLOWED, policy=PEERS))
    assert len(compared(made)) == 300
    assert made.left["zones of too many at once"] == 10


ONE, TWO, THREE = "use1-az1", "use1-az2", "use1-az3"


VPC = {"subnet-1": ONE, "subnet-2": TWO, "subnet-3": THREE}


POLICY = Policy(zones=ZonePolicy(peers=(Peer("account", CONSUMER),)))


def check(*consumers: Consumer) -> ZoneCheck:
    return ZoneCheck(SERVICE, "name", (ONE, TWO), consumers)


def test_a_report_speaks_for_what_is_known_only() -> None:
    asked = ZonesRequest((check(Consumer(ENDPOINT, CONSUMER), Consumer("vpce-0f", CONSUMER)),))
    sides: dict[str, ConsumerSide | str] = {
        ENDPOINT: ConsumerSide(("subnet-1", "subnet-2"), VPC),
        "vpce-0f": "nobody tells",
    }

    made = report(asked, lambda *_: sides, (), context(policy=POLICY))

    assert made.looked_at == (f"{SERVICE}/{ENDPOINT}",)
    (finding,) = made.findings
    assert finding.id == f"ZonesMisaligned/{SERVICE}/{ENDPOINT}"
    assert finding.data["never"] == {THREE: ["subnet-3"]}
    assert finding.data["service_name"] == "name"
    assert decode(ZonesReport, json.loads(json.dumps(encode(made)))) == made
    any_will_do = Policy(zones=replace(POLICY.zones, require="any"))
    assert report(asked, lambda *_: sides, (), context(policy=any_will_do)).findings == ()


def test_only_peers_and_we_are_read_and_only_here() -> None:
    wanted = check(
        Consumer("vpce-01", CONSUMER),
        Consumer("vpce-02", US.account, US.region),
        Consumer("vpce-03", STRANGER),
        Consumer("vpce-04", CONSUMER, "eu-west-1"),
    )
    under = context(policy=POLICY)
    sides: dict[str, ConsumerSide | str] = {
        "vpce-01": "account 222222222222 can't be read: no",
        "vpce-02": ConsumerSide(("subnet-1", "subnet-2"), {"subnet-1": ONE, "subnet-2": TWO}),
    }

    def read(asked: Any, stack: StackIdentity) -> Any:
        assert (asked, stack) == ({CONSUMER: ["vpce-01"], US.account: ["vpce-02"]}, US)
        return sides

    found = {each.endpoint_id: each for each in alignments([wanted], read, under)}

    assert {id_: each.status for id_, each in found.items()} == {
        "vpce-01": "unknown",
        "vpce-02": "aligned",
        "vpce-03": "unknown",
        "vpce-04": "not_applicable",
    }
    assert found["vpce-01"].why == "account 222222222222 can't be read: no"
    assert found["vpce-03"].why == f"account {STRANGER} isn't among zones.peers"
    assert found["vpce-04"].why == "the endpoint is in eu-west-1"


WHOLE = ConsumerSide(("subnet-1", "subnet-2"), {"subnet-1": ONE, "subnet-2": TWO})
PARTIAL, NONE = ConsumerSide(("subnet-1",), VPC), ConsumerSide(("subnet-3",), VPC)


@pytest.mark.parametrize(
    ("side", "require", "action"),
    [
        (PARTIAL, "all", "hold"),
        (NONE, "all", "hold"),
        (PARTIAL, "any", "accept"),
        (NONE, "any", "hold"),
        ("nobody tells", "all", "accept"),
        (WHOLE, "all", "accept"),
    ],
)
def test_what_a_rule_accepts_is_held_where_zones_do_not_fit(
    side: Any, require: Any, action: str
) -> None:
    seen = facts(connection(), listed=[root()], services=(service(zone_ids=(ONE, TWO)),))
    under = context(ALLOWED, policy=Policy(zones=replace(POLICY.zones, require=require)))
    found = decided(seen, under, lambda *_: under.organization)

    made = accepted_where_zones_fit(found, LookRequest(), lambda *_: {ENDPOINT: side})

    (each,) = made.connections
    assert each.verdict.action == action
    assert (each.verdict == found.connections[0].verdict) == (action == "accept")
    if action == "hold":
        reason = "allowed principals allows it, but its zones don't fit the service's"
        assert each.verdict == Verdict("hold", reason, "allowed principals")


def test_zones_have_no_say_in_what_is_accepted_elsewhere_or_not_at_all() -> None:
    seen = facts(
        connection(region="eu-west-1"),
        connection("vpce-0f", owner=STRANGER),
        listed=[root()],
        services=(service(zone_ids=(ONE, TWO)),),
    )
    under = context(ALLOWED, policy=POLICY)
    found = decided(seen, under, lambda *_: under.organization)

    def read(asked: Any, _: StackIdentity) -> Any:
        assert asked == {}
        return {"vpce-0f": NONE}

    assert accepted_where_zones_fit(found, LookRequest(), read) == found
