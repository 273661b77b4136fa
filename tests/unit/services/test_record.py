"""Stories: what ops and the bus hear of published services, as executions are recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from autopilot.reconcile.report import Failure
from autopilot.services.plan import ServiceOutcome, ServicesReport
from autopilot.services.planning import MOST_WAITS
from autopilot.workflows import report_in

from tests.unit.connections.reports import payload
from tests.unit.notify.account import Account, later, recording
from tests.unit.services.builders import (
    EXECUTION,
    ROOT,
    SERVICE,
    arn,
    balancer,
    facts,
    outcome,
    planned,
    policy,
    private_name,
    request,
    service,
)

NAMES = {"orders": "api.example.com"}


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[None]:
    with recording():
        yield


@pytest.fixture
def account() -> Account:
    return Account()


def report(*outcomes: ServiceOutcome, name: str = "one", **changes: Any) -> ServicesReport:
    """An execution that did these and then saw all as it should be."""
    quiet = planned(facts(balancer(), service()), None, request(*outcomes))
    given = {"trigger": "event", "plan": quiet, "outcomes": outcomes, **changes}
    return ServicesReport(EXECUTION.replace(":one", f":{name}"), **given)


def test_reads_back_what_the_workflow_reports() -> None:
    whole = report(outcome(), failure=Failure("Carry out", "Throttled", "slow"))
    assert report_in(json.loads(json.dumps(payload(whole)))) == whole
    assert whole.goes_on
    assert not whole.went_well
    assert report().went_well
    assert report().looked_at_all
    assert not report(plan=None).looked_at_all


def test_changes_are_told_once_each_and_put_on_the_bus(account: Account) -> None:
    did = report(
        outcome("publish"),
        outcome("allow", principals=(ROOT,)),
        outcome("revoke", principals=("*",)),
        outcome("verify"),
        outcome("change", id="vpce-svc-0b/change", service_id="vpce-svc-0b"),
        outcome("retire", id="vpce-svc-0c/retire", service_id="vpce-svc-0c"),
    )
    assert account.record(did) == [
        ("ServicesPublished", "done", [SERVICE]),
        ("ServicesChanged", "done", ["vpce-svc-0b"]),
        ("PrincipalsChanged", "done", [SERVICE, SERVICE]),
        ("ServicesRetired", "done", ["vpce-svc-0c"]),
    ]
    assert account.record(did, later(1)) == [], "once each"
    assert [event.detail_type for event in account.bus.events] == [
        "Endpoint Service Published",
        "Endpoint Service Changed",
        "Endpoint Service Principals Changed",
        "Endpoint Service Principals Changed",
        "Endpoint Service Retired",
    ]
    assert account.bus.events[2].detail["principals"] == [ROOT]
    assert account.bus.events[0].resources == (SERVICE, arn())


def test_a_name_waits_for_its_record_until_aws_has_seen_it(account: Account) -> None:
    wanted = policy(private_dns_names=NAMES)

    def look(state: str, name: str) -> list[tuple[str, str, list[str]]]:
        seen = planned(facts(balancer(), service(private_name=private_name(state))), wanted)
        return account.record(report(outcome("verify"), name=name, plan=seen))

    assert look("pendingVerification", "a") == [("PrivateNameNotVerified", "opened", [SERVICE])]
    assert look("failed", "b") == [], "the record that has to be made is the same"
    assert look("verified", "c") == [("PrivateNameNotVerified", "resolved", [SERVICE])]


def test_what_is_unwanted_is_told_until_it_goes(account: Account) -> None:
    waits = planned(facts(balancer(tags={}), service(), connected={SERVICE: ("vpce-1",)}))
    assert account.record(report(name="a", plan=waits)) == [
        ("ServiceUnwanted", "opened", [SERVICE])
    ]
    assert account.record(report(name="b", plan=waits)) == []
    retired = outcome("retire")
    gone = planned(facts(balancer(tags={}), looked_at=()), None, request(retired))
    assert account.record(report(retired, name="c", plan=gone)) == [
        ("ServicesRetired", "done", [SERVICE])
    ], "one message for both"
    assert account.remembered == set()


def test_a_failure_is_told_once_and_again_when_it_is_over(account: Account) -> None:
    failed = outcome("publish", "failed", error="AccessDenied", message="ec2:X: no", service_id="")
    nothing = planned(facts(balancer()), None, request(failed))
    told = [("ServiceChangeFailed", "opened", ["load balancer orders/publish"])]
    assert account.record(report(failed, name="a", plan=nothing)) == told
    assert account.record(report(failed, name="b", plan=nothing)) == []
    elsewhere = replace(nothing, looked_at=("load balancer billing",))
    assert account.record(report(name="c", plan=elsewhere)) == []
    later_ = replace(nothing, settling=1)
    assert account.record(report(name="d", plan=later_)) == [], "it may still come"
    assert account.record(report(outcome("publish"), name="e")) == [
        ("ServicesPublished", "done", [SERVICE]),
        ("ServiceChangeFailed", "resolved", ["load balancer orders/publish"]),
    ]


def test_principals_that_aws_does_not_take_are_told_beside_those_that_it_took(
    account: Account,
) -> None:
    partly = outcome("allow", principals=(ROOT,), refused=("arn:gone",), error="PrincipalRejected")
    assert account.record(report(partly)) == [
        ("ServiceChangeFailed", "opened", [f"{SERVICE}/allow"]),
        ("PrincipalsChanged", "done", [SERVICE]),
    ]


def test_what_shows_no_effect_is_a_failure_and_no_change(account: Account) -> None:
    did = outcome("change", zones=("us-east-1c",))
    still = planned(
        facts(balancer(zones=("us-east-1c",)), service()), None, request(did, waits=MOST_WAITS)
    )
    assert account.record(report(did, plan=still)) == [
        ("ServiceChangeFailed", "opened", [f"{SERVICE}/change"])
    ]
    assert account.bus.events == []


def test_sweeps_that_keep_healing_say_that_events_do_not_arrive(account: Account) -> None:
    def sweep(name: str, *did: ServiceOutcome) -> list[tuple[str, str, list[str]]]:
        return account.record(report(*did, name=name, trigger="sweep"))

    sweep("a", outcome("publish"))
    for name in "bcd":
        assert sweep(name, outcome("retire"))[0][0] == "ServicesRetired", "nobody announces that"
    sweep("e", outcome("allow", principals=(ROOT,)))
    assert sweep("f", outcome("allow", principals=(ROOT,)))[0][:2] == (
        "ServiceEventsNotArriving",
        "opened",
    )
    assert sweep("g") == [("ServiceEventsNotArriving", "resolved", ["sweep"])]
