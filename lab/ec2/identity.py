"""Who called, as CloudTrail's userIdentity says it."""

from __future__ import annotations

import hashlib
from typing import Any

from .call import Caller


def user_identity(caller: Caller, time: str) -> dict[str, Any]:
    """The userIdentity of a caller: assumed role, IAM user, or the account's root."""
    kind, _, name = caller.arn.split(":", 5)[5].partition("/")
    common = {"arn": caller.arn, "accountId": caller.account}
    if kind == "assumed-role":
        return {**_assumed_role(caller, name, time), **common}
    if kind == "user":
        user = name.rpartition("/")[2]
        key = {"accessKeyId": _unique("AKIA", caller.arn), "userName": user}
        return {"type": "IAMUser", "principalId": _unique("AIDA", caller.arn), **common, **key}
    key = {"accessKeyId": _unique("AKIA", caller.arn)}
    return {"type": "Root", "principalId": caller.account, **common, **key}


def _assumed_role(caller: Caller, name: str, time: str) -> dict[str, Any]:
    role, _, session = name.partition("/")
    partition = caller.arn.split(":")[1]
    role_arn = f"arn:{partition}:iam::{caller.account}:role/{role}"
    role_id = _unique("AROA", role_arn)
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{session}",
        "accessKeyId": _unique("ASIA", caller.arn),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": role_arn,
                "accountId": caller.account,
                "userName": role,
            },
            "attributes": {"creationDate": time, "mfaAuthenticated": "false"},
        },
    }


def _unique(prefix: str, text: str) -> str:
    """An IAM unique id or key id of the usual length, the same for the same name."""
    return prefix + hashlib.sha256(text.encode()).hexdigest()[:16].upper()
