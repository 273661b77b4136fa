"""One hook: conditions on whose a resource is, `aws:ResourceAccount` and `aws:ResourceOrgID`.

IAM guide, "Global condition keys": the resource's own account and its organization. MiniStack takes
every bucket for the caller's, and knows no organizations of resources. A call about no resource has
neither.
"""

from __future__ import annotations

import re
from typing import Any

from ministack.core import iam_evaluator as evaluator
from ministack.services import s3

_ACCOUNT = re.compile(r"\d{12}")


def install() -> None:
    """Install the hook."""
    theirs = evaluator._resolve_condition_key

    def resolved(key: str, context: Any) -> Any:
        match key.lower():
            case "aws:resourceaccount" | "s3:resourceaccount":
                return owner_of(context.resource_arn) or theirs(key, context)
            case "aws:resourceorgid":
                owner = owner_of(context.resource_arn)
                return evaluator._principal_org_id(owner) if owner else None
            case _:
                return theirs(key, context)

    evaluator._resolve_condition_key = resolved


def owner_of(arn: str) -> str | None:
    """The account of a resource, a bucket's too; None for `*` and for what isn't there."""
    parts = arn.split(":", 5)
    if parts[2:3] == ["s3"]:
        owner: str | None = s3._bucket_owner_account(parts[5].partition("/")[0])
        return owner
    account = parts[4] if len(parts) > 4 else ""
    return account if _ACCOUNT.fullmatch(account) else None
