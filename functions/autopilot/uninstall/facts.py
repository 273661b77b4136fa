"""Everything that bears the stack's tag."""

from __future__ import annotations

from dataclasses import dataclass

from autopilot.reconcile.attached import AttachedEndpoint, Group


@dataclass(frozen=True)
class Service:
    """An endpoint service. `connections`: the endpoints that it serves or that wait for it."""

    id: str
    connections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estate:
    """All of ours in the Region. `parameters`: names of SSM parameters."""

    endpoints: tuple[AttachedEndpoint, ...] = ()
    groups: tuple[Group, ...] = ()
    services: tuple[Service, ...] = ()
    parameters: tuple[str, ...] = ()
