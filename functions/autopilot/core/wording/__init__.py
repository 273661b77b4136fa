"""The sentences that ops read, a notice for each kind of news."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from autopilot.core.finding import Finding, Kind
from autopilot.core.notice import Change, Notice, Place
from autopilot.core.wording.answers import answer_failed, planned_answers
from autopilot.core.wording.changes import busy, made, planned, taken_away
from autopilot.core.wording.deeds import did
from autopilot.core.wording.failures import endpoint_failed, failed
from autopilot.core.wording.foreign import foreign_policy
from autopilot.core.wording.held import held, not_allowed
from autopilot.core.wording.interfaces import INTERFACE_WORDS
from autopilot.core.wording.notifications import not_registered, notifications_not_arriving
from autopilot.core.wording.phrases import title
from autopilot.core.wording.quota import near, reached
from autopilot.core.wording.resolved import resolved
from autopilot.core.wording.retired import (
    retirement_failed,
    retirement_planned,
    still_connected,
)
from autopilot.core.wording.services import (
    already_published,
    not_verified,
    planned_changes,
    service_failed,
    unwanted,
)
from autopilot.core.wording.withdrawn import (
    route_contested,
    still_serving,
    withdrawal_failed,
    withdrawal_planned,
)
from autopilot.core.wording.workflow import (
    events_not_arriving,
    service_events_not_arriving,
    workflow_failed,
)
from autopilot.core.wording.zones import advice, misaligned

__all__ = ["WORDS", "about", "did", "made"]

WORDS: Mapping[Kind, Callable[[Sequence[Finding], Place], Notice]] = {
    "RouteTableBusy": busy,
    "RouteTakenAway": taken_away,
    "QuotaNear": near,
    "QuotaReached": reached,
    "PlannedChange": planned,
    "EndpointFailed": endpoint_failed,
    "ForeignEndpointPolicy": foreign_policy,
    "ChangeFailed": failed,
    "WorkflowFailed": workflow_failed,
    "EventsNotArriving": events_not_arriving,
    "ConnectionHeld": held,
    "ConnectionNotAllowed": not_allowed,
    "PlannedAnswer": planned_answers,
    "AnswerFailed": answer_failed,
    "NotificationsNotRegistered": not_registered,
    "NotificationsNotArriving": notifications_not_arriving,
    "ZonesMisaligned": misaligned,
    "ZoneAdvice": advice,
    "ServiceUnwanted": unwanted,
    "AlreadyPublished": already_published,
    "PrivateNameNotVerified": not_verified,
    "PlannedServiceChange": planned_changes,
    "ServiceChangeFailed": service_failed,
    "ServiceEventsNotArriving": service_events_not_arriving,
    **INTERFACE_WORDS,
    "StillServing": still_serving,
    "RouteContested": route_contested,
    "WithdrawalPlanned": withdrawal_planned,
    "WithdrawalFailed": withdrawal_failed,
    "RetirementPlanned": retirement_planned,
    "RetirementFailed": retirement_failed,
    "StillConnected": still_connected,
}
"""Who words which kind. Each has its place: a test compares the keys with the kinds."""


def about(change: Change, findings: Sequence[Finding], place: Place) -> Notice:
    """The notice that `findings`, all of one kind, have come to `change`.

    Failed changes must share their error too. Raises IndexError if there are none.
    """
    kind = findings[0].kind
    if change == "resolved":
        return resolved(kind, findings)
    notice = WORDS[kind](findings, place)
    if change == "changed":
        return replace(notice, change=change, title=title(f"Changed: {notice.title}"))
    return notice
