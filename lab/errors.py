"""Words AWS's errors the way each of its three protocols does."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

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
    status = _STATUS.get(code, 400)
    request = str(uuid.uuid4())
    if service == "servicequotas":
        body = json.dumps({"__type": code, "message": message})
        headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": request}
        return Answer(status, body.encode(), headers)
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if service == "ec2":
        body = (
            f"<Response><Errors><Error>{inner}</Error></Errors>"
            f"<RequestID>{request}</RequestID></Response>"
        )
    else:
        fault = "Sender" if status < 500 else "Receiver"
        body = (
            '<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">'
            f"<Error><Type>{fault}</Type>{inner}</Error>"
            f"<RequestId>{request}</RequestId></ErrorResponse>"
        )
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return Answer(status, xml.encode(), {"Content-Type": "text/xml;charset=UTF-8"})
