"""One request to connect: the automation against a script that accepts by hand."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.taken import Taken, by_roles, by_root
from demo import scenes
from demo.privatelink import Service, network, publish
from demo.rest import await_rest
from lab.client import Lab

CONSUMER = "222222222222"
ZONE = ("use1-az1",)
EVERY = 0.05


def automated(lab: Lab, account: str) -> Taken:
    """An allowed account's request, left to the automation."""
    service = publish(lab, account, "automated", ZONE)
    service.allow(CONSUMER)
    scenes.wait_until(service.notified, bool, "our notification is registered")
    _connected(service)  # the first one pays every cold start
    await_rest(lab, account)
    lab.clear_calls()
    took = _connected(service)
    await_rest(lab, account)
    return Taken(took, by_roles(lab, account))


def by_hand(lab: Lab, account: str) -> Taken:
    """A script that looks for requests and accepts them: of an account that no rule names."""
    service = publish(lab, account, "by-hand", ZONE)
    service.allow("*")

    def accept(endpoint: str) -> None:
        scenes.wait_until(
            service.states, lambda s: s.get(endpoint) == "pendingAcceptance", "it asks", every=EVERY
        )
        service.answer("accept", endpoint)

    lab.clear_calls()
    took = _connected(service, accept)
    return Taken(took, by_root(lab, account))


def _connected(service: Service, accept: Callable[[str], None] = lambda _: None) -> float:
    vpc, subnets = network(service.lab, CONSUMER, "consumer", ZONE)
    ec2, began = service.lab.client("ec2", CONSUMER), time.monotonic()
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, VpcEndpointType="Interface", ServiceName=service.name, SubnetIds=subnets
    )["VpcEndpoint"]["VpcEndpointId"]
    accept(endpoint)
    scenes.wait_until(
        lambda: ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]["State"],
        lambda state: str(state).lower() == "available",
        f"{endpoint} available",
        every=EVERY,
    )
    return time.monotonic() - began
