"""Which StackSets there are, by management account and Region."""

from __future__ import annotations

from collections.abc import Iterator

from lab.stacksets.model import LOCK, Operation, StackSet, StackSetError

_sets: list[StackSet] = []


def add(stack_set: StackSet) -> None:
    """Keep a new one. Raises StackSetError if its name is taken."""
    with LOCK:
        if _active(stack_set.management, stack_set.region, stack_set.name) is not None:
            raise StackSetError(
                "NameAlreadyExistsException", f"StackSet {stack_set.name} already exists"
            )
        _sets.append(stack_set)


def find(management: str, region: str, name: str) -> StackSet:
    """The StackSet of this name or id (`name:uuid`). Raises StackSetError."""
    found = _active(management, region, name)
    if found is None:
        raise StackSetError("StackSetNotFoundException", f"StackSet {name} not found")
    return found


def _active(management: str, region: str, name: str) -> StackSet | None:
    return next(
        (
            each
            for each in of(management)
            if each.region == region and name in (each.name, each.id) and not each.deleted
        ),
        None,
    )


def of(management: str) -> Iterator[StackSet]:
    """Every StackSet of an organization, deleted ones too."""
    with LOCK:
        yield from [each for each in _sets if each.management == management]


def operation(stack_set: StackSet, name: str) -> Operation:
    """The operation of this id. Raises StackSetError."""
    for each in stack_set.operations:
        if each.id == name:
            return each
    raise StackSetError("OperationNotFoundException", f"Operation {name} not found")
