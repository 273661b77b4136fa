"""What the steps log: numbers and ids."""

from __future__ import annotations

from typing import Any

from autopilot.aws.step import logger
from autopilot.reconcile.outcome import Outcome
from autopilot.reconcile.plan import Plan
from autopilot.reconcile.request import Request, Round


def log_plan(request: Round[Any], made: Plan[Any, Any], **more: Any) -> None:
    """Log what a look came to: numbers and ids."""
    why: dict[str, Any] = {"trigger": request.trigger} if isinstance(request, Request) else {}
    logger.info(
        "plan made",
        round=request.round_number,
        **why,
        looked_at=made.looked_at if made.looked_at == "all" else len(made.looked_at),
        items={item.id: getattr(item, "reason", "") for item in made.items},
        findings=[finding.id for finding in made.findings],
        left=made.left,
        more=made.more,
        **more,
    )


def log_outcome(outcome: Outcome[Any], **more: Any) -> None:
    """Log what became of an item."""
    logger.info(
        "change applied",
        id=outcome.id,
        result=outcome.result,
        error=outcome.error,
        reason=getattr(outcome.item, "reason", ""),
        **more,
    )
