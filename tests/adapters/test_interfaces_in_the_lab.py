"""The interfaces workflow's steps on a running lab's EC2: stories, replays, crashes."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from autopilot.aws import interface_endpoints, interface_survey, parameters
from autopilot.aws.errors import NotFound, NotOurs
from autopilot.interfaces.plan import EndpointItem, ParameterItem
from autopilot.notify.ledger import Key, Row
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import ALL_INTERFACES

from tests.adapters.interface_machine import (
    STACK,
    TAGS,
    Crash,
    Machine,
    Stage,
    calls,
    machine,
    profile,
)
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import HERE, THERE, Provider, Side
from tests.lab.ec2.sdk import OTHER, Sdk

# pytest finds fixtures by their names.
sdk, balancing, service, far = lab.sdk, lab.balancing, lab.service, lab.far
provider, consumer = lab.provider, lab.consumer

OWNER_TAG = {"Key": "endpoint-autopilot:owner", "Value": STACK}
DENY = json.dumps(
    {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}
)


@pytest.fixture
def stage(context: Any, sdk: Sdk, consumer: Side, monkeypatch: pytest.MonkeyPatch) -> Stage:
    consumer.sdk.create_tags(Resources=[consumer.vpc], Tags=TAGS)
    policy = Policy(interface_endpoints=(profile(),), endpoint_policies={"deny": DENY})
    made = machine(context, sdk, monkeypatch, policy)
    sdk.lab.clear_calls()
    return Stage(consumer, made)


def test_a_tagged_vpc_gets_its_endpoint_with_443_from_the_vpc_only(stage: Stage, sdk: Sdk) -> None:
    outcomes = stage.machine.run()

    assert [o["result"] for o in outcomes] == ["done", "done"]
    made, (group,) = stage.endpoint(), stage.groups()
    assert made["ServiceName"] == "com.amazonaws.us-east-1.logs"
    assert made["PrivateDnsEnabled"] and OWNER_TAG in made["Tags"]
    assert sorted(made["SubnetIds"]) == sorted(stage.side.subnets.values())
    assert [g["GroupId"] for g in made["Groups"]] == [group["GroupId"]]
    (ingress,) = group["IpPermissions"]
    assert (ingress["FromPort"], ingress["ToPort"], ingress["IpProtocol"]) == (443, 443, "tcp")
    assert [each["CidrIp"] for each in ingress["IpRanges"]] == ["10.30.0.0/16"]
    assert not group["IpPermissionsEgress"] and OWNER_TAG in group["Tags"]

    sdk.lab.clear_calls()
    assert not stage.machine.run(), "a second look changes nothing"
    assert sorted(calls(sdk)) == [
        "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcEndpointServices",
        "DescribeVpcEndpoints", "DescribeVpcs",
    ]  # fmt: skip


def test_a_plan_carries_the_vpcs_name_for_what_ops_are_told(stage: Stage) -> None:
    called = [{"Key": "Name", "Value": "payments"}]
    stage.sdk.create_tags(Resources=[stage.side.vpc], Tags=called)
    stage.machine.run()

    assert stage.machine.last["names"][stage.side.vpc] == "payments"
    assert stage.endpoint()["VpcEndpointId"] not in stage.machine.last["names"], "ours says nothing"


def test_a_policy_is_written_and_drift_put_right(stage: Stage) -> None:
    stage.machine.policy = Policy(
        interface_endpoints=(profile(endpoint_policy="deny"),), endpoint_policies={"deny": DENY}
    )
    stage.machine.run()
    assert json.loads(stage.endpoint()["PolicyDocument"]) == json.loads(DENY)

    stage.sdk.modify_vpc_endpoint(VpcEndpointId=stage.endpoint()["VpcEndpointId"], ResetPolicy=True)
    stage.machine.run()
    assert json.loads(stage.endpoint()["PolicyDocument"]) == json.loads(DENY)

    stage.machine.policy = Policy(interface_endpoints=(profile(),))
    stage.machine.run()
    assert "Allow" in stage.endpoint()["PolicyDocument"]


def test_a_new_subnet_in_a_new_zone_joins(stage: Stage) -> None:
    last = stage.side.subnets.popitem()[1]
    zone = stage.sdk.describe_subnets(SubnetIds=[last])["Subnets"][0]["AvailabilityZoneId"]
    stage.sdk.delete_subnet(SubnetId=last)
    stage.machine.run()
    new = stage.sdk.create_subnet(
        VpcId=stage.side.vpc, CidrBlock="10.30.9.0/24", AvailabilityZoneId=zone
    )["Subnet"]["SubnetId"]
    stage.machine.run("event", {"vpc_ids": [stage.side.vpc]}, expect=[new])
    assert sorted(stage.endpoint()["SubnetIds"]) == sorted([*stage.side.subnets.values(), new])


def test_rules_that_somebody_changed_come_back(stage: Stage) -> None:
    stage.machine.run()
    group = stage.groups()[0]["GroupId"]
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }
    stage.sdk.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    stage.sdk.authorize_security_group_egress(GroupId=group, IpPermissions=[rule])
    stage.machine.run("event", {"group_ids": [group]})
    (shown,) = stage.groups()
    assert [p["FromPort"] for p in shown["IpPermissions"]] == [443]
    assert not shown["IpPermissionsEgress"]


def test_private_dns_waits_for_the_vpcs_attributes(stage: Stage) -> None:
    vpc = stage.side.vpc
    stage.sdk.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    stage.machine.run()
    assert not stage.endpoint()["PrivateDnsEnabled"]
    assert stage.machine.kinds() == ["PrivateDnsOff"]

    stage.sdk.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    stage.machine.run("event", {"vpc_ids": [vpc]})
    assert stage.endpoint()["PrivateDnsEnabled"] and not stage.machine.kinds()


def test_what_aws_refuses_of_private_dns_is_told_and_the_endpoint_made(stage: Stage) -> None:
    words = "private-dns-enabled cannot be set because there is already a conflicting DNS domain"
    stage.machine.sdk.lab.fault("CreateVpcEndpoint", error="InvalidParameter", message=words)
    stage.machine.run()
    assert not stage.endpoint()["PrivateDnsEnabled"]
    (finding,) = stage.machine.last["findings"]
    assert finding["kind"] == "PrivateDnsOff" and finding["data"]["why"] == "refused"


def test_an_endpoint_of_others_is_left_to_them(stage: Stage) -> None:
    theirs = stage.side.endpoint("com.amazonaws.us-east-1.logs", HERE)
    stage.machine.run()
    assert stage.endpoint()["VpcEndpointId"] == theirs["VpcEndpointId"]
    assert stage.machine.kinds() == ["ServedByOthers"] and not stage.groups()


def test_a_group_of_others_under_our_name_is_left_and_told(stage: Stage) -> None:
    name = f"endpoint-autopilot {STACK} workloads"
    stage.sdk.create_security_group(VpcId=stage.side.vpc, GroupName=name, Description="theirs")
    (outcome,) = stage.machine.run()
    assert (outcome["result"], outcome["error"]) == ("failed", "NotOurs")
    assert not stage.endpoints()
    assert stage.groups()[0]["IpPermissionsEgress"], "untouched"


def test_what_no_profile_wants_is_told_then_deleted_group_and_all(stage: Stage) -> None:
    stage.machine.run()
    stage.machine.policy = Policy(interface_endpoints=(), retire_interfaces="now")
    stage.machine.run()
    (finding,) = stage.machine.last["findings"]
    assert finding["kind"] == "InterfaceUnwanted" and stage.endpoints()

    key = Key("finding", finding["id"])
    stage.machine.ledger.table[key] = Row(key, 2, True, "one", "2026-11-25T00:00:00+00:00")
    stage.machine.run("event")
    assert stage.endpoints(), "an event deletes nothing"
    stage.machine.run()
    assert not stage.endpoints() and not stage.groups()


def test_what_is_withdrawn_is_not_put_back(stage: Stage) -> None:
    stage.machine.run()
    subnet = stage.side.subnets[HERE]
    stage.sdk.modify_vpc_endpoint(
        VpcEndpointId=stage.endpoint()["VpcEndpointId"], RemoveSubnetIds=[subnet]
    )
    key = Key("withdrawn", subnet)
    body = {"until": "2999-01-01T00:00:00+00:00"}
    stage.machine.ledger.table[key] = Row(key, 1, True, "one", "2026-11-25T00:00:00+00:00", body)
    assert not stage.machine.run()
    past = {"until": "2020-01-01T00:00:00+00:00"}
    stage.machine.ledger.table[key] = Row(key, 1, True, "one", "2026-11-25T00:00:00+00:00", past)
    stage.machine.run()
    assert subnet in stage.endpoint()["SubnetIds"]


class TestPrivateService:
    """An endpoint to a service in another account: its names stand where apps look for them."""

    @pytest.fixture
    def joined(self, stage: Stage, provider: Provider, service: dict[str, Any]) -> Stage:
        named = service["ServiceName"]
        stage.machine.policy = Policy(
            interface_endpoints=(profile(named, private_dns=False, ports=(80,)),)
        )
        return stage

    def _names(self, stage: Stage, service: dict[str, Any]) -> dict[str, str]:
        root = f"/endpoint-autopilot/{stage.side.vpc}/{service['ServiceId']}/dns"
        values = stage.machine.store.values
        return {name.removeprefix(root): value for name, value in values.items()}

    def test_from_request_to_names_to_deletion(
        self, joined: Stage, provider: Provider, service: dict[str, Any]
    ) -> None:
        joined.machine.run()
        assert joined.endpoint()["State"] == "pendingAcceptance"
        assert not joined.machine.store.values, "the names come once it is available"

        provider.answer("accept", service, joined.endpoint()["VpcEndpointId"])
        joined.machine.run()
        made = joined.endpoint()
        assert sorted(made["SubnetIds"]) == sorted(joined.side.subnets[z] for z in (HERE, THERE))
        names = self._names(joined, service)
        assert sorted(names) == ["", f"/{HERE}", f"/{THERE}"]
        assert set(names.values()) == {entry["DnsName"] for entry in made["DnsEntries"]}
        own = {t["endpoint-autopilot:owner"] for t in joined.machine.store.tags.values()}
        assert own == {STACK}

        joined.machine.store.values[
            f"/endpoint-autopilot/{joined.side.vpc}/{service['ServiceId']}/dns"
        ] = "elsewhere"
        joined.machine.run()
        assert self._names(joined, service) == names, "kept true"

        joined.sdk.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
        joined.machine.policy = Policy()
        joined.machine.run()
        assert not joined.machine.store.values

    def test_private_dns_is_turned_on_once_it_is_accepted(
        self, stage: Stage, provider: Provider
    ) -> None:
        made = provider.publish(PrivateDnsName="orders.example.com")
        provider.allow(made, "arn:aws:iam::222222222222:root")
        provider.sdk.start_vpc_endpoint_service_private_dns_verification(
            ServiceId=made["ServiceId"]
        )
        stage.machine.policy = Policy(interface_endpoints=(profile(made["ServiceName"]),))
        stage.machine.run()
        assert not stage.machine.kinds(), "waiting for the provider is no finding"
        provider.answer("accept", made, stage.endpoint()["VpcEndpointId"])
        stage.machine.run()
        assert stage.endpoint()["PrivateDnsEnabled"]

    def test_parameters_of_others_are_left_and_told(
        self, joined: Stage, provider: Provider, service: dict[str, Any]
    ) -> None:
        name = f"/endpoint-autopilot/{joined.side.vpc}/{service['ServiceId']}/dns"
        joined.machine.store.values[name] = "theirs"
        joined.machine.run()
        provider.answer("accept", service, joined.endpoint()["VpcEndpointId"])
        joined.machine.run()
        assert joined.machine.store.values[name] == "theirs"
        assert joined.machine.kinds() == ["ParameterNotOurs"]

    def test_a_parameter_that_vanishes_meanwhile_is_nobodys(self, joined: Stage) -> None:
        name = "/endpoint-autopilot/vpc-1/vpce-svc-1/dns"
        assert interface_survey.not_ours([name], STACK) == set()

    def test_a_service_of_another_region(
        self, context: Any, sdk: Sdk, far: Side, provider: Provider,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        made = provider.publish(SupportedRegions=["us-west-2"])
        provider.allow(made, "arn:aws:iam::222222222222:root")
        far.sdk.create_tags(Resources=[far.vpc], Tags=TAGS)
        monkeypatch.setenv("AWS_REGION", "us-west-2")
        policy = Policy(interface_endpoints=(profile(made["ServiceName"], private_dns=False),))
        remote = machine(context, sdk, monkeypatch, policy)
        remote.region = "us-west-2"
        remote.run()
        (endpoint,) = far.sdk.describe_vpc_endpoints()["VpcEndpoints"]
        assert endpoint["ServiceRegion"] == "us-east-1"
        assert len(endpoint["SubnetIds"]) == 2


class TestRegions:
    """Services of other Regions, and those that have none in their names."""

    FAR = "com.amazonaws.us-west-2.ecr.api"

    def _want(self, stage: Stage, *services: str, **changes: Any) -> None:
        wanted = profile(*services, endpoint_policy=None, **changes)
        stage.machine.policy = Policy(interface_endpoints=(wanted,), retire_interfaces="report")

    def test_a_service_of_aws_in_another_region(self, stage: Stage) -> None:
        self._want(stage, self.FAR)
        stage.machine.run()
        made = stage.endpoint()
        assert (made["ServiceName"], made["ServiceRegion"]) == (self.FAR, "us-west-2")
        assert made["PrivateDnsEnabled"]
        assert stage.machine.kinds() == []
        gone = made["SubnetIds"][0]
        stage.sdk.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], RemoveSubnetIds=[gone])
        stage.machine.run()
        assert gone in stage.endpoint()["SubnetIds"]
        assert stage.machine.run() == []

    def test_a_global_service_where_it_is_at_home(self, stage: Stage, sdk: Sdk) -> None:
        self._want(stage, "iam", "s3-global.accesspoint")
        sdk.lab.clear_calls()
        stage.machine.run()
        made = {e["ServiceName"]: e["ServiceRegion"] for e in stage.endpoints()}
        assert made == {
            "com.amazonaws.iam": "us-east-1",
            "com.amazonaws.s3-global.accesspoint": "us-east-1",
        }
        asked = sdk.lab.calls(operation="DescribeVpcEndpointServices")
        assert not [call for call in asked if call["parameters"].get("ServiceRegions")]

    def test_a_global_service_from_another_region(
        self, context: Any, sdk: Sdk, far: Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        far.sdk.create_tags(Resources=[far.vpc], Tags=TAGS)
        monkeypatch.setenv("AWS_REGION", "us-west-2")
        wanted = profile("iam", "s3-global.accesspoint", endpoint_policy=None)
        remote = machine(context, sdk, monkeypatch, Policy(interface_endpoints=(wanted,)))
        remote.region = "us-west-2"
        remote.run()
        found = far.sdk.describe_vpc_endpoints()["VpcEndpoints"]
        assert {e["ServiceName"]: e["ServiceRegion"] for e in found} == {
            "com.amazonaws.iam": "us-east-1",
            "com.amazonaws.s3-global.accesspoint": "us-west-2",
        }
        remote.run()
        assert remote.kinds() == []
        assert len(far.sdk.describe_vpc_endpoints()["VpcEndpoints"]) == 2

    def test_no_subnet_in_a_zone_without_remote_access_is_chosen(
        self, stage: Stage, sdk: Sdk
    ) -> None:
        stage.sdk.create_subnet(
            VpcId=stage.side.vpc, CidrBlock="10.30.7.0/24", AvailabilityZoneId="use1-az3"
        )
        self._want(stage, self.FAR, "logs")
        sdk.lab.clear_calls()
        stage.machine.run()
        subnets = {e["ServiceName"]: len(e["SubnetIds"]) for e in stage.endpoints()}
        assert subnets == {self.FAR: 3, "com.amazonaws.us-east-1.logs": 4}
        assert not sdk.lab.calls(error="InvalidParameter")

    def test_a_zone_that_nobody_knew_to_lack_it_is_learned_from_aws(
        self, stage: Stage, sdk: Sdk
    ) -> None:
        self._want(stage, self.FAR)
        sdk.lab.fault(
            "CreateVpcEndpoint",
            error="InvalidParameter",
            message="Only the following availability zones are supported for remote access: "
            f"{THERE}",
        )
        stage.machine.run()
        assert len(stage.endpoint()["SubnetIds"]) == 1
        assert stage.machine.kinds() == []

    def test_somebodys_endpoint_to_another_regions_service_does_not_serve_ours(
        self, stage: Stage
    ) -> None:
        theirs = stage.side.endpoint(self.FAR, HERE, ServiceRegion="us-west-2")
        self._want(stage, "ecr.api")
        stage.machine.run()
        made = {e["ServiceRegion"]: e["VpcEndpointId"] for e in stage.endpoints()}
        assert set(made) == {"us-west-2", "us-east-1"}
        assert made["us-west-2"] == theirs["VpcEndpointId"]
        assert stage.machine.kinds() == []
        # What tells them apart where both Regions call it by one name.
        us = StackIdentity(STACK, OTHER, "us-east-1")
        seen = interface_survey.survey(ALL_INTERFACES, stage.machine.policy, us).endpoints
        assert {each.service_region: each.id for each in seen} == made


def _until_served(stage: Stage, provider: Provider, service: dict[str, Any]) -> None:
    stage.machine.run()
    for endpoint in stage.endpoints():
        if endpoint["State"] == "pendingAcceptance":
            provider.answer("accept", service, endpoint["VpcEndpointId"])
    stage.machine.run()


def _exactly_one_of_each(stage: Stage, service: dict[str, Any]) -> None:
    shown = stage.endpoints()
    assert sorted(e["ServiceName"] for e in shown) == [
        "com.amazonaws.us-east-1.logs", service["ServiceName"]
    ]  # fmt: skip
    (group,) = stage.groups()
    for thing in (*shown, group):
        assert OWNER_TAG in thing["Tags"]
    assert [r["CidrIp"] for p in group["IpPermissions"] for r in p["IpRanges"]] == ["10.30.0.0/16"]
    assert not group["IpPermissionsEgress"]
    assert all([g["GroupId"] for g in e["Groups"]] == [group["GroupId"]] for e in shown)
    values, tags = stage.machine.store.values, stage.machine.store.tags
    assert len(values) == 3 and all(tags[name] for name in values)


@pytest.fixture
def whole(stage: Stage, provider: Provider, service: dict[str, Any]) -> Stage:
    both = profile("logs", service["ServiceName"], private_dns=False)
    stage.machine.policy = Policy(interface_endpoints=(both,))
    return stage


# CreateSecurityGroup, authorize, revoke, two endpoints, three parameters.
SERVING = 8


def test_the_whole_story_makes_so_many_changes(
    whole: Stage, provider: Provider, service: dict[str, Any]
) -> None:
    _until_served(whole, provider, service)
    _exactly_one_of_each(whole, service)
    assert len(whole.machine.made) == SERVING


@pytest.mark.parametrize("kind", ["before", "after", "lost"])
@pytest.mark.parametrize("number", range(SERVING))
def test_a_crash_at_any_change_leaves_one_of_each_after_a_second_run(
    whole: Stage, provider: Provider, service: dict[str, Any], kind: str, number: int
) -> None:
    whole.machine.fault = lambda made, _name: kind if made == number else "none"
    try:
        _until_served(whole, provider, service)
    except Crash:
        assert kind != "lost"
    else:
        assert kind == "lost"
    _until_served(whole, provider, service)
    _exactly_one_of_each(whole, service)
    assert not whole.machine.run(), "nothing is left to do"


# Two endpoints, the group, three parameters.
RETIRING = 6


@pytest.mark.parametrize("kind", ["before", "after", "lost"])
@pytest.mark.parametrize("number", range(RETIRING))
def test_a_crash_at_any_deletion_leaves_nothing_after_a_second_run(
    whole: Stage, provider: Provider, service: dict[str, Any], kind: str, number: int
) -> None:
    _until_served(whole, provider, service)
    whole.machine.policy = Policy(retire_interfaces="now")
    for endpoint in whole.endpoints():
        label = endpoint["ServiceName"].rpartition(".")[2]
        id_ = f"InterfaceUnwanted/{whole.side.vpc}/{label}/{endpoint['VpcEndpointId']}"
        key = Key("finding", id_)
        whole.machine.ledger.table[key] = Row(key, 2, True, "one", "2026-11-25T00:00:00+00:00")
    whole.machine.made.clear()
    whole.machine.fault = lambda made, _name: kind if made == number else "none"
    try:
        whole.machine.run()
    except Crash:
        assert kind != "lost"
    whole.machine.run()
    assert not whole.endpoints() and not whole.groups() and not whole.machine.store.values


def test_events_three_times_and_shuffled_make_no_second_of_anything(
    whole: Stage, provider: Provider, service: dict[str, Any]
) -> None:
    vpc, subnets = whole.side.vpc, list(whole.side.subnets.values())
    looks: list[Any] = [
        {"vpc_ids": [vpc]},
        *({"subnet_ids": [subnet]} for subnet in subnets),
        {"endpoint_ids": ["vpce-00000000000000001"]},
        {"group_ids": ["sg-00000000000000001"]},
    ] * 3
    random.Random(6).shuffle(looks)
    for look in looks:
        whole.machine.run("event", look)
    _until_served(whole, provider, service)
    for look in looks:
        whole.machine.run("event", look)
    _exactly_one_of_each(whole, service)


@pytest.mark.parametrize("lag", [0, 5])
@pytest.mark.parametrize("order", ["in step", *range(6)])
def test_two_executions_at_once_make_one_endpoint(
    stage: Stage, sdk: Sdk, lag: int, order: str | int
) -> None:
    """As when events come in two batches: each looks, plans and applies, step by step in turns."""
    stage.machine.policy = Policy(interface_endpoints=(profile(private_dns=False),))
    sdk.lab.world({"lag_seconds": lag})
    stage.machine.wait(60)
    outcomes: tuple[list[Any], list[Any]] = ([], [])
    taken = _interleaved(stage.machine, outcomes, order)
    if order == "in step":
        assert taken[:4] == ["look", "look", "create group", "create group"]
        assert taken[4:8] == ["look", "look", "create endpoint", "create endpoint"]
    made = {o["thing"] for each in outcomes for o in each if o["kind"] == "endpoint"}
    stage.machine.wait(10)
    assert made == {stage.endpoint()["VpcEndpointId"]} and len(stage.groups()) == 1
    assert not [each for each in taken if each.startswith("delete")]
    assert not stage.machine.run(), "nothing is left to do"


def _interleaved(
    machine: Machine, outcomes: tuple[list[Any], list[Any]], order: str | int
) -> list[str]:
    """Two executions to their ends, in turns or ("in step") one after the other; what they did."""
    running = [machine.steps(each) for each in outcomes]
    taken: list[str] = []
    turns = random.Random(order)
    while running:
        each = running[0] if order == "in step" else turns.choice(running)
        step = next(each, None)
        running.remove(each)
        if step is not None:
            running.append(each)
            taken.append(step)
    return taken


class TestRightBeforeTheCall:
    """Ownership is checked again by whoever changes something: the plan may be minutes old."""

    def _endpoint_item(self, stage: Stage, action: Any, **changes: Any) -> EndpointItem:
        made = stage.endpoint()["VpcEndpointId"]
        named: dict[str, Any] = {"service": "logs", "service_name": "x", "endpoint_id": made}
        ours: dict[str, Any] = {
            "id": "vpc-1/logs",
            "vpc_id": stage.side.vpc,
            "profile": "workloads",
        }
        why: dict[str, Any] = {"cause": "drift", "reason": "because"}
        return EndpointItem(action=action, **ours, **named, **why, **changes)

    @pytest.mark.parametrize("call", ["modify", "delete"])
    def test_an_endpoint_that_lost_our_tag_is_left(self, stage: Stage, call: str) -> None:
        stage.machine.run()
        made = stage.endpoint()["VpcEndpointId"]
        stage.sdk.delete_tags(Resources=[made], Tags=[OWNER_TAG])
        item = self._endpoint_item(stage, call, private_dns=False)
        with pytest.raises(NotOurs):
            if call == "modify":
                interface_endpoints.modify(item, STACK, None)
            else:
                interface_endpoints.delete(item, STACK)
        assert stage.endpoint()["PrivateDnsEnabled"]

    def test_an_idle_endpoint_with_private_dns_again_is_not_deleted(self, stage: Stage) -> None:
        stage.machine.run()
        item = self._endpoint_item(stage, "delete")
        with pytest.raises(NotFound, match=r"private DNS of vpce-.* is on again"):
            interface_endpoints.delete(replace(item, cause="idle"), STACK)
        assert stage.endpoint()["State"] == "available"

    def test_a_parameter_that_is_not_ours_is_neither_changed_nor_deleted(
        self, stage: Stage
    ) -> None:
        name = "/endpoint-autopilot/vpc-1/vpce-svc-1/dns"
        stage.machine.store.values[name] = "theirs"
        why: dict[str, Any] = {"vpc_id": "vpc-1", "endpoint_id": None, "reason": "because"}
        changes: tuple[dict[str, Any], ...] = ({"put": {name: "ours"}}, {"delete": (name,)})
        for change in changes:
            item = ParameterItem("vpc-1/vpce-svc-1/dns", "modify", cause="follows", **why, **change)
            with pytest.raises(NotOurs):
                parameters.apply(item, STACK)
        assert stage.machine.store.values == {name: "theirs"}

    def test_a_token_of_an_endpoint_that_is_gone_makes_another_one(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stage.machine.run()
        first = stage.endpoint()["VpcEndpointId"]
        stage.sdk.delete_vpc_endpoints(VpcEndpointIds=[first])
        # The lab's answer to a token is as old as the endpoint; the hour is still the same.
        stage.machine.wait(1)
        monkeypatch.setattr(interface_endpoints, "_FRESH", timedelta(0))
        outcomes = stage.machine.run()
        assert [o["result"] for o in outcomes] == ["stale", "done"]
        assert outcomes[0]["error"] == "NotFound"
        assert stage.endpoint()["VpcEndpointId"] != first
