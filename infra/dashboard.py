"""The dashboard: is anything wrong, what has been done, does anything wait."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
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
    ) -> None:
        super().__init__(scope, id)
        queues = metrics.queues
        board = cloudwatch.Dashboard(self, "Dashboard")
        board.add_widgets(
            cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=4)
        )
        board.add_widgets(
            _graph(
                "Done",
                metrics.own("EndpointsCreated", "Sum"),
                metrics.own("RouteTablesAttached", "Sum"),
                metrics.own("ChangesFailed", "Sum"),
                metrics.own("FoundBySweep", "Sum"),
            ),
            _graph(
                "Open",
                metrics.own("OpenFindings", "Maximum"),
                metrics.own("GatewayEndpointQuotaUse", "Maximum"),
            ),
        )
        board.add_widgets(
            _graph(
                "Executions",
                *(metrics.executions(fate) for fate in ("Started", "Succeeded", "Failed")),
            ),
            _graph(
                "Waiting",
                metrics.waiting(queues.intake),
                metrics.waiting(queues.intake_dead_letters),
                metrics.waiting(queues.dead_letters),
            ),
        )


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=12)
