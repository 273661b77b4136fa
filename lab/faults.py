"""Faults that a person plants: the next matching calls fail, lag, or lose their answer."""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from lab.checks import BadInputError, checked, flag, number, text, whole
from lab.inside import Principal

#: Seconds for which a connection stays silent at most; SDKs give up after 60 unless told otherwise.
SILENCE_SECONDS = 60.0
KINDS = ("timeout", "reset", "partial")

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]*")
_RULES = {
    "operation": ("the name of an operation, such as CreateVpcEndpoint", text),
    "error": (
        "an AWS error code, such as RequestLimitExceeded",
        lambda value: isinstance(value, str) and bool(_CODE.fullmatch(value)),
    ),
    "kind": (f"one of {', '.join(KINDS)}", lambda value: value in KINDS),
    "service": ("a service's signing name, such as ec2", text),
    "message": ("a text", text),
    "delay_seconds": ("a number from 0 to 900", number(0, 900)),
    "times": ("a whole number from 1 to 1000000", whole(1, 1_000_000)),
    "account": (
        "a 12-digit account id, as a text",
        lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d{12}", value)),
    ),
    "principal": ("a part of the principal's ARN", text),
    "carried_out": ("true or false", flag),
}


@dataclass(frozen=True)
class Fault:
    """What happens to the next `times` calls of `operation`.

    `error` is the code they fail with, with `message` instead of AWS's words; `delay_seconds`
    makes them wait first. `kind` is another way to fail: "timeout" never answers, "reset" resets
    the connection, "partial" succeeds and lists every item as unsuccessful with `error`.
    `service`, `account` and `principal` (a part of the ARN) narrow down which calls.
    `carried_out`: AWS does what was asked, only the answer is lost (and `error` comes instead).
    """

    operation: str
    error: str | None = None
    kind: str | None = None
    service: str | None = None
    message: str | None = None
    delay_seconds: float = 0
    times: int = 1
    account: str | None = None
    principal: str | None = None
    carried_out: bool = False

    @property
    def fails(self) -> bool:
        """Whether it does more than make a call wait."""
        return self.error is not None or self.kind is not None

    @property
    def silence(self) -> float | None:
        """Seconds without an answer before the connection is reset; None if there is an answer."""
        return {"timeout": SILENCE_SECONDS, "reset": 0.0}.get(self.kind or "")

    @property
    def arrives(self) -> bool:
        """Whether AWS gets to see the call."""
        return self.silence is None or self.carried_out

    def meets(self, principal: Principal, service: str, operation: str) -> bool:
        """Say whether a call is one of those that this fault is for."""
        return (
            self.operation == operation
            and self.service in (None, service)
            and self.account in (None, principal.account)
            and (self.principal is None or self.principal in principal.name)
        )


@dataclass(frozen=True)
class Reach:
    """What faults can be planted for: operations by service, and those that can fail in part."""

    operations: Mapping[str, Collection[str]]
    in_part: Collection[str]


def parse(data: Any, reach: Reach) -> Fault:
    """Return the posted fault for an operation within `reach`; raises BadInputError."""
    fault = Fault(**{"operation": "", **checked(data, _RULES)})
    _check_operation(fault, reach)
    _check_sense(fault)
    if fault.kind == "partial" and fault.operation not in reach.in_part:
        those = ", ".join(sorted(reach.in_part))
        raise BadInputError(f"kind: {fault.operation} cannot fail in part, only {those} can")
    return fault


def _check_operation(fault: Fault, reach: Reach) -> None:
    services = [fault.service] if fault.service else list(reach.operations)
    unknown = [service for service in services if service not in reach.operations]
    if unknown:
        known = ", ".join(sorted(reach.operations))
        raise BadInputError(f"service: faults do not reach {unknown[0]!r}, only {known}")
    names = {name for service in services for name in reach.operations[service]}
    if fault.operation not in names:
        near = difflib.get_close_matches(fault.operation, names, n=1)
        hint = f", did you mean {near[0]}?" if near else ""
        where = ", ".join(services)
        raise BadInputError(f"operation: {fault.operation!r} is no operation of {where}{hint}")


def _check_sense(fault: Fault) -> None:
    """Refuse what contradicts itself; raises BadInputError."""
    mistakes = {
        "say what should happen: give error, delay_seconds or kind": (
            not fault.fails and not fault.delay_seconds
        ),
        "carried_out needs error, or kind timeout or reset": fault.carried_out and not fault.fails,
        "message needs error": fault.message and not fault.error,
        f"error: kind {fault.kind} gives no answer that could bear one": (
            fault.error and fault.silence is not None
        ),
        "kind partial needs error, the code of every item": (
            fault.kind == "partial" and not fault.error
        ),
        "carried_out: kind partial carries nothing out": (
            fault.kind == "partial" and fault.carried_out
        ),
    }
    for words, wrong in mistakes.items():
        if wrong:
            raise BadInputError(words)


class Faults:
    """The faults that are planted; safe to use from any thread."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def plant(self, fault: Fault) -> None:
        """Add a fault behind those already there."""
        with self._lock:
            self._faults.append(fault)

    @property
    def planted(self) -> bool:
        """Whether there is any."""
        return bool(self._faults)

    def take(self, principal: Principal, service: str, operation: str) -> Fault | None:
        """Return the oldest fault that meets this call, and count it as used once."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.meets(principal, service, operation):
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._faults[place : place + 1] = left
                    return fault
        return None

    def all(self) -> list[dict[str, Any]]:
        """Return the faults that are left, with the times left."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        """Remove every fault."""
        with self._lock:
            self._faults.clear()
