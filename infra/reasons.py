"""Why each role may do what it may: read by no function, but by whoever reviews the stack.

`make docs` writes docs/permissions.md from it and from the template, and fails for a permission
that has no reason here, or a reason that no permission needs any more.
"""

from __future__ import annotations

from collections.abc import Mapping

_READ = "to see what there is before it decides, and to know whether a change is done"
_ANEW = "to look again right before the call, and to read the owner tag"
_SEND_AGAIN = "to know that there is news, and to send again what the hub hasn't got"
_BUCKETS = "to make the hub's buckets, one in each Region, and to keep them as they should be"
_UNITS = "to know who belongs to the fleet, and whom nobody serves"
_ONLY_OURS = "to change what is the stack's own, and nothing else"

# By action, or by role and action where that says more: "apply_network ec2:CreateTags".
WHY: Mapping[str, str] = {
    "ec2:DescribeVpcs": "to know the VPCs, whose they are, and their tags and address blocks",
    "ec2:DescribeSubnets": "to choose subnets by tag and zone, and to compare zones by ID",
    "ec2:DescribeRouteTables": "to see which tables have a route to the endpoint already",
    "ec2:DescribeVpcEndpoints": _READ,
    "ec2:DescribeNetworkInterfaces": "to see which route tables are busy: traffic is not cut",
    "ec2:DescribeVpcAttribute": "private DNS needs two attributes of the VPC to be on",
    "ec2:DescribeSecurityGroups": "to see whether its endpoints' groups are as they should be",
    "ec2:DescribeVpcEndpointServices": "to know the zones, policies and DNS names of a service",
    "ec2:DescribeVpcEndpointServiceConfigurations": "to know the account's own endpoint services",
    "ec2:DescribeVpcEndpointConnections": "to know who asks, who is connected, and how it stands",
    "ec2:DescribeVpcEndpointServicePermissions": "the service's own list is one of the two locks",
    "ec2:DescribeVpcEndpointConnectionNotifications": "to see whether AWS tells of new requests",
    "elasticloadbalancing:DescribeLoadBalancers": "to find the load balancers and their zones",
    "elasticloadbalancing:DescribeTags": "a tag is what publishes a load balancer",
    "cloudwatch:GetMetricData": "to see which endpoints and zones nobody uses",
    "cloudwatch:ListMetrics": "to see which endpoints and zones nobody uses",
    "servicequotas:GetServiceQuota": "to stop at a quota, and to warn before it is reached",
    "ec2:CreateVpcEndpoint": "to make endpoints; each bears the owner tag from the first moment",
    "apply_interface ec2:CreateVpcEndpoint": (
        "to make endpoints; each bears the owner tag, and no security group but the stack's own"
    ),
    "ec2:ModifyVpcEndpoint": "to set routes, subnets, groups and policies of its own endpoints",
    "apply_withdrawal ec2:ModifyVpcEndpoint": "to take its own endpoints out of what others delete",
    "ec2:DeleteVpcEndpoints": "to remove its own that nobody wants, or that are in the way",
    "ec2:CreateTags": "to write the owner tag, in the call that creates and in no other",
    "answer_connections ec2:CreateTags": "to mark the connections that it has accepted itself",
    "ec2:DeleteTags": "to take its mark from connections that people have decided since",
    "ec2:CreateSecurityGroup": "its interface endpoints have a group of their own, per profile",
    "ec2:AuthorizeSecurityGroupIngress": "to let in the profile's ports from the profile's blocks",
    "ec2:RevokeSecurityGroupIngress": "to take out what somebody else let in",
    "ec2:RevokeSecurityGroupEgress": "an endpoint answers only: nothing is let out",
    "ec2:DeleteSecurityGroup": "a group goes with its last endpoint",
    "route53:AssociateVPCWithHostedZone": "IAM asks for it when an endpoint has private DNS",
    "vpce:AllowMultiRegion": "AWS asks for it where an endpoint or service has several Regions",
    "ec2:CreateVpcEndpointServiceConfiguration": "to publish a load balancer that bears the tag",
    "ec2:ModifyVpcEndpointServiceConfiguration": _ONLY_OURS,
    "ec2:ModifyVpcEndpointServicePermissions": "to keep its services' lists as the policy says",
    "ec2:StartVpcEndpointServicePrivateDnsVerification": "to have AWS look for the DNS record",
    "ec2:DeleteVpcEndpointServiceConfigurations": "to retire its services that nobody uses",
    "ec2:AcceptVpcEndpointConnections": "to let in whom a rule and the service's list both admit",
    "ec2:RejectVpcEndpointConnections": "to reject whom the policy denies, and cut what ended",
    "apply_services ec2:RejectVpcEndpointConnections": (
        "with `retire: now`, a service's connections end before it goes"
    ),
    "ec2:CreateVpcEndpointConnectionNotification": "AWS tells of requests only where it is told to",
    "ec2:ModifyVpcEndpointConnectionNotification": "to mend a registration of its own",
    "ssm:GetParametersByPath": "to see which DNS names are published",
    "ssm:PutParameter": "to publish the DNS names of private services, below its own path",
    "ssm:DeleteParameter": "to remove names that lead nowhere any more",
    "ssm:AddTagsToResource": "a parameter bears the owner tag, too",
    "ssm:ListTagsForResource": "to read the owner tag of a parameter before it is touched",
    "ssm:DescribeParameters": "to list what it has published, to be removed",
    "organizations:DescribeAccount": "to know whether an owner is in the organization",
    "organizations:ListParents": "to know which organizational units an owner is in",
    "sts:AssumeRole": "to read zones of peers, or the organization, by the role that they offer",
    "dynamodb:Query": "to read what it has to remember, of these kinds only",
    "record dynamodb:Query": "to know what ops have heard",
    "dynamodb:PutItem": "to remember it, of these kinds only",
    "record dynamodb:PutItem": "to remember what ops have heard, and what happened",
    "dynamodb:DeleteItem": "to forget what is over",
    "dynamodb:PartiQLSelect": "to read what the dashboard shows, of these kinds only",
    "letter dynamodb:PartiQLSelect": "to tell what stands, and what was done in the week",
    "letter dynamodb:Query": "to know whether this week's letter has been sent",
    "letter dynamodb:PutItem": "to remember that this week's letter has been sent",
    "dynamodb:ListTables": "to find the table that an earlier deployment has left",
    "dynamodb:DescribeTable": "to see whether such a table is this stack's predecessor",
    "events:PutEvents": "to put its own events on the bus, under its own source only",
    "sns:Publish": "to tell ops",
    "sns:GetTopicAttributes": "to see whether anybody listens: nothing is told to nobody",
    "kms:Decrypt": "the topic is encrypted",
    "kms:GenerateDataKey": "the topic is encrypted",
    "sqs:SendMessage": "what failed goes to a queue that an alarm watches",
    "sqs:ReceiveMessage": "to take events from the queue",
    "sqs:DeleteMessage": "to take events from the queue",
    "sqs:ChangeMessageVisibility": "to take events from the queue",
    "sqs:GetQueueAttributes": "to take events from the queue",
    "sqs:GetQueueUrl": "to take events from the queue",
    "lambda:InvokeFunction": "to run the workflow's steps",
    "press lambda:InvokeFunction": "a button gives its answer to the function that judges it",
    "states:StartExecution": "to start a workflow, to carry on with it, or to have another look",
    "states:SendTaskSuccess": "to wake the execution that waits for an answer",
    "states:ListExecutions": "to stop what runs before the stack is deleted",
    "states:StopExecution": "to stop what runs before the stack is deleted",
    # A fleet's.
    "heartbeat sqs:ReceiveMessage": _SEND_AGAIN,
    "heartbeat sqs:DeleteMessage": _SEND_AGAIN,
    "heartbeat sqs:GetQueueAttributes": _SEND_AGAIN,
    "heartbeat sqs:SendMessage": "to speak again soon after a deployment, and to put aside what "
    "AWS always refuses",
    "record sqs:SendMessage": "what failed goes to a queue that an alarm watches, and in a fleet "
    "news that can't be told now to one from where they are sent again",
    "heartbeat dynamodb:PutItem": "to note what it counts once a day",
    "recall_memory dynamodb:PutItem": "to take over who was let in, and tell an earlier stack so",
    "recall_memory dynamodb:DeleteItem": "to forget a later stack that is gone",
    "recall_memory cloudformation:DescribeStacks": "to see which others of our stacks stand",
    "take_answer dynamodb:PutItem": "to note the answer in the request's row",
    "the rule that tells the hub events:PutEvents": "to hand heartbeats and news to the hub's bus",
    "cloudformation:DescribeStacks": "a deployment that is on its way back isn't held up",
    "cloudformation:ListStackInstances": "to know which stacks there are, and which have failed",
    "organizations:ListDelegatedAdministrators": "CloudFormation asks for it of who isn't the "
    "management account",
    "organizations:ListAccounts": _UNITS,
    "organizations:ListAccountsForParent": _UNITS,
    "organizations:ListOrganizationalUnitsForParent": _UNITS,
    "dynamodb:BatchGetItem": "to know what it has heard already",
    "hub_ask lambda:InvokeFunction": "to put a question or an answer to a spoke's two functions",
    "hub_press lambda:InvokeFunction": "a button gives its answer to the function that asks spokes",
    "s3:CreateBucket": _BUCKETS,
    "s3:ListBucket": _BUCKETS,
    "s3:PutBucketOwnershipControls": _BUCKETS,
    "s3:PutBucketPolicy": _BUCKETS,
    "s3:PutBucketPublicAccessBlock": _BUCKETS,
    "s3:PutEncryptionConfiguration": _BUCKETS,
    "s3:GetObject": "to see what is there already",
    "s3:PutObject": "to put the release there; nothing is ever deleted",
    "logs:CreateLogStream": "to write its own log",
    "logs:PutLogEvents": "to write its own log",
    "logs": "Step Functions asks for these to write an execution's failures to the log",
    "xray": "to write traces",
}


def why(role: str, action: str) -> tuple[str, str]:
    """The key in WHY that holds for an action of a role, and the reason. Raises KeyError."""
    service = action.partition(":")[0]
    key = next(key for key in (f"{role} {action}", action, service, "") if key in WHY or not key)
    return key, WHY[key]
