"""What StackSets and Organizations say of the fleet, page by page, and what they don't."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from autopilot.aws import clients
from autopilot.aws.fleet_survey import survey
from autopilot.fleet.facts import INSTANCES, MEMBERS
from botocore.exceptions import ClientError

from tests.unit.fleet.worlds import ROSTER

ARN = "arn:aws:organizations::111111111111:account/o-a1b2c3d4e5/"


class Aws:
    """Two StackSets, an organization with a unit below a unit; a call `refuses`."""

    def __init__(self, instances: int = 3, accounts: int = 3, refuses: str = "") -> None:
        self._instances, self._accounts, self._refuses = instances, accounts, refuses
        self.reason = "r" * 5000
        self.calls: list[str] = []

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self.calls.append(method)
            if method == self._refuses:
                error: Any = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
                raise ClientError(error, method)
            return getattr(self, f"answer_{method}")(request)

        return call

    def answer_list_stack_instances(self, request: Mapping[str, Any]) -> Any:
        assert request["CallAs"] == "DELEGATED_ADMIN"
        if request["StackSetName"].endswith("canary"):
            raise ClientError({"Error": {"Code": "StackSetNotFoundException"}}, "x")
        start = int(request.get("NextToken", 0))
        some = [
            {
                "Account": f"{n:012}",
                "Region": "us-east-1",
                "Status": "OUTDATED",
                "StatusReason": self.reason,
                "StackInstanceStatus": {"DetailedStatus": "FAILED"},
            }
            for n in range(start, min(start + 100, self._instances))
        ]
        more = {"NextToken": str(start + 100)} if start + 100 < self._instances else {}
        return {"Summaries": some, **more}

    def answer_list_accounts(self, request: Mapping[str, Any]) -> Any:
        start = int(request.get("NextToken", 0))
        some = [
            {"Id": f"{n:012}", "Arn": f"{ARN}{n:012}", "Name": f"a{n}", "State": "ACTIVE"}
            for n in range(start, min(start + 20, self._accounts))
        ]
        more = {"NextToken": str(start + 20)} if start + 20 < self._accounts else {}
        return {"Accounts": some, **more}

    def answer_list_accounts_for_parent(self, request: Mapping[str, Any]) -> Any:
        of = {"ou-1": ["000000000000"], "ou-2-below": ["000000000001"]}
        return {"Accounts": [{"Id": id_} for id_ in of.get(request["ParentId"], ())]}

    def answer_list_organizational_units_for_parent(self, request: Mapping[str, Any]) -> Any:
        below = [{"Id": "ou-2-below"}] if request["ParentId"] == "ou-2" else []
        return {"OrganizationalUnits": below}


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> Callable[[Aws], Aws]:
    def asked(aws: Aws) -> Aws:
        clients.client.cache_clear()
        monkeypatch.setattr(clients, "make", lambda *_: aws)
        return aws

    return asked


def test_reads_instances_and_accounts_with_the_target_of_their_unit(
    asks: Callable[[Aws], Aws],
) -> None:
    asks(Aws())

    found = survey(ROSTER)

    assert [(each.account, each.failed) for each in found.instances] == [
        (f"{n:012}", True) for n in range(3)
    ]
    assert [(each.name, each.target) for each in found.members] == [
        ("a0", "canary"), ("a1", "workloads"), ("a2", ""),
    ]  # fmt: skip
    assert found.unread == {}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("r" * 5000, "r" * 299 + "…"),
        ("r" * 300, "r" * 300),
        ("語" * 301, "語" * 299 + "…"),
        ("half \ud83d", "half ?"),
        (None, ""),
    ],
)
def test_a_long_reason_is_cut_and_says_so(asks: Callable[[Aws], Aws], said: Any, kept: str) -> None:
    asks(Aws()).reason = said

    assert {each.reason for each in survey(ROSTER).instances} == {kept}


def test_2500_instances_and_500_accounts_take_so_many_calls(asks: Callable[[Aws], Aws]) -> None:
    aws = asks(Aws(2500, 500))

    survey(ROSTER)

    assert aws.calls.count("list_stack_instances") == 25 + 1
    assert aws.calls.count("list_accounts") == 25
    assert len(aws.calls) < 60


@pytest.mark.parametrize(
    ("refused", "what"),
    [
        ("list_stack_instances", INSTANCES),
        ("list_accounts", MEMBERS),
        ("list_accounts_for_parent", MEMBERS),
    ],
)
def test_what_isnt_told_is_named_and_keeps_nothing_else_back(
    asks: Callable[[Aws], Aws], refused: str, what: str
) -> None:
    asks(Aws(refuses=refused))

    found = survey(ROSTER)

    assert [*found.unread] == [what]
    assert "AccessDenied" in found.unread[what]
    assert bool(found.instances) is (what == MEMBERS)
    assert bool(found.members) is (what == INSTANCES)
