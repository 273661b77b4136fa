"""The functions of the network workflow and those that all share, with what each may do."""

from __future__ import annotations

from aws_cdk import Aws
from constructs import Construct

from infra.function import Common, Function, Size
from infra.ledger import Ledger
from infra.queues import Queues
from infra.topics import OpsTopic

OWNER_TAG = "endpoint-autopilot:owner"
BUS_SOURCE = "endpoint-autopilot"
# Asked for beside EC2's own action when an endpoint or a service of several Regions is made,
# changed or deleted. It allows nothing alone, and knows no condition keys (Service Authorization
# Reference).
MULTI_REGION = "vpce:AllowMultiRegion"
# Partitions of the ledger. A test holds them against the code that writes them.
WITHDRAWN = "withdrawn"
FIRST_SEEN = "first-seen"
RESTORED = "restored"

# For the plan, and again right before each change. Creating an endpoint takes DescribeVpcs anyway
# (a dependent action in IAM's reference).
LOOK = (
    "ec2:DescribeVpcs",
    "ec2:DescribeRouteTables",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeNetworkInterfaces",
)

# Memory buys processor time. 512 MiB (a third of a processor) for the import and the first client,
# which is where these three spend it; 1,024 for planning, which reads pages of XML.
INTAKE = Size(memory=512, timeout=30)
PLAN_NETWORK = Size(memory=1024, timeout=120)
APPLY_NETWORK = Size(memory=512, timeout=60)
RECORD = Size(memory=512, timeout=60)


class Functions(Construct):
    """`intake`, `plan_network`, `apply_network` and `record`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        common: Common,
        queues: Queues,
        ledger: Ledger,
        ops: OpsTopic,
    ) -> None:
        super().__init__(scope, id)
        self._common = common
        self.intake = self._intake(queues)
        self.plan_network = self._plan_network(ledger)
        self.apply_network = self._apply_network(ledger)
        self.record = self._record(ledger, ops)

    def _intake(self, queues: Queues) -> Function:
        """The machines' ARNs and the permissions to start them come with the workflows."""
        intake = Function(
            self,
            "Intake",
            common=self._common,
            module="intake",
            size=INTAKE,
            environment={"DEAD_LETTER_QUEUE_URL": queues.intake_dead_letters.queue_url},
        )
        intake.allow("sqs:SendMessage", on=queues.intake_dead_letters.queue_arn)
        return intake

    def _plan_network(self, ledger: Ledger) -> Function:
        plan = Function(
            self,
            "PlanNetwork",
            common=self._common,
            module="plan_network",
            size=PLAN_NETWORK,
            environment={"LEDGER_TABLE": ledger.table.table_name},
        )
        memory = [WITHDRAWN, FIRST_SEEN, RESTORED]
        ledger.let(plan, "Query", "PutItem", "DeleteItem", among=memory)
        plan.allow(*LOOK, "servicequotas:GetServiceQuota", on="*")
        return plan

    def _apply_network(self, ledger: Ledger) -> Function:
        """May create only what bears our tag, and change only what bears it already."""
        apply = Function(
            self,
            "ApplyNetwork",
            common=self._common,
            module="apply_network",
            size=APPLY_NETWORK,
            environment={"LEDGER_TABLE": ledger.table.table_name},
        )
        ledger.let(apply, "Query", among=[WITHDRAWN])
        owner = self._common.owner
        tagged = {"StringEquals": {f"aws:RequestTag/{OWNER_TAG}": owner}}
        ours = {"StringEquals": {f"aws:ResourceTag/{OWNER_TAG}": owner}}
        at_creation = {"StringEquals": {"ec2:CreateAction": "CreateVpcEndpoint"}}
        endpoints, vpcs, tables = (
            ec2_arns(kind) for kind in ("vpc-endpoint", "vpc", "route-table")
        )
        why = (
            "It serves VPCs and tables that don't exist yet; endpoints are bound to the owner tag."
        )
        apply.allow(*LOOK, on="*")
        apply.allow("ec2:CreateVpcEndpoint", on=endpoints, when=tagged, because=why)
        apply.allow("ec2:CreateTags", on=endpoints, when=at_creation)
        apply.allow("ec2:ModifyVpcEndpoint", on=endpoints, when=ours)
        apply.allow("ec2:CreateVpcEndpoint", on=vpcs, because=why)
        apply.allow("ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint", on=tables, because=why)
        return apply

    def _record(self, ledger: Ledger, ops: OpsTopic) -> Function:
        record = Function(
            self,
            "Record",
            common=self._common,
            module="record",
            size=RECORD,
            environment={
                "LEDGER_TABLE": ledger.table.table_name,
                "OPS_TOPIC_ARN": ops.topic.topic_arn,
            },
        )
        # Writes go out as transactions, which IAM checks item by item.
        record.allow(
            "dynamodb:Query",
            "dynamodb:PutItem",
            "dynamodb:DeleteItem",
            on=ledger.table.table_arn,
        )
        record.allow("sns:GetTopicAttributes", on=ops.topic.topic_arn)
        may_put_events(record)
        ops.may_publish(record.role)
        return record


def may_put_events(function: Function) -> None:
    """Let a function put our own events on the default bus."""
    function.allow(
        "events:PutEvents",
        on=f"arn:{Aws.PARTITION}:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:event-bus/default",
        when={"StringEquals": {"events:source": BUS_SOURCE}},
    )


def ec2_arns(kind: str) -> str:
    """The ARNs of all things of a kind in the account and Region."""
    return f"arn:{Aws.PARTITION}:ec2:{Aws.REGION}:{Aws.ACCOUNT_ID}:{kind}/*"
