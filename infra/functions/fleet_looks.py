"""The function that tells a hub what a policy would change here, and what is known of a thing."""

from __future__ import annotations

from infra.function import Row
from infra.functions import services
from infra.functions.connections import LISTS, asking_the_organization, comparing_zones
from infra.functions.dashboard import LOOK, MEMORY, METRICS
from infra.functions.interfaces import READ_NAMES, WHY
from infra.functions.surroundings import Surroundings
from infra.grants import ec2, may, parameters, tags_of_parameters
from infra.ledger import ABOUT, DAYS, ORGANIZATION, READ, SELECT, SUCCESSION

# The hub waits a little longer.
TIMEOUT = 120
# What the planning functions read beside what the dashboard shows.
_PLANNED = (
    *services.BALANCERS,
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcEndpointConnectionNotifications",
    "servicequotas:GetServiceQuota",
)


def table(here: Surroundings) -> tuple[Row, ...]:
    """`look_ahead` reads what the plans and the dashboard read, and writes nothing: a role or peers
    that only a candidate names can't be asked, and the answer says so."""
    topic = {"CONNECTION_TOPIC_ARN": here.heard.topic.topic_arn}
    return (
        Row(
            "look_ahead",
            memory=1024,
            timeout=TIMEOUT,
            # As those that decide on connections: none is planned once a later stack goes on.
            environment={**here.ledger.known, **topic, "OF_FLEET": "yes"},
            may=(
                may(*LOOK, *METRICS, *_PLANNED, on="*"),
                may("ec2:DescribeVpcAttribute", on=ec2("vpc"), because=WHY),
                may("ssm:GetParametersByPath", on=parameters("")),
                may("ssm:GetParametersByPath", on=parameters("/*"), because=READ_NAMES),
                *tags_of_parameters("ListTagsForResource", None, READ_NAMES),
                LISTS,
                here.ledger.rows(READ, SELECT, among=[*MEMORY, ORGANIZATION, SUCCESSION]),
                here.ledger.history(among=[DAYS, ABOUT]),
                *asking_the_organization(here),
                *comparing_zones(here),
            ),
        ),
    )
