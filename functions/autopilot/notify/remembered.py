"""Findings as rows of the ledger, and when two findings are the same news."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from autopilot.notify.finding import Finding, Kind
from autopilot.notify.ledger import Delivery, Key, Row, delivery
from autopilot.notify.notice import Change

FINDINGS = "finding"
_LONGEST_TEXT = 1000
# What ops would act on differently. Counters, times and AWS's words change by themselves.
_ACTED_UPON: Mapping[Kind, tuple[str, ...]] = {
    "RouteTableBusy": ("route_table_ids",),
    "RouteTakenAway": ("route_table_ids",),
    "QuotaNear": ("limit",),
    "QuotaReached": ("limit", "left_undone"),
    "PlannedChange": ("action", "route_table_ids", "set_policy"),
    "EndpointFailed": ("endpoint_id",),
    "ForeignEndpointPolicy": ("endpoint_ids", "endpoint_policy"),
    "ChangeFailed": ("error", "action"),
    "WorkflowFailed": ("error",),
    "EventsNotArriving": (),
    "ConnectionHeld": (),
    "ConnectionNotAllowed": ("accepted_by",),
    "PlannedAnswer": ("action",),
    "AnswerFailed": ("error", "action"),
    "NotificationsNotRegistered": ("error",),
    "NotificationsNotArriving": (),
    "ZonesMisaligned": ("status", "lost", "would_serve", "never"),
    "ZoneAdvice": ("refused", "would_serve"),
    "ServiceUnwanted": ("retire", "reason"),
    "AlreadyPublished": ("service_id",),
    "PrivateNameNotVerified": ("private_name", "record_name", "record_value"),
    "PlannedServiceChange": (
        "action",
        "principals",
        "zones",
        "add_regions",
        "remove_regions",
        "add_balancers",
        "remove_balancers",
        "private_name",
    ),
    "ServiceChangeFailed": ("error", "action", "refused"),
    "ServiceEventsNotArriving": (),
    "InterfaceNotPossible": ("why", "zone_ids", "subnet_zone_ids"),
    "ServedByOthers": ("endpoint_ids", "other_policy"),
    "PrivateDnsOff": ("why",),
    "InterfaceUnwanted": ("retire",),
    "InterfaceEndpointFailed": ("endpoint_id",),
    "InterfaceChangeFailed": ("error", "action"),
    "PlannedInterfaceChange": ("content",),
    "ParameterNotOurs": ("names",),
    "InterfaceQuotaNear": ("limit",),
    "InterfaceQuotaReached": ("limit", "left_undone"),
    "StillServing": (),
    "RouteContested": ("parts",),
    "WithdrawalPlanned": ("action", "parts"),
    "WithdrawalFailed": ("error", "action"),
    "RetirementPlanned": ("why", "things"),
    "RetirementFailed": ("error", "action"),
    "StillConnected": (),
}
EXPIRING: Mapping[Kind, timedelta] = {
    "ZoneAdvice": timedelta(days=1),
    "StillServing": timedelta(days=1),
    "RouteContested": timedelta(days=1),
    "WithdrawalPlanned": timedelta(days=1),
    "WithdrawalFailed": timedelta(days=1),
}
"""Findings that no look can see the end of: told again if they come up after that time."""

# One error may be about several actions; each is put right by itself.
_BY_ACTION: tuple[Kind, ...] = (
    "ChangeFailed",
    "AnswerFailed",
    "NotificationsNotRegistered",
    "ServiceChangeFailed",
    "InterfaceChangeFailed",
    "WithdrawalFailed",
    "RetirementFailed",
)
_ACTION = re.compile(r"\b([a-z0-9-]+:[A-Z][A-Za-z]+)")
# "… not authorized to perform: A on … because no identity-based policy allows the B action": B is
# what lacks, where a call takes more than its own permission (aws-cdk #36216).
_LACKING = re.compile(r"allows the ([a-z0-9-]+:[A-Z][A-Za-z]+) action")
_NOT_ALLOWED = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Z][A-Za-z]+)")


@dataclass(frozen=True)
class FindingNews:
    """That a finding appeared, changed or went; `since` is the ISO time it was first seen."""

    change: Change
    finding: Finding
    since: str
    delivery: Delivery


def finding_of(row: Row) -> Finding:
    """The finding that a row holds."""
    body: Mapping[str, Any] = row.body
    return Finding(body["kind"], body["subject"], body["severity"], json.loads(body["data"]))


def telling(
    change: Change, finding: Finding, known: Row | None, *, execution: str, now: datetime
) -> FindingNews:
    """The news that `finding` has come to `change`, and the errand to tell it."""
    since = str(known.body["first_seen"]) if known else now.isoformat()
    body = {
        "kind": finding.kind,
        "subject": finding.subject,
        "severity": finding.severity,
        "data": json.dumps(dict(finding.data), sort_keys=True),
        "fingerprint": fingerprint(finding),
        "change": change,
        "first_seen": since,
    }
    unheard = Row(Key(FINDINGS, finding.id), 0, False, execution, now.isoformat(), body)
    row = lasting(unheard, now)
    forget = change == "resolved"
    return FindingNews(
        change, finding, since, delivery(row, known, execution=execution, now=now, forget=forget)
    )


def lasting(row: Row, now: datetime) -> Row:
    """The row of a finding, to last from `now` on as long as its kind does."""
    lasts = EXPIRING.get(finding_of(row).kind)
    return replace(row, expires_at=int((now + lasts).timestamp()) if lasts else None)


def has_expired(row: Row, now: datetime) -> bool:
    """Whether its time is over. DynamoDB deletes within some days of it."""
    return row.expires_at is not None and row.expires_at <= now.timestamp()


def shortened(finding: Finding) -> Finding:
    """The finding with long texts cut: AWS's words may be any length, a ledger row may not."""
    data = {
        name: value[:_LONGEST_TEXT] if isinstance(value, str) else value
        for name, value in finding.data.items()
    }
    return replace(finding, data=data)


def fingerprint(finding: Finding) -> str:
    """Equal for findings of one id that are the same news, 16 characters."""
    said = json.dumps([finding.severity, *_said(finding)], sort_keys=True)
    return sha256(said.encode()).hexdigest()[:16]


def action_in(message: str | None) -> str:
    """The API action that an error is about ("ec2:CreateVpcEndpoint"), or "".

    A call may need more than its own action (to create with tags takes ec2:CreateTags): what IAM
    says was not allowed comes before what the message begins with.
    """
    words = message or ""
    found = _LACKING.search(words) or _NOT_ALLOWED.search(words) or _ACTION.search(words)
    return found.group(1) if found else ""


def _said(finding: Finding) -> list[Any]:
    values = [finding.data.get(name) for name in _ACTED_UPON[finding.kind]]
    said = [
        sorted(map(str, value)) if isinstance(value, list | tuple) else value for value in values
    ]
    if finding.kind in _BY_ACTION:
        return [*said, action_in(finding.data.get("message"))]
    if finding.kind == "RouteTableBusy":  # the next window moves on with every day
        return [*said, bool(finding.data.get("until"))]
    return said
