"""An email of each kind that the hub tells of its own."""

from __future__ import annotations

from typing import Any

from autopilot.fleet import messages as fleet
from autopilot.notify.finding import FindingDefinition
from autopilot.notify.notice import Notice

from tests.unit.notify.reports import place

HUB_PLACE = place()._replace(
    stack="EndpointAutopilotHub", execution="look/11112222-3333-4444-5555-666677778888"
)
FOUR = ("222222222222/eu-central-1", "222222222222/us-east-1", "333333333333/us-east-1")
WHOSE = {"name": "payments", "target": "canary", "stack_set": "EndpointAutopilot-canary"}
LAST = "2026-11-24T19:00:00.000+00:00"


def one(kind: FindingDefinition, subject: str = FOUR[0], **data: Any) -> Notice:
    return kind.notice("opened", [kind.about(subject, {**WHOSE, **data})], HUB_PLACE)


def several(kind: FindingDefinition, *data: dict[str, Any]) -> Notice:
    findings = [
        kind.about(subject, {**WHOSE, **each}) for subject, each in zip(FOUR, data, strict=True)
    ]
    return kind.notice("opened", findings, HUB_PLACE)


REASON = (
    "ResourceLogicalId:PlanNetwork, ResourceType:AWS::Lambda::Function,"
    " ResourceStatusReason:Specified ReservedConcurrentExecutions decreases account's limit."
)
FLEET_EMAILS: dict[str, Notice] = {
    "SpokeSilent": one(fleet.SILENT, last=LAST, release="4f1c2d3e4b5a"),
    "SpokeSilent-never": several(
        fleet.SILENT,
        {"last": LAST, "never": True, "name": "Zahlungen\n\u202e und \u2028mehr"},
        {"last": LAST},
        {"last": LAST},
    ),
    "SpokeFailed": several(
        fleet.FAILED,
        {"status": "OUTDATED", "detail": "FAILED", "reason": REASON},
        {"status": "OUTDATED", "detail": "FAILED", "reason": REASON},
        {"status": "OUTDATED", "detail": "CANCELLED", "reason": "Cancelled since failure"},
    ),
    "SpokeMissing": one(fleet.MISSING),
    "SpokeMissing-management": one(fleet.MISSING, manages=True),
    "SpokeDoubled": one(fleet.DOUBLED, stacks=["StackSet-1", "EndpointAutopilot"]),
    "SpokeDoubled-alone": one(
        fleet.DOUBLED,
        stacks=["EndpointAutopilot", "StackSet-1"],
        acts="EndpointAutopilot",
        alone=True,
        states={"EndpointAutopilot": "UPDATE_COMPLETE"},
        days=2,
    ),
    "StrangerSpeaks": one(
        fleet.STRANGER, why="its account is in no unit of the fleet", stack="StackSet-1"
    ),
    "SpokeLeft": several(
        fleet.LEFT,
        {"why": "its account is suspended", "last": LAST},
        {"why": "its account is suspended", "last": LAST},
        {"why": "its account has left the organization", "last": LAST},
    ),
    "SpokeSkewed": one(fleet.SKEWED, release="4f1c2d3e4b5a6978", wanted="9a8b7c6d5e4f3a2b"),
    "SpokeSpeaksNewer": one(fleet.NEWER, schema=3),
    "NewsUndelivered": one(fleet.UNDELIVERED, count=12, since=LAST),
    "HubHearsNothing": fleet.DEAF.notice(
        "opened", [fleet.DEAF.about("us-east-1", {"last": LAST, "spokes": 24})], HUB_PLACE
    ),
    "FleetUnread": fleet.UNREAD.notice(
        "opened",
        [
            fleet.UNREAD.about(
                "organizations:ListAccounts",
                {
                    "of": "the organization's accounts",
                    "message": "organizations:ListAccounts: AccessDeniedException: You don't have"
                    " permissions to access this resource.",
                },
            )
        ],
        HUB_PLACE,
    ),
}
