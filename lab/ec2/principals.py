"""Principals in a service's permission list: their forms, and whom they let in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .call import Caller
from .errors import AwsError
from .outside import Directory

#: PrincipalType by the form of a principal. Organizations have no type of their own in the model;
#: the lab shows them as OrganizationUnit (believed).
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\*"), "All"),
    (re.compile(r"\d{12}"), "Account"),
    (re.compile(r"arn:aws[a-z-]*:iam::\d{12}:root"), "Account"),
    (re.compile(r"arn:aws[a-z-]*:iam::\d{12}:user/[\w+=,.@-]+"), "User"),
    (re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@-]+"), "Role"),
    (
        re.compile(r"arn:aws[a-z-]*:organizations::\d{12}:organization/o-[a-z0-9]{10,32}"),
        "OrganizationUnit",
    ),
    (
        re.compile(
            r"arn:aws[a-z-]*:organizations::\d{12}:ou/o-[a-z0-9]{10,32}"
            r"/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}"
        ),
        "OrganizationUnit",
    ),
    (re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?"), "Service"),
)


@dataclass(frozen=True)
class Principal:
    """A principal as a permission keeps it; `kind` is the API's PrincipalType."""

    text: str
    kind: str


def parse(text: str, partition: str) -> Principal:
    """The principal, an account's bare id written out as its root.

    Raises:
        AwsError: InvalidPrincipal (wording: terraform-provider-aws #16657); ARNs with a path are
            refused too (API reference, ModifyVpcEndpointServicePermissions).
    """
    for form, kind in _FORMS:
        if form.fullmatch(text):
            bare = text.isdigit()
            return Principal(f"arn:{partition}:iam::{text}:root" if bare else text, kind)
    raise invalid_principal(text)


def invalid_principal(text: str) -> AwsError:
    """The error for a principal that no list takes."""
    return AwsError("InvalidPrincipal", f"Invalid Principal: '{text}'")


def admits(principal: str, kind: str, caller: Caller, directory: Directory) -> bool:
    """Whether a principal of a permission list stands for a caller."""
    return _MATCHES[kind](principal, caller, directory)


def _account(principal: str, caller: Caller, _: Directory) -> bool:
    return principal.split(":")[4] == caller.account


def _identity(principal: str, caller: Caller, _: Directory) -> bool:
    """A user is named by its ARN; a role also stands for its sessions."""
    account, name = principal.split(":")[4], principal.partition("role/")[2]
    if principal == caller.arn:
        return True
    session = f":sts::{account}:assumed-role/{name}/"
    return bool(name) and session in caller.arn


def _organization(principal: str, caller: Caller, directory: Directory) -> bool:
    place = directory.membership(caller.account)
    if place is None:
        return False
    organization, _, unit = principal.split(":", 5)[5].partition("/")[2].partition("/")
    return organization == place.organization and (not unit or unit in place.units)


_MATCHES: dict[str, Callable[[str, Caller, Directory], bool]] = {
    "All": lambda *_: True,
    "Account": _account,
    "User": _identity,
    "Role": _identity,
    "OrganizationUnit": _organization,
    "Service": lambda *_: False,
}
