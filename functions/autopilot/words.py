"""The sentences that ops read, a notice for each kind of news."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from autopilot.connections.words_answers import answer_failed, planned_answers
from autopilot.connections.words_held import held, not_allowed
from autopilot.connections.words_notifications import not_registered, notifications_not_arriving
from autopilot.connections.words_zones import advice, misaligned
from autopilot.done import did
from autopilot.gateway.words_changes import busy, made, planned, taken_away
from autopilot.gateway.words_failures import endpoint_failed, failed
from autopilot.gateway.words_foreign import foreign_policy
from autopilot.gateway.words_quota import near, reached
from autopilot.interfaces.words_findings import INTERFACE_WORDS
from autopilot.notify.finding import Finding, Kind
from autopilot.notify.notice import Change, Notice, Place
from autopilot.notify.phrases import title
from autopilot.notify.workflow_words import (
    events_not_arriving,
    service_events_not_arriving,
    workflow_failed,
)
from autopilot.resolved import resolved
from autopilot.services.words_findings import (
    already_published,
    not_verified,
    planned_changes,
    service_failed,
    unwanted,
)
from autopilot.uninstall.words import retirement_failed, retirement_planned, still_connected
from autopilot.withdraw.words import (
    route_contested,
    still_serving,
    withdrawal_failed,
    withdrawal_planned,
)

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
