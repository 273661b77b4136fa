"""Service control policies: what an organization denies its members' principals, roots included.

Every level above an account, the account itself included, has to allow a call, and none may deny
it; the management account is not limited (Organizations guide, "SCP evaluation").
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import get_account_id
from ministack.services import organizations

from lab import delegation
from lab.checks import BadInputError, checked
from lab.inside import scope

Limit = list[list[Any]]
SCP = "SERVICE_CONTROL_POLICY"
EVERYTHING = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
_DENIED = (
    400,
    {"Content-Type": "application/x-amz-json-1.1"},
    b'{"__type": "AccessDeniedException",'
    b' "message": "You don\'t have permissions to access this resource."}',
)
_ACCOUNT = ("an account of 12 digits", lambda value: isinstance(value, str) and value.isdigit())


def install() -> None:
    """Have policies of the organization limit its members, and members see what AWS shows them."""
    _limit_principals()
    _show_members_what_is_theirs()


def _limit_principals() -> None:
    # MiniStack keeps service control policies and asks none of them.
    theirs = evaluator.resolve_principal

    def resolved(key: str, account: str, *more: Any) -> Any:
        found = theirs(key, account, *more)
        if isinstance(found, evaluator.AuthError) or not (limited := limits(found.account)):
            return found
        if found.policies is None:  # a root, who may do everything but this
            found.policies = [evaluator.parse_policy_document(EVERYTHING)]
        found.limits = [*found.limits, *limited]
        return found

    evaluator.resolve_principal = resolved


def _show_members_what_is_theirs() -> None:
    # MiniStack makes an organization of its own for a member that asks. On AWS the management
    # account and delegated administrators may ask for the rest (API reference, each operation).
    for operation, act in [*organizations._DISPATCH.items()]:
        organizations._DISPATCH[operation] = _for_members(operation, act)


def _for_members(operation: str, act: Any) -> Any:
    def acted(payload: dict[str, Any]) -> Any:
        master = master_of(get_account_id())
        if master is None:
            return act(payload)
        may = operation in delegation.READS and delegation.delegated(master, get_account_id())
        if operation != "DescribeOrganization" and not may:
            return _DENIED
        with scope(master, "us-east-1"):
            return act(payload)

    return acted


def master_of(account: str) -> str | None:
    """The management account of another account's organization; None for itself, and for none."""
    held = [master for master, member in list(organizations._accounts._data) if member == account]
    return next((each for each in held if each != account), None)


def limits(account: str) -> list[Limit]:
    """The policies of each level above an account, from the root down; none for a non-member."""
    master = master_of(account)
    if master is None:
        return []
    with scope(master, "us-east-1"):
        if not organizations._policy_type_enabled(SCP):
            return []
        return [_at(level) for level in reversed([*_levels(account)])]


def _levels(account: str) -> Iterator[str]:
    """The account and what is above it, upwards."""
    yield account
    parent = organizations._accounts[account]["_ParentId"]
    while parent is not None:
        yield str(parent)
        unit = organizations._ous.get(parent)
        parent = unit["_ParentId"] if unit else None


def _at(level: str) -> Limit:
    attached = [
        evaluator.parse_policy_document(policy["_Content"])
        for name, policy in organizations._policies.items()
        if policy["Type"] == SCP and level in (organizations._attachments.get(name) or [])
    ]
    # AWS leaves no level without one; MiniStack attaches none to new units.
    return attached or [evaluator.parse_policy_document(EVERYTHING)]


def join(data: Any) -> None:
    """Have an account join another's organization: `{"account": ..., "management": ...}`; a null
    management account has it leave. Raises BadInputError.
    """
    rules = {"account": _ACCOUNT, "management": ("an account or null", lambda _: True)}
    said = checked(data, rules)
    if set(said) != set(rules) or said["account"] == said["management"]:
        raise BadInputError("say which account joins, and whose organization: two accounts")
    _leave(said["account"])
    if said["management"] is not None:
        _join(said["account"], str(said["management"]))


def _leave(account: str) -> None:
    master = master_of(account)
    if master is not None:
        with scope(master, "us-east-1"):
            organizations._accounts.pop(account, None)


def _join(account: str, management: str) -> None:
    with scope(management, "us-east-1"):
        organizations._ensure_org()
        of = organizations._orgs["self"]["Id"]
        organizations._accounts[account] = {
            "Id": account,
            "Arn": f"arn:aws:organizations::{management}:account/{of}/{account}",
            "Email": f"{account}@example.com",
            "Name": account,
            "Status": "ACTIVE",
            "JoinedMethod": "INVITED",
            "JoinedTimestamp": int(time.time()),
            "_ParentId": next(iter(organizations._roots)),
        }
        everything = organizations.FULL_ACCESS_POLICY_ID
        attached = organizations._attachments[everything]
        organizations._attachments[everything] = [*dict.fromkeys([*attached, account])]
