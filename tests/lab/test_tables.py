"""A table that a stack has kept is there for good, and no later stack's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.client import Lab, wait_until

KEPT = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "RetainExceptOnCreate",
    "Properties": {
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    },
}


def ended(lab: Lab, stack: str, status: str) -> bool:
    found = lab.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return bool(found[0]["StackStatus"] == status)


def make(lab: Lab, table: dict[str, Any], status: str) -> str:
    """A stack with the table, as far as it comes; its id."""
    template = json.dumps({"Resources": {"Kept": table}})
    made = lab.client("cloudformation").create_stack(StackName="keeps", TemplateBody=template)
    stack = str(made["StackId"])
    wait_until(lambda: ended(lab, stack, status), 20, f"the stack is {status}")
    return stack


def drop(lab: Lab, stack: str) -> None:
    lab.client("cloudformation").delete_stack(StackName=stack)
    wait_until(lambda: ended(lab, stack, "DELETE_COMPLETE"), 20, "the stack is gone")


@pytest.fixture
def tables(lab: Lab) -> Any:
    return lab.client("dynamodb")


def kept(tables: Any) -> set[str]:
    return {name for name in tables.list_tables()["TableNames"] if name.startswith("keeps-Kept-")}


def test_a_second_stack_of_the_name_has_a_table_of_its_own(lab: Lab, tables: Any) -> None:
    drop(lab, make(lab, KEPT, "CREATE_COMPLETE"))
    (first,) = kept(tables)
    tables.put_item(TableName=first, Item={"pk": {"S": "memory"}})
    drop(lab, make(lab, KEPT, "CREATE_COMPLETE"))
    assert len(kept(tables)) == 2
    assert tables.get_item(TableName=first, Key={"pk": {"S": "memory"}}).get("Item")


def test_a_table_that_is_there_is_not_made_again_under_its_name(lab: Lab) -> None:
    named = {**KEPT, "Properties": {**KEPT["Properties"], "TableName": "mine"}}  # type: ignore[dict-item]  # a template is no type
    drop(lab, make(lab, named, "CREATE_COMPLETE"))
    drop(lab, make(lab, named, "ROLLBACK_COMPLETE"))


def test_a_templates_backups_and_expiry_count(lab: Lab) -> None:
    properties = {
        **KEPT["Properties"],  # type: ignore[dict-item]  # it is one
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True},
    }
    stack = make(lab, {"Type": KEPT["Type"], "Properties": properties}, "CREATE_COMPLETE")
    (table,) = lab.client("cloudformation").list_stack_resources(StackName=stack)[
        "StackResourceSummaries"
    ]
    named = {"TableName": table["PhysicalResourceId"]}
    dynamodb = lab.client("dynamodb")
    backups = dynamodb.describe_continuous_backups(**named)["ContinuousBackupsDescription"]
    status = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    expiry = dynamodb.describe_time_to_live(**named)["TimeToLiveDescription"]
    assert (status, expiry) == (
        "ENABLED",
        {"TimeToLiveStatus": "ENABLED", "AttributeName": "until"},
    )
    drop(lab, stack)
