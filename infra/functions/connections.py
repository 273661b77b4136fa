"""The functions of the connections and the hold workflow."""

from __future__ import annotations

from collections.abc import Iterator

from infra.function import Row
from infra.functions.surroundings import Surroundings
from infra.grants import OWNER_TAG, Grant, ec2, events_on_the_bus, may
from infra.ledger import CONNECTIONS, DELETE, HOLDS, ORGANIZATION, READ, WRITE
from infra.zone_reader import readable

ANY_SERVICE = "It serves endpoint services that don't exist yet, all of this account."
ANY_CONNECTION = "It answers connections that don't exist yet, all of this account's services."
PEERS_READER = "Peers' accounts aren't known, the role's name is; those who have it name us there."
# Tags of connections. A test holds them against the code that writes them.
MARKS = (
    OWNER_TAG,
    *(f"endpoint-autopilot:{each}" for each in ("rule", "accepted-by", "accepted-at")),
)
LOOK = ("ec2:DescribeVpcEndpointServiceConfigurations", "ec2:DescribeVpcEndpointConnections")
SERVICES = ec2("vpc-endpoint-service")
# Who is on the permission lists of the account's endpoint services.
LISTS = may("ec2:DescribeVpcEndpointServicePermissions", on=SERVICES, because=ANY_SERVICE)


def table(here: Surroundings) -> tuple[Row, ...]:
    """`relay`, and the steps from planning to answering, holding and comparing zones."""
    return (
        Row("relay", timeout=30, may=(events_on_the_bus(),)),
        _plan_connections(here),
        _register_notifications(here),
        _answer_connections(here),
        of_holds(here, "sync_holds", 120),
        of_holds(here, "open_hold", 30),
        of_holds(here, "answer_hold", 30),
        Row(
            "check_zones",
            timeout=120,
            may=(may("ec2:DescribeVpcEndpointServices", on="*"), *comparing_zones(here)),
        ),
    )


def _plan_connections(here: Surroundings) -> Row:
    topic = {"CONNECTION_TOPIC_ARN": here.heard.topic.topic_arn}
    holds_for_zones = here.policy.zones.before_accepting == "hold"
    return Row(
        "plan_connections",
        memory=1024,
        timeout=120,
        environment={**here.ledger.known, **topic},
        may=(
            may(*LOOK, "ec2:DescribeVpcEndpointConnectionNotifications", on="*"),
            LISTS,
            _marks(here, "DeleteTags", "ResourceTag"),
            here.ledger.rows(READ, WRITE, DELETE, among=[CONNECTIONS]),
            here.ledger.rows(READ, among=[HOLDS]),
            *_organization(here),
            *(comparing_zones(here) if holds_for_zones else ()),
        ),
    )


def _register_notifications(here: Surroundings) -> Row:
    """A notification is no resource: both calls are checked on its service (Service Authorization
    Reference, "Amazon EC2")."""
    return Row(
        "register_notifications",
        timeout=120,
        environment={"CONNECTION_TOPIC_ARN": here.heard.topic.topic_arn},
        may=(
            may(
                "ec2:CreateVpcEndpointConnectionNotification",
                "ec2:ModifyVpcEndpointConnectionNotification",
                on=SERVICES,
                because=ANY_SERVICE,
            ),
        ),
    )


def _answer_connections(here: Surroundings) -> Row:
    return Row(
        "answer_connections",
        environment=here.ledger.known,
        may=(
            may(*LOOK, on="*"),
            LISTS,
            may(
                "ec2:AcceptVpcEndpointConnections",
                "ec2:RejectVpcEndpointConnections",
                on=SERVICES,
            ),
            _marks(here, "CreateTags", "RequestTag"),
            here.ledger.rows(READ, WRITE, DELETE, among=[CONNECTIONS]),
            here.ledger.rows(READ, WRITE, among=[HOLDS]),
            here.ledger.rows(READ, among=[ORGANIZATION]),
        ),
    )


def of_holds(here: Surroundings, module: str, timeout: int) -> Row:
    """Starting executions comes with the workflow. SendTaskSuccess has no resource, says the
    Service Authorization Reference; without the task's token, which only the ledger holds, nobody
    can use it."""
    return Row(
        module,
        timeout=timeout,
        environment=here.ledger.known,
        may=(
            may("states:SendTaskSuccess", on="*"),
            here.ledger.rows(READ, WRITE, among=[HOLDS]),
        ),
    )


def _marks(here: Surroundings, action: str, whose: str) -> Grant:
    """Our own tags on connections, and no others."""
    return may(
        f"ec2:{action}",
        on=ec2("vpc-endpoint-connection"),
        when={
            "StringEquals": {f"aws:{whose}/{OWNER_TAG}": here.owner},
            "ForAllValues:StringEquals": {"aws:TagKeys": list(MARKS)},
        },
        because=ANY_CONNECTION,
    )


def comparing_zones(here: Surroundings) -> Iterator[Grant]:
    """Our own subnets and endpoints, and the peers' through the role that each offers."""
    yield may("ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", on="*")
    for role in readable(here.policy.zones.peers):
        yield may("sts:AssumeRole", on=role, because=PEERS_READER if "*" in role else "")


def _organization(here: Surroundings) -> Iterator[Grant]:
    if here.policy.organization:
        yield here.ledger.rows(READ, WRITE, among=[ORGANIZATION])
    yield from asking_the_organization(here)


def asking_the_organization(here: Surroundings) -> Iterator[Grant]:
    """Who belongs to it, if the policy names one: as itself, or as a role that may ask."""
    organization = here.policy.organization
    if organization is None:
        return
    if organization.read_by is None:
        # An account of nobody's organization has no ARN that we know: what a narrower permission
        # says of it, "not found" or "denied", is written nowhere; and all asked for are read.
        yield may("organizations:DescribeAccount", "organizations:ListParents", on="*")
    else:
        yield may("sts:AssumeRole", on=organization.read_by)
