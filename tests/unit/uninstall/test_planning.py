"""Leaving: what would go, what goes in which round, what can't; nothing unless a person says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.reconcile.rounds import LAST_ROUND
from autopilot.uninstall.facts import OwnedResources, UsedService
from autopilot.uninstall.plan import UninstallPlan, UninstallRequest
from autopilot.uninstall.planning import MOST_ITEMS, plan

from tests.unit.withdraw.builders import OURS, gateway, gone, interface

AUDIT = Policy(mode="audit")
DNS = "/endpoint-autopilot/vpc-1/vpce-svc-1/dns"
EVERYTHING = OwnedResources(
    endpoints=(gateway("vpce-1", "rtb-1"), interface("vpce-5", "subnet-a")),
    groups=(OURS,),
    services=(UsedService("vpce-svc-1"), UsedService("vpce-svc-2", ("vpce-a",))),
    parameters=(DNS,),
)


def planned(
    owned: OwnedResources = EVERYTHING, policy: Policy = AUDIT, **asked: Any
) -> UninstallPlan:
    return plan(UninstallRequest(**{"confirm": True, **asked}), owned, policy)


def deeds(made: UninstallPlan) -> list[str]:
    return [f"{item.action} {item.resource_id}" for item in made.items]


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
    assert len(made.lines) == 6
    told = next(f for f in made.findings if f.kind == "RetirementPlanned")
    assert told.severity == severity
    assert told.data["counts"] == {"endpoint": 2, "group": 1, "parameter": 1, "service": 1}
    assert DNS in told.data["things"]


def test_what_is_going_is_not_listed_as_left() -> None:
    made = planned(OwnedResources(endpoints=(gateway("vpce-1", "rtb-1", state="deleting"),)))
    assert (made.items, made.lines, made.count) == ((), (), 0)


def test_a_gateway_endpoint_waits_for_the_interface_that_leaves_it_the_vpcs_traffic() -> None:
    below = gateway("vpce-1", "rtb-1", service_name="s3")
    above = interface("vpce-5", service_name="s3", inbound_only=True, group_ids=())
    unlike = replace(above, service_name="logs"), replace(above, vpc_id="vpc-2")
    assert deeds(planned(OwnedResources((below, above)))) == ["delete endpoint vpce-5"]
    for other in (*unlike, replace(above, inbound_only=False)):
        assert len(planned(OwnedResources((below, other))).items) == 2
    going = planned(OwnedResources((below, replace(above, state="deleting"))))
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
    going = OwnedResources(
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
    last = planned(OwnedResources(services=going.services), outcomes=outcomes, round_number=3)
    assert (last.items, last.waiting, last.more) == ((), (), 0)


def test_nothing_of_ours_is_nothing_to_tell() -> None:
    assert planned(OwnedResources(), confirm=False) == UninstallPlan(refused="not confirmed")


@pytest.mark.parametrize(("result", "again"), [("done", 0), ("failed", 0), ("stale", 1)])
def test_a_second_look_repeats_only_what_no_longer_fitted(result: Any, again: int) -> None:
    owned = OwnedResources(endpoints=(gateway("vpce-1"),))
    (item,) = planned(owned).items
    made = planned(owned, outcomes=(RemovalOutcome(item, result),), round_number=2)
    assert len(made.items) == again
    assert made.waiting == ((item.id,) if result == "done" else ())


def test_rounds_end() -> None:
    assert planned(round_number=LAST_ROUND + 1).items == ()


def test_what_does_not_fit_is_for_another_execution() -> None:
    owned = OwnedResources(endpoints=tuple(gateway(f"vpce-{n}") for n in range(MOST_ITEMS + 5)))
    first = planned(owned)
    assert (len(first.items), first.more) == (MOST_ITEMS, 5)
    rest = replace(owned, endpoints=owned.endpoints[MOST_ITEMS:])
    second = planned(rest, outcomes=tuple(map(gone, first.items)), round_number=2)
    assert (len(second.items), second.more) == (0, 5)
    again = planned(rest)
    assert (len(again.items), again.more) == (5, 0)


def test_long_lists_are_cut_and_counted() -> None:
    made = planned(
        OwnedResources(endpoints=tuple(gateway(f"vpce-{n}") for n in range(700))), confirm=False
    )
    assert (len(made.lines), made.count) == (500, 700)
    assert len(made.findings[0].data["things"]) == 50


def test_json_brings_it_back() -> None:
    made = planned()
    assert decode(UninstallPlan, encode(made)) == made
    outcome = gone(Removal("delete group", "sg-1"))
    read = decode(UninstallRequest, {"confirm": True, "outcomes": [encode(outcome)]})
    assert read == UninstallRequest(confirm=True, outcomes=(outcome,))
    assert decode(UninstallRequest, {}).confirm is False
    assert decode(UninstallRequest, {"confirm": None}).confirm is False


@pytest.mark.parametrize("confirm", ["true", 1])
def test_only_true_confirms(confirm: object) -> None:
    with pytest.raises(ValueError, match="write true or false"):
        decode(UninstallRequest, {"confirm": confirm})
