"""Which operations of which services the functions call; what isn't here isn't in the bundle."""

from __future__ import annotations

from collections.abc import Mapping

# By botocore's service name. A test holds this list against the calls in functions/autopilot/aws.
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("DescribeTable", "ExecuteStatement", "ListTables", "Query", "TransactWriteItems"),
    "ec2": (
        "AcceptVpcEndpointConnections",
        "AuthorizeSecurityGroupIngress",
        "CreateSecurityGroup",
        "CreateTags",
        "CreateVpcEndpoint",
        "CreateVpcEndpointConnectionNotification",
        "CreateVpcEndpointServiceConfiguration",
        "DeleteVpcEndpointServiceConfigurations",
        "DeleteSecurityGroup",
        "DeleteTags",
        "DeleteVpcEndpoints",
        "DescribeNetworkInterfaces",
        "DescribeRouteTables",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeVpcAttribute",
        "DescribeVpcEndpointConnectionNotifications",
        "DescribeVpcEndpointConnections",
        "DescribeVpcEndpointServiceConfigurations",
        "DescribeVpcEndpointServicePermissions",
        "DescribeVpcEndpointServices",
        "DescribeVpcEndpoints",
        "DescribeVpcs",
        "ModifyVpcEndpoint",
        "ModifyVpcEndpointConnectionNotification",
        "ModifyVpcEndpointServiceConfiguration",
        "ModifyVpcEndpointServicePermissions",
        "RejectVpcEndpointConnections",
        "StartVpcEndpointServicePrivateDnsVerification",
        "RevokeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
    ),
    "elbv2": ("DescribeLoadBalancers", "DescribeTags"),
    "events": ("PutEvents",),
    "organizations": ("DescribeAccount", "ListParents"),
    "service-quotas": ("GetServiceQuota",),
    "sns": ("GetTopicAttributes", "Publish"),
    "sqs": ("SendMessage",),
    "ssm": (
        "AddTagsToResource",
        "DeleteParameter",
        "DescribeParameters",
        "GetParametersByPath",
        "ListTagsForResource",
        "PutParameter",
    ),
    "stepfunctions": ("ListExecutions", "SendTaskSuccess", "StartExecution", "StopExecution"),
    "sts": ("AssumeRole",),
}
