"""Organizations: who administers what, and what an administrator's account may see and do."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab
from lab.organization import STACK_SETS, new_account
from tests.lab.stacksets.company import ADMIN, found_company, refusal, some


def test_a_delegated_administrator_reads_the_organization(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"prod": [], "prod/eu": [account]})
    reader, unit = lab.client("organizations", company.hub), company.organization.units["prod/eu"]

    listed = {each["Id"] for each in reader.list_accounts()["Accounts"]}
    assert listed == {company.organization.management, company.hub, account}
    assert reader.list_parents(ChildId=account)["Parents"][0]["Id"] == unit
    there = reader.list_accounts_for_parent(ParentId=unit)["Accounts"]
    assert [each["Id"] for each in there] == [account]
    below = reader.list_children(
        ParentId=company.organization.units["prod"], ChildType="ORGANIZATIONAL_UNIT"
    )
    assert below["Children"] == [{"Id": unit, "Type": "ORGANIZATIONAL_UNIT"}]
    found = reader.describe_organizational_unit(OrganizationalUnitId=unit)
    assert found["OrganizationalUnit"]["Name"] == "eu"
    (administrator,) = reader.list_delegated_administrators(ServicePrincipal=STACK_SETS)[
        "DelegatedAdministrators"
    ]
    assert administrator["Id"] == company.hub


def test_an_account_has_a_state_and_no_status(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"prod": [account]})
    reader = lab.client("organizations", company.hub)
    company.organization.suspend(account)

    (there,) = reader.list_accounts_for_parent(ParentId=company.ids("prod")[0])["Accounts"]
    described = reader.describe_account(AccountId=account)["Account"]
    (listed,) = [e for e in reader.list_accounts()["Accounts"] if e["Id"] == account]
    for each in (there, described, listed):
        assert each["State"] == "SUSPENDED"
        assert "Status" not in each


def test_it_changes_nothing_and_other_members_see_nothing(lab: Lab) -> None:
    (account,) = some(1)
    company = found_company(lab, {"prod": [account]})

    for client, act, request in (
        (company.hub, "close_account", {"AccountId": account}),
        (company.hub, "enable_aws_service_access", {"ServicePrincipal": STACK_SETS}),
        (account, "list_accounts", {}),
        (account, "list_delegated_administrators", {}),
    ):
        code, _ = refusal(getattr(lab.client("organizations", client), act), **request)
        assert code == "AccessDeniedException"


def test_who_is_no_member_or_is_one_already_is_not_registered(lab: Lab) -> None:
    company = found_company(lab, {})
    register = company.organization.client.register_delegated_administrator

    for account, code in (
        (new_account(), "AccountNotFoundException"),
        (company.organization.management, "AccountNotFoundException"),
        (company.hub, "AccountAlreadyRegisteredException"),
    ):
        asked = {"AccountId": account, "ServicePrincipal": STACK_SETS}
        assert refusal(register, **asked)[0] == code


def test_who_is_deregistered_administers_no_more(lab: Lab) -> None:
    company = found_company(lab, {})
    company.organization.client.deregister_delegated_administrator(
        AccountId=company.hub, ServicePrincipal=STACK_SETS
    )

    assert refusal(company.create)[1] == "Account used is not a delegated administrator"
    with pytest.raises(ClientError, match="AccessDenied"):
        lab.client("organizations", company.hub).list_accounts()


def test_the_administrator_goes_last_when_a_fleet_ends(lab: Lab) -> None:
    """docs/fleet.md: whoever is deregistered first can't take the stacks back any more."""
    (account,) = some(1)
    company = found_company(lab, {"workloads": [account]})
    name, organizations = company.create(), company.organization.client
    company.deploy(name, "workloads")
    registered = {"AccountId": company.hub, "ServicePrincipal": STACK_SETS}

    organizations.deregister_delegated_administrator(**registered)
    with pytest.raises(ClientError, match="not a delegated administrator"):
        company.delete(name, "workloads")
    assert len(company.queues(account)) == 1, "its stack stands"

    organizations.register_delegated_administrator(**registered)
    delete = company.cloudformation.delete_stack_set
    assert refusal(delete, StackSetName=name, **ADMIN)[0] == "StackSetNotEmptyException"
    company.delete(name, "workloads")
    delete(StackSetName=name, **ADMIN)
    assert company.queues(account) == []
    organizations.deregister_delegated_administrator(**registered)


def test_a_role_needs_the_permission_for_the_stack_set(lab: Lab) -> None:
    company = found_company(lab, {})
    allowed, other = company.create(), company.create()
    iam, sts = lab.client("iam", company.hub), lab.client("sts", company.hub)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{company.hub}:root"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="looks", AssumeRolePolicyDocument=document)["Role"]
    statement = {
        "Effect": "Allow",
        "Action": "cloudformation:ListStackInstances",
        "Resource": f"arn:aws:cloudformation:us-east-1:*:stackset/{allowed}:*",
    }
    sees = {
        "Effect": "Allow",
        "Action": "organizations:ListDelegatedAdministrators",
        "Resource": "*",
    }

    def may(*statements: dict[str, str]) -> None:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName="looks", PolicyName="looks", PolicyDocument=policy)

    may(statement)
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="looking")["Credentials"]
    client = lab.session(company.hub).client(
        "cloudformation",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )

    # It has to be able to see that the account is an administrator.
    _, words = refusal(client.list_stack_instances, StackSetName=allowed, CallAs="DELEGATED_ADMIN")
    assert words == "Account used is not a delegated administrator"
    may(statement, sees)
    client.list_stack_instances(StackSetName=allowed, CallAs="DELEGATED_ADMIN")
    code, _ = refusal(client.list_stack_instances, StackSetName=other, CallAs="DELEGATED_ADMIN")
    assert code.startswith("AccessDenied")
