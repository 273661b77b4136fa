"""Whether a survey shows what was done to published services."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.reconcile.visible import gone
from autopilot.services.facts import ServicesFacts
from autopilot.services.plan import ServiceOutcome
from autopilot.services.planning import unseen

from tests.unit.services.builders import (
    ROOT,
    SERVICE,
    arn,
    balancer,
    facts,
    outcome,
    private_name,
    service,
)


def listed(*who: str) -> ServicesFacts:
    return facts(balancer(), service(), principals={SERVICE: frozenset(who)})


@pytest.mark.parametrize(
    ("seen", "did", "shows"),
    [
        (facts(balancer(), service()), outcome("publish"), True),
        (facts(balancer()), outcome("publish"), False),
        (facts(balancer()), outcome("publish", "failed"), True),
        (facts(balancer()), outcome("publish", "stale"), True),
        (listed(ROOT), outcome("allow", principals=(ROOT,)), True),
        (listed(), outcome("allow", principals=(ROOT,)), False),
        (listed(), outcome("revoke", principals=(ROOT,)), True),
        (listed(ROOT), outcome("revoke", principals=(ROOT,)), False),
        (facts(balancer()), outcome("allow", principals=(ROOT,)), True),
        (facts(service(), principals={}), outcome("allow", principals=(ROOT,)), True),
        (facts(service()), outcome("verify"), True),
        (facts(service()), outcome("retire"), False),
        (facts(), outcome("retire"), True),
        (facts(service()), outcome("change", zones=("us-east-1a",)), True),
        # AWS may take minutes for a zone.
        (facts(service()), outcome("change", zones=("us-east-1c",)), True),
        (facts(service()), outcome("change", add_balancers=(arn("new"),)), False),
        (facts(service()), outcome("change", remove_balancers=(arn("orders"),)), False),
        (facts(service()), outcome("change", add_regions=("eu-west-1",)), False),
        (facts(service()), outcome("change", remove_regions=("us-east-1",)), False),
        (facts(service()), outcome("change", private_name="api.example.com"), False),
        (
            facts(service(private_name=private_name())),
            outcome("change", private_name="api.example.com"),
            True,
        ),
        (facts(service(acceptance_required=False)), outcome("change"), True),
        (
            facts(service(acceptance_required=False)),
            outcome("change", require_acceptance=True),
            False,
        ),
    ],
)
def test_what_was_done_must_show(seen: ServicesFacts, did: ServiceOutcome, shows: bool) -> None:
    assert (unseen(seen, [did.id], [did]) == ()) is shows
    assert unseen(seen, [], [did]) == (), "nobody waits for what isn't expected"


@pytest.mark.parametrize(
    ("seen", "expected", "shows"),
    [
        (facts(balancer()), arn(), True),
        (facts(), arn(), False),
        (facts(), gone(SERVICE), True),
        (facts(service()), gone(SERVICE), False),
        (facts(), "never/tried", True),
    ],
)
def test_what_events_told_must_show(seen: Any, expected: str, shows: bool) -> None:
    assert unseen(seen, [expected], []) == (() if shows else (expected,))
