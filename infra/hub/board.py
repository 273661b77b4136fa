"""The hub's dashboard: all accounts and Regions on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.function import Function
from infra.metrics import Metrics


class Board(Construct):
    """One screen, unnamed like a spoke's: dashboards are global."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        show: Function,
        metrics: Metrics,
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, id)
        board = cloudwatch.Dashboard(self, "Dashboard")
        board.add_widgets(
            cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=3)
        )
        for part, (title, height) in _PARTS.items():
            board.add_widgets(_shown(show, part, title, height))
        board.add_widgets(_waiting(metrics))


# Each part of what `hub_show` shows: its title and height.
_PARTS = {
    "fleet": ("All accounts and Regions, worst first", 18),
    "requests": ("Requests that wait, in all accounts", 12),
    "news": ("What spokes have told", 12),
}


def _shown(show: Function, part: str, title: str, height: int) -> cloudwatch.CustomWidget:
    # It is drawn by styles: a new size or time range needs no new look.
    return cloudwatch.CustomWidget(
        function_arn=show.function.function_arn,
        title=title,
        params={"part": part},
        update_on_resize=False,
        update_on_time_range_change=False,
        width=24,
        height=height,
    )


def _waiting(metrics: Metrics) -> cloudwatch.GraphWidget:
    queues = {
        "what spokes told": metrics.queues.intake,
        "what nobody could hear": metrics.queues.intake_dead_letters,
        "calls that failed": metrics.queues.dead_letters,
    }
    left = [metrics.waiting(queue).with_(label=label) for label, queue in queues.items()]
    return cloudwatch.GraphWidget(title="Messages in queues", left=left, width=24)
