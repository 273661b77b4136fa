"""The applying handler: done, stale, or an error that the workflow knows by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import apply_network
import pytest
from autopilot.aws.errors import (
    AccessDenied,
    NotFound,
    NotOurs,
    OperationInProgress,
    ParameterMismatch,
    PolicyRejected,
    QuotaExceeded,
    RouteAlreadyExists,
    ServiceUnavailable,
    Throttled,
)
from autopilot.aws.step import logger
from autopilot.gateway.facts import Facts, RouteTable, Vpc
from autopilot.gateway.plan import Item
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode
from autopilot.reconcile.scope import NetworkScope

from tests.unit.connections.builders import MemoryLedger

EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:network:one"
CREATE = Item(
    id="vpc-1/s3",
    action="create",
    vpc_id="vpc-1",
    service="s3",
    service_name="com.amazonaws.us-east-1.s3",
    endpoint_id=None,
    route_table_ids=("rtb-1",),
    endpoint_policy="org-only",
    set_policy=True,
    reason="the VPC is new",
    cause="new-vpc",
)
MODIFY = replace(CREATE, action="modify", endpoint_id="vpce-1", endpoint_policy=None)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER", "Stack")
    monkeypatch.setenv("ACCOUNT_ID", "111111111111")
    monkeypatch.setenv("LEDGER_TABLE", "ledger")


class Endpoints:
    """Notes what it is asked for; answers with `error` if there is one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.calls: list[tuple[Any, ...]] = []

    def create(self, item: Item, owner: str, policy: str | None, execution: str) -> str:
        return self._answer("create", item, owner, policy, execution)

    def modify(self, item: Item, owner: str, policy: str | None) -> str:
        return self._answer("modify", item, owner, policy)

    def _answer(self, *call: Any) -> str:
        self.calls.append(call)
        if self.error:
            raise self.error
        return "vpce-1"


class Quiet:
    """A network that stands as the plan saw it, and is used by nobody."""

    def survey(self, scope: NetworkScope) -> Facts:
        raise AssertionError(f"a change looks at its VPC, not at {scope}")

    def of_vpc(self, vpc_id: str) -> Facts:
        return Facts((Vpc(vpc_id, "111111111111"),), (RouteTable("rtb-1", vpc_id),))

    def busy_subnets(self, vpc_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        return {vpc_id: frozenset() for vpc_id in vpc_ids}


Apply = Callable[..., dict[str, Any]]


@pytest.fixture
def apply(context: Any) -> Apply:
    def apply(item: Item, endpoints: Endpoints) -> dict[str, Any]:
        return apply_network.handler(
            {"item": json.loads(json.dumps(encode(item))), "execution": EXECUTION},
            context,
            endpoints=endpoints,
            network=Quiet(),
            ledger=MemoryLedger,
            policy=lambda: Policy(endpoint_policies={"org-only": "{}"}),
        )

    return apply


def test_creates_with_the_named_policy(apply: Apply) -> None:
    endpoints = Endpoints()

    outcome = apply(CREATE, endpoints)

    assert endpoints.calls == [("create", CREATE, "Stack", "{}", EXECUTION)]
    assert outcome == {
        "id": "vpc-1/s3",
        "action": "create",
        "vpc_id": "vpc-1",
        "service": "s3",
        "service_name": "com.amazonaws.us-east-1.s3",
        "endpoint_id": "vpce-1",
        "endpoint_policy": "org-only",
        "route_table_ids": ["rtb-1"],
        "set_policy": True,
        "result": "done",
        "error": None,
        "message": None,
        "cause": "new-vpc",
        "reason": "the VPC is new",
        "left_out": [],
    }


def test_modifies_back_to_full_access(apply: Apply) -> None:
    endpoints = Endpoints()

    assert apply(MODIFY, endpoints)["result"] == "done"
    assert endpoints.calls == [("modify", MODIFY, "Stack", None)]


@pytest.mark.parametrize("kind", [RouteAlreadyExists, NotFound, ParameterMismatch, NotOurs])
@pytest.mark.parametrize("item", [CREATE, MODIFY])
def test_what_no_longer_fits_is_stale(apply: Apply, item: Item, kind: type[Exception]) -> None:
    outcome = apply(item, Endpoints(kind("ec2:X: words")))

    assert (outcome["result"], outcome["error"]) == ("stale", kind.__name__)
    assert outcome["message"] == "ec2:X: words"
    assert outcome["endpoint_id"] == item.endpoint_id


@pytest.mark.parametrize(
    "kind",
    [Throttled, ServiceUnavailable, OperationInProgress, AccessDenied, QuotaExceeded,
     PolicyRejected],
)  # fmt: skip
def test_leaves_the_rest_to_the_workflow(apply: Apply, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        apply(CREATE, Endpoints(kind("ec2:CreateVpcEndpoint: words")))


def test_says_in_the_log_what_it_did(apply: Apply, caplog: pytest.LogCaptureFixture) -> None:
    apply(CREATE, Endpoints())

    assert caplog.messages == ["change applied"]
    line = vars(caplog.records[0])
    assert (line["id"], line["result"], line["endpoint_id"]) == ("vpc-1/s3", "done", "vpce-1")
    assert logger.get_correlation_id() == EXECUTION
