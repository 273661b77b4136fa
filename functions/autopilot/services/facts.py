"""How published services stand: load balancers, services, who may ask, who is connected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from autopilot.reconcile.plan import LookedAt
from autopilot.reconcile.tags import OWNER_TAG, Tags

SERVICE_TAG = "endpoint-autopilot:service"
"""Load balancers with the same value stand for one service."""
# CloudFormation's own; nobody else can write tags that begin with "aws:" (EC2 guide, tags).
_STACK, _LOGICAL = "aws:cloudformation:stack-id", "aws:cloudformation:logical-id"


@dataclass(frozen=True)
class LoadBalancer:
    """A network load balancer; `state` as the API writes it (ELB API, LoadBalancerState).

    `zones`: the account's names of those that it stands in; `created`: an ISO instant.
    """

    arn: str
    name: str
    internal: bool = True
    state: str = "active"
    zones: tuple[str, ...] = ()
    created: str = ""
    tags: Tags = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether a service can stand behind it."""
        return self.state in ("active", "active_impaired")

    @property
    def settling(self) -> bool:
        """Whether AWS is still setting it up: some minutes for a new one."""
        return self.state == "provisioning"

    @property
    def subject(self) -> str:
        """What items and findings call it."""
        return subject_of(self.arn)

    @property
    def line(self) -> str | None:
        """What load balancers of one service have in common: the tag's value, else their place in a
        CloudFormation stack; None for one that stands alone.

        CloudFormation replaces a load balancer by making its successor first, under the same
        logical id. Never a guess: a load balancer that joins gets consumers of the service.
        """
        if self.tags.get(SERVICE_TAG):
            return f"{SERVICE_TAG}={self.tags[SERVICE_TAG]}"
        if self.tags.get(_STACK) and self.tags.get(_LOGICAL):
            return f"{self.tags[_STACK]}/{self.tags[_LOGICAL]}"
        return None


@dataclass(frozen=True)
class PrivateName:
    """A service's private DNS name, and the record that proves that the domain is the account's.

    `state` as the API writes it: pendingVerification, verified, failed.
    """

    name: str
    state: str = ""
    record_type: str = ""
    record_name: str = ""
    record_value: str = ""

    @property
    def verified(self) -> bool:
        """Whether consumers can use it."""
        return self.state.lower() == "verified"


@dataclass(frozen=True)
class EndpointService:
    """An endpoint service; `zones` are the account's names, `regions` those that it supports."""

    id: str
    name: str = ""
    balancer_arns: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    acceptance_required: bool = True
    regions: tuple[str, ...] = ()
    private_name: PrivateName | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Thing:
    """Something with tags; a load balancer's id is its ARN."""

    id: str
    tags: Tags


@dataclass(frozen=True)
class ServicesFacts:
    """What one survey saw. `looked_at`: the subjects that were in sight.

    By service, only where they can decide something: `principals`, the entries of its permission
    list about endpoints; `connected`, what holds it (pendingAcceptance, pending, available).
    """

    balancers: tuple[LoadBalancer, ...] = ()
    services: tuple[EndpointService, ...] = ()
    principals: Mapping[str, frozenset[str]] = field(default_factory=dict)
    connected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    looked_at: LookedAt = ()

    @property
    def with_tags_of_balancers(self) -> Iterator[Thing]:
        """Load balancers, and services with the tags of theirs besides their own."""
        tags = {each.arn: each.tags for each in self.balancers}
        yield from (Thing(arn, theirs) for arn, theirs in tags.items())
        for service in self.services:
            of_balancers = (tags.get(arn, {}).items() for arn in reversed(service.balancer_arns))
            inherited = dict(chain.from_iterable(of_balancers))
            yield Thing(service.id, {**inherited, **service.tags})


def subject_of(balancer_arn: str) -> str:
    """What items and findings call a load balancer: its name is unique in the Region."""
    return f"load balancer {name_of(balancer_arn)}"


def name_of(balancer_arn: str) -> str:
    """A load balancer's name, out of its ARN."""
    # arn:aws:elasticloadbalancing:<Region>:<account>:loadbalancer/net/<name>/<id>
    parts = balancer_arn.split("/")
    return parts[2] if len(parts) == 4 else balancer_arn


def service_tags(owner: str, balancer_arn: str) -> dict[str, str]:
    """The tags of the service that the stack `owner` makes for a load balancer."""
    return {OWNER_TAG: owner, "Name": f"endpoint-autopilot-{name_of(balancer_arn)}"}
