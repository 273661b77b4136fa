"""What a look at published services changes and tells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.visible import gone
from autopilot.services.changes import principals, unseen
from autopilot.services.facts import EndpointService, LoadBalancer, ServicesFacts
from autopilot.services.plan import ServiceOutcome, ServicesPlan, ServicesRequest

from tests.unit.services.builders import (
    CONSUMER,
    ROOT,
    SERVICE,
    arn,
    balancer,
    facts,
    outcome,
    planned,
    policy,
    private_name,
    request,
    service,
)

NAMES = {"orders": "api.example.com"}
OTHERS = {"team": "payments"}


def ids(plan: ServicesPlan) -> list[str]:
    return [item.id for item in plan.items]


def listed(*who: str, **changes: Any) -> ServicesFacts:
    return facts(balancer(), service(**changes), principals={SERVICE: frozenset(who)})


def test_a_balancer_is_published_as_the_policy_says() -> None:
    wanted = policy(
        supported_regions=("eu-west-1",), private_dns_names=NAMES, allowed_principals=(CONSUMER,)
    )
    (made,) = planned(facts(balancer()), wanted).items
    assert made.id == "load balancer orders/publish"
    assert (made.action, made.balancer_arn) == ("publish", arn())
    assert (made.add_regions, made.private_name) == (("eu-west-1",), "api.example.com")
    assert made.principals == (), "whom it lets ask, the next look plans, once it has an id"


def test_all_as_it_should_be_is_left() -> None:
    quiet = planned(listed(ROOT), policy(allowed_principals=(CONSUMER,)))
    assert quiet == ServicesPlan(looked_at="all")


@pytest.mark.parametrize(
    ("written", "region", "whole"),
    [
        (CONSUMER, "us-east-1", f"arn:aws:iam::{CONSUMER}:root"),
        (CONSUMER, "cn-north-1", f"arn:aws-cn:iam::{CONSUMER}:root"),
        ("*", "us-east-1", "*"),
        (f"arn:aws:iam::{CONSUMER}:role/r", "us-east-1", f"arn:aws:iam::{CONSUMER}:role/r"),
    ],
)
def test_a_bare_account_is_its_root(written: str, region: str, whole: str) -> None:
    publish = policy(allowed_principals=(written,)).endpoint_services
    assert principals(publish, StackIdentity("O", "1", region)) == (whole,)


@pytest.mark.parametrize(
    ("there", "wanted", "changes"),
    [
        ((), (CONSUMER,), {"allow": (ROOT,)}),
        ((ROOT,), (), {"revoke": (ROOT,)}),
        (("*",), (CONSUMER,), {"revoke": ("*",), "allow": (ROOT,)}),
        ((ROOT,), (CONSUMER,), {}),
    ],
)
def test_the_list_is_kept_in_step_both_ways(
    there: tuple[str, ...], wanted: tuple[str, ...], changes: dict[str, Any]
) -> None:
    plan = planned(listed(*there), policy(allowed_principals=wanted))
    assert {item.action: item.principals for item in plan.items} == changes


@pytest.mark.parametrize(
    ("changed", "publish", "said"),
    [
        ({"zones": ("us-east-1a",)}, {}, {"zones": ("us-east-1b",)}),
        ({"acceptance_required": False}, {}, {"require_acceptance": True}),
        (
            {"regions": ("us-east-1", "eu-west-1")},
            {"supported_regions": ("ap-south-1",)},
            {"add_regions": ("ap-south-1",), "remove_regions": ("eu-west-1",)},
        ),
        ({"regions": ()}, {"supported_regions": ("us-east-1",)}, None),
        ({}, {"private_dns_names": NAMES}, {"private_name": "api.example.com"}),
        (
            {"private_name": private_name(name="old.example.com")},
            {"private_dns_names": NAMES},
            {"private_name": "api.example.com"},
        ),
        ({"private_name": private_name(name="by.hand")}, {}, None),
        ({"zones": ("us-east-1a", "us-east-1b", "us-east-1c")}, {}, None),
    ],
)
def test_one_call_puts_right_what_differs(
    changed: Any, publish: Any, said: dict[str, Any] | None
) -> None:
    plan = planned(listed(**changed), policy(**publish))
    if said is None:
        assert plan.items == ()
        return
    (change,) = plan.items
    assert change.id == f"{SERVICE}/change"
    assert {name: getattr(change, name) for name in said} == said


def test_a_name_without_its_proof_is_told_with_the_record_and_tried() -> None:
    wanted = policy(private_dns_names=NAMES)
    plan = planned(listed(private_name=private_name()), wanted)
    assert ids(plan) == [f"{SERVICE}/verify"]
    (told,) = plan.findings
    assert (told.kind, told.severity) == ("PrivateNameNotVerified", "action")
    assert (told.data["record_name"], told.data["record_value"]) == ("_proof", "vpce:secret")
    again = planned(
        listed(private_name=private_name("failed")), wanted, request(outcome("verify", "stale"))
    )
    assert again.items == (), "once with each look"


@pytest.mark.parametrize(
    "name", [private_name("verified"), private_name("Verified"), private_name(name="by.hand")]
)
def test_a_proven_name_and_one_that_a_person_gave_are_left(name: Any) -> None:
    wanted = policy(private_dns_names=NAMES if name.name != "by.hand" else {})
    assert planned(listed(private_name=name), wanted) == ServicesPlan(looked_at="all")


@pytest.mark.parametrize(
    ("retire", "connected", "done", "told"),
    [
        ("report", (), None, ("action", 0)),
        ("report", ("vpce-1",), None, ("action", 1)),
        ("when_unused", (), False, None),
        ("when_unused", ("vpce-1",), None, ("info", 1)),
        ("now", (), True, None),
        ("now", ("vpce-1",), True, None),
    ],
)
def test_what_is_unwanted_goes_as_the_policy_says(
    retire: Any, connected: tuple[str, ...], done: bool | None, told: tuple[str, int] | None
) -> None:
    seen = facts(balancer(tags={}), service(), connected={SERVICE: connected})
    plan = planned(seen, policy(retire=retire))
    assert [item.reject for item in plan.items] == ([] if done is None else [done])
    assert [(f.severity, f.data["connected"]) for f in plan.findings] == ([told] if told else [])


def test_what_is_unwanted_is_not_changed_until_it_goes() -> None:
    """Else an emptied policy would take everybody's right away, and cut them."""
    seen = facts(service(zones=()), principals={SERVICE: frozenset({ROOT})})
    assert planned(seen, policy(load_balancer_tags={}, retire="report")).items == ()


@pytest.mark.parametrize("retire", ["report", "when_unused", "now"])
def test_a_duplicate_goes_if_nobody_uses_it(retire: Any) -> None:
    seen = facts(balancer(), service(), service("vpce-svc-0b"))
    plan = planned(seen, policy(retire=retire))
    assert [(item.id, item.reject) for item in plan.items] == [("vpce-svc-0b/retire", False)]


def test_what_others_published_is_told() -> None:
    plan = planned(facts(balancer(), service(tags=OTHERS, acceptance_required=False)))
    assert plan.items == ()
    (told,) = plan.findings
    assert (told.kind, told.subject) == ("AlreadyPublished", "load balancer orders")
    assert told.data["service_id"] == SERVICE


def test_audit_tells_and_changes_nothing() -> None:
    seen = facts(balancer(), balancer("late", state="provisioning"), service("vpce-svc-0b", "gone"))
    plan = planned(seen, policy(mode="audit", retire="now"))
    assert (plan.items, plan.more, plan.settling, plan.look_again) == ((), 0, 0, 0)
    assert {f.id for f in plan.findings} == {
        "PlannedServiceChange/load balancer orders/publish",
        "PlannedServiceChange/vpce-svc-0b/retire",
    }


def test_a_further_look_does_what_the_first_could_not_know_of() -> None:
    wanted = policy(allowed_principals=(CONSUMER,))
    plan = planned(listed(), wanted, request(outcome("publish")))
    assert ids(plan) == [f"{SERVICE}/allow"]


@pytest.mark.parametrize(
    ("result", "round_number", "again", "told"),
    [
        ("stale", 2, True, None),
        ("stale", 4, True, None),
        ("stale", 5, False, "AlreadyExists"),
        ("failed", 2, False, None),
        ("done", 2, False, "NoEffect"),
    ],
)
def test_what_is_still_wanted_is_tried_again_or_given_up(
    result: Any, round_number: int, again: bool, told: str | None
) -> None:
    tried = outcome("publish", result, error=None if result == "done" else "AlreadyExists")
    plan = planned(facts(balancer()), None, request(tried, round_number=round_number))
    assert bool(plan.items) is again
    assert [f.data["error"] for f in plan.findings] == ([told] if told else [])
    assert [f.kind for f in plan.findings] == (["ServiceChangeFailed"] if told else [])


def test_what_takes_rights_away_comes_first() -> None:
    seen = facts(
        balancer(),
        balancer("new"),
        service(),
        service("vpce-svc-0b", "gone"),
        principals={SERVICE: frozenset({"*"})},
    )
    plan = planned(seen, policy(allowed_principals=(CONSUMER,), retire="now"))
    assert [item.action for item in plan.items] == ["retire", "revoke", "allow", "publish"]


def many(number: int) -> ServicesFacts:
    return facts(*(balancer(f"b{n:03}") for n in range(number)))


def test_what_does_not_fit_is_left_to_the_next_look_and_at_last_to_another_execution() -> None:
    first = planned(many(60))
    assert (len(first.items), first.more) == (50, 0)
    done = [
        outcome(id=i.id, balancer_arn=i.balancer_arn, service_id=f"vpce-svc-{n}")
        for n, i in enumerate(first.items)
    ]
    there = [service(o.item.service_id, o.item.balancer_arn.split("/")[2]) for o in done]
    second = planned(facts(*many(60).balancers, *there), None, request(*done, round_number=2))
    assert (len(second.items), second.more) == (10, 0)
    late = planned(facts(*many(60).balancers, *there), None, request(*done, round_number=5))
    assert (len(late.items), late.more) == (0, 10)


def test_long_lists_fit_into_a_state() -> None:
    who = tuple(f"arn:aws:iam::{n:012}:role/a-role-with-a-long-name" for n in range(200))
    seen = facts(
        *(balancer(f"b{n:03}") for n in range(60)),
        *(service(f"vpce-svc-{n:03}", f"b{n:03}") for n in range(60)),
    )
    wanted, asked = policy(allowed_principals=who), 0
    outcomes: list[ServiceOutcome] = []
    for number in range(1, 6):
        plan = planned(seen, wanted, request(*outcomes, round_number=number))
        outcomes += [outcome("allow", id=i.id, principals=i.principals) for i in plan.items]
        asked += len(plan.items)
        size = len(json.dumps(encode(outcomes))) + len(json.dumps(encode(plan)))
        assert size < 240_000
        seen = facts(
            *seen.balancers,
            *seen.services,
            principals={
                o.id: frozenset(who if f"{o.id}/allow" in {x.id for x in outcomes} else ())
                for o in seen.services
            },
        )
        if not plan.items:
            break
    assert asked + plan.more == 60
    assert plan.more > 0


def test_findings_that_do_not_fit_take_nothing_back() -> None:
    seen = facts(
        *(balancer(f"b{n:04}") for n in range(600)),
        *(service(f"vpce-svc-{n:04}", f"b{n:04}", tags=OTHERS) for n in range(600)),
    )
    plan = planned(seen)
    assert 0 < len(plan.findings) < 600
    assert plan.looked_at == ()
    assert plan.left["findings too many at once"] == 600 - len(plan.findings)


def test_a_look_speaks_for_what_it_saw_and_for_what_it_did() -> None:
    seen = facts(balancer(), service(), looked_at=("load balancer orders", SERVICE))
    gone = outcome("retire", service_id="vpce-svc-0b", balancer_arn=arn("billing"))
    assert planned(seen, None, request(gone)).looked_at == (
        "load balancer billing",
        "load balancer orders",
        SERVICE,
        "vpce-svc-0b",
    )


def test_types_survive_json() -> None:
    whole = planned(
        facts(balancer(), service("vpce-svc-0b", tags=OTHERS), balancer("late")),
        policy(supported_regions=("eu-west-1",)),
    )
    assert decode(ServicesPlan, json.loads(json.dumps(encode(whole)))) == whole
    asked = request(outcome("allow", refused=("x",)), expect=("a",))
    data = {
        "trigger": "event",
        "scope": "all",
        "expect": ["a"],
        "round": 2,
        "outcomes": encode(asked.outcomes),
        "execution": asked.execution,
    }
    assert decode(ServicesRequest, json.loads(json.dumps(data))) == asked
    assert decode(ServicesRequest, {}) == ServicesRequest()
    with pytest.raises(ValueError, match="trigger"):
        decode(ServicesRequest, {"trigger": "moon"})


def test_the_order_of_the_input_is_irrelevant() -> None:
    there: list[LoadBalancer | EndpointService] = [
        balancer(),
        balancer("billing"),
        service(),
        service("vpce-svc-0b"),
        service("c", tags=OTHERS),
    ]
    wanted: Policy = policy(allowed_principals=(CONSUMER,), retire="now")
    assert planned(facts(*there), wanted) == planned(facts(*reversed(there)), wanted)


def who_may_ask(*who: str) -> ServicesFacts:
    return facts(balancer(), service(), principals={SERVICE: frozenset(who)})


@pytest.mark.parametrize(
    ("seen", "did", "shows"),
    [
        (facts(balancer(), service()), outcome("publish"), True),
        (facts(balancer()), outcome("publish"), False),
        (facts(balancer()), outcome("publish", "failed"), True),
        (facts(balancer()), outcome("publish", "stale"), True),
        (who_may_ask(ROOT), outcome("allow", principals=(ROOT,)), True),
        (who_may_ask(), outcome("allow", principals=(ROOT,)), False),
        (who_may_ask(), outcome("revoke", principals=(ROOT,)), True),
        (who_may_ask(ROOT), outcome("revoke", principals=(ROOT,)), False),
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
