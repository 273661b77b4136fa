"""Reads StackSets as the delegated administrator, and the hub's own stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autopilot.aws.errors import NotFound
from autopilot.aws.pages import call, pages
from autopilot.fleet.waves import Instance
from autopilot.fleet.wire import Spoke

# CloudFormation API reference, ListStackInstances.
_PAGE = 100
_AS = "DELEGATED_ADMIN"


def instances(stack_set: str) -> Iterator[Instance]:
    """A StackSet's stacks as they are now; none of a StackSet that isn't there.

    Raises AwsErrors, ValueError without a name.
    """
    if not stack_set:
        raise ValueError("which StackSet's instances")
    asked = {"StackSetName": stack_set, "CallAs": _AS, "MaxResults": _PAGE}
    try:
        for each in pages("ListStackInstances", service="cloudformation", **asked):
            yield _instance(stack_set, each)
    except NotFound:
        return


def _instance(stack_set: str, given: Mapping[str, Any]) -> Instance:
    return Instance(
        stack_set=stack_set,
        spoke=Spoke(given["Account"], given["Region"]),
        status=given.get("StackInstanceStatus", {}).get("DetailedStatus") or given["Status"],
        reason=given.get("StatusReason", ""),
        unit=given.get("OrganizationalUnitId", ""),
        stack=given.get("StackId", ""),
    )


def rolls_back(stack_id: str) -> bool:
    """Whether a stack is on its way back to what it was. Raises AwsErrors."""
    (stack,) = call("cloudformation", "DescribeStacks", StackName=stack_id)["Stacks"]
    return "ROLLBACK" in str(stack["StackStatus"])
