"""Interface endpoints: a tagged VPC is served, kept right, connected to a service, retired."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from demo import privatelink, scenes
from lab.client import Lab
from tests.end_to_end.profiles import LOGS, LOGS_ONLY, NAME, SEED, SERVICE, tags
from tests.end_to_end.stage import Stage

PROVIDER, CONSUMER = "111111111111", "222222222222"
POLICY = f"""
interface_endpoints:
  - name: workloads
    vpcs: {{tags: {{network: private}}}}
    subnets: {{tags: {{Name: "private-*"}}}}
    services: [logs]
    policy: logs-only
  - name: partners
    vpcs: {{tags: {{network: private, partner: "yes"}}}}
    services: [{NAME}]
    private_dns: false
retire: now
endpoint_policies: {{logs-only: logs-only.json}}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A provider and a consumer, both with the stack; the consumer is looked at."""
    folder = tmp_path_factory.mktemp("interfaces")
    (folder / "logs-only.json").write_text(json.dumps(LOGS_ONLY))
    (folder / "policy.yaml").write_text(POLICY)
    with Lab.start(
        accounts=(PROVIDER, CONSUMER),
        policy=folder / "policy.yaml",
        env={"LAB_SEED": str(SEED)},
    ) as lab:
        made = Stage(lab, CONSUMER)
        made.workflow = lab.outputs(CONSUMER)["InterfacesWorkflowArn"]
        yield made


@dataclass
class Vpc:
    """A tagged VPC with a private subnet in each of three zones, and a public one."""

    stage: Stage
    id: str
    subnets: list[str]

    def endpoints(self) -> dict[str, dict[str, Any]]:
        shown = scenes.endpoints_in(self.stage.ec2, self.id)
        return {e["ServiceName"]: e for e in shown if e["VpcEndpointType"] == "Interface"}

    def until(self, good: Any, what: str, within: float = 60) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = scenes.wait_until(
            self.endpoints, good, what, seconds=within, every=0.3
        )
        return found

    def groups(self) -> list[dict[str, Any]]:
        of = [{"Name": "vpc-id", "Values": [self.id]}]
        shown = self.stage.ec2.describe_security_groups(Filters=of)["SecurityGroups"]
        return [group for group in shown if group["GroupName"] != "default"]

    def names(self) -> dict[str, str]:
        """The SSM parameters under the VPC."""
        return privatelink.published_names(self.stage.lab, CONSUMER, self.id)


def parameters(vpc: Vpc) -> list[str]:
    """The parameters that a VPC in three zones has for the service, sorted."""
    root = f"/endpoint-autopilot/{vpc.id}/{SERVICE}/dns"
    return [root, *(f"{root}/{zone}" for zone in ("use1-az1", "use1-az2", "use1-az4"))]


@pytest.fixture(scope="module")
def _orders(stage: Stage) -> None:
    """The service that the policy names, and lets the consumer connect to."""
    service = privatelink.publish(stage.lab, PROVIDER, "orders")
    assert service.id == SERVICE
    service.allow(CONSUMER)


def build(stage: Stage, **more: str) -> Vpc:
    ec2 = stage.ec2
    vpc = ec2.create_vpc(
        CidrBlock="10.60.0.0/16", TagSpecifications=tags("vpc", network="private", **more)
    )["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    made = []
    for number, zone in enumerate(("use1-az1", "use1-az2", "use1-az4", "use1-az1")):
        name = f"private-{number}" if number < 3 else "public-1"
        subnet = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"10.60.{number}.0/24",
            AvailabilityZoneId=zone,
            TagSpecifications=tags("subnet", Name=name),
        )
        made.append(subnet["Subnet"]["SubnetId"])
    return Vpc(stage, vpc, made[:3])


def available(service: str, subnets: int = 3) -> Any:
    def good(found: dict[str, Any]) -> bool:
        one = found.get(service, {})
        return one.get("State") == "available" and len(one["SubnetIds"]) == subnets

    return good


def test_a_tagged_vpc_reaches_logs_from_its_private_subnets_only(stage: Stage) -> None:
    stage.begin()
    vpc = build(stage)
    endpoint = vpc.until(available(LOGS), "logs in three subnets")[LOGS]
    stage.settle()

    assert sorted(endpoint["SubnetIds"]) == sorted(vpc.subnets)
    assert endpoint["PrivateDnsEnabled"]
    assert json.loads(endpoint["PolicyDocument"]) == LOGS_ONLY
    (group,) = vpc.groups()
    (rule,) = group["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"]) == (443, 443)
    assert [each["CidrIp"] for each in rule["IpRanges"]] == ["10.60.0.0/16"]
    assert not group["IpPermissionsEgress"]
    stage.told("InterfaceEndpointsChanged", endpoint["VpcEndpointId"])
    creations = [c for c in stage.our_calls(changes=True) if c["operation"] == "CreateVpcEndpoint"]
    assert len([c for c in creations if not c["error"] and LOGS in json.dumps(c)]) >= 1
    assert list(vpc.endpoints()) == [LOGS]


def test_what_somebody_changes_comes_back(stage: Stage) -> None:
    vpc = build(stage)
    endpoint = vpc.until(available(LOGS), "logs in three subnets")[LOGS]
    stage.settle()
    (group,) = vpc.groups()
    stage.begin()

    stage.ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"],
        IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    scenes.wait_until(
        lambda: json.dumps(vpc.groups()[0]["IpPermissions"]),
        lambda rules: "0.0.0.0/0" not in rules,
        "the rule for everybody is taken away",
        seconds=45,
    )
    stage.settle()
    stage.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    vpc.until(
        lambda found: (
            available(LOGS)(found) and found[LOGS]["VpcEndpointId"] != endpoint["VpcEndpointId"]
        ),
        "a new endpoint",
    )


@pytest.mark.usefixtures("_orders")
def test_an_endpoint_to_a_private_service_has_its_names_where_apps_look(stage: Stage) -> None:
    stage.begin()
    vpc = build(stage, partner="yes")
    endpoint = vpc.until(available(NAME), "connected and accepted")[NAME]
    wanted = parameters(vpc)
    found = scenes.wait_until(
        vpc.names, lambda names: sorted(names) == wanted, "the parameters, one by one", seconds=60
    )
    assert set(found.values()) == {entry["DnsName"] for entry in endpoint["DnsEntries"]}
    stage.told("InterfaceEndpointsChanged", f"{SERVICE}/dns")

    stage.settle()
    stage.ec2.delete_tags(Resources=[vpc.id], Tags=[{"Key": "partner"}])
    stage.told("InterfaceUnwanted", endpoint["VpcEndpointId"])
    stage.settle()
    assert NAME in vpc.endpoints(), "ops were told first"
    stage.sweep()
    assert NAME not in vpc.endpoints()
    assert not vpc.names(), "its names go with it"
    assert len(vpc.groups()) == 1, "and its group"


@pytest.mark.usefixtures("_orders")
def test_replayed_and_shuffled_events_make_nothing_twice(stage: Stage) -> None:
    stage.begin()
    stage.lab.delivery(duplicates=2, shuffle=True)
    vpc = build(stage, partner="yes")
    vpc.until(available(LOGS), "logs in three subnets")
    scenes.wait_until(vpc.names, bool, "the parameters", seconds=90)
    stage.settle()
    stage.lab.delivery()
    shown = scenes.endpoints_in(stage.ec2, vpc.id)
    kinds = sorted(e["ServiceName"] for e in shown if e["VpcEndpointType"] == "Interface")
    assert kinds == sorted([LOGS, NAME])
    assert len(vpc.groups()) == 2, "one for each profile"
    assert sorted(vpc.names()) == parameters(vpc)
    told = stage.of_kind("InterfaceEndpointsChanged", vpc.id)
    subjects = [subject for mail in told for subject in mail["subjects"]]
    assert subjects.count(f"{vpc.id}/{SERVICE}/dns") == 1, "written once"


@pytest.mark.parametrize(
    "operation",
    ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateVpcEndpoint"],
)
def test_an_answer_that_is_lost_makes_nothing_twice(stage: Stage, operation: str) -> None:
    stage.begin()  # an execution of another story would lose its answer instead
    lost = {"kind": "reset", "carried_out": True, "principal": "ApplyInterface"}
    stage.lab.fault(operation, times=1, account=CONSUMER, **lost)
    vpc = build(stage)
    vpc.until(available(LOGS), "logs in three subnets", within=90)
    stage.settle()
    stage.lab.clear_faults()
    assert list(vpc.endpoints()) == [LOGS] and len(vpc.groups()) == 1
