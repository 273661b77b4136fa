"""What the services workflow may not do, and what fails, is told or made good: one at a time.

Each permission of its functions is taken out; each change that it makes fails in each way. After
the next look there is exactly one of each thing, ours by tag. The table at the end of the run's
output (tests/conftest.py) says what became of which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from demo import scenes
from demo.privatelink import ZONES, Service, connect, network
from lab.client import Lab
from tests.end_to_end.faults import Fault, faults_of, plant, told_of
from tests.end_to_end.owned import OURS
from tests.end_to_end.permissions import UNSEEN, permissions, without
from tests.end_to_end.published import ROOT, TAG
from tests.end_to_end.stage import Stage

PROVIDER, CONSUMER = "111111111111", "222222222222"
POLICY = """
endpoint_services:
  publish_load_balancers: {tags: {endpoint-autopilot: publish}}
  allowed_principals: ["222222222222"]
  supported_regions: [us-west-2]
  private_dns_names: {whole: api.example.com}
  retire: now
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A lab of its own: roles are crippled here. Nothing wakes the automation but we."""
    policy: Path = tmp_path_factory.mktemp("policy") / "autopilot.yaml"
    policy.write_text(POLICY)
    with Lab.start(accounts=(PROVIDER,), policy=policy, env={"SFN_WAIT_SCALE": "0.05"}) as lab:
        lab.delivery(loss=1.0, notifications={"loss": 1.0})
        lab.world({"settle_seconds": 0})
        made = Stage(lab, PROVIDER)
        made.workflow = lab.outputs(PROVIDER)["ServicesWorkflowArn"]
        yield made


Task = Literal["publish", "put right", "retire"]
STEP = "ApplyServices"
# By what there is to do: the calls that do it.
CALLS: dict[Task, tuple[str, ...]] = {
    "publish": (
        "CreateVpcEndpointServiceConfiguration",
        "ModifyVpcEndpointServicePermissions",
        "StartVpcEndpointServicePrivateDnsVerification",
    ),
    "put right": ("ModifyVpcEndpointServiceConfiguration",),
    "retire": ("RejectVpcEndpointConnections", "DeleteVpcEndpointServiceConfigurations"),
}
CHANGES = {call for calls in CALLS.values() for call in calls}
FAULTS = [
    (task, fault) for task, calls in CALLS.items() for fault in faults_of("services", STEP, calls)
]


class Life:
    """One load balancer's whole life: published, given a zone, used, taken back."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.elb = stage, stage.lab.client("elbv2", PROVIDER)
        _, self.subnets = network(stage.lab, PROVIDER, "whole")
        self.arn = ""

    def live(self) -> None:
        made = self.elb.create_load_balancer(
            Name="whole",
            Type="network",
            Scheme="internal",
            Subnets=self.subnets[:2],
            Tags=[TAG],
        )
        self.arn = made["LoadBalancers"][0]["LoadBalancerArn"]
        self.stage.run({})
        self.elb.set_subnets(LoadBalancerArn=self.arn, Subnets=self.subnets)
        if made := self.services():
            service = Service(self.stage.lab, PROVIDER, *made[0])
            service.allow(PROVIDER, CONSUMER)
            connect(service, CONSUMER, ZONES[:2])
        self.stage.run({})
        self.end()

    def end(self) -> None:
        self.elb.remove_tags(ResourceArns=[self.arn], TagKeys=[TAG["Key"]])
        self.stage.run({})

    def services(self) -> list[tuple[str, str]]:
        found = self.stage.ec2.describe_vpc_endpoint_service_configurations()
        return [(each["ServiceId"], each["ServiceName"]) for each in found["ServiceConfigurations"]]

    def clear(self) -> None:
        self.end()
        assert self.services() == []
        self.elb.delete_load_balancer(LoadBalancerArn=self.arn)


def test_nothing_is_denied_and_each_permission_is_missed(
    stage: Stage, record_property: Any
) -> None:
    life = Life(stage)
    stage.lab.clear_denials()
    life.live()
    life.clear()
    assert stage.lab.denials() == []

    needed = [p for p in permissions(stage, "ServiceFunctions") if p.action not in UNSEEN]
    assert len(needed) > 12, "the roles were found"
    unseen = []
    for permission in needed:
        stage.lab.clear_denials()
        stage.heard.clear()
        with without(stage, permission):
            life.live()
        told = scenes.wait_until(
            lambda: [*stage.of_kind("ServiceChangeFailed"), *stage.of_kind("WorkflowFailed")],
            bool,
            f"ops hear of {permission.words}",
            seconds=45,
        )
        denied = {each["action"] for each in stage.lab.denials()}
        if permission.action not in denied or permission.action not in str(told):
            unseen.append((permission.words, denied, [m["title"] for m in told]))
        life.clear()
        stage.sweep()
        operation = permission.action.partition(":")[2]
        if operation in CHANGES or operation == "CreateTags":
            kinds = sorted({str(m["kind"]) for m in told})
            fault = Fault("services", STEP, operation, "denied")
            record_property("fault", fault.row(kinds, later="done by the next look"))
    assert unseen == []


@dataclass(frozen=True)
class Shop:
    """A load balancer of its own, to be published, put right, or taken back."""

    stage: Stage
    balancer: str
    wanted: bool

    def look(self) -> None:
        self.stage.run({"scope": {"load_balancer_arns": [self.balancer]}})

    def services(self) -> list[dict[str, Any]]:
        found = self.stage.ec2.describe_vpc_endpoint_service_configurations()
        return [
            each
            for each in found["ServiceConfigurations"]
            if self.balancer in each["NetworkLoadBalancerArns"]
        ]

    def flaws(self) -> list[str]:
        """What isn't as it should be: one service, ours by tag; or none."""
        found = self.services()
        if not self.wanted:
            return [each["ServiceId"] for each in found]
        if len(found) != 1:
            return [f"one service: {found}"]
        (made,) = found
        listed = self.stage.ec2.describe_vpc_endpoint_service_permissions(
            ServiceId=made["ServiceId"]
        )["AllowedPrincipals"]
        well = {
            "tagged": OURS in made["Tags"],
            "acceptance": made["AcceptanceRequired"],
            f"principals {listed}": [each["Principal"] for each in listed] == [ROOT],
            "private name": made["PrivateDnsNameConfiguration"]["State"] == "verified",
        }
        return [what for what, so in well.items() if not so]

    def plant(self) -> None:
        """A service that the automation has made once; somebody lets all in without asking."""
        made = self.stage.ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[self.balancer],
            AcceptanceRequired=False,
            PrivateDnsName="api.example.com",
            TagSpecifications=[{"ResourceType": "vpc-endpoint-service", "Tags": [OURS]}],
        )["ServiceConfiguration"]
        service = Service(self.stage.lab, PROVIDER, made["ServiceId"], made["ServiceName"])
        service.allow(CONSUMER)
        if not self.wanted:
            connect(service, CONSUMER, ZONES[:2])

    def close(self) -> None:
        ids = [each["ServiceId"] for each in self.services()]
        if ids:
            self.stage.ec2.delete_vpc_endpoint_service_configurations(ServiceIds=ids)
        self.stage.lab.client("elbv2", PROVIDER).delete_load_balancer(LoadBalancerArn=self.balancer)


def open_shop(stage: Stage, task: Task) -> Shop:
    _, subnets = network(stage.lab, PROVIDER, "whole")
    wanted = task != "retire"
    made = stage.lab.client("elbv2", PROVIDER).create_load_balancer(
        Name="whole",
        Type="network",
        Scheme="internal",
        Subnets=subnets[:2],
        **({"Tags": [TAG]} if wanted else {}),
    )
    shop = Shop(stage, made["LoadBalancers"][0]["LoadBalancerArn"], wanted)
    if task != "publish":
        shop.plant()
    return shop


@pytest.mark.parametrize(("task", "fault"), FAULTS, ids=str)
def test_a_fault_is_made_good_or_told(
    stage: Stage, task: Task, fault: Fault, record_property: Any
) -> None:
    shop = open_shop(stage, task)
    stage.heard.clear()
    plant(stage, fault)
    shop.look()
    assert not stage.lab.faults(), "the call was made, and failed"
    flaws, told = shop.flaws(), told_of(stage, fault)
    assert told or not flaws, "nobody is told"
    if flaws:
        shop.look()
        assert not shop.flaws(), "the next look puts it right"
    record_property("fault", fault.row(told, later="done by the next look" if flaws else ""))
    shop.close()


def test_every_change_is_in_the_table(stage: Stage) -> None:
    stage.lab.clear_calls()
    for task in CALLS:
        shop = open_shop(stage, task)
        shop.look()
        assert not shop.flaws()
        shop.close()
    # Beside them the connections workflow may have its notifications registered.
    ours = [c for c in stage.our_calls(changes=True) if "ServiceFunctions" in c["principal"]]
    assert {call["operation"] for call in ours} == CHANGES
