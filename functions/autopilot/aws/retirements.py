"""Has idle endpoints judged, and notes in the ledger how far their retirements are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from autopilot.interfaces.desired import is_ours
from autopilot.interfaces.retirement import RETIRED, Retirement, anew, retirement
from autopilot.interfaces.retirement_steps import Moment, all_moved_on, settled, writes
from autopilot.interfaces.situation import Desired, Situation
from autopilot.notify.ledger import Rows

if TYPE_CHECKING:
    from autopilot.interfaces.idle import Verdict


def moved_on(now: Situation, desired: Desired, ledger: Rows) -> Situation:
    """With how far idle endpoints' retirements are; what has moved on is noted. Raises AwsErrors.

    Only sweeps and people have endpoints judged: metrics cost, and events say nothing of them.
    """
    before = {row.key.sk: retirement(row) for row in ledger.rows(RETIRED)}
    judges = now.policy.retire_interfaces == "idle" and now.scheduled
    verdicts, unread = _verdicts(now, before) if judges else ({}, "")
    if not (before or verdicts):
        return now
    moment = Moment(now.policy, now.at, now.told, verdicts, now.request.restore)
    after = all_moved_on(before, now, desired, moment)
    execution = now.request.execution
    refused = ledger.write([*writes(before, after, moment, execution)])
    stand = settled(before, after, [key.sk for key in refused], execution)
    return replace(now, verdicts=verdicts, unread=unread, retirements=stand)


def _verdicts(
    now: Situation, before: Mapping[str, Retirement]
) -> tuple[Mapping[str, Verdict], str]:
    """How our endpoints are used, by their ids, and why that can't be read, "" if it can.

    Most looks need none of it, and don't load it.
    """
    facts, policy, stack, at = now.facts, now.policy, now.stack, now.at
    from autopilot.aws.traffic import of_endpoints
    from autopilot.interfaces.idle import Window, verdicts

    window = Window(
        timedelta(days=policy.idle.after_days),
        at,
        stack.region,
        policy.idle.keep_tags,
        {vpc.id: vpc.tags for vpc in facts.vpcs},
        anew(before),
    )
    ours = [each for each in facts.endpoints if is_ours(each, stack)]
    readings = of_endpoints(ours, window.start, at)
    found = {each.endpoint_id: each for each in verdicts(ours, readings, window)}
    return found, readings.failure
