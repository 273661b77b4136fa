"""The hub's functions: each one's size, what it is told and what it may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_sqs as sqs

from infra.function import Function, Row
from infra.grants import Grant, may
from infra.ledger import DELETE, READ, SELECT, WRITE, Ledger
from infra.spoke import ASK_ROLE
from infra.topics import OpsTopic

HEAR_TIMEOUT = 30
GET = "BatchGetItem"
# Of the hub's table (decision 0027).
SPOKES, WAITING, ASKED, WAVES = "spoke", "news", "asked", "wave"
FINDINGS, SURVEY = "finding", "survey"
HEARD, DAYS, ABOUT = "heard/*", "day/*", "about/*"
STACK_SETS = "EndpointAutopilot-*"
IN_THE_MANAGEMENT_ACCOUNT = (
    "A delegated administrator's StackSets lie in the management account, which the hub isn't told;"
    " their names end in what AWS made up."
)
UNITS_BELOW = "Units below a target's, which the management account makes as it likes."
ANY_SPOKE = (
    "Spokes may be in any account and Region of the organization, and CloudFormation makes up the"
    " names of their functions, which begin with their stacks'."
)


@dataclass(frozen=True)
class Here:
    """What the hub has before its functions. `unheard`: where goes what nobody can read. `release`:
    which one runs."""

    organization: str
    table: Ledger
    ops: OpsTopic
    unheard: sqs.IQueue
    release: str


def table(here: Here) -> tuple[Row, ...]:
    """Those that run for as long as the hub stands."""
    return (_hear(here), _look(here), _show(here), _ask(here), Row("hub_press"))


def connect(functions: Mapping[str, Function]) -> None:
    """Lets `hub_press` invoke `hub_ask`, and nothing else; tells `hub_show` of `hub_press`."""
    press, ask = functions["hub_press"], functions["hub_ask"].function
    press.allow(may("lambda:InvokeFunction", on=ask.function_arn))
    press.function.add_environment("HUB_ASK_FUNCTION", ask.function_arn)
    functions["hub_show"].function.add_environment("PRESS_FUNCTION", press.function.function_arn)


def gate_wave(here: Here) -> Row:
    """As long as Lambda lets a function wait (its guide, "Lambda quotas")."""
    return Row(
        "gate_wave",
        timeout=900,
        environment=here.table.known,
        may=(
            rows(here.table, READ, among=(SPOKES,)),
            rows(here.table, READ, WRITE, among=(WAVES,)),
            *reading_stack_sets(),
            describing_itself(),
        ),
    )


def reading_stack_sets() -> tuple[Grant, ...]:
    """As the delegated administrator, which has to be able to see that it is one (CloudFormation
    guide, "Register a delegated administrator")."""
    where = f"arn:{Aws.PARTITION}:cloudformation:{Aws.REGION}:*"
    return (
        may(
            "cloudformation:ListStackInstances",
            on=f"{where}:stackset/{STACK_SETS}",
            because=IN_THE_MANAGEMENT_ACCOUNT,
        ),
        may("organizations:ListDelegatedAdministrators", on="*"),
    )


def describing_itself() -> Grant:
    """Whether the hub's own stack is on its way back."""
    return may("cloudformation:DescribeStacks", on=Aws.STACK_ID)


def rows(table: Ledger, *actions: str, among: tuple[str, ...]) -> Grant:
    """Do that with the rows of some partitions, by patterns."""
    return may(
        *(f"dynamodb:{action}" for action in actions),
        on=table.table.table_arn,
        when={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(among)}},
    )


def _hear(here: Here) -> Row:
    return Row(
        "hub_hear",
        timeout=HEAR_TIMEOUT,
        environment={**here.table.known, "DEAD_LETTER_QUEUE_URL": here.unheard.queue_url},
        may=(
            rows(here.table, GET, WRITE, among=(SPOKES, WAITING, HEARD, DAYS, ABOUT)),
            may("sqs:SendMessage", on=here.unheard.queue_arn),
        ),
    )


def _look(here: Here) -> Row:
    everything = tuple(f"dynamodb:{action}" for action in (READ, GET, WRITE, DELETE))
    return Row(
        "hub_look",
        memory=1024,
        timeout=300,
        environment={
            **here.table.known,
            "OPS_TOPIC_ARN": here.ops.topic.topic_arn,
            "RELEASE": here.release,
        },
        may=(
            may(*everything, on=here.table.table.table_arn),
            *reading_stack_sets(),
            may("organizations:ListAccounts", on="*"),
            *_reading_units(here.organization),
            *here.ops.publishing,
        ),
    )


def _reading_units(organization: str) -> tuple[Grant, ...]:
    """Which accounts are in them, and in the units below."""
    where = f"arn:{Aws.PARTITION}:organizations::*"
    return tuple(
        may(
            "organizations:ListAccountsForParent",
            "organizations:ListOrganizationalUnitsForParent",
            on=f"{where}:{kind}/{organization}/*",
            because=UNITS_BELOW,
        )
        for kind in ("ou", "root")
    )


def _show(here: Here) -> Row:
    return Row(
        "hub_show",
        memory=1024,
        environment=here.table.known,
        may=(
            rows(here.table, READ, among=(SPOKES, FINDINGS, SURVEY)),
            rows(here.table, READ, SELECT, among=(DAYS,)),
        ),
    )


def _ask(here: Here) -> Row:
    spokes = f"arn:{Aws.PARTITION}:lambda:*:*:function:*EndpointAuto*"
    return Row(
        "hub_ask",
        timeout=180,
        environment=here.table.known,
        role_name=ASK_ROLE,
        may=(
            rows(here.table, READ, among=(SPOKES,)),
            rows(here.table, READ, WRITE, among=(ASKED,)),
            may(
                "lambda:InvokeFunction",
                on=spokes,
                when={"StringEquals": {"aws:ResourceOrgID": here.organization}},
                because=ANY_SPOKE,
            ),
        ),
    )
