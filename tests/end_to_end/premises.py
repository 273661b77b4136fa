"""VPCs whose interface endpoints are to be made, put right, or removed: when a test says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from demo import scenes
from demo.privatelink import publish, published_names
from demo.scenes import OWNER_TAG
from lab.client import Lab
from tests.end_to_end.profiles import LOGS, LOGS_ONLY, NAME, SEED, SERVICE, tags
from tests.end_to_end.stage import Stage

ACCOUNT = "111111111111"
OWNER = "EndpointAutopilot"
CIDR = "10.60.0.0/16"
FAR = "com.amazonaws.us-west-2.lambda"
SERVICES = tuple(sorted((LOGS, NAME, FAR)))
POLICY = f"""
interface_endpoints:
  - name: workloads
    vpcs: {{tags: {{network: private}}}}
    services: [logs, {NAME}, {{name: {FAR}, region: us-west-2}}]
    policy: logs-only
retire: now
endpoint_policies: {{logs-only: logs-only.json}}
"""
OURS = {OWNER_TAG: OWNER}
GROUP = f"endpoint-autopilot {OWNER} workloads"
THEIRS = "of somebody else"
SSH = {
    "IpProtocol": "tcp",
    "FromPort": 22,
    "ToPort": 22,
    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
}
ZONES = ("use1-az1", "use1-az2")
# What the next look has to do in a VPC.
Task = Literal["make", "put right", "remove"]


@dataclass(frozen=True)
class Premises:
    """A VPC with subnets in two zones, and what stands in it."""

    stage: Stage
    vpc: str
    subnets: tuple[str, ...]
    wanted: bool

    @property
    def names(self) -> str:
        """The path of the parameters."""
        return f"/endpoint-autopilot/{self.vpc}/{SERVICE}/dns"

    def look(self) -> dict[str, Any]:
        """Run the workflow over this VPC; how it ended."""
        return look(self.stage, self)

    def flaws(self) -> list[str]:
        """What isn't as it should be: one of each thing, ours by tag; or none of them."""
        endpoints, groups, names = self._endpoints(), self._groups(), self._names()
        if not self.wanted:
            return [*(e["VpcEndpointId"] for e in endpoints), *map(str, groups), *names]
        services = sorted(e["ServiceName"] for e in endpoints)
        logs = [e for e in endpoints if e["ServiceName"] == LOGS]
        well = {
            f"one endpoint each: {services}": services == [*SERVICES],
            "available": {e["State"] for e in endpoints} == {"available"},
            "endpoints tagged": all(_is_ours(e["Tags"]) for e in endpoints),
            "one group on each": [[g["GroupId"] for g in e["Groups"]] for e in endpoints]
            == [[g["GroupId"] for g in groups]] * len(SERVICES),
            "the group tagged": [_is_ours(g["Tags"]) for g in groups] == [True],
            f"443 from the VPC only: {groups}": [*map(_rules, groups)] == [[(443, [CIDR])]],
            "nothing let out": not any(g["IpPermissionsEgress"] for g in groups),
            "the policy": [json.loads(e["PolicyDocument"]) for e in logs] == [LOGS_ONLY],
            "private DNS": [e["PrivateDnsEnabled"] for e in logs] == [True],
            "in both subnets": all(sorted(e["SubnetIds"]) == [*self.subnets] for e in endpoints),
            "of their Regions": {e["ServiceRegion"] for e in endpoints if e["ServiceName"] == FAR}
            == {"us-west-2"},
            f"parameters {names}": [*names] == [self.names, *(f"{self.names}/{z}" for z in ZONES)],
            "true ones": "stale" not in names.values(),
            "parameters tagged": all(map(self._tagged, names)),
        }
        return [what for what, so in well.items() if not so]

    def _endpoints(self) -> list[dict[str, Any]]:
        found = scenes.endpoints_in(self.stage.ec2, self.vpc)
        return [e for e in found if e["VpcEndpointType"] == "Interface"]

    def _groups(self) -> list[dict[str, Any]]:
        found = self.stage.ec2.describe_security_groups(Filters=self._here)["SecurityGroups"]
        return [group for group in found if group["GroupName"] not in ("default", THEIRS)]

    def _names(self) -> dict[str, str]:
        return published_names(self.stage.lab, self.stage.account, self.vpc)

    def _tagged(self, name: str) -> bool:
        found = self._ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
        return _is_ours(found["TagList"])

    def plant(self) -> None:
        """What the automation has made here once, and somebody has changed since."""
        group = self._group(GROUP, TagSpecifications=tags("security-group", **OURS))
        self.stage.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH])
        theirs = self._group(THEIRS)
        for service in SERVICES:
            self.stage.ec2.create_vpc_endpoint(
                VpcId=self.vpc,
                VpcEndpointType="Interface",
                ServiceName=service,
                SubnetIds=[*self.subnets] if service == NAME else [self.subnets[0]],
                SecurityGroupIds=[group] if service == NAME else [group, theirs],
                PrivateDnsEnabled=False,
                TagSpecifications=tags("vpc-endpoint", **OURS),
                **({"ServiceRegion": "us-west-2"} if service == FAR else {}),
            )
        owner = [{"Key": OWNER_TAG, "Value": OWNER}]
        self._ssm.put_parameter(Name=self.names, Value="stale", Type="String", Tags=owner)

    def _group(self, name: str, **more: Any) -> str:
        made = self.stage.ec2.create_security_group(
            GroupName=name, Description=name, VpcId=self.vpc, **more
        )
        return str(made["GroupId"])

    @property
    def _here(self) -> list[dict[str, Any]]:
        return [{"Name": "vpc-id", "Values": [self.vpc]}]

    @property
    def _ssm(self) -> Any:
        return self.stage.lab.client("ssm", ACCOUNT)


def _is_ours(listed: list[dict[str, str]]) -> bool:
    return {"Key": OWNER_TAG, "Value": OWNER} in listed


def _rules(group: dict[str, Any]) -> list[tuple[int, list[str]]]:
    return [
        (rule["FromPort"], [each["CidrIp"] for each in rule["IpRanges"]])
        for rule in group["IpPermissions"]
    ]


def build(stage: Stage, task: Task) -> Premises:
    """Premises where the next look has `task` to do."""
    wanted = task != "remove"
    vpc = stage.ec2.create_vpc(
        CidrBlock=CIDR,
        TagSpecifications=tags("vpc", network="private" if wanted else "no longer"),
    )["Vpc"]["VpcId"]
    stage.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnets = [
        stage.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.60.{i}.0/24", AvailabilityZoneId=zone)
        for i, zone in enumerate(ZONES)
    ]
    ids = sorted(each["Subnet"]["SubnetId"] for each in subnets)
    made = Premises(stage, vpc, tuple(ids), wanted)
    if task != "make":
        made.plant()
    return made


@contextmanager
def opened(folder: Path) -> Iterator[Stage]:
    """An account in a lab of its own, where waits are short and nothing wakes the automation."""
    (folder / "logs-only.json").write_text(json.dumps(LOGS_ONLY))
    (folder / "policy.yaml").write_text(POLICY)
    env = {"SFN_WAIT_SCALE": "0.01", "LAB_SEED": str(SEED)}
    with Lab.start(accounts=(ACCOUNT,), policy=folder / "policy.yaml", env=env) as lab:
        lab.delivery(loss=1.0, notifications={"loss": 1.0})
        lab.world({"settle_seconds": 0})
        stage = Stage(lab, ACCOUNT)
        stage.workflow = lab.outputs(ACCOUNT)["InterfacesWorkflowArn"]
        service = publish(lab, ACCOUNT, "orders")
        assert service.id == SERVICE
        stage.ec2.modify_vpc_endpoint_service_configuration(
            ServiceId=SERVICE, AcceptanceRequired=False
        )
        service.allow(ACCOUNT)
        yield stage


def look(stage: Stage, *premises: Premises) -> dict[str, Any]:
    """Run the workflow over these; how it ended."""
    return stage.run({"scope": {"vpc_ids": [each.vpc for each in premises]}})
