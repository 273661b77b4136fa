"""How tags of the policy file are read: one way, in every place that names some."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from autopilot.connections.facts import Organization, Service
from autopilot.connections.locks import rule_matches
from autopilot.gateway.desired import why_not_table, why_not_vpc
from autopilot.gateway.facts import RouteTable, Vpc
from autopilot.interfaces.facts import Offer, Subnet
from autopilot.interfaces.placement import choose
from autopilot.policy.model import Policy, PublishPolicy, Rule, ServiceFilter
from autopilot.policy.tags import has_all, has_any, matches
from autopilot.reconcile.identity import StackIdentity
from autopilot.services.desired import is_wanted
from autopilot.services.facts import LoadBalancer
from hypothesis import given
from hypothesis import strategies as st

FUNCTIONS = Path(__file__).parents[3] / "functions"
ACCOUNT = "111111111111"


@pytest.mark.parametrize(
    ("pattern", "fits", "not_"),
    [
        ("shared", ["shared"], ["Shared", "shared ", "share", ""]),
        ("", [""], ["a"]),
        ("*", ["", "a", "two words", "two\nlines"], []),
        ("web-*", ["web-", "web-1", "web-a/b"], ["web", "Web-1", "a web-1"]),
        ("*-web", ["-web", "a-web"], ["web-a"]),
        ("a*b*c", ["abc", "a1b2c"], ["acb"]),
        ("?", ["a", "?", "*", "\n"], ["", "ab"]),
        ("web-??", ["web-01"], ["web-1", "web-001"]),
        ("[ab]", ["[ab]"], ["a", "b"]),
        ("[!a]*", ["[!a]", "[!a]b"], ["b"]),
        ("[", ["["], ["a"]),
        ("a]", ["a]"], ["a"]),
        ("a.c", ["a.c"], ["abc"]),
        ("a+|b\\$", ["a+|b\\$"], ["aa", "b"]),
    ],
)  # fmt: skip
def test_a_star_is_any_text_and_a_question_mark_one_character(
    pattern: str, fits: list[str], not_: list[str]
) -> None:
    assert [text for text in (*fits, *not_) if matches(text, pattern)] == fits


@given(st.text().filter(lambda text: not set(text) & set("*?")), st.text())
def test_a_text_without_them_fits_itself_alone(text: str, other: str) -> None:
    assert matches(text, text)
    assert matches(other, text) is (other == text)


@pytest.mark.parametrize(
    ("wanted", "every", "one"),
    [
        ({}, True, False),
        ({"a": "1"}, True, True),
        ({"a": "1", "b": "2*"}, True, True),
        ({"a": "1", "b": "3"}, False, True),
        ({"a": "1", "c": "*"}, False, True),
        ({"c": "*"}, False, False),
        ({"*": "1"}, False, False),  # a key is no pattern
        ({"A": "1"}, False, False),
    ],
)
def test_all_or_one_of_the_tags_must_be_there(
    wanted: dict[str, str], every: bool, one: bool
) -> None:
    there = {"a": "1", "b": "22"}
    assert (has_all(there, wanted), has_any(there, wanted)) == (every, one)


@pytest.mark.parametrize(
    ("wanted", "there", "fits"),
    [
        ("web-*", "web-1", True),
        ("web-?", "web-1", True),
        ("web-?", "web-12", False),
        ("[w]eb", "web", False),
        ("[w]eb", "[w]eb", True),
        ("web", "Web", False),
    ],
)
def test_every_place_reads_them_so(wanted: str, there: str, fits: bool) -> None:
    tags, filters = {"k": there}, {"k": wanted}
    skipping = Policy(skip_tags=filters)
    publishing = Policy(endpoint_services=PublishPolicy(load_balancer_tags=filters))
    everything = Policy(endpoint_services=PublishPolicy(load_balancer_tags={"k": "*"}))
    rule = Rule("account", "222222222222", ServiceFilter(tags=filters))
    service, nobody = Service("vpce-svc-0a", tags=tags), Organization()
    here = StackIdentity("Stack", ACCOUNT, "us-east-1")
    subnet = Subnet("subnet-1", "vpc-1", "use1-az1", tags=tags)
    assert {
        "VPC": why_not_vpc(Vpc("vpc-1", ACCOUNT, tags=tags), skipping, here) is not None,
        "table": why_not_table(RouteTable("rtb-1", "vpc-1", tags=tags), skipping) is not None,
        "rule": rule_matches(rule, service, "222222222222", None, nobody, asking=True),
        "balancer": is_wanted(LoadBalancer("arn", "orders", tags=tags), publishing),
        "left": not is_wanted(
            LoadBalancer("arn", "orders", tags=tags),
            Policy(skip_tags=filters, endpoint_services=everything.endpoint_services),
        ),
        "subnet": choose([subnet], filters, Offer("s", "us-east-1"), "us-east-1").wanted != (),
    } == dict.fromkeys(("VPC", "table", "rule", "balancer", "left", "subnet"), fits)


def test_nobody_else_has_a_matcher() -> None:
    found = {
        path.relative_to(FUNCTIONS).as_posix()
        for path in FUNCTIONS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom | ast.Import)
        and "fnmatch" in (getattr(node, "module", ""), *(each.name for each in node.names))
    }
    assert found == {"autopilot/policy/tags.py"}
