"""Buckets of other accounts: who may do what in them, by their policy, and where they are.

MiniStack asks a bucket's policy about another account as if its root asked, whoever it was. It
finds a function's code, a layer or a template in buckets of the own account only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_actions
from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

from lab import iam
from lab.inside import lasting, scope


@dataclass(frozen=True)
class Reading:
    """Somebody reads an object; `as_role`: what the role itself may do counts, too."""

    bucket: str
    key: str
    version: str | None = None
    as_role: bool = False

    @property
    def arn(self) -> str:
        """The object's ARN."""
        return f"arn:aws:s3:::{self.bucket}/{self.key}"


def install() -> None:
    """Install the hooks."""
    _ask_policies_about_whoever_asks()
    _find_buckets_of_any_account()
    _keep_namespaces()


#: What the name of a bucket in an account's own namespace ends in, and where there is none.
_OWN_NAME = re.compile(r"-\d{12}-[a-z]+(-[a-z]+)+-\d-an$")
NO_NAMESPACE = ("me-south-1", "me-central-1")


def _keep_namespaces() -> None:
    # An account's own namespace is for it alone, asked for by a header (S3 guide, "Namespaces for
    # general purpose buckets"). MiniStack knows one for all. The code and its words: believed.
    theirs = s3._create_bucket

    def create(
        name: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        endpoint_region: str | None = None,
    ) -> Any:
        region = endpoint_region or get_region()
        asked = (headers or {}).get("x-amz-bucket-namespace") == "account-regional"
        own = name.endswith(f"-{get_account_id()}-{region}-an") and region not in NO_NAMESPACE
        if asked != bool(_OWN_NAME.search(name)) or (asked and not own):
            words = "The bucket's name and its namespace don't go together."
            return s3._error("InvalidBucketName", words, 400, f"/{name}")
        return theirs(name, body, headers, endpoint_region=endpoint_region)

    s3._create_bucket = create


def owner_of(bucket: str) -> str | None:
    """The account that has a bucket, wherever it is: names are global."""
    found: str | None = s3._bucket_owner_account(bucket)
    return found


def caller() -> str:
    """Who asks: the ARN of this request's principal, or of the account's root."""
    account, arn = get_account_id(), str(evaluator.caller_arn())
    return arn if arn.split(":")[4:5] == [account] else f"arn:aws:iam::{account}:root"


def may_read(reading: Reading) -> bool:
    """Say whether this account's caller may read an object: by the bucket's policy, and its own."""
    owner, who = owner_of(reading.bucket), caller()
    if owner is None or not iam.enforced():
        return owner is not None
    verdict = _verdict(owner, reading.bucket, iam.Check("s3:GetObject", reading.arn), who)
    if verdict == "Deny" or (owner != get_account_id() and verdict != "Allow"):
        return False
    checks = [iam.Check("s3:GetObject", reading.arn)]
    role = reading.as_role and ":assumed-role/" in who
    return not role or iam.of_role(lasting(who), get_region(), checks) is None


def read(reading: Reading) -> bytes | None:
    """Read an object as if its owner did, in whatever account; None if there is none."""
    owner = owner_of(reading.bucket)
    if owner is None:
        return None
    with scope(owner, get_region()):
        found: bytes | None = _read(reading.bucket, reading.key, version_id=reading.version)
        return found


_read = s3._get_object_data


def _verdict(owner: str, bucket: str, check: iam.Check, who: str) -> str:
    """What a bucket's policy says of a principal: Allow, Deny, or ImplicitDeny."""
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)
    kind = "AssumedRole" if ":assumed-role/" in who else "User" if ":user/" in who else "Root"
    context = evaluator.EvalContext(
        principal_arn=who,
        principal_type=kind,
        principal_account=who.split(":")[4],
        action=check.action,
        resource_arn=check.resource,
        region=get_region(),
        service_context={key.lower(): value for key, value in check.context.items()},
    )
    decision = str(evaluator.evaluate_resource_policy(policy or None, context).decision)
    foreign = owner != context.principal_account
    # A public policy lets in nobody from outside where RestrictPublicBuckets is on (S3 guide,
    # "Blocking public access"); one that names an organization is not public there.
    restricted = s3._public_access_blocked(owner, bucket, "RestrictPublicBuckets")
    if decision == "Allow" and foreign and restricted and s3._policy_is_public(policy):
        decision = "ImplicitDeny"
    if decision == "Deny" or (foreign and decision != "Allow"):
        iam.noted(iam.Refusal(check, who, decision == "Deny", by_resource=True))
    return decision


def _ask_policies_about_whoever_asks() -> None:
    theirs = s3._foreign_bucket_allows

    def allows(
        owner: str,
        bucket: str,
        key: str,
        method: str,
        query: dict[str, Any],
        asking: str,
        headers: dict[str, str] | None = None,
    ) -> bool:
        held = s3._buckets.get_scoped(owner, None, bucket)
        if not asking or held is None or not s3._bucket_owner_enforced(held):
            # Anonymous callers, and access control lists.
            return bool(theirs(owner, bucket, key, method, query, asking, headers))
        check = _check(owner, bucket, key, method, query, headers or {})
        return _verdict(owner, bucket, check, caller()) == "Allow"

    s3._foreign_bucket_allows = allows


def _check(
    owner: str, bucket: str, key: str, method: str, query: dict[str, Any], headers: dict[str, str]
) -> iam.Check:
    path = f"/{bucket}/{key}" if key else f"/{bucket}"
    named = iam_actions._s3_action(method, path, query)
    action = f"s3:{named or ('GetObject' if method in ('GET', 'HEAD') else 'PutObject')}"
    with scope(owner, get_region()):
        context = iam_actions.s3_service_context(action, query, path, headers)
    return iam.Check(action, f"arn:aws:s3::{path.replace('/', ':', 1)}", context)


def _find_buckets_of_any_account() -> None:
    # Names of buckets are global (S3 guide, "General purpose buckets overview").
    region_of = s3.bucket_region

    def region(bucket: str) -> str | None:
        with scope(owner_of(bucket) or get_account_id(), get_region()):
            found: str | None = region_of(bucket)
            return found

    def data(bucket: str, key: str, version_id: str | None = None) -> bytes | None:
        owner, reading = owner_of(bucket), Reading(bucket, key, version_id)
        own = owner in (None, get_account_id())
        return read(reading) if own or may_read(reading) else None

    s3.bucket_region, s3._get_object_data = region, data
