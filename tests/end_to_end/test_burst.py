"""A VPC is built; a table joins later; an endpoint is deleted and comes back."""

from __future__ import annotations

from demo import scenes
from demo.scenes import Network, build_network
from tests.end_to_end.stage import Stage


def test_serves_a_new_vpc_for_a_small_budget(stage: Stage) -> None:
    with stage.intake_waits(stage.lab.wait_for_deliveries):
        network = build_network(stage.ec2, "burst")

    stands = stage.served(network)
    stage.settle()

    assert len(network.all_tables) == 6
    assert stands.serves(network.all_tables)
    assert {e.service: e.table_ids for e in stands.endpoints} == {
        "s3": network.all_tables,
        "dynamodb": network.all_tables,
    }
    assert {e.owner for e in stands.endpoints} == {"EndpointAutopilot"}
    assert len(stage.executions()) <= 2
    assert len(stage.our_calls()) <= 20  # six more than the plan's: a look right before each call
    assert len(stage.our_calls(changes=True)) <= 4
    told = stage.told("GatewayEndpointsChanged", network.vpc_id)
    assert told["severity"] == "info"
    assert all(e.id in str(told) for e in stands.endpoints)


def test_a_table_added_later_joins_the_same_endpoints(stage: Stage) -> None:
    network = build_network(stage.ec2, "grows", tables=1)
    before = stage.served(network)
    stage.settle()

    table = scenes.add_table(stage.ec2, network.vpc_id, "late")
    grown = Network(
        network.vpc_id, network.subnet_ids, network.main_table_id, (*network.table_ids, table)
    )
    after = stage.served(grown)

    assert {e.id for e in after.endpoints} == {e.id for e in before.endpoints}


def test_an_endpoint_of_ours_that_somebody_deletes_comes_back(stage: Stage) -> None:
    network = build_network(stage.ec2, "deleted", tables=1)
    gone = stage.served(network).of("s3")[0].id
    stage.settle()

    stage.ec2.delete_vpc_endpoints(VpcEndpointIds=[gone])
    after = stage.until(
        network,
        lambda s: s.serves(network.all_tables) and gone not in {e.id for e in s.endpoints},
        "another S3 endpoint",
    )
    stage.settle()

    assert [e.owner for e in after.of("s3")] == ["EndpointAutopilot"]
    assert len(scenes.look(stage.ec2, network.vpc_id).endpoints) == 2
