"""Faults that a person plants: the next matching calls fail, lag, or lose their answer."""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any

from lab.checks import BadInputError, checked, flag, number, text, whole
from lab.inside import Principal

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]*")
_RULES = {
    "operation": ("the name of an operation, such as CreateVpcEndpoint", text),
    "error": (
        "an AWS error code, such as RequestLimitExceeded",
        lambda value: isinstance(value, str) and bool(_CODE.fullmatch(value)),
    ),
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
    makes them wait first. `account` and `principal` (a part of the ARN) narrow down whose calls.
    `carried_out`: AWS does what was asked, only the answer is lost and `error` comes instead.
    """

    operation: str
    error: str | None = None
    message: str | None = None
    delay_seconds: float = 0
    times: int = 1
    account: str | None = None
    principal: str | None = None
    carried_out: bool = False

    def meets(self, principal: Principal, operation: str) -> bool:
        """Say whether a call is one of those that this fault is for."""
        return (
            self.operation == operation
            and self.account in (None, principal.account)
            and (self.principal is None or self.principal in principal.name)
        )


def parse(data: Any, operations: Collection[str]) -> Fault:
    """Return the posted fault for one of `operations`; raises BadInputError."""
    fault = Fault(**{"operation": "", **checked(data, _RULES)})
    if fault.operation not in operations:
        near = difflib.get_close_matches(fault.operation, list(operations), n=1)
        hint = f", did you mean {near[0]}?" if near else ""
        raise BadInputError(
            f"operation: {fault.operation!r} is no operation of EC2, load balancing or "
            f"service quotas{hint}"
        )
    if fault.error is None and not fault.delay_seconds:
        raise BadInputError("say what should happen: give error, delay_seconds or both")
    if fault.error is None and (fault.carried_out or fault.message):
        raise BadInputError("carried_out and message need error")
    return fault


class Faults:
    """The faults that are planted; safe to use from any thread."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def plant(self, fault: Fault) -> None:
        """Add a fault behind those already there."""
        with self._lock:
            self._faults.append(fault)

    def take(self, principal: Principal, operation: str) -> Fault | None:
        """Return the oldest fault that meets this call, and count it as used once."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.meets(principal, operation):
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
