"""What runs once, at the stack's first and at its last moment, as custom resources.

CloudFormation makes functions and workflows, then these two, then whatever wakes the workflows, and
deletes in the opposite order. So memory is there before the first event; and when executions are
stopped, nothing starts more of them, and no machine is being deleted yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from aws_cdk import Aws, CustomResource, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.function import Common, Function, Row
from infra.grants import Grant, may
from infra.ledger import CONNECTIONS, DELETE, READ, SUCCESSION, WRITE, Ledger
from infra.policy.where import STACK
from infra.workflow import Workflow

# Longer than the functions run, with Lambda's two retries of what dies: then the stack fails. Else
# CloudFormation waits for an hour.
_ANSWER_WITHIN = Duration.minutes(20)
NAMED_LIKE_OURS = "Earlier deployments' tables: their names end in what CloudFormation made up."
STACKS_LIKE_OURS = "Our stacks' names and ids end in what CloudFormation made up."
ANY_EXECUTION = "Executions of these machines, which have names of their own."


class Lifetime(Construct):
    """`recalled` and `ending`: what wakes the workflows must depend on both."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        common: Common,
        ledger: Ledger,
        workflows: Iterable[Workflow],
        of_fleet: bool = False,
    ) -> None:
        """`of_fleet`: whether an earlier stack may still be there, under another name."""
        super().__init__(scope, id)
        self._common = common
        recall = self._function(_recall_memory(ledger, of_fleet))
        self.recalled = self._resource("Recalled", recall)
        if of_fleet:
            self._look_after(recall)
        machines = [workflow.machine for workflow in workflows]
        self.ending = self._resource("Ending", self._function(_stop_executions(machines)))

    def _function(self, row: Row) -> Function:
        return Function(self, common=self._common, row=row)

    def _resource(self, id: str, function: Function) -> CustomResource:
        return CustomResource(
            self,
            id,
            service_token=function.function.function_arn,
            resource_type=f"Custom::{function.node.id}",
            service_timeout=_ANSWER_WITHIN,
        )

    def _look_after(self, recall: Function) -> None:
        """Every hour: another stack may be made, or be gone, at any time."""
        rule = events.Rule(
            self,
            "Again",
            description="Endpoint Autopilot: looks for other stacks of ours, and what they let in",
            schedule=events.Schedule.rate(Duration.hours(1)),
        )
        rule.node.add_dependency(self.recalled)
        asked = events.RuleTargetInput.from_object({"trigger": "again"})
        rule.add_target(
            targets.LambdaFunction(
                recall.function, dead_letter_queue=self._common.dead_letters, event=asked
            )
        )


def _recall_memory(ledger: Ledger, of_fleet: bool) -> Row:
    prefixes = ledger.prefixes(of_fleet=of_fleet)
    return Row(
        "recall_memory",
        timeout=300,
        environment={
            **ledger.known,
            "LEDGER_PREFIX": " ".join(prefixes),
            **({"OF_FLEET": "yes"} if of_fleet else {}),
        },
        may=(
            may("dynamodb:ListTables", on="*"),
            *(grant for each in prefixes for grant in _of_earlier(ledger, each, of_fleet)),
            ledger.rows(WRITE, among=[CONNECTIONS]),
            *(_of_others(ledger) if of_fleet else ()),
        ),
    )


def _of_earlier(ledger: Ledger, prefix: str, of_fleet: bool) -> Iterator[Grant]:
    earlier = ledger.called(prefix)
    yield may("dynamodb:DescribeTable", on=earlier, because=NAMED_LIKE_OURS)
    yield ledger.rows(READ, among=[CONNECTIONS], on=earlier)
    if of_fleet:
        yield ledger.rows(READ, WRITE, among=[SUCCESSION], on=earlier)


def _of_others(ledger: Ledger) -> Iterator[Grant]:
    """What a fleet's stack notes of others, and whether they stand."""
    yield ledger.rows(READ, WRITE, among=[CONNECTIONS, SUCCESSION])
    yield ledger.rows(DELETE, among=[SUCCESSION])
    for name in (STACK, f"StackSet-{STACK}-*"):
        arn = f"arn:{Aws.PARTITION}:cloudformation:{Aws.REGION}:{Aws.ACCOUNT_ID}:stack/{name}/*"
        yield may("cloudformation:DescribeStacks", on=arn, because=STACKS_LIKE_OURS)


def _stop_executions(machines: Sequence[sfn.StateMachine]) -> Row:
    arns = [machine.state_machine_arn for machine in machines]
    return Row(
        "stop_executions",
        timeout=300,
        environment={"MACHINE_ARNS": " ".join(arns)},
        may=tuple(grant for machine in machines for grant in _stop(machine)),
    )


def _stop(machine: sfn.StateMachine) -> tuple[Grant, ...]:
    return (
        may("states:ListExecutions", on=machine.state_machine_arn),
        may("states:StopExecution", on=_executions_of(machine), because=ANY_EXECUTION),
    )


def _executions_of(machine: sfn.StateMachine) -> str:
    region = f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    return f"{region}:execution:{machine.state_machine_name}:*"
