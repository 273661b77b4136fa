"""Whose place in the organization matters to a verdict."""

from __future__ import annotations

from collections.abc import Collection

from autopilot.connections.desired import decided
from autopilot.connections.facts import Organization
from autopilot.policy.model import Rule

from tests.unit.connections.builders import (
    EVERYBODY,
    ORGANIZATION,
    STRANGER,
    UNIT,
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
    asked = list[tuple[set[str], bool]]()

    def ask(owners: Collection[str], units: bool) -> Organization:
        asked.append((set(owners), units))
        return organization(STRANGER)

    made = decided(seen, context(account(), rule), ask)
    assert asked == [({STRANGER}, False)]
    assert made.context.organization == organization(STRANGER)
    assert [each.endpoint_id for each in made.to_answer] == ["vpce-01", "vpce-02"]

    decided(seen, context(account(), rule, known=organization()), ask)
    assert len(asked) == 1, "everything is known"


def test_units_are_asked_for_where_a_rule_or_a_list_speaks_of_one() -> None:
    asked = list[bool]()

    def ask(_: Collection[str], units: bool) -> Organization:
        asked.append(units)
        return organization()

    seen = facts(connection(), listed=[EVERYBODY])
    for kind, id_ in (("organization", ORGANIZATION), ("organizational_unit", UNIT)):
        decided(seen, context(Rule(kind, id_)), ask)  # type: ignore[arg-type]  # one of the kinds
    assert asked == [False, True]
