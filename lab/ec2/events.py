"""CloudTrail's record of a call, wrapped the way EventBridge delivers it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from . import trail
from .call import Caller
from .errors import not_served
from .identity import user_identity
from .reply import Reply

_SOURCES = {
    "ec2": "ec2.amazonaws.com",
    "elasticloadbalancing": "elasticloadbalancing.amazonaws.com",
    "servicequotas": "servicequotas.amazonaws.com",
}
#: Codes of 5xx answers that are the caller's doing all the same.
_CLIENT_CODES = frozenset({"RequestLimitExceeded"})


def cloudtrail(  # noqa: PLR0913 - who, what, when and from where: each is a fact of its own
    service: str,
    operation: str,
    reply: Reply,
    caller: Caller,
    *,
    event_id: str,
    when: datetime,
    user_agent: str,
    source_ip: str,
) -> dict[str, Any] | None:
    """The EventBridge event of a write, failed ones included; None for what leaves none.

    Reads leave none here (CloudTrail records them, but none of our rules listens to reads), nor do
    operations that only the lab refuses. `when` is the time of the call, with a time zone.
    """
    if not reply.mutating or reply.message == not_served(operation).message:
        return None
    time = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    detail = {
        **_call(service, operation, reply, caller, time, source_ip),
        "sourceIPAddress": source_ip,
        "userAgent": user_agent,
        "eventID": event_id,
    }
    return _envelope(service, caller, detail)


def _invoked_by(source_ip: str) -> dict[str, str]:
    """A call that a service makes for somebody bears the service's name in place of an address."""
    return {"invokedBy": source_ip} if source_ip.endswith(".amazonaws.com") else {}


def _call(
    service: str, operation: str, reply: Reply, caller: Caller, time: str, source_ip: str
) -> dict[str, Any]:
    return {
        "eventVersion": "1.10",
        "userIdentity": user_identity(caller, time) | _invoked_by(source_ip),
        "eventTime": time,
        "eventSource": _SOURCES[service],
        "eventName": operation,
        "awsRegion": caller.region,
        "requestParameters": trail.request_parameters(service, operation, reply),
        "responseElements": trail.response_elements(service, operation, reply),
        "requestID": reply.request_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": caller.account,
        "eventCategory": "Management",
        **_error(service, reply),
    }


def _envelope(service: str, caller: Caller, detail: dict[str, Any]) -> dict[str, Any]:
    """EventBridge's wrapping; its id is another one than CloudTrail's."""
    return {
        "version": "0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, detail["eventID"])),
        "detail-type": "AWS API Call via CloudTrail",
        "source": f"aws.{service}",
        "account": caller.account,
        "time": detail["eventTime"],
        "region": caller.region,
        "resources": [],
        "detail": detail,
    }


def _error(service: str, reply: Reply) -> dict[str, str]:
    if reply.error is None:
        return {}
    code = reply.error
    if service == "ec2":
        fault = reply.status >= 500 and code not in _CLIENT_CODES
        code = f"{'Server' if fault else 'Client'}.{code}"
    return {"errorCode": code, "errorMessage": reply.message or ""}
