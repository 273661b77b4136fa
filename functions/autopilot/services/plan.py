"""The plan for published services: what to change, what ops should know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from autopilot.connections.request import ALL_SERVICES, ConnectionScope
from autopilot.notify.finding import Finding
from autopilot.reconcile.outcome import Result, words
from autopilot.reconcile.plan import LookedAt
from autopilot.reconcile.request import Trigger

Action = Literal["publish", "change", "allow", "revoke", "verify", "retire"]
_LISTS = (
    "principals",
    "zones",
    "add_regions",
    "remove_regions",
    "add_balancers",
    "remove_balancers",
)


@dataclass(frozen=True)
class ServiceItem:
    """One change of one service; `id` is "vpce-svc-1/allow", or "load balancer orders/publish".

    `zones`: those that its load balancers have gained (the account's names). `add_balancers`,
    `remove_balancers`: ARNs of those that join the service, or leave it. `private_name`: the
    one to set, None: leave it. `require_acceptance`: to be switched on again. `reject`: retiring
    cuts what is connected. `regions` to add and to remove are those to be supported.
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

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {**asdict(self), **{name: list(getattr(self, name)) for name in _LISTS}}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ServiceItem:
        """Read what `to_json` wrote; other keys are left aside. Raises KeyError if a key lacks."""
        return ServiceItem(
            id=data["id"],
            action=data["action"],
            balancer_arn=data["balancer_arn"],
            service_id=data["service_id"],
            service_name=data["service_name"],
            principals=tuple(data["principals"]),
            zones=tuple(data["zones"]),
            add_regions=tuple(data["add_regions"]),
            remove_regions=tuple(data["remove_regions"]),
            private_name=data["private_name"],
            require_acceptance=data["require_acceptance"],
            reject=data["reject"],
            add_balancers=tuple(data.get("add_balancers", ())),
            remove_balancers=tuple(data.get("remove_balancers", ())),
            reason=data["reason"],
        )


@dataclass(frozen=True)
class ServicePlan:
    """What one look at the published services comes to.

    `looked_at`: the services and load balancers (as subjects) whose findings this plan speaks for.
    `settling`: how many load balancers AWS still sets up; `look_again`: after how many seconds to
    look at them once more, 0 not in this execution. `expect`: what the next look must show
    (ARNs of load balancers, ids of items). `more`: how many changes another execution must do.

    | finding | subject | severity | data |
    |---|---|---|---|
    | ServiceUnwanted | service | action; info if it goes by | service_name, reason, retire, |
    | | | itself | connected (a number) |
    | AlreadyPublished | load balancer | action | service_id, service_name, balancer_arn |
    | PrivateNameNotVerified | service | action | service_name, private_name, state, |
    | | | | record_type, record_name, record_value |
    | PlannedServiceChange | item's id | info (audit mode) | the item |
    | ServiceChangeFailed | item's id | failure | the item, error, message, refused |
    """

    items: tuple[ServiceItem, ...] = ()
    findings: tuple[Finding, ...] = ()
    looked_at: LookedAt = ()
    settling: int = 0
    look_again: int = 0
    more: int = 0
    expect: tuple[str, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "items": [item.to_json() for item in self.items],
            "findings": [finding.to_json() for finding in self.findings],
            "looked_at": "all" if self.looked_at == "all" else list(self.looked_at),
            "settling": self.settling,
            "look_again": self.look_again,
            "more": self.more,
            "expect": list(self.expect),
            "left": dict(self.left),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ServicePlan:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        looked_at = data["looked_at"]
        return ServicePlan(
            items=tuple(map(ServiceItem.from_json, data["items"])),
            findings=tuple(map(Finding.from_json, data["findings"])),
            looked_at="all" if looked_at == "all" else tuple(looked_at),
            settling=data["settling"],
            look_again=data.get("look_again", 0),
            more=data["more"],
            expect=tuple(data["expect"]),
            left=dict(data["left"]),
        )


@dataclass(frozen=True)
class ServiceOutcome:
    """One change after it was tried; `item` with the service's id and name where they are known.

    `result`, `error` and `message` as those of `autopilot.gateway.outcome.Outcome`. `refused`: the
    principals that AWS didn't take; the item then holds those that it took.
    """

    item: ServiceItem
    result: Result
    error: str | None = None
    message: str | None = None
    refused: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The item's id."""
        return self.item.id

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types: the item's keys and its own beside them."""
        return {
            **self.item.to_json(),
            "result": self.result,
            "error": self.error,
            "message": self.message,
            "refused": list(self.refused),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ServiceOutcome:
        """Read what `to_json` wrote, or what the workflow made of an item that failed.

        There `refused` lacks, and `message` may be a Lambda's whole error document. Raises KeyError
        if another key lacks.
        """
        return ServiceOutcome(
            item=ServiceItem.from_json(data),
            result=data["result"],
            error=data["error"],
            message=words(data["message"]),
            refused=tuple(data.get("refused", ())),
        )


def published(item: ServiceItem, service_id: str, service_name: str) -> ServiceOutcome:
    """The outcome of a service that was made."""
    return ServiceOutcome(replace(item, service_id=service_id, service_name=service_name), "done")


def allowed(item: ServiceItem, refused: Mapping[str, str], error: str) -> ServiceOutcome:
    """The outcome of principals put on the list, but for those `refused`, by AWS's words."""
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


def change_failed(outcome: ServiceOutcome) -> Finding:
    """The finding that a change, or a part of it, failed or stayed stale until it was given up."""
    data = {**outcome.to_json(), "principals": list(outcome.item.principals[:20])}
    kept = {name: value for name, value in data.items() if value and name not in ("id", "result")}
    return Finding("ServiceChangeFailed", outcome.id, "failure", kept)


@dataclass(frozen=True)
class PublishRequest:
    """One look at the published services; whatever the JSON lacks has its default.

    `waits`: how often this execution has waited for what AWS sets up.

    `expect`: ARNs of load balancers that must be there, ids of items whose last outcome must show.
    """

    trigger: Trigger = "person"
    scope: ConnectionScope = ALL_SERVICES
    expect: tuple[str, ...] = ()
    round_number: int = 1
    waits: int = 0
    outcomes: tuple[ServiceOutcome, ...] = ()
    execution: str = ""

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> PublishRequest:
        """Read the step's input. Raises ValueError or KeyError, naming what it can't read."""
        trigger = data.get("trigger", "person")
        if trigger not in get_args(Trigger):
            raise ValueError(f'trigger is "{trigger}"; write one of {", ".join(get_args(Trigger))}')
        return PublishRequest(
            trigger=trigger,
            scope=ConnectionScope.from_json(data.get("scope", "all")),
            expect=tuple(data.get("expect", ())),
            round_number=int(data.get("round", 1)),
            waits=int(data.get("waits", 0)),
            outcomes=tuple(map(ServiceOutcome.from_json, data.get("outcomes", ()))),
            execution=data.get("execution", ""),
        )
