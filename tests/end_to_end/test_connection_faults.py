"""Each call of the connections workflows fails in each way, one at a time: done, or ops are told.

The table at the end of the run's output (tests/conftest.py) says which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from demo import scenes
from tests.end_to_end.reception import PEER, PROVIDER, STRANGER, Reception, reception

ONCE = ("throttled", "5xx", "answer lost", "denied")
IN_PART = (*ONCE, "unsuccessful")
PLAN, ANSWER, REGISTER, ZONES, PEERS = (
    "PlanConnect",
    "AnswerConnect",
    "RegisterNotif",
    "CheckZones",
    "ZoneReader",
)
# By step: what it asks AWS, in the connections workflow.
CALLS = {
    PLAN: (
        "DescribeVpcEndpointServiceConfigurations",
        "DescribeVpcEndpointConnections",
        "DescribeVpcEndpointServicePermissions",
        "DescribeVpcEndpointConnectionNotifications",
    ),
    REGISTER: (
        "CreateVpcEndpointConnectionNotification",
        "ModifyVpcEndpointConnectionNotification",
    ),
    ANSWER: (
        "DescribeVpcEndpointConnections",
        "DescribeVpcEndpointServiceConfigurations",
        "DescribeVpcEndpointServicePermissions",
        "AcceptVpcEndpointConnections",
        "RejectVpcEndpointConnections",
        "CreateTags",
    ),
    ZONES: ("DescribeVpcEndpoints", "DescribeSubnets", "DescribeVpcEndpointServices"),
    PEERS: ("DescribeVpcEndpoints", "DescribeSubnets"),
}
ANSWERS = ("AcceptVpcEndpointConnections", "RejectVpcEndpointConnections")
# A session is kept: each fault of AssumeRole takes a peer that nobody has asked yet.
LATE_PEERS = {how: f"{i}" * 12 for i, how in enumerate(ONCE, 5)}


@dataclass(frozen=True)
class Fault:
    """One call of one step that fails in one way."""

    step: str
    operation: str
    how: str
    workflow: str = "connections"

    @property
    def action(self) -> str:
        """How IAM, and so a notice, names it."""
        return f"{'sts' if self.operation == 'AssumeRole' else 'ec2'}:{self.operation}"

    def __str__(self) -> str:
        return f"{self.workflow}-{self.step}-{self.operation}-{self.how.replace(' ', '-')}"


FAULTS = [
    Fault(step, operation, how)
    for step, operations in CALLS.items()
    for operation in operations
    for how in (IN_PART if operation in ANSWERS else ONCE)
] + [Fault(ZONES, "AssumeRole", how) for how in ONCE]
OF_HOLDS = [
    Fault(ANSWER, operation, how, "hold")
    for operation in CALLS[ANSWER]
    if operation != "CreateTags"  # what a person accepts bears none of our tags
    for how in (IN_PART if operation in ANSWERS else ONCE)
]
NOT_DONE = "IncorrectState"
ERRORS: dict[str, dict[str, Any]] = {
    "throttled": {"error": "RequestLimitExceeded"},
    "5xx": {"error": "InternalError"},
    "answer lost": {"kind": "reset", "carried_out": True},
    "denied": {"error": "UnauthorizedOperation"},
    "unsuccessful": {"kind": "partial", "error": NOT_DONE},
}
STS_ERRORS: dict[str, dict[str, Any]] = {
    "throttled": {"error": "Throttling"},
    "5xx": {"error": "InternalFailure"},
    "answer lost": {"kind": "reset", "carried_out": True},
    "denied": {"error": "AccessDenied"},
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reception]:
    with reception(tmp_path_factory.mktemp("policy"), (PEER, *LATE_PEERS.values())) as made:
        yield made


def plant(desk: Reception, fault: Fault) -> None:
    peer = fault.step == PEERS
    errors = STS_ERRORS if fault.operation == "AssumeRole" else ERRORS
    desk.lab.fault(
        fault.operation,
        principal=fault.step,
        account=PEER if peer else PROVIDER,
        **errors[fault.how],
    )


def named(desk: Reception, fault: Fault) -> list[str]:
    """The kinds of the messages that name the call that failed, or AWS's word for an item."""
    signs = (fault.action, NOT_DONE) if fault.how == "unsuccessful" else (fault.action,)
    new = [m for m in desk.stage.heard if m.get("change") not in (None, "resolved")]
    said = [(str(m["kind"]), json.dumps([m["why"], m["data"]])) for m in new]
    return sorted({kind for kind, words in said if any(sign in words for sign in signs)})


def test_every_call_of_the_workflow_is_in_the_table(desk: Reception) -> None:
    case = desk.prepare()
    desk.lab.clear_calls()
    desk.look(case)
    made = {
        (step, call["operation"])
        for call in desk.lab.calls()
        for step in CALLS
        if ":role/EndpointAutopilot" in call["principal"] and step in call["principal"]
    }
    ours = [c for c in desk.lab.calls() if ":role/EndpointAutopilot" in c["principal"]]
    assert {c["operation"] for c in ours} == {operation for _, operation in made}
    # Tags go with a connection that a rule let in and somebody ended: other stories may have one.
    made.discard((PLAN, "DeleteTags"))
    assert made == {(step, operation) for step, each in CALLS.items() for operation in each}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_made_good_or_told(desk: Reception, fault: Fault, record_property: Any) -> None:
    late = fault.operation == "AssumeRole"
    case = desk.prepare(LATE_PEERS[fault.how] if late else PEER)
    plant(desk, fault)
    desk.look(case)
    assert not desk.lab.faults(), "the call was made, and failed"

    undone, told = desk.undone(case), named(desk, fault)
    if not told:
        assert not undone, "nobody is told"
        assert not desk.failures()
    if undone:
        desk.look(case)
        assert not desk.undone(case), "the next look puts it right"
    note(record_property, fault, told, later="done by the next look" if undone else "")


def note(record_property: Any, fault: Fault, told: list[str], *, later: str) -> None:
    """Put into the table what became of a fault."""
    first = f"told: {', '.join(told)}" if told else "done"
    became = f"{first}, {later}" if later else first
    record_property("fault", (fault.workflow, fault.step, fault.operation, fault.how, became))


@pytest.fixture(scope="module")
def held(desk: Reception) -> dict[Fault, str]:
    """A held request for each fault."""
    asked = {fault: desk.ask(STRANGER) for fault in OF_HOLDS}
    desk.look()
    return asked


@pytest.mark.parametrize("fault", OF_HOLDS, ids=str)
def test_a_persons_answer_that_fails_is_given_or_told(
    desk: Reception, held: dict[Fault, str], fault: Fault, record_property: Any
) -> None:
    endpoint = held[fault]
    answer = "reject" if fault.operation.startswith("Reject") else "accept"
    wanted = "rejected" if answer == "reject" else "available"
    desk.opened(endpoint)
    desk.stage.heard.clear()
    plant(desk, fault)
    assert json.loads(desk.answer_hold(endpoint, answer))["answer"] == answer
    ended(desk, endpoint)
    assert not desk.lab.faults(), "the call was made, and failed"

    told, undone = named(desk, fault), desk.service.states()[endpoint] != wanted
    if undone:
        assert told, "nobody is told"
        # What the notice says. The hold itself is opened anew a quarter of an hour later only.
        desk.service.answer(answer, endpoint)
    assert desk.service.states()[endpoint] == wanted
    note(record_property, fault, told, later="done by hand" if undone else "")


def ended(desk: Reception, endpoint: str) -> None:
    """Wait until ops hear how the answer to a hold went."""
    scenes.wait_until(
        lambda: [
            message
            for kind in ("HoldAnswered", "AnswerFailed")
            for message in desk.stage.of_kind(kind, endpoint)
        ],
        bool,
        "ops hear of the answer",
        every=0.1,
    )
