"""Whether a survey shows what was done to published services."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.reconcile.visible import gone
from autopilot.services.facts import PublishFacts
from autopilot.services.plan import ServiceOutcome
from autopilot.services.visible import unseen

from tests.unit.services.builders import (
    ROOT,
    SERVICE,
    arn,
    balancer,
    facts,
    offer,
    outcome,
    private_name,
)


def listed(*who: str) -> PublishFacts:
    return facts(balancer(), offer(), principals={SERVICE: frozenset(who)})


@pytest.mark.parametrize(
    ("seen", "did", "shows"),
    [
        (facts(balancer(), offer()), outcome("publish"), True),
        (facts(balancer()), outcome("publish"), False),
        (facts(balancer()), outcome("publish", "failed"), True),
        (facts(balancer()), outcome("publish", "stale"), True),
        (listed(ROOT), outcome("allow", principals=(ROOT,)), True),
        (listed(), outcome("allow", principals=(ROOT,)), False),
        (listed(), outcome("revoke", principals=(ROOT,)), True),
        (listed(ROOT), outcome("revoke", principals=(ROOT,)), False),
        (facts(balancer()), outcome("allow", principals=(ROOT,)), True),
        (facts(offer(), principals={}), outcome("allow", principals=(ROOT,)), True),
        (facts(offer()), outcome("verify"), True),
        (facts(offer()), outcome("retire"), False),
        (facts(), outcome("retire"), True),
        (facts(offer()), outcome("change", zones=("us-east-1a",)), True),
        # AWS may take minutes for a zone.
        (facts(offer()), outcome("change", zones=("us-east-1c",)), True),
        (facts(offer()), outcome("change", add_balancers=(arn("new"),)), False),
        (facts(offer()), outcome("change", remove_balancers=(arn("orders"),)), False),
        (facts(offer()), outcome("change", add_regions=("eu-west-1",)), False),
        (facts(offer()), outcome("change", remove_regions=("us-east-1",)), False),
        (facts(offer()), outcome("change", private_name="api.example.com"), False),
        (
            facts(offer(private_name=private_name())),
            outcome("change", private_name="api.example.com"),
            True,
        ),
        (facts(offer(acceptance_required=False)), outcome("change"), True),
        (
            facts(offer(acceptance_required=False)),
            outcome("change", require_acceptance=True),
            False,
        ),
    ],
)
def test_what_was_done_must_show(seen: PublishFacts, did: ServiceOutcome, shows: bool) -> None:
    assert (unseen(seen, [did.id], [did]) == ()) is shows
    assert unseen(seen, [], [did]) == (), "nobody waits for what isn't expected"


@pytest.mark.parametrize(
    ("seen", "expected", "shows"),
    [
        (facts(balancer()), arn(), True),
        (facts(), arn(), False),
        (facts(), gone(SERVICE), True),
        (facts(offer()), gone(SERVICE), False),
        (facts(), "never/tried", True),
    ],
)
def test_what_events_told_must_show(seen: Any, expected: str, shows: bool) -> None:
    assert unseen(seen, [expected], []) == (() if shows else (expected,))
