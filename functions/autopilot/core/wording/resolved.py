"""How ops are told that something is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autopilot.core.finding import Finding, Kind
from autopilot.core.notice import Notice, Step, Subject
from autopilot.core.wording.phrases import counted, title, where

_OVER: Mapping[Kind, tuple[str, str]] = {
    "RouteTableBusy": (
        "Busy route tables no longer wait",
        "They have their routes, are no longer busy, or no longer want any.",
    ),
    "QuotaNear": (
        "The quota of gateway endpoints has room again",
        "There are fewer gateway endpoints, or the quota was raised.",
    ),
    "QuotaReached": (
        "The quota of gateway endpoints is no longer in the way",
        "There are fewer gateway endpoints, or the quota was raised.",
    ),
    "PlannedChange": (
        "Planned changes are no longer open",
        "They were made, or nobody wants them any more.",
    ),
    "EndpointFailed": (
        "Failed gateway endpoints are gone",
        "They were deleted, or AWS has brought them up.",
    ),
    "ChangeFailed": (
        "Changes that had failed are no longer open",
        "They were made since, or nobody wants them any more.",
    ),
    "WorkflowFailed": ("The workflow runs again", "An execution went through."),
    "EventsNotArriving": ("Events arrive again", "A sweep found nothing left to do."),
}


def resolved(kind: Kind, findings: Sequence[Finding]) -> Notice:
    """Findings of one kind that are gone."""
    headline, why = _OVER[kind]
    subjects = [finding.subject for finding in findings]
    spot = where(subjects) if all(s.startswith("vpc-") for s in subjects) else ", ".join(subjects)
    return Notice(
        kind=kind,
        change="resolved",
        severity="info",
        title=title(f"Resolved: {headline[0].lower()}{headline[1:]} ({spot})"),
        what=(f"{headline}.", f"That settles what you were told before of"
                              f" {counted(len(findings), 'subject')}."),
        why=(why,),
        subjects=tuple(Subject(f.subject, _was(f), dict(f.data)) for f in findings),
        steps=(Step("Nothing has to be done."),),
    )


def _was(finding: Finding) -> str:
    error = finding.data.get("error")
    return f"was {error}" if error else "over"
