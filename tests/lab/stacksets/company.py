"""What the tests of StackSets share: an organization of their own, and calls that wait."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab, wait_until
from lab.organization import Organization, new_account

QUEUE = {"Type": "AWS::SQS::Queue"}
TINY = json.dumps({"Resources": {"Queue": QUEUE}})
#: Takes a parameter that an account has only if somebody put it there, as the CDK's bootstrap does.
NEEDS_BOOTSTRAP = json.dumps(
    {
        "Parameters": {
            "BootstrapVersion": {
                "Type": "AWS::SSM::Parameter::Value<String>",
                "Default": "/cdk-bootstrap/hnb659fds/version",
            }
        },
        "Resources": {"Queue": QUEUE},
    }
)
#: Waits for a signal that nobody sends, and fails then.
WAITS = json.dumps(
    {
        "Resources": {
            "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "Wait": {
                "Type": "AWS::CloudFormation::WaitCondition",
                "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "2"},
            },
        }
    }
)
REGIONS = ["us-east-1", "eu-west-1"]
AUTOMATIC = {"Enabled": True, "RetainStacksOnAccountRemoval": False}
ADMIN = {"CallAs": "DELEGATED_ADMIN"}


@dataclass(frozen=True)
class Company:
    """An organization, whose administrator of StackSets is `hub`."""

    lab: Lab
    organization: Organization

    @property
    def hub(self) -> str:
        return self.organization.administrator

    @property
    def cloudformation(self) -> Any:
        return self.lab.client("cloudformation", self.hub)

    def create(self, template: str = TINY, **more: Any) -> str:
        """The name of a new StackSet."""
        name = f"set-{uuid.uuid4().hex[:8]}"
        said = {"TemplateBody": template, "AutoDeployment": AUTOMATIC, **ADMIN, **more}
        said = {key: value for key, value in said.items() if value is not None}
        self.cloudformation.create_stack_set(
            StackSetName=name, PermissionModel="SERVICE_MANAGED", **said
        )
        return name

    def begin(self, name: str, *units: str, regions: Sequence[str] = REGIONS, **more: Any) -> str:
        """The id of an operation that creates instances in these units."""
        begun = self.cloudformation.create_stack_instances(
            StackSetName=name,
            DeploymentTargets={"OrganizationalUnitIds": self.ids(*units)},
            Regions=[*regions],
            **ADMIN,
            **more,
        )
        return str(begun["OperationId"])

    def deploy(self, name: str, *units: str, **more: Any) -> str:
        """Create instances; how the operation ended."""
        return self.end(name, self.begin(name, *units, **more))

    def update(self, name: str, template: str, **more: Any) -> str:
        """Give a StackSet another template; how the operation ended."""
        said = {"StackSetName": name, "TemplateBody": template, **ADMIN, **more}
        return self.end(name, self.cloudformation.update_stack_set(**said)["OperationId"])

    def delete(self, name: str, *units: str, retain: bool = False) -> str:
        """Delete a unit's instances; how the operation ended."""
        begun = self.cloudformation.delete_stack_instances(
            StackSetName=name,
            DeploymentTargets={"OrganizationalUnitIds": self.ids(*units)},
            Regions=REGIONS,
            RetainStacks=retain,
            **ADMIN,
        )
        return self.end(name, begun["OperationId"])

    def ids(self, *units: str) -> list[str]:
        return [self.organization.units[each] for each in units]

    def status(self, name: str, operation: str) -> str:
        asked = {"StackSetName": name, "OperationId": operation, **ADMIN}
        found = self.cloudformation.describe_stack_set_operation(**asked)["StackSetOperation"]
        return str(found["Status"])

    def end(self, name: str, operation: str) -> str:
        def over() -> str | None:
            status = self.status(name, operation)
            return status if status in ("SUCCEEDED", "FAILED", "STOPPED") else None

        return wait_until(over, 30, "the operation is over")

    def settle(self, name: str) -> None:
        """Wait until nothing goes on."""

        def quiet() -> bool:
            asked = {"StackSetName": name, **ADMIN}
            found = self.cloudformation.list_stack_set_operations(**asked)["Summaries"]
            return all(each["Status"] in ("SUCCEEDED", "FAILED", "STOPPED") for each in found)

        wait_until(quiet, 30, "no operation goes on")

    def listed(self, name: str) -> list[dict[str, Any]]:
        asked = {"StackSetName": name, **ADMIN}
        found: list[dict[str, Any]] = self.cloudformation.list_stack_instances(**asked)["Summaries"]
        return found

    def instances(self, name: str) -> dict[tuple[str, str], str]:
        """Each instance's detailed status."""
        return {
            (each["Account"], each["Region"]): each["StackInstanceStatus"]["DetailedStatus"]
            for each in self.listed(name)
        }

    def accounts(self, name: str) -> set[str]:
        return {account for account, _ in self.instances(name)}

    def queues(self, account: str, region: str = "us-east-1") -> list[str]:
        client = self.lab.session(account).client("sqs", region_name=region)
        found: list[str] = client.list_queues().get("QueueUrls", [])
        return found

    def bootstrap(self, account: str) -> None:
        """Put what NEEDS_BOOTSTRAP asks for."""
        for region in REGIONS:
            client = self.lab.session(account).client("ssm", region_name=region)
            name = "/cdk-bootstrap/hnb659fds/version"
            client.put_parameter(Name=name, Value="30", Type="String")


def found_company(lab: Lab, units: Mapping[str, Sequence[str]]) -> Company:
    return Company(lab, lab.organization(units, administrator=new_account()))


def some(count: int) -> tuple[str, ...]:
    """Numbers of new accounts, in the order in which StackSets come to them."""
    return tuple(sorted(new_account() for _ in range(count)))


def refusal(act: Any, **request: Any) -> tuple[str, str]:
    """Code and message of the error that a call is answered with."""
    with pytest.raises(ClientError) as caught:
        act(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]
