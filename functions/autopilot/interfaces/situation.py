"""What a look hands to the decision: how things stand, and what the policy wants of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from autopilot.interfaces.facts import Endpoint, Facts, Offer, Vpc
from autopilot.interfaces.plan import InterfaceRequest, Item, Left
from autopilot.interfaces.retirement import Retirement
from autopilot.notify.finding import Finding
from autopilot.policy.model import InterfaceProfile, Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.quota import INTERFACES_IN_A_VPC

if TYPE_CHECKING:  # plans that decide on no idle endpoint don't load it
    from autopilot.interfaces.idle import Verdict

# Who decides nothing by the time needs none.
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Situation:
    """All that a decision may look at.

    `withdrawn`: ids of VPCs and subnets that somebody is deleting: they are left alone. `told`: ids
    of the findings that ops know. `hour`: the present one, in any form. `at`: the time.
    `retirements`: of idle endpoints, by "vpc-1/logs". `verdicts`: how our endpoints are used, by
    id, where idle ones are to go and this look decides on them; `unread`: why nobody could say.
    """

    facts: Facts
    policy: Policy
    stack: StackIdentity
    request: InterfaceRequest
    withdrawn: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    hour: str = ""
    at: datetime = _EVER
    retirements: Mapping[str, Retirement] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    unread: str = ""

    @property
    def scheduled(self) -> bool:
        """Whether a sweep or a person asked for this look, and no event.

        Who wants one endpoint back moves no other one on.
        """
        return self.request.trigger in ("sweep", "person") and self.request.restore is None

    def came_back(self, subject: str) -> str:
        """Why an endpoint's retirement has just ended, as the beginning of a reason; else ""."""
        found = self.retirements.get(subject)
        fresh = found and found.stage == "back" and found.execution == self.request.execution
        return f"{found.ended}; " if found and fresh else ""


@dataclass(frozen=True)
class DesiredEndpoint:
    """One endpoint that a profile wants in a VPC, and what there is of it.

    `regions`: the service's own, or where it may be while nobody offers it. `offer` None: the
    service isn't offered to the account. `existing`: our living endpoint; if there are several, as
    after an answer that was lost, the one that serves: an available one, if possible with private
    DNS, the oldest of those. `duplicates`: the others, once all are available, so that each look
    comes to the same. `broken`: our own that failed. `others`: other people's living ones. `going`:
    anybody's that are being deleted.
    """

    vpc: Vpc
    profile: InterfaceProfile
    service: str
    names: tuple[str, ...]
    regions: tuple[str, ...]
    offer: Offer | None
    existing: Endpoint | None = None
    duplicates: tuple[Endpoint, ...] = ()
    broken: tuple[Endpoint, ...] = ()
    others: tuple[Endpoint, ...] = ()
    going: tuple[Endpoint, ...] = ()

    @property
    def subject(self) -> str:
        """What findings and items call it: "vpc-1/logs"."""
        return f"{self.vpc.id}/{self.service}"

    @property
    def to_create(self) -> bool:
        """Whether nothing is there that would keep us from making it."""
        return not (self.existing or self.others or self.broken)

    @property
    def private_dns(self) -> bool:
        """Whether the policy wants private DNS on and the service has a private name at all."""
        return self.offer is not None and self.offer.private_dns and self.profile.private_dns


@dataclass(frozen=True)
class DesiredParameters:
    """What the parameters of a private service in a VPC should say, by name, and what they say.

    `endpoint`: ours that they speak of; None: there is none any more.
    """

    vpc_id: str
    service_id: str
    endpoint: Endpoint | None
    wanted: Mapping[str, str]
    held: Mapping[str, str]


@dataclass
class Draft:
    """What the policy wants now; grows VPC by VPC, before quota and rounds have their say.

    `later`: changes that wait for a group to be there. `groups`: VPC and profile of each that is
    needed. `under_way`: whether something of the stack's is on its way that the next look will act
    upon. `ending`: whether something is being deleted after which there is something to do,
    whoever deletes it.
    """

    items: list[Item] = field(default_factory=list)
    later: list[Item] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    left: Counter[Left] = field(default_factory=Counter)
    groups: set[tuple[str, str]] = field(default_factory=set)
    under_way: bool = False
    ending: bool = False


@dataclass(frozen=True)
class Desired:
    """What the policy wants: `endpoints` in `vpcs`, those that the stack looks after, by id.

    `left`: how many VPCs it leaves alone, and why. `unwanted`: our endpoints in `vpcs` that no
    profile wants any more. `retiring`: what becomes of those that retire, which are in neither.
    """

    vpcs: tuple[Vpc, ...]
    left: Counter[Left]
    endpoints: tuple[DesiredEndpoint, ...]
    unwanted: tuple[Endpoint, ...]
    parameters: tuple[DesiredParameters, ...]
    retiring: Draft = field(default_factory=Draft)

    @property
    def vpcs_to_probe(self) -> tuple[str, ...]:
        """The VPCs whose DNS attributes decide something: private DNS is to be turned on there."""
        off = (e for e in self.endpoints if not (e.existing and e.existing.private_dns))
        found = (e for e in off if e.private_dns and (e.existing or e.to_create))
        return tuple(dict.fromkeys(each.vpc.id for each in found))

    @property
    def parameters_to_probe(self) -> tuple[str, ...]:
        """The parameters that there are and that a plan would change: whose are they?"""
        held = ((n, v, each.wanted) for each in self.parameters for n, v in each.held.items())
        return tuple(sorted(name for name, value, wanted in held if wanted.get(name) != value))

    def near_quota(self, facts: Facts) -> bool:
        """Whether the quota that applies can matter: it is never below the default."""
        counts = facts.counted + Counter(e.vpc.id for e in self.endpoints if e.to_create)
        return any(map(INTERFACES_IN_A_VPC.near, counts.values()))
