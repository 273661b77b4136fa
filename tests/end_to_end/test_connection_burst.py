"""Two hundred requests from twenty accounts at once: each gets its answer, for a few calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demo import scenes
from demo.privatelink import Service, network, publish
from lab.client import Lab
from tests.end_to_end.stage import Stage

PROVIDER = "111111111111"
ACCOUNTS = [f"4000000000{number:02}" for number in range(20)]
ALLOWED, DENIED, UNNAMED = ACCOUNTS[:10], ACCOUNTS[10:15], ACCOUNTS[15:]
EACH = 10
ZONE = ("use1-az1",)
POLICY = f"""
connections:
  allow: [{", ".join(f'{{account: "{account}"}}' for account in ALLOWED)}]
  deny: [{", ".join(f'{{account: "{account}"}}' for account in DENIED)}]
  otherwise: hold
"""
ANSWERS = {
    **dict.fromkeys(ALLOWED, "available"),
    **dict.fromkeys(DENIED, "rejected"),
    **dict.fromkeys(UNNAMED, "pendingAcceptance"),
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A lab whose policy names fifteen of the accounts."""
    policy = tmp_path_factory.mktemp("burst") / "policy.yaml"
    Path(policy).write_text(POLICY)
    with Lab.start(accounts=(PROVIDER,), policy=policy) as lab:
        stage = Stage(lab, PROVIDER)
        stage.sweep(stage.connections)
        yield stage


def ask(service: Service, account: str, vpc: str, subnet: str) -> str:
    made = service.lab.client("ec2", account).create_vpc_endpoint(
        VpcId=vpc, VpcEndpointType="Interface", ServiceName=service.name, SubnetIds=[subnet]
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def all_ask(service: Service) -> dict[str, str]:
    """Each account asks for its endpoints, all accounts at once; the owner of each endpoint."""
    homes = {account: network(service.lab, account, "consumer", ZONE) for account in ACCOUNTS}

    def asks(account: str) -> list[str]:
        vpc, (subnet,) = homes[account]
        return [ask(service, account, vpc, subnet) for _ in range(EACH)]

    with ThreadPoolExecutor(len(ACCOUNTS)) as pool:
        made = dict(zip(ACCOUNTS, pool.map(asks, ACCOUNTS), strict=True))
    return {endpoint: account for account, endpoints in made.items() for endpoint in endpoints}


def all_are_heard_of(stage: Stage) -> None:
    """Wait until the queue holds a notification of each request.

    The lab runs the relay for one after the other; AWS would run many at once.
    """
    number = len(ACCOUNTS) * EACH
    scenes.wait_until(
        stage.waiting, lambda n: n >= number, "all requests are heard of", seconds=180
    )


def answered(states: dict[str, str], owners: dict[str, str]) -> bool:
    return all(states.get(each) == ANSWERS[owner] for each, owner in owners.items())


def assert_few(calls: Counter[str], executions: int) -> None:
    """Calls go by execution and by twenty tags, not by request.

    How many executions two hundred requests become is SQS's choice: one batch or some.
    """
    answers = calls["AcceptVpcEndpointConnections"] + calls["RejectVpcEndpointConnections"]
    reads = calls.total() - answers - calls["CreateTags"]
    assert answers <= 2 * executions, calls
    assert calls["CreateTags"] <= 8 + 2 * executions, calls
    assert reads <= 10 * executions, calls


def test_two_hundred_requests_are_answered_rightly_in_few_executions_and_calls(
    provider: Stage,
) -> None:
    service = publish(provider.lab, PROVIDER, "busy", ZONE)
    service.allow("*")
    scenes.wait_until(service.notified, bool, "our notification is registered")
    provider.begin()

    with provider.intake_waits(lambda: all_are_heard_of(provider)):
        owners = all_ask(service)
    scenes.wait_until(
        service.states, lambda found: answered(found, owners), "all are answered", seconds=120
    )
    provider.settle()

    assert answered(service.states(), owners), "nobody wrongly, and nobody again"
    calls = Counter(call["operation"] for call in provider.our_calls())
    started = provider.executions(provider.connections)
    assert len(started) <= 6, started
    assert_few(calls, len(started))
    waiting = {each for each, owner in owners.items() if owner in UNNAMED}
    assert len(provider.running("Hold")) == len(waiting)
    told = {
        kind: {
            subject.partition("/")[2]
            for message in provider.of_kind(kind)
            for subject in message["subjects"]
        }
        for kind in ("ConnectionAccepted", "ConnectionRejected", "ConnectionHeld")
    }
    assert told["ConnectionAccepted"] == {e for e, owner in owners.items() if owner in ALLOWED}
    assert told["ConnectionRejected"] == {e for e, owner in owners.items() if owner in DENIED}
    assert told["ConnectionHeld"] == waiting
