"""Which events wake the automation, as EventBridge patterns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Aws

from infra.grants import BUS_SOURCE

Pattern = dict[str, Any]

NETWORK_CALLS = [
    "CreateVpc",
    "CreateDefaultVpc",
    "CreateRouteTable",
    "AssociateRouteTable",
    "ReplaceRouteTableAssociation",
    "DisassociateRouteTable",
    "CreateVpcEndpoint",
    "ModifyVpcEndpoint",
    "DeleteVpcEndpoints",
]
SERVICE_CALLS = [
    "CreateVpcEndpointServiceConfiguration",
    "ModifyVpcEndpointServiceConfiguration",
    "DeleteVpcEndpointServiceConfigurations",
    "ModifyVpcEndpointServicePermissions",
    "CreateVpcEndpointConnectionNotification",
    "ModifyVpcEndpointConnectionNotification",
    "DeleteVpcEndpointConnectionNotifications",
    "AcceptVpcEndpointConnections",
    "RejectVpcEndpointConnections",
]
# Beside those of the network, which interface endpoints wait for too.
INTERFACE_CALLS = [
    "CreateSubnet",
    "CreateDefaultSubnet",
    "ModifyVpcAttribute",
    "AssociateVpcCidrBlock",
    "DisassociateVpcCidrBlock",
    "AuthorizeSecurityGroupIngress",
    "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "RevokeSecurityGroupEgress",
    "ModifySecurityGroupRules",
]
TAG_CALLS = ["CreateTags", "DeleteTags"]
BALANCER_CALLS = ["CreateLoadBalancer", "DeleteLoadBalancer", "SetSubnets"]
BALANCER_TAG_CALLS = ["AddTags", "RemoveTags"]
# Services that we publish stand behind these only; others' tags change all the time.
NETWORK_BALANCER = "*:loadbalancer/net/*"
NOTIFICATION = "Endpoint Connection Notification"
# aws-sdk-go-v2 #1024: the code is InvalidParameter, only the words tell.
ZONE_NOT_SERVED = "*does not support the availability zone*"


DELETIONS = ["DeleteVpc", "DeleteSubnet", "DeleteSecurityGroup"]
# "Client." before EC2's own code: public CloudTrail data sets.
IN_USE = "Client.DependencyViolation"
# The code decides; seen under InvalidParameter too, where only the words tell.
ROUTE_TAKEN = "Client.RouteAlreadyExists"
ROUTE_EXISTS = "*already has a route*"


def network_calls(own_roles: Sequence[str]) -> Pattern:
    """Calls that worked and change what the network's plan looks at."""
    return _ec2({"eventName": NETWORK_CALLS, **_worked(), **_of_others(own_roles)})


def service_calls(own_roles: Sequence[str]) -> Pattern:
    """Calls that worked on endpoint services, who may use them, and their connections."""
    return _ec2({"eventName": SERVICE_CALLS, **_worked(), **_of_others(own_roles)})


def interface_calls(own_roles: Sequence[str]) -> Pattern:
    """Calls that worked and change what interface endpoints stand in, or who may reach them."""
    return _ec2({"eventName": INTERFACE_CALLS, **_worked(), **_of_others(own_roles)})


def tag_calls(own_roles: Sequence[str], *, interfaces: bool = False) -> Pattern:
    """Calls that worked and changed tags of VPCs, route tables or endpoint services.

    `interfaces`: of subnets, endpoints and security groups too.
    """
    more = ("subnet-", "vpce-", "sg-") if interfaces else ()
    ids = [{"prefix": prefix} for prefix in ("vpc-", "rtb-", "vpce-svc-", *more)]
    return _ec2(
        {
            "eventName": TAG_CALLS,
            "requestParameters": {"resourcesSet": {"items": {"resourceId": ids}}},
            **_worked(),
            **_of_others(own_roles),
        }
    )


def balancer_calls() -> Pattern:
    """Calls that worked and made, deleted or moved load balancers."""
    return _balancing({"eventName": BALANCER_CALLS, **_worked()})


def balancer_tag_calls() -> Pattern:
    """Calls that worked and changed tags of network load balancers."""
    return _balancing(
        {
            "eventName": BALANCER_TAG_CALLS,
            "requestParameters": {"resourceArns": [{"wildcard": NETWORK_BALANCER}]},
            **_worked(),
        }
    )


def refused_endpoints(own_roles: Sequence[str]) -> Pattern:
    """Endpoints that were refused because the service isn't in a subnet's zone."""
    return _ec2(
        {
            "eventName": ["CreateVpcEndpoint"],
            "errorMessage": [{"wildcard": ZONE_NOT_SERVED}],
            **_of_others(own_roles),
        }
    )


def refused_deletions(own_roles: Sequence[str]) -> Pattern:
    """Deletions that were refused, perhaps because something that the stack made is in the way."""
    return _ec2(
        {"eventName": DELETIONS, "errorCode": [IN_USE], **_of_others(own_roles)},
    )


def refused_routes(own_roles: Sequence[str]) -> Pattern:
    """Endpoints that a route table refused for the route that it has, perhaps ours."""
    others = _of_others(own_roles)["$or"]
    refused = ({"errorCode": [ROUTE_TAKEN]}, {"errorMessage": [{"wildcard": ROUTE_EXISTS}]})
    return _ec2(
        {
            "eventName": ["CreateVpcEndpoint", "ModifyVpcEndpoint"],
            "$or": [{**how, **whose} for how in refused for whose in others],
        }
    )


def notifications() -> Pattern:
    """What the relay puts on the bus."""
    return {"source": [BUS_SOURCE], "detail_type": [NOTIFICATION]}


def subscriptions(topic_arn: str) -> Pattern:
    """Calls that subscribed to the ops topic or confirmed that.

    Queues, functions and whoever confirms with credentials; a link in an email isn't told (SNS
    guide, "Logging API calls").
    """
    return _calls(
        "aws.sns",
        {
            "eventName": ["Subscribe", "ConfirmSubscription"],
            "requestParameters": {"topicArn": [topic_arn]},
            **_worked(),
        },
    )


def broken_executions(machine_arns: Sequence[str]) -> Pattern:
    """Executions of our workflows that failed, ran out of time, or were stopped by somebody."""
    return {
        "source": ["aws.states"],
        "account": [Aws.ACCOUNT_ID],
        "region": [Aws.REGION],
        "detail_type": ["Step Functions Execution Status Change"],
        "detail": {
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
            "stateMachineArn": list(machine_arns),
        },
    }


def _ec2(detail: Pattern) -> Pattern:
    return _calls("aws.ec2", detail)


def _balancing(detail: Pattern) -> Pattern:
    return _calls("aws.elasticloadbalancing", detail)


def _calls(source: str, detail: Pattern) -> Pattern:
    """A default bus may be sent others' events: only the account's and Region's own count."""
    return {
        "source": [source],
        "account": [Aws.ACCOUNT_ID],
        "region": [Aws.REGION],
        "detail_type": ["AWS API Call via CloudTrail"],
        "detail": detail,
    }


def _worked() -> Pattern:
    return {"errorCode": [{"exists": False}]}


def _of_others(own_roles: Sequence[str]) -> Pattern:
    """Our own calls would wake us for ever.

    `anything-but` doesn't match a field that isn't there, and users' and root's events have no
    session issuer.
    """
    return {
        "$or": [
            {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [issuer]}}}}
            for issuer in ({"anything-but": list(own_roles)}, {"exists": False})
        ],
    }
