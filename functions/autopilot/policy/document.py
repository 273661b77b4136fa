"""Whether two endpoint policies say the same, however they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# What AWS attaches when none is named, and after a reset (EC2 API reference, CreateVpcEndpoint).
FULL_ACCESS = json.dumps(
    {
        "Version": "2008-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)
# The version that a document without one has (IAM guide, "Version").
_UNSAID_VERSION = "2008-10-17"
# Members where one element may stand alone instead of in a list (IAM guide, policy grammar), and
# where the order says nothing.
_LISTS = frozenset({"Action", "NotAction", "Resource", "NotResource"})
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})
# How a policy variable begins; in the older version it is plain text.
_VARIABLE = "${"
_ROOT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")


def same(wanted: str, present: str) -> bool:
    """Whether both JSON texts are one policy.

    `present` comes from AWS: an empty one means full access; one that is no JSON equals nothing.
    """
    try:
        return bool(_normal(wanted) == _normal(present or FULL_ACCESS))
    except ValueError:
        return False


def _normal(text: str) -> Any:
    document = json.loads(text)
    if not isinstance(document, Mapping):
        raise ValueError("a policy document is an object")
    statements = [_statement(s) for s in _many(document.get("Statement", []))]
    version = document.get("Version", _UNSAID_VERSION)
    if all(_VARIABLE not in json.dumps(s) for s in statements):
        version = _UNSAID_VERSION  # the versions differ in policy variables only
    return {"Version": version, "Statement": sorted(statements, key=_text)}


def _statement(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    return {key: _member(key, value) for key, value in statement.items() if value != ""}


def _member(key: str, value: Any) -> Any:
    if key in _LISTS:
        return _unordered(value)
    if key in _PRINCIPALS:
        return _principal(value)
    if key == "Condition" and isinstance(value, Mapping):
        return {operator: _condition(block) for operator, block in value.items()}
    return value


def _principal(value: Any) -> Any:
    """`"*"` and `{"AWS": "*"}` both mean everybody; an account's number and its root's ARN, one
    account (IAM guide, Principal). AWS may hand back either."""
    if not isinstance(value, Mapping):
        return {"AWS": _unordered(value)}
    return {kind: _unordered([*map(_account, _many(who))]) for kind, who in value.items()}


def _account(who: Any) -> Any:
    found = _ROOT.fullmatch(who) if isinstance(who, str) else None
    return found[1] if found else who


def _condition(block: Any) -> Any:
    """Keys of a condition don't mind their case; `true` and `"true"` are one (IAM guide)."""
    if not isinstance(block, Mapping):
        return block
    return {key.lower(): sorted({*map(_scalar, _many(said))}) for key, said in block.items()}


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _unordered(value: Any) -> list[Any]:
    once = {_text(v): v for v in _many(value)}
    return [once[text] for text in sorted(once)]


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
