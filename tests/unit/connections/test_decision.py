"""Whom to accept, reject, hold, cut or leave: tables of the two locks, the states, the past."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from autopilot.connections.facts import Permission
from autopilot.connections.locks import (
    all_known,
    any_known,
    asks_for_units,
    is_permitted,
    rule_matches,
)
from autopilot.connections.organization import Member, Organization
from autopilot.connections.zones import Alignment
from autopilot.policy.model import Policy, Rule, ServiceFilter, ZonePolicy
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.connections.builders import (
    ALICE,
    ALLOWED,
    CONSUMER,
    ENDPOINT,
    EVERYBODY,
    EXECUTION,
    NOW,
    ORGANIZATION,
    OTHER,
    SERVICE,
    STRANGER,
    UNIT,
    US,
    account,
    connection,
    law,
    memory,
    organization,
    root,
    service,
    verdict,
)

NOBODY_ASKED = Organization()
ORG_RULE, UNIT_RULE = Rule("organization", ORGANIZATION), Rule("organizational_unit", UNIT)
WHOLE = f"arn:aws:organizations::1:organization/{ORGANIZATION}"
OF_UNIT = f"arn:aws:organizations::1:ou/{ORGANIZATION}/{UNIT}"
LIVE = connection(state="available")
JUST_NOW = (NOW - timedelta(seconds=5)).isoformat()


def listed(principal: str, scope: str = "vpc-endpoint") -> Permission:
    return Permission(principal, "", scope)


@pytest.mark.parametrize(
    ("principal", "scope", "admitted", "named"),
    [
        ("arn:aws:iam::222222222222:root", "vpc-endpoint", True, True),
        ("arn:aws-cn:iam::222222222222:root", "vpc-endpoint", True, True),
        ("arn:aws-us-gov:iam::222222222222:role/app", "vpc-endpoint", True, True),
        ("arn:aws:iam::222222222222:user/team/bob", "vpc-endpoint", True, True),
        ("arn:aws:sts::222222222222:assumed-role/a/b", "vpc-endpoint", True, True),
        ("222222222222", "vpc-endpoint", True, True),
        ("*", "vpc-endpoint", True, False),
        ("arn:aws:iam::333333333333:root", "vpc-endpoint", False, False),
        ("arn:aws:iam::333333333333:role/222222222222", "vpc-endpoint", False, False),
        ("arn:aws:iam::2222222222222:root", "vpc-endpoint", False, False),
        ("ec2.amazonaws.com", "vpc-endpoint", False, False),
        ("", "vpc-endpoint", False, False),
        ("arn:aws:iam::222222222222:root", "transit-gateway-attachment", False, False),
        ("*", "transit-gateway-attachment", False, False),
        ("arn:aws:iam::222222222222:root", "", True, True),
        ("*", "", True, False),
        ("arn:aws:iam::222222222222:root", "something-new", False, False),
        (WHOLE, "vpc-endpoint", None, None),
        (OF_UNIT, "vpc-endpoint", None, None),
    ],
)
def test_what_an_entry_of_the_list_says_of_an_owner(
    principal: str, scope: str, admitted: bool | None, named: bool | None
) -> None:
    entry = listed(principal, scope)
    assert is_permitted([entry], CONSUMER, US.account, NOBODY_ASKED) is admitted
    assert rule_matches(ALLOWED, service(), CONSUMER, [entry], NOBODY_ASKED, asking=True) is named


@pytest.mark.parametrize(
    ("principal", "member", "admitted"),
    [
        (WHOLE, Member(frozenset({ORGANIZATION})), True),
        (WHOLE, Member(), False),
        (WHOLE, Member(frozenset({"o-zzzzzzzzzz"})), False),
        (OF_UNIT, Member(frozenset({ORGANIZATION, UNIT})), True),
        (OF_UNIT, Member(frozenset({ORGANIZATION})), False),
        (OF_UNIT, Member(frozenset({ORGANIZATION}), units=False), None),
        (OF_UNIT, Member(units=False), False),
    ],
)  # fmt: skip
def test_an_entry_for_an_organization_admits_who_is_in_it(
    principal: str, member: Member, admitted: bool | None
) -> None:
    known = Organization({CONSUMER: member})
    assert is_permitted([listed(principal)], CONSUMER, US.account, known) is admitted
    assert (
        rule_matches(ALLOWED, service(), CONSUMER, [listed(principal)], known, asking=True)
        is admitted
    )


OF_ONE = ["arn:aws:iam::222222222222:role/app", "arn:aws:iam::222222222222:user/bob",
          "arn:aws:sts::222222222222:assumed-role/a/b"]  # fmt: skip
OF_ALL = ["arn:aws:iam::222222222222:root", "222222222222"]
BESIDE_ALL = Permission("*", "All", "")


@pytest.mark.parametrize("everybody", [EVERYBODY, BESIDE_ALL])
@pytest.mark.parametrize(
    ("principal", "action"),
    [*((one, "hold") for one in OF_ONE), *((whole, "accept") for whole in OF_ALL)],
)
def test_beside_everybody_an_entry_of_one_names_nobody_who_asks(
    principal: str, action: str, everybody: Permission
) -> None:
    assert verdict(law(ALLOWED), listed(principal)).action == "accept"
    beside = verdict(law(ALLOWED), listed(principal), everybody)
    assert beside.action == action
    assert action == "accept" or "while * is on the list beside them" in beside.reason


def test_beside_everybody_an_organizations_entry_still_names_its_accounts() -> None:
    known = organization(CONSUMER)
    assert verdict(law(ALLOWED, known=known), listed(WHOLE), EVERYBODY).action == "accept"


def test_everybody_for_attachments_takes_no_entry_its_name() -> None:
    other = listed("*", "transit-gateway-attachment")
    assert verdict(law(ALLOWED), listed(OF_ONE[0]), other).action == "accept"


def test_a_connection_lives_on_when_everybody_comes_beside_its_entry() -> None:
    """Only the one whom the entry names could ask then; a wider list is no reason to cut."""
    kept = verdict(law(ALLOWED), listed(OF_ONE[0]), EVERYBODY, seen=LIVE, memory=memory())
    assert (kept.action, kept.rule) == ("leave", "allowed principals")


PRINCIPALS = st.sampled_from(
    ["*", WHOLE, OF_UNIT, *OF_ONE, *OF_ALL, "arn:aws:iam::333333333333:role/x", "333333333333"]
)
LISTS = st.lists(st.builds(listed, PRINCIPALS, st.sampled_from(["", "vpc-endpoint"])), max_size=5)
KNOWN = st.sampled_from([NOBODY_ASKED, organization(), organization(CONSUMER)])


@given(LISTS, KNOWN)
def test_with_everybody_on_the_list_only_whole_accounts_are_accepted_by_it(
    entries: list[Permission], known: Organization
) -> None:
    found = verdict(law(ALLOWED, known=known), *entries, EVERYBODY)
    named = {entry.principal for entry in entries}
    of_organization = bool(known.holds(CONSUMER, ORGANIZATION)) and named & {WHOLE, OF_UNIT}
    assert found.action == "hold" or named & {*OF_ALL} or of_organization


@given(LISTS, KNOWN)
def test_everybody_coming_onto_the_list_lets_nobody_in_and_cuts_nobody(
    entries: list[Permission], known: Organization
) -> None:
    under = law(ALLOWED, known=known)
    if verdict(under, *entries).action != "accept":
        assert verdict(under, *entries, EVERYBODY).action != "accept"
    if verdict(under, *entries, seen=LIVE, memory=memory()).action != "cut":
        wider = verdict(under, *entries, EVERYBODY, seen=LIVE, memory=memory())
        assert wider.action != "cut"


def test_our_own_account_needs_no_entry_but_a_rule() -> None:
    own = connection(owner=US.account)
    assert verdict(law(ALLOWED), seen=own).action == "hold"
    assert verdict(law(account(US.account)), seen=own).action == "accept"


def test_a_list_that_was_not_read_admits_nobody_and_refuses_nobody() -> None:
    assert is_permitted(None, CONSUMER, US.account, NOBODY_ASKED) is None
    assert rule_matches(ALLOWED, service(), CONSUMER, None, NOBODY_ASKED, asking=True) is None
    assert verdict(law(account()), permissions=None).action == "hold"


@pytest.mark.parametrize(
    ("services", "about_it"),
    [
        (ServiceFilter(ids=(SERVICE,)), True),
        (ServiceFilter(ids=("vpce-svc-0b",)), False),
        (ServiceFilter(tags={"tier": "shared"}), True),
        (ServiceFilter(tags={"tier": "*"}), True),
        (ServiceFilter(tags={"tier": "shared", "team": "*"}), False),
        (ServiceFilter(tags={"tier": "private"}), False),
        (ServiceFilter(), False),
        (None, True),
    ],
)
def test_a_rule_is_about_the_services_that_it_names(
    services: ServiceFilter | None, about_it: bool
) -> None:
    rule, tagged = account(services=services), service(tags={"tier": "shared"})
    assert rule_matches(rule, tagged, CONSUMER, (), NOBODY_ASKED, asking=True) is about_it


@pytest.mark.parametrize(
    ("one", "other", "and_", "or_"),
    [
        (True, True, True, True),
        (True, None, None, True),
        (None, None, None, None),
        (False, None, False, None),
        (False, True, False, True),
        (False, False, False, False),
    ],
)
def test_unknown_neither_opens_nor_shuts(
    one: bool | None, other: bool | None, and_: bool | None, or_: bool | None
) -> None:
    assert all_known(one, other) is and_ is all_known(other, one)
    assert any_known((one, other)) is or_ is any_known((other, one))


@pytest.mark.parametrize(
    ("under", "list_", "action", "reason"),
    [
        (law(ALLOWED), [root()], "accept", "a rule names 222222222222, the permission list"),
        (law(account()), [EVERYBODY], "accept", "a rule names"),
        (law(ALLOWED), [EVERYBODY], "hold", "no rule names 222222222222"),
        (law(ALLOWED, otherwise="reject"), [EVERYBODY], "reject", "no rule names"),
        (law(account()), [], "hold", "the service's permission list doesn't admit 222222222222"),
        (law(account(), otherwise="reject"), [], "reject", "the service's permission list"),
        (law(), [root()], "hold", "no rule names"),
        (law(account(STRANGER)), [root()], "hold", "no rule names"),
        (law(ALLOWED, deny=[account()]), [root()], "reject", "deny names 222222222222"),
        (law(deny=[account()]), [], "reject", "deny names"),
        (law(ORG_RULE), [EVERYBODY], "hold", "whether 222222222222 may connect isn't known"),
        (law(ORG_RULE, otherwise="reject"), [EVERYBODY], "hold", "whether 222222222222 may"),
        (law(ORG_RULE), [], "hold", "the service's permission list doesn't admit"),
        (law(ORG_RULE, otherwise="reject"), [], "reject", "the service's permission list"),
        (law(ORG_RULE, account()), [EVERYBODY], "accept", "a rule names"),
        (law(account(), deny=[ORG_RULE]), [root()], "hold", "whether deny names 222222222222"),
        (law(ORG_RULE, known=organization(CONSUMER)), [EVERYBODY], "accept", "a rule names"),
        (law(ORG_RULE, known=organization()), [EVERYBODY], "hold", "no rule names"),
        (law(UNIT_RULE, known=organization(CONSUMER)), [root()], "accept", "a rule names"),
        (
            law(account(), deny=[UNIT_RULE], known=organization(CONSUMER)),
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
    assert verdict(law(account(STRANGER), account()), root()).rule == f"account {CONSUMER}"
    assert verdict(law(ALLOWED), root()).rule == "allowed principals"
    assert verdict(law(ALLOWED, deny=[account()]), root()).rule == f"account {CONSUMER}"
    assert verdict(law(otherwise="reject")).rule == "otherwise"


def test_what_organization_facts_could_change_is_marked() -> None:
    assert verdict(law(ORG_RULE), EVERYBODY).unknown
    assert verdict(law(account(), deny=[ORG_RULE]), root()).unknown
    assert verdict(law(account(), deny=[ORG_RULE]), root(), seen=LIVE).unknown
    assert not verdict(law(ORG_RULE, account()), root()).unknown
    assert not verdict(law(ORG_RULE)).unknown, "the list admits nobody"


@pytest.mark.parametrize(
    "state",
    ["rejected", "failed", "expired", "deleting", "deleted", "Deleted", "", "new one"],
)
def test_what_is_over_or_unknown_is_left(state: str) -> None:
    for under in (law(ALLOWED), law(ALLOWED, deny=[account()])):
        made = verdict(under, root(), seen=connection(state=state), memory=memory())
        assert (made.action, made.left) == ("leave", "over or under way")


@pytest.mark.parametrize("state", ["pendingAcceptance", "PendingAcceptance"])
def test_states_are_compared_without_case(state: str) -> None:
    assert verdict(law(ALLOWED), root(), seen=connection(state=state)).action == "accept"


@pytest.mark.parametrize("state", ["pending", "available", "Available", "partial"])
def test_what_lives_and_is_allowed_is_left(state: str) -> None:
    seen = connection(state=state)
    made = verdict(law(ALLOWED), root(), seen=seen, memory=memory())
    assert (made.action, made.report) == ("leave", False)
    denied = verdict(law(ALLOWED, deny=[account()]), root(), seen=seen, memory=memory())
    assert denied.action == "cut", "it lives: left for the rule, not for its state"


def test_a_transit_gateways_attachment_is_left() -> None:
    for state in ("pendingAcceptance", "available"):
        made = verdict(law(deny=[account()]), seen=connection("", state=state))
        assert (made.action, made.left) == ("leave", "transit gateway attachment")


def test_a_connection_without_service_or_owner_is_left() -> None:
    assert verdict(law(ALLOWED), root(), service=None).left == "service not there"
    assert verdict(law(ALLOWED), EVERYBODY, seen=connection(owner="")).left == "service not there"


PERSONS = memory(by=ALICE)
CLAIMED = memory(state="accepting", claimed_by=EXECUTION)


@pytest.mark.parametrize(
    ("under", "list_", "remembered", "action", "report"),
    [
        # ours, and a lock has shut
        (law(account()), [], memory(), "cut", False),
        (law(account(STRANGER)), [root()], memory(), "cut", False),
        (law(ALLOWED), [EVERYBODY], memory(), "cut", False),
        (law(account(), no_longer_allowed="alert"), [], memory(), "leave", True),
        (law(ALLOWED), [], memory(state="cutting"), "cut", False),
        # ours, and nobody can tell
        (law(ORG_RULE), [EVERYBODY], memory(), "leave", False),
        # a person's
        (law(), [root()], PERSONS, "leave", False),
        (law(), [], PERSONS, "leave", True),
        (law(account()), [root()], PERSONS, "leave", False),
        (law(), [], memory(by=ALICE, state="cutting"), "leave", True),
        # nobody remembers
        (law(), [root()], None, "leave", True),
        (law(account()), [], None, "leave", True),
        (law(account()), [root()], None, "leave", False),
        (law(), [], CLAIMED, "leave", True),
        (law(), [], memory(state="rejected"), "leave", True),
        (law(), [], memory(state="rejecting", claimed_by=EXECUTION), "leave", True),
        (law(), [], memory(by="", state="cutting"), "leave", True),
        # deny
        (law(account(), deny=[account()]), [root()], memory(), "cut", False),
        (law(deny=[account()]), [root()], PERSONS, "cut", False),
        (law(deny=[account()]), [root()], None, "cut", False),
        (law(deny=[account()], no_longer_allowed="alert"), [root()], None, "leave", True),
        (law(deny=[ORG_RULE]), [], memory(), "cut", False),
        (law(deny=[ORG_RULE]), [], PERSONS, "leave", True),
    ],
)
def test_what_becomes_of_a_live_connection(
    under: Any, list_: Any, remembered: Any, action: str, report: bool
) -> None:
    made = verdict(under, *list_, seen=LIVE, memory=remembered)
    assert (made.action, made.report) == (action, report)


def test_a_service_that_accepts_by_itself_is_not_reported_but_deny_cuts() -> None:
    open_to_all = service(acceptance_required=False)
    assert not verdict(law(ALLOWED), EVERYBODY, seen=LIVE, service=open_to_all).report
    denied = law(ALLOWED, deny=[account()])
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
    assert verdict(law(ALLOWED), root(), memory=remembered).action == action


def test_what_another_execution_is_answering_is_left_whatever_the_policy_says() -> None:
    for state in ("accepting", "cutting", "rejecting"):
        claimed = memory(state=state, claimed_by=OTHER, at=JUST_NOW)
        for seen in (connection(), LIVE):
            made = verdict(law(account(), deny=[account()]), seen=seen, memory=claimed)
            assert made.left == "another execution answers it"


def alignment(status: Any) -> Alignment:
    return Alignment(SERVICE, ENDPOINT, CONSUMER, status)


@pytest.mark.parametrize(
    ("status", "require", "before", "action"),
    [
        ("none", "all", "hold", "hold"),
        ("partial", "all", "hold", "hold"),
        ("partial", "any", "hold", "accept"),
        ("none", "any", "hold", "hold"),
        ("unknown", "all", "hold", "accept"),
        ("not_applicable", "all", "hold", "accept"),
        ("aligned", "all", "hold", "accept"),
        ("none", "all", "warn", "accept"),
    ],
)
def test_zones_have_a_say_where_the_policy_wants_it(
    status: Any, require: Any, before: Any, action: str
) -> None:
    wanted = Policy(zones=ZonePolicy(require, before))
    made = verdict(law(ALLOWED, policy=wanted), root(), zones=alignment(status))
    assert made.action == action


def test_units_are_asked_for_only_where_somebody_speaks_of_them() -> None:
    assert not asks_for_units([ORG_RULE, ALLOWED], [root(), EVERYBODY])
    assert asks_for_units([UNIT_RULE], [])
    assert asks_for_units([], [listed(OF_UNIT)])
