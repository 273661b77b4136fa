"""The queues: intake, and where goes what could not be handled."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.nag import acknowledge

# SQS's maximum: time for people to look.
KEPT = Duration.days(14)


class Queues(Construct):
    """`intake` takes events; `intake_dead_letters` those that failed; `dead_letters` the rest.

    The first kind can be moved back to intake as it is, the second (schedules' start requests,
    notifications that could not be relayed, functions' asynchronous calls) can't: hence two.
    `intake_timeout`: the intake function's, in seconds.
    """

    def __init__(self, scope: Construct, id: str, *, intake_timeout: int) -> None:
        super().__init__(scope, id)
        self.intake_dead_letters = self._queue("IntakeDeadLetters", retention_period=KEPT)
        self.dead_letters = self._queue("DeadLetters", retention_period=KEPT)
        self.intake = self._queue(
            "Intake",
            # Lambda's guide: six times the function's timeout, so that a batch that is still in
            # hand doesn't come a second time.
            visibility_timeout=Duration.seconds(6 * intake_timeout),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.intake_dead_letters, max_receive_count=5
            ),
        )
        acknowledge(
            self.dead_letters,
            {"SQS3": "It is a dead-letter queue itself: of schedules, topics and functions."},
        )

    def _queue(
        self,
        id: str,
        *,
        retention_period: Duration | None = None,
        visibility_timeout: Duration | None = None,
        dead_letter_queue: sqs.DeadLetterQueue | None = None,
    ) -> sqs.Queue:
        return sqs.Queue(
            self,
            id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=retention_period,
            visibility_timeout=visibility_timeout,
            dead_letter_queue=dead_letter_queue,
        )
