"""Events in shapes seen in real records: what comes of each, from the rules to the looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from autopilot.interfaces import events as interfaces
from autopilot.reconcile.batch import Batch, sort
from autopilot.reconcile.scope import ALL_INTERFACES, ALL_SERVICES, WHOLE_NETWORK, InterfaceScope
from autopilot.reconcile.wakeup import merge
from intake import READERS

from tests.infra.rules import Event, matching
from tests.infra.synthesis import ACCOUNT, REGION, Synthesis

REAL = Path(__file__).parents[1] / "events-real"
GROUP = "sg-0c00000000000001"


def events_of(name: str) -> list[Event]:
    """The events; those of the account that the files call their own come from our Region."""
    loaded: list[Event] = json.loads((REAL / f"{name}.json").read_text())["events"]
    return [{**e, "region": REGION} if e["account"] == ACCOUNT else e for e in loaded]


def taken_in(stack: Synthesis, events: list[Event]) -> Batch:
    """What the intake makes of those that a rule lets through; each wakes by one rule at most."""
    rules = [(each, matching(stack, each)) for each in events]
    assert all(len(names) <= 1 for _, names in rules)
    return batch_of([each for each, names in rules if names])


def batch_of(events: list[Event]) -> Batch:
    records = [{"messageId": str(n), "body": json.dumps(e)} for n, e in enumerate(events)]
    return sort(records, READERS)


def interface_scope(batch: Batch) -> InterfaceScope:
    made: interfaces.InterfaceWakeup = merge(batch.woken["interfaces"].values())
    return made.scope


def demanded(batch: Batch) -> list[tuple[str, str]]:
    return [(d.kind, d.id) for woken in batch.woken["withdraw"].values() for d in woken.demands]


RIGHT: dict[str, Callable[[Batch], bool]] = {
    # AWS's words name the zones that are served: nothing is left to advise (docs/operating.md).
    "cross_region_zone_refused": lambda batch: not (batch.woken["connections"] or batch.unreadable),
    "delete_group_by_name_refused": lambda batch: demanded(batch) == [("group", GROUP)],
    "group_rule_by_name": lambda batch: interface_scope(batch) == ALL_INTERFACES,
    "group_rule_request_omitted": lambda batch: interface_scope(batch) == ALL_INTERFACES,
    "made_and_deleted_in_one_batch": lambda batch: (
        merge(batch.woken["network"].values()).expect
        == merge(batch.woken["interfaces"].values()).expect
        == ("gone/vpce-0d00000000000001",)
    ),
    "other_account": lambda batch: not (batch.woken["connections"] or batch.unreadable),
    "rule_with_source_group": lambda batch: interface_scope(batch).group_ids == (GROUP,),
}


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_what_must_come_of_a_real_event_comes_of_it(with_interfaces: Synthesis, name: str) -> None:
    batch = taken_in(with_interfaces, events_of(name))
    assert batch.unreadable == ()
    assert RIGHT[name](batch)


def test_only_the_damaged_event_of_a_batch_is_put_aside() -> None:
    """No rule matches it: it comes by SendMessage or a redrive only."""
    batch = batch_of(events_of("event_source_is_no_text"))
    assert [message.message_id for message in batch.unreadable] == ["0"]
    assert interface_scope(batch).vpc_ids == ("vpc-0a00000000000001",)


def test_every_file_has_its_test() -> None:
    assert {path.stem for path in REAL.glob("*.json")} == {*RIGHT, "event_source_is_no_text"}


@pytest.mark.parametrize("field", ["account", "region"])
def test_no_rule_matches_what_happened_elsewhere(with_interfaces: Synthesis, field: str) -> None:
    """Every pattern for AWS's events names the account and the Region, whatever else it names."""
    rules = with_interfaces.of_type("AWS::Events::Rule").values()
    patterns = [rule["EventPattern"] for rule in rules if "EventPattern" in rule]
    aws = [pattern for pattern in patterns if pattern["source"][0].startswith("aws.")]
    own = {"account": "AWS::AccountId", "region": "AWS::Region"}[field]
    assert len(aws) >= 8
    assert all(pattern[field] == [{"Ref": own}] for pattern in aws)


def test_a_route_refused_in_other_words_wakes_us_by_its_code(with_interfaces: Synthesis) -> None:
    given: Any = json.loads((REAL / "other_account.json").read_text())["events"][0]
    given |= {"account": ACCOUNT, "region": REGION}
    given["detail"] |= {"errorCode": "Client.RouteAlreadyExists", "errorMessage": "It is taken."}
    assert len(matching(with_interfaces, given)) == 1
    given["detail"]["errorCode"] = "Client.InvalidParameter"
    assert matching(with_interfaces, given) == []


def test_everything_is_looked_at_where_a_call_is_told_without_what_it_named() -> None:
    """Each call that any workflow reads: with its request, or its answer, or both left out."""
    left_out = {"omitted": "true", "originalSize": "149893", "reason": "too large"}
    template = events_of("group_rule_request_omitted")[0]
    for name, source in _calls():
        for parts in (("requestParameters",), ("responseElements",), _BOTH):
            detail = template["detail"] | {"eventName": name, "eventSource": source}
            detail |= {part: {"n": 1} for part in _BOTH} | dict.fromkeys(parts, left_out)
            batch = batch_of([{**template, "detail": detail}])
            assert batch.unreadable == (), (name, parts)
            for woken, everything in (
                ("network", WHOLE_NETWORK),
                ("interfaces", ALL_INTERFACES),
                ("connections", ALL_SERVICES),
                ("services", ALL_SERVICES),
            ):
                scopes = [each.scope for each in batch.woken[woken].values()]
                assert scopes in ([], [everything]), (name, parts)
            assert any(batch.woken.values()), (name, parts)


_BOTH = ("requestParameters", "responseElements")


def _calls() -> set[tuple[str, str]]:
    from autopilot.connections import events as connections
    from autopilot.gateway import events as network
    from autopilot.services import events as publishing

    tables = (connections, publishing, network, interfaces)
    return {(name, source) for each in tables for source, name in each._READERS}


def test_a_refused_call_told_without_what_it_named_asks_for_nothing_and_is_no_dead_letter() -> None:
    template = events_of("delete_group_by_name_refused")[0]
    for name, code in (
        ("DeleteVpc", "Client.DependencyViolation"),
        ("DeleteSubnet", "Client.DependencyViolation"),
        ("DeleteSecurityGroup", "Client.DependencyViolation"),
        ("CreateVpcEndpoint", "Client.RouteAlreadyExists"),
        ("ModifyVpcEndpoint", "Client.RouteAlreadyExists"),
    ):
        detail = template["detail"] | {"eventName": name, "errorCode": code, "errorMessage": "No."}
        detail["requestParameters"] = {"omitted": True}
        batch = batch_of([{**template, "detail": detail}])
        assert (batch.unreadable, batch.woken["withdraw"]) == ((), {}), name


@pytest.mark.parametrize(
    "call",
    [
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "ModifySecurityGroupRules",
    ],
)
@pytest.mark.parametrize("member", ["securityGroupRuleSet", "revokedSecurityGroupRuleSet"])
def test_a_group_named_by_its_name_is_found_in_the_answer(call: str, member: str) -> None:
    template = events_of("group_rule_by_name")[0]
    rule = {
        "groupId": GROUP,
        "securityGroupRuleId": "sgr-1",
        "referencedGroupInfo": {"groupId": "sg-0c00000000000009", "userId": ACCOUNT},
    }
    answer = {"_return": True, member: {"items": [rule]}}
    detail = template["detail"] | {"eventName": call, "responseElements": answer}
    scope = interface_scope(batch_of([{**template, "detail": detail}]))
    assert scope.group_ids == (GROUP,)


def test_a_group_that_a_changed_rule_speaks_of_is_left_out() -> None:
    template = events_of("group_rule_by_name")[0]
    request = {
        "ModifySecurityGroupRulesRequest": {
            "GroupId": GROUP,
            "SecurityGroupRule": {
                "tag": 1,
                "SecurityGroupRuleId": "sgr-1",
                "SecurityGroupRule": {
                    "IpProtocol": "tcp",
                    "ReferencedGroupId": "sg-0c00000000000009",
                },
            },
        }
    }
    detail = template["detail"] | {
        "eventName": "ModifySecurityGroupRules",
        "requestParameters": request,
    }
    assert interface_scope(batch_of([{**template, "detail": detail}])).group_ids == (GROUP,)
