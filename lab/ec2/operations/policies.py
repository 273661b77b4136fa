"""Endpoint policies: what AWS takes for one, hands back for one, and writes itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

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
#: The same on an interface endpoint (VPC guide's example).
INTERFACE_FULL_ACCESS = json.dumps(
    {"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}, indent=2
)
# IAM guide, "Grammar of the IAM JSON policy language".
_VERSIONS = ("2008-10-17", "2012-10-17")
_DOCUMENT = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset({"Sid", "Effect", "Condition"})
_EITHER = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
_KNOWN = _STATEMENT | {each for pair in _EITHER for each in pair}
_WHO = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_ACCOUNT = re.compile(r"[0-9]{12}")
_RESOURCE = re.compile(r"\*|arn:.+", re.DOTALL)
_OPERATOR = re.compile(
    r"(ForA(ll|ny)Values?:)?((String|Arn)(Not)?(Equals|Like)|String(Not)?EqualsIgnoreCase"
    r"|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool|BinaryEquals"
    r"|(Not)?IpAddress)(IfExists)?|Null",
    re.IGNORECASE,
)


def checked(document: str | None) -> str | None:
    """The document as it came, or None.

    Raises:
        AwsError: it is too long, not JSON, or no policy by IAM's grammar (terraform-provider-aws
            #42291: it is refused at the position where it goes wrong; which one is invented).
    """
    if not document:
        return None
    if len(document) > LONGEST:
        raise _invalid(f"Policy document exceeds the maximum length of {LONGEST} characters")
    try:
        policy = json.loads(document, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise _syntax(getattr(error, "pos", 0) + 1) from None
    if not _is_policy(policy):
        raise _syntax(1)
    return document


@lru_cache(maxsize=1024)
def shown(document: str) -> str:
    """A document as describes hand it back: the same policy, its members and lists in an order of
    AWS's own (that it may be another is known; that it always is, and which one, is invented)."""
    if document in (FULL_ACCESS, INTERFACE_FULL_ACCESS):
        return document
    return json.dumps(_reordered(json.loads(document)), separators=(",", ":"))


def _reordered(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _reordered(value[key], key) for key in sorted(value)}
    if isinstance(value, list):
        inner = [_reordered(each, name) for each in value]
        return inner if name == "Statement" else sorted(inner, key=json.dumps, reverse=True)
    # An account's number and the ARN of its root are one principal (IAM guide).
    if name == "AWS" and _ACCOUNT.fullmatch(value):
        return f"arn:aws:iam::{value}:root"
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are there once each."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _is_policy(policy: object) -> bool:
    if not isinstance(policy, dict) or not policy.keys() <= _DOCUMENT or "Statement" not in policy:
        return False
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        return False
    statements = _listed(policy["Statement"])
    return bool(statements) and all(_is_statement(each) for each in statements)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_statement(statement: object) -> bool:
    if not isinstance(statement, dict) or not statement.keys() <= _KNOWN:
        return False
    if statement.get("Effect") not in ("Allow", "Deny") or not _is_sid(statement.get("Sid", "")):
        return False
    named = [[each for each in pair if each in statement] for pair in _EITHER]
    if any(len(each) != 1 for each in named):
        return False
    return _is_condition(statement.get("Condition", {})) and all(
        _CHECKS[member](statement[member]) for (member,) in named
    )


def _is_sid(sid: object) -> bool:
    return isinstance(sid, str)


def _texts(value: Any, form: re.Pattern[str]) -> bool:
    listed = _listed(value)
    return bool(listed) and all(isinstance(e, str) and form.fullmatch(e) for e in listed)


def _is_action(value: Any) -> bool:
    return _texts(value, _ACTION)


def _is_resource(value: Any) -> bool:
    return _texts(value, _RESOURCE)


def _is_principal(value: Any) -> bool:
    if value == "*":
        return True
    if not isinstance(value, dict) or not value or not value.keys() <= _WHO:
        return False
    return all(_texts(each, re.compile(r".+")) for each in value.values())


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "Principal": _is_principal,
    "NotPrincipal": _is_principal,
    "Action": _is_action,
    "NotAction": _is_action,
    "Resource": _is_resource,
    "NotResource": _is_resource,
}


def _is_condition(condition: object) -> bool:
    """Operators, each with keys, each with a value or a list of them."""
    return isinstance(condition, dict) and all(
        _OPERATOR.fullmatch(operator) and isinstance(block, dict) and block and _are_values(block)
        for operator, block in condition.items()
    )


def _are_values(block: dict[str, Any]) -> bool:
    values = [each for value in block.values() for each in _listed(value)]
    lists = all(value != [] for value in block.values())
    return lists and all(isinstance(each, str | bool | int | float) for each in values)


def _syntax(position: int) -> AwsError:
    return _invalid(f"Syntax error at position (1,{position})")


def _invalid(why: str) -> AwsError:
    return AwsError("InvalidPolicyDocument", f"The Policy Document is not valid. {why}")
