"""The functions that only a spoke has: what it tells the hub, and what the hub may ask it."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_lambda as lambda_

from infra.function import Function, Row
from infra.functions import fleet_looks
from infra.functions.connections import of_holds
from infra.functions.dashboard import LOOK, MEMORY, METRICS
from infra.functions.surroundings import Surroundings
from infra.grants import events_on_the_bus, may
from infra.ledger import READ, SELECT, STATE, SUCCESSION, WRITE
from infra.spoke import SpokeOf

HEARTBEAT_TIMEOUT = 300
# Who looks whether another stack of the account acts in its place.
DECIDE = (
    *("plan_network", "plan_interfaces", "plan_services", "plan_withdrawal"),
    *("plan_connections", "answer_connections"),
)
_SEND_AGAIN = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
# What the hub may call, and by which name the heartbeat knows it.
ASKED = {"take_answer": "TAKE_ANSWER_FUNCTION", "look_ahead": "LOOK_AHEAD_FUNCTION"}


def table(here: Surroundings) -> tuple[Row, ...]:
    """`heartbeat` reads what the dashboard shows, once a day; it changes nothing. `take_answer` may
    what `answer_hold` may."""
    return (_heartbeat(here), of_holds(here, "take_answer", 30), *fleet_looks.table(here))


def connect(functions: Mapping[str, Function], here: Surroundings, spoke: SpokeOf) -> None:
    """Tells `record` that the hub hears it, and by what name commands know the stack; has those who
    decide look whether another stack acts in its place."""
    _tell_record(functions["record"], here, spoke)
    for module in DECIDE:
        functions[module].allow(here.ledger.rows(READ, among=[SUCCESSION]))
        for name, value in {**here.ledger.known, "OF_FLEET": "yes"}.items():
            functions[module].function.add_environment(name, value)
    heartbeat = functions["heartbeat"].function
    for module, variable in ASKED.items():
        if asked := functions.get(module):
            heartbeat.add_environment(variable, asked.function.function_arn)
            ask(spoke, asked)


def _tell_record(record: Function, here: Surroundings, spoke: SpokeOf) -> None:
    """What its bus doesn't take, it lays to what the hub hasn't got."""
    record.function.add_environment("HUB_BUS_ARN", spoke.bus)
    record.function.add_environment("STACK_NAME", here.called)
    if here.undelivered:
        record.function.add_environment("UNDELIVERED_QUEUE_URL", here.undelivered.queue_url)
        record.allow(may("sqs:SendMessage", on=here.undelivered.queue_arn))


def ask(spoke: SpokeOf, function: Function) -> None:
    """Let the hub's one role call it, which has to be there: Lambda refuses a role that isn't."""
    lambda_.CfnPermission(
        function,
        "HubAsks",
        action="lambda:InvokeFunction",
        function_name=function.function.function_arn,
        principal=spoke.ask_role,
    )


def _heartbeat(here: Surroundings) -> Row:
    spoke, undelivered, wanted = here.spoke, here.undelivered, here.wanted
    if spoke is None or undelivered is None or wanted is None:
        raise ValueError("only a spoke has a heartbeat")
    aside = here.queues.dead_letters
    return Row(
        "heartbeat",
        memory=1024,
        timeout=HEARTBEAT_TIMEOUT,
        environment={
            **here.ledger.known,
            "UNDELIVERED_QUEUE_URL": undelivered.queue_url,
            "WANTED_QUEUE_URL": wanted.queue_url,
            "DEAD_LETTER_QUEUE_URL": aside.queue_url,
            "STACK_NAME": here.called,
            "CODE_VERSION": here.version,
            "RELEASE": spoke.release,
            "TARGET": spoke.target,
        },
        may=(
            may(*LOOK, *METRICS, on="*"),
            here.ledger.rows(SELECT, among=[*MEMORY, STATE, SUCCESSION]),
            here.ledger.rows(WRITE, among=[STATE]),
            may(*_SEND_AGAIN, on=undelivered.queue_arn),
            *(may("sqs:SendMessage", on=queue.queue_arn) for queue in (wanted, aside)),
            events_on_the_bus(),
        ),
    )
