"""The intake handler: a batch becomes one look; nobody's bad event harms the good ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import intake
import pytest
from autopilot.aws.errors import AccessDenied, Throttled
from autopilot.reconcile.scope import WHOLE_NETWORK, NetworkScope

EVENTS = Path(__file__).parents[1] / "events"
MACHINE, CONNECTIONS, QUEUE = "arn:machine", "arn:connections", "https://queue"
SERVICES = "arn:services"
WITHDRAW = "arn:withdraw"
VPC = "vpc-0a1b2c3d4e5f60718"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETWORK_MACHINE_ARN", MACHINE)
    monkeypatch.setenv("CONNECTIONS_MACHINE_ARN", CONNECTIONS)
    monkeypatch.setenv("SERVICES_MACHINE_ARN", SERVICES)
    monkeypatch.setenv("WITHDRAW_MACHINE_ARN", WITHDRAW)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", QUEUE)
    intake._settings.cache_clear()


class Fakes:
    """A workflow and a dead-letter queue; `error`, if any, is what both answer with."""

    def __init__(self, error: Exception | None = None, started: bool = True) -> None:
        self.error = error
        self.started = started
        self.starts: list[tuple[str, Any]] = []
        self.aside: list[tuple[str, str, str]] = []

    def start(self, state_machine: str, wakeup: Any) -> bool:
        if self.error:
            raise self.error
        self.starts.append((state_machine, wakeup))
        return self.started

    def put_aside(self, queue_url: str, body: str, reason: str) -> None:
        if self.error:
            raise self.error
        self.aside.append((queue_url, body, reason))


def event(name: str) -> str:
    return (EVENTS / f"{name}.json").read_text()


def batch(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m-{number}", "body": body} for number, body in enumerate(bodies)
        ]
    }


@pytest.fixture
def serve(context: Any) -> Callable[[dict[str, Any], Fakes], list[str]]:
    def serve(records: dict[str, Any], fakes: Fakes) -> list[str]:
        answer = intake.handler(records, context, start=fakes.start, put_aside=fakes.put_aside)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    return serve


Serve = Callable[[dict[str, Any], Fakes], list[str]]


def test_starts_one_look_for_a_burst(serve: Serve) -> None:
    fakes = Fakes()
    burst = batch(event("create_vpc"), event("create_route_table"), event("associate_route_table"))

    assert serve(burst, fakes) == []
    ((machine, wakeup),) = fakes.starts
    assert machine == MACHINE
    assert wakeup.scope == NetworkScope(vpc_ids=(VPC,))
    assert fakes.aside == []


def test_serves_the_good_and_puts_the_bad_one_aside(serve: Serve) -> None:
    fakes = Fakes()

    assert serve(batch(event("create_vpc"), "no JSON"), fakes) == []
    assert len(fakes.starts) == 1
    ((queue, body, reason),) = fakes.aside
    assert (queue, body) == (QUEUE, "no JSON")
    assert reason.startswith("body: is no JSON")


def test_starts_nothing_for_events_of_others(serve: Serve) -> None:
    fakes = Fakes()

    assert serve(batch(event("create_subnet"), event("create_vpc_failed_quota")), fakes) == []
    assert (fakes.starts, fakes.aside) == ([], [])


def test_an_execution_that_runs_already_is_success(serve: Serve) -> None:
    assert serve(batch(event("create_vpc")), Fakes(started=False)) == []


@pytest.mark.parametrize("error", [Throttled("states:StartExecution: x"), AccessDenied("x")])
def test_has_the_queue_deliver_again_what_could_not_be_started(
    serve: Serve, error: Exception
) -> None:
    records = batch(event("create_vpc"), event("create_subnet"), event("create_route_table"))

    assert serve(records, Fakes(error)) == ["m-0", "m-2"]


def test_has_the_queue_deliver_again_what_could_not_be_put_aside(serve: Serve) -> None:
    assert serve(batch("no JSON"), Fakes(Throttled("sqs:SendMessage: x"))) == ["m-0"]


def test_looks_at_everything_when_an_endpoint_was_deleted(serve: Serve) -> None:
    fakes = Fakes()

    serve(batch(event("create_vpc"), event("delete_vpc_endpoints_one")), fakes)

    assert fakes.starts[0][1].scope == WHOLE_NETWORK


def test_logs_fixed_phrases_with_keys(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    serve(batch(event("create_vpc"), event("create_vpc_failed_quota")), Fakes())

    assert caplog.messages == ["events not for us", "look started"]
    assert vars(caplog.records[1])["scope"]["vpc_ids"] == [VPC]


def test_one_batch_starts_all_workflows_that_it_wakes(serve: Serve) -> None:
    fakes = Fakes()
    records = batch(event("create_vpc"), event("modify_service_permissions"), notification())

    assert serve(records, fakes) == []
    (network, connections, services) = fakes.starts
    assert [each[0] for each in fakes.starts] == [MACHINE, CONNECTIONS, SERVICES]
    assert network[1].scope == NetworkScope(vpc_ids=(VPC,))
    assert services[1].scope.service_ids == connections[1].scope.service_ids
    assert connections[1].document() == {
        "trigger": "event",
        "scope": {"service_ids": ["vpce-svc-0123456789abcdef0"], "load_balancer_arns": []},
        "expect": [],
        "look": [],
        "answers": [],
        "advice": [],
    }


def notification(**detail: Any) -> str:
    made = {
        "id": "bus-1",
        "detail-type": "Endpoint Connection Notification",
        "source": "endpoint-autopilot",
        "detail": {"service_ids": ["vpce-svc-0123456789abcdef0"], "message_id": "m", **detail},
    }
    return json.dumps(made)


def test_a_workflow_that_cannot_be_started_keeps_only_its_own_messages(serve: Serve) -> None:
    class Half(Fakes):
        def start(self, state_machine: str, wakeup: Any) -> bool:
            if state_machine == CONNECTIONS:
                raise Throttled("states:StartExecution: x")
            return super().start(state_machine, wakeup)

    fakes = Half()

    assert serve(batch(event("create_vpc"), notification()), fakes) == ["m-1"]
    assert len(fakes.starts) == 1


def test_a_message_for_both_is_delivered_again_once(serve: Serve) -> None:
    tags = json.loads(event("create_tags"))
    tags["detail"]["requestParameters"]["resourcesSet"]["items"] = [
        {"resourceId": VPC},
        {"resourceId": "vpce-svc-0a"},
    ]

    assert serve(batch(json.dumps(tags)), Fakes(Throttled("x"))) == ["m-0"]


def test_wakes_the_interfaces_where_the_policy_wants_any(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes = Fakes()
    monkeypatch.setenv("INTERFACES_MACHINE_ARN", "arn:interfaces")
    intake._settings.cache_clear()

    assert serve(batch(event("create_vpc"), event("create_subnet")), fakes) == []

    (network, _), (machine, wakeup) = fakes.starts
    assert (network, machine) == (MACHINE, "arn:interfaces")
    assert wakeup.scope.vpc_ids == (VPC,)
    assert wakeup.expect == ("subnet-0123456789abcdef0", VPC)
