"""An organization for stories: units, accounts and a delegated administrator, in one call."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

#: The service that administers StackSets, as Organizations knows it.
STACK_SETS = "member.org.stacksets.cloudformation.amazonaws.com"


class Lab(Protocol):
    """What it takes of `lab.client.Lab`."""

    def client(self, service: str, account: str | None = None) -> Any:
        """A client of an account's."""

    def join(self, account: str, management: str | None) -> None:
        """Have an account join an organization."""


def new_account() -> str:
    """The number of an account that nobody has."""
    return str(uuid.uuid4().int)[:12]


@dataclass(frozen=True)
class Organization:
    """An organization in a lab: `units` by name, ids with `root` for the root itself.

    `administrator`: the account that StackSets are delegated to, "" for none.
    """

    id: str
    management: str
    administrator: str
    units: Mapping[str, str]
    client: Any

    def move(self, account: str, unit: str) -> None:
        """Move an account into a unit (its name), as MoveAccount does."""
        source = self.client.list_parents(ChildId=account)["Parents"][0]["Id"]
        self.client.move_account(
            AccountId=account, SourceParentId=source, DestinationParentId=self.units[unit]
        )

    def suspend(self, account: str) -> None:
        """Close an account: it is suspended from then on."""
        self.client.close_account(AccountId=account)

    def add(self, unit: str) -> str:
        """Create an account and move it into a unit, as people do; return its number."""
        made = self.client.create_account(Email=f"{uuid.uuid4()}@example.com", AccountName="new")
        account = str(made["CreateAccountStatus"]["AccountId"])
        self.move(account, unit)
        return account


def organize(
    lab: Lab,
    units: Mapping[str, Sequence[str]],
    management: str | None = None,
    administrator: str = "",
) -> Organization:
    """Make an organization. `units`: each unit's accounts, by its name; `a/b` is unit b inside a.

    The administrator joins the root if no unit has it, and gets the StackSets.
    """
    master = management or new_account()
    client = lab.client("organizations", master)
    made = client.describe_organization()["Organization"]
    known = {"root": str(client.list_roots()["Roots"][0]["Id"])}
    inside = [account for accounts in units.values() for account in accounts]
    outside = [administrator] if administrator and administrator not in inside else []
    for account in (*inside, *outside):
        lab.join(account, master)
    found = Organization(str(made["Id"]), master, administrator, known, client)
    for name, accounts in units.items():
        _add_unit(client, known, name)
        for account in accounts:
            found.move(account, name)
    if administrator:
        client.enable_aws_service_access(ServicePrincipal=STACK_SETS)
        client.register_delegated_administrator(
            AccountId=administrator, ServicePrincipal=STACK_SETS
        )
    return found


def _add_unit(client: Any, known: dict[str, str], name: str) -> None:
    """Create a unit, and those above it that aren't there."""
    if name in known:
        return
    above, _, own = name.rpartition("/")
    if above:
        _add_unit(client, known, above)
    parent = known[above or "root"]
    made = client.create_organizational_unit(ParentId=parent, Name=own)
    known[name] = str(made["OrganizationalUnit"]["Id"])
