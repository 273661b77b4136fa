"""The functions of the network workflow, and the two that all workflows share."""

from __future__ import annotations

from infra.function import Row
from infra.functions.surroundings import Surroundings
from infra.grants import at, ec2, events_on_the_bus, may
from infra.ledger import DELETE, FIRST_SEEN, READ, RESTORED, WITHDRAWN, WRITE

INTAKE_TIMEOUT = 30
WHY = "It serves VPCs and tables that don't exist yet; endpoints are bound to the owner tag."
# For the plan, and again right before each change. Creating an endpoint takes DescribeVpcs anyway
# (a dependent action in IAM's reference).
LOOK = (
    "ec2:DescribeVpcs",
    "ec2:DescribeRouteTables",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeNetworkInterfaces",
)


def table(here: Surroundings) -> tuple[Row, ...]:
    """The machines' ARNs and the permissions to start them come with the workflows."""
    dead = here.queues.intake_dead_letters
    return (
        Row(
            "intake",
            timeout=INTAKE_TIMEOUT,
            environment={"DEAD_LETTER_QUEUE_URL": dead.queue_url},
            may=(may("sqs:SendMessage", on=dead.queue_arn),),
        ),
        _plan_network(here),
        _apply_network(here),
        _record(here),
    )


def _plan_network(here: Surroundings) -> Row:
    memory = (WITHDRAWN, FIRST_SEEN, RESTORED)
    return Row(
        "plan_network",
        memory=1024,
        timeout=120,
        environment=here.ledger.known,
        may=(
            here.ledger.rows(READ, WRITE, DELETE, among=memory),
            may(*LOOK, "servicequotas:GetServiceQuota", on="*"),
        ),
    )


def _apply_network(here: Surroundings) -> Row:
    """May create only what bears our tag, and change only what bears it already."""
    create, modify = "ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"
    endpoints = ec2("vpc-endpoint")
    return Row(
        "apply_network",
        environment=here.ledger.known,
        may=(
            here.ledger.rows(READ, among=[WITHDRAWN]),
            may(*LOOK, on="*"),
            may(create, on=endpoints, when=here.tagged, because=WHY),
            may("ec2:CreateTags", on=endpoints, when=at("CreateVpcEndpoint")),
            may(modify, on=endpoints, when=here.ours),
            may(create, on=ec2("vpc"), because=WHY),
            may(create, modify, on=ec2("route-table"), because=WHY),
        ),
    )


def _record(here: Surroundings) -> Row:
    """All of the ledger. Writes go out as transactions, which IAM checks item by item."""
    rows = tuple(f"dynamodb:{action}" for action in (READ, WRITE, DELETE))
    return Row(
        "record",
        environment={**here.ledger.known, "OPS_TOPIC_ARN": here.ops.topic.topic_arn},
        may=(
            may(*rows, on=here.ledger.table.table_arn),
            events_on_the_bus(),
            *here.ops.publishing,
        ),
    )
