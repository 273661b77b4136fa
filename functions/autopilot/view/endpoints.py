"""How subnets stand towards the services of the profiles: by which interface endpoint, or why not.

What is wanted is the interfaces workflow's own decision; what would be done is its own draft.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from autopilot.interfaces import messages
from autopilot.interfaces.desired import desired_in, is_ours, why_not
from autopilot.interfaces.endpoints import serve
from autopilot.interfaces.facts import Endpoint, Subnet
from autopilot.interfaces.placement import FAMILIES
from autopilot.interfaces.plan import InterfaceRequest
from autopilot.interfaces.retirement import RETIRED, Retirement, Stage, retirement
from autopilot.interfaces.situation import DesiredEndpoint, Draft, Situation
from autopilot.notify.finding import Finding
from autopilot.notify.phrases import moment
from autopilot.policy.model import GatewayService
from autopilot.policy.names import label
from autopilot.reconcile.withdrawn import WITHDRAWN, still_away
from autopilot.view.problems import why
from autopilot.view.seen import Seen
from autopilot.view.stand import Stand, best

Gateway = Callable[[GatewayService], Stand]
"""How a subnet reaches a service by a gateway endpoint."""


@dataclass(frozen=True)
class Wanted:
    """One service that a profile wants in a VPC. `without`: how it stands without an endpoint that
    serves, the same for every subnet.
    """

    desired: DesiredEndpoint
    without: Stand
    seen: Seen

    @property
    def service(self) -> str:
        """The service's full name."""
        offer = self.desired.offer
        return offer.name if offer else self.desired.names[0]

    def stand(self, subnet: Subnet, gateway: Gateway) -> Stand:
        """How the subnet reaches the service."""
        there = [e for e in _serving(self.desired) if e.standing == "available"]
        if not there:
            return self.without
        return best(self._by(endpoint, subnet, gateway) for endpoint in there)

    def _by(self, endpoint: Endpoint, subnet: Subnet, gateway: Gateway) -> Stand:
        """How the subnet reaches the service by an endpoint that is available."""
        families = FAMILIES.get(endpoint.address_type or "ipv4", FAMILIES["ipv4"])
        own = families_of(subnet)
        if not own & families:
            only = " and ".join(sorted(own)).replace("ip", "IP") or "no address family"
            reason = f"the subnet has {only} only, which {endpoint.id} doesn't serve"
            return Stand("not private", reason, endpoint.id)
        if not endpoint.private_dns:
            return self._by_its_own_names(endpoint, subnet)
        if endpoint.inbound_only:
            return self._for_resolvers(endpoint, gateway)
        return Stand("private", self._where(endpoint, subnet), endpoint.id)

    def _for_resolvers(self, endpoint: Endpoint, gateway: Gateway) -> Stand:
        """AWS knows such endpoints only where a gateway endpoint may take the VPC's own traffic."""
        stand = gateway(cast(GatewayService, label(self.service, self.seen.stack.region)))
        says = f"{endpoint.id} is for inbound resolvers only, so the gateway endpoint decides"
        return stand._replace(reason=f"{says}: {stand.reason}")

    def _by_its_own_names(self, endpoint: Endpoint, subnet: Subnet) -> Stand:
        """By an endpoint without private DNS: fine, where nobody wants it or there is none."""
        desired = self.desired
        if not desired.profile.private_dns or (desired.offer and not desired.offer.private_dns):
            where = self._where(endpoint, subnet)
            return Stand("private", f"{where}, by the endpoint's own names", endpoint.id)
        if desired.offer is None and (unread := self.seen.unread.get("offered services")):
            reason = f"{endpoint.id} has no private DNS; whether it could isn't known: {unread}"
            return Stand("unknown", reason, endpoint.id)
        return self._dns_off(endpoint)

    def _dns_off(self, endpoint: Endpoint) -> Stand:
        off = f"private DNS of {endpoint.id} is off, so only its own names lead to it"
        if going := _retires(self.desired, "leaving", self.seen):
            when = f" from {moment(going.due)} on" if going.due else ""
            says = f"{off}: it retires, idle ({going.reason}), and is deleted{when}"
            back = f"./autopilot restore {self.desired.subject} keeps it"
            return Stand("not private", f"{says}; {back}", endpoint.id)
        told = self.seen.findings.get(f"{messages.PRIVATE_DNS_OFF.kind}/{self.desired.subject}")
        if told:
            because = why(told[0], self.seen.place).rstrip(".")
            return Stand("not private", f"{off}: {because}", endpoint.id)
        if not is_ours(endpoint, self.seen.stack):
            return Stand("not private", f"{off}; it is somebody else's", endpoint.id)
        if self.seen.policy.mode == "audit":
            return Stand("not private", f"{off}; the mode is audit, else it would", endpoint.id)
        return Stand("waiting", f"{off}; the next look turns it on", endpoint.id)

    def _where(self, endpoint: Endpoint, subnet: Subnet) -> str:
        """Which way the traffic takes; the DNS name answers with every zone's address."""
        whose = "" if is_ours(endpoint, self.seen.stack) else ", somebody else's,"
        subnets = self.seen.interfaces.subnets_of(endpoint.vpc_id)
        zones = {each.zone_id for each in subnets if each.id in endpoint.subnet_ids}
        if not zones or subnet.zone_id in zones:
            return f"{endpoint.id}{whose} serves it"
        return (
            f"{endpoint.id}{whose} serves it across zones: it stands in {', '.join(sorted(zones))},"
            f" not in {subnet.zone_id}"
        )


def families_of(subnet: Subnet) -> frozenset[str]:
    """The address families of a subnet."""
    families = {"ipv4": subnet.ipv4, "ipv6": subnet.ipv6}
    return frozenset(family for family, has in families.items() if has)


def wanted_endpoints(seen: Seen) -> Mapping[str, tuple[Wanted, ...]]:
    """By VPC every service that a profile wants there, also where the VPC is left alone."""
    now = Situation(
        facts=seen.interfaces,
        policy=seen.policy,
        stack=seen.stack,
        request=InterfaceRequest(),
        withdrawn=still_away(seen.rows.get(WITHDRAWN, ()), seen.now),
    )
    # What a profile would have there if the VPC weren't left alone: it may be served all the same.
    nobody_out = replace(now, policy=replace(now.policy, skip_tags={}), withdrawn=frozenset())
    found: dict[str, tuple[Wanted, ...]] = {}
    for each in desired_in(nobody_out).endpoints:
        wanted = Wanted(each, next(_without(each, now, seen)), seen)
        found[each.vpc.id] = (*found.get(each.vpc.id, ()), wanted)
    return found


def _serving(desired: DesiredEndpoint) -> tuple[Endpoint, ...]:
    return (*([desired.existing] if desired.existing else ()), *desired.others)


def _without(desired: DesiredEndpoint, now: Situation, seen: Seen) -> Iterator[Stand]:
    """Why no endpoint serves, the first reason first."""
    reason = why_not(desired.vpc, now.policy, now.stack, now.withdrawn)
    if reason == "withdrawn":
        until = _away_until(desired.vpc.id, seen)
        away = "the automation has stepped aside: somebody is deleting the VPC"
        when = f"; it is served from {moment(until)} on" if until else ""
        yield Stand("waiting", f"{away}{when}", until=until)
    if reason:
        yield Stand("left alone", f"the VPC is left alone: {reason}")
    yield from map(_coming, _serving(desired))
    if gone := _retires(desired, "gone", seen):
        says = f"retired, idle: {gone.endpoint_id} was deleted {moment(gone.at)}"
        back = f"./autopilot restore {desired.subject} brings it back"
        yield Stand("not private", f"{says} ({gone.reason}); {back}")
    yield from _without_any(desired, now, seen)


def _coming(endpoint: Endpoint) -> Stand:
    asks = endpoint.state.lower() == "pendingacceptance"
    what = "waits for the owner of the service to accept it" if asks else "is being made"
    return Stand("waiting", f"{endpoint.id} {what}", endpoint.id)


def _retires(desired: DesiredEndpoint, stage: Stage, seen: Seen) -> Retirement | None:
    """Its retirement, if it is at that stage."""
    found = (row for row in seen.rows.get(RETIRED, ()) if row.key.sk == desired.subject)
    return next((each for each in map(retirement, found) if each.stage == stage), None)


def _without_any(desired: DesiredEndpoint, now: Situation, seen: Seen) -> Iterator[Stand]:
    if desired.broken:
        id_ = desired.broken[0].id
        yield Stand("not private", f"{id_} of the automation's has failed: delete it", id_)
    if desired.offer is None and (unread := seen.unread.get("offered services")):
        yield Stand(
            "unknown", f"there is no endpoint, and whether it could have one isn't known: {unread}"
        )
    if unread := seen.unread.get("the ledger"):
        yield Stand(
            "unknown", f"there is no endpoint, and whether it gets one isn't known: {unread}"
        )
    if desired.offer is not None and desired.going:
        id_ = desired.going[0].id
        yield Stand("waiting", f"{id_} is being deleted; another one follows", id_)
    made = Draft()
    serve(desired, now, made)
    kind = messages.NOT_POSSIBLE.kind
    for each in (finding for finding in made.findings if finding.kind == kind):
        because = why(each, seen.place).rstrip(".")
        yield Stand("not private", f"no endpoint is possible: {because}")
    yield _planned(desired, seen)


def _planned(desired: DesiredEndpoint, seen: Seen) -> Stand:
    """Nothing is in the way but what ops were told of an earlier try."""
    what = f"there is no endpoint, though profile {desired.profile.name} wants one"
    if seen.policy.mode == "audit":
        return Stand("not private", f"{what}; the mode is audit, else it would be made")
    if failed := _told(messages.CHANGE_FAILED.kind, desired.subject, seen):
        return Stand("not private", f"{what}: making it failed ({failed.data.get('error')})")
    if full := _told(messages.QUOTA_REACHED.kind, desired.vpc.id, seen):
        limit = full.data.get("limit")
        return Stand("not private", f"{what}: the quota of {limit} in the VPC is used up")
    return Stand("waiting", f"{what}; the next look makes it")


def _told(kind: str, subject: str, seen: Seen) -> Finding | None:
    found = seen.findings.get(f"{kind}/{subject}")
    return found[0] if found else None


def _away_until(vpc_id: str, seen: Seen) -> str:
    rows = seen.rows.get(WITHDRAWN, ())
    return next((str(row.body["until"]) for row in rows if row.key.sk == vpc_id), "")
