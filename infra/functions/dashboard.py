"""The functions of the dashboard's widgets."""

from __future__ import annotations

from infra.function import Row
from infra.functions.surroundings import Surroundings
from infra.grants import may
from infra.ledger import (
    CONNECTIONS,
    FINDINGS,
    FIRST_SEEN,
    HOLDS,
    RESTORED,
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
MEMORY = (FINDINGS, CONNECTIONS, HOLDS, WITHDRAWN, RESTORED, FIRST_SEEN, ZONES)


def table(here: Surroundings) -> tuple[Row, ...]:
    """`show` reads, and changes nothing: whoever may look at the dashboard may invoke it."""
    return (
        Row(
            "show",
            memory=1024,
            environment=here.ledger.known,
            may=(may(*LOOK, on="*"), here.ledger.rows(SELECT, among=MEMORY)),
        ),
    )
