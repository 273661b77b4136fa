"""Everything that bears the stack's tag."""

from __future__ import annotations

from dataclasses import dataclass

from autopilot.reconcile.attached import AttachedEndpoint, Group


@dataclass(frozen=True)
class UsedService:
    """An endpoint service. `connections`: the endpoints that it serves or that wait for it."""

    id: str
    connections: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnedResources:
    """All of the stack's in the Region. `parameters`: names of SSM parameters."""

    endpoints: tuple[AttachedEndpoint, ...] = ()
    groups: tuple[Group, ...] = ()
    services: tuple[UsedService, ...] = ()
    parameters: tuple[str, ...] = ()
