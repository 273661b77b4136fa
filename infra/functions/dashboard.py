"""The functions of the dashboard's widgets."""

from __future__ import annotations

from collections.abc import Mapping

from infra.function import Function, Row
from infra.functions.surroundings import Surroundings
from infra.grants import may
from infra.ledger import (
    CONNECTIONS,
    FINDINGS,
    FIRST_SEEN,
    HOLDS,
    RESTORED,
    RETIRED,
    SELECT,
    WITHDRAWN,
    ZONES,
)

LOOK = (
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeRouteTables",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcEndpointServices",
    "ec2:DescribeVpcEndpointServiceConfigurations",
    "ec2:DescribeVpcEndpointConnections",
)
# The one resource that both may name is a dataset (Service Authorization Reference, CloudWatch);
# AWS's own metrics lie in none (believed).
METRICS = ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")
MEMORY = (FINDINGS, CONNECTIONS, HOLDS, WITHDRAWN, RESTORED, FIRST_SEEN, ZONES, RETIRED)


def table(here: Surroundings) -> tuple[Row, ...]:
    """`show` reads, and changes nothing: whoever may look at the dashboard may invoke it. Its
    buttons call `press`: whoever may invoke that one may answer; see `connect`."""
    return (
        Row(
            "show",
            memory=1024,
            environment=here.ledger.known,
            may=(
                may(*LOOK, *METRICS, on="*"),
                here.ledger.rows(SELECT, among=MEMORY),
                here.ledger.history(),
            ),
        ),
        Row("press"),
    )


def connect(functions: Mapping[str, Function]) -> None:
    """Lets `press` invoke `answer_hold`, and nothing else; tells `show` of `press`."""
    press, answer_hold = functions["press"], functions["answer_hold"].function
    press.allow(may("lambda:InvokeFunction", on=answer_hold.function_arn))
    press.function.add_environment("ANSWER_HOLD_FUNCTION", answer_hold.function_arn)
    functions["show"].function.add_environment("PRESS_FUNCTION", press.function.function_arn)
