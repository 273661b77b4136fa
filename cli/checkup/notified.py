"""Whether PrivateLink tells the automation of requests for each of the account's services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autopilot.connections.facts import EVENTS

from cli.checkup.model import Ailment, Shell

_COMES = "Requests for connections are noticed at the next sweep only, hours later."


def ailments(
    services: Sequence[str], found: Sequence[Mapping[str, Any]], topic: str, shell: Shell
) -> Iterator[Ailment]:
    """What is wrong with the notifications of services (ConnectionNotificationSet)."""
    for service in services:
        ours = [
            each
            for each in found
            if each.get("ServiceId") == service and each["ConnectionNotificationArn"] == topic
        ]
        if any(_works(each) for each in ours):
            continue
        off = [each for each in ours if each.get("ConnectionNotificationState") == "Disabled"]
        away = [
            shell.aws(
                *("ec2", "delete-vpc-endpoint-connection-notifications"),
                connection_notification_ids=str(each["ConnectionNotificationId"]),
            )
            for each in off
        ]
        yield Ailment(
            "not-notified",
            service,
            f"PrivateLink doesn't notify the automation of {service}: {_why(ours, off)}.",
            _COMES,
            (*away, shell.autopilot("sweep", "--workflow", "connections")),
            "A look at the connections registers it anew.",
        )


def _works(each: Mapping[str, Any]) -> bool:
    told = set(EVENTS) <= set(each.get("ConnectionEvents", ()))
    return told and each.get("ConnectionNotificationState", "Enabled") == "Enabled"


def _why(ours: Sequence[Mapping[str, Any]], off: Sequence[Mapping[str, Any]]) -> str:
    if off:
        return "its notification is disabled"
    return "its notification leaves out some events" if ours else "none is registered"
