"""A wave goes on, waits or stops by what its spokes say, within its tolerance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.fleet.heard import Heard
from autopilot.fleet.waves import Gate, Instance, Verdict, failing_among, judge
from autopilot.fleet.wire import OpenFinding, Spoke

from tests.unit.fleet.said import ago, beat

NEW, OLD = "0123456789abcdef", "fedcba9876543210"
SET, OTHER = "EndpointAutopilot-canary", "EndpointAutopilot-more"
FAILED = OpenFinding("f-1", "ChangeFailed", "failure", "A change failed")
WAITS = OpenFinding("f-2", "RouteTableBusy", "action", "A table waits")


def spoke(number: int, region: str = "us-east-1") -> Spoke:
    return Spoke(f"{number:012}", region)


def instance(number: int, status: str = "SUCCEEDED", **more: Any) -> Instance:
    return Instance(SET, spoke(number, more.pop("region", "us-east-1")), status, **more)


def heard(
    number: int, release: str = NEW, *findings: OpenFinding, region: str = "us-east-1"
) -> Heard:
    said = beat(release=release, findings=findings, finding_count=len(findings))
    return Heard(spoke(number, region), said, ago(), ago(), ago(), ago())


def judged(
    instances: list[Instance], *spoken: Heard, tolerance: int = 0, late: bool = False, **before: int
) -> Verdict:
    known = {f"{int(name.strip('a')):012}/us-east-1": count for name, count in before.items()}
    gate = Gate(NEW, tolerance, tuple(instances), known)
    return judge(gate, {each.spoke: each for each in spoken}, late=late)


def test_a_unit_without_accounts_holds_nobody_up() -> None:
    assert judged([]).says == "go"


def test_the_next_wave_begins_once_all_speak_with_the_new_release() -> None:
    assert judged([instance(1), instance(2)], heard(1), heard(2)).says == "go"


def test_while_somebody_is_silent_it_waits() -> None:
    verdict = judged([instance(1), instance(2)], heard(1), heard(2, OLD))
    assert verdict == Verdict("wait", "1 silent")


def test_whoever_is_silent_to_the_end_stops_it() -> None:
    verdict = judged([instance(1), instance(2)], heard(1), late=True)
    assert verdict == Verdict("stop", "000000000002/us-east-1: hasn't spoken with this release")


def test_a_suspended_account_is_nobodys_to_wait_for() -> None:
    assert judged([instance(1, "SKIPPED_SUSPENDED_ACCOUNT"), instance(2)], heard(2)).says == "go"


def test_what_no_update_reaches_stops_none() -> None:
    """A stack whose deletion failed is INOPERABLE until somebody lets it go: StackSets leave it out
    of updates, and so one account doesn't keep all others from theirs."""
    assert judged([instance(1, "INOPERABLE"), instance(2)], heard(2)).says == "go"


@pytest.mark.parametrize("status", ["PENDING", "RUNNING"])
def test_an_account_that_comes_during_the_wave_stops_it_not(status: str) -> None:
    """Its stack is automatic deployment's: the wave's own operation has ended."""
    every = [instance(1, status), instance(2)]
    assert judged(every, heard(2)) == Verdict("wait", "1 silent")
    assert judged(every, heard(2), late=True).says == "go"
    assert judged(every, late=True).says == "stop"


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_a_stack_that_failed_stops_it_at_once_with_awss_reason(status: str) -> None:
    broken = instance(1, status, reason="ResourceLogicalId:Ledger, limit exceeded")
    verdict = judged([broken, instance(2)], heard(1))
    assert verdict.says == "stop"
    assert f"000000000001/us-east-1: its stack is {status}: ResourceLogicalId" in verdict.why


def test_failures_that_were_there_before_are_not_the_waves() -> None:
    assert judged([instance(1)], heard(1, NEW, FAILED), a1=1).says == "go"


def test_failures_that_rose_stop_it_at_once() -> None:
    more = (FAILED, replace(FAILED, id="f-3"))
    verdict = judged([instance(1), instance(2)], heard(1, NEW, *more), a1=1)
    assert verdict == Verdict("stop", "000000000001/us-east-1: 2 failures, before the wave 1")


def test_what_is_to_be_done_is_no_failure() -> None:
    assert judged([instance(1)], heard(1, NEW, WAITS)).says == "go"


def test_failures_under_the_old_release_say_nothing_of_the_new() -> None:
    assert judged([instance(1)], heard(1, OLD, FAILED)).says == "wait"


@pytest.mark.parametrize(
    ("spokes", "silent", "tolerance", "says"),
    [
        (10, 1, 10, "go"),
        (10, 2, 10, "stop"),
        (9, 1, 10, "stop"),  # a tenth of nine is none, as StackSets count
        (4, 4, 100, "go"),
        (1, 1, 99, "stop"),
    ],
)
def test_the_tolerance_is_a_part_of_the_accounts_rounded_down(
    spokes: int, silent: int, tolerance: int, says: str
) -> None:
    every = [instance(number) for number in range(spokes)]
    spoken = [heard(number) for number in range(silent, spokes)]
    assert judged(every, *spoken, tolerance=tolerance, late=True).says == says


def test_each_region_and_stack_set_has_a_tolerance_of_its_own() -> None:
    fine = [instance(number) for number in range(9)]
    beyond = instance(9, region="eu-west-1")
    spoken = [heard(number) for number in range(9)]
    assert judged([*fine, beyond], *spoken, tolerance=10, late=True).says == "stop"
    elsewhere = replace(instance(9), stack_set=OTHER)
    assert judged([*fine, elsewhere], *spoken, tolerance=10, late=True).says == "stop"
    assert judged([*fine, instance(9)], *spoken, tolerance=10, late=True).says == "go"


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    why = judged([instance(number) for number in range(13)], late=True).why
    assert why.count("hasn't spoken") == 10
    assert why.endswith("; and 3 more")


def test_before_a_wave_only_those_are_noted_who_fail() -> None:
    noted = failing_among([heard(1, OLD, FAILED, WAITS), heard(2, OLD, WAITS), heard(3, OLD)])
    assert noted == {"000000000001/us-east-1": 1}
