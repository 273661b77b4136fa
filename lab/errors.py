"""Words the errors that a planted fault, or a stranger's key, brings about."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.ec2 import chance, models
from lab.ec2.answers import write_error
from lab.others import other_error, status_of

_STATUS = {
    "RequestLimitExceeded": 503,
    "ServiceUnavailable": 503,
    "Unavailable": 503,
    "InternalError": 500,
    "InternalFailure": 500,
    "ServiceException": 500,
    "UnauthorizedOperation": 403,
    "AccessDenied": 403,
    "AuthFailure": 401,
}
_MESSAGE = {
    "RequestLimitExceeded": "Request limit exceeded.",
    "Throttling": "Rate exceeded",
    "ThrottlingException": "Rate exceeded",
    "TooManyRequestsException": "Rate exceeded",
    "InternalError": "An internal error has occurred",
    "InternalFailure": "The request processing has failed because of an unknown error, exception "
    "or failure.",
    "ServiceUnavailable": "The service is unavailable. Please try again shortly.",
    "Unavailable": "The service is unavailable. Please try again shortly.",
    "AuthFailure": "AWS was not able to validate the provided access credentials",
}
_DENIED = {"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NoAnswer:
    """No answer at all: the connection is reset after `seconds`, or once the caller has gone."""

    seconds: float


def message_for(code: str, service: str, operation: str, caller_arn: str) -> str:
    """Return AWS's words for error `code`, or the lab's where AWS's aren't known."""
    if code in _DENIED:
        action = f"{service}:{operation}"
        words = (
            f"User: {caller_arn} is not authorized to perform: {action} "
            f"because no identity-based policy allows the {action} action"
        )
        if code == "UnauthorizedOperation":
            return f"You are not authorized to perform this operation. {words}"
        return words
    return _MESSAGE.get(code, f"The lab was told to fail {operation} with {code}.")


def error_answer(service: str, code: str, message: str) -> Answer:
    """Return the answer by which `service` (its signing name) reports an error."""
    request = chance.uuid4(f"error {service}")
    if service not in models.SERVICES:
        status = status_of(service, code) or _STATUS.get(code, 400)
        body, headers = other_error(service, code, message, request, status)
        return Answer(status, body, headers)
    kind = "application/x-amz-json-1.1" if service == "servicequotas" else "text/xml"
    headers = {"Content-Type": kind, "x-amzn-RequestId": request}
    return Answer(_STATUS.get(code, 400), write_error(service, code, message, request), headers)
