"""What runs once, at the stack's first and at its last moment, as custom resources.

CloudFormation makes functions and workflows, then these two, then whatever wakes the workflows, and
deletes in the opposite order. So memory is there before the first event; and when executions are
stopped, nothing starts more of them, and no machine is being deleted yet.
"""

from __future__ import annotations

from aws_cdk import Aws, CustomResource, Duration
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.connection_functions import CONNECTIONS, READ, WRITE
from infra.function import Common, Function, Size
from infra.ledger import Ledger
from infra.workflows import Workflows

RECALL_MEMORY = Size(memory=512, timeout=300)
STOP_EXECUTIONS = Size(memory=512, timeout=300)
# Longer than the functions run, with Lambda's two retries of what dies: then the stack fails. Else
# CloudFormation waits for an hour.
_ANSWER_WITHIN = Duration.minutes(20)
NAMED_LIKE_OURS = "Earlier deployments' tables: their names end in what CloudFormation made up."
ANY_EXECUTION = "Executions of these machines, which have names of their own."


class Lifetime(Construct):
    """`recalled` and `ending`: what wakes the workflows must depend on both."""

    def __init__(
        self, scope: Construct, id: str, *, common: Common, ledger: Ledger, workflows: Workflows
    ) -> None:
        super().__init__(scope, id)
        self._common = common
        self.recalled = self._resource("Recalled", "RecallMemory", self._recall_memory(ledger))
        self.ending = self._resource("Ending", "StopExecutions", self._stop_executions(workflows))

    def _resource(self, id: str, kind: str, function: Function) -> CustomResource:
        return CustomResource(
            self,
            id,
            service_token=function.function.function_arn,
            resource_type=f"Custom::{kind}",
            service_timeout=_ANSWER_WITHIN,
        )

    def _recall_memory(self, ledger: Ledger) -> Function:
        recall = self._function(
            "RecallMemory",
            "recall_memory",
            RECALL_MEMORY,
            LEDGER_TABLE=ledger.table.table_name,
            LEDGER_PREFIX=ledger.prefix,
        )
        recall.allow("dynamodb:ListTables", on="*")
        recall.allow("dynamodb:DescribeTable", on=ledger.predecessors, because=NAMED_LIKE_OURS)
        ledger.let(recall, READ, among=[CONNECTIONS], on=ledger.predecessors)
        ledger.let(recall, WRITE, among=[CONNECTIONS])
        return recall

    def _stop_executions(self, workflows: Workflows) -> Function:
        machines = [workflow.machine for workflow in workflows.all]
        stop = self._function(
            "StopExecutions",
            "stop_executions",
            STOP_EXECUTIONS,
            MACHINE_ARNS=" ".join(machine.state_machine_arn for machine in machines),
        )
        for machine in machines:
            stop.allow("states:ListExecutions", on=machine.state_machine_arn)
            stop.allow("states:StopExecution", on=_executions_of(machine), because=ANY_EXECUTION)
        return stop

    def _function(self, id: str, module: str, size: Size, **environment: str) -> Function:
        return Function(
            self, id, common=self._common, module=module, size=size, environment=environment
        )


def _executions_of(machine: sfn.StateMachine) -> str:
    region = f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    return f"{region}:execution:{machine.state_machine_name}:*"
