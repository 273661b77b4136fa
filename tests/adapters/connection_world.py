"""Endpoint services, consumers and people in memory, on which the real steps work.

Each answer is held against what is true at the moment of the call, by means of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import answer_connections
import answer_hold
import plan_connections
import sync_holds
from autopilot.aws import connection_answers, connections
from autopilot.aws.errors import AwsError, ServiceUnavailable, Throttled
from autopilot.aws.step import identity
from autopilot.connections.calls import PersonsAnswer
from autopilot.connections.facts import Connection, Permission, Service
from autopilot.connections.holds import HoldAnswer
from autopilot.policy.model import Policy

from tests.unit.connections.builders import US, MemoryLedger

ALICE = "arn:aws:iam::111111111111:user/alice"
CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="r"
)

_BEFORE = {
    "throttled": Throttled("ec2:X: RequestLimitExceeded"),
    "killed before": KeyboardInterrupt(),
}
_AFTER = {
    "answer lost": ServiceUnavailable("ec2:X: timeout"),
    "killed after": KeyboardInterrupt(),
}


@dataclass
class Endpoint:
    """A consumer's endpoint; `accepted_by` is the truth, whatever anybody remembers."""

    service: str
    owner: str
    state: str = "pendingAcceptance"
    accepted_by: str = ""


class World:
    """All there is; `faults` are what the next answers to our calls are to be."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.now = datetime(2026, 11, 24, tzinfo=UTC)
        self.listed: dict[str, set[str]] = {"vpce-svc-0a": set(), "vpce-svc-0b": set()}
        self.endpoints: dict[str, Endpoint] = {}
        self.ledger = MemoryLedger()
        self.faults: list[str] = []
        self.waiting: dict[str, Any] = {}
        self.started: dict[str, Any] = {}
        self.answering_for_person = False
        self.calls: list[str] = []
        self._stack = ExitStack()
        for name in ("services", "connections", "permissions"):
            self._stack.enter_context(patch.object(connections, name, getattr(self, name)))
        for name in ("accept", "reject"):
            self._stack.enter_context(patch.object(connection_answers, name, getattr(self, name)))
        self._stack.enter_context(patch.object(connections, "_notifications", lambda: iter(())))
        environment = {
            "OWNER": US.owner,
            "ACCOUNT_ID": US.account,
            "AWS_REGION": US.region,
            "LEDGER_TABLE": "ledger",
            "CONNECTION_TOPIC_ARN": "arn:topic",
            "HOLD_MACHINE_ARN": "arn:hold",
        }
        self._stack.enter_context(patch.dict("os.environ", environment))
        identity.cache_clear()

    def close(self) -> None:
        self._stack.close()
        identity.cache_clear()

    # What AWS would say.

    def services(self, ids: Collection[str] | None) -> Iterator[Service]:
        self.calls.append("services")
        for id_ in self.listed:
            if ids is None or id_ in ids:
                yield Service(id_, f"name.{id_}")

    def connections(self, looked_at: Any) -> Iterator[Connection]:
        self.calls.append("connections")
        for id_, e in self.endpoints.items():
            if looked_at == "all" or e.service in looked_at:
                yield Connection(id_, e.service, e.owner, e.state)

    def permissions(self, service_id: str) -> Iterator[Permission]:
        self.calls.append("permissions")
        for entry in sorted(self.listed[service_id]):
            principal = entry if entry == "*" else f"arn:aws:iam::{entry}:root"
            yield Permission(principal, "Account", "vpc-endpoint")

    def accept(self, service_id: str, ids: Collection[str]) -> Mapping[str, str]:
        self.calls.append("accept")
        return self._call(ids, self._accept)

    def reject(self, service_id: str, ids: Collection[str]) -> Mapping[str, str]:
        self.calls.append("reject")
        return self._call(ids, self._reject)

    def _call(self, ids: Collection[str], act: Any) -> Mapping[str, str]:
        fault = self.faults.pop(0) if self.faults else ""
        if fault in _BEFORE:
            raise _BEFORE[fault]
        if fault == "unsuccessful":
            return dict.fromkeys(ids, "IncorrectState: no")
        missed = [id_ for id_ in sorted(ids) if not act(self.endpoints[id_])]
        if fault in _AFTER:
            raise _AFTER[fault]
        return dict.fromkeys(missed, "IncorrectState: not now")

    def _accept(self, endpoint: Endpoint) -> bool:
        if endpoint.state == "available":
            return False
        assert endpoint.state == "pendingAcceptance", "a person has rejected it"
        assert self.is_permitted(endpoint), "the list doesn't admit it at this moment"
        assert not self.denies(endpoint), "deny names it"
        if not self.answering_for_person:
            assert self.names(endpoint), "no rule names it at this moment"
        endpoint.state = "available"
        endpoint.accepted_by = ALICE if self.answering_for_person else "autopilot"
        return True

    def _reject(self, endpoint: Endpoint) -> bool:
        if endpoint.state == "available" and not self.denies(endpoint):
            assert endpoint.accepted_by == "autopilot", f"{endpoint.accepted_by} accepted it"
            allowed = self.names(endpoint) and self.is_permitted(endpoint)
            assert not allowed, "both locks are open"
            assert self.policy.connections.no_longer_allowed == "reject"
        endpoint.state, endpoint.accepted_by = "rejected", ""
        return True

    # What is true.

    def is_permitted(self, endpoint: Endpoint) -> bool:
        return bool({endpoint.owner, "*"} & self.listed[endpoint.service])

    def names(self, endpoint: Endpoint) -> bool:
        return any(
            rule.value == endpoint.owner
            if rule.kind == "account"
            else endpoint.owner in self.listed[endpoint.service]
            for rule in self.policy.connections.allow
        )

    def denies(self, endpoint: Endpoint) -> bool:
        return any(rule.value == endpoint.owner for rule in self.policy.connections.deny)

    # What the steps of the workflow do.

    def plan(self, execution: str, **event: Any) -> dict[str, Any]:
        made: dict[str, Any] = plan_connections.handler(
            {"execution": execution, **event},
            CONTEXT,
            ledger=lambda: self.ledger,
            policy=lambda: self.policy,
            now=lambda: self.now,
        )
        return made

    def answer(
        self, execution: str, *, for_person: bool = False, **event: Any
    ) -> dict[str, Any] | None:
        """The outcome; None if the step died or was refused."""
        said = "hold" in event and event["answer"]["answer"] != "expired"
        self.answering_for_person = for_person or said
        try:
            outcome: dict[str, Any] = answer_connections.handler(
                {"execution": execution, **event},
                CONTEXT,
                ledger=lambda: self.ledger,
                policy=lambda: self.policy,
                now=lambda: self.now,
            )
        except (AwsError, KeyboardInterrupt):
            return None
        return outcome

    def sync(self, execution: str, plan: Mapping[str, Any]) -> dict[str, Any]:
        synced: dict[str, Any] = sync_holds.handler(
            {
                "execution": execution,
                "holds": plan["holds"],
                "close_holds": plan["close_holds"],
            },
            CONTEXT,
            ledger=lambda: self.ledger,
            waiting=self,
            now=lambda: self.now,
        )
        return synced

    def start(self, machine: str, hold: Any) -> bool:
        begun = hold.name in self.started
        self.started[hold.name] = hold
        return not begun

    def end(self, token: str, answer: HoldAnswer) -> bool:
        return self.waiting.pop(token, None) is not None

    def person_answers_hold(self, endpoint_id: str, answer: str) -> None:
        answer_hold.handler(
            {"endpoint_id": endpoint_id, "answer": answer, "by": ALICE, "reason": "because"},
            CONTEXT,
            ledger=lambda: self.ledger,
            end=self.end,
            now=lambda: self.now,
        )

    # What people and consumers do.

    def person(self, endpoint_id: str, verdict: str) -> dict[str, Any] | None:
        """Answer with AWS's own means; what CloudTrail would say of it."""
        endpoint = self.endpoints[endpoint_id]
        if verdict == "accept" and endpoint.state in ("pendingAcceptance", "rejected"):
            endpoint.state, endpoint.accepted_by = "available", ALICE
        elif verdict == "reject" and endpoint.state in ("pendingAcceptance", "available"):
            endpoint.state, endpoint.accepted_by = "rejected", ""
        else:
            return None
        self.now += timedelta(seconds=1)
        at = self.now.isoformat()
        said = PersonsAnswer(endpoint_id, endpoint.service, verdict, ALICE, at)  # type: ignore[arg-type]  # drawn from both
        return asdict(said)

    def with_policy(self, **connections: Any) -> None:
        changed = replace(self.policy.connections, **connections)
        self.policy = replace(self.policy, connections=changed)
