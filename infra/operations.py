"""Which operations of which services the functions call; what isn't here isn't in the bundle."""

from __future__ import annotations

from collections.abc import Mapping

# By botocore's service name. A test holds this list against the calls in functions/autopilot/aws.
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("Query", "TransactWriteItems"),
    "ec2": (
        "AcceptVpcEndpointConnections",
        "CreateVpcEndpoint",
        "CreateVpcEndpointConnectionNotification",
        "DeleteSecurityGroup",
        "DeleteVpcEndpointServiceConfigurations",
        "DeleteVpcEndpoints",
        "DescribeNetworkInterfaces",
        "DescribeRouteTables",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeVpcEndpointConnectionNotifications",
        "DescribeVpcEndpointConnections",
        "DescribeVpcEndpointServiceConfigurations",
        "DescribeVpcEndpointServicePermissions",
        "DescribeVpcEndpointServices",
        "DescribeVpcEndpoints",
        "DescribeVpcs",
        "ModifyVpcEndpoint",
        "ModifyVpcEndpointConnectionNotification",
        "RejectVpcEndpointConnections",
    ),
    "events": ("PutEvents",),
    "organizations": ("DescribeAccount", "ListParents"),
    "service-quotas": ("GetServiceQuota",),
    "sns": ("Publish",),
    "sqs": ("SendMessage",),
    "ssm": ("DeleteParameter", "DescribeParameters", "ListTagsForResource"),
    "stepfunctions": ("SendTaskSuccess", "StartExecution"),
    "sts": ("AssumeRole",),
}
