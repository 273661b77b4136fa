"""An email of each kind about leaving."""

from __future__ import annotations

from typing import Any

from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice
from autopilot.uninstall.messages import UNINSTALLED

from tests.unit.notify.reports import about, finding, place
from tests.unit.withdraw.builders import gone, removal


def opened(*findings: Finding) -> Notice:
    return about("opened", findings, place())


PLANNED: dict[str, Any] = {
    "things": ["vpce-1", "vpce-2", "sg-1", "vpce-svc-1"],
    "counts": {"endpoint": 2, "group": 1, "service": 1},
}
UNINSTALL_EMAILS = {
    "RetirementPlanned": opened(
        finding("RetirementPlanned", "everything", "info", why="not confirmed", **PLANNED)
    ),
    "RetirementPlanned-enforce": opened(
        finding("RetirementPlanned", "everything", why="the mode is enforce", **PLANNED)
    ),
    "Retired": UNINSTALLED.done(
        (gone(removal()), gone(removal("delete service", "vpce-svc-1", vpc_id="")))
    ).notice(place()),
    "RetirementFailed": opened(
        finding(
            "RetirementFailed",
            "vpc-1/sg-1",
            "failure",
            error="InUse",
            message="ec2:DeleteSecurityGroup: DependencyViolation: resource sg-1 has a dependent"
            " object",
            action="delete group",
            thing="sg-1",
            parts=[],
            reason="everything of ours goes: a person said so",
        )
    ),
    "StillConnected": opened(
        finding("StillConnected", "vpce-svc-1", connections=["vpce-a", "vpce-b"], count=2)
    ),
}
