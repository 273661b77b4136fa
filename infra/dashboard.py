"""The dashboard: is anything wrong, how does everything stand, what has been done, what waits."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.metrics import Metrics


class Dashboard(Construct):
    """One screen. Unnamed: dashboards are global, and a stack may stand in several Regions."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        metrics: Metrics,
        alarms: Sequence[cloudwatch.IAlarm],
        show: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, id)
        board = cloudwatch.Dashboard(self, "Dashboard")
        board.add_widgets(
            cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=3)
        )
        board.add_widgets(*_shown(show))
        board.add_widgets(*_work(metrics))
        board.add_widgets(*_requests(metrics))
        board.add_widgets(*_flow(metrics))


def _shown(show: lambda_.IFunction) -> tuple[cloudwatch.CustomWidget, ...]:
    """What only a function can show; each is read when somebody looks, and costs nothing else."""
    return (
        _part(show, "Waiting for a person, and failed", "waiting", 12, height=10),
        _part(show, "Which subnets reach what privately", "coverage", 12, height=10),
        _part(show, "Connections and their zones", "connections", 24, height=10),
        _part(show, "Done in the last days: requests, verdicts, changes", "done", 24, height=8),
        _part(show, "What it costs a month, and what would save some of it", "costs", 24, height=9),
    )


def _part(
    show: lambda_.IFunction, title: str, part: str, width: int, *, height: int
) -> cloudwatch.CustomWidget:
    # A new size or theme needs no new look at AWS: it is drawn by styles.
    return cloudwatch.CustomWidget(
        function_arn=show.function_arn,
        title=title,
        params={"part": part},
        update_on_resize=False,
        update_on_time_range_change=False,
        width=width,
        height=height,
    )


def _work(metrics: Metrics) -> tuple[cloudwatch.GraphWidget, ...]:
    own = metrics.own
    return (
        _graph(
            "Changes made",
            own("ActionsTaken").with_(label="made"),
            own("FoundBySweep").with_(label="found by a sweep, so no event came"),
        ),
        _graph("Open findings", own("OpenFindings").with_(label="open")),
        _graph(
            "Quota of gateway endpoints",
            own("GatewayEndpointQuotaUse").with_(label="percent in use"),
        ),
    )


def _requests(metrics: Metrics) -> tuple[cloudwatch.GraphWidget, ...]:
    own, queues = metrics.own, metrics.queues
    waiting = {
        "events to look at": queues.intake,
        "events that nobody could read": queues.intake_dead_letters,
        "starts and calls that failed": queues.dead_letters,
    }
    return (
        _graph("Seconds to our answer", own("AnswerTime").with_(label="of ten, nine at most")),
        _graph(
            "Requests that wait for a person",
            own("HoldsOpen").with_(label="waiting"),
            right=own("OldestHoldAge").with_(label="seconds of the oldest"),
        ),
        _graph(
            "Messages in queues",
            *(metrics.waiting(queue).with_(label=label) for label, queue in waiting.items()),
        ),
    )


def _flow(metrics: Metrics) -> tuple[cloudwatch.GraphWidget, ...]:
    machines = metrics.workflows.items()
    started = [metrics.executions(each, "Started").with_(label=name) for name, each in machines]
    failed = [
        metrics.executions(each, fate).with_(label=f"{name} {words}")
        for name, each in machines
        for fate, words in (("Failed", "failed"), ("TimedOut", "ran out of time"))
    ]
    changes = metrics.own("ChangesFailed").with_(label="changes failed")
    return (
        _graph("Executions started", *started, width=12),
        _graph("Failures", changes, *failed, width=12),
    )


def _graph(
    title: str,
    *metrics: cloudwatch.IMetric,
    right: cloudwatch.IMetric | None = None,
    width: int = 8,
) -> cloudwatch.GraphWidget:
    other = [right] if right else []
    return cloudwatch.GraphWidget(title=title, left=list(metrics), right=other, width=width)
