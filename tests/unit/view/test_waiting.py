"""What waits for a person or for its time, and what is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from autopilot.connections.holds import HoldRow
from autopilot.connections.messages import HELD
from autopilot.gateway.grace import FIRST_SEEN
from autopilot.gateway.messages import CHANGE_FAILED, ENDPOINT_FAILED, QUOTA_NEAR, ROUTE_TABLE_BUSY
from autopilot.interfaces.facts import Facts as InterfaceFacts
from autopilot.interfaces.facts import Subnet
from autopilot.notify.finding import Finding
from autopilot.policy.model import ChangeWindow
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.withdrawn import WITHDRAWN
from autopilot.view.model import Overview, Problem, Waiting
from autopilot.view.overview import overview

from tests.unit.connections.builders import ALICE, CONSUMER, SERVICE, connection, memory, service
from tests.unit.connections.builders import facts as connections
from tests.unit.gateway.builders import NOW, facts, ours, policy, table, vpc
from tests.unit.view.builders import row, seen, told

WINDOW = ChangeWindow(("sat",), time(2), time(5), "UTC")
OPENED = (NOW - timedelta(days=2)).isoformat()
LATER = (NOW + timedelta(minutes=8)).isoformat()
NAMED = vpc(tags={"Name": "orders"})


def held(endpoint_id: str, opened: str = OPENED, **changes: Any) -> HoldRow:
    made = HoldRow(endpoint_id, SERVICE, "hold-1", "open", opened, 7 * 24 * 3600)
    return replace(made, **changes)


def test_a_held_request_says_until_when_and_what_happens_then() -> None:
    finding = HELD.about(f"{SERVICE}/vpce-1", {"reason": "no rule names 222222222222"})
    there = connections(
        connection("vpce-1"),
        services=(service(tags={"Name": "orders"}),),
        holds={"vpce-1": held("vpce-1")},
    )
    shown = overview(seen(None, None, there, rows=[told(finding)]))
    assert shown.waiting == (
        Waiting(
            kind="request",
            subject=f"{SERVICE}/vpce-1",
            name="orders",
            since="2026-11-24T11:59:50+00:00",
            until="2026-11-29T12:00:00+00:00",
            then="it is rejected",
            reason="no rule names 222222222222",
            owner=CONSUMER,
            service_id=SERVICE,
        ),
    )
    assert shown.problems == (), "it is shown once"


def test_requests_come_oldest_first_also_those_that_nobody_holds() -> None:
    young = connection("vpce-1", created="2026-11-24T11:00:00+00:00")
    old = connection("vpce-2", created="2026-11-23T11:00:00+00:00")
    shown = overview(seen(None, None, connections(young, old))).waiting
    assert [(each.subject, each.until, each.then) for each in shown] == [
        (f"{SERVICE}/vpce-2", "", ""),
        (f"{SERVICE}/vpce-1", "", ""),
    ]


def test_in_audit_mode_what_has_had_its_time_gets_nothing() -> None:
    network = facts(NAMED, table(), table("rtb-2"), withdrawn=frozenset({"rtb-2/s3"}))
    rows = [row(FIRST_SEEN, "rtb-1", until=LATER), row(WITHDRAWN, "rtb-2/s3", until=LATER)]
    looked = seen(network, rows=rows, in_grace=["rtb-1"], wanted=policy("audit"))
    found = overview(looked).waiting
    assert {each.kind for each in found} == {"Grace", "SteppedAside"}
    over = "its time is over (the mode is audit: nothing changes)"
    assert {each.then for each in found} == {over}


@pytest.mark.parametrize(
    "changes",
    [
        {"holds": {"vpce-1": held("vpce-1", state="answered", by=ALICE, at=NOW.isoformat())}},
        {"memory": {f"{SERVICE}/vpce-1": memory(state="accepting", at=NOW.isoformat())}},
    ],
    ids=["by a person", "by a rule"],
)
def test_what_is_being_answered_waits_for_nobody(changes: Any) -> None:
    shown = overview(seen(None, None, connections(connection("vpce-1"), **changes)))
    assert shown.waiting == ()


def busy(**gateway: Any) -> tuple[Waiting, ...]:
    network = facts(NAMED, table(subnet_ids=("subnet-1",)), busy=["subnet-1"])
    known = told(ROUTE_TABLE_BUSY.about("vpc-1/s3", {"route_table_ids": ["rtb-1"]}))
    shown = overview(seen(network, wanted=policy(**gateway), rows=[known]))
    assert shown.problems == (), "it is shown once"
    return shown.waiting


def test_busy_tables_wait_for_a_decision() -> None:
    assert busy() == (
        Waiting(
            kind="RouteTableBusy",
            subject="vpc-1/s3",
            name="orders",
            since="2026-11-24T09:00:00+00:00",
            until="",
            then="",
            reason="1 busy route table (rtb-1) without a route to S3: attaching drops open"
            " connections",
        ),
    )


def test_busy_tables_wait_for_the_window() -> None:
    (found,) = busy(busy_route_tables="window", change_window=WINDOW)
    assert (found.until, found.then) == ("2026-11-28T02:00:00+00:00", "they get their routes")


def test_what_is_new_waits_for_its_time() -> None:
    network = facts(NAMED, table(tags={"Name": "t"}))
    rows = [row(FIRST_SEEN, "rtb-1", until=LATER), row(FIRST_SEEN, "rtb-0", until=OPENED)]
    (found,) = overview(seen(network, rows=rows, in_grace=["rtb-1"])).waiting
    assert (found.kind, found.subject, found.name) == ("Grace", "rtb-1", "t")
    assert (found.since, found.until) == ("2026-11-24T09:00:00+00:00", "2026-11-24T12:08:00+00:00")
    assert "no route to S3" in found.reason


def test_a_new_table_that_is_served_waits_for_nothing() -> None:
    network = facts(NAMED, table(), ours("vpce-1", ["rtb-1"]))
    rows = [row(FIRST_SEEN, "rtb-1", until=LATER)]
    assert overview(seen(network, rows=rows, in_grace=["rtb-1"])).waiting == ()


def test_what_stepped_aside_waits_for_its_time() -> None:
    network = facts(NAMED, table(), withdrawn=frozenset({"rtb-1/s3"}))
    rows = [
        row(WITHDRAWN, "rtb-1/s3", until=LATER),
        row(WITHDRAWN, "stack/orders", until=LATER),
        row(WITHDRAWN, "vpc-1", until=OPENED),
        row(WITHDRAWN, "subnet-1", until=LATER),
    ]
    subnets = InterfaceFacts(subnets=(Subnet("subnet-1", "vpc-1", "use1-az1"),))
    found = overview(seen(network, subnets, rows=rows)).waiting
    assert [(each.kind, each.subject, each.then) for each in found] == [
        ("SteppedAside", "rtb-1/s3", "it is served again, if it is still there"),
        ("SteppedAside", "subnet-1", "it is served again, if it is still there"),
    ]


@pytest.mark.parametrize("source", ["route tables", "network interfaces", "the ledger"])
def test_no_table_is_called_busy_where_nobody_knows(source: str) -> None:
    network = facts(NAMED, table(), busy_subnets={})
    shown = overview(seen(network, unread={source: "denied"}))
    assert shown.waiting == ()
    assert shown.unknown_in("waiting")[0].why == "denied"


FAILED = CHANGE_FAILED.about(
    "vpc-1/s3", {"error": "AccessDenied", "message": "no", "action": "create"}
)


def test_a_problem_reads_as_its_mail() -> None:
    (found,) = overview(seen(facts(NAMED), rows=[told(FAILED)])).problems
    assert found == Problem(
        id="ChangeFailed/vpc-1/s3",
        kind="ChangeFailed",
        severity="failure",
        subject="vpc-1/s3",
        name="orders",
        since="2026-11-24T09:00:00+00:00",
        headline="1 change in vpc-1 failed: AccessDenied",
        line="could not create an endpoint",
    )


def test_what_is_gone_keeps_the_name_that_the_ledger_remembers() -> None:
    gone = told(FAILED, names=json.dumps({"vpc-1": "payments"}))
    assert [each.name for each in overview(seen(rows=[gone])).problems] == ["payments"]
    assert [each.name for each in overview(seen(facts(NAMED), rows=[gone])).problems] == ["orders"]


def test_the_most_urgent_problem_comes_first_then_the_oldest() -> None:
    older = told(ENDPOINT_FAILED.about("vpc-1/s3", {"endpoint_id": "vpce-1", "state": "failed"}))
    older = replace(older, body={**older.body, "first_seen": OPENED})
    near = told(QUOTA_NEAR.about("us-east-1", {"used": 19, "wanted": 1, "limit": 20}))
    found = overview(seen(rows=[near, told(FAILED), older])).problems
    assert [each.kind for each in found] == ["EndpointFailed", "ChangeFailed", "QuotaNear"]


def test_what_is_over_or_expired_is_no_problem() -> None:
    over = told(FAILED, change="resolved")
    expired = replace(told(FAILED), expires_at=int(NOW.timestamp()) - 1)
    assert overview(seen(rows=[over])).problems == ()
    assert overview(seen(rows=[expired])).problems == ()


def test_a_kind_that_this_version_doesnt_know_is_still_shown() -> None:
    (found,) = overview(
        seen(rows=[told(Finding("FromTheFuture", "vpc-1/s3", "action", {}))])
    ).problems
    assert (found.headline, found.line) == ("FromTheFuture: vpc-1/s3", "")


def test_a_view_survives_being_json() -> None:
    network = facts(NAMED, table(subnet_ids=("subnet-1",)), busy=["subnet-1"])
    there = connections(connection("vpce-1"), services=(service(zone_ids=("use1-az1",)),))
    subnets = InterfaceFacts(subnets=(Subnet("subnet-1", "vpc-1", "use1-az1"),))
    things = seen(
        network, subnets, there, rows=[told(FAILED)], unread={"offered services": "denied"}
    )
    shown = overview(things)
    assert all((shown.vpcs, shown.services, shown.waiting, shown.problems, shown.unknown))
    assert decode(Overview, json.loads(json.dumps(encode(shown)))) == shown
