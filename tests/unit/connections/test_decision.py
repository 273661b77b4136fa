"""Whom to accept, reject, hold, cut or leave: tables of the states and the past."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from autopilot.policy.model import Rule

from tests.unit.connections.builders import (
    ALICE,
    ALLOWED,
    CONSUMER,
    EVERYBODY,
    EXECUTION,
    NOW,
    ORGANIZATION,
    OTHER,
    STRANGER,
    UNIT,
    account,
    connection,
    context,
    memory,
    organization,
    root,
    service,
    verdict,
)

ORG_RULE, UNIT_RULE = Rule("organization", ORGANIZATION), Rule("organizational_unit", UNIT)


LIVE = connection(state="available")


JUST_NOW = (NOW - timedelta(seconds=5)).isoformat()


@pytest.mark.parametrize(
    ("under", "list_", "action", "reason"),
    [
        (context(ALLOWED), [root()], "accept", "a rule names 222222222222, the permission list"),
        (context(account()), [EVERYBODY], "accept", "a rule names"),
        (context(ALLOWED), [EVERYBODY], "hold", "no rule names 222222222222"),
        (context(ALLOWED, otherwise="reject"), [EVERYBODY], "reject", "no rule names"),
        (
            context(account()),
            [],
            "hold",
            "the service's permission list doesn't admit 222222222222",
        ),
        (context(account(), otherwise="reject"), [], "reject", "the service's permission list"),
        (context(), [root()], "hold", "no rule names"),
        (context(account(STRANGER)), [root()], "hold", "no rule names"),
        (context(ALLOWED, deny=[account()]), [root()], "reject", "deny names 222222222222"),
        (context(deny=[account()]), [], "reject", "deny names"),
        (context(ORG_RULE), [EVERYBODY], "hold", "whether 222222222222 may connect isn't known"),
        (context(ORG_RULE, otherwise="reject"), [EVERYBODY], "hold", "whether 222222222222 may"),
        (context(ORG_RULE), [], "hold", "the service's permission list doesn't admit"),
        (context(ORG_RULE, otherwise="reject"), [], "reject", "the service's permission list"),
        (context(ORG_RULE, account()), [EVERYBODY], "accept", "a rule names"),
        (context(account(), deny=[ORG_RULE]), [root()], "hold", "whether deny names 222222222222"),
        (context(ORG_RULE, known=organization(CONSUMER)), [EVERYBODY], "accept", "a rule names"),
        (context(ORG_RULE, known=organization()), [EVERYBODY], "hold", "no rule names"),
        (context(UNIT_RULE, known=organization(CONSUMER)), [root()], "accept", "a rule names"),
        (
            context(account(), deny=[UNIT_RULE], known=organization(CONSUMER)),
            [root()],
            "reject",
            "deny names",
        ),
    ],
)
def test_the_answer_to_a_request(under: Any, list_: Any, action: str, reason: str) -> None:
    made = verdict(under, *list_)
    assert made.action == action
    assert made.reason.startswith(reason)


def test_a_verdict_names_the_rule_as_the_policy_file_does() -> None:
    assert verdict(context(account(STRANGER), account()), root()).rule == f"account {CONSUMER}"
    assert verdict(context(ALLOWED), root()).rule == "allowed principals"
    assert verdict(context(ALLOWED, deny=[account()]), root()).rule == f"account {CONSUMER}"
    assert verdict(context(otherwise="reject")).rule == "otherwise"


def test_what_organization_facts_could_change_is_marked() -> None:
    assert verdict(context(ORG_RULE), EVERYBODY).unknown
    assert verdict(context(account(), deny=[ORG_RULE]), root()).unknown
    assert verdict(context(account(), deny=[ORG_RULE]), root(), seen=LIVE).unknown
    assert not verdict(context(ORG_RULE, account()), root()).unknown
    assert not verdict(context(ORG_RULE)).unknown, "the list admits nobody"


@pytest.mark.parametrize(
    "state",
    ["rejected", "failed", "expired", "deleting", "deleted", "Deleted", "", "new one"],
)
def test_what_is_over_or_unknown_is_left(state: str) -> None:
    for under in (context(ALLOWED), context(ALLOWED, deny=[account()])):
        made = verdict(under, root(), seen=connection(state=state), memory=memory())
        assert (made.action, made.left) == ("leave", "over or under way")


@pytest.mark.parametrize("state", ["pendingAcceptance", "PendingAcceptance"])
def test_states_are_compared_without_case(state: str) -> None:
    assert verdict(context(ALLOWED), root(), seen=connection(state=state)).action == "accept"


@pytest.mark.parametrize("state", ["pending", "available", "Available", "partial"])
def test_what_lives_and_is_allowed_is_left(state: str) -> None:
    seen = connection(state=state)
    made = verdict(context(ALLOWED), root(), seen=seen, memory=memory())
    assert (made.action, made.report) == ("leave", False)
    denied = verdict(context(ALLOWED, deny=[account()]), root(), seen=seen, memory=memory())
    assert denied.action == "cut", "it lives: left for the rule, not for its state"


def test_a_transit_gateways_attachment_is_left() -> None:
    for state in ("pendingAcceptance", "available"):
        made = verdict(context(deny=[account()]), seen=connection("", state=state))
        assert (made.action, made.left) == ("leave", "transit gateway attachment")


def test_a_connection_without_service_or_owner_is_left() -> None:
    assert verdict(context(ALLOWED), root(), service=None).left == "service not there"
    assert (
        verdict(context(ALLOWED), EVERYBODY, seen=connection(owner="")).left == "service not there"
    )


PERSONS = memory(by=ALICE)


CLAIMED = memory(state="accepting", claimed_by=EXECUTION)


@pytest.mark.parametrize(
    ("under", "list_", "remembered", "action", "report"),
    [
        # ours, and a lock has shut
        (context(account()), [], memory(), "cut", False),
        (context(account(STRANGER)), [root()], memory(), "cut", False),
        (context(ALLOWED), [EVERYBODY], memory(), "cut", False),
        (context(account(), no_longer_allowed="alert"), [], memory(), "leave", True),
        (context(ALLOWED), [], memory(state="cutting"), "cut", False),
        # ours, and nobody can tell
        (context(ORG_RULE), [EVERYBODY], memory(), "leave", False),
        # a person's
        (context(), [root()], PERSONS, "leave", False),
        (context(), [], PERSONS, "leave", True),
        (context(account()), [root()], PERSONS, "leave", False),
        (context(), [], memory(by=ALICE, state="cutting"), "leave", True),
        # nobody remembers
        (context(), [root()], None, "leave", True),
        (context(account()), [], None, "leave", True),
        (context(account()), [root()], None, "leave", False),
        (context(), [], CLAIMED, "leave", True),
        (context(), [], memory(state="rejected"), "leave", True),
        (context(), [], memory(state="rejecting", claimed_by=EXECUTION), "leave", True),
        (context(), [], memory(by="", state="cutting"), "leave", True),
        # deny
        (context(account(), deny=[account()]), [root()], memory(), "cut", False),
        (context(deny=[account()]), [root()], PERSONS, "cut", False),
        (context(deny=[account()]), [root()], None, "cut", False),
        (context(deny=[account()], no_longer_allowed="alert"), [root()], None, "leave", True),
        (context(deny=[ORG_RULE]), [], memory(), "cut", False),
        (context(deny=[ORG_RULE]), [], PERSONS, "leave", True),
    ],
)
def test_what_becomes_of_a_live_connection(
    under: Any, list_: Any, remembered: Any, action: str, report: bool
) -> None:
    made = verdict(under, *list_, seen=LIVE, memory=remembered)
    assert (made.action, made.report) == (action, report)


def test_a_service_that_accepts_by_itself_is_not_reported_but_deny_cuts() -> None:
    open_to_all = service(acceptance_required=False)
    assert not verdict(context(ALLOWED), EVERYBODY, seen=LIVE, service=open_to_all).report
    denied = context(ALLOWED, deny=[account()])
    assert verdict(denied, EVERYBODY, seen=LIVE, service=open_to_all).action == "cut"


@pytest.mark.parametrize(
    ("remembered", "action"),
    [
        (memory(by=ALICE), "leave"),  # she accepted; AWS doesn't show it yet
        (memory(state="rejected", by=ALICE), "leave"),
        (memory(at=JUST_NOW), "leave"),
        (memory(state="rejected", at=JUST_NOW), "leave"),
        (memory(state="rejected", by="expiry", at=JUST_NOW), "leave"),
        (memory(), "accept"),
        (memory(state="rejected"), "accept"),
        (memory(state="rejected", by="expiry"), "accept"),
        (memory(state="accepting", claimed_by=OTHER), "accept"),
        (memory(state="accepting", claimed_by=EXECUTION, at=JUST_NOW), "accept"),
        (memory(state="accepting", claimed_by=OTHER, at=JUST_NOW), "leave"),
    ],
)
def test_a_request_that_was_answered_is_not_answered_again(remembered: Any, action: str) -> None:
    assert verdict(context(ALLOWED), root(), memory=remembered).action == action


def test_what_another_execution_is_answering_is_left_whatever_the_policy_says() -> None:
    for state in ("accepting", "cutting", "rejecting"):
        claimed = memory(state=state, claimed_by=OTHER, at=JUST_NOW)
        for seen in (connection(), LIVE):
            made = verdict(context(account(), deny=[account()]), seen=seen, memory=claimed)
            assert made.left == "another execution answers it"
