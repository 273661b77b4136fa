"""How subnets reach the services of the profiles: by which interface endpoint, or why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from autopilot.gateway.facts import Vpc
from autopilot.interfaces.messages import CHANGE_FAILED, PRIVATE_DNS_OFF, QUOTA_REACHED
from autopilot.interfaces.retirement import RETIRED
from autopilot.notify.ledger import Row
from autopilot.policy.model import Policy
from autopilot.reconcile.withdrawn import WITHDRAWN
from autopilot.view.model import SubnetView
from autopilot.view.overview import overview

from tests.unit.gateway.builders import NOW, OTHERS, STACK, table
from tests.unit.gateway.builders import endpoint as gateway
from tests.unit.gateway.builders import facts as network_of
from tests.unit.interfaces.builders import (
    LOGS,
    SUBNETS,
    endpoint,
    facts,
    offer,
    policy,
    profile,
    subnet,
    vpc,
)
from tests.unit.view.builders import line, row, seen, told

SKIP = {"endpoint-autopilot": "off"}
S3 = "com.amazonaws.us-east-1.s3"
THEIRS: dict[str, str] = {}
OFFERED = (offer(),)


def one(
    *things: Any,
    subnets: Any = SUBNETS,
    wanted: Policy | None = None,
    of_vpc: Any = None,
    offers: Any = OFFERED,
    service: str = LOGS,
    **more: Any,
) -> SubnetView:
    """How subnet-1 stands towards logs, with three subnets in as many zones."""
    there = vpc(**(of_vpc or {}))
    network = network_of(Vpc("vpc-1", there.owner, there.state, there.tags), table(main=True))
    interfaces = facts(there, *subnets, *offers, *things)
    things_seen = seen(more.pop("network", network), interfaces, wanted=wanted or policy(), **more)
    return line(things_seen, service=service)


def test_an_endpoint_in_its_zone_serves_it() -> None:
    found = one(endpoint())
    assert (found.reach, found.endpoint_id) == ("private", "vpce-1")
    assert found.reason == "vpce-1 serves it"


def test_an_endpoint_elsewhere_serves_it_across_zones() -> None:
    found = one(endpoint(subnet_ids=("subnet-2", "subnet-3")))
    assert found.reach == "private"
    assert found.reason == (
        "vpce-1 serves it across zones: it stands in use1-az2, use1-az3, not in use1-az1"
    )


def test_somebody_elses_endpoint_serves_it() -> None:
    found = one(endpoint(tags=THEIRS))
    assert (found.reach, found.reason) == ("private", "vpce-1, somebody else's, serves it")


def test_of_several_endpoints_the_one_that_serves_counts() -> None:
    theirs = endpoint("vpce-7", private_dns=False, tags=THEIRS)
    assert (one(theirs, endpoint()).reach, one(theirs, endpoint()).endpoint_id) == (
        "private",
        "vpce-1",
    )
    serving = endpoint("vpce-7", tags=THEIRS)
    assert one(endpoint(private_dns=False), serving).endpoint_id == "vpce-7"


@pytest.mark.parametrize(
    ("kind", "reach"), [("ipv4", "not private"), (None, "not private"), ("dualstack", "private")]
)
def test_an_ipv6_only_subnet_needs_an_endpoint_with_ipv6(kind: str | None, reach: str) -> None:
    subnets = (subnet(1, ipv4=False, ipv6=True), *SUBNETS[1:])
    found = one(endpoint(address_type=kind, subnet_ids=("subnet-2",)), subnets=subnets)
    assert found.reach == reach
    assert ("IPv6 only" in found.reason) == (reach == "not private")


def test_private_dns_off_isnt_private_and_says_what_ops_were_told() -> None:
    off = PRIVATE_DNS_OFF.about("vpc-1/logs", {"why": "VPC attributes"})
    found = one(endpoint(private_dns=False), rows=[told(off)])
    assert found.reach == "not private"
    assert found.reason == (
        "private DNS of vpce-1 is off, so only its own names lead to it: The VPC's"
        " enableDnsSupport or enableDnsHostnames is off"
    )


def retires(stage: str, **body: str) -> Row:
    about = {"endpoint_id": "vpce-0", "service_name": LOGS, "reason": "no bytes", **body}
    return row(RETIRED, "vpc-1/logs", stage=stage, at="2026-11-30T18:00:00+00:00", **about)


def test_what_was_retired_says_how_it_comes_back() -> None:
    found = one(rows=[retires("gone")])
    assert found.reach == "not private"
    assert found.reason == (
        "retired, idle: vpce-0 was deleted 2026-11-30 18:00 UTC (no bytes); ./autopilot restore"
        " vpc-1/logs brings it back"
    )
    assert one(endpoint(), rows=[retires("gone")]).reach == "private"
    assert one(rows=[retires("back")]).reach == "waiting"


def test_what_retires_says_when_it_goes() -> None:
    due = retires("leaving", due="2026-12-07T18:00:00+00:00")
    found = one(endpoint(private_dns=False), rows=[due])
    assert found.reach == "not private"
    assert found.reason == (
        "private DNS of vpce-1 is off, so only its own names lead to it: it retires, idle (no"
        " bytes), and is deleted from 2026-12-07 18:00 UTC on; ./autopilot restore vpc-1/logs keeps"
        " it"
    )


def test_private_dns_that_the_next_look_turns_on_waits() -> None:
    assert one(endpoint(private_dns=False)).reach == "waiting"
    assert one(endpoint(private_dns=False), wanted=policy(mode="audit")).reach == "not private"


def test_somebody_elses_without_private_dns_stays_so() -> None:
    found = one(endpoint(private_dns=False, tags=THEIRS))
    assert found.reach == "not private"
    assert found.reason.endswith("it is somebody else's")


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        (policy(profile(private_dns=False)), offer()),
        (policy(), offer(private_dns=False)),
    ],
    ids=["not wanted", "no private name"],
)
def test_without_private_dns_its_own_names_do(wanted: Policy, offered: Any) -> None:
    found = one(endpoint(private_dns=False), wanted=wanted, offers=(offered,))
    assert found.reach == "private"
    assert found.reason.endswith("by the endpoint's own names")


def test_an_endpoint_for_inbound_resolvers_leaves_it_to_the_gateway() -> None:
    wanted = policy(profile(services=("s3",)))
    there = endpoint(service_name=S3, inbound_only=True)
    offered = (offer(S3, gateway=True),)
    served = network_of(Vpc("vpc-1", STACK.account), table(main=True), gateway("vpce-9", ["rtb-1"]))

    found = one(there, wanted=wanted, offers=offered, service=S3, network=served)
    assert (found.reach, found.endpoint_id) == ("private", "vpce-9")
    found = one(there, wanted=wanted, offers=offered, service=S3)
    assert found.reach == "waiting"
    assert "so the gateway endpoint decides: rtb-1 has no route" in found.reason


@pytest.mark.parametrize(
    ("state", "said"),
    [("pending", "is being made"), ("pendingAcceptance", "waits for the owner of the service")],
)
def test_what_is_coming_waits(state: str, said: str) -> None:
    found = one(endpoint(state=state))
    assert (found.reach, found.endpoint_id) == ("waiting", "vpce-1")
    assert said in found.reason


def test_a_failed_endpoint_has_to_be_deleted() -> None:
    found = one(endpoint(state="failed"))
    assert found.reach == "not private"
    assert found.reason == "vpce-1 of the automation's has failed: delete it"


def test_what_is_being_deleted_is_followed_by_another() -> None:
    found = one(endpoint(state="deleting"))
    assert found.reach == "waiting"
    assert "another one follows" in found.reason


def test_a_service_that_isnt_offered_is_said_so() -> None:
    found = one(offers=())
    assert found.reach == "not private"
    assert found.reason.startswith("no endpoint is possible: The service isn't offered")


def test_where_no_subnet_takes_it_that_is_said() -> None:
    found = one(subnets=tuple(subnet(n, tags={}) for n in (1, 2, 3)))
    assert found.reach == "not private"
    assert found.reason.startswith("no endpoint is possible: No subnet of the VPC")


def test_what_the_next_look_makes_waits() -> None:
    found = one()
    assert found.reach == "waiting"
    assert found.reason == (
        "there is no endpoint, though profile workloads wants one; the next look makes it"
    )


def test_audit_mode_makes_none() -> None:
    assert one(wanted=policy(mode="audit")).reach == "not private"


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (CHANGE_FAILED.about("vpc-1/logs", {"error": "AccessDenied"}), "failed (AccessDenied)"),
        (QUOTA_REACHED.about("vpc-1", {"limit": 50}), "the quota of 50"),
    ],
)
def test_what_failed_before_isnt_called_waiting(finding: Any, said: str) -> None:
    found = one(rows=[told(finding)])
    assert found.reach == "not private"
    assert said in found.reason


def test_a_vpc_that_is_opted_out_is_left_alone() -> None:
    out = {"tags": {"network": "private", **SKIP}}
    assert one(of_vpc=out).reach == "left alone"
    assert one(endpoint(tags=THEIRS), of_vpc=out).reach == "private", "by somebody else's"


def test_where_we_stepped_aside_it_waits() -> None:
    until = (NOW + timedelta(minutes=30)).isoformat()
    found = one(rows=[row(WITHDRAWN, "vpc-1", until=until)])
    assert found.reach == "waiting"
    assert found.reason.endswith("it is served from 2026-11-24 12:30 UTC on")


def test_a_vpc_of_another_account_wants_nothing() -> None:
    network = network_of(Vpc("vpc-1", OTHERS), table(main=True))
    things = seen(network, facts(vpc(owner=OTHERS), *SUBNETS, offer()), wanted=policy())
    services = {each.service for vpc in overview(things).vpcs for each in vpc.subnets}
    assert services == {"s3", "dynamodb"}


@pytest.mark.parametrize("source", ["VPC endpoints", "offered services", "the ledger"])
def test_what_cant_be_read_is_unknown(source: str) -> None:
    offers = () if source == "offered services" else (offer(),)
    found = one(unread={source: "denied"}, offers=offers)
    assert found.reach == "unknown"
    assert "denied" in found.reason


def test_without_offers_private_dns_isnt_judged() -> None:
    found = one(endpoint(private_dns=False), offers=(), unread={"offered services": "denied"})
    assert found.reach == "unknown"
