"""AWS::CloudFormation::StackSet: a stack that has one waits for it, and fails with it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from lab.client import Lab, wait_until
from lab.organization import new_account
from tests.lab.stacksets.company import (
    ADMIN,
    AUTOMATIC,
    NEEDS_BOOTSTRAP,
    QUEUE,
    REGIONS,
    TINY,
    WAITS,
    Company,
    found_company,
    some,
)

TWO = json.dumps({"Resources": {"Queue": QUEUE, "Second": QUEUE}})


class Hub:
    """A stack of the administrator's, with StackSets one after the other."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.name = f"hub-{uuid.uuid4().hex[:8]}"
        self.bucket = f"hub-{new_account()}"
        self.stack = ""
        company.lab.client("s3", company.hub).create_bucket(Bucket=self.bucket)

    def put(self, template: str) -> str:
        key = f"releases/{uuid.uuid4().hex}.json"
        s3 = self.company.lab.client("s3", self.company.hub)
        s3.put_object(Bucket=self.bucket, Key=key, Body=template.encode())
        return f"https://{self.bucket}.s3.us-east-1.amazonaws.com/{key}"

    def properties(
        self, unit: str, template: str, regions: Sequence[str] = REGIONS, **more: Any
    ) -> dict[str, Any]:
        targets = {"OrganizationalUnitIds": self.company.ids(unit)}
        return {
            "StackSetName": f"{self.name}-{unit}",
            "PermissionModel": "SERVICE_MANAGED",
            "CallAs": "DELEGATED_ADMIN",
            "AutoDeployment": AUTOMATIC,
            "TemplateURL": self.put(template),
            "StackInstancesGroup": [{"DeploymentTargets": targets, "Regions": regions}],
            **more,
        }

    def deploy(self, **sets: Mapping[str, Any]) -> str:
        """Create or update the stack; the status that it ends in."""
        resources: dict[str, Any] = {}
        for name, properties in sets.items():
            before = {"DependsOn": [*resources][-1]} if resources else {}
            kind = "AWS::CloudFormation::StackSet"
            resources[name] = {"Type": kind, "Properties": properties, **before}
        cloudformation, body = self.company.cloudformation, json.dumps({"Resources": resources})
        if self.stack:
            cloudformation.update_stack(StackName=self.stack, TemplateBody=body)
        else:
            made = cloudformation.create_stack(StackName=self.name, TemplateBody=body)
            self.stack = str(made["StackId"])
        return self.end()

    def delete(self) -> str:
        self.company.cloudformation.delete_stack(StackName=self.stack)
        return self.end()

    def end(self) -> str:
        def over() -> str | None:
            found = self.company.cloudformation.describe_stacks(StackName=self.stack)
            status = str(found["Stacks"][0]["StackStatus"])
            return None if status.endswith("IN_PROGRESS") else status

        return wait_until(over, 60, "the stack is done")

    def instances(self, unit: str) -> dict[tuple[str, str], str]:
        return self.company.instances(f"{self.name}-{unit}")

    def failure(self) -> str:
        """The words of the resource that failed last."""
        asked = {"StackName": self.stack}
        events = self.company.cloudformation.describe_stack_events(**asked)["StackEvents"]
        failed = ("CREATE_FAILED", "UPDATE_FAILED")
        return next(
            str(each["ResourceStatusReason"])
            for each in events
            if each["ResourceStatus"] in failed and each["LogicalResourceId"] != self.name
        )

    def sets(self) -> set[str]:
        asked = {"Status": "ACTIVE", **ADMIN}
        found = self.company.cloudformation.list_stack_sets(**asked)["Summaries"]
        names = {str(each["StackSetName"]) for each in found}
        return {each for each in names if each.startswith(self.name)}


def test_it_is_made_changed_and_deleted_with_its_instances(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    hub = Hub(company)

    assert hub.deploy(Set=hub.properties("workloads", TINY)) == "CREATE_COMPLETE"
    assert [*hub.instances("workloads").values()] == ["SUCCEEDED"] * 2

    assert hub.deploy(Set=hub.properties("workloads", TWO)) == "UPDATE_COMPLETE"
    assert [len(company.queues(account, region)) for region in REGIONS] == [2, 2]

    assert hub.delete() == "DELETE_COMPLETE"
    assert company.queues(account) == []
    assert hub.sets() == set()


def test_a_failed_operation_fails_the_stack_with_its_words_and_leaves_nothing(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(2)})
    hub = Hub(company)

    assert hub.deploy(Set=hub.properties("workloads", NEEDS_BOOTSTRAP)) == "ROLLBACK_COMPLETE"

    words = hub.failure()
    begin = "Resource handler returned message: \"Resource of type 'Stack set operation ["
    assert words.startswith(begin)
    assert "was unexpectedly stopped or failed. status reason(s): [" in words
    assert "/cdk-bootstrap/hnb659fds/version" in words
    assert "HandlerErrorCode: NotStabilized)" in words
    assert hub.sets() == set()


def test_a_refused_request_fails_the_stack(lab: Lab) -> None:
    company = found_company(lab, {"workloads": []})
    hub = Hub(company)

    assert hub.deploy(Set=hub.properties("workloads", TINY, CallAs="SELF")) == "ROLLBACK_COMPLETE"

    assert "You must be the management account or delegated admin account" in hub.failure()
    assert "HandlerErrorCode: InvalidRequest)" in hub.failure()


def test_a_failed_wave_keeps_the_next_from_it_and_takes_the_first_back(lab: Lab) -> None:
    first, second, third = some(3)
    units = {"first": [first], "second": [second], "third": [third]}
    company = found_company(lab, units)
    hub = Hub(company)
    created = hub.deploy(**{unit.title(): hub.properties(unit, TINY) for unit in units})
    assert created == "CREATE_COMPLETE"

    # Its second wave fails.
    templates = {"first": TWO, "second": WAITS, "third": TWO}
    update = {unit.title(): hub.properties(unit, each) for unit, each in templates.items()}
    assert hub.deploy(**update) == "UPDATE_ROLLBACK_COMPLETE"

    assert [len(company.queues(each)) for each in (first, second, third)] == [1, 1, 1]
    for unit in units:
        assert {*hub.instances(unit).values()} == {"SUCCEEDED"}
    operations = company.cloudformation.list_stack_set_operations
    of_third = operations(StackSetName=f"{hub.name}-third", **ADMIN)["Summaries"]
    assert [each["Action"] for each in of_third] == ["CREATE"]


def test_tolerated_failures_do_not_fail_it(lab: Lab) -> None:
    good, failing = some(2)
    company = found_company(lab, {"workloads": [good, failing]})
    company.bootstrap(good)
    hub = Hub(company)

    how = {"FailureTolerancePercentage": "50", "MaxConcurrentPercentage": "100"}
    properties = hub.properties("workloads", NEEDS_BOOTSTRAP, OperationPreferences=how)
    assert hub.deploy(Set=properties) == "CREATE_COMPLETE"

    assert hub.instances("workloads")[failing, "us-east-1"] == "FAILED"


def test_units_and_regions_come_and_go(lab: Lab) -> None:
    gone, new = some(2)
    company = found_company(lab, {"gone": [gone], "new": [new]})
    hub = Hub(company)
    properties = hub.properties("gone", TINY)
    assert hub.deploy(Set=properties) == "CREATE_COMPLETE"

    targets = {"OrganizationalUnitIds": company.ids("new")}
    group = {"DeploymentTargets": targets, "Regions": ["us-east-1"]}
    changed = {**properties, "StackInstancesGroup": [group]}
    assert hub.deploy(Set=changed) == "UPDATE_COMPLETE"
    assert hub.instances("gone") == {(new, "us-east-1"): "SUCCEEDED"}

    group = {"DeploymentTargets": targets, "Regions": REGIONS}
    changed = {**properties, "StackInstancesGroup": [group]}
    kept = company.queues(new)
    assert hub.deploy(Set=changed) == "UPDATE_COMPLETE"
    assert {*hub.instances("gone")} == {(new, region) for region in REGIONS}
    assert company.queues(new) == kept


def operations(hub: Hub, unit: str) -> list[str]:
    """What was done to a StackSet, in this order."""
    found = hub.company.cloudformation.list_stack_set_operations(
        StackSetName=f"{hub.name}-{unit}", **ADMIN
    )["Summaries"]
    return [str(each["Action"]) for each in reversed(found)]


def test_by_an_address_each_change_updates_every_instance(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(1)})
    hub = Hub(company)
    properties = hub.properties("workloads", TINY, ["us-east-1"])
    hub.deploy(Set=properties)

    # Neither the template nor an instance is another one.
    changed = {**properties, "OperationPreferences": {"FailureTolerancePercentage": 10}}
    assert hub.deploy(Set=changed) == "UPDATE_COMPLETE"
    # The same by its body.
    plain = {key: value for key, value in changed.items() if key != "TemplateURL"}
    hub.deploy(Set={**plain, "TemplateBody": TINY})
    again = {**plain, "TemplateBody": TINY, "OperationPreferences": {"MaxConcurrentCount": 2}}
    assert hub.deploy(Set=again) == "UPDATE_COMPLETE"

    assert operations(hub, "workloads") == ["CREATE", "UPDATE", "UPDATE"]


def test_instances_are_not_made_while_an_operation_goes_on(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(1)})
    hub = Hub(company)
    properties = hub.properties("workloads", TINY, ["us-east-1"], TemplateBody=TINY)
    del properties["TemplateURL"]
    hub.deploy(Set=properties)
    said = {"StackSetName": f"{hub.name}-workloads", "TemplateBody": WAITS, **ADMIN}
    company.cloudformation.update_stack_set(**said)

    (group,) = properties["StackInstancesGroup"]
    more = {**properties, "StackInstancesGroup": [{**group, "Regions": REGIONS}]}
    assert hub.deploy(Set=more) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Another Operation on StackSet" in hub.failure()


def test_how_operations_are_executed_is_an_update_of_its_own(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(1)})
    hub = Hub(company)
    properties = hub.properties("workloads", TINY, ["us-east-1"])
    hub.deploy(Set=properties)

    changed = {**properties, "ManagedExecution": {"Active": True}}
    assert hub.deploy(Set=changed) == "UPDATE_COMPLETE"

    assert operations(hub, "workloads") == ["CREATE", "UPDATE", "UPDATE"]
    asked = {"StackSetName": f"{hub.name}-workloads", **ADMIN}
    found = company.cloudformation.describe_stack_set(**asked)["StackSet"]
    assert found["ManagedExecution"] == {"Active": True}


def test_one_with_a_suspended_accounts_instance_is_not_deleted(lab: Lab) -> None:
    suspended, other = some(2)
    company = found_company(lab, {"workloads": [suspended, other]})
    hub = Hub(company)
    hub.deploy(Set=hub.properties("workloads", TINY, ["us-east-1"]))
    company.organization.suspend(suspended)

    assert hub.delete() == "DELETE_FAILED"

    assert {*hub.instances("workloads")} == {(suspended, "us-east-1")}
    company.delete(f"{hub.name}-workloads", "workloads", retain=True)
    assert hub.delete() == "DELETE_COMPLETE"


def test_another_name_makes_another_and_deletes_the_first(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    hub = Hub(company)
    properties = hub.properties("workloads", TINY)
    hub.deploy(Set=properties)
    before = company.queues(account)

    renamed = {**properties, "StackSetName": f"{hub.name}-renamed"}
    assert hub.deploy(Set=renamed) == "UPDATE_COMPLETE"

    assert hub.sets() == {f"{hub.name}-renamed"}
    assert len(company.queues(account)) == 1
    assert company.queues(account) != before
