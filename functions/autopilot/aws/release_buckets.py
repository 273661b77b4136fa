"""The buckets from which the organization's spokes take their code and policy, and StackSets their
templates.

They lie in the hub account's own namespace: nobody else can make a bucket under such a name, not
even after it was deleted (S3 guide, "Namespaces for general purpose buckets"). Each call names the
account that must own the bucket, all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from botocore.exceptions import ClientError

from autopilot.aws.clients import make
from autopilot.aws.errors import AwsError, NotFound, aws_errors

# What S3 answers where the bucket is there and ours already (its API reference, CreateBucket);
# us-east-1 answers 200.
_OURS_ALREADY = "BucketAlreadyOwnedByYou"
# The credentials of an account that hasn't enabled the Region aren't known there.
_NOT_ENABLED = ("InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken", "AuthFailure")
# Without a location (S3 API reference, CreateBucketConfiguration).
_FIRST_REGION = "us-east-1"
READABLE = ("code/*", "policy/*")
"""What the organization's accounts may read."""


@dataclass(frozen=True)
class Owner:
    """Whose the buckets are, and which organization's accounts read them."""

    account: str
    organization: str
    partition: str = "aws"


class Bucket:
    """One Region's; `s3`: its client."""

    def __init__(self, name: str, region: str, owner: Owner, s3: Any = None) -> None:
        self._name, self._region, self._owner = name, region, owner
        self._s3 = s3 or make("s3", region=region)

    def prepare(self) -> None:
        """Make it if it isn't there, and have it as it should be. Raises AwsErrors."""
        with self._explained():
            self._create()
            with aws_errors("s3", "PutPublicAccessBlock"):
                self._s3.put_public_access_block(
                    **self._ours, PublicAccessBlockConfiguration=_NOTHING_PUBLIC
                )
            with aws_errors("s3", "PutBucketEncryption"):
                self._s3.put_bucket_encryption(
                    **self._ours, ServerSideEncryptionConfiguration=_BY_S3
                )
            with aws_errors("s3", "PutBucketPolicy"):
                self._s3.put_bucket_policy(
                    **self._ours, Policy=json.dumps(policy(self._name, self._owner))
                )

    def put(self, files: Mapping[str, bytes]) -> int:
        """Put what isn't there as it should be. How many that were. Raises AwsErrors."""
        missing = [key for key in sorted(files) if self._tag(key) != _tag_of(files[key])]
        for key in missing:
            with self._explained(), aws_errors("s3", "PutObject"):
                self._s3.put_object(Key=key, Body=files[key], **self._ours)
        return len(missing)

    def has(self, key: str) -> bool:
        """Whether there is such an object. Raises AwsErrors."""
        return bool(self._tag(key))

    def _tag(self, key: str) -> str:
        """An object's entity tag, "" for none."""
        try:
            with self._explained(), aws_errors("s3", "HeadObject"):
                return str(self._s3.head_object(Key=key, **self._ours)["ETag"])
        except NotFound:
            return ""

    @property
    def _ours(self) -> dict[str, str]:
        return {"Bucket": self._name, "ExpectedBucketOwner": self._owner.account}

    def _create(self) -> None:
        own = {"BucketNamespace": "account-regional", "ObjectOwnership": "BucketOwnerEnforced"}
        where = {"LocationConstraint": self._region}
        given = {} if self._region == _FIRST_REGION else {"CreateBucketConfiguration": where}
        with aws_errors("s3", "CreateBucket"):
            try:
                self._s3.create_bucket(Bucket=self._name, **own, **given)
            except ClientError as error:
                if _code(error) != _OURS_ALREADY:
                    raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Which bucket it was, and what a person does about what only a person can mend."""
        try:
            yield
        except AwsError as error:
            raise type(error)(f"{error}{self._advice(error.__cause__)}") from error

    def _advice(self, cause: BaseException | None) -> str:
        code = _code(cause) if isinstance(cause, ClientError) else ""
        if code in _NOT_ENABLED:
            return (
                f" (is {self._region} enabled in {self._owner.account}? Enable it, or take it "
                "out of fleet.yaml)"
            )
        return f" ({self._name})"


def _tag_of(content: bytes) -> str:
    """The entity tag of what was put in one piece and is encrypted by SSE-S3: its MD5 (S3 API
    reference, Object). Enough to see that a key holds something else than it is called by."""
    return f'"{md5(content, usedforsecurity=False).hexdigest()}"'


def _code(error: ClientError) -> str:
    answer: Mapping[str, Any] = error.response
    return str(answer.get("Error", {}).get("Code", ""))


_NOTHING_PUBLIC = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_BY_S3 = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


def policy(bucket: str, owner: Owner) -> dict[str, Any]:
    """The organization's accounts read code and policies, everybody by TLS only.

    `aws:PrincipalOrgID` with a fixed value makes no policy public (S3 guide, "The meaning of
    public").
    """
    arn = f"arn:{owner.partition}:s3:::{bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OrganizationMayRead",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": [f"{arn}/{each}" for each in READABLE],
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": owner.organization}},
            },
            {
                "Sid": "OnlyByTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }
