"""The plan for published services, a look's request, and what became of each change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from autopilot.reconcile.outcome import Outcome
from autopilot.reconcile.plan import Plan
from autopilot.reconcile.report import Report, Workflow
from autopilot.reconcile.request import Request
from autopilot.reconcile.scope import ALL_SERVICES, ServiceScope

# "retire" deletes a service: ops and the bus know it by that name.
Action = Literal["publish", "change", "allow", "revoke", "verify", "retire"]
Left = Literal["audit mode", "already published by others", "findings too many at once"]


@dataclass(frozen=True)
class ServiceItem:
    """One change of one service; `id` is "vpce-svc-1/allow", or "load balancer orders/publish".

    `zones`: those that its load balancers have gained (the account's names). `add_regions`,
    `remove_regions`: those to be supported, or no longer. `private_name`: the one to set, None:
    leave it. `require_acceptance`: to be switched on again. `reject`: deleting it cuts what is
    connected. `add_balancers`, `remove_balancers`: ARNs of those that join the service, or leave.
    """

    id: str
    action: Action
    balancer_arn: str
    service_id: str = ""
    service_name: str = ""
    principals: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    add_regions: tuple[str, ...] = ()
    remove_regions: tuple[str, ...] = ()
    private_name: str | None = None
    require_acceptance: bool = False
    reject: bool = False
    add_balancers: tuple[str, ...] = ()
    remove_balancers: tuple[str, ...] = ()
    reason: str = ""

    @property
    def only_zones(self) -> bool:
        """Whether it changes nothing but zones, for which AWS may take minutes."""
        return self.action == "change" and not (
            self.add_regions
            or self.remove_regions
            or self.add_balancers
            or self.remove_balancers
            or self.private_name
            or self.require_acceptance
        )


@dataclass(frozen=True)
class ServiceOutcome(Outcome[ServiceItem]):
    """One change after it was tried; the item bears the service's id and name if they are known.

    `refused`: the principals that AWS didn't take; the item then holds those that it took.
    """

    refused: tuple[str, ...] = ()

    @staticmethod
    def published(item: ServiceItem, service_id: str, service_name: str) -> ServiceOutcome:
        """Of a service that was made."""
        made = replace(item, service_id=service_id, service_name=service_name)
        return ServiceOutcome(made, "done")

    @staticmethod
    def allowed(item: ServiceItem, refused: Mapping[str, str], error: str) -> ServiceOutcome:
        """Of principals put on the list, but for those `refused`, by AWS's words."""
        taken = tuple(each for each in item.principals if each not in refused)
        if not refused:
            return ServiceOutcome(item, "done")
        return ServiceOutcome(
            replace(item, principals=taken),
            "done" if taken else "failed",
            error,
            next(iter(refused.values())),
            tuple(sorted(refused)),
        )


@dataclass(frozen=True)
class ServicesPlan(Plan[ServiceItem, Left]):
    """What one look comes to; `expect` holds ARNs of load balancers and ids of items.

    `settling`: how many load balancers AWS still sets up, and zones it still takes; `look_again`:
    after how many seconds to look at them once more, 0: not in this execution.
    """

    settling: int = 0
    look_again: int = 0


@dataclass(frozen=True, kw_only=True)
class ServicesRequest(Request[ServiceScope, ServiceOutcome]):
    """One look; `waits`: how often this execution has waited for what AWS sets up."""

    scope: ServiceScope = ALL_SERVICES
    waits: int = 0


@dataclass(frozen=True)
class ServicesReport(Report[ServicesPlan, ServiceOutcome]):
    """One execution of the workflow, as it reports at its end."""

    workflow: ClassVar[Workflow] = "services"
