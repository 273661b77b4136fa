"""Which fleet a spoke belongs to: what the stack puts beside its policy, `spoke.json`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Belongs:
    """The hub, and the spoke's place in its fleet.

    `target`: whose StackSet it comes from, "" for a stack that people deploy. `approvers`: who may
    be named as the person who answers; () for whoever the hub's IAM lets ask.
    """

    organization: str
    hub_account: str
    hub_region: str
    target: str = ""
    approvers: tuple[str, ...] = ()
