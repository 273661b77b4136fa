"""StackSets follow accounts: those that come into a unit, go from it, or move between two."""

from __future__ import annotations

import json
from typing import Any

from lab.client import Lab, wait_until
from lab.organization import new_account
from tests.lab.stacksets.company import ADMIN, QUEUE, REGIONS, WAITS, Company, found_company, some

RETAINED = {"Enabled": True, "RetainStacksOnAccountRemoval": True}
NAMED = json.dumps(
    {
        "Parameters": {"Name": {"Type": "String", "Default": "default"}},
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}}
        },
    }
)


def deployed(company: Company, *units: str, **more: Any) -> str:
    name = company.create(**more)
    company.deploy(name, *units)
    return name


def test_an_account_that_is_created_in_a_unit_is_deployed_to(lab: Lab) -> None:
    company = found_company(lab, {"workloads": []})
    name = deployed(company, "workloads")

    account = company.organization.add("workloads")

    company.settle(name)
    assert company.instances(name) == {(account, region): "SUCCEEDED" for region in REGIONS}


def test_a_new_account_anywhere_counts_for_the_root(lab: Lab) -> None:
    company = found_company(lab, {})
    name = deployed(company, "root")
    made = company.organization.client.create_account(Email="a@example.com", AccountName="a")

    company.settle(name)

    assert company.accounts(name) == {company.hub, made["CreateAccountStatus"]["AccountId"]}


def test_an_account_that_joins_and_leaves_the_organization_is_followed(lab: Lab) -> None:
    company, account = found_company(lab, {}), new_account()
    name = deployed(company, "root")

    lab.join(account, company.organization.management)
    company.settle(name)
    assert account in company.accounts(name)

    lab.join(account, None)
    company.settle(name)
    assert account not in company.accounts(name)


def test_a_move_deletes_from_one_stack_set_and_creates_from_the_other(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"old": [account], "new": []})
    left, entered = deployed(company, "old"), deployed(company, "new")
    before = company.queues(account)

    company.organization.move(account, "new")

    company.settle(left)
    company.settle(entered)
    assert (company.accounts(left), company.accounts(entered)) == (set(), {account})
    assert len(company.queues(account)) == 1
    assert company.queues(account) != before


def test_a_move_between_units_of_one_stack_set_changes_nothing(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"above": [], "above/a": [account], "above/b": []})
    name = deployed(company, "above")
    before = company.queues(account)

    company.organization.move(account, "above/b")

    asked = {"StackSetName": name, **ADMIN}
    assert len(company.cloudformation.list_stack_set_operations(**asked)["Summaries"]) == 1
    assert company.queues(account) == before


def test_stacks_are_left_where_they_are_if_they_shall_be_retained(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name = deployed(company, "workloads", AutoDeployment=RETAINED)

    company.organization.move(account, "root")

    company.settle(name)
    assert company.accounts(name) == set()
    assert len(company.queues(account)) == 1


def test_without_automatic_deployment_nothing_follows(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name = deployed(company, "workloads", AutoDeployment={"Enabled": False})

    company.organization.move(account, "root")
    company.organization.add("workloads")

    assert company.accounts(name) == {account}


def test_overrides_do_not_reach_accounts_that_come_later(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name = company.create(NAMED)
    own = [{"ParameterKey": "Name", "ParameterValue": "override"}]
    company.deploy(name, "workloads", ParameterOverrides=own)

    later = company.organization.add("workloads")

    company.settle(name)
    names = [company.queues(each)[0].rpartition("/")[2] for each in (account, later)]
    assert names == ["override", "default"]


def test_filters_do_not_keep_accounts_out_that_come_later(lab: Lab) -> None:
    chosen, left_out = some(2)
    company = found_company(lab, {"workloads": [chosen, left_out]})
    name = company.create()
    said = {
        "OrganizationalUnitIds": company.ids("workloads"),
        "Accounts": [chosen],
        "AccountFilterType": "INTERSECTION",
    }
    begun = company.cloudformation.create_stack_instances(
        StackSetName=name, DeploymentTargets=said, Regions=REGIONS, **ADMIN
    )
    company.end(name, begun["OperationId"])
    assert company.accounts(name) == {chosen}

    later = company.organization.add("workloads")

    company.settle(name)
    assert company.accounts(name) == {chosen, later}


def test_it_waits_for_what_runs_and_knows_no_tolerance(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name = company.create(WAITS)
    how = {"FailureToleranceCount": 5, "RegionConcurrencyType": "PARALLEL"}
    running = company.begin(name, "workloads", OperationPreferences=how)

    later = company.organization.add("workloads")

    asked = {"StackSetName": name, **ADMIN}
    automatic = company.cloudformation.list_stack_set_operations(**asked)["Summaries"][0]
    assert automatic["Status"] == "QUEUED"
    assert company.end(name, running) == "SUCCEEDED"  # one account in each Region may fail
    assert company.end(name, automatic["OperationId"]) == "FAILED"
    assert company.instances(name)[later, "eu-west-1"] == "CANCELLED"


def test_a_unit_that_was_deleted_from_is_followed_no_more(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name = deployed(company, "workloads")
    targets = {"StackSetName": name, **ADMIN}
    listed = company.cloudformation.list_stack_set_auto_deployment_targets(**targets)["Summaries"]
    assert listed == [{"OrganizationalUnitId": company.ids("workloads")[0], "Regions": REGIONS}]

    assert company.delete(name, "workloads") == "SUCCEEDED"
    company.organization.add("workloads")

    assert company.accounts(name) == set()


def test_the_newest_template_comes_to_a_new_account(lab: Lab) -> None:
    company = found_company(lab, {"workloads": []})
    name = deployed(company, "workloads")
    two = json.dumps({"Resources": {"Queue": QUEUE, "Second": QUEUE}})
    company.update(name, two)

    account = company.organization.add("workloads")

    wait_until(lambda: len(company.queues(account)) == 2, 30, "both queues are there")
