"""What a look at interface endpoints comes to, situation by situation."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from autopilot.interfaces.desired import desired_in
from autopilot.interfaces.facts import DnsAttributes, Facts
from autopilot.interfaces.plan import (
    EndpointItem,
    GroupItem,
    InterfaceOutcome,
    InterfacePlan,
    ParameterItem,
    done,
    failed,
    stale,
)
from autopilot.interfaces.planning import LAST_ROUND, MOST_ITEMS, MOST_OUTCOMES, MOST_TRIES
from autopilot.policy.document import FULL_ACCESS
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.quota import Limit
from autopilot.workflows import CATALOG

from tests.unit.gateway.builders import OTHERS
from tests.unit.interfaces.builders import (
    GROUP,
    KMS,
    LOGS,
    OURS,
    OWN,
    SERVICE,
    SUBNETS,
    carried_out,
    endpoint,
    facts,
    group,
    offer,
    planned,
    policy,
    profile,
    situation,
    subnet,
    vpc,
)
from tests.unit.notify.reports import place

EMPTY = facts(vpc(), *SUBNETS, offer())
SERVED = facts(vpc(), *SUBNETS, offer(), group(), endpoint())
DENY = json.dumps({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]})
OFF = DnsAttributes(True, False)


def _kinds(plan: InterfacePlan) -> list[str]:
    return [finding.kind for finding in plan.findings]


def _only(plan: InterfacePlan) -> Any:
    (item,) = plan.items
    return item


def test_the_group_comes_first_and_the_endpoint_once_it_is_there() -> None:
    first = planned(situation(EMPTY))
    item = _only(first)
    assert isinstance(item, GroupItem)
    assert (item.action, item.name) == ("create", GROUP)
    assert item.ingress == ("tcp 443-443 10.0.0.0/16",)

    seen, outcomes = carried_out(EMPTY, first.items)
    second = _only(planned(situation(seen, outcomes=outcomes), round_number=2))
    assert isinstance(second, EndpointItem)
    assert (second.action, second.service_name, second.private_dns) == ("create", LOGS, True)
    assert second.add_subnet_ids == ("subnet-1", "subnet-2", "subnet-3")
    assert second.group_ids == (outcomes[0].item.resource_id,)

    seen, outcomes = carried_out(seen, [second])
    assert not planned(situation(seen, outcomes=outcomes), round_number=3).items


def test_what_is_as_wanted_stays() -> None:
    plan = planned(situation(SERVED))
    assert not plan.items and not plan.findings
    assert plan.left == {"as wanted": 1}


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        (replace(EMPTY, vpcs=(vpc(owner=OTHERS),)), "shared by another account"),
        (replace(EMPTY, vpcs=(vpc(state="deleting"),)), "VPC being deleted"),
        (
            replace(EMPTY, vpcs=(vpc(tags={"network": "private", "endpoint-autopilot": "off"}),)),
            "VPC opted out by tag",
        ),
    ],
)
def test_leaves_a_vpc_that_is_none_of_our_business(seen: Facts, left: str) -> None:
    plan = planned(situation(seen))
    assert not plan.items and plan.left == {left: 1}


def test_a_vpc_without_the_tags_gets_none() -> None:
    assert not planned(situation(facts(vpc(tags={}), *SUBNETS, offer()))).items


def test_a_withdrawn_vpc_is_left_alone_endpoints_and_all() -> None:
    drifted = facts(vpc(), *SUBNETS, offer(), group(ingress=frozenset()), endpoint(group_ids=()))
    plan = planned(situation(drifted, withdrawn=frozenset({"vpc-1"})))
    assert not plan.items and plan.left == {"withdrawn": 1}


def test_a_withdrawn_subnet_is_not_put_back() -> None:
    seen = facts(vpc(), *SUBNETS, offer(), group(), endpoint(subnet_ids=("subnet-1", "subnet-2")))
    assert _only(planned(situation(seen))).add_subnet_ids == ("subnet-3",)
    assert not planned(situation(seen, withdrawn=frozenset({"subnet-3"}))).items


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({"subnet_ids": ("subnet-1",)}, {"add_subnet_ids": ("subnet-2", "subnet-3")}),
        ({"group_ids": ("sg-theirs",)}, {"group_ids": ("sg-1",)}),
        ({"group_ids": ("sg-1", "sg-theirs")}, {"group_ids": ("sg-1",)}),
        ({"private_dns": False}, {"private_dns": True}),
        ({"policy": DENY}, {"set_policy": True}),
    ],
)
def test_our_endpoint_is_put_right(changed: dict[str, Any], asked: dict[str, Any]) -> None:
    seen = facts(vpc(), *SUBNETS, offer(), group(), endpoint(**changed))
    item = _only(planned(situation(seen)))
    assert (item.action, item.endpoint_id, item.cause) == ("modify", "vpce-1", "drift")
    wanted = {"add_subnet_ids": (), "group_ids": (), "private_dns": None, "set_policy": False}
    assert {name: getattr(item, name) for name in wanted} == {**wanted, **asked}


def test_a_change_of_the_profile_is_carried_over() -> None:
    wanted = policy(
        profile(
            subnet_tags={"Name": "private-1"},
            private_dns=False,
            endpoint_policy="org",
            ports=(8443,),
        ),
        endpoint_policies={"org": DENY},
    )
    rules, change = planned(situation(SERVED, wanted)).items
    assert isinstance(rules, GroupItem) and isinstance(change, EndpointItem)
    assert rules.ingress == ("tcp 8443-8443 10.0.0.0/16",)
    assert change.remove_subnet_ids == ("subnet-2", "subnet-3")
    assert (change.private_dns, change.set_policy, change.endpoint_policy) == (False, True, "org")


def test_a_new_block_of_the_vpc_is_let_in() -> None:
    seen = replace(SERVED, vpcs=(vpc(cidrs=("10.0.0.0/16", "10.1.0.0/16")),))
    item = _only(planned(situation(seen)))
    assert item.ingress == ("tcp 443-443 10.0.0.0/16", "tcp 443-443 10.1.0.0/16")


def test_a_rule_added_by_hand_and_the_default_egress_are_taken_away() -> None:
    more = frozenset({"tcp 443-443 10.0.0.0/16", "tcp 22-22 0.0.0.0/0"})
    seen = replace(SERVED, groups=(group(ingress=more, egress=frozenset({"-1 -1--1 0.0.0.0/0"})),))
    item = _only(planned(situation(seen)))
    assert item.action == "modify"
    assert item.ingress == ("tcp 443-443 10.0.0.0/16",)


def test_a_policy_is_left_out_where_the_service_takes_none() -> None:
    wanted = policy(profile(endpoint_policy="org"), endpoint_policies={"org": DENY})
    assert not planned(situation(replace(SERVED, offers={LOGS: offer(policy=False)}), wanted)).items


def test_an_endpoint_of_others_serves_the_vpc() -> None:
    for theirs in (endpoint("vpce-9", tags={}), endpoint("vpce-9", requester_managed=True)):
        plan = planned(situation(facts(vpc(), *SUBNETS, offer(), theirs)))
        assert not plan.items
        (finding,) = plan.findings
        assert (finding.kind, finding.severity) == ("ServedByOthers", "info")
        assert finding.data["endpoint_ids"] == ["vpce-9"]


def test_an_endpoint_of_others_may_let_through_what_the_profile_does_not() -> None:
    named = policy(profile(endpoint_policy="deny"), endpoint_policies={"deny": DENY})
    for wanted, takes, borne, differs in (
        (named, True, "", ["vpce-9"]),
        (named, True, FULL_ACCESS, ["vpce-9"]),
        (named, True, DENY, []),
        (named, False, "", []),
        (policy(), True, DENY, []),
    ):
        theirs = endpoint("vpce-9", tags={}, policy=borne)
        seen = facts(vpc(), *SUBNETS, offer(policy=takes), theirs)
        plan = planned(situation(seen, wanted))
        (finding,) = plan.findings
        assert not plan.items
        assert finding.data["other_policy"] == differs


def test_an_endpoint_of_ours_that_failed_is_told_and_not_doubled() -> None:
    plan = planned(situation(facts(vpc(), *SUBNETS, offer(), endpoint(state="rejected"))))
    assert not plan.items and _kinds(plan) == ["InterfaceEndpointFailed"]


def test_waits_for_one_that_is_being_deleted() -> None:
    plan = planned(situation(facts(vpc(), *SUBNETS, offer(), endpoint(state="deleting"))))
    assert not plan.items and plan.left == {"waiting for one to be gone": 1}


YOUNGER = endpoint("vpce-0", created="2026-11-02T00:00:00+00:00")


@pytest.mark.parametrize(
    ("younger", "older", "goes"),
    [
        ({}, {}, "vpce-0"),
        ({"private_dns": False}, {}, "vpce-0"),
        ({}, {"private_dns": False}, "vpce-1"),
        ({"state": "pending"}, {}, None),
        ({}, {"state": "pending"}, None),
        ({"state": "pendingAcceptance"}, {"state": "pending"}, None),
    ],
)
def test_of_two_of_ours_the_one_that_serves_stays(
    younger: dict[str, Any], older: dict[str, Any], goes: str | None
) -> None:
    both = replace(YOUNGER, **younger), replace(endpoint(), **older)
    plan = planned(situation(facts(vpc(), *SUBNETS, offer(), group(), *both)))
    deleted = [
        i.endpoint_id for i in plan.items if isinstance(i, EndpointItem) and i.action == "delete"
    ]
    assert deleted == ([goes] if goes else [])


@pytest.mark.parametrize(
    ("round_number", "waits", "mode", "seconds"),
    [
        (1, 0, "enforce", 20),
        (3, 10, "enforce", 20),
        (3, 11, "enforce", 60),
        (1, LAST_ROUND - 2, "enforce", 60),
        (1, LAST_ROUND - 1, "enforce", 0),
        (LAST_ROUND, 0, "enforce", 0),
        (1, 0, "audit", 0),
    ],
)
def test_looks_again_until_it_is_gone_whoever_deletes_it(
    round_number: int, waits: int, mode: Any, seconds: int
) -> None:
    seen = facts(vpc(), *SUBNETS, offer(), endpoint(state="deleting"))
    now = situation(seen, policy(mode=mode))
    plan = planned(now, round_number=round_number, waits=waits)
    assert (plan.look_again, plan.findings) == (seconds, ())


def test_an_endpoint_that_is_there_in_part_serves() -> None:
    plan = planned(situation(facts(vpc(), *SUBNETS, offer(), group(), endpoint(state="partial"))))
    assert not plan.items and plan.left == {"as wanted": 1}


def test_of_two_of_ours_the_older_stays() -> None:
    younger = endpoint("vpce-0", created="2026-11-02T00:00:00+00:00")
    item = _only(planned(situation(facts(vpc(), *SUBNETS, offer(), group(), younger, endpoint()))))
    assert (item.action, item.endpoint_id, item.cause) == ("delete", "vpce-0", "duplicate")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (facts(vpc(), *SUBNETS), "not offered"),
        (facts(vpc(), offer()), "no subnet"),
        (facts(vpc(), *SUBNETS, offer(zone_ids=frozenset({"use1-az6"}))), "no subnet"),
        (facts(vpc(), subnet(1, tags={"Name": "public"}), offer()), "no subnet"),
    ],
)
def test_tells_why_a_vpc_goes_without(seen: Facts, why: str) -> None:
    plan = planned(situation(seen))
    assert not plan.items
    (finding,) = plan.findings
    assert (finding.kind, finding.data["why"]) == ("InterfaceNotPossible", why)


def test_only_zones_of_the_service_by_id() -> None:
    seen = facts(vpc(), *SUBNETS, offer(zone_ids=frozenset({"use1-az2"})), group())
    assert _only(planned(situation(seen))).add_subnet_ids == ("subnet-2",)


class TestPrivateDns:
    """On, if it can be; else the endpoint is made without and ops hear why."""

    @pytest.mark.parametrize(
        ("changed", "offered", "why"),
        [
            ({"dns": {"vpc-1": OFF}}, {}, "VPC attributes"),
            ({"dns": {"vpc-1": DnsAttributes(False, True)}}, {}, "VPC attributes"),
            ({}, {"verified": False}, "name not verified"),
        ],
    )
    def test_off_and_told(self, changed: Any, offered: Any, why: str) -> None:
        seen = facts(vpc(), *SUBNETS, offer(**offered), group(), **changed)
        plan = planned(situation(seen))
        assert _only(plan).private_dns is False
        (finding,) = plan.findings
        assert (finding.kind, finding.data["why"]) == ("PrivateDnsOff", why)

    @pytest.mark.parametrize("serves", [True, False])
    def test_ops_hear_whether_the_endpoint_serves_without_it(self, serves: bool) -> None:
        there = [endpoint(private_dns=False)] if serves else []
        seen = facts(vpc(), *SUBNETS, offer(), group(), *there, dns={"vpc-1": OFF})

        (finding,) = planned(situation(seen)).findings
        words = CATALOG[finding.kind].notice("opened", [finding], place()).title
        assert finding.data["serves"] is serves
        assert words.endswith("; it serves" if serves else "; it doesn't serve yet")
        earlier = replace(finding, data={**finding.data, "serves": None})
        assert CATALOG[finding.kind].notice("opened", [earlier], place()).title.endswith("in vpc-1")

    def test_a_service_that_requires_acceptance_gets_it_once_available(self) -> None:
        own: dict[str, Any] = {"service_name": OWN, "private_dns": False, "policy": ""}
        wanted = policy(profile(services=(OWN,)))
        offered = offer(OWN, acceptance=True, policy=False)
        seen = facts(vpc(), *SUBNETS, offered, group())
        assert _only(planned(situation(seen, wanted))).private_dns is False
        waiting = replace(seen, endpoints=(endpoint(state="pendingAcceptance", **own),))
        assert not planned(situation(waiting, wanted)).items
        accepted = replace(seen, endpoints=(endpoint(**own),))
        assert _only(planned(situation(accepted, wanted))).private_dns is True

    def test_a_service_without_a_private_name_needs_none(self) -> None:
        seen = replace(SERVED, offers={LOGS: offer(private_dns=False)})
        seen = replace(seen, endpoints=(endpoint(private_dns=False),))
        plan = planned(situation(seen))
        assert not plan.items and not plan.findings

    def test_refused_by_aws_it_is_made_without_and_told_in_aws_words(self) -> None:
        seen = facts(vpc(), *SUBNETS, offer(), group())
        item = _only(planned(situation(seen)))
        outcomes = (stale(item, "PrivateDnsRefused", "a conflicting DNS domain"),)
        plan = planned(situation(seen, outcomes=outcomes), round_number=2)
        assert _only(plan).private_dns is False
        (finding,) = plan.findings
        assert finding.data["why"] == "refused"
        assert "conflicting" in finding.data["message"]

    def test_attributes_are_asked_for_only_where_they_decide(self) -> None:
        assert desired_in(situation(EMPTY)).vpcs_to_probe == ("vpc-1",)
        assert desired_in(situation(SERVED)).vpcs_to_probe == ()
        theirs = facts(vpc(), *SUBNETS, offer(), endpoint(tags={}))
        assert desired_in(situation(theirs)).vpcs_to_probe == ()
        assert desired_in(situation(EMPTY, policy(profile(private_dns=False)))).vpcs_to_probe == ()


class TestUnwanted:
    """What no profile wants: ops are told; `now` deletes at the next sweep after that."""

    KMS_TOO = facts(
        vpc(), *SUBNETS, offer(), group(), endpoint(), endpoint("vpce-2", service_name=KMS)
    )
    TOLD = frozenset({"InterfaceUnwanted/vpc-1/kms/vpce-2"})

    @pytest.mark.parametrize(
        ("retire", "told", "scheduled", "deletes"),
        [
            ("report", TOLD, True, False),
            ("now", frozenset[str](), True, False),
            ("now", TOLD, False, False),
            ("now", TOLD, True, True),
        ],
    )
    def test_when_it_goes(
        self, retire: Any, told: frozenset[str], scheduled: bool, deletes: bool
    ) -> None:
        wanted = policy(retire_interfaces=retire)
        plan = planned(
            situation(self.KMS_TOO, wanted, told=told, trigger="sweep" if scheduled else "event")
        )
        assert [i.action for i in plan.items] == (["delete"] if deletes else [])
        assert _kinds(plan) == ["InterfaceUnwanted"]

    def test_endpoints_of_others_are_none_of_ours(self) -> None:
        theirs = endpoint("vpce-2", service_name=KMS, tags={})
        plan = planned(situation(facts(vpc(), *SUBNETS, offer(), group(), endpoint(), theirs)))
        assert not plan.items and not plan.findings

    def test_the_group_goes_when_nothing_bears_it(self) -> None:
        bare = vpc(tags={})
        held = facts(bare, group(), endpoint(state="deleting"))
        plan = planned(situation(held))
        assert not plan.items and plan.look_again, "an endpoint on its way out bears it"
        item = _only(planned(situation(facts(bare, group()))))
        assert (item.kind, item.action, item.group_id) == ("group", "delete", "sg-1")


class TestRegions:
    """An endpoint to the same service in another Region is none to this one."""

    IAM = "com.amazonaws.iam"
    WANTED = policy(profile(services=("iam",), private_dns=False))
    OFFERED = offer(IAM, region="us-west-2", zone_ids=None)

    def _endpoint(self, region: str, **changes: Any) -> Any:
        named = {"service_name": self.IAM, "service_region": region, "private_dns": False}
        return endpoint("vpce-9", **{**named, **changes})

    def _plan(self, *things: Any, wanted: Any = None) -> InterfacePlan:
        seen = facts(vpc(), *SUBNETS, group(), *things)
        return planned(situation(seen, wanted or self.WANTED))

    def test_somebodys_to_another_region_does_not_serve_ours(self) -> None:
        item = _only(self._plan(self.OFFERED, self._endpoint("us-east-1", tags={})))
        assert (item.action, item.service_region) == ("create", "us-west-2")
        there = self._plan(self.OFFERED, self._endpoint("us-west-2", tags={}))
        assert (there.items, _kinds(there)) == ((), ["ServedByOthers"])

    def test_ours_to_another_region_is_not_wanted_and_not_taken_for_it(self) -> None:
        plan = self._plan(self.OFFERED, self._endpoint("us-east-1"))
        assert (_only(plan).action, _kinds(plan)) == ("create", ["InterfaceUnwanted"])

    @pytest.mark.parametrize("region", ["", "us-east-1"])
    def test_ours_stays_wanted_while_nobody_offers_it(self, region: str) -> None:
        """Else one bad answer would have `retire: now` delete what serves."""
        plan = self._plan(self._endpoint(region))
        assert (plan.items, _kinds(plan)) == ((), ["InterfaceNotPossible"])

    def test_the_written_region_counts_while_nobody_offers_it(self) -> None:
        wanted = policy(
            profile(services=("iam",), private_dns=False, service_regions={"iam": "us-west-2"})
        )
        kept = self._plan(self._endpoint("us-west-2"), wanted=wanted)
        assert _kinds(kept) == ["InterfaceNotPossible"]
        other = self._plan(self._endpoint("us-east-1"), wanted=wanted)
        assert "InterfaceUnwanted" in _kinds(other)


class TestParameters:
    """The DNS names of endpoints to private services, where apps look for them."""

    WANTED = policy(profile(services=(OWN,), private_dns=False))
    ROOT = f"/endpoint-autopilot/vpc-1/{SERVICE}/dns"
    ENDPOINT = endpoint(
        "vpce-0a",
        service_name=OWN,
        private_dns=False,
        subnet_ids=("subnet-1", "subnet-2"),
        dns_names=(
            "vpce-0a-x1.vpce-svc-0123456789abcdef0.us-east-1.vpce.amazonaws.com",
            "vpce-0a-x1-us-east-1a.vpce-svc-0123456789abcdef0.us-east-1.vpce.amazonaws.com",
            "vpce-0a-x1-us-east-1b.vpce-svc-0123456789abcdef0.us-east-1.vpce.amazonaws.com",
            "billing.example.com",
        ),
    )
    SEEN = facts(
        vpc(), subnet(1), subnet(2), offer(OWN, policy=False, private_dns=False), group(), ENDPOINT
    )
    TRUE: ClassVar = {
        ROOT: ENDPOINT.dns_names[0],
        f"{ROOT}/use1-az1": ENDPOINT.dns_names[1],
        f"{ROOT}/use1-az2": ENDPOINT.dns_names[2],
    }

    def test_regional_and_zonal_names_by_zone_id(self) -> None:
        item = _only(planned(situation(self.SEEN, self.WANTED)))
        assert isinstance(item, ParameterItem)
        assert item.put == self.TRUE and not item.delete

    def test_true_ones_stay_and_false_ones_are_put_right(self) -> None:
        assert not planned(situation(replace(self.SEEN, parameters=self.TRUE), self.WANTED)).items
        false = {**self.TRUE, self.ROOT: "elsewhere", f"{self.ROOT}/use1-az9": "nowhere"}
        now = situation(replace(self.SEEN, parameters=false), self.WANTED)
        item = _only(planned(now))
        assert item.put == {self.ROOT: self.TRUE[self.ROOT]}
        assert item.delete == (f"{self.ROOT}/use1-az9",)
        probed = desired_in(now).parameters_to_probe
        assert probed == (self.ROOT, f"{self.ROOT}/use1-az9")

    @pytest.mark.parametrize("state", ["deleting", "rejected", "expired", "failed"])
    def test_they_go_with_the_endpoint(self, state: str) -> None:
        over = replace(self.SEEN, endpoints=(replace(self.ENDPOINT, state=state),))
        now = situation(replace(over, parameters=self.TRUE), self.WANTED)
        (item,) = [i for i in planned(now).items if isinstance(i, ParameterItem)]
        assert set(item.delete) == set(self.TRUE) and item.action == "delete"

    def test_they_stay_while_it_is_on_its_way(self) -> None:
        coming = replace(self.SEEN, endpoints=(replace(self.ENDPOINT, state="pending"),))
        now = situation(replace(coming, parameters=self.TRUE), self.WANTED)
        assert not planned(now).items

    def test_those_of_a_vpc_that_is_gone_go_if_the_look_was_for_it(self) -> None:
        left = facts(parameters=self.TRUE)
        assert set(_only(planned(situation(left))).delete) == set(self.TRUE)
        elsewhere = replace(left, looked_at=("vpc-2",))
        assert not planned(situation(elsewhere)).items

    def test_what_others_put_there_is_told_and_left(self) -> None:
        false = {self.ROOT: "elsewhere", f"{self.ROOT}/use1-az9": "nowhere"}
        seen = replace(self.SEEN, parameters=false, foreign=frozenset(false))
        plan = planned(situation(seen, self.WANTED))
        assert self.ROOT not in _only(plan).put and not _only(plan).delete
        (finding,) = plan.findings
        assert (finding.kind, finding.data["names"]) == ("ParameterNotOurs", [self.ROOT])

    def test_other_names_under_our_path_are_none_of_ours(self) -> None:
        odd = {"/endpoint-autopilot/settings": "x", f"{self.ROOT}/a/b": "y"}
        assert not planned(situation(facts(parameters=odd))).items


class TestQuota:
    """Fifty interface endpoints a VPC, anybody's."""

    def test_what_does_not_fit_is_told_and_left(self) -> None:
        others = [
            endpoint(f"vpce-{n}", service_name=f"x{n}", tags={}, group_ids=()) for n in range(50)
        ]
        plan = planned(situation(facts(vpc(), *SUBNETS, offer(), group(), *others)))
        assert not plan.items and plan.left["quota reached"] == 1
        (finding,) = plan.findings
        assert finding.kind == "InterfaceQuotaReached"
        assert finding.data["left_undone"] == ["vpc-1/logs"]

    def test_nearly_full_is_told_and_a_raised_one_is_roomy(self) -> None:
        others = [
            endpoint(f"vpce-{n}", service_name=f"x{n}", tags={}, group_ids=()) for n in range(39)
        ]
        now = situation(facts(vpc(), *SUBNETS, offer(), group(), *others))
        assert _kinds(planned(now)) == ["InterfaceQuotaNear"]
        assert not _kinds(planned(now, limit=Limit(100)))


def test_audit_announces_all_and_changes_nothing() -> None:
    plan = planned(situation(EMPTY, policy(mode="audit")))
    assert not plan.items
    assert [f.subject for f in plan.findings] == ["vpc-1/group/workloads", "vpc-1/logs"]
    assert set(_kinds(plan)) == {"PlannedInterfaceChange"}


def test_audit_announces_also_what_only_waits_for_its_group() -> None:
    there = facts(vpc(), subnet(1), subnet(2), endpoint(group_ids=("sg-9",)), offer())
    plan = planned(situation(there, policy(mode="audit")))
    told = {each.subject: each.data["reason"] for each in plan.findings}
    assert told["vpc-1/logs"] == ("our endpoint differs from profile workloads: its security group")
    (item,) = planned(situation(there, policy())).items
    assert item.kind == "group", "nothing is changed until it is there"


def test_the_first_profile_has_a_service_that_two_want() -> None:
    two = policy(profile(), profile(name="others", services=("logs", "kms")))
    seen = facts(vpc(), *SUBNETS, offer(), offer(KMS))
    _, outcomes = carried_out(seen, planned(situation(seen, two)).items)
    seen, _ = carried_out(seen, planned(situation(seen, two)).items)
    made = planned(situation(seen, two, outcomes=outcomes), round_number=2).items
    endpoints = [i for i in made if isinstance(i, EndpointItem)]
    assert [(i.profile, i.service) for i in endpoints] == [("workloads", "logs"), ("others", "kms")]


class TestTokens:
    """Whoever makes the endpoint within the hour makes the same one."""

    SEEN = facts(vpc(), *SUBNETS, offer(), group())

    def _token(self, **changes: Any) -> str:
        return str(_only(planned(situation(self.SEEN, **changes))).token)

    def test_the_same_for_two_executions_whatever_the_subnets(self) -> None:
        fewer = replace(self.SEEN, subnets=SUBNETS[:2])
        assert self._token() == _only(planned(situation(fewer))).token

    def test_another_one_after_a_deletion_a_failed_try_or_an_hour(self) -> None:
        item = _only(planned(situation(self.SEEN)))
        tried = (stale(item, "NotFound", "gone"),)
        tokens = {
            self._token(),
            self._token(expect=("gone/vpce-1",)),
            self._token(hour="2026-11-24T13"),
            self._token(outcomes=tried),
        }
        assert len(tokens) == 4


class TestRounds:
    """An execution ends, whatever happens."""

    SEEN = facts(vpc(), *SUBNETS, offer(), group())

    def test_what_failed_is_not_tried_again_here(self) -> None:
        item = _only(planned(situation(self.SEEN)))
        outcomes = (failed(item, "AccessDenied", "no"),)
        assert not planned(situation(self.SEEN, outcomes=outcomes), round_number=2).items

    def test_what_was_done_and_does_not_show_is_not_done_again(self) -> None:
        item = _only(planned(situation(self.SEEN)))
        outcomes = (done(item, "vpce-1"),)
        assert not planned(situation(self.SEEN, outcomes=outcomes), round_number=2).items

    def test_what_stays_stale_is_given_up_and_told(self) -> None:
        item = _only(planned(situation(self.SEEN)))
        outcomes: tuple[InterfaceOutcome, ...] = (stale(item, "NotFound", "gone"),) * MOST_TRIES
        plan = planned(situation(self.SEEN, outcomes=outcomes), round_number=5)
        assert not plan.items and _kinds(plan) == ["InterfaceChangeFailed"]

    def test_a_group_that_is_still_in_use_is_no_failure(self) -> None:
        left = facts(vpc(tags={}), group())
        item = _only(planned(situation(left)))
        outcomes = (stale(item, "InUse", "dependent"),) * MOST_TRIES
        plan = planned(situation(left, outcomes=outcomes), round_number=5)
        assert not plan.items and not plan.findings

    def test_a_large_plan_goes_on_in_another_execution(self) -> None:
        seen = facts(*[vpc(f"vpc-{n}") for n in range(MOST_ITEMS + 20)], offer(), looked_at="all")
        lots = replace(
            seen,
            subnets=tuple(
                replace(SUBNETS[0], id=f"subnet-{n}", vpc_id=f"vpc-{n}")
                for n in range(MOST_ITEMS + 20)
            ),
        )
        plan = planned(situation(lots))
        assert (len(plan.items), plan.more) == (MOST_ITEMS, 20)
        outcomes = tuple(done(item, "sg-1") for item in plan.items) * 2
        assert len(outcomes) == MOST_OUTCOMES
        last = planned(situation(lots, outcomes=outcomes), round_number=3)
        assert (len(last.items), last.more) == (0, 20)
        assert len(json.dumps(encode(plan))) < 120_000

    def test_nothing_done_starts_no_chain(self) -> None:
        plan = planned(situation(self.SEEN))
        outcomes = tuple(failed(plan.items[0], "AccessDenied", "no") for _ in range(MOST_OUTCOMES))
        other = replace(self.SEEN, offers={KMS: offer(KMS)})
        wanted = policy(profile(services=("kms",)))
        assert planned(situation(other, wanted, outcomes=outcomes), round_number=2).more == 0

    @pytest.mark.parametrize(
        ("state", "touched", "round_number", "waits"),
        [
            ("pendingAcceptance", True, 2, True),
            ("pendingAcceptance", False, 1, False),
            ("pendingAcceptance", True, LAST_ROUND, False),
            ("available", True, 2, False),
        ],
    )
    def test_waits_a_while_for_what_it_has_just_made(
        self, state: str, touched: bool, round_number: int, waits: bool
    ) -> None:
        wanted = policy(profile(services=(OWN,), private_dns=False))
        seen = facts(vpc(), *SUBNETS, offer(OWN, policy=False, private_dns=False), group())
        item = _only(planned(situation(seen, wanted)))
        outcomes = (done(item, "vpce-1"),) if touched else ()
        one = endpoint(state=state, service_name=OWN, private_dns=False)
        there = replace(seen, endpoints=(one,))
        plan = planned(situation(there, wanted, outcomes=outcomes), round_number=round_number)
        assert bool(plan.look_again) is waits


def test_plans_items_and_outcomes_survive_json() -> None:
    now = situation(replace(EMPTY, endpoints=(endpoint("vpce-3", service_name=KMS, tags=OURS),)))
    for plan in (planned(now), planned(situation(SERVED)), planned(situation(TestParameters.SEEN))):
        assert decode(InterfacePlan, json.loads(json.dumps(encode(plan)))) == plan
        for item in plan.items:
            made = done(item, "x")
            assert decode(InterfaceOutcome, encode(made)) == made
            raw = {**encode(item), "result": "failed", "error": "E", "message": "m"}
            assert decode(InterfaceOutcome, raw) == failed(item, "E", "m")
