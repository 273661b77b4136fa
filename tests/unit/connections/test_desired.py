"""Whose place in the organization matters to a verdict."""

from __future__ import annotations

from autopilot.connections.desired import owners_to_ask_for
from autopilot.policy.model import Rule

from tests.unit.connections.builders import (
    EVERYBODY,
    ORGANIZATION,
    STRANGER,
    account,
    connection,
    context,
    facts,
    organization,
)


def test_only_owners_that_the_organization_decides_are_asked_for() -> None:
    rule = Rule("organization", ORGANIZATION)
    seen = facts(
        connection("vpce-01"),
        connection("vpce-02", owner=STRANGER),
        connection("vpce-03", state="rejected", owner="444444444444"),
        listed=[EVERYBODY],
    )
    asked = owners_to_ask_for(seen, context(account(), rule))[0]
    assert asked == {STRANGER}
    assert owners_to_ask_for(seen, context(account(), rule, known=organization()))[0] == set()
