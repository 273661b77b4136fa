"""A third of all events is lost, a third comes twice, all are shuffled: a sweep puts it right."""

from __future__ import annotations

import json
from collections import Counter

from demo import scenes
from demo.scenes import Network, build_network
from tests.end_to_end.stage import Stage

VPCS = 5
BADLY = {"loss": 0.3, "duplicates": 0.3, "shuffle": True, "seed": 11}


def test_a_bad_world_ends_like_a_quiet_one_after_a_sweep(stage: Stage) -> None:
    stage.lab.delivery(**BADLY)
    networks = [build_network(stage.ec2, f"bad-{i}", cidr=f"10.{60 + i}") for i in range(VPCS)]
    stage.settle(quiet=8)  # the last copy comes after two seconds, the intake gathers for five
    stage.lab.delivery()
    assert stage.sweep()["status"] == "SUCCEEDED"
    stage.settle()

    for network in networks:
        stands_as_in_a_quiet_world(stage, network)
    made_nothing_twice(stage, networks)
    told_nothing_twice(stage, networks)
    stage.lab.clear_calls()
    stage.sweep()
    vpcs = [network.vpc_id for network in networks]
    endpoints = [e.id for vpc in vpcs for e in scenes.look(stage.ec2, vpc).endpoints]
    assert not stage.changes_of(*vpcs, *endpoints), "nothing is left to do"


def stands_as_in_a_quiet_world(stage: Stage, network: Network) -> None:
    stands = scenes.look(stage.ec2, network.vpc_id)
    assert sorted((e.service, e.table_ids, e.owner) for e in stands.endpoints) == [
        ("dynamodb", network.all_tables, "EndpointAutopilot"),
        ("s3", network.all_tables, "EndpointAutopilot"),
    ]
    assert stands.serves(network.all_tables)


def made_nothing_twice(stage: Stage, networks: list[Network]) -> None:
    made = Counter(
        (call["parameters"]["VpcId"], call["parameters"]["ServiceName"])
        for call in stage.changes_of(*(network.vpc_id for network in networks))
        if call["operation"] == "CreateVpcEndpoint" and not call["error"]
    )
    assert len(made) == 2 * VPCS
    assert set(made.values()) == {1}


def told_nothing_twice(stage: Stage, networks: list[Network]) -> None:
    """Each table is told once for each service, whether in one message or in several."""
    for network in networks:
        told = stage.of_kind("GatewayEndpointsChanged", network.vpc_id)
        said = Counter(word for message in told for word in json.dumps(message["data"]).split('"'))
        assert {table: said[table] for table in network.all_tables} == dict.fromkeys(
            network.all_tables, 2
        )
        assert not stage.of_kind("ChangeFailed", network.vpc_id)
    # What an earlier story made fail may be told to be over.
    assert not [m for m in stage.of_kind("WorkflowFailed") if m["change"] != "resolved"]
