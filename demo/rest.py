"""When the automation of an account is at rest."""

from __future__ import annotations

import time

from demo.scenes import wait_until
from lab.client import Lab

_HELD = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def waiting(lab: Lab, account: str) -> int:
    """Events in the intake queue, those in hand included."""
    return _held(lab, account, lab.outputs(account)["IntakeQueueUrl"])


def await_rest(lab: Lab, account: str, *, quiet: float = 2) -> None:
    """Wait until no event waits and nothing has run for `quiet` seconds. Raises NotInTime."""
    outputs, calm_since = lab.outputs(account), [time.monotonic()]
    # Holds and withdrawals, which wait long for others, have no output.
    machines = [arn for name, arn in outputs.items() if name.endswith("WorkflowArn")]

    def calm() -> bool:
        busy = any(_runs(lab, account, machine) for machine in machines)
        if busy or _held(lab, account, outputs["IntakeQueueUrl"]):
            calm_since[0] = time.monotonic()
        return time.monotonic() - calm_since[0] >= quiet

    wait_until(calm, bool, "the automation has nothing left to do", seconds=120, every=0.6)


def _held(lab: Lab, account: str, queue: str) -> int:
    held = lab.client("sqs", account).get_queue_attributes(QueueUrl=queue, AttributeNames=_HELD)
    return sum(int(number) for number in held["Attributes"].values())


def _runs(lab: Lab, account: str, machine: str) -> bool:
    states = lab.client("stepfunctions", account)
    found = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")
    return bool(found["executions"])
