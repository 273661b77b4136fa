"""What runs once, at the stack's first and at its last moment, as custom resources.

CloudFormation makes functions and workflows, then these two, then whatever wakes the workflows, and
deletes in the opposite order. So memory is there before the first event; and when executions are
stopped, nothing starts more of them, and no machine is being deleted yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aws_cdk import Aws, CustomResource, Duration
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.function import Common, Function, Row
from infra.grants import Grant, may
from infra.ledger import CONNECTIONS, READ, WRITE, Ledger
from infra.workflow import Workflow

# Longer than the functions run, with Lambda's two retries of what dies: then the stack fails. Else
# CloudFormation waits for an hour.
_ANSWER_WITHIN = Duration.minutes(20)
NAMED_LIKE_OURS = "Earlier deployments' tables: their names end in what CloudFormation made up."
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
    ) -> None:
        super().__init__(scope, id)
        self._common = common
        self.recalled = self._resource("Recalled", _recall_memory(ledger))
        machines = [workflow.machine for workflow in workflows]
        self.ending = self._resource("Ending", _stop_executions(machines))

    def _resource(self, id: str, row: Row) -> CustomResource:
        function = Function(self, common=self._common, row=row)
        return CustomResource(
            self,
            id,
            service_token=function.function.function_arn,
            resource_type=f"Custom::{row.id}",
            service_timeout=_ANSWER_WITHIN,
        )


def _recall_memory(ledger: Ledger) -> Row:
    earlier = ledger.predecessors
    return Row(
        "recall_memory",
        timeout=300,
        environment={**ledger.known, "LEDGER_PREFIX": ledger.prefix},
        may=(
            may("dynamodb:ListTables", on="*"),
            may("dynamodb:DescribeTable", on=earlier, because=NAMED_LIKE_OURS),
            ledger.rows(READ, among=[CONNECTIONS], on=earlier),
            ledger.rows(WRITE, among=[CONNECTIONS]),
        ),
    )


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
