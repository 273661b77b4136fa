"""Answers CloudFormation, which waits for a custom resource until it is told, on every path."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, TypeVar

import urllib3
from aws_lambda_powertools import Logger

from autopilot.aws.errors import AccessDenied

logger = Logger()

T = TypeVar("T")
Kind = Literal["Create", "Update", "Delete"]
Send = Callable[[str, bytes], None]

# CloudFormation takes 4,096 bytes for a whole answer (its guide, "Custom resource response").
_MOST_WORDS = 1000
_TRIES = urllib3.Retry(3, backoff_factor=0.5, status_forcelist=(500, 502, 503, 504))


# Seconds. A role is as new as the stack: what it is allowed is not known everywhere at once (IAM
# guide, "Changes that I make are not always immediately visible").
_PATIENCE = (5, 10, 20, 40)


def patiently(work: Callable[[], T], pause: Callable[[float], None]) -> T:
    """Do it, and again if it is denied: in a moment it may be allowed. Raises what it raises."""
    for seconds in _PATIENCE:
        try:
            return work()
        except AccessDenied as error:
            logger.warning("denied so far", error=str(error))
            pause(seconds)
    return work()


class NotHeard(Exception):
    """Raised when CloudFormation's address doesn't take the answer: Lambda then tries again."""


def serve(
    event: Mapping[str, Any],
    on: Kind | Collection[Kind],
    work: Callable[[], None],
    send: Send | None,
) -> str:
    """Do the work that a request of the kind `on`, or of one of them, asks for, and tell
    CloudFormation how it went (`send`: by other means); "" or what failed.

    Whatever the work raises becomes FAILED with its words: a stack that waits for an answer waits
    for its whole timeout. Raises NotHeard.
    """
    failed = ""
    try:
        if event["RequestType"] in ((on,) if isinstance(on, str) else on):
            work()
    except Exception as error:  # noqa: BLE001 the edge: CloudFormation must hear of anything
        failed = f"{type(error).__name__}: {error}"[:_MOST_WORDS]
    answer = {
        "Status": "FAILED" if failed else "SUCCESS",
        "Reason": failed or "done",
        # The same for ever: another one would make CloudFormation delete the former.
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    deliver = _put if send is None else send
    deliver(event["ResponseURL"], json.dumps(answer).encode())
    logger.info("cloudformation answered", request=event["RequestType"], failed=failed)
    return failed


def _put(url: str, body: bytes) -> None:
    """PUT to the signed address of a bucket; a content type would break the signature."""
    try:
        answer = urllib3.PoolManager().request(
            "PUT", url, body=body, headers={"Content-Type": ""}, retries=_TRIES, timeout=10
        )
    except urllib3.exceptions.HTTPError as error:
        raise NotHeard(str(error)) from error
    if answer.status >= 300:
        raise NotHeard(f"{answer.status}: {answer.data[:_MOST_WORDS].decode(errors='replace')}")
