"""The two locks: whom a permission list admits, whom a rule names, and what is not known."""

from __future__ import annotations

import pytest
from autopilot.connections.facts import Member, Organization, Permission
from autopilot.connections.locks import (
    all_known,
    any_known,
    asks_for_units,
    is_permitted,
    rule_matches,
)
from autopilot.policy.model import Rule, ServiceFilter
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.connections.builders import (
    ALLOWED,
    CONSUMER,
    EVERYBODY,
    ORGANIZATION,
    SERVICE,
    UNIT,
    US,
    account,
    connection,
    context,
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
    assert verdict(context(ALLOWED), listed(principal)).action == "accept"
    beside = verdict(context(ALLOWED), listed(principal), everybody)
    assert beside.action == action
    assert action == "accept" or "while * is on the list beside them" in beside.reason


def test_beside_everybody_an_organizations_entry_still_names_its_accounts() -> None:
    known = organization(CONSUMER)
    assert verdict(context(ALLOWED, known=known), listed(WHOLE), EVERYBODY).action == "accept"


def test_everybody_for_attachments_takes_no_entry_its_name() -> None:
    other = listed("*", "transit-gateway-attachment")
    assert verdict(context(ALLOWED), listed(OF_ONE[0]), other).action == "accept"


def test_a_connection_lives_on_when_everybody_comes_beside_its_entry() -> None:
    """Only the one whom the entry names could ask then; a wider list is no reason to cut."""
    kept = verdict(context(ALLOWED), listed(OF_ONE[0]), EVERYBODY, seen=LIVE, memory=memory())
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
    found = verdict(context(ALLOWED, known=known), *entries, EVERYBODY)
    named = {entry.principal for entry in entries}
    of_organization = bool(known.holds(CONSUMER, ORGANIZATION)) and named & {WHOLE, OF_UNIT}
    assert found.action == "hold" or named & {*OF_ALL} or of_organization


@given(LISTS, KNOWN)
def test_everybody_coming_onto_the_list_lets_nobody_in_and_cuts_nobody(
    entries: list[Permission], known: Organization
) -> None:
    under = context(ALLOWED, known=known)
    if verdict(under, *entries).action != "accept":
        assert verdict(under, *entries, EVERYBODY).action != "accept"
    if verdict(under, *entries, seen=LIVE, memory=memory()).action != "cut":
        wider = verdict(under, *entries, EVERYBODY, seen=LIVE, memory=memory())
        assert wider.action != "cut"


def test_our_own_account_needs_no_entry_but_a_rule() -> None:
    own = connection(owner=US.account)
    assert verdict(context(ALLOWED), seen=own).action == "hold"
    assert verdict(context(account(US.account)), seen=own).action == "accept"


def test_a_list_that_was_not_read_admits_nobody_and_refuses_nobody() -> None:
    assert is_permitted(None, CONSUMER, US.account, NOBODY_ASKED) is None
    assert rule_matches(ALLOWED, service(), CONSUMER, None, NOBODY_ASKED, asking=True) is None
    assert verdict(context(account()), permissions=None).action == "hold"


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


def test_units_are_asked_for_only_where_somebody_speaks_of_them() -> None:
    assert not asks_for_units([ORG_RULE, ALLOWED], [root(), EVERYBODY])
    assert asks_for_units([UNIT_RULE], [])
    assert asks_for_units([], [listed(OF_UNIT)])
