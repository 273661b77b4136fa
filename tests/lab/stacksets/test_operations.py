"""StackSets deploy a template to an organization's units, by CloudFormation's rules."""

from __future__ import annotations

import json

import pytest

from lab.client import Lab
from lab.organization import new_account
from tests.lab.stacksets.company import (
    ADMIN,
    NEEDS_BOOTSTRAP,
    QUEUE,
    REGIONS,
    TINY,
    WAITS,
    found_company,
    refusal,
    some,
)


def test_a_unit_gets_a_stack_in_each_account_and_region(lab: Lab) -> None:
    accounts = some(2)
    company = found_company(lab, {"workloads": accounts})
    name = company.create()

    assert company.deploy(name, "workloads") == "SUCCEEDED"

    places = [(account, region) for account in accounts for region in REGIONS]
    assert company.instances(name) == dict.fromkeys(places, "SUCCEEDED")
    assert all(len(company.queues(*place)) == 1 for place in places)
    stack = company.listed(name)[0]["StackId"].split("/")[1]
    assert stack.startswith(f"StackSet-{name}-")


def test_the_management_account_never_gets_one_and_the_administrator_does(lab: Lab) -> None:
    accounts = some(1)
    company = found_company(lab, {"workloads": accounts})
    name = company.create()

    company.deploy(name, "root")

    assert company.accounts(name) == {*accounts, company.hub}
    assert company.queues(company.organization.management) == []


def test_a_unit_takes_the_units_below_it_along(lab: Lab) -> None:
    above, below = some(2)
    company = found_company(lab, {"prod": [above], "prod/eu": [below]})
    name = company.create()

    company.deploy(name, "prod")

    assert company.accounts(name) == {above, below}
    asked_for = {each["OrganizationalUnitId"] for each in company.listed(name)}
    assert asked_for == {company.organization.units["prod"]}


def test_a_suspended_account_is_skipped_and_is_no_failure(lab: Lab) -> None:
    suspended, active = some(2)
    company = found_company(lab, {"workloads": [suspended, active]})
    company.organization.suspend(suspended)
    name = company.create()

    assert company.deploy(name, "workloads", regions=["us-east-1"]) == "SUCCEEDED"

    assert company.instances(name) == {
        (suspended, "us-east-1"): "SKIPPED_SUSPENDED_ACCOUNT",
        (active, "us-east-1"): "SUCCEEDED",
    }
    assert company.queues(suspended) == []


def test_an_empty_unit_succeeds_with_nothing(lab: Lab) -> None:
    company = found_company(lab, {"empty": []})
    name = company.create()

    assert company.deploy(name, "empty") == "SUCCEEDED"

    assert company.instances(name) == {}


def test_too_many_failures_stop_a_region_and_those_after_it(lab: Lab) -> None:
    first, failing, last = some(3)
    company = found_company(lab, {"workloads": [first, failing, last]})
    company.bootstrap(first)
    company.bootstrap(last)
    name = company.create(NEEDS_BOOTSTRAP)

    assert company.deploy(name, "workloads") == "FAILED"

    there, then = REGIONS
    assert company.instances(name) == {
        (first, there): "SUCCEEDED",
        (failing, there): "FAILED",
        (last, there): "CANCELLED",
        **{(account, then): "CANCELLED" for account in (first, failing, last)},
    }
    (told,) = [each for each in company.listed(name) if each["Account"] == failing][1:]
    assert told["Status"] == "OUTDATED"
    assert "/cdk-bootstrap/hnb659fds/version" in told["StatusReason"]


@pytest.mark.parametrize(
    ("tolerance", "ended"),
    [
        ({"FailureToleranceCount": 1}, "SUCCEEDED"),
        ({"FailureTolerancePercentage": 34}, "SUCCEEDED"),
        ({"FailureTolerancePercentage": 33}, "FAILED"),  # 0.99 accounts are none
    ],
)
def test_tolerance_counts_accounts_of_a_region_rounded_down(
    lab: Lab, tolerance: dict[str, int], ended: str
) -> None:
    accounts = some(3)
    company = found_company(lab, {"workloads": accounts})
    for account in accounts[1:]:
        company.bootstrap(account)
    name = company.create(NEEDS_BOOTSTRAP)

    assert company.deploy(name, "workloads", OperationPreferences=tolerance) == ended


def test_regions_at_once_do_not_stop_each_other(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    ssm = lab.client("ssm", account)
    ssm.put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String")
    name = company.create(NEEDS_BOOTSTRAP)

    how = {"RegionConcurrencyType": "PARALLEL", "RegionOrder": ["eu-west-1", "us-east-1"]}
    assert company.deploy(name, "workloads", OperationPreferences=how) == "FAILED"

    assert company.instances(name) == {
        (account, "us-east-1"): "SUCCEEDED",
        (account, "eu-west-1"): "FAILED",
    }


def test_what_failed_is_made_anew_by_the_next_operation(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name = company.create(WAITS)
    assert company.deploy(name, "workloads", regions=["us-east-1"]) == "FAILED"

    assert company.update(name, TINY) == "SUCCEEDED"

    assert company.instances(name) == {(account, "us-east-1"): "SUCCEEDED"}


def test_one_operation_at_a_time(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(1)})
    name = company.create(WAITS)
    first = company.begin(name, "workloads", regions=["us-east-1"])
    targets = {"OrganizationalUnitIds": company.ids("workloads")}

    code, words = refusal(
        company.cloudformation.create_stack_instances,
        StackSetName=name,
        DeploymentTargets=targets,
        Regions=["eu-west-1"],
        **ADMIN,
    )

    assert code == "OperationInProgressException"
    assert words.startswith("Another Operation on StackSet arn:aws:cloudformation:us-east-1:")
    code, _ = refusal(company.cloudformation.delete_stack_set, StackSetName=name, **ADMIN)
    assert code == "OperationInProgressException"
    company.end(name, first)


def test_managed_execution_queues_operations(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(1)})
    name = company.create(WAITS, ManagedExecution={"Active": True})
    first = company.begin(name, "workloads", regions=["us-east-1"])

    second = company.begin(name, "workloads", regions=["eu-west-1"])

    assert company.status(name, second) == "QUEUED"
    assert company.end(name, first) == "FAILED"
    assert company.end(name, second) == "FAILED"


def test_a_stopped_operation_cancels_what_has_not_begun(lab: Lab) -> None:
    begun, waiting = some(2)
    company = found_company(lab, {"workloads": [begun, waiting]})
    name = company.create(WAITS)
    operation = company.begin(name, "workloads", regions=["us-east-1"])

    asked = {"StackSetName": name, "OperationId": operation, **ADMIN}
    company.cloudformation.stop_stack_set_operation(**asked)

    assert company.status(name, operation) == "STOPPING"
    assert company.end(name, operation) in ("STOPPED", "FAILED")
    assert company.instances(name)[waiting, "us-east-1"] == "CANCELLED"


def test_an_update_outdates_what_it_leaves_out(lab: Lab) -> None:
    left_out, updated = some(2)
    company = found_company(lab, {"one": [left_out], "other": [updated]})
    name = company.create()
    company.deploy(name, "one", "other", regions=["us-east-1"])
    two = json.dumps({"Resources": {"Queue": QUEUE, "Second": QUEUE}})

    targets = {"OrganizationalUnitIds": company.ids("other")}
    assert company.update(name, two, DeploymentTargets=targets) == "SUCCEEDED"

    statuses = {each["Account"]: each["Status"] for each in company.listed(name)}
    assert statuses == {left_out: "OUTDATED", updated: "CURRENT"}
    assert [len(company.queues(each)) for each in (left_out, updated)] == [1, 2]


def test_an_update_of_neither_template_nor_parameters_outdates_nothing(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(1), "spare": some(1)})
    name = company.create()
    company.deploy(name, "workloads", "spare")
    said = {"StackSetName": name, "UsePreviousTemplate": True, "Description": "new", **ADMIN}
    some_of_them = {"OrganizationalUnitIds": company.ids("workloads")}
    updated = company.cloudformation.update_stack_set(**said, DeploymentTargets=some_of_them)

    assert company.end(name, updated["OperationId"]) == "SUCCEEDED"
    assert {each["Status"] for each in company.listed(name)} == {"CURRENT"}


def test_how_operations_are_executed_changes_only_while_none_runs(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(1)})
    name = company.create(WAITS, ManagedExecution={"Active": True})
    begun = company.begin(name, "workloads")
    said = {"StackSetName": name, "UsePreviousTemplate": True, **ADMIN}
    act, off = company.cloudformation.update_stack_set, {"ManagedExecution": {"Active": False}}

    assert refusal(act, **said, **off)[0] == "InvalidOperationException"
    company.end(name, begun)
    assert company.end(name, act(**said, **off)["OperationId"])


def test_a_failed_update_rolls_the_stack_back_and_outdates_it(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name = company.create()
    company.deploy(name, "workloads", regions=["us-east-1"])

    assert company.update(name, WAITS) == "FAILED"

    (told,) = company.listed(name)
    assert told["Status"] == "OUTDATED"
    assert told["StatusReason"].startswith("ResourceLogicalId:Wait, ResourceType:AWS::Cloud")
    assert len(company.queues(account)) == 1
    assert company.update(name, TINY) == "SUCCEEDED"


def test_what_cannot_be_deleted_is_inoperable_until_it_is_let_go(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name = company.create()
    company.deploy(name, "workloads", regions=["us-east-1"])
    lab.client("cloudformation", account).update_termination_protection(
        StackName=company.listed(name)[0]["StackId"], EnableTerminationProtection=True
    )

    assert company.delete(name, "workloads") == "FAILED"
    assert company.instances(name) == {(account, "us-east-1"): "INOPERABLE"}
    code, _ = refusal(company.cloudformation.delete_stack_set, StackSetName=name, **ADMIN)
    assert code == "StackSetNotEmptyException"

    assert company.delete(name, "workloads", retain=True) == "SUCCEEDED"
    company.cloudformation.delete_stack_set(StackSetName=name, **ADMIN)
    assert len(company.queues(account)) == 1


def test_a_region_that_is_not_enabled_fails(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    settings = lab.client("account", account)
    settings.disable_region(RegionName="eu-south-1")
    name = company.create()

    assert company.deploy(name, "workloads", regions=["us-east-1", "eu-south-1"]) == "FAILED"

    assert company.instances(name) == {
        (account, "us-east-1"): "SUCCEEDED",
        (account, "eu-south-1"): "FAILED",
    }
    status = settings.get_region_opt_status(RegionName="eu-south-1")["RegionOptStatus"]
    assert status == "DISABLED"


def test_the_management_account_sees_and_owns_all(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(1)})
    name = company.create()
    management = company.organization.management

    found = lab.client("cloudformation", management).describe_stack_set(StackSetName=name)

    assert f":{management}:stackset/{name}:" in found["StackSet"]["StackSetARN"]


@pytest.mark.parametrize(
    ("who", "call_as", "words"),
    [
        ("member", "DELEGATED_ADMIN", "Account used is not a delegated administrator"),
        ("hub", "SELF", "You must be the management account or delegated admin account of an"),
        ("nobody", "SELF", "You must be the management account or delegated admin account of an"),
    ],
)
def test_only_administrators_operate_stack_sets(
    lab: Lab, who: str, call_as: str, words: str
) -> None:
    (member,) = some(1)
    company = found_company(lab, {"workloads": [member]})
    account = {"member": member, "hub": company.hub, "nobody": new_account()}[who]

    code, said = refusal(lab.client("cloudformation", account).list_stack_sets, CallAs=call_as)

    assert code == "ValidationError"
    assert said.startswith(words)


def test_without_trusted_access_nothing_goes(lab: Lab) -> None:
    company = found_company(lab, {"workloads": some(1)})
    company.organization.client.disable_aws_service_access(
        ServicePrincipal="member.org.stacksets.cloudformation.amazonaws.com"
    )

    _, words = refusal(company.create)

    assert words == "You must enable organizations access to operate a service managed stack set"


def test_operations_and_results_are_listed(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name = company.create()
    operation = company.begin(name, "workloads", OperationPreferences={"MaxConcurrentCount": 2})
    company.end(name, operation)

    asked = {"StackSetName": name, **ADMIN}
    (listed,) = company.cloudformation.list_stack_set_operations(**asked)["Summaries"]
    results = company.cloudformation.list_stack_set_operation_results(
        **asked, OperationId=operation, MaxResults=1
    )

    assert (listed["Action"], listed["Status"]) == ("CREATE", "SUCCEEDED")
    assert listed["OperationPreferences"]["MaxConcurrentCount"] == 2
    assert [each["Status"] for each in results["Summaries"]] == ["SUCCEEDED"]
    assert results["NextToken"]
