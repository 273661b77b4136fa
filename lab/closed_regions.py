"""Calls into Regions that the caller's account hasn't enabled: its credentials mean nothing there.

Each service says so in its own way: EC2 `AuthFailure` (steampipe-plugin-aws #75), those of the
query protocol `InvalidClientTokenId` (aws-sdk-ruby #2850), those of JSON
`UnrecognizedClientException` (chalice #1445), S3 `InvalidToken` to a session (aws-cli #8413) and
`InvalidAccessKeyId` to a lasting key (believed, as is SQS's).
"""

from __future__ import annotations

import json
import uuid
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import account

from lab import regions
from lab.ec2.operations import regions as described
from lab.errors import Answer, error_answer, message_for
from lab.inside import principal_of
from lab.signature import Scope

_INVALID = "The security token included in the request is invalid."
_QUERY = frozenset({"sts", "sns", "iam", "cloudformation", "elasticloadbalancing", "monitoring"})
_OF_S3 = {
    True: (400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
    False: (
        403,
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
}


def install() -> None:
    """Have what tells of Regions tell which an account has enabled."""
    described.opted_in = regions.enabled
    theirs = account._list_regions

    def listed(payload: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = theirs({})
        whose = str(payload.get("AccountId") or account.get_account_id())
        wanted = payload.get("RegionOptStatusContains") or []
        found = [
            each if regions.enabled(whose, each["RegionName"]) else {**each, **_DISABLED}
            for each in json.loads(body)["Regions"]
        ]
        shown = [each for each in found if not wanted or each["RegionOptStatus"] in wanted]
        return status, headers, json.dumps({"Regions": shown}).encode()

    account._DISPATCH["/listRegions"] = listed


_DISABLED = {"RegionOptStatus": "DISABLED"}


def refusal(signed: Scope) -> Answer | None:
    """What a call gets that is signed for a Region which its account hasn't enabled; else None."""
    if not regions.any_disabled():
        return None
    principal = principal_of(signed.access_key)
    if principal is None or regions.enabled(principal.account, signed.region):
        return None
    if signed.service == "s3":
        status, code, words = _OF_S3[principal.session is not None]
        return _in_xml(status, f"<Error><Code>{code}</Code><Message>{escape(words)}</Message>")
    if signed.service == "ec2":
        return error_answer("ec2", "AuthFailure", message_for("AuthFailure", "", "", ""))
    if signed.service in _QUERY:
        kind = "<Type>Sender</Type><Code>InvalidClientTokenId</Code>"
        return _in_xml(
            403, f"<ErrorResponse><Error>{kind}<Message>{_INVALID}</Message></Error>", "Response"
        )
    return _in_json(signed.service)


def _in_xml(status: int, begun: str, ended: str = "") -> Answer:
    body = f"{begun}<RequestId>{uuid.uuid4()}</RequestId></Error{ended}>"
    return Answer(status, body.encode(), {"Content-Type": "text/xml"})


def _in_json(service: str) -> Answer:
    code = "InvalidClientTokenId" if service == "sqs" else "UnrecognizedClientException"
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}
    status = 403 if service in ("lambda", "sqs", "scheduler") else 400
    return Answer(status, json.dumps({"__type": code, "message": _INVALID}).encode(), headers)
