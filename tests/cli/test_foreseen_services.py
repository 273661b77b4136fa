"""`plan` names exactly what the services workflow then publishes, changes and deletes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from autopilot.aws.unwritten import snapshot
from autopilot.foreseen import services
from autopilot.foreseen.model import Part
from autopilot.policy.model import Policy
from autopilot.services import planning
from autopilot.services.desired import Sorted, sort
from autopilot.services.facts import (
    SERVICE_TAG,
    EndpointService,
    LoadBalancer,
    PrivateName,
    ServicesFacts,
)
from autopilot.services.plan import ServiceItem, ServiceOutcome, ServicesRequest
from autopilot.services.planning import plan
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gateway.builders import NOW
from tests.unit.services.builders import (
    CONSUMER,
    OWNED,
    ROOT,
    TAGS,
    US,
    arn,
    balancer,
    facts,
    policy,
    service,
)

STRANGER = "arn:aws:iam::333333333333:root"
SAME = {**TAGS, SERVICE_TAG: "shop"}


@st.composite
def accounts(draw: st.DrawFn) -> tuple[ServicesFacts, Policy]:
    """Load balancers and services, ours and others', and a policy for them."""
    names = ["orders", "pay", "shop-a", "shop-b"][: draw(st.integers(0, 4))]
    balancers = [draw(balancers_(name)) for name in names]
    there = [draw(services_(f"vpce-svc-0{n}", name)) for n, name in enumerate(names) if draw(bools)]
    listed = {s.id: frozenset(draw(st.sets(st.sampled_from([ROOT, STRANGER])))) for s in there}
    wanted = policy(
        allowed_principals=draw(st.sampled_from([(), (CONSUMER,)])),
        supported_regions=draw(st.sampled_from([(), ("eu-west-1",)])),
        private_dns_names=draw(st.sampled_from([{}, {"orders": "api.example.com"}])),
        retire=draw(st.sampled_from(["report", "when_unused", "now"])),
        load_balancer_tags=draw(st.sampled_from([TAGS, TAGS, TAGS, {}])),
    )
    connected = {s.id: ("vpce-1",) for s in there if draw(bools)}
    return facts(*balancers, *there, principals=listed, connected=connected), wanted


bools = st.booleans()


@st.composite
def balancers_(draw: st.DrawFn, name: str) -> LoadBalancer:
    line = SAME if name.startswith("shop") else TAGS
    return balancer(
        name,
        tags=draw(st.sampled_from([line, line, {}])),
        state=draw(st.sampled_from(["active", "active", "provisioning"])),
        zones=draw(st.sampled_from([("us-east-1a",), ("us-east-1a", "us-east-1b")])),
    )


@st.composite
def services_(draw: st.DrawFn, id_: str, name: str) -> EndpointService:
    return service(
        id_,
        name,
        zones=draw(st.sampled_from([("us-east-1a",), ("us-east-1a", "us-east-1b")])),
        acceptance_required=draw(bools),
        regions=draw(st.sampled_from([("us-east-1",), ("us-east-1", "us-west-2")])),
        tags=draw(st.sampled_from([OWNED, OWNED, {}])),
    )


class World:
    """Load balancers and services, on which changes are carried out as AWS does it."""

    def __init__(self, seen: ServicesFacts) -> None:
        self.balancers = list(seen.balancers)
        self.services = {s.id: s for s in seen.services}
        self.listed = dict(seen.principals)
        self.connected = dict(seen.connected)

    @property
    def facts(self) -> ServicesFacts:
        there = {i: who for i, who in self.connected.items() if i in self.services}
        return facts(
            *self.balancers, *self.services.values(), principals=self.listed, connected=there
        )

    def carry_out(self, item: ServiceItem) -> ServiceOutcome:
        if item.action == "publish":
            made = service(f"vpce-svc-f{len(self.services)}", regions=("us-east-1",))
            made = replace(made, balancer_arns=(item.balancer_arn,), zones=item.zones)
            self.listed[made.id] = frozenset()
            item = replace(item, service_id=made.id, service_name=made.name)
            self.services[made.id] = made
        if item.action == "retire":
            del self.services[item.service_id]
        elif item.action == "verify":
            old = self.services[item.service_id]
            assert old.private_name
            proven = replace(old.private_name, state="verified")
            self.services[old.id] = replace(old, private_name=proven)
        elif item.action in ("allow", "revoke"):
            listed = set(self.listed[item.service_id])
            new = listed | set(item.principals)
            new = listed - set(item.principals) if item.action == "revoke" else new
            self.listed[item.service_id] = frozenset(new)
        else:
            self._change(item)
        return ServiceOutcome(item, "done")

    def _change(self, item: ServiceItem) -> None:
        old = self.services[item.service_id]
        behind = [*old.balancer_arns, *item.add_balancers]
        self.services[old.id] = replace(
            old,
            balancer_arns=tuple(
                arn for arn in dict.fromkeys(behind) if arn not in item.remove_balancers
            ),
            zones=tuple(sorted({*old.zones, *item.zones})),
            regions=tuple(
                r for r in (*old.regions, *item.add_regions) if r not in item.remove_regions
            ),
            acceptance_required=old.acceptance_required or item.require_acceptance,
            private_name=PrivateName(item.private_name) if item.private_name else old.private_name,
        )


def sorted_(seen: ServicesFacts, wanted: Policy) -> Sorted:
    return sort(seen, wanted, US.owner, lambda _: seen.connected)


def foreseen(seen: ServicesFacts, wanted: Policy) -> Part:
    return services.foresee(
        wanted,
        US,
        snapshot({}),
        NOW,
        look=lambda *_: sorted_(seen, wanted),
    )


def taken(seen: ServicesFacts, wanted: Policy) -> list[ServiceItem]:
    """What the workflow does: rounds, waits for what AWS sets up, sweeps until one finds nothing.

    One execution changes a service once: what it wants of it later is the next sweep's.
    """
    world, every = World(seen), list[ServiceItem]()
    for _execution in range(50):
        outcomes: tuple[ServiceOutcome, ...] = ()
        waits = 0
        while True:
            asked = ServicesRequest(
                trigger="sweep", round_number=2 if outcomes else 1, outcomes=outcomes, waits=waits
            )
            made = plan(
                sorted_(world.facts, wanted),
                asked,
                wanted,
                US,
            )
            every += made.items
            outcomes += tuple(world.carry_out(item) for item in made.items)
            if made.look_again and not made.items:
                world.balancers = [replace(b, state="active") for b in world.balancers]
                waits += 1
            elif not made.items:
                break
        if not outcomes:
            return every
    raise AssertionError("there is an end")


def essence(action: str, about: str, data: Any) -> str:
    """What is changed how; the ids of services that are made differ."""
    known = about if not about.startswith(("vpce-svc-f", "new ")) else "a new service"
    named = ("principals", "add_regions", "remove_regions", "private_name", "add_balancers",
             "remove_balancers", "reject", "balancer_arn", "require_acceptance")  # fmt: skip
    return f"{action} {known} { {name: _plain(data[name]) for name in named} }"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@given(accounts(), st.sampled_from([50, 2]))
def test_it_names_what_the_workflow_then_does(
    account: tuple[ServicesFacts, Policy], room: int
) -> None:
    seen, wanted = account

    part = foreseen(seen, wanted)
    with patch.object(planning, "MOST_ITEMS", room):
        done = taken(seen, wanted)

    assert {essence(a.verb, a.content["service_id"], a.content) for a in part.actions} == {
        essence(i.action, i.service_id, vars(i)) for i in done
    }


def test_what_follows_a_publication_is_said() -> None:
    part = foreseen(facts(balancer()), policy(allowed_principals=(CONSUMER,)))

    publish, allow = part.actions
    assert publish.what.startswith("make an endpoint service of load balancer orders")
    assert (publish.place, publish.follows) == ("load balancer orders", False)
    assert (allow.what, allow.follows) == (f"let {ROOT} ask to connect", True)
    assert arn("orders") == publish.content["balancer_arn"]
