"""What is said when a finding on interface endpoints is over."""

from __future__ import annotations

from collections.abc import Mapping

from autopilot.notify.finding import Kind

INTERFACES_OVER: Mapping[Kind, tuple[str, str, str]] = {
    "InterfaceNotPossible": (
        "Interface endpoints that were not possible are settled",
        "They were made, or no profile wants them any more.",
        "made, or not wanted",
    ),
    "ServedByOthers": (
        "Interface endpoints are no longer left to others",
        "Theirs are gone, or no profile wants one any more.",
        "no longer left to others",
    ),
    "PrivateDnsOff": (
        "Private DNS is as wanted",
        "It is on, or no longer wanted.",
        "as wanted",
    ),
    "InterfaceUnwanted": (
        "Interface endpoints that no profile wanted are settled",
        "They were deleted, or a profile wants them again.",
        "deleted, or wanted again",
    ),
    "InterfaceEndpointFailed": (
        "Interface endpoints that didn't serve are settled",
        "They were deleted, or they serve.",
        "deleted, or serving",
    ),
    "InterfaceChangeFailed": (
        "Changes of interface endpoints that had failed are no longer open",
        "They were made since, or nobody wants them any more.",
        "no longer open",
    ),
    "PlannedInterfaceChange": (
        "Planned changes of interface endpoints are no longer open",
        "They were made, or nobody wants them any more.",
        "no longer open",
    ),
    "ParameterNotOurs": (
        "Parameters of others are no longer in the way",
        "They were deleted, or the endpoint is gone.",
        "no longer in the way",
    ),
    "InterfaceQuotaNear": (
        "The quota of interface endpoints has room again",
        "There are fewer in the VPC, or the quota was raised.",
        "room again",
    ),
    "InterfaceQuotaReached": (
        "The quota of interface endpoints is no longer in the way",
        "There are fewer in the VPC, or the quota was raised.",
        "room again",
    ),
}
"""By kind: the headline, why, and a line for each subject."""
