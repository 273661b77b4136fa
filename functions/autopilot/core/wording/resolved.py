"""How ops are told that something is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autopilot.core.finding import Finding, Kind
from autopilot.core.notice import Notice, Step, Subject
from autopilot.core.wording.phrases import listed, title, where

_OVER: Mapping[Kind, tuple[str, str, str]] = {
    "RouteTableBusy": (
        "Busy route tables no longer wait",
        "They have their routes, are no longer busy, or no longer want any.",
        "no longer waiting",
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
}


def resolved(kind: Kind, findings: Sequence[Finding]) -> Notice:
    """Findings of one kind that are gone."""
    headline, why, line = _OVER[kind]
    subjects = [finding.subject for finding in findings]
    of_vpcs = all(subject.startswith("vpc-") for subject in subjects)
    spot = f" ({where(subjects) if of_vpcs else listed(subjects, 2)})"
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
