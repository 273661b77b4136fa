"""Chapters 1 and 4 to 6: a network that needs no NAT, and what becomes of it."""

from __future__ import annotations

from demo import scenes
from demo.scenes import Network
from demo.stage import Stage
from demo.telling import chapter, expect, say, show_messages, show_tables


def a_team_builds_a_vpc(stage: Stage) -> Network:
    """Chapter 1: the founding story of the gateway half."""
    chapter("1. A team builds a VPC with private subnets and five route tables, and no NAT")
    network = scenes.build_network(stage.ec2, "orders")
    stage.names.update({t: f"orders-{i}" for i, t in enumerate(network.table_ids)})
    _finish(stage, network)
    say(f"   built {network.vpc_id}, tagged network: private; nobody mentions endpoints")
    stands = stage.await_look(
        network, lambda s: s.serves(network.all_tables), "routes to S3 and DynamoDB everywhere"
    )
    show_tables(network, stage.names, stands)
    expect(stands.serves(network.all_tables), "all six route tables reach S3 and DynamoDB")
    expect(len(stands.endpoints) == 2, "one endpoint for each service, no more")
    expect(not _ways_out(stage, network), "and there is neither a NAT nor an Internet gateway")
    expect(all(e.owner == "EndpointAutopilot" for e in stands.endpoints), "both bear our owner tag")
    show_messages(stage.await_told("GatewayEndpointsChanged", about=network.vpc_id))
    return network


def a_table_joins(stage: Stage, network: Network) -> Network:
    """Chapter 4: a later table."""
    chapter("4. A week later somebody adds a route table")
    table = scenes.add_table(stage.ec2, network.vpc_id, "orders-late")
    stage.names[table] = "orders-late"
    grown = Network(
        network.vpc_id, network.subnet_ids, network.main_table_id, (*network.table_ids, table)
    )
    stands = stage.await_look(grown, lambda s: s.serves(grown.all_tables), f"{table} joins")
    expect(len(stands.endpoints) == 2, "the same two endpoints serve it")
    show_messages(stage.await_told("GatewayEndpointsChanged", about=network.vpc_id))
    return grown


def a_deletion_is_put_right(stage: Stage, network: Network) -> None:
    """Chapter 5: somebody deletes one of the automation's endpoints."""
    chapter("5. Somebody deletes the S3 endpoint by mistake")
    gone = scenes.look(stage.ec2, network.vpc_id).of("s3")[0].id
    stage.ec2.delete_vpc_endpoints(VpcEndpointIds=[gone])
    say(f"   deleted {gone}")
    stands = stage.await_look(
        network,
        lambda s: s.serves(network.all_tables) and all(e.id != gone for e in s.endpoints),
        "a new one in its place",
    )
    expect(stands.of("s3")[0].id != gone, f"{stands.of('s3')[0].id} serves S3 now")
    show_messages(stage.await_told("GatewayEndpointsChanged", about=network.vpc_id))


def a_busy_table_is_left(stage: Stage, network: Network) -> None:
    """Chapter 6: a table that carries traffic loses its route; nobody's connections are dropped."""
    chapter("6. Traffic flows, and a table that carries it has no routes yet")
    table = network.table_ids[0]
    stage.ec2.create_network_interface(SubnetId=network.subnet_ids[0])
    # AWS changes none that is still being set up.
    stands = stage.await_look(
        network,
        lambda s: all(e.state == "available" for e in s.endpoints),
        "both endpoints are available",
    )
    for endpoint in stands.endpoints:
        stage.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint.id, RemoveRouteTableIds=[table])
    say(f"   {table} carries traffic; somebody took its routes")
    show_messages(stage.await_told("RouteTableBusy", about=network.vpc_id))
    stands = stage.await_look(network, lambda s: not s.routes[table], "its routes are gone")
    expect(not stands.routes[table], "the busy table is left alone: attaching drops connections")


def _finish(stage: Stage, network: Network) -> None:
    """Give the VPC what the policy's profile asks for, what private DNS needs, a public subnet."""
    vpc, public = network.vpc_id, scenes.named("subnet", "public")
    stage.ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.9.0/24", TagSpecifications=public)
    stage.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    stage.ec2.create_tags(Resources=[vpc], Tags=[{"Key": "network", "Value": "private"}])


def _ways_out(stage: Stage, network: Network) -> list[object]:
    """What could carry traffic of the VPC to the Internet."""
    by = stage.ec2.describe_nat_gateways(
        Filters=[{"Name": "vpc-id", "Values": [network.vpc_id]}],
    )["NatGateways"]
    attached = [{"Name": "attachment.vpc-id", "Values": [network.vpc_id]}]
    return [*by, *stage.ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]]
