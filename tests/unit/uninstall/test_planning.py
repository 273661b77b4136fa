"""Leaving: what would go, what goes in which round, what can't; nothing unless a person says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.policy.model import Policy
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.uninstall.facts import Estate, Service
from autopilot.uninstall.plan import UninstallPlan, UninstallRequest
from autopilot.uninstall.planning import LAST_ROUND, MOST_ITEMS, plan

from tests.unit.withdraw.builders import OURS, gateway, gone, interface

AUDIT = Policy(mode="audit")
DNS = "/endpoint-autopilot/vpc-1/vpce-svc-1/dns"
EVERYTHING = Estate(
    endpoints=(gateway("vpce-1", "rtb-1"), interface("vpce-5", "subnet-a")),
    groups=(OURS,),
    services=(Service("vpce-svc-1"), Service("vpce-svc-2", ("vpce-a",))),
    parameters=(DNS,),
)


def planned(estate: Estate = EVERYTHING, policy: Policy = AUDIT, **asked: Any) -> UninstallPlan:
    return plan(UninstallRequest(**{"confirm": True, **asked}), estate, policy)


def deeds(made: UninstallPlan) -> list[str]:
    return [f"{item.action} {item.thing}" for item in made.items]


@pytest.mark.parametrize(
    ("confirm", "policy", "refused", "severity"),
    [
        (False, AUDIT, "not confirmed", "info"),
        (False, Policy(), "not confirmed", "info"),
        (True, Policy(), "the mode is enforce", "action"),
    ],
)
def test_only_lists_unless_confirmed_in_audit_mode(
    confirm: bool, policy: Policy, refused: str, severity: str
) -> None:
    made = planned(policy=policy, confirm=confirm)
    assert made.items == ()
    assert made.refused == refused
    assert made.count == 6
    assert len(made.things) == 6
    told = next(f for f in made.findings if f.kind == "RetirementPlanned")
    assert told.severity == severity
    assert told.data["counts"] == {"endpoint": 2, "group": 1, "parameter": 1, "service": 1}
    assert DNS in told.data["things"]


def test_what_is_going_is_not_listed_as_left() -> None:
    made = planned(Estate(endpoints=(gateway("vpce-1", "rtb-1", state="deleting"),)))
    assert (made.items, made.things, made.count) == ((), (), 0)


def test_a_gateway_endpoint_waits_for_the_interface_that_leaves_it_the_vpcs_traffic() -> None:
    below = gateway("vpce-1", "rtb-1", service_name="s3")
    above = interface("vpce-5", service_name="s3", inbound_only=True, group_ids=())
    unlike = replace(above, service_name="logs"), replace(above, vpc_id="vpc-2")
    assert deeds(planned(Estate((below, above)))) == ["delete endpoint vpce-5"]
    for other in (*unlike, replace(above, inbound_only=False)):
        assert len(planned(Estate((below, other))).items) == 2
    going = planned(Estate((below, replace(above, state="deleting"))))
    assert not going.items and going.waiting == ("vpce-5",)


def test_what_others_depend_on_goes_last_and_what_is_in_use_stays() -> None:
    first = planned()
    assert deeds(first) == [
        f"delete parameter {DNS}",
        "delete service vpce-svc-1",
        "delete endpoint vpce-1",
        "delete endpoint vpce-5",
    ]
    assert [f.id for f in first.findings] == ["StillConnected/vpce-svc-2"]
    going = Estate(
        endpoints=(interface("vpce-5", "subnet-a", state="deleting"),),
        groups=(OURS,),
        services=EVERYTHING.services[1:],
    )
    outcomes = tuple(map(gone, first.items))
    second = planned(going, outcomes=outcomes, round_number=2)
    assert second.items == ()
    assert second.waiting == ("vpce-5",)
    third = planned(replace(going, endpoints=()), outcomes=outcomes, round_number=2)
    assert deeds(third) == ["delete group sg-ours"]
    last = planned(Estate(services=going.services), outcomes=outcomes, round_number=3)
    assert (last.items, last.waiting, last.more) == ((), (), 0)


def test_nothing_of_ours_is_nothing_to_tell() -> None:
    assert planned(Estate(), confirm=False) == UninstallPlan(refused="not confirmed")


@pytest.mark.parametrize(("result", "again"), [("done", 0), ("failed", 0), ("stale", 1)])
def test_a_second_look_repeats_only_what_no_longer_fitted(result: Any, again: int) -> None:
    estate = Estate(endpoints=(gateway("vpce-1"),))
    (item,) = planned(estate).items
    made = planned(estate, outcomes=(RemovalOutcome(item, result),), round_number=2)
    assert len(made.items) == again
    assert made.waiting == ((item.id,) if result == "done" else ())


def test_rounds_end() -> None:
    assert planned(round_number=LAST_ROUND + 1).items == ()


def test_what_does_not_fit_is_for_another_execution() -> None:
    estate = Estate(endpoints=tuple(gateway(f"vpce-{n}") for n in range(MOST_ITEMS + 5)))
    first = planned(estate)
    assert (len(first.items), first.more) == (MOST_ITEMS, 5)
    rest = replace(estate, endpoints=estate.endpoints[MOST_ITEMS:])
    second = planned(rest, outcomes=tuple(map(gone, first.items)), round_number=2)
    assert (len(second.items), second.more) == (0, 5)
    again = planned(rest)
    assert (len(again.items), again.more) == (5, 0)


def test_long_lists_are_cut_and_counted() -> None:
    made = planned(Estate(endpoints=tuple(gateway(f"vpce-{n}") for n in range(700))), confirm=False)
    assert (len(made.things), made.count) == (500, 700)
    assert len(made.findings[0].data["things"]) == 50


def test_json_brings_it_back() -> None:
    made = planned()
    assert UninstallPlan.from_json(made.to_json()) == made
    outcome = gone(Removal("delete group", "sg-1"))
    read = UninstallRequest.from_json({"confirm": True, "outcomes": [outcome.to_json()]})
    assert read == UninstallRequest(confirm=True, outcomes=(outcome,))
    assert UninstallRequest.from_json({}).confirm is False


@pytest.mark.parametrize("confirm", ["true", 1, None])
def test_only_true_confirms(confirm: object) -> None:
    with pytest.raises(ValueError, match="write true or false"):
        UninstallRequest.from_json({"confirm": confirm})
