"""Gate wave: lets the next wave of StackSets begin once this one's spokes speak, and fail no more.

Two custom resources for each wave: one notes, before its StackSets, who fails at what; the other
waits behind them. It answers within Lambda's quarter of an hour.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from autopilot.aws import gates, stack_sets
from autopilot.aws.custom_resource import Send, logger, patiently, serve
from autopilot.aws.step import ledger, now
from autopilot.fleet.waves import Verdict
from autopilot.notify.ledger import Rows

# Milliseconds for a last look and the answer, of Lambda's quarter of an hour.
_RESERVE = 60_000


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    context: Any,
    *,
    ledger: Callable[[], Rows] = ledger,
    instances: gates.Instances = stack_sets.instances,
    rolls_back: Callable[[str], bool] = stack_sets.rolls_back,
    send: Send | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Answer CloudFormation's request: a wave that doesn't go well fails the stack's update."""

    def hurries() -> bool:
        return bool(context.get_remaining_time_in_millis() < _RESERVE)

    def work() -> None:
        asked, table = gates.wave(event), ledger()
        if event["ResourceProperties"]["Step"] == "note":
            return patiently(lambda: gates.note(asked, table, now()), pause)

        def look(late: bool) -> Verdict:
            return gates.look(asked, table, instances, late=late)

        ended = gates.wait(asked, look, lambda: rolls_back(event["StackId"]), pause, hurries)
        logger.info("wave passed", wave=asked.name, release=asked.release, ended=ended)
        return None

    serve(event, ("Create", "Update"), work, send)
