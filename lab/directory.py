"""The organizations that MiniStack keeps, for whoever decides by an account's place in them."""

from __future__ import annotations

from typing import Any

from ministack.services import organizations

from lab.ec2.outside import Membership


class Organizations:
    """Knows accounts made by CreateAccount, moved by MoveAccount, and management accounts.

    MiniStack makes an organization for any account that asks; an account that another's
    organization has is a member of that one all the same.
    """

    def membership(self, account: str) -> Membership | None:
        """Return the account's organization and the units above it; None if it is in none."""
        masters = [
            master for master, held in list(organizations._accounts._data) if held == account
        ]
        master = next((each for each in masters if each != account), account)
        organization = organizations._orgs.get_scoped(master, None, "self")
        if not masters or organization is None:
            return None
        record = organizations._accounts.get_scoped(master, None, account)
        return Membership(str(organization["Id"]), _units(master, record))


def _units(master: str, record: dict[str, Any]) -> tuple[str, ...]:
    """The units above a record, the outermost first."""
    found: list[str] = []
    parent = organizations._ous.get_scoped(master, None, record["_ParentId"])
    while parent is not None:
        found.insert(0, str(parent["Id"]))
        parent = organizations._ous.get_scoped(master, None, parent["_ParentId"])
    return tuple(found)
