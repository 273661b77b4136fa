"""What every story needs: an account in a running lab, its workflow, its ops, its counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from demo import rest, scenes
from demo.scenes import Look, Network
from lab.client import Lab

READING = ("Describe", "Get", "List")


@dataclass
class Stage:
    """One account with the stack in it."""

    lab: Lab
    account: str
    heard: list[dict[str, Any]] = field(default_factory=list)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.ec2 = self.lab.client("ec2", self.account)
        self.states = self.lab.client("stepfunctions", self.account)
        outputs = self.lab.outputs(self.account)
        self.workflow = outputs["NetworkWorkflowArn"]
        self.connections = outputs["ConnectionsWorkflowArn"]
        self._ops = self.lab.ops(self.account)

    def begin(self) -> None:
        """Forget what was called, started and told before this story."""
        self.stop_withdrawals()
        self.settle()
        self._ops.read()
        self.heard.clear()
        self.lab.clear_calls()
        self.since = datetime.now(UTC)

    def stop_withdrawals(self) -> None:
        """Stop those that wait for others: each would start looks in the midst of a later story."""
        running = self.running("Withdraw")
        with self._unheard() if running else nullcontext():
            for execution in running:
                # The lab refuses to stop what has just ended by itself.
                with suppress(self.states.exceptions.ValidationException):
                    self.states.stop_execution(executionArn=execution["executionArn"])

    @contextmanager
    def _unheard(self) -> Iterator[None]:
        """Keep from ops that somebody stops executions: here it is no news."""
        events = self.lab.client("events", self.account)
        (rule,) = (r["Name"] for r in events.list_rules()["Rules"] if "TellingEnded" in r["Name"])
        events.disable_rule(Name=rule)
        yield
        events.enable_rule(Name=rule)

    def served(self, network: Network, *, within: float = 45) -> Look:
        """Wait until every table of the VPC is served."""
        return self.until(
            network, lambda s: s.serves(network.all_tables), "all tables served", within=within
        )

    def until(
        self, network: Network, good: Callable[[Look], bool], what: str, *, within: float = 45
    ) -> Look:
        """Wait until the VPC stands as `good` says."""
        return scenes.wait_until(
            lambda: scenes.look(self.ec2, network.vpc_id), good, what, seconds=within, every=0.3
        )

    def told(self, kind: str, about: str = "", *, within: float = 45) -> dict[str, Any]:
        """Wait for the first message of `kind` that mentions `about`."""

        def read() -> list[dict[str, Any]]:
            return self.of_kind(kind, about)

        return scenes.wait_until(read, bool, f"ops hear of {kind} {about}", seconds=within)[0]

    def of_kind(self, kind: str, about: str = "") -> list[dict[str, Any]]:
        """The messages of `kind`, or their parts of it, heard so far that mention `about`."""
        for message in self._ops.read():
            self.heard.extend(scenes.parts_of(message.body))
        return [m for m in self.heard if m.get("kind") == kind and about in json.dumps(m)]

    def our_calls(self, *, changes: bool = False) -> list[dict[str, Any]]:
        """EC2 calls that the automation made in this account since `begin`; only the changes?"""
        ours = [
            c
            for c in self.lab.calls()
            if c["account"] == self.account
            and c["service"] == "ec2"
            and ":role/EndpointAutopilot" in c["principal"]
        ]
        return [c for c in ours if not changes or not c["operation"].startswith(READING)]

    def changes_of(self, *ids: str) -> list[dict[str, Any]]:
        """Those of our changes that name one of these: other stories share the account."""
        made = self.our_calls(changes=True)
        return [call for call in made if any(id_ in json.dumps(call["parameters"]) for id_ in ids)]

    @contextmanager
    def intake_waits(self, until: Callable[[], object]) -> Iterator[None]:
        """Keep events in the queue until all is done that is done in here, and `until` is over.

        However slow the machine, they come as they would on AWS, within a few seconds.
        """
        functions = self.lab.client("lambda", self.account)
        queue = self.lab.outputs(self.account)["IntakeQueueUrl"].rsplit("/", 1)[-1]
        mappings = functions.list_event_source_mappings()["EventSourceMappings"]
        (mapping,) = [m["UUID"] for m in mappings if m["EventSourceArn"].endswith(f":{queue}")]
        functions.update_event_source_mapping(UUID=mapping, Enabled=False)
        try:
            yield
            until()
        finally:
            functions.update_event_source_mapping(UUID=mapping, Enabled=True)

    def executions(self, workflow: str = "") -> list[dict[str, Any]]:
        """Executions of a workflow (default: the network's) started since `begin`."""
        pages = self.states.get_paginator("list_executions").paginate(
            stateMachineArn=workflow or self.workflow
        )
        return [e for page in pages for e in page["executions"] if e["startDate"] >= self.since]

    def machine(self, name: str) -> str:
        """The ARN of a state machine, one without an output too, by what `infra` calls it."""
        machines = self.states.list_state_machines()["stateMachines"]
        return next(str(m["stateMachineArn"]) for m in machines if f"{name}Machine" in m["name"])

    def running(self, name: str) -> list[dict[str, Any]]:
        """The executions of such a machine that run."""
        pages = self.states.get_paginator("list_executions").paginate(
            stateMachineArn=self.machine(name), statusFilter="RUNNING"
        )
        return [e for page in pages for e in page["executions"]]

    def run(self, trigger: dict[str, Any], workflow: str = "") -> dict[str, Any]:
        """Start a workflow (default: the network's) by hand and wait for its end."""
        arn = self.states.start_execution(
            stateMachineArn=workflow or self.workflow, input=json.dumps(trigger)
        )["executionArn"]
        return scenes.wait_until(
            lambda: self.states.describe_execution(executionArn=arn),
            lambda e: e["status"] != "RUNNING",
            f"{arn} ends",
            seconds=180,
            every=0.1,
        )

    def sweep(self, workflow: str = "") -> dict[str, Any]:
        """Do what a workflow's (default: the network's) schedule does, with its own input."""
        scheduler = self.lab.client("scheduler", self.account)
        schedules = [
            scheduler.get_schedule(Name=s["Name"], GroupName=s["GroupName"])
            for s in scheduler.list_schedules()["Schedules"]
        ]
        inputs = [
            json.loads(s["Target"]["Input"])
            for s in schedules
            if s["Target"]["Arn"] == (workflow or self.workflow)
        ]
        return self.run(next(i for i in inputs if i["trigger"] == "sweep"), workflow)

    def transitions(self, execution_arn: str) -> int:
        """States that the execution entered."""
        return scenes.transitions(self.states, execution_arn)

    def waiting(self) -> int:
        """Events in the intake queue, those in hand included."""
        return rest.waiting(self.lab, self.account)

    def settle(self, *, quiet: float = 2) -> None:
        """Wait until the queue is empty and nothing has run for `quiet` seconds."""
        rest.await_rest(self.lab, self.account, quiet=quiet)

    def others_s3(self, network: Network, table: str, **more: str) -> dict[str, Any]:
        """Somebody's own endpoint for S3 in the VPC, on one of its tables."""
        made = self.ec2.create_vpc_endpoint(
            VpcId=network.vpc_id,
            ServiceName="com.amazonaws.us-east-1.s3",
            RouteTableIds=[table],
            **more,
        )
        return dict(made["VpcEndpoint"])

    def metric(self, name: str) -> float:
        """The sum of one of our metrics over all its dimensions, since the lab began."""
        cloudwatch = self.lab.client("cloudwatch", self.account)
        total = 0.0
        for metric in cloudwatch.list_metrics(Namespace="EndpointAutopilot", MetricName=name)[
            "Metrics"
        ]:
            points = cloudwatch.get_metric_statistics(
                Namespace="EndpointAutopilot",
                MetricName=name,
                Dimensions=metric["Dimensions"],
                StartTime=datetime(2020, 1, 1, tzinfo=UTC),
                EndTime=datetime.now(UTC),
                Period=86400,
                Statistics=["Sum"],
            )["Datapoints"]
            total += sum(point["Sum"] for point in points)
        return total


def allow_endpoints(lab: Lab, account: str, number: int) -> None:
    """Raise the account's quota of gateway endpoints in the Region."""
    lab.client("service-quotas", account).request_service_quota_increase(
        ServiceCode="vpc", QuotaCode="L-1B52E74A", DesiredValue=float(number)
    )
