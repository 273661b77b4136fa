"""A provider whose events all get lost: its connections workflow runs when a test says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from demo import scenes
from demo.privatelink import ZONES, Service, network, publish
from lab.client import Lab
from tests.end_to_end.stage import Stage

PROVIDER, PEER, DENIED, STRANGER = (str(number) * 12 for number in (1, 2, 3, 4))
READER = "EndpointAutopilotZoneReader-us-east-1"
# A zone that the services here aren't in: whoever has a subnet in it is told so.
ELSEWHERE = "use1-az6"
FAILURES = ("WorkflowFailed", "AnswerFailed", "NotificationsNotRegistered")
# A rule on tags has services looked at once more right before an answer.
POLICY = """
connections:
  allow:
    - {{allowed_principals: true}}
    - {{account: "{provider}"}}
    - {{account: "{stranger}", services: {{tags: {{tier: shared}}}}}}
  deny:
    - {{account: "{denied}"}}
zones:
  peers: [{peers}]
"""


@dataclass(frozen=True)
class Case:
    """What the next look finds: requests to accept, to reject and to hold, and more."""

    peer_account: str
    peer: str
    own: str
    denied: str
    held: str
    advised: str


@dataclass
class Reception:
    """The provider, its two services, and consumers in the policy's good and bad books."""

    lab: Lab
    stage: Stage
    service: Service
    other: Service
    subnets: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    last: Case | None = None
    before: Case | None = None
    answers: list[dict[str, str]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def ask(self, account: str) -> str:
        """An endpoint of `account` to the service; its id."""
        if account not in self.subnets:
            self.subnets[account] = network(self.lab, account, "asks", (*ZONES, ELSEWHERE))
        vpc, subnets = self.subnets[account]
        made = self.lab.client("ec2", account).create_vpc_endpoint(
            VpcId=vpc,
            VpcEndpointType="Interface",
            ServiceName=self.service.name,
            SubnetIds=subnets[: len(ZONES)],
        )
        return str(made["VpcEndpoint"]["VpcEndpointId"])

    def prepare(self, peer: str = PEER) -> Case:
        """Have something to do for every step: new requests, lost notifications, what is over."""
        if self.last:
            self._end(self.last)
        self.stage.heard.clear()
        self.stage.of_kind("")
        self.stage.heard.clear()
        self._lose_notifications()
        case = Case(
            peer_account=peer,
            peer=self.ask(peer),
            own=self.ask(PROVIDER),
            denied=self.ask(DENIED),
            held=self.ask(STRANGER),
            advised=f"vpc-{next(self.numbers):08x}",
        )
        self._wait_for(dict.fromkeys((case.peer, case.own, case.denied, case.held), "pending"))
        self.last = case
        return case

    def _end(self, case: Case) -> None:
        """A person accepts what was held; everything else goes, and what was held before that."""
        self.answers = []
        if self.service.states().get(case.held) == "pendingAcceptance":
            self.service.answer("accept", case.held)
            self.answers = [persons_answer(case, self.service)]
        gone = {PROVIDER: case.own, case.peer_account: case.peer, DENIED: case.denied}
        if self.before:
            gone[STRANGER] = self.before.held
        for account, endpoint in gone.items():
            self.lab.client("ec2", account).delete_vpc_endpoints(VpcEndpointIds=[endpoint])
        self.before = case

    def _lose_notifications(self) -> None:
        ec2 = self.service.ec2
        for each in ec2.describe_vpc_endpoint_connection_notifications()[
            "ConnectionNotificationSet"
        ]:
            id_ = each["ConnectionNotificationId"]
            if each["ServiceId"] == self.service.id:
                ec2.delete_vpc_endpoint_connection_notifications(ConnectionNotificationIds=[id_])
            else:
                ec2.modify_vpc_endpoint_connection_notification(
                    ConnectionNotificationId=id_, ConnectionEvents=["Accept"]
                )

    def _wait_for(self, wanted: Mapping[str, str]) -> None:
        scenes.wait_until(
            self.service.states,
            lambda states: all(states.get(id_, "").startswith(s) for id_, s in wanted.items()),
            f"{wanted}",
            every=0.05,
        )

    def look(self, case: Case | None = None, **more: object) -> dict[str, Any]:
        """Run the connections workflow over everything; how it ended."""
        given = {"advice": [refused(case, self.service)], "answers": self.answers} if case else {}
        return self.run(self.stage.workflow, {**given, **more})

    def run(self, machine: str, given: Mapping[str, object]) -> dict[str, Any]:
        """Run a workflow; how it ended."""
        started = self.stage.states.start_execution(
            stateMachineArn=machine, input=json.dumps(given)
        )
        return scenes.wait_until(
            lambda: self.stage.states.describe_execution(executionArn=started["executionArn"]),
            lambda e: e["status"] != "RUNNING",
            "the look ends",
            seconds=60,
            every=0.05,
        )

    def opened(self, endpoint: str) -> None:
        """Wait until the hold of a request can be answered."""
        table = self.lab.client("dynamodb", PROVIDER)
        key = {"pk": {"S": "hold"}, "sk": {"S": endpoint}}
        scenes.wait_until(
            lambda: table.get_item(TableName=self.ledger, Key=key).get("Item", {}),
            lambda row: row.get("state", {}).get("S") == "open",
            "the hold is open",
            every=0.05,
        )

    def answer_hold(self, endpoint: str, answer: str = "accept") -> str:
        """Answer as a person does through the function; what it says."""
        given = {"endpoint_id": endpoint, "answer": answer, "by": "alice", "reason": "known"}
        said = self.lab.client("lambda", PROVIDER).invoke(
            FunctionName=self.function("AnswerHold"), Payload=json.dumps(given)
        )
        return str(said["Payload"].read().decode())

    def function(self, step: str) -> str:
        """The name of a step's function."""
        found = self.lab.client("lambda", PROVIDER).get_paginator("list_functions").paginate()
        names = [str(each["FunctionName"]) for page in found for each in page["Functions"]]
        return next(name for name in names if f"Functions{step}Func" in name)

    @cached_property
    def ledger(self) -> str:
        """The ledger table's name."""
        names = self.lab.client("dynamodb", PROVIDER).list_tables()["TableNames"]
        return next(str(name) for name in names if "Ledger" in name)

    def undone(self, case: Case) -> list[str]:
        """What of the case is not as it should be."""
        states, events = self.service.states(), self._events()
        told = {
            what: bool(self.stage.of_kind(kind, about))
            for what, kind, about in (
                ("the peer's zones compared", "ZonesMisaligned", case.peer),
                ("own zones compared", "ZonesMisaligned", case.own),
                ("told of the held one", "ConnectionHeld", case.held),
                ("advised", "ZoneAdvice", case.advised),
            )
        }
        done = {
            "accepted": states.get(case.peer) == states.get(case.own) == "available",
            "rejected": states.get(case.denied) == "rejected",
            "notified": events.get(self.service.id) == ["Connect", "Delete"],
            "notified of all": events.get(self.other.id, []) == ["Connect", "Delete"],
            **told,
        }
        return [what for what, well in done.items() if not well]

    def _events(self) -> dict[str, list[str]]:
        found = self.service.ec2.describe_vpc_endpoint_connection_notifications()
        return {
            each["ServiceId"]: sorted(each["ConnectionEvents"])
            for each in found["ConnectionNotificationSet"]
        }

    def failures(self) -> list[dict[str, Any]]:
        """The failures that ops heard of since the case was prepared."""
        told = [message for kind in FAILURES for message in self.stage.of_kind(kind)]
        return [message for message in told if message["change"] != "resolved"]


def refused(case: Case, service: Service) -> dict[str, object]:
    """What intake makes of a CreateVpcEndpoint that AWS refused."""
    return {
        "vpc_id": case.advised,
        "service_name": service.name,
        "subnet_ids": [],
        "by": f"arn:aws:iam::{PROVIDER}:root",
        "error": "Client.InvalidParameter",
        "at": datetime.now(UTC).isoformat(),
    }


def persons_answer(case: Case, service: Service) -> dict[str, str]:
    """What intake makes of an accept in the console."""
    return {
        "endpoint_id": case.held,
        "service_id": service.id,
        "verdict": "accept",
        "by": f"arn:aws:iam::{PROVIDER}:root",
        "at": datetime.now(UTC).isoformat(),
    }


@contextmanager
def reception(folder: Path, peers: Sequence[str] = (PEER,)) -> Iterator[Reception]:
    """Open one in a lab of its own, where waits are short."""
    policy = folder / "policy.yaml"
    named = ", ".join(f'{{account: "{peer}"}}' for peer in peers)
    policy.write_text(
        POLICY.format(provider=PROVIDER, stranger=STRANGER, denied=DENIED, peers=named)
    )
    with Lab.start(accounts=(PROVIDER,), policy=policy, env={"SFN_WAIT_SCALE": "0.05"}) as lab:
        lab.delivery(loss=1.0, notifications={"loss": 1.0})
        lab.world({"settle_seconds": 0})
        for peer in peers:
            offer_zones(lab, peer)
        stage = Stage(lab, PROVIDER)
        stage.workflow = lab.outputs(PROVIDER)["ConnectionsWorkflowArn"]
        made = Reception(lab, stage, publish(lab, PROVIDER, "one"), publish(lab, PROVIDER, "other"))
        made.service.allow("*", *peers)
        made.look()
        yield made


def offer_zones(lab: Lab, account: str, name: str = READER) -> None:
    """The role that a peer's own stack makes for us; under another name, one that it doesn't."""
    iam = lab.client("iam", account)
    who = {"AWS": f"arn:aws:iam::{PROVIDER}:root"}
    trust = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": who}]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": trust}))
    allow = {"Effect": "Allow", "Action": ["ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints"]}
    document = json.dumps({"Statement": [{**allow, "Resource": "*"}]})
    iam.put_role_policy(RoleName=name, PolicyName="reads", PolicyDocument=document)
