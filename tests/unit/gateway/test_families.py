"""Which address families a gateway endpoint covers."""

from __future__ import annotations

from dataclasses import replace

from autopilot.gateway.facts import Endpoint as Gateway

from tests.unit.gateway import builders
from tests.unit.gateway.builders import STACK


def test_a_gateway_endpoint_covers_the_families_that_it_routes() -> None:
    name = "com.amazonaws.us-east-1.s3"
    table = builders.table("rtb-1", "vpc-1")
    wanted = builders.policy(services=("s3",))
    for kind, missing, six in (("ipv4", 0, 1), ("ipv6", 1, 0), ("dualstack", 0, 0)):
        there = Gateway("vpce-1", "vpc-1", name, route_table_ids=("rtb-1",), address_type=kind)
        for endpoint_ in (there, replace(there, tags={"endpoint-autopilot:owner": STACK.owner})):
            seen = builders.facts(replace(builders.vpc("vpc-1"), ipv6=True), table, endpoint_)
            desired = builders.wanted_in(seen, wanted)
            (one,), left = desired.endpoints, desired.left
            assert (len(one.missing), left["IPv6 without a route"]) == (missing, six), kind
        assert (one.ours is None) == (kind == "ipv6"), "one for IPv6 takes no table for IPv4"
