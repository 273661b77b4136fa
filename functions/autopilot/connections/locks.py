"""The two locks: whom a service's permission list admits, and whom a rule names.

Each answer is True, False, or None where nobody can tell. None opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import assert_never

from autopilot.connections.facts import Organization, Permission, Service
from autopilot.policy.model import Rule, ServiceFilter
from autopilot.policy.tags import has_all

_EVERYBODY = "*"
# "arn:aws:iam::222222222222:root", ":user/x", ":role/y": only the account is known of an endpoint.
_IN_ACCOUNT = re.compile(r"arn:[a-z-]+:(?:iam|sts)::(\d{12}):\S+|(\d{12})")
_WHOLE_ACCOUNT = re.compile(r"arn:[a-z-]+:iam::\d{12}:root|\d{12}")
# "arn:aws:organizations::111111111111:ou/o-a1b2c3d4e5/ou-ab12-11111111", ":organization/o-…".
_UNIT = re.compile(r"\b(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$")
_ORGANIZATION = re.compile(r"\b(o-[0-9a-z]{10,32})$")


def any_known(answers: Iterable[bool | None]) -> bool | None:
    """Whether one of them holds: True beats unknown, unknown beats False."""
    unknown = False
    for answer in answers:
        if answer:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


def all_known(one: bool | None, other: bool | None) -> bool | None:
    """Whether both hold: False beats unknown, unknown beats True."""
    if one is False or other is False:
        return False
    return True if one and other else None


def is_permitted(
    permissions: Iterable[Permission] | None, owner: str, account: str, organization: Organization
) -> bool | None:
    """Whether the list lets `owner` ask. `account` is ours, which needs no entry to ask.

    None for `permissions`: the list wasn't read.
    """
    if owner == account:
        return True
    if permissions is None:
        return None
    counting = [p for p in permissions if p.for_endpoints]
    if any(p.principal == _EVERYBODY for p in counting):
        return True
    return any_known(_is_of(p.principal, owner, organization) for p in counting)


def rule_matches(
    rule: Rule,
    service: Service,
    owner: str,
    permissions: Iterable[Permission] | None,
    organization: Organization,
    *,
    asking: bool,
) -> bool | None:
    """Whether `rule` names `owner`, for this service. `asking`: for a request, not what lives."""
    if rule.services is not None and not _is_about(rule.services, service):
        return False
    match rule.kind:
        case "account":
            return owner == rule.value
        case "organization" | "organizational_unit":
            return organization.holds(owner, rule.value or "")
        case "allowed_principals":
            return _listed(permissions, owner, organization, asking=asking)
        case unknown:
            assert_never(unknown)


def _listed(
    permissions: Iterable[Permission] | None,
    owner: str,
    organization: Organization,
    *,
    asking: bool,
) -> bool | None:
    """Whether an entry of the list names the owner: `*` admits everybody and names nobody.

    Beside `*` a user's or role's entry names nobody who asks: anybody in its account may be that.
    Whom it let in before the `*` came lives on (decision 0011).
    """
    if permissions is None:
        return None
    counting = [p for p in permissions if p.for_endpoints]
    if asking and any(p.principal == _EVERYBODY for p in counting):
        counting = [p for p in counting if not _is_of_one(p.principal)]
    return any_known(_is_of(p.principal, owner, organization) for p in counting)


def overshadowed(permissions: Iterable[Permission] | None, owner: str) -> bool:
    """Whether the only entry that would name the owner is a user's or role's, beside `*`."""
    counting = [p.principal for p in permissions or () if p.for_endpoints]
    return _EVERYBODY in counting and any(
        _is_of_one(principal) and _is_in_account(principal, owner) for principal in counting
    )


def _is_of_one(principal: str) -> bool:
    """Whether an entry names somebody in an account, and not all of it."""
    in_account = _IN_ACCOUNT.fullmatch(principal)
    return bool(in_account) and not _WHOLE_ACCOUNT.fullmatch(principal)


def _is_of(principal: str, owner: str, organization: Organization) -> bool | None:
    if _IN_ACCOUNT.fullmatch(principal):
        return _is_in_account(principal, owner)
    if found := _UNIT.search(principal) or _ORGANIZATION.search(principal):
        return organization.holds(owner, found.group(1))
    return False


def _is_in_account(principal: str, owner: str) -> bool:
    found = _IN_ACCOUNT.fullmatch(principal)
    return found is not None and owner in found.groups()


def _is_about(services: ServiceFilter, service: Service) -> bool:
    if services.ids:
        return service.id in services.ids
    return bool(services.tags) and has_all(service.tags, services.tags)


def asks_for_units(rules: Iterable[Rule], permissions: Iterable[Permission]) -> bool:
    """Whether any rule or entry speaks of a unit, for which an account's parents must be known."""
    return any(rule.kind == "organizational_unit" for rule in rules) or any(
        _UNIT.search(permission.principal) for permission in permissions
    )
