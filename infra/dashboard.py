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
            cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=4)
        )
        board.add_widgets(*_shown(show))
        board.add_widgets(*_work(metrics))
        board.add_widgets(*_requests(metrics))
        board.add_widgets(*_flow(metrics))


def _shown(show: lambda_.IFunction) -> tuple[cloudwatch.CustomWidget, ...]:
    """What only a function can show; each is read when somebody looks, and costs nothing else."""
    return (
        _part(show, "Waiting for a person, and failed", "waiting", 12, height=9),
        _part(show, "Which subnets reach what privately", "coverage", 12, height=9),
        _part(show, "Connections and their zones", "connections", 24, height=10),
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
    done = ("ActionsTaken", "ChangesFailed", "FoundBySweep")
    still = ("OpenFindings", "GatewayEndpointQuotaUse")
    return (_graph("Done", *map(metrics.own, done)), _graph("Open", *map(metrics.own, still)))


def _requests(metrics: Metrics) -> tuple[cloudwatch.GraphWidget, ...]:
    return (
        _graph("Seconds to our answer", metrics.own("AnswerTime")),
        _graph(
            "Holds, and seconds since the oldest began",
            metrics.own("HoldsOpen"),
            right=metrics.own("OldestHoldAge"),
        ),
    )


def _flow(metrics: Metrics) -> tuple[cloudwatch.GraphWidget, ...]:
    fates = [
        metrics.executions(workflow, fate).with_(label=f"{name} {fate.lower()}")
        for name, workflow in metrics.workflows.items()
        for fate in ("Started", "Failed")
    ]
    queues = metrics.queues
    waiting = (queues.intake, queues.intake_dead_letters, queues.dead_letters)
    return (
        _graph("Executions", *fates),
        _graph("Waiting", *(metrics.waiting(queue) for queue in waiting)),
    )


def _graph(
    title: str,
    *metrics: cloudwatch.IMetric,
    right: cloudwatch.IMetric | None = None,
) -> cloudwatch.GraphWidget:
    other = [right] if right else []
    return cloudwatch.GraphWidget(title=title, left=list(metrics), right=other, width=12)
