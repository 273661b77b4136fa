"""The organization as StackSets see it: units, accounts, and who may administer."""

from __future__ import annotations

from collections.abc import Iterator

from ministack.services import organizations

from lab import delegation
from lab.inside import scope
from lab.scps import master_of
from lab.stacksets.model import invalid
from lab.stacksets.permissions import NO_ADMINISTRATOR

SERVICE = "member.org.stacksets.cloudformation.amazonaws.com"
_HOME = "us-east-1"


def management_of(account: str, call_as: str) -> str:
    """The management account for whose organization `account` acts. Raises StackSetError."""
    master = master_of(account)
    if call_as == "DELEGATED_ADMIN":
        if master is None or SERVICE not in delegation.delegated(master, account):
            raise invalid(NO_ADMINISTRATOR)
    elif master is not None or not _has_organization(account):
        raise invalid(
            "You must be the management account or delegated admin account of an organization "
            "before operating a SERVICE_MANAGED stack set"
        )
    management = master or account
    if SERVICE not in delegation.trusted(management):
        raise invalid("You must enable organizations access to operate a service managed stack set")
    return management


def _has_organization(account: str) -> bool:
    return organizations._orgs.get_scoped(account, None, "self") is not None


def units_of(management: str, account: str) -> list[str]:
    """The root and the units above an account, the outermost first; [] if it isn't there."""
    record = organizations._accounts.get_scoped(management, None, account)
    found: list[str] = []
    parent = record and record["_ParentId"]
    while parent:
        found.insert(0, str(parent))
        unit = organizations._ous.get_scoped(management, None, parent)
        parent = unit and unit["_ParentId"]
    return found


def exists(management: str, unit: str) -> bool:
    """Whether the organization has this unit or root."""
    stores = (organizations._ous, organizations._roots)
    return any(store.get_scoped(management, None, unit) is not None for store in stores)


def members(management: str, unit: str) -> list[str]:
    """The accounts in a unit and in the units below it; never the management account."""
    return [each for each in _accounts(management) if unit in units_of(management, each)]


def _accounts(management: str) -> Iterator[str]:
    with scope(management, _HOME):
        yield from sorted(each for each in organizations._accounts if each != management)


def is_suspended(management: str, account: str) -> bool:
    """Whether an account has been closed."""
    record = organizations._accounts.get_scoped(management, None, account)
    return record is not None and record.get("Status") != "ACTIVE"
