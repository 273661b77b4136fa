"""The one exception with which an operation says no, as AWS would word it."""

from __future__ import annotations

from collections.abc import Sequence

#: HTTP status by error code; every other client error is a 400 (EC2 API reference, error codes).
STATUS = {
    "DryRunOperation": 412,
    "UnauthorizedOperation": 403,
    "AuthFailure": 401,
    "InternalError": 500,
    "RequestLimitExceeded": 503,
    "Unavailable": 503,
}


class AwsError(Exception):
    """An AWS error answer: `code` as AWS spells it, `message` in AWS's words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS.get(self.code, 400)


def missing_parameter(name: str) -> AwsError:
    """A member that the operation needs is missing from the request."""
    return AwsError("MissingParameter", f"The request must contain the parameter {name}")


def invalid_value(value: object, name: str, why: str = "") -> AwsError:
    """A member's value that AWS does not take."""
    tail = f" {why}" if why else ""
    return AwsError(
        "InvalidParameterValue", f"Value ({value}) for parameter {name} is invalid.{tail}"
    )


def invalid_parameter(message: str) -> AwsError:
    """What VPC endpoint calls answer when the pieces do not fit together."""
    return AwsError("InvalidParameter", message)


def dependency_violation(kind: str, identifier: str) -> AwsError:
    """Something still hangs on the resource (wording: public CloudTrail events of DeleteVpc)."""
    return AwsError(
        "DependencyViolation",
        f"The {kind} '{identifier}' has dependencies and cannot be deleted.",
    )


def not_served(operation: str) -> AwsError:
    """An operation outside the lab's list; it never pretends success."""
    return AwsError(
        "InvalidAction",
        f"The lab does not serve {operation}. AWS may well; the lab's list of operations is"
        " explicit, so that nothing unchecked passes for AWS.",
    )


def quoted(identifiers: Sequence[str]) -> str:
    """Identifiers the way EC2 lists several missing ones."""
    return ", ".join(identifiers)
