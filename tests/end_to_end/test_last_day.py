"""The last day, and the first again: `cdk destroy` ends by itself, and who was let in is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.privatelink import Service, connect
from lab.client import Lab
from tests.end_to_end.providing import cdk, connections_sweep, deploy, ready, stands
from tests.end_to_end.stage import Stage

PROVIDER, CONSUMER = "111111111111", "222222222222"
FRIEND, STRANGERS = "333333333333", ("444444444444", "555555555555", "666666666666")


@pytest.fixture(scope="module")
def provider() -> Iterator[Stage]:
    """A lab of its own: its automation ends here, and begins again."""
    with Lab.start(accounts=(PROVIDER,)) as lab:
        yield Stage(lab, PROVIDER)


@pytest.fixture(scope="module")
def before(provider: Stage) -> dict[str, tuple[Service, str]]:
    """A consumer whom a rule let in, a friend whom a person let in, three strangers who wait."""
    shared, open_ = ready(provider, "shared"), ready(provider, "open")
    shared.allow(CONSUMER)
    open_.allow("*")
    there = {CONSUMER: (shared, connect(shared, CONSUMER))}
    there |= {who: (open_, connect(open_, who)) for who in (FRIEND, *STRANGERS)}
    stands(*there[CONSUMER], "available")
    for who in (FRIEND, *STRANGERS):
        provider.told("ConnectionHeld", there[who][1])
    open_.answer("accept", there[FRIEND][1])
    provider.told("HoldAnswered", there[FRIEND][1])
    return there


def waiting(stage: Stage) -> list[str]:
    """The holds that wait."""
    machines = stage.states.list_state_machines()["stateMachines"]
    (hold,) = [m["stateMachineArn"] for m in machines if "HoldMachine" in m["name"]]
    found = stage.states.list_executions(stateMachineArn=hold, statusFilter="RUNNING")
    return [execution["name"] for execution in found["executions"]]


def marks(stage: Stage, endpoint: str) -> dict[str, str]:
    """The tags of an endpoint's connection."""
    (found,) = stage.ec2.describe_vpc_endpoint_connections(
        Filters=[{"Name": "vpc-endpoint-id", "Values": [endpoint]}]
    )["VpcEndpointConnections"]
    return {tag["Key"]: tag["Value"] for tag in found["Tags"]}


def test_destroy_ends_by_itself_and_the_next_deployment_remembers_whom_a_rule_let_in(
    provider: Stage, before: dict[str, tuple[Service, str]], tmp_path: Path
) -> None:
    assert len(waiting(provider)) == 3
    (shared, consumer), (open_, friend) = before[CONSUMER], before[FRIEND]
    assert marks(provider, consumer)["endpoint-autopilot:accepted-by"] == "autopilot"
    assert marks(provider, friend) == {}, "a person's is not ours"
    assert [d for d in provider.lab.denials() if "Tags" in d["action"]] == []

    cdk(provider, tmp_path / "destroy", lambda deployment: deployment.destroy())

    assert provider.states.list_state_machines()["stateMachines"] == []
    for who, (service, endpoint) in before.items():
        state = "pendingAcceptance" if who in STRANGERS else "available"
        assert service.states()[endpoint] == state, "nobody is answered, nobody is cut"

    cdk(provider, tmp_path / "deploy", deploy)
    connections_sweep(provider)
    assert len(waiting(provider)) == 3, "who waited waits again"
    assert shared.states()[consumer] == "available"

    shared.revoke(CONSUMER)
    open_.revoke("*")
    stands(shared, consumer, "rejected", within=60)
    connections_sweep(provider)
    assert open_.states()[friend] == "available", "whom a person let in stays"
    assert [d for d in provider.lab.denials() if "Lifetime" in d["principal"]] == []
