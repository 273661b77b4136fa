"""StackSets deploy a template to an organization's units, as CloudFormation does."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from lab.client import Lab, wait_until
from lab.organization import Organization, new_account

QUEUE = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
REGIONS = ["us-east-1", "eu-west-1"]
AUTOMATIC = {"Enabled": True, "RetainStacksOnAccountRemoval": False}
ADMIN = {"CallAs": "DELEGATED_ADMIN"}


@dataclass(frozen=True)
class Company:
    """An organization of its own with two accounts in one unit, and who administers StackSets."""

    lab: Lab
    organization: Organization
    accounts: tuple[str, ...]

    @property
    def hub(self) -> str:
        return self.organization.administrator

    @property
    def workloads(self) -> str:
        return self.organization.units["workloads"]

    @property
    def cloudformation(self) -> Any:
        return self.lab.client("cloudformation", self.hub)

    def listed(self, name: str) -> list[dict[str, Any]]:
        asked = {"StackSetName": name, **ADMIN}
        found: list[dict[str, Any]] = self.cloudformation.list_stack_instances(**asked)["Summaries"]
        return found

    def instances(self, name: str) -> dict[tuple[str, str], str]:
        return {
            (each["Account"], each["Region"]): each["StackInstanceStatus"]["DetailedStatus"]
            for each in self.listed(name)
        }

    def ended(self, name: str, operation: str) -> str:
        def over() -> str | None:
            asked = {"StackSetName": name, "OperationId": operation, **ADMIN}
            found = self.cloudformation.describe_stack_set_operation(**asked)["StackSetOperation"]
            status = str(found["Status"])
            return status if status in ("SUCCEEDED", "FAILED", "STOPPED") else None

        return wait_until(over, 30, "the operation is over")


@pytest.fixture
def company(lab: Lab) -> Company:
    accounts = tuple(sorted(new_account() for _ in range(2)))
    units = {"workloads": accounts, "canaries": ()}
    return Company(lab, lab.organization(units, administrator=new_account()), accounts)


def made(company: Company, template: str = QUEUE, **more: Any) -> str:
    name = f"set-{uuid.uuid4().hex[:8]}"
    company.cloudformation.create_stack_set(
        StackSetName=name,
        TemplateBody=template,
        PermissionModel="SERVICE_MANAGED",
        AutoDeployment=AUTOMATIC,
        **ADMIN,
        **more,
    )
    return name


def deployed(company: Company, name: str, **more: Any) -> str:
    begun = company.cloudformation.create_stack_instances(
        StackSetName=name,
        DeploymentTargets={"OrganizationalUnitIds": [company.workloads]},
        Regions=REGIONS,
        **ADMIN,
        **more,
    )
    return company.ended(name, begun["OperationId"])


def test_a_unit_gets_a_stack_in_each_account_and_region(company: Company) -> None:
    name = made(company)

    assert deployed(company, name) == "SUCCEEDED"

    places = [(account, region) for account in company.accounts for region in REGIONS]
    assert company.instances(name) == dict.fromkeys(places, "SUCCEEDED")


def stack_of(company: Company, template_url: str, name: str, **more: Any) -> str:
    """The body of a hub's stack with one StackSet."""
    properties = {
        "StackSetName": name,
        "PermissionModel": "SERVICE_MANAGED",
        "CallAs": "DELEGATED_ADMIN",
        "AutoDeployment": AUTOMATIC,
        "TemplateURL": template_url,
        "StackInstancesGroup": [
            {
                "DeploymentTargets": {"OrganizationalUnitIds": [company.workloads]},
                "Regions": REGIONS,
            }
        ],
        **more,
    }
    resources = {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}
    return json.dumps({"Resources": resources, "Outputs": {"Id": {"Value": {"Ref": "Set"}}}})


def put(company: Company, template: Any) -> str:
    """The URL of a template in a bucket of the hub's."""
    s3, bucket = company.lab.client("s3", company.hub), f"hub-{company.hub}"
    s3.create_bucket(Bucket=bucket)
    key = f"releases/{uuid.uuid4().hex}.json"
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(template).encode())
    return f"https://{bucket}.s3.us-east-1.amazonaws.com/{key}"


def settled(company: Company, stack: str) -> str:
    def over() -> str | None:
        (found,) = company.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        status = str(found["StackStatus"])
        return None if status.endswith("IN_PROGRESS") else status

    return wait_until(over, 60, "the stack is done")


def queues(company: Company, account: str, region: str) -> list[str]:
    client = company.lab.session(account).client("sqs", region_name=region)
    found: list[str] = client.list_queues().get("QueueUrls", [])
    return found


def test_a_hubs_stack_deploys_updates_and_deletes_its_stack_set(company: Company) -> None:
    cloudformation, name = company.cloudformation, f"set-{uuid.uuid4().hex[:8]}"
    url = put(company, {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})

    body = stack_of(company, url, name)
    hub = str(cloudformation.create_stack(StackName="hub", TemplateBody=body)["StackId"])
    assert settled(company, hub) == "CREATE_COMPLETE"
    assert [*company.instances(name).values()] == ["SUCCEEDED"] * 4
    for account in company.accounts:
        assert [len(queues(company, account, region)) for region in REGIONS] == [1, 1]

    two = {"Resources": {each: {"Type": "AWS::SQS::Queue"} for each in ("Queue", "Second")}}
    changed = stack_of(company, put(company, two), name)
    cloudformation.update_stack(StackName="hub", TemplateBody=changed)
    assert settled(company, hub) == "UPDATE_COMPLETE"
    assert len(queues(company, company.accounts[0], "eu-west-1")) == 2

    cloudformation.delete_stack(StackName="hub")
    assert settled(company, hub) == "DELETE_COMPLETE"
    assert queues(company, company.accounts[0], "eu-west-1") == []
    active = cloudformation.list_stack_sets(Status="ACTIVE", **ADMIN)["Summaries"]
    assert [each for each in active if each["StackSetName"] == name] == []
