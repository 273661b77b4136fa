"""Connections: how each stands, since when, who decided it by which rule; and their zones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from autopilot.connections.facts import Connection
from autopilot.connections.holds import HoldRow
from autopilot.connections.messages import HELD, NOT_ALLOWED, PLANNED_ANSWER, ZONES_MISALIGNED
from autopilot.connections.zone_rows import compared
from autopilot.connections.zones import Alignment
from autopilot.interfaces.facts import Subnet
from autopilot.reconcile.codec import encode
from autopilot.view.model import ConnectionView, ZoneRow
from autopilot.view.overview import overview
from autopilot.view.seen import Seen

from tests.unit.connections.builders import (
    ALICE,
    CONSUMER,
    ENDPOINT,
    LONG_AGO,
    NOW,
    OTHER_SERVICE,
    SERVICE,
    US,
    connection,
    facts,
    memory,
    service,
)
from tests.unit.interfaces import builders as interfaces
from tests.unit.view.builders import seen, told

SUBJECT = f"{SERVICE}/{ENDPOINT}"
LIVE = connection(state="available")
JUST_NOW = (NOW - timedelta(minutes=1)).isoformat()


def hold(**changes: Any) -> HoldRow:
    made = HoldRow(ENDPOINT, SERVICE, "hold-1", "open", LONG_AGO, 7 * 24 * 3600)
    return replace(made, **changes)


def one(there: Connection, *, rows: Any = (), unread: Any = None, **changes: Any) -> ConnectionView:
    (found,) = (
        overview(seen(None, None, facts(there, **changes), rows=rows, unread=unread))
        .services[0]
        .connections
    )
    return found


def test_who_accepted_it_by_which_rule_and_when_is_remembered() -> None:
    accepted = memory(rule="account 222222222222", reason="a rule names 222222222222")
    found = one(LIVE, memory={SUBJECT: accepted})
    assert found == ConnectionView(
        endpoint_id=ENDPOINT,
        service_id=SERVICE,
        service_name=f"com.amazonaws.vpce.us-east-1.{SERVICE}",
        owner=CONSUMER,
        region="us-east-1",
        state="available",
        since="2026-11-22T12:00:00+00:00",
        by="autopilot",
        rule="account 222222222222",
        reason="a rule names 222222222222",
    )


def test_a_persons_acceptance_bears_the_persons_name() -> None:
    found = one(LIVE, memory={SUBJECT: memory(by=ALICE, rule="", reason="in the console")})
    assert (found.by, found.rule, found.reason) == (ALICE, "", "in the console")


@pytest.mark.parametrize(
    ("required", "said"),
    [(True, "nobody remembers who accepted it"), (False, "the service accepts by itself")],
)
def test_where_nobody_knows_that_is_said(required: bool, said: str) -> None:
    (found, *_), *_ = (
        view.connections
        for view in overview(
            seen(
                None,
                None,
                facts(LIVE, services=(service(acceptance_required=required),)),
            )
        ).services
    )
    assert (found.by, found.rule, found.since) == ("", "", "")
    assert said in found.reason


def test_an_acceptance_whose_answer_was_lost_is_nobodys() -> None:
    found = one(LIVE, memory={SUBJECT: memory(state="accepting")})
    assert (found.by, found.rule) == ("", "")
    assert "nobody knows" in found.reason


def test_what_nothing_allows_is_said_to_be_so() -> None:
    data = {"accepted_by": ALICE, "rule": "", "reason": "no rule names 222222222222"}
    found = one(LIVE, rows=[told(NOT_ALLOWED.about(SUBJECT, data))])
    assert (found.by, found.reason) == (ALICE, "no rule names 222222222222")


def test_a_cut_is_remembered_with_its_rule() -> None:
    cut = memory(state="rejected", reason="no rule names 222222222222 any more", at=JUST_NOW)
    found = one(connection(state="rejected"), memory={SUBJECT: cut})
    assert (found.by, found.reason) == ("autopilot", "no rule names 222222222222 any more")
    assert found.since == "2026-11-24T11:59:00+00:00"


def test_an_acceptance_doesnt_explain_a_rejection() -> None:
    found = one(connection(state="rejected"), memory={SUBJECT: memory()})
    assert (found.by, found.since) == ("", "")
    assert "nobody remembers why" in found.reason


@pytest.mark.parametrize(
    ("rows", "holds", "said"),
    [
        ([HELD.about(SUBJECT, {"reason": "no rule names it"})], {}, "no rule names it"),
        ([PLANNED_ANSWER.about(SUBJECT, {"action": "accept", "reason": "a rule"})], {}, "audit"),
        ([], {ENDPOINT: hold()}, "it is held"),
        ([], {}, "the next look decides it"),
    ],
)
def test_a_request_says_why_it_waits(rows: Any, holds: Any, said: str) -> None:
    found = one(connection(), rows=map(told, rows), holds=holds)
    assert found.since == "2026-11-24T11:59:50+00:00"
    assert said in found.reason


def test_a_request_that_a_person_has_answered_bears_the_name() -> None:
    answered = hold(state="answered", answer="accept", by=ALICE, reason="known", at=JUST_NOW)
    found = one(connection(), holds={ENDPOINT: answered})
    assert (found.by, found.reason) == (ALICE, "accept is being carried out: known")


def test_a_request_that_is_being_answered_says_by_which_rule() -> None:
    claimed = memory(state="accepting", rule="account 222222222222", at=JUST_NOW)
    found = one(connection(), memory={SUBJECT: claimed})
    assert (found.by, found.rule) == ("autopilot", "account 222222222222")
    assert found.reason.startswith("being accepted")


def test_without_the_ledger_nobody_is_said_to_have_decided() -> None:
    found = one(LIVE, unread={"the ledger": "denied"})
    assert (found.by, found.rule) == ("", "")
    assert "denied" in found.reason


def test_who_waits_comes_first_then_what_nothing_allows() -> None:
    there = (
        replace(LIVE, endpoint_id="vpce-live", created="2026-01-01T00:00:00+00:00"),
        connection("vpce-over", state="rejected"),
        replace(LIVE, endpoint_id="vpce-not-allowed"),
        connection("vpce-young"),
        connection("vpce-old", created="2026-01-01T00:00:00+00:00"),
        connection("vpce-other", service_id=OTHER_SERVICE, state="available"),
        connection("", service_id=OTHER_SERVICE),
    )
    rows = [told(NOT_ALLOWED.about(f"{SERVICE}/vpce-not-allowed", {}))]
    found = overview(seen(None, None, facts(*there), rows=rows)).services
    assert [(s.id, [c.endpoint_id for c in s.connections]) for s in found] == [
        (SERVICE, ["vpce-old", "vpce-young", "vpce-not-allowed", "vpce-live", "vpce-over"]),
        (OTHER_SERVICE, ["vpce-other"]),
    ]


ZONED = service(zone_ids=("use1-az1", "use1-az2"))


def zones(there: Connection, **more: Any) -> tuple[ZoneRow, ...]:
    made = facts(there, services=(ZONED,))
    return overview(seen(None, more.pop("interfaces", None), made, **more)).services[0].zone_map


def test_the_provider_stands_in_its_zones_and_a_stranger_is_unknown() -> None:
    provider, consumer = zones(LIVE)
    assert provider == ZoneRow("", US.account, {"use1-az1": "served", "use1-az2": "served"})
    assert consumer == ZoneRow(ENDPOINT, CONSUMER, {"use1-az1": "unknown", "use1-az2": "unknown"})


def test_what_the_zone_check_has_told_is_shown() -> None:
    apart = Alignment(
        SERVICE,
        ENDPOINT,
        CONSUMER,
        "partial",
        shared=("use1-az1",),
        lost=("use1-az4",),
        would_serve={"use1-az2": ("subnet-2",)},
        never={"use1-az3": ("subnet-3",)},
    )
    data = {**encode(apart), "service_name": "x"}
    _, consumer = zones(LIVE, rows=[told(ZONES_MISALIGNED.about(SUBJECT, data))])
    assert consumer.zones == {
        "use1-az1": "served",
        "use1-az2": "missing",
        "use1-az3": "missing",
        "use1-az4": "missing",
    }


def test_what_the_zone_check_has_found_fine_is_served() -> None:
    fine = Alignment(SERVICE, ENDPOINT, CONSUMER, "aligned", shared=("use1-az1", "use1-az2"))
    (write,) = compared([fine], (), execution="one", now=NOW)
    assert write.row
    _, consumer = zones(LIVE, rows=[write.row])
    assert consumer.zones == {"use1-az1": "served", "use1-az2": "served"}


def own(*unread: str) -> ZoneRow:
    """The row of our own account's endpoint in zone 1, in a VPC with zones 1 and 2."""
    subnets = (Subnet("subnet-1", "vpc-1", "use1-az1"), Subnet("subnet-2", "vpc-1", "use1-az2"))
    there = interfaces.facts(interfaces.endpoint(ENDPOINT, subnet_ids=("subnet-1",)), *subnets)
    _, consumer = zones(
        replace(LIVE, owner=US.account),
        interfaces=there,
        unread=dict.fromkeys(unread, "denied"),
    )
    return consumer


def test_our_own_endpoints_zones_are_compared_afresh() -> None:
    assert own().zones == {"use1-az1": "served", "use1-az2": "missing"}


@pytest.mark.parametrize("source", ["subnets", "VPC endpoints"])
def test_what_cant_be_read_of_our_own_is_unknown(source: str) -> None:
    assert set(own(source).zones.values()) == {"unknown"}


def test_what_is_over_has_no_zones() -> None:
    (provider,) = zones(connection(state="rejected"))
    assert provider.endpoint_id == ""


def test_hostile_names_come_through_unchanged() -> None:
    tags = {"Name": "<script>alert(1)</script>"}
    things: Seen = seen(None, None, facts(LIVE, services=(service(tags=tags),)))
    assert overview(things).services[0].name == tags["Name"]
