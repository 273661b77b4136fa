"""`make demo`: a team builds a network, the automation wakes; every outcome is checked."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo import scenes
from demo.scenes import Look, Network, NotInTime
from demo.telling import (
    OutcomeMissing,
    chapter,
    expect,
    progress,
    say,
    show_messages,
    show_tables,
)
from lab.client import Lab, LabError

ACCOUNT = "111111111111"


@dataclass
class Stage:
    """What the chapters play on."""

    lab: Lab
    ec2: Any
    ops: Any
    names: dict[str, str]

    def await_look(self, network: Network, good: Callable[[Look], bool], what: str) -> Look:
        """Watch the VPC until `good`, with signs of life."""
        sys.stdout.write(f"   waiting: {what} ")
        started = time.monotonic()
        stands = scenes.wait_until(
            lambda: scenes.look(self.ec2, network.vpc_id),
            good,
            what,
            seconds=60,
            progress=progress,
        )
        say(f" {time.monotonic() - started:.1f} s")
        return stands

    def await_told(self, kind: str) -> list[dict[str, Any]]:
        """Read ops' messages until one is of `kind`; all that came."""
        sys.stdout.write(f"   waiting: what ops are told ({kind}) ")
        heard: list[dict[str, Any]] = []

        def read() -> list[dict[str, Any]]:
            heard.extend(message.body for message in self.ops.read())
            return heard

        scenes.wait_until(
            read,
            lambda m: any(one.get("kind") == kind for one in m),
            f"ops hear of {kind}",
            seconds=60,
            progress=progress,
        )
        say(" heard")
        return heard


def a_team_builds_a_vpc(stage: Stage) -> Network:
    """Chapter 1: the founding story of the gateway half."""
    chapter("1. A team builds a VPC: three subnets, five route tables, no NAT")
    network = scenes.build_network(stage.ec2, "orders")
    stage.names.update({t: f"orders-{i}" for i, t in enumerate(network.table_ids)})
    say(f"   built {network.vpc_id}; nobody mentions endpoints")
    stands = stage.await_look(
        network, lambda s: s.serves(network.all_tables), "routes to S3 and DynamoDB everywhere"
    )
    show_tables(network, stage.names, stands)
    expect(stands.serves(network.all_tables), "all six route tables reach S3 and DynamoDB")
    expect(len(stands.endpoints) == 2, "one endpoint for each service, no more")
    expect(all(e.owner == "EndpointAutopilot" for e in stands.endpoints), "both bear our owner tag")
    show_messages(stage.await_told("GatewayEndpointsChanged"))
    return network


def a_table_joins(stage: Stage, network: Network) -> Network:
    """Chapter 2: a later table."""
    chapter("2. A week later somebody adds a route table")
    table = scenes.add_table(stage.ec2, network.vpc_id, "orders-late")
    stage.names[table] = "orders-late"
    grown = Network(
        network.vpc_id, network.subnet_ids, network.main_table_id, (*network.table_ids, table)
    )
    stands = stage.await_look(grown, lambda s: s.serves(grown.all_tables), f"{table} joins")
    expect(len(stands.endpoints) == 2, "the same two endpoints serve it")
    show_messages(stage.await_told("GatewayEndpointsChanged"))
    return grown


def a_deletion_is_put_right(stage: Stage, network: Network) -> None:
    """Chapter 3: an endpoint of ours that somebody deletes."""
    chapter("3. Somebody deletes the S3 endpoint by mistake")
    gone = scenes.look(stage.ec2, network.vpc_id).of("s3")[0].id
    stage.ec2.delete_vpc_endpoints(VpcEndpointIds=[gone])
    say(f"   deleted {gone}")
    stands = stage.await_look(
        network,
        lambda s: s.serves(network.all_tables) and all(e.id != gone for e in s.endpoints),
        "a new one in its place",
    )
    expect(stands.of("s3")[0].id != gone, f"{stands.of('s3')[0].id} serves S3 now")
    show_messages(stage.await_told("GatewayEndpointsChanged"))


def a_busy_table_is_left(stage: Stage, network: Network) -> None:
    """Chapter 4: a table that carries traffic loses its route; nobody's connections are dropped."""
    chapter("4. Traffic flows, and a table that carries it lacks its routes")
    table = network.table_ids[0]
    stage.ec2.create_network_interface(SubnetId=network.subnet_ids[0])
    for endpoint in scenes.look(stage.ec2, network.vpc_id).endpoints:
        stage.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint.id, RemoveRouteTableIds=[table])
    say(f"   {table} carries traffic; somebody took its routes")
    show_messages(stage.await_told("RouteTableBusy"))
    stands = scenes.look(stage.ec2, network.vpc_id)
    expect(not stands.routes[table], "the busy table is left alone: attaching drops connections")


def what_it_took(stage: Stage) -> None:
    """The bill: calls that the automation made."""
    chapter("What it took")
    ours = [c for c in stage.lab.calls() if ":role/EndpointAutopilot-" in c["principal"]]
    changes = [c for c in ours if not c["operation"].startswith(("Describe", "Get"))]
    say(f"   {len(ours)} EC2 calls by the automation, {len(changes)} of them changes:")
    for call in changes:
        say(f"   {call['time']}  {call['operation']:<20} {call['error'] or 'ok'}")
    expect(bool(ours), "every call is on record, by role")


def play(lab: Lab) -> None:
    """All chapters. Raises OutcomeMissing or NotInTime at the first outcome that isn't there."""
    stage = Stage(lab, lab.client("ec2", ACCOUNT), lab.ops(ACCOUNT), {})
    network = a_team_builds_a_vpc(stage)
    network = a_table_joins(stage, network)
    a_deletion_is_put_right(stage, network)
    a_busy_table_is_left(stage, network)
    what_it_took(stage)


def main() -> int:
    """Run the demo; 0 if every outcome was there."""
    say("Endpoint Autopilot: the main job, end to end, on this machine.")
    say(
        "Starting an AWS (the lab) and deploying the stack with the real CDK CLI, half a minute ..."
    )
    try:
        with Lab.start(accounts=(ACCOUNT,), progress=lambda line: say(f"   {line}")) as lab:
            play(lab)
    except (OutcomeMissing, NotInTime, LabError) as missing:
        say("")
        sys.stderr.write(f"DEMO FAILED: {missing}\n")
        return 1
    chapter("All outcomes were there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
