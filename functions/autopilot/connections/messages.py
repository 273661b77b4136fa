"""What ops are told of connections: each kind of finding and of completed change, once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from autopilot.connections.report import ConnectionReport, HoldReport, answered
from autopilot.notify.bus import ChangeDefinition
from autopilot.notify.finding import Ending, Finding, FindingDefinition, Present, defined
from autopilot.notify.notice import later

_ANSWERS = partial(later, "autopilot.connections.messages_answers")
_HOLDS = partial(later, "autopilot.connections.messages_holds")
_NOTIFICATIONS = partial(later, "autopilot.connections.messages_notifications")
_ZONES = partial(later, "autopilot.connections.messages_zones")

_CONNECTION = "service_id, service_name, endpoint_id, owner"


def _settled(report: ConnectionReport | HoldReport, finding: Finding, _present: Present) -> bool:
    """Whether its service was looked at."""
    if isinstance(report, HoldReport) or report.plan is None:
        return False
    return report.plan.looked_at == "all" or finding.service_id in report.plan.looked_at


def _hold_over(report: ConnectionReport | HoldReport, finding: Finding, present: Present) -> bool:
    """Whether nobody waits any more; who ends a hold is told at the end of its own workflow."""
    if isinstance(report, HoldReport):
        # A hold may also end because another one took its place; then that one's request waits on.
        replaced = report.answer is not None and report.answer.answered == "policy"
        ours = not replaced or finding.data.get("hold") == report.hold.name
        return finding.subject == report.subject and ours
    closed = report.plan.close_holds if report.plan else ()
    ending = {f"{each.service_id}/{each.endpoint_id}" for each in closed}
    return _settled(report, finding, present) and finding.subject not in ending


def _answer_over(report: ConnectionReport | HoldReport, finding: Finding, present: Present) -> bool:
    """Whether it was answered, or needs no answer any more: not merely put off."""
    done = {each.subject for each in answered(report.outcomes)}
    if isinstance(report, HoldReport):
        return finding.subject == report.subject and bool(done)
    if report.plan is None or not _settled(report, finding, present):
        return False
    return not report.plan.more or finding.subject in done


def _registered(report: ConnectionReport | HoldReport, finding: Finding, _present: Present) -> bool:
    """Whether it was registered now, or a look at all of them saw that it is (or it is gone)."""
    if isinstance(report, HoldReport):
        return False
    id_ = finding.subject
    if any(each.service_id == id_ and each.result == "done" for each in report.registered):
        return True
    wanted = {each.service_id for each in report.plan.register} if report.plan else set()
    return report.looked_at_all and id_ not in wanted


def _aligned(report: ConnectionReport | HoldReport, finding: Finding, _present: Present) -> bool:
    """Whether its zones were compared anew, or a look at everything shows no such connection."""
    if isinstance(report, HoldReport):
        return False
    if report.zones and finding.subject in report.zones.looked_at:
        return True
    plan = report.plan
    if plan is None or plan.looked_at != "all" or plan.left.get("zones of too many at once"):
        return False
    there = {f"{check.service_id}/{e.endpoint_id}" for check in plan.zones for e in check.endpoints}
    return finding.subject not in there


_BY = ("by", "connections")
_ANSWER = (_ANSWERS("answers"), _ANSWERS("answer_events"))
ACCEPTED = ChangeDefinition("ConnectionAccepted", *_ANSWER, ("Endpoint Connection Accepted",), *_BY)
REJECTED = ChangeDefinition("ConnectionRejected", *_ANSWER, ("Endpoint Connection Rejected",), *_BY)
CUT = ChangeDefinition("ConnectionCut", *_ANSWER, ("Endpoint Connection Cut",), *_BY)
HOLD_ANSWERED = ChangeDefinition(
    "HoldAnswered",
    _HOLDS("hold_answered"),
    _HOLDS("hold_end_events"),
    ("Endpoint Connection Accepted", "Endpoint Connection Rejected"),
    "by",
)
BY_VERDICT = {"accept": ACCEPTED, "reject": REJECTED, "cut": CUT}
HELD = FindingDefinition(
    kind="ConnectionHeld",
    severity="action",
    subject="endpoint service/endpoint",
    data=f"{_CONNECTION}, reason, created; hold: the execution's name; expires: ISO 8601",
    reads=_HOLDS("held"),
    is_over=_hold_over,
    ending=Ending(
        "Held connection requests no longer wait",
        "The policy decides them now, or the consumer took them back.",
        "no longer waiting",
    ),
)
NOT_ALLOWED = FindingDefinition(
    kind="ConnectionNotAllowed",
    severity="action",
    subject="endpoint service/endpoint",
    data=f'{_CONNECTION}, reason, rule; accepted_by: "autopilot", a principal\'s ARN, or "" if'
    " nobody remembers. Where a person accepted it, it is for information.",
    reads=_HOLDS("not_allowed"),
    news=("accepted_by",),
    is_over=_settled,
    ending=Ending(
        "Connections that nothing allowed are settled",
        "They are allowed now, or gone.",
        "allowed now, or gone",
    ),
)
PLANNED_ANSWER = FindingDefinition(
    kind="PlannedAnswer",
    severity="info",
    subject="endpoint service/endpoint",
    data=f"{_CONNECTION}, reason, rule; action: accept, reject, cut or hold",
    reads=_ANSWERS("planned_answers"),
    news=("action",),
    is_over=_settled,
    ending=Ending(
        "Planned answers are no longer open",
        "They were given, or nothing asks for them any more.",
        "no longer open",
    ),
)
ANSWER_FAILED = FindingDefinition(
    kind="AnswerFailed",
    severity="failure",
    subject="endpoint service/endpoint",
    data=f"{_CONNECTION}, error, message, reason; action: accept, reject or cut",
    reads=_ANSWERS("answer_failed"),
    news=("error", "action"),
    by_error=True,
    is_over=_answer_over,
    ending=Ending(
        "Answers that had failed are no longer open",
        "They were given since, or nothing asks for them any more.",
        "no longer open",
    ),
)
NOT_REGISTERED = FindingDefinition(
    kind="NotificationsNotRegistered",
    severity="failure",
    subject="endpoint service",
    data="error, message",
    reads=_NOTIFICATIONS("not_registered"),
    news=("error",),
    by_error=True,
    is_over=_registered,
    ending=Ending(
        "Notifications are registered again",
        "The automation's topic is registered on the service, or the service is gone.",
        "registered",
    ),
)
NOT_ARRIVING = FindingDefinition(
    kind="NotificationsNotArriving",
    severity="action",
    subject='"sweep"',
    data="found_by_sweep, sweeps_in_a_row",
    reads=_NOTIFICATIONS("notifications_not_arriving"),
    ending=Ending(
        "Notifications arrive again",
        "A sweep found no request left to answer.",
        "found no request left to answer",
    ),
)
ZONES_MISALIGNED = FindingDefinition(
    kind="ZonesMisaligned",
    severity="action",
    subject="endpoint service/endpoint",
    data=f"{_CONNECTION}, status, shared, lost, would_serve, never",
    reads=_ZONES("misaligned"),
    news=("status", "lost", "would_serve", "never"),
    is_over=_aligned,
    ending=Ending(
        "Zones meet again",
        "The endpoints and their services are in the same zones, or the connection is gone.",
        "meets, or gone",
    ),
)
ZONE_ADVICE = FindingDefinition(
    kind="ZoneAdvice",
    severity="info",
    subject="VPC/service name",
    data="vpc_id, service_name, by, error, at; zone_ids: of the service; refused: subnet ids;"
    ' would_serve and never: zone to subnet ids; why: "", or why no advice could be worked out',
    reads=_ZONES("advice"),
    news=("refused", "would_serve"),
    lasts=timedelta(days=1),
)
FINDINGS = defined(globals())
CHANGES = (ACCEPTED, REJECTED, CUT, HOLD_ANSWERED)
