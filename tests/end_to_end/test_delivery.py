"""Events come three times, late, shuffled, or not at all: the end is the same."""

from __future__ import annotations

from demo import scenes
from demo.scenes import build_network
from tests.end_to_end.stage import Stage


def test_events_three_times_late_and_shuffled_change_nothing_twice(stage: Stage) -> None:
    stage.lab.delivery(delay_seconds=2, duplicates=2, shuffle=True, seed=7)
    network = build_network(stage.ec2, "thrice")

    stage.served(network, within=60)
    stage.settle(quiet=10)

    stands = scenes.look(stage.ec2, network.vpc_id)
    assert [
        (e.service, e.table_ids) for e in sorted(stands.endpoints, key=lambda e: e.service)
    ] == [("dynamodb", network.all_tables), ("s3", network.all_tables)]
    made = [
        c
        for c in stage.changes_of(network.vpc_id)
        if c["operation"] == "CreateVpcEndpoint" and not c["error"]
    ]
    assert len(made) == 2
    told = stage.of_kind("GatewayEndpointsChanged", network.vpc_id)
    created = [e.id for e in stands.endpoints]
    assert all(
        sum(f"created {i}" in str(m) or i in str(m["subjects"]) for m in told) <= len(told)
        for i in created
    )
    tables_told = [t for m in told for t in str(m["data"]).split("'") if t.startswith("rtb-")]
    assert len(tables_told) == len(set(tables_told)) * 2, "each table once for each service"


def test_the_sweep_heals_what_lost_events_missed_and_says_when_it_repeats(stage: Stage) -> None:
    stage.sweep()  # whatever other stories lost is found here, so that the count begins at none
    stage.sweep()
    stage.begin()
    stage.lab.delivery(loss=1.0)
    found_before = stage.metric("FoundBySweep")

    first = build_network(stage.ec2, "lost-1", tables=2)
    assert not scenes.look(stage.ec2, first.vpc_id).endpoints
    assert stage.sweep()["status"] == "SUCCEEDED"
    assert scenes.look(stage.ec2, first.vpc_id).serves(first.all_tables)
    found_once = stage.metric("FoundBySweep")
    assert found_once > found_before
    assert not stage.of_kind("EventsNotArriving")

    second = build_network(stage.ec2, "lost-2", tables=2)
    stage.sweep()
    assert scenes.look(stage.ec2, second.vpc_id).serves(second.all_tables)
    told = stage.told("EventsNotArriving")
    assert told["severity"] == "action"
    assert "trail" in str(told["next"]).lower()

    stage.sweep()
    assert len(stage.of_kind("EventsNotArriving")) == 2, "told when it appears and when it goes"
