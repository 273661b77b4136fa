"""Record: tells ops what is new, and remembers that they know; welcomes who begins to listen.

A workflow calls it as its last step; rules call it for executions that ended badly, for
subscriptions to the ops topic, and every few minutes. It takes under 15 minutes: after that a claim
in the ledger counts as dead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

from autopilot import workflows
from autopilot.aws import settings, step
from autopilot.aws.outlets import Bus, OpsTopic, Outlets
from autopilot.aws.tell import look_who_listens, measure, note, recalled, remembered, tell
from autopilot.notify.delta import delta_in
from autopilot.notify.digest import counts
from autopilot.notify.notice import Place
from autopilot.notify.owners import apart
from autopilot.notify.report import Report, View
from autopilot.policy.model import Policy
from autopilot.workflows import CATALOG

WELCOME = "welcome"


@dataclass(frozen=True)
class Settings:
    """What the environment tells: where ops listen, and who takes a person's answer; of a spoke the
    hub's bus, where lies what it hasn't got, and what CloudFormation calls the stack where that
    isn't the owner's name."""

    ops_topic_arn: str
    answer_hold_function: str = "ANSWER_HOLD"
    hub_bus_arn: str = ""
    undelivered_queue_url: str = ""
    stack_name: str = ""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@cache
def _outlets() -> Outlets:
    ops, bus = OpsTopic(_settings().ops_topic_arn), Bus()
    if not _settings().hub_bus_arn:
        return Outlets(step.ledger(), ops, bus)
    from autopilot.aws.upward import HeardByHub, Hub, keeping

    hub = Hub(bus, keeping(_settings().undelivered_queue_url))
    return Outlets(step.ledger(), HeardByHub(ops), bus, hub)


def handler(
    event: Mapping[str, Any],
    context: Any,
    *,
    outlets: Callable[[], Outlets] = _outlets,
    policy: Callable[[], Policy] = step.bundled_policy,
    now: Callable[[], datetime] = step.now,
) -> dict[str, Any]:
    """Record one execution, or look who listens; how many messages went out.

    Raises AwsErrors: the workflow, or Lambda, then tries again.
    """
    to, at, wanted = outlets(), now(), policy()
    mode, tag = wanted.mode, wanted.notify.owner_tag
    if partly := frozenset(chain.from_iterable(wanted.notify.owners.values())):
        to = replace(to, ops=to.ops.heard_partly_by(partly))
    if event.get("trigger") == WELCOME:
        # A second try of the same call bears the same id, and goes on with what the first began.
        place = _place(f"{WELCOME}/{context.aws_request_id}", at, tag, restarts=False)
        return {"messages": look_who_listens(to, place, mode=mode, now=at)}
    report = workflows.report_in(event)
    step.logger.set_correlation_id(report.execution)
    return {"messages": _record(report, to, wanted, at)}


def _record(report: Report, to: Outlets, policy: Policy, at: datetime) -> int:
    """How many messages went out. What history refuses is raised last: nothing waits for it."""
    known = remembered(to.ledger)
    place, view = _seen(report, workflows.view_of(report, known), policy, at)
    memory = recalled(report, view, known, to.ledger)
    delta = delta_in(report, view, memory, CATALOG, at)
    told = tell(delta, memory, to, place, mode=policy.mode, now=at)
    if not isinstance(report, workflows.EndedReport):
        measure(counts(delta, memory, CATALOG, at))
    note(view, to.ledger, at)
    step.logger.info(
        "news told", workflow=report.workflow, trigger=report.trigger, messages=told.messages
    )
    if told.forgotten:
        raise told.forgotten
    return told.messages


def _seen(report: Report, view: View, policy: Policy, at: datetime) -> tuple[Place, View]:
    """Where it was, and what the report says, owner by owner where the policy names their tag."""
    restarts, tag = report.workflow in workflows.RESTARTABLE, policy.notify.owner_tag
    place = _place(report.execution, at, tag, restarts=restarts).knowing(view.names, view.owners)
    changes = tuple(apart(view.changes, place)) if place.owners else view.changes
    return place, view._replace(owners=place.owners, changes=changes)


def _place(execution: str, at: datetime, tag: str, *, restarts: bool) -> Place:
    us, time = step.identity(), at.isoformat(timespec="seconds")
    answers = _settings().answer_hold_function
    place = Place(us.account, us.region, us.owner, execution, time, answers, restarts)
    return place._replace(owner_tag=tag, deployed_as=_settings().stack_name)
