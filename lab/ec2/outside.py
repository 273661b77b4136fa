"""What the lab's EC2 asks of other services: who is in which organization, and to publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Membership:
    """An account's place: its organization, and the units above it, the outermost first."""

    organization: str
    units: tuple[str, ...] = ()


@dataclass(frozen=True)
class Carrier:
    """What carries traffic: whose it is, and where.

    `dimensions` of an endpoint's metrics; () of a NAT gateway.
    """

    account: str
    region: str
    dimensions: tuple[tuple[str, str], ...] = ()
    subnet_ids: tuple[str, ...] = ()


class Directory(Protocol):
    """Knows the organizations (AWS Organizations)."""

    def membership(self, account: str) -> Membership | None:
        """The account's place, or None if it is in no organization."""


class Notifier(Protocol):
    """Publishes to topics on PrivateLink's behalf, if the topic's policy lets it (Amazon SNS)."""

    def publish(
        self, topic_arn: str, subject: str, message: str, source_arn: str, source_account: str
    ) -> None:
        """Sends a message; `source_*` are the service or endpoint that it is about."""
