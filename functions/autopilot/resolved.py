"""How ops are told that something is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autopilot.interfaces.words_over import INTERFACES_OVER
from autopilot.notify.finding import Finding, Kind
from autopilot.notify.notice import Notice, Step, Subject
from autopilot.notify.phrases import listed, title, where

_OVER: Mapping[Kind, tuple[str, str, str]] = {
    "RouteTableBusy": (
        "Busy route tables no longer wait",
        "They have their routes, are no longer busy, or no longer want any.",
        "no longer waiting",
    ),
    "RouteTakenAway": (
        "Routes that were taken away again and again are no longer missing",
        "Somebody gave them back, or nobody wants them any more: the automation keeps them again.",
        "no longer missing",
    ),
    "QuotaNear": (
        "The quota of gateway endpoints has room again",
        "There are fewer gateway endpoints, or the quota was raised.",
        "room again",
    ),
    "QuotaReached": (
        "The quota of gateway endpoints is no longer in the way",
        "There are fewer gateway endpoints, or the quota was raised.",
        "room again",
    ),
    "PlannedChange": (
        "Planned changes are no longer open",
        "They were made, or nobody wants them any more.",
        "no longer open",
    ),
    "EndpointFailed": (
        "Failed gateway endpoints are gone",
        "They were deleted, or AWS has brought them up.",
        "no longer failed",
    ),
    "ForeignEndpointPolicy": (
        "Others' gateway endpoints no longer differ from the endpoint policy",
        "They are gone, bear it now, or none is named any more.",
        "no longer differs",
    ),
    "ChangeFailed": (
        "Changes that had failed are no longer open",
        "They were made since, or nobody wants them any more.",
        "no longer open",
    ),
    "WorkflowFailed": (
        "The workflow runs again",
        "An execution went through.",
        "passed",
    ),
    "EventsNotArriving": (
        "Events arrive again",
        "A sweep found nothing left to do.",
        "found nothing left to do",
    ),
    "ConnectionHeld": (
        "Held connection requests no longer wait",
        "The policy decides them now, or the consumer took them back.",
        "no longer waiting",
    ),
    "ConnectionNotAllowed": (
        "Connections that nothing allowed are settled",
        "They are allowed now, or gone.",
        "allowed now, or gone",
    ),
    "PlannedAnswer": (
        "Planned answers are no longer open",
        "They were given, or nothing asks for them any more.",
        "no longer open",
    ),
    "AnswerFailed": (
        "Answers that had failed are no longer open",
        "They were given since, or nothing asks for them any more.",
        "no longer open",
    ),
    "NotificationsNotRegistered": (
        "Notifications are registered again",
        "The automation's topic is registered on the service, or the service is gone.",
        "registered",
    ),
    "NotificationsNotArriving": (
        "Notifications arrive again",
        "A sweep found no request left to answer.",
        "found no request left to answer",
    ),
    "ServiceUnwanted": (
        "Services that nothing asked for are settled",
        "They are gone, or their load balancers are to be published again.",
        "gone, or wanted again",
    ),
    "AlreadyPublished": (
        "Load balancers that others had published are settled",
        "They have a service of the automation now, or are not to be published any more.",
        "no longer in the way",
    ),
    "PrivateNameNotVerified": (
        "Private DNS names no longer wait for their record",
        "AWS has verified them, or the service goes by another name, or is gone.",
        "verified, or gone",
    ),
    "PlannedServiceChange": (
        "Planned changes of endpoint services are no longer open",
        "They were made, or nobody wants them any more.",
        "no longer open",
    ),
    "ServiceChangeFailed": (
        "Changes of endpoint services that had failed are no longer open",
        "They were made since, or nobody wants them any more.",
        "no longer open",
    ),
    "ServiceEventsNotArriving": (
        "Events of load balancers and services arrive again",
        "A sweep found nothing left to do.",
        "found nothing left to do",
    ),
    "RetirementPlanned": (
        "Nothing of ours is left to remove",
        "A look found nothing that bears our tag.",
        "gone",
    ),
    "RetirementFailed": (
        "Removals that had failed are no longer open",
        "The things are gone.",
        "gone",
    ),
    "StillConnected": (
        "Endpoint services that stayed for their connections are settled",
        "Nobody is connected any more, or they are gone.",
        "no longer connected, or gone",
    ),
    "ZonesMisaligned": (
        "Zones meet again",
        "The endpoints and their services are in the same zones, or the connection is gone.",
        "meets, or gone",
    ),
    **INTERFACES_OVER,
}


def resolved(kind: Kind, findings: Sequence[Finding]) -> Notice:
    """Findings of one kind that are gone."""
    headline, why, line = _OVER[kind]
    subjects = [finding.subject for finding in findings]
    of_some = all(subject.startswith(("vpc-", "vpce-svc-")) for subject in subjects)
    spot = f" ({where(subjects) if of_some else listed(subjects, 2)})"
    return Notice(
        kind=kind,
        change="resolved",
        severity="info",
        title=title(f"Resolved: {headline[0].lower()}{headline[1:]}{spot}"),
        what=(f"{headline}.", "What you were told of this before is settled."),
        why=(why,),
        subjects=tuple(Subject(f.subject, _was(f, line), dict(f.data)) for f in findings),
        steps=(Step("Nothing has to be done."),),
    )


def _was(finding: Finding, line: str) -> str:
    error = finding.data.get("error")
    return f"{line} (was {error})" if error else line
