"""Organizations: trusted access, delegated administrators, and what those may read.

Who may call which operation is from the Organizations API reference, where each one says whether "a
member account that is a delegated administrator" may.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, get_account_id
from ministack.services import organizations

Answer = tuple[int, dict[str, str], bytes]
#: Services with trusted access, and each account's delegated services, by management account.
_trusted: dict[str, dict[str, float]] = {}
_delegated: dict[tuple[str, str], dict[str, float]] = {}
#: An organization may have so many administrators of StackSets (CloudFormation guide).
MOST = 5
#: What a delegated administrator may call, too.
READS = frozenset(
    {
        *("DescribeAccount", "DescribeOrganization", "DescribeOrganizationalUnit"),
        *("ListAWSServiceAccessForOrganization", "ListAccounts", "ListAccountsForParent"),
        *("ListChildren", "ListDelegatedAdministrators", "ListDelegatedServicesForAccount"),
        *("ListOrganizationalUnitsForParent", "ListParents", "ListPolicies"),
        *("ListPoliciesForTarget", "ListRoots", "ListTagsForResource", "ListTargetsForPolicy"),
        *("DescribePolicy", "DescribeCreateAccountStatus"),
    }
)


def trusted(management: str) -> frozenset[str]:
    """The services that the organization trusts."""
    return frozenset(_trusted.get(management, ()))


def delegated(management: str, account: str) -> frozenset[str]:
    """The services that an account administers for its organization."""
    return frozenset(_delegated.get((management, account), ()))


def install() -> None:
    """Give MiniStack's Organizations the operations that it doesn't have, and accounts a state."""
    organizations._DISPATCH.update(_OPERATIONS)
    organizations._public_account = _shown


def _shown(account: dict[str, Any]) -> dict[str, Any]:
    """An account has a `State`; its `Status` is retired since September 9, 2026 (API reference,
    Account), and MiniStack knows nothing else."""
    kept = {k: v for k, v in account.items() if k != "Status" and not k.startswith("_")}
    return {**kept, "State": account["Status"]}


def _answer(**said: Any) -> Answer:
    kind = {"Content-Type": "application/x-amz-json-1.1"}
    return 200, kind, json.dumps(said).encode()


def _refused(code: str, message: str) -> Answer:
    answer: Answer = error_response_json(code, message, 400)
    return answer


def _enable(payload: dict[str, Any]) -> Answer:
    organizations._ensure_org()
    _trusted.setdefault(get_account_id(), {})[payload["ServicePrincipal"]] = time.time()
    return _answer()


def _disable(payload: dict[str, Any]) -> Answer:
    _trusted.get(get_account_id(), {}).pop(payload["ServicePrincipal"], None)
    return _answer()


def _list_trusted(_payload: dict[str, Any]) -> Answer:
    found = _trusted.get(get_account_id(), {})
    return _answer(
        EnabledServicePrincipals=[
            {"ServicePrincipal": name, "DateEnabled": since} for name, since in found.items()
        ]
    )


def _register(payload: dict[str, Any]) -> Answer:
    management, account = get_account_id(), str(payload["AccountId"])
    service = str(payload["ServicePrincipal"])
    if account == management or account not in organizations._accounts:
        return _refused(
            "AccountNotFoundException",
            f"You can't register {account}: it is no member account of your organization.",
        )
    if service not in trusted(management):
        return _refused("ConstraintViolationException", f"{service} has no trusted access.")
    if service in delegated(management, account):
        return _refused("AccountAlreadyRegisteredException", f"{account} is registered already.")
    if len([each for each in _of(management) if service in each[1]]) >= MOST:
        return _refused("ConstraintViolationException", f"{service} has {MOST} administrators.")
    _delegated.setdefault((management, account), {})[service] = time.time()
    return _answer()


def _deregister(payload: dict[str, Any]) -> Answer:
    management, account = get_account_id(), str(payload["AccountId"])
    if payload["ServicePrincipal"] not in delegated(management, account):
        return _refused("AccountNotRegisteredException", f"{account} is not registered.")
    del _delegated[management, account][payload["ServicePrincipal"]]
    return _answer()


def _of(management: str) -> list[tuple[str, dict[str, float]]]:
    return [
        (account, services)
        for (master, account), services in _delegated.items()
        if master == management and services
    ]


def _list_administrators(payload: dict[str, Any]) -> Answer:
    service = payload.get("ServicePrincipal")
    return _answer(
        DelegatedAdministrators=[
            {
                **_shown(organizations._accounts[account]),
                # Of an administrator nothing has been retired (API reference).
                "Status": organizations._accounts[account]["Status"],
                "DelegationEnabledDate": min(services.values()),
            }
            for account, services in _of(get_account_id())
            if service is None or service in services
        ]
    )


def _list_services(payload: dict[str, Any]) -> Answer:
    found = _delegated.get((get_account_id(), str(payload["AccountId"])), {})
    return _answer(
        DelegatedServices=[
            {"ServicePrincipal": name, "DelegationEnabledDate": since}
            for name, since in found.items()
        ]
    )


def _list_children(payload: dict[str, Any]) -> Answer:
    parent, kind = payload.get("ParentId"), payload.get("ChildType")
    store = organizations._accounts if kind == "ACCOUNT" else organizations._ous
    children = [name for name, each in store.items() if each.get("_ParentId") == parent]
    return _answer(Children=[{"Id": name, "Type": kind} for name in children])


_OPERATIONS: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "EnableAWSServiceAccess": _enable,
    "DisableAWSServiceAccess": _disable,
    "ListAWSServiceAccessForOrganization": _list_trusted,
    "RegisterDelegatedAdministrator": _register,
    "DeregisterDelegatedAdministrator": _deregister,
    "ListDelegatedAdministrators": _list_administrators,
    "ListDelegatedServicesForAccount": _list_services,
    "ListChildren": _list_children,
}
