"""Reports, findings and a ledger for the tests of what ops are told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from autopilot.gateway.plan import Item, NetworkOutcome, NetworkPlan, QuotaUse
from autopilot.gateway.report import NetworkReport
from autopilot.notify.bus import BusEvent
from autopilot.notify.delta import Delta, delta_in
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import Key, Memory, Row, Write
from autopilot.notify.notice import Change, Notice, Place, Severity
from autopilot.notify.render import Message
from autopilot.policy.names import proper_name
from autopilot.reconcile.codec import encode
from autopilot.reconcile.report import Failure
from autopilot.workflows import CATALOG, view_of

NOW = datetime(2026, 11, 24, 23, 6, tzinfo=UTC)
EXECUTIONS = "arn:aws:states:us-east-1:111111111111:execution:Network"


def execution(name: str = "network-1") -> str:
    return f"{EXECUTIONS}:{name}"


def place(name: str = "network-1", region: str = "us-east-1") -> Place:
    return Place(
        "111111111111",
        region,
        "EndpointAutopilot",
        name if name.startswith("arn:") else execution(name),
        NOW.isoformat(timespec="seconds"),
        "EndpointAutopilot-AnswerHold",
    )


def done(item: str = "vpc-1/s3", **changes: Any) -> NetworkOutcome:
    return outcome(item, "done", **changes)


def failed(item: str = "vpc-1/s3", error: str = "AccessDenied", **changes: Any) -> NetworkOutcome:
    message = changes.pop("message", "ec2:CreateVpcEndpoint: UnauthorizedOperation: not for you")
    return outcome(item, "failed", error=error, message=message, endpoint_id=None, **changes)


def outcome(item: str, result: Any, **changes: Any) -> NetworkOutcome:
    vpc_id, service = item.split("/")[:2]
    given: dict[str, Any] = {
        "id": item,
        "action": "create",
        "vpc_id": vpc_id,
        "service": service,
        "endpoint_id": f"vpce-{vpc_id[4:]}-{service}",
        "route_table_ids": ("rtb-1",),
        "set_policy": True,
        "result": result,
        "error": None,
        "left_out": (),
        "message": None,
        "cause": "new-vpc",
        "reason": f"the VPC is new, 1 route table is without a route to {proper_name(service)}",
    }
    tried = {**given, **changes}
    own = {name: tried.pop(name) for name in ("result", "error", "message", "left_out")}
    return NetworkOutcome(Item(**tried), **own)


def finding(
    kind: str, subject: str = "vpc-1/s3", severity: Severity | None = None, **data: Any
) -> Finding:
    return CATALOG[kind].about(subject, data, severity)


def about(change: Change, findings: Sequence[Finding], at: Place) -> Notice:
    """How ops are told that findings of one kind have come to `change`."""
    return CATALOG[findings[0].kind].notice(change, findings, at)


def compared(of: Any, memory: Memory = Memory(), now: datetime = NOW) -> Delta:  # noqa: B008 - frozen
    """What is new in a report."""
    return delta_in(of, view_of(of, memory), memory, CATALOG, now)


def busy(subject: str = "vpc-1/s3", tables: Sequence[str] = ("rtb-1",)) -> Finding:
    return finding("RouteTableBusy", subject, route_table_ids=list(tables), until=None)


def report(
    *outcomes: NetworkOutcome,
    findings: Sequence[Finding] = (),
    looked_at: Any = "all",
    trigger: Any = "event",
    name: str = "network-1",
    failure: Failure | None = None,
    more: int = 0,
    quota: QuotaUse = QuotaUse(2, 20),  # noqa: B008 - frozen
) -> NetworkReport:
    plan = NetworkPlan(
        items=(), findings=tuple(findings), looked_at=looked_at, more=more, quota=quota
    )
    return NetworkReport(execution(name), trigger, plan, outcomes, failure)


def payload(of: NetworkReport) -> dict[str, Any]:
    """The report as the workflow hands it over."""
    failure = of.failure and {
        "state": of.failure.state,
        "error": of.failure.error,
        "cause": of.failure.cause,
    }
    return {
        "execution": of.execution,
        "trigger": of.trigger,
        "round": 2,
        "plan": encode(of.plan),
        "outcomes": [encode(outcome) for outcome in of.outcomes],
        "failure": failure,
    }


@dataclass
class FakeLedger:
    """Honours the conditions of writes, as the table does."""

    table: dict[Key, Row] = field(default_factory=dict)
    before_write: Callable[[Sequence[Write]], None] = lambda _writes: None

    def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
        return [
            row for key, row in self.table.items() if key.pk == pk and key.sk.startswith(prefix)
        ]

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        self.before_write(writes)
        assert len({write.key for write in writes}) == len(writes), "one write for each row"
        refused = {write.key for write in writes if not self._holds(write)}
        for write in writes:
            if write.key in refused:
                continue
            if write.row is None:
                del self.table[write.key]
            else:
                self.table[write.key] = write.row
        return frozenset(refused)

    def _holds(self, write: Write) -> bool:
        row = self.table.get(write.key)
        return (row.version if row else None) == write.replaces


@dataclass
class FakeOps:
    """Keeps what was published; `broken` is raised instead, as often as it says.

    `listeners`: how many have confirmed; an error instead of a number is raised. As SNS does, it
    takes a message for nobody, and nobody hears it.
    """

    messages: list[Message] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)
    listeners: int | Exception = 1
    partly: list[Collection[str]] = field(default_factory=list)

    def heard_partly_by(self, addresses: Collection[str]) -> FakeOps:
        self.partly.append(addresses)
        return self

    def listens(self) -> bool:
        if isinstance(self.listeners, Exception):
            raise self.listeners
        return self.listeners > 0

    def publish(self, message: Message) -> None:
        if self.broken:
            raise self.broken.pop()
        if self.listeners != 0:
            self.messages.append(message)


@dataclass
class FakeBus:
    """Keeps what was put on the bus."""

    events: list[BusEvent] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)

    def put(self, events: Sequence[BusEvent]) -> None:
        if self.broken:
            raise self.broken.pop()
        self.events.extend(events)


def check_limits(sent: Message) -> None:
    attributes = "".join(f"{name}{value}" for name, value in sent.attributes.items())
    assert len(sent.body.encode()) + len(attributes) + 1_000 <= 262_144
    assert 0 < len(sent.subject) < 100
    assert sent.subject.isascii()
    assert sent.subject.isprintable()
