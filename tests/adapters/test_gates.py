"""`gate_wave`: notes before a wave, waits behind it, and lets a stack that goes back pass."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import gate_wave
import pytest
from autopilot.aws import stack_sets
from autopilot.aws.errors import AccessDenied, RefusedByAws, Throttled
from autopilot.aws.gates import PAUSE, WAVES
from autopilot.fleet.heard import Heard
from autopilot.fleet.waves import Instance
from autopilot.fleet.wire import OpenFinding, Spoke
from autopilot.notify.ledger import Key, Row, Rows, Write, noted

from tests.unit.connections.builders import MemoryLedger
from tests.unit.fleet.said import ago, beat

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
NEW = "0123456789abcdef"
ONE = Spoke("111111111111", "us-east-1")
SET = "EndpointAutopilot-canary"
FAILED = OpenFinding("f-1", "ChangeFailed", "failure", "A change failed")


class Denying:
    """The hub's table, as a role reads it that isn't allowed to yet."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
        if self._hub.denied:
            self._hub.denied -= 1
            raise AccessDenied("dynamodb:Query: AccessDenied: not yet")
        return self._hub.table.rows(pk, prefix)

    def write(self, writes: Sequence[Write]) -> Collection[Key]:
        return self._hub.table.write(writes)


class Hub:
    """A hub's table, and a wave of one spoke; `denied`: so many reads of the table are.
    `busy`: so many lists of instances are refused, `stack_busy`: so many looks at the hub's stack.
    `takes`: seconds of a list, of the function's quarter of an hour."""

    def __init__(self) -> None:
        self.table = MemoryLedger()
        self.instances = [Instance(SET, ONE, "SUCCEEDED")]
        self.paused: list[float] = []
        self.speaks_after: int | None = None
        self.goes_back_after: int | None = None
        self.denied = self.busy = self.stack_busy = self.takes = 0

    def heartbeat(self, release: str = NEW, *findings: OpenFinding) -> None:
        heard = Heard(ONE, beat(release=release, findings=findings), ago(), ago(), ago(), ago())
        known = next(iter(self.table.rows(*heard.key)), None)
        self.table.write([noted(heard.key, heard.body, known, execution="", now=NOW)])

    def ledger(self) -> Rows:
        return Denying(self)

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        if len(self.paused) == self.speaks_after:
            self.heartbeat()

    def rolls_back(self, stack: str) -> bool:
        assert stack == "arn:stack"
        if self.stack_busy:
            self.stack_busy -= 1
            raise Throttled("cloudformation:DescribeStacks: Throttling: rate exceeded")
        return self.goes_back_after is not None and len(self.paused) >= self.goes_back_after

    def asked(self, kind: str = "Update", step: str = "gate", wait: str = "10") -> dict[str, Any]:
        """CloudFormation's request; it makes text of numbers. What it is answered."""
        answers: list[dict[str, Any]] = []
        event = {
            "RequestType": kind,
            "ResponseURL": "https://answer",
            "StackId": "arn:stack",
            "RequestId": "r",
            "LogicalResourceId": "Gate1",
            "ResourceProperties": {
                "Step": step,
                "Wave": "1",
                "Release": NEW,
                "StackSets": [SET],
                "Tolerance": "0",
                "WaitMinutes": wait,
            },
        }
        gate_wave.handler(
            event,
            self.context(),
            ledger=self.ledger,
            instances=self.found,
            rolls_back=self.rolls_back,
            send=lambda url, body: answers.append(json.loads(body)),
            pause=self.pause,
        )
        (answer,) = answers
        return answer

    def context(self) -> Any:
        self.listed = 0
        return SimpleNamespace(
            function_name="f",
            memory_limit_in_mb=1,
            invoked_function_arn="arn",
            aws_request_id="r",
            get_remaining_time_in_millis=self.left,
        )

    def left(self) -> int:
        """Milliseconds until Lambda ends the function; then there is no answer at all."""
        left = 900 - sum(self.paused) - self.takes * self.listed
        assert left > 0, "Lambda has ended it"
        return int(left * 1000)

    def found(self, stack_set: str) -> Iterator[Instance]:
        assert stack_set == SET
        self.listed += 1
        if self.busy:
            self.busy -= 1
            raise Throttled("cloudformation:ListStackInstances: Throttling: rate exceeded")
        return iter(self.instances)


@pytest.fixture
def hub() -> Hub:
    return Hub()


def test_a_gate_waits_until_its_spokes_speak(hub: Hub) -> None:
    hub.speaks_after = 3
    assert hub.asked()["Status"] == "SUCCESS"
    assert hub.paused == [PAUSE] * 3


def test_a_gate_gives_its_spokes_the_minutes_of_its_wave_and_then_fails_the_update(
    hub: Hub,
) -> None:
    answer = hub.asked(wait="2")
    assert answer["Status"] == "FAILED"
    assert f"wave 1 stops here: {ONE}: hasn't spoken with this release" in answer["Reason"]
    assert sum(hub.paused) == 120


def test_whom_nobody_waits_for_passes_unless_the_stack_failed(hub: Hub) -> None:
    assert hub.asked(wait="0")["Status"] == "SUCCESS"
    assert not hub.paused
    hub.instances = [Instance(SET, ONE, "FAILED", "no room")]
    assert "no room" in hub.asked(wait="0")["Reason"]


@pytest.mark.parametrize("after", [0, 2])
def test_a_stack_that_goes_back_meets_no_gate(hub: Hub, after: int) -> None:
    """CloudFormation asks in the same way when it rolls back; the spokes have the old release."""
    hub.goes_back_after = after
    assert hub.asked()["Status"] == "SUCCESS"
    assert len(hub.paused) == after


def test_a_call_that_aws_has_no_time_for_turns_no_fleet_back(hub: Hub) -> None:
    hub.busy = 4
    hub.heartbeat()
    assert hub.asked()["Status"] == "SUCCESS"
    assert len(hub.paused) == 4
    hub.busy = 999
    assert "Throttled" in hub.asked()["Reason"]


def test_lists_that_take_long_leave_the_gate_time_to_answer(hub: Hub) -> None:
    """Three hundred accounts in five Regions, and AWS asks for fewer calls."""
    hub.takes = 9
    assert "hasn't spoken with this release" in hub.asked(wait="14")["Reason"]
    assert 700 < 900 - hub.left() / 1000 < 900


def test_a_throttle_in_the_last_minute_decides_nothing(hub: Hub) -> None:
    hub.heartbeat()
    hub.busy = 9 + 2  # all looks of two minutes, and two more
    assert hub.asked(wait="2")["Status"] == "SUCCESS"


def test_whether_the_stack_goes_back_may_be_asked_too_often(hub: Hub) -> None:
    hub.stack_busy = 2
    hub.speaks_after = 3
    assert hub.asked()["Status"] == "SUCCESS"


@pytest.mark.parametrize("step", ["note", "gate"])
def test_a_row_that_nobody_can_read_stops_no_release(hub: Hub, step: str) -> None:
    hub.heartbeat()
    other = Key("spoke", "222222222222/us-east-1")
    hub.table.write([Write(other, Row(other, 1, True, "", ago(), {"what": "else"}), None)])
    assert hub.asked(step=step)["Status"] == "SUCCESS"


def test_a_gate_that_is_deleted_opens(hub: Hub) -> None:
    assert hub.asked("Delete")["Status"] == "SUCCESS"
    assert not hub.paused


def test_what_failed_before_the_wave_is_remembered_for_its_gate(hub: Hub) -> None:
    hub.heartbeat("fedcba9876543210", FAILED)
    assert hub.asked(step="note")["Status"] == "SUCCESS"
    hub.heartbeat(NEW, FAILED)
    assert hub.asked()["Status"] == "SUCCESS"
    hub.heartbeat(NEW, FAILED, OpenFinding("f-2", "ChangeFailed", "failure", "Another"))
    assert "2 failures, before the wave 1" in hub.asked()["Reason"]


def test_a_second_note_of_a_wave_takes_the_place_of_the_first(hub: Hub) -> None:
    hub.asked(step="note")
    hub.heartbeat("fedcba9876543210", FAILED)
    hub.asked(step="note")
    (row,) = hub.table.rows(WAVES)
    assert json.loads(str(row.body["failures"])) == {str(ONE): 1}
    assert row.expires_at is not None


def test_a_note_waits_for_a_role_that_is_as_new_as_the_stack(hub: Hub) -> None:
    hub.denied = 3
    assert hub.asked("Create", step="note")["Status"] == "SUCCESS"
    hub.denied = 9
    assert "AccessDenied" in hub.asked("Create", step="note")["Reason"]


LISTED = {
    "Account": "111111111111",
    "Region": "us-east-1",
    "Status": "OUTDATED",
    "StatusReason": "no room",
    "OrganizationalUnitId": "ou-1",
    "StackId": "arn:stack-of-the-spoke",
    "StackInstanceStatus": {"DetailedStatus": "FAILED"},
}
ASKED = {"StackSetName": SET, "CallAs": "DELEGATED_ADMIN", "MaxResults": 100}


def test_instances_come_from_every_page_as_the_delegated_administrator(stub: Any) -> None:
    aws = stub("cloudformation")
    aws.add_response("list_stack_instances", {"Summaries": [LISTED], "NextToken": "t"}, ASKED)
    other = {**LISTED, "Account": "222222222222", "StackInstanceStatus": {}}
    aws.add_response("list_stack_instances", {"Summaries": [other]}, {**ASKED, "NextToken": "t"})
    first, second = stack_sets.instances(SET)
    assert first == Instance(SET, ONE, "FAILED", "no room", "ou-1", "arn:stack-of-the-spoke")
    assert second.status == "OUTDATED"


def test_a_stack_set_that_is_not_there_has_no_instances(stub: Any) -> None:
    stub("cloudformation").add_client_error("list_stack_instances", "StackSetNotFoundException")
    assert [*stack_sets.instances(SET)] == []


def test_another_refusal_is_no_empty_stack_set(stub: Any) -> None:
    stub("cloudformation").add_client_error("list_stack_instances", "ValidationError")
    with pytest.raises(RefusedByAws):
        [*stack_sets.instances(SET)]


def test_nobody_asks_for_the_instances_of_no_stack_set() -> None:
    with pytest.raises(ValueError, match="which"):
        [*stack_sets.instances("")]


@pytest.mark.parametrize(
    ("status", "back"),
    [
        ("UPDATE_ROLLBACK_IN_PROGRESS", True),
        ("ROLLBACK_IN_PROGRESS", True),
        ("UPDATE_IN_PROGRESS", False),
        ("CREATE_IN_PROGRESS", False),
    ],
)
def test_a_stack_on_its_way_back_is_known_by_its_status(stub: Any, status: str, back: bool) -> None:
    stack = {"StackName": "s", "CreationTime": NOW, "StackStatus": status}
    stub("cloudformation").add_response(
        "describe_stacks", {"Stacks": [stack]}, {"StackName": "arn:stack"}
    )
    assert stack_sets.rolls_back("arn:stack") is back
