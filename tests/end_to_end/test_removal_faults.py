"""Each removal fails in each way, one at a time, in the workflows of stepping aside and leaving.

It is done by retry, or told; after the next run nothing is left that is to go. Each
permission of leaving is taken out, too (stepping aside's: test_permissions.py). The table at the
end of the run's output (tests/conftest.py) says what became of which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.privatelink import network
from demo.scenes import OWNER_TAG, Network, build_network
from lab.client import Lab
from tests.end_to_end.faults import Fault, faults_of, plant, told_of
from tests.end_to_end.owned import (
    add_interface_endpoint,
    deploy,
    in_the_way,
    ours_in,
    step_aside,
    tagged,
)
from tests.end_to_end.permissions import UNSEEN, Permission, permissions, without
from tests.end_to_end.stage import Stage, allow_endpoints

STEPPING, LEAVING = "111111111111", "222222222222"
WITHDRAW, UNINSTALL = "ApplyWithdrawal", "ApplyUninstall"
WITHDRAWALS = ("ModifyVpcEndpoint", "DeleteVpcEndpoints", "DeleteSecurityGroup")
UNINSTALLS = (
    "DeleteVpcEndpoints",
    "DeleteSecurityGroup",
    "DeleteVpcEndpointServiceConfigurations",
    "DeleteParameter",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """An account where others are in the way, and one that somebody leaves, in audit mode."""
    env = {"SFN_WAIT_SCALE": "0.05"}
    with Lab.start(accounts=(STEPPING,), env=env) as made:
        made.delivery(loss=1.0, notifications={"loss": 1.0})
        made.world({"settle_seconds": 0})
        folder: Path = tmp_path_factory.mktemp("audit")
        (folder / "audit.yaml").write_text("mode: audit\n")
        deploy(made, LEAVING, folder / "audit.yaml", folder)
        yield made


@pytest.fixture(scope="module")
def _stepping(lab: Lab) -> Stage:
    allow_endpoints(lab, STEPPING, 1000)  # what others reach by ours stays
    return Stage(lab, STEPPING)


@pytest.fixture
def aside(_stepping: Stage) -> Iterator[Stage]:
    yield _stepping
    _stepping.stop_withdrawals()


@pytest.fixture(scope="module")
def leaving(lab: Lab) -> Stage:
    made = Stage(lab, LEAVING)
    made.workflow = lab.outputs(LEAVING)["UninstallWorkflowArn"]
    return made


def in_others_way(stage: Stage, demands: list[dict[str, str]]) -> list[str]:
    """Which of our resources still are where others want to be."""
    named = {demand["kind"]: demand["id"] for demand in demands}
    found = stage.ec2.describe_vpc_endpoints()["VpcEndpoints"]
    there = (e for e in found if e["State"] != "deleted")
    ours = [e for e in there if {"Key": OWNER_TAG, "Value": "EndpointAutopilot"} in e["Tags"]]
    parts = {named["subnet"], named["group"], named["route"]}
    return ours_in(stage, named["vpc"]) + [
        e["VpcEndpointId"]
        for e in ours
        if parts & {*e["SubnetIds"], *e["RouteTableIds"], *(g["GroupId"] for g in e["Groups"])}
    ]


@pytest.mark.parametrize("fault", faults_of("withdraw", WITHDRAW, WITHDRAWALS), ids=str)
def test_ours_steps_aside_or_ops_hear_why_not(
    aside: Stage, fault: Fault, record_property: Any
) -> None:
    demands = in_the_way(aside)
    aside.heard.clear()
    plant(aside, fault)
    step_aside(aside, demands)
    assert not aside.lab.faults(), "the call was made, and failed"
    left, told = in_others_way(aside, demands), told_of(aside, fault)
    assert bool(told) == bool(left), "ops hear of what stays, and of nothing else"
    if left:
        step_aside(aside, demands)
        assert not in_others_way(aside, demands)
    record_property("fault", fault.row(told, later="done by the next run" if left else ""))


@dataclass(frozen=True)
class Estate:
    """One of each thing that we make in the account."""

    stage: Stage
    network: Network

    def left(self) -> list[str]:
        """Which of our resources are still there."""
        services = self.stage.ec2.describe_vpc_endpoint_service_configurations()
        return [
            *ours_in(self.stage, self.network.vpc_id),
            *(each["ServiceId"] for each in services["ServiceConfigurations"]),
            *self.names(),
        ]

    def names(self) -> list[str]:
        ssm = self.stage.lab.client("ssm", LEAVING)
        found = ssm.get_parameters_by_path(Path="/endpoint-autopilot", Recursive=True)
        return [each["Name"] for each in found["Parameters"]]

    def plant(self) -> None:
        """Have one of each again."""
        if len(self.left()) == 4:
            return
        assert not self.left()
        lab, owner = self.stage.lab, {"Key": OWNER_TAG, "Value": "EndpointAutopilot"}
        add_interface_endpoint(self.stage, self.network)
        lab.client("ssm", LEAVING).put_parameter(
            Name="/endpoint-autopilot/vpc-1/vpce-svc-1/dns", Value="x", Type="String", Tags=[owner]
        )
        balancers = lab.client("elbv2", LEAVING).describe_load_balancers()["LoadBalancers"]
        self.stage.ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[balancers[0]["LoadBalancerArn"]],
            SupportedRegions=["us-west-2"],
            TagSpecifications=tagged("vpc-endpoint-service"),
        )

    def uninstall(self) -> dict[str, Any]:
        return self.stage.run({"confirm": True})


@pytest.fixture(scope="module")
def _estate(leaving: Stage) -> Estate:
    _, subnets = network(leaving.lab, LEAVING, "sells")
    leaving.lab.client("elbv2", LEAVING).create_load_balancer(
        Name="sells", Type="network", Scheme="internal", Subnets=subnets
    )
    return Estate(leaving, build_network(leaving.ec2, "left", tables=0))


@pytest.fixture
def estate(_estate: Estate) -> Estate:
    """Something of everything to remove; nothing heard yet."""
    _estate.plant()
    _estate.stage.of_kind("")
    _estate.stage.heard.clear()
    return _estate


@pytest.mark.parametrize("fault", faults_of("uninstall", UNINSTALL, UNINSTALLS), ids=str)
def test_what_is_to_go_goes_or_ops_hear_why_not(
    estate: Estate, fault: Fault, record_property: Any
) -> None:
    plant(estate.stage, fault)
    estate.uninstall()
    assert not estate.stage.lab.faults(), "the call was made, and failed"
    left, told = estate.left(), told_of(estate.stage, fault)
    assert bool(told) == bool(left), "ops hear of what stays, and of nothing else"
    if left:
        estate.uninstall()
        assert not estate.left(), "the next run removes it"
    record_property("fault", fault.row(told, later="done by the next run" if left else ""))


def test_nothing_is_denied_and_each_permission_of_leaving_is_missed(
    estate: Estate, record_property: Any
) -> None:
    stage = estate.stage
    stage.lab.clear_denials()
    stage.lab.clear_calls()
    estate.uninstall()
    assert not estate.left()
    assert not stage.lab.denials()
    made = {call["operation"] for call in stage.our_calls(changes=True)}
    assert made == {call for call in UNINSTALLS if call != "DeleteParameter"}  # it lists EC2's

    listed = [
        permission
        for step in ("Plan", "Apply")
        for permission in permissions(stage, f"RemovalFunctions{step}Uninstall")
        if permission.action not in UNSEEN
    ]
    assert len(listed) > 10, "the roles were found"
    unmissed = [each.words for each in listed if not missed(estate, each, record_property)]
    assert not unmissed


def missed(estate: Estate, permission: Permission, record_property: Any) -> bool:
    """Whether ops hear of the action that is denied; the next run then removes what is left."""
    stage, action = estate.stage, permission.action
    estate.plant()
    stage.of_kind("")
    stage.heard.clear()
    with without(stage, permission):
        estate.uninstall()
    kinds = ("RetirementFailed", "WorkflowFailed")
    told = [kind for kind in kinds if action in json.dumps(stage.of_kind(kind, action))]
    estate.uninstall()
    assert not estate.left(), permission.words
    operation = action.partition(":")[2]
    if operation in UNINSTALLS:
        fault = Fault("uninstall", UNINSTALL, operation, "denied")
        record_property("fault", fault.row(told, later="done by the next run"))
    return bool(told)
