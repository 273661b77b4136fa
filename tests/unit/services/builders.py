"""Makes the pieces that decisions on published services are tested with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autopilot.policy.model import Policy, PublishPolicy
from autopilot.reconcile.identity import StackIdentity
from autopilot.services.desired import sort
from autopilot.services.facts import EndpointService, LoadBalancer, PrivateName, ServicesFacts
from autopilot.services.plan import ServiceItem, ServiceOutcome, ServicesPlan, ServicesRequest
from autopilot.services.planning import plan

US = StackIdentity("EndpointAutopilot", "111111111111", "us-east-1")
TAGS = {"endpoint-autopilot": "publish"}
OWNED = {"endpoint-autopilot:owner": US.owner}
CONSUMER = "222222222222"
ROOT = f"arn:aws:iam::{CONSUMER}:root"
SERVICE = "vpce-svc-0a"
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:services:one"


def arn(name: str = "orders") -> str:
    where = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer"
    return f"{where}/net/{name}/50dc6c495c0c9188"


def balancer(name: str = "orders", **changes: Any) -> LoadBalancer:
    made = LoadBalancer(arn(name), name, zones=("us-east-1a", "us-east-1b"), tags=TAGS)
    return replace(made, **changes)


def service(id_: str = SERVICE, *behind: str, **changes: Any) -> EndpointService:
    """A service that the stack made, just as the default policy wants it."""
    made = EndpointService(
        id_,
        f"com.amazonaws.vpce.us-east-1.{id_}",
        tuple(arn(name) for name in behind or ("orders",)),
        ("us-east-1a", "us-east-1b"),
        regions=("us-east-1",),
        tags=OWNED,
    )
    return replace(made, **changes)


def private_name(state: str = "pendingVerification", name: str = "api.example.com") -> PrivateName:
    return PrivateName(name, state, "TXT", "_proof", "vpce:secret")


def facts(*there: LoadBalancer | EndpointService, **changes: Any) -> ServicesFacts:
    """What a look at everything sees; nobody is on a list unless `principals` says so."""
    services = tuple(each for each in there if isinstance(each, EndpointService))
    made = ServicesFacts(
        balancers=tuple(each for each in there if isinstance(each, LoadBalancer)),
        services=services,
        principals={each.id: frozenset() for each in services},
        looked_at="all",
    )
    return replace(made, **changes)


def policy(mode: str = "enforce", **publish: Any) -> Policy:
    wanted = PublishPolicy(load_balancer_tags=TAGS)
    return Policy(mode=mode, endpoint_services=replace(wanted, **publish))  # type: ignore[arg-type]  # a literal


def request(*outcomes: ServiceOutcome, **changes: Any) -> ServicesRequest:
    made = ServicesRequest(trigger="event", outcomes=outcomes, execution=EXECUTION)
    return replace(made, **{"round_number": 2 if outcomes else 1, **changes})


def planned(
    seen: ServicesFacts, wanted: Policy | None = None, asked: ServicesRequest | None = None
) -> ServicesPlan:
    asks = wanted or policy()
    found = sort(replace(seen, connected={}), asks, US.owner, lambda _: seen.connected)
    return plan(found, asked or request(), asks, US)


def item(action: Any = "publish", **changes: Any) -> ServiceItem:
    about = "load balancer orders" if action == "publish" else SERVICE
    service = "" if action == "publish" else SERVICE
    name = service and f"com.amazonaws.vpce.us-east-1.{service}"
    made = ServiceItem(f"{about}/{action}", action, arn(), service, name, reason="why")
    return replace(made, **changes)


def outcome(action: Any = "publish", result: Any = "done", **changes: Any) -> ServiceOutcome:
    own = {name: changes.pop(name) for name in ("error", "message", "refused") if name in changes}
    of = item(action, service_id=SERVICE, service_name=f"com.amazonaws.vpce.us-east-1.{SERVICE}")
    return ServiceOutcome(replace(of, **changes), result, **own)
