"""Calls that look at StackSets, their instances and operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ministack.core.responses import get_region

from lab.stacksets import store
from lab.stacksets.changes import found, home
from lab.stacksets.model import Instance, Operation, Outcome, StackSet, StackSetError, invalid

Request = dict[str, Any]
_PAGE = 100


def page(request: Request, items: Sequence[Any]) -> dict[str, Any]:
    """A page of summaries, and the token of the next one."""
    token, count = request.get("NextToken", "0"), int(request.get("MaxResults", _PAGE))
    if not str(token).isdigit():
        raise invalid("Invalid NextToken")
    end = int(token) + count
    more = {"NextToken": str(end)} if end < len(items) else {}
    return {"Summaries": [*items[int(token) : end]], **more}


def describe(request: Request) -> dict[str, Any]:
    """DescribeStackSet."""
    each = found(request)
    regions = dict.fromkeys(place[1] for place in each.instances)
    return {
        "StackSet": {
            **_summary(each),
            "TemplateBody": each.template,
            "Parameters": each.raw.get("Parameters", ()),
            "Capabilities": each.raw.get("Capabilities", ()),
            "Tags": each.raw.get("Tags", ()),
            "StackSetARN": each.arn,
            "OrganizationalUnitIds": [*each.targets],
            "Regions": [*regions],
        }
    }


def _summary(each: StackSet) -> dict[str, Any]:
    kept = ("Description", "AutoDeployment", "ManagedExecution")
    return {
        "StackSetName": each.name,
        "StackSetId": each.id,
        "Status": "DELETED" if each.deleted else "ACTIVE",
        "PermissionModel": "SERVICE_MANAGED",
        **{key: each.raw[key] for key in kept if key in each.raw},
    }


def list_sets(request: Request) -> dict[str, Any]:
    """ListStackSets."""
    wanted = request.get("Status")
    sets = [_summary(each) for each in store.of(home(request)) if each.region == get_region()]
    return page(request, [each for each in sets if wanted in (None, each["Status"])])


def _instance(stack_set: StackSet, each: Instance) -> dict[str, Any]:
    detailed = {"DetailedStatus": each.detailed}
    kept = {"StackId": each.stack_id, "StatusReason": each.reason}
    return {
        "StackSetId": stack_set.id,
        "Region": each.region,
        "Account": each.account,
        "Status": each.status,
        "StackInstanceStatus": detailed,
        "OrganizationalUnitId": each.unit,
        "DriftStatus": "NOT_CHECKED",
        "LastOperationId": each.operation,
        **{key: value for key, value in kept.items() if value},
    }


def describe_instance(request: Request) -> dict[str, Any]:
    """DescribeStackInstance."""
    stack_set = found(request)
    account, region = request["StackInstanceAccount"], request["StackInstanceRegion"]
    each = stack_set.instances.get((account, region))
    if each is None:
        words = f"Stack instance not found for account {account} in {region}"
        raise StackSetError("StackInstanceNotFoundException", words)
    return {"StackInstance": {**_instance(stack_set, each), "ParameterOverrides": each.overrides}}


_FILTERED: dict[str, Callable[[Instance], str]] = {
    "DETAILED_STATUS": lambda each: each.detailed,
    "LAST_OPERATION_ID": lambda each: each.operation,
    "DRIFT_STATUS": lambda _: "NOT_CHECKED",
}


def list_instances(request: Request) -> dict[str, Any]:
    """ListStackInstances."""
    stack_set = found(request)
    account, region = request.get("StackInstanceAccount"), request.get("StackInstanceRegion")
    chosen = [
        each
        for place, each in sorted(stack_set.instances.items())
        if account in (None, place[0])
        and region in (None, place[1])
        and all(_FILTERED[f["Name"]](each) == f["Values"] for f in request.get("Filters", ()))
    ]
    return page(request, [_instance(stack_set, each) for each in chosen])


def _operation(each: Operation) -> dict[str, Any]:
    ended = {"EndTimestamp": each.ended} if each.ended else {}
    failed = len([one for one in each.outcomes if one.status == "FAILED"])
    return {
        "OperationId": each.id,
        "Action": each.action,
        "Status": each.status,
        "CreationTimestamp": each.created,
        "OperationPreferences": {"RegionOrder": [], **each.preferences.raw},
        "StatusDetails": {"FailedStackInstancesCount": failed},
        **ended,
    }


def describe_operation(request: Request) -> dict[str, Any]:
    """DescribeStackSetOperation."""
    stack_set = found(request)
    each = store.operation(stack_set, str(request["OperationId"]))
    more: dict[str, Any] = {} if each.retain is None else {"RetainStacks": each.retain}
    if each.targets:
        more["DeploymentTargets"] = each.targets
    return {"StackSetOperation": {**_operation(each), "StackSetId": stack_set.id, **more}}


def list_operations(request: Request) -> dict[str, Any]:
    """ListStackSetOperations, the latest first."""
    return page(request, [_operation(each) for each in reversed(found(request).operations)])


def _outcome(each: Outcome) -> dict[str, Any]:
    reason = {"StatusReason": each.reason} if each.reason else {}
    return {
        "Account": each.instance.account,
        "Region": each.instance.region,
        "Status": each.status,
        "OrganizationalUnitId": each.instance.unit,
        **reason,
    }


def list_results(request: Request) -> dict[str, Any]:
    """ListStackSetOperationResults."""
    outcomes = store.operation(found(request), str(request["OperationId"])).outcomes
    wanted = [each["Values"] for each in request.get("Filters", ())]
    chosen = [each for each in outcomes if not wanted or each.status in wanted]
    return page(request, [_outcome(each) for each in chosen])


def list_targets(request: Request) -> dict[str, Any]:
    """ListStackSetAutoDeploymentTargets."""
    return page(
        request,
        [
            {"OrganizationalUnitId": unit, "Regions": regions}
            for unit, regions in found(request).targets.items()
        ],
    )
