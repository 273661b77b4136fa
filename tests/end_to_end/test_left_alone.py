"""What is somebody else's, opted out, busy or over quota is left alone, and ops hear of it."""

from __future__ import annotations

import json

from demo import scenes
from demo.scenes import build_network
from tests.end_to_end.stage import Stage

OFF = [{"Key": "endpoint-autopilot", "Value": "off"}]


def test_leaves_others_endpoints_and_covers_the_tables_they_miss(stage: Stage) -> None:
    stage.lab.delivery(loss=1.0)
    network = build_network(stage.ec2, "others", tables=2)
    theirs = stage.others_s3(
        network,
        network.table_ids[0],
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": []}
            | {
                "Statement": [
                    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
                ]
            }
        ),
    )
    stage.sweep()

    stands = scenes.look(stage.ec2, network.vpc_id)
    assert stands.serves(network.all_tables)
    s3 = {e.id: e for e in stands.of("s3")}
    untouched = s3.pop(theirs["VpcEndpointId"])
    assert untouched.table_ids == {network.table_ids[0]}
    assert untouched.owner is None
    assert [e.table_ids for e in s3.values()] == [network.all_tables - untouched.table_ids]
    now = stage.ec2.describe_vpc_endpoints(VpcEndpointIds=[untouched.id])["VpcEndpoints"][0]
    assert "s3:GetObject" in now["PolicyDocument"]
    touched = [c for c in stage.our_calls(changes=True) if untouched.id in json.dumps(c)]
    assert not touched


def test_leaves_what_bears_the_opt_out_tag(stage: Stage) -> None:
    stage.lab.delivery(loss=1.0)
    out = build_network(stage.ec2, "opted-out", tables=1)
    half = build_network(stage.ec2, "half-out", tables=2)
    stage.ec2.create_tags(Resources=[out.vpc_id, half.table_ids[0]], Tags=OFF)
    stage.lab.delivery()
    stage.sweep()
    stage.settle()

    assert not scenes.look(stage.ec2, out.vpc_id).endpoints
    stands = scenes.look(stage.ec2, half.vpc_id)
    assert stands.serves(half.all_tables - {half.table_ids[0]})
    assert not stands.routes[half.table_ids[0]]

    stage.ec2.delete_tags(Resources=[half.table_ids[0]], Tags=OFF)
    stage.served(half)


def test_leaves_busy_tables_and_says_how_to_go_on(stage: Stage) -> None:
    stage.lab.delivery(loss=1.0)
    network = build_network(stage.ec2, "busy", tables=2)
    stage.ec2.create_network_interface(SubnetId=network.subnet_ids[0])
    stage.lab.delivery()
    stage.sweep()

    busy = network.table_ids[0]
    told = stage.told("RouteTableBusy", busy)
    assert told["severity"] == "action"
    assert "drop" in json.dumps(told)
    assert "aws ec2 modify-vpc-endpoint" in json.dumps(told["next"])
    stands = scenes.look(stage.ec2, network.vpc_id)
    assert stands.serves(network.all_tables - {busy})
    assert not stands.routes[busy]

    stage.sweep()
    assert len(stage.of_kind("RouteTableBusy", busy)) == 1, "told once"


def test_leaves_a_vpc_that_another_account_shares(stage: Stage) -> None:
    other = stage.lab.client("ec2", "333333333333")
    network = build_network(other, "shared", tables=1)
    stage.lab.world(
        {
            "share_vpc": {
                "vpc_id": network.vpc_id,
                "from_account": "333333333333",
                "with_account": stage.account,
            }
        }
    )
    assert stage.ec2.describe_vpcs(VpcIds=[network.vpc_id])["Vpcs"][0]["OwnerId"] == "333333333333"
    stage.sweep()

    assert not stage.changes_of(network.vpc_id, *network.all_tables)
    assert not stage.of_kind("ChangeFailed", network.vpc_id)
    assert not scenes.look(other, network.vpc_id).endpoints


def test_stops_cleanly_at_the_quota_and_tells_ops_before_and_there(tight: Stage) -> None:
    tight.begin()
    networks = [build_network(tight.ec2, f"quota-{i}", cidr=f"10.{i}", tables=0) for i in range(11)]
    tight.settle()
    tight.sweep()

    made = [e for n in networks for e in scenes.look(tight.ec2, n.vpc_id).endpoints]
    assert len(made) == 20
    assert not [c for c in tight.our_calls(changes=True) if c["error"]], (
        "no call ran into the limit"
    )
    reached = tight.told("QuotaReached")
    assert reached["severity"] == "action"
    assert "request-service-quota-increase" in json.dumps(reached["next"])
    left = [n.vpc_id for n in networks if len(scenes.look(tight.ec2, n.vpc_id).endpoints) < 2]
    assert left
    assert all(vpc in json.dumps(reached) for vpc in left)
    assert tight.of_kind("QuotaNear") or "80" in json.dumps(reached)

    tight.lab.clear_calls()
    tight.sweep()
    assert not tight.our_calls(changes=True), "at the limit it doesn't even try"
