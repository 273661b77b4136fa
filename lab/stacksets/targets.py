"""Which accounts and Regions an operation is about."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.stacksets import organization
from lab.stacksets.model import Instance, StackSet, StackSetError, invalid


@dataclass(frozen=True)
class Targets:
    """The units, Regions and filter of a request."""

    units: Sequence[str]
    regions: Sequence[str]
    accounts: Sequence[str]
    filter: str

    @property
    def whole(self) -> bool:
        """Whether all accounts of the units are meant."""
        return self.filter == "NONE" or (self.filter == "UNION" and not self.accounts)

    def chosen(self, management: str) -> dict[str, str]:
        """The accounts, each with its unit; the management account never is one."""
        inside = {
            account: unit
            for unit in self.units
            for account in organization.members(management, unit)
        }
        if self.filter == "INTERSECTION":
            return {each: unit for each, unit in inside.items() if each in self.accounts}
        if self.filter == "DIFFERENCE":
            return {each: unit for each, unit in inside.items() if each not in self.accounts}
        return inside


def in_request(management: str, request: Mapping[str, Any], needed: bool = True) -> Targets | None:
    """The targets of a request; None if it has none and needs none. Raises StackSetError."""
    if request.get("Accounts"):
        raise invalid("StackSets with service-managed permissions take OrganizationalUnitIds")
    said = request.get("DeploymentTargets") or {}
    units = tuple(said.get("OrganizationalUnitIds") or ())
    if not units and not needed:
        return None
    _check_units(management, units)
    accounts, how = tuple(said.get("Accounts") or ()), said.get("AccountFilterType")
    if accounts and how not in ("INTERSECTION", "DIFFERENCE"):
        raise invalid("The lab knows accounts with INTERSECTION and DIFFERENCE only")
    return Targets(units, tuple(request.get("Regions") or ()), accounts, how or "NONE")


def _check_units(management: str, units: Sequence[str]) -> None:
    if not units:
        raise invalid("OrganizationalUnitIds are required")
    for unit in units:
        if not organization.exists(management, unit):
            raise invalid(f"OrganizationalUnit {unit} not found")


def to_create(stack_set: StackSet, targets: Targets) -> Iterator[Instance]:
    """The instances that there shall be: those that are, and new ones."""
    for region in targets.regions:
        for account, unit in targets.chosen(stack_set.management).items():
            yield made(stack_set, account, region, unit)


def made(stack_set: StackSet, account: str, region: str, unit: str) -> Instance:
    """The instance in an account and Region; a new one if there is none."""
    place = (account, region)
    if place not in stack_set.instances:
        name = f"StackSet-{stack_set.name}-{uuid.uuid4()}"
        stack_set.instances[place] = Instance(account, region, unit, name)
    return stack_set.instances[place]


def existing(stack_set: StackSet, targets: Targets) -> list[Instance]:
    """The instances that a request is about. Raises StackSetError if a unit was never deployed."""
    strange = [unit for unit in targets.units if unit not in _known(stack_set)]
    if strange:
        raise StackSetError(
            "StackInstanceNotFoundException", f"No stack instances of {', '.join(strange)} found"
        )
    chosen = targets.chosen(stack_set.management)
    return [
        each
        for each in stack_set.instances.values()
        if each.region in (targets.regions or (each.region,))
        and (each.account in chosen or (targets.whole and each.unit in targets.units))
    ]


def _known(stack_set: StackSet) -> set[str]:
    """Units that are targets, and those inside or above one that instances stand in."""
    known = {*stack_set.targets}
    for each in stack_set.instances.values():
        known |= {each.unit, *organization.units_of(stack_set.management, each.account)}
    return known


def remember(stack_set: StackSet, targets: Targets) -> None:
    """Automatic deployment goes by units and Regions, and knows no filter."""
    for unit in targets.units:
        known = stack_set.targets.setdefault(unit, [])
        known.extend(each for each in targets.regions if each not in known)


def forget(stack_set: StackSet, targets: Targets) -> None:
    """Units that were deleted from as a whole are no targets any more."""
    for unit in targets.units if targets.whole else ():
        left = [each for each in stack_set.targets.get(unit, ()) if each not in targets.regions]
        if left:
            stack_set.targets[unit] = left
        else:
            stack_set.targets.pop(unit, None)
