"""Every permission of the services workflow's functions is needed, and ops hear of its lack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import scenes
from demo.privatelink import ZONES, Service, connect, network
from lab.client import Lab
from tests.end_to_end.permissions import UNSEEN, permissions, without
from tests.end_to_end.stage import Stage
from tests.end_to_end.test_services import TAG

PROVIDER, CONSUMER = "111111111111", "222222222222"
POLICY = """
endpoint_services:
  publish_load_balancers: {tags: {endpoint-autopilot: publish}}
  allowed_principals: ["222222222222"]
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
        made = Stage(lab, PROVIDER)
        made.workflow = lab.outputs(PROVIDER)["ServicesWorkflowArn"]
        yield made


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


def test_nothing_is_denied_and_each_permission_is_missed(stage: Stage) -> None:
    life = Life(stage)
    stage.lab.clear_denials()
    life.live()
    life.clear()
    assert stage.lab.denials() == []

    needed = [p for p in permissions(stage, "ServiceFunctions") if p.action not in UNSEEN]
    assert len(needed) == 14
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
    assert unseen == []
