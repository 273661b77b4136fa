"""CloudFormation's StackSets, service-managed, and what they need of Organizations."""

from __future__ import annotations

from ministack.services.cloudformation import handlers

from lab import regions
from lab.stacksets import (
    automatic,
    changes,
    deploying,
    permissions,
    reads,
    resource,
    unit_permissions,
    wire,
)

_OPERATIONS: dict[str, wire.Act] = {
    "CreateStackSet": changes.create,
    "UpdateStackSet": changes.update,
    "DeleteStackSet": changes.delete,
    "DescribeStackSet": reads.describe,
    "ListStackSets": reads.list_sets,
    "CreateStackInstances": changes.create_instances,
    "UpdateStackInstances": changes.update_instances,
    "DeleteStackInstances": changes.delete_instances,
    "DescribeStackInstance": reads.describe_instance,
    "ListStackInstances": reads.list_instances,
    "DescribeStackSetOperation": reads.describe_operation,
    "ListStackSetOperations": reads.list_operations,
    "ListStackSetOperationResults": reads.list_results,
    "ListStackSetAutoDeploymentTargets": reads.list_targets,
    "StopStackSetOperation": changes.stop,
}


def install() -> None:
    """Give MiniStack StackSets: the calls, the resource type, automatic deployment."""
    for operation, act in _OPERATIONS.items():
        handlers._ACTION_HANDLERS[operation] = wire.handler(operation, act)
    for more in (regions, deploying, resource, automatic, permissions, unit_permissions):
        more.install()
