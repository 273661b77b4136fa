"""Endpoint policies: what AWS takes for one, and the one it writes itself."""

from __future__ import annotations

import json

from ..errors import AwsError

#: Characters, white space included (VPC quotas, "VPC endpoint policy", not adjustable).
LONGEST = 20_480

#: The document that AWS shows on an endpoint for which nobody wrote one.
FULL_ACCESS = json.dumps(
    {
        "Version": "2008-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    },
    separators=(",", ":"),
)


def checked(document: str | None) -> str | None:
    """The document as it came, or None.

    Raises:
        AwsError: it is too long, not JSON, or no policy (terraform-provider-aws #42291).
    """
    if not document:
        return None
    if len(document) > LONGEST:
        raise _invalid(f"Policy document exceeds the maximum length of {LONGEST} characters")
    try:
        policy = json.loads(document)
    except ValueError as error:
        position = getattr(error, "pos", 0) + 1
        raise _invalid(f"Syntax error at position (1,{position})") from None
    if not _has_statements(policy):
        raise _invalid("Syntax error at position (1,1)")
    return document


def _has_statements(policy: object) -> bool:
    if not isinstance(policy, dict) or "Statement" not in policy:
        return False
    statements = policy["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return all(isinstance(each, dict) and "Effect" in each for each in listed)


def _invalid(why: str) -> AwsError:
    return AwsError("InvalidPolicyDocument", f"The Policy Document is not valid. {why}")
