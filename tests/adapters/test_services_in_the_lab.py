"""The services workflow's steps on a running lab's EC2: whole stories in AWS's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import apply_services
import plan_services
import pytest
from autopilot.aws import connection_answers, endpoint_services, pages, published_services
from autopilot.aws.errors import AwsError, NotSettledYet, NotVisibleYet
from autopilot.aws.step import identity
from autopilot.policy.model import Policy, PublishPolicy
from botocore.exceptions import ConnectTimeoutError

from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import ELSEWHERE, HERE, THERE, Provider, Side
from tests.lab.ec2.sdk import OTHER, OWNER, Sdk

# pytest finds fixtures by their names.
sdk, balancing = lab.sdk, lab.balancing
provider, consumer = lab.provider, lab.consumer

EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:services:"
TAG = {"Key": "endpoint-autopilot", "Value": "publish"}
OURS = {"Key": "endpoint-autopilot:owner", "Value": "Stack"}
ROOT = f"arn:aws:iam::{OTHER}:root"
PUBLISH = PublishPolicy(
    load_balancer_tags={"endpoint-autopilot": "publish"}, allowed_principals=(OTHER,)
)


class Crash(Exception):
    """The execution ends here."""


class Wired:
    """A client whose calls may be lost, or their answers; `faults` says which: (call, how).

    `sent` gets each call with its request.
    """

    def __init__(
        self, real: Any, faults: list[tuple[str, str]], sent: list[tuple[str, dict[str, Any]]]
    ) -> None:
        self._real, self._faults, self._sent = real, faults, sent

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._real, name)

        def made(**request: Any) -> Any:
            self._sent.append((name, request))
            how = self._faults.pop(0)[1] if self._faults and self._faults[0][0] == name else ""
            if how.endswith("before"):
                self._fail(how)
            answer = call(**request)
            if how:
                self._fail(how)
            return answer

        return made

    def _fail(self, how: str) -> None:
        if how.startswith("crash"):
            raise Crash
        raise ConnectTimeoutError(endpoint_url="lab")


class Machine:
    """Does what the workflow does, with the policy of the moment."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.policy = Policy(endpoint_services=PUBLISH)
        self.faults: list[tuple[str, str]] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.runs = 0
        #: Lets so many seconds pass; None: nothing that takes AWS time is waited for.
        self.wait: Callable[[float], None] | None = None

    def run(self, **event: Any) -> dict[str, Any]:
        """One execution to its end: the last plan, with the outcomes of all rounds."""
        self.runs += 1
        execution = f"{EXECUTION}{self.runs}"
        outcomes: list[Any] = []
        expect = list(event.pop("expect", ()))
        number, waits = 1, 0
        for _ in range(60):
            more = {"round": number, "waits": waits, "outcomes": outcomes, "expect": expect}
            try:
                plan = self.plan({**event, **more, "execution": execution})
            except NotVisibleYet:
                expect = []
                continue
            expect = plan["expect"]
            if not plan["items"] and plan["look_again"] and self.wait:
                self.wait(plan["look_again"])
                waits += 1
                continue
            if not plan["items"]:
                return {**plan, "outcomes": outcomes}
            number += 1
            outcomes += [self._apply(item, execution) for item in plan["items"]]
        raise AssertionError("the execution has no end")

    def plan(self, event: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = plan_services.handler(
            event, self.context, policy=lambda: self.policy
        )
        return made

    def _apply(self, item: Any, execution: str) -> Any:
        """With one retry, as the workflow has them."""
        event = {"item": item, "execution": execution}
        try:
            return apply_services.handler(event, self.context)
        except AwsError:
            pass
        try:
            return apply_services.handler(event, self.context)
        except AwsError as error:
            return {**item, "result": "failed", "error": type(error).__name__, "message": "no"}


@pytest.fixture
def machine(context: Any, sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    made = Machine(context)

    def wired(service: str) -> Any:
        return Wired(sdk.client(OWNER, service=service), made.faults, made.sent)

    for module in (pages, connection_answers, endpoint_services, published_services):
        if hasattr(module, "client"):
            monkeypatch.setattr(module, "client", wired)
    monkeypatch.setenv("OWNER", "Stack")
    monkeypatch.setenv("ACCOUNT_ID", OWNER)
    identity.cache_clear()
    yield made
    identity.cache_clear()


@pytest.fixture
def tagged(provider: Provider) -> Provider:
    provider.balancing.add_tags(ResourceArns=[provider.balancer], Tags=[TAG])
    return provider


def services(provider: Provider) -> list[dict[str, Any]]:
    found = provider.sdk.describe_vpc_endpoint_service_configurations()
    return list(found["ServiceConfigurations"])


def one(provider: Provider) -> dict[str, Any]:
    (found,) = services(provider)
    return found


def allowed(provider: Provider) -> set[str]:
    found = provider.sdk.describe_vpc_endpoint_service_permissions(
        ServiceId=one(provider)["ServiceId"]
    )
    return {each["Principal"] for each in found["AllowedPrincipals"]}


def actions(run: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["action"], each["result"]) for each in run["outcomes"]]


def calls(sdk: Sdk) -> list[str]:
    """The provider's calls since the last time."""
    made = [call["operation"] for call in sdk.lab.calls(account=OWNER)]
    sdk.lab.clear_calls()
    return made


def changes(sdk: Sdk) -> list[str]:
    return [name for name in calls(sdk) if not name.startswith("Describe")]


def test_a_tagged_balancer_becomes_a_service_for_whom_the_policy_names(
    machine: Machine, sdk: Sdk, tagged: Provider, consumer: Side
) -> None:
    sdk.lab.clear_calls()
    done = machine.run(scope={"load_balancer_arns": [tagged.balancer]}, expect=[tagged.balancer])
    assert actions(done) == [("publish", "done"), ("allow", "done")]
    made = one(tagged)
    assert made["AcceptanceRequired"] is True
    assert OURS in made["Tags"]
    (name,) = (tag["Value"] for tag in made["Tags"] if tag["Key"] == "Name")
    assert done["names"] == {made["ServiceId"]: name}, "for what ops are told"
    assert allowed(tagged) == {ROOT}
    assert consumer.endpoint(made["ServiceName"], HERE)["State"] == "pendingAcceptance"

    sdk.lab.clear_calls()
    assert machine.run(trigger="sweep")["items"] == []
    assert calls(sdk) == [
        "DescribeVpcEndpointServiceConfigurations",
        "DescribeLoadBalancers",
        "DescribeTags",
        "DescribeVpcEndpointServicePermissions",
    ]


def test_without_a_policy_a_look_costs_one_call(
    machine: Machine, sdk: Sdk, provider: Provider
) -> None:
    machine.policy = Policy()
    sdk.lab.clear_calls()
    assert machine.run(trigger="sweep")["items"] == []
    assert calls(sdk) == ["DescribeVpcEndpointServiceConfigurations"]


@pytest.mark.parametrize("scheme", ["untagged", "internet-facing"])
def test_others_are_not_published(machine: Machine, provider: Provider, scheme: str) -> None:
    if scheme != "untagged":
        gateway = provider.sdk.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        provider.sdk.attach_internet_gateway(InternetGatewayId=gateway, VpcId=provider.vpc)
        provider.balancing.create_load_balancer(
            Name="public",
            Type="network",
            Scheme="internet-facing",
            Subnets=[provider.subnets[HERE]],
            Tags=[TAG],
        )
    assert machine.run()["outcomes"] == []
    assert services(provider) == []


def test_what_others_published_is_left_and_told(
    machine: Machine, sdk: Sdk, tagged: Provider
) -> None:
    theirs = tagged.publish(AcceptanceRequired=False)
    tagged.allow(theirs, "*")
    before = one(tagged)
    sdk.lab.clear_calls()
    done = machine.run()
    assert [f["id"] for f in done["findings"]] == ["AlreadyPublished/load balancer orders"]
    assert changes(sdk) == []
    assert one(tagged) == before


def test_drift_is_put_right_in_both_directions(machine: Machine, tagged: Provider) -> None:
    machine.run()
    made = one(tagged)
    tagged.sdk.modify_vpc_endpoint_service_configuration(
        ServiceId=made["ServiceId"], AcceptanceRequired=False, AddSupportedRegions=["us-west-2"]
    )
    tagged.sdk.modify_vpc_endpoint_service_permissions(
        ServiceId=made["ServiceId"],
        AddAllowedPrincipals=["*", f"arn:aws:iam::{OWNER}:user/eve"],
        RemoveAllowedPrincipals=[ROOT],
    )
    done = machine.run(scope={"service_ids": [made["ServiceId"]]})
    assert actions(done) == [("revoke", "done"), ("change", "done"), ("allow", "done")]
    assert allowed(tagged) == {ROOT}
    assert one(tagged) == made


def test_a_zone_that_the_balancer_gains_is_the_services_too(
    machine: Machine, tagged: Provider
) -> None:
    machine.run()
    before = one(tagged)["AvailabilityZoneIds"]
    tagged.balancing.set_subnets(
        LoadBalancerArn=tagged.balancer, Subnets=list(tagged.subnets.values())
    )
    assert one(tagged)["AvailabilityZoneIds"] == before
    done = machine.run(scope={"load_balancer_arns": [tagged.balancer]})
    assert actions(done) == [("change", "done")]
    assert one(tagged)["AvailabilityZoneIds"] == sorted([HERE, THERE, ELSEWHERE])


def test_a_private_name_is_given_and_verified_once_with_each_look(
    machine: Machine, tagged: Provider, sdk: Sdk
) -> None:
    machine.policy = Policy(
        endpoint_services=PublishPolicy(
            load_balancer_tags=PUBLISH.load_balancer_tags,
            private_dns_names={"orders": "api.example.com"},
            supported_regions=("us-west-2",),
        )
    )
    sdk.lab.world({"private_dns_verifies": False})
    done = machine.run()
    assert actions(done) == [("publish", "done"), ("verify", "done")]
    (told,) = done["findings"]
    proof = one(tagged)["PrivateDnsNameConfiguration"]
    assert (told["data"]["record_name"], told["data"]["record_value"]) == (
        proof["Name"],
        proof["Value"],
    )
    assert {r["Region"] for r in one(tagged)["SupportedRegions"]} == {"us-east-1", "us-west-2"}

    sdk.lab.world({"private_dns_verifies": True})
    assert actions(machine.run()) == [("verify", "done")]
    last = machine.run()
    assert (last["outcomes"], last["findings"]) == ([], [])


def connected(machine: Machine, tagged: Provider, consumer: Side) -> str:
    """A consumer of our service, accepted; the service's id."""
    machine.run()
    made = one(tagged)
    endpoint = consumer.endpoint(made["ServiceName"], HERE)["VpcEndpointId"]
    tagged.answer("accept", made, endpoint)
    tagged.balancing.remove_tags(ResourceArns=[tagged.balancer], TagKeys=[TAG["Key"]])
    return str(made["ServiceId"])


def retiring(machine: Machine, how: Any) -> None:
    publish = PublishPolicy(load_balancer_tags=PUBLISH.load_balancer_tags, retire=how)
    machine.policy = Policy(endpoint_services=publish)


@pytest.mark.parametrize("how", ["report", "when_unused"])
def test_a_used_service_stays_when_its_balancer_loses_the_tag(
    machine: Machine, sdk: Sdk, tagged: Provider, consumer: Side, how: Any
) -> None:
    connected(machine, tagged, consumer)
    retiring(machine, how)
    sdk.lab.clear_calls()
    done = machine.run()
    assert [f["id"] for f in done["findings"]] == [f"ServiceUnwanted/{one(tagged)['ServiceId']}"]
    assert changes(sdk) == []
    assert consumer.states() == ["available"]
    assert allowed(tagged) == {ROOT}, "the list stays, too"


def test_it_goes_with_its_last_connection(
    machine: Machine, tagged: Provider, consumer: Side
) -> None:
    connected(machine, tagged, consumer)
    (endpoint,) = consumer.sdk.describe_vpc_endpoints()["VpcEndpoints"]
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    assert actions(machine.run(trigger="sweep")) == [("retire", "done")]
    assert services(tagged) == []
    tagged.balancing.delete_load_balancer(LoadBalancerArn=tagged.balancer)


def test_now_rejects_the_connections_and_deletes(
    machine: Machine, sdk: Sdk, tagged: Provider, consumer: Side
) -> None:
    service = connected(machine, tagged, consumer)
    retiring(machine, "now")
    sdk.lab.clear_calls()
    done = machine.run(scope={"load_balancer_arns": [tagged.balancer]})
    assert actions(done) == [("retire", "done")]
    assert service in done["looked_at"]
    assert changes(sdk) == [
        "RejectVpcEndpointConnections",
        "DeleteVpcEndpointServiceConfigurations",
    ]
    assert services(tagged) == []
    assert consumer.states() == ["rejected"]


def test_who_connects_at_the_last_moment_keeps_the_service(
    machine: Machine, tagged: Provider, consumer: Side
) -> None:
    machine.run()
    made = one(tagged)
    tagged.balancing.remove_tags(ResourceArns=[tagged.balancer], TagKeys=[TAG["Key"]])
    plan = machine.plan({"execution": EXECUTION})
    consumer.endpoint(made["ServiceName"], HERE)
    outcome = machine._apply(plan["items"][0], EXECUTION)
    assert (outcome["result"], outcome["error"]) == ("stale", "StillConnected")
    assert services(tagged)


def test_a_service_that_somebody_deletes_comes_back(machine: Machine, tagged: Provider) -> None:
    machine.run()
    first = one(tagged)["ServiceId"]
    tagged.sdk.delete_vpc_endpoint_service_configurations(ServiceIds=[first])
    machine.run(expect=[f"gone/{first}"])
    assert one(tagged)["ServiceId"] != first


def test_what_is_given_away_meanwhile_is_not_touched(machine: Machine, tagged: Provider) -> None:
    machine.run()
    service = one(tagged)["ServiceId"]
    tagged.allow(one(tagged), "*")
    plan = machine.plan({"execution": EXECUTION})
    tagged.sdk.delete_tags(Resources=[service], Tags=[{"Key": OURS["Key"]}])
    outcome = machine._apply(plan["items"][0], EXECUTION)
    assert (outcome["action"], outcome["result"], outcome["error"]) == (
        "revoke",
        "stale",
        "NotOurs",
    )
    assert allowed(tagged) == {"*", ROOT}


def test_one_principal_that_aws_does_not_take_keeps_no_other_back(
    machine: Machine, tagged: Provider
) -> None:
    bad = f"arn:aws:iam::{OTHER}:role/path/is-refused"
    machine.policy = Policy(
        endpoint_services=PublishPolicy(
            load_balancer_tags=PUBLISH.load_balancer_tags, allowed_principals=(bad, OTHER)
        )
    )
    done = machine.run()
    allow = done["outcomes"][-1]
    assert (allow["result"], allow["principals"], allow["refused"]) == ("done", [ROOT], [bad])
    assert allowed(tagged) == {ROOT}


def test_an_aws_that_takes_no_organizations_keeps_no_account_back(
    machine: Machine, tagged: Provider, sdk: Sdk
) -> None:
    """The accounts come by one call, however many they are, and ops hear of the others."""
    sdk.lab.world({"organization_principals": False})
    of = f"arn:aws:organizations::{OWNER}:organization/o-a1b2c3d4e5"
    accounts = [f"{number:012}" for number in range(1, 9)]
    machine.policy = Policy(
        endpoint_services=PublishPolicy(
            load_balancer_tags=PUBLISH.load_balancer_tags, allowed_principals=(of, *accounts)
        )
    )
    allow = machine.run()["outcomes"][-1]
    roots = [f"arn:aws:iam::{account}:root" for account in accounts]
    assert allow["refused"] == [of]
    assert "InvalidPrincipal" in allow["message"]
    assert allowed(tagged) == {*roots}
    sent = [name for name, _ in machine.sent].count("modify_vpc_endpoint_service_permissions")
    assert sent == 3


@pytest.mark.parametrize(("times", "held"), [(1, {ROOT, f"arn:aws:iam::{OWNER}:root"}), (9, set())])
def test_a_refusal_in_other_words_is_looked_for_among_the_principals(
    machine: Machine, tagged: Provider, sdk: Sdk, times: int, held: set[str]
) -> None:
    machine.policy = Policy(
        endpoint_services=PublishPolicy(
            load_balancer_tags=PUBLISH.load_balancer_tags, allowed_principals=(OTHER, OWNER)
        )
    )
    sdk.lab.fault("ModifyVpcEndpointServicePermissions", error="InvalidParameter", times=times)
    allow = machine.run()["outcomes"][-1]
    assert allow["result"] == ("done" if held else "failed")
    assert allowed(tagged) == held


def test_an_entry_that_does_not_say_that_it_is_for_endpoints_is_taken_to_be(
    machine: Machine, tagged: Provider, sdk: Sdk
) -> None:
    machine.run()
    sdk.lab.world({"permission_types": False})
    assert machine.run()["outcomes"] == []
    tagged.allow(one(tagged), "*")
    assert actions(machine.run()) == [("revoke", "done")]
    assert allowed(tagged) == {ROOT}


MUTATING = [
    "create_vpc_endpoint_service_configuration",
    "modify_vpc_endpoint_service_permissions",
    "modify_vpc_endpoint_service_configuration",
    "start_vpc_endpoint_service_private_dns_verification",
    "reject_vpc_endpoint_connections",
    "delete_vpc_endpoint_service_configurations",
]


@pytest.mark.parametrize("how", ["lost before", "lost after", "crash before", "crash after"])
@pytest.mark.parametrize("call", MUTATING)
def test_whatever_is_lost_there_is_one_of_each_in_the_end(
    machine: Machine, tagged: Provider, consumer: Side, call: str, how: str
) -> None:
    """A whole life: published, a name and a zone more, then taken back while in use."""

    def until_quiet() -> None:
        for _ in range(3):
            try:
                if not machine.run()["outcomes"]:
                    return
            except Crash:
                pass

    machine.faults.append((call, how))
    until_quiet()
    assert OURS in one(tagged)["Tags"]
    assert allowed(tagged) == {ROOT}
    machine.policy = Policy(
        endpoint_services=PublishPolicy(
            load_balancer_tags=PUBLISH.load_balancer_tags,
            allowed_principals=(OTHER,),
            private_dns_names={"orders": "api.example.com"},
        )
    )
    tagged.balancing.set_subnets(
        LoadBalancerArn=tagged.balancer, Subnets=list(tagged.subnets.values())
    )
    until_quiet()
    assert len(one(tagged)["AvailabilityZoneIds"]) == 3
    assert one(tagged)["PrivateDnsNameConfiguration"]["State"] == "verified"
    connected(machine, tagged, consumer)
    retiring(machine, "now")
    until_quiet()
    assert services(tagged) == []
    assert machine.faults == []


def test_two_looks_at_once_make_one_service_in_the_end(machine: Machine, tagged: Provider) -> None:
    """Both have looked before either made it: the lag hides one from the other."""
    for execution in "ab":
        tagged.sdk.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[tagged.balancer],
            ClientToken=execution,
            TagSpecifications=[{"ResourceType": "vpc-endpoint-service", "Tags": [OURS]}],
        )
    keep = min(each["ServiceId"] for each in services(tagged))
    machine.run()
    assert one(tagged)["ServiceId"] == keep
    assert allowed(tagged) == {ROOT}


def test_what_another_execution_has_just_made_is_taken_for_ours(
    machine: Machine, sdk: Sdk, tagged: Provider
) -> None:
    (item,) = machine.plan({"execution": EXECUTION})["items"]
    first = machine._apply(item, f"{EXECUTION}one")
    sdk.lab.clear_calls()
    second = machine._apply(item, f"{EXECUTION}two")
    assert changes(sdk) == []
    assert (second["result"], second["service_id"]) == ("done", first["service_id"])


def test_what_somebody_else_has_just_made_goes_before(machine: Machine, tagged: Provider) -> None:
    (item,) = machine.plan({"execution": EXECUTION})["items"]
    tagged.publish()
    outcome = machine._apply(item, EXECUTION)
    assert (outcome["result"], outcome["error"]) == ("stale", "AlreadyExists")
    assert len(services(tagged)) == 1


def test_entries_and_connections_that_are_not_about_endpoints_are_none_of_ours(
    machine: Machine, tagged: Provider, sdk: Sdk
) -> None:
    machine.run()
    service = one(tagged)["ServiceId"]
    sdk.lab.world({"transit_gateway_permission": {"service_id": service, "principal": "*"}})
    held = {"service_id": service, "owner": OTHER, "state": "available"}
    sdk.lab.world({"transit_gateway_attachment": held})
    assert allowed(tagged) == {"*", ROOT}
    assert machine.run()["outcomes"] == []
    tagged.balancing.remove_tags(ResourceArns=[tagged.balancer], TagKeys=[TAG["Key"]])
    assert machine.plan({"execution": EXECUTION})["findings"] == []


def test_rights_are_asked_for_and_taken_for_endpoints_only(
    machine: Machine, tagged: Provider
) -> None:
    machine.run()
    tagged.allow(one(tagged), "*")
    machine.run()
    asked = [
        request["PermissionType"]
        for name, request in machine.sent
        if name == "modify_vpc_endpoint_service_permissions"
    ]
    assert asked == ["vpc-endpoint", "vpc-endpoint"]


def test_what_was_rejected_may_hold_the_service_for_a_moment(
    machine: Machine, tagged: Provider, monkeypatch: pytest.MonkeyPatch, consumer: Side
) -> None:
    connected(machine, tagged, consumer)
    retiring(machine, "now")
    (item,) = machine.plan({"execution": EXECUTION})["items"]
    monkeypatch.setattr(connection_answers, "reject", lambda *_: {})
    event = {"item": item, "execution": EXECUTION}
    with pytest.raises(NotSettledYet):
        apply_services.handler(event, machine.context)


def test_a_balancer_that_goes_while_we_look_keeps_no_other_back(
    machine: Machine, tagged: Provider
) -> None:
    gone = tagged.balancer.replace("orders", "gone")
    assert set(endpoint_services.balancer_tags([gone, tagged.balancer])) == {tagged.balancer}


@pytest.fixture
def slow(machine: Machine, sdk: Sdk) -> Machine:
    """AWS's pace, which the machine waits for; the first load balancer stands already."""
    sdk.lab.seed(5)
    sdk.lab.world({"world": "aws", "lag_seconds": 0})
    machine.wait = sdk.lab.pass_time
    return machine


def another(provider: Provider, name: str, *tags: dict[str, str]) -> str:
    made = provider.balancing.create_load_balancer(
        Name=name,
        Type="network",
        Scheme="internal",
        Subnets=[provider.subnets[HERE], provider.subnets[THERE]],
        Tags=list(tags),
    )
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def test_a_balancers_new_zone_settles_and_is_no_failure(slow: Machine, tagged: Provider) -> None:
    slow.run()
    subnets = [tagged.subnets[zone] for zone in (HERE, THERE, ELSEWHERE)]
    tagged.balancing.set_subnets(LoadBalancerArn=tagged.balancer, Subnets=subnets)
    done = slow.run()
    assert set(one(tagged)["AvailabilityZoneIds"]) == {HERE, THERE, ELSEWHERE}
    assert {result for _, result in actions(done)} == {"done"} and not done["findings"]


def test_a_zone_that_never_comes_is_told(slow: Machine, tagged: Provider, sdk: Sdk) -> None:
    slow.run()
    sdk.lab.world({"speed": 0.01})
    subnets = [tagged.subnets[zone] for zone in (HERE, THERE, ELSEWHERE)]
    tagged.balancing.set_subnets(LoadBalancerArn=tagged.balancer, Subnets=subnets)
    done = slow.run()
    (finding,) = done["findings"]
    assert (finding["kind"], finding["data"]["error"]) == ("ServiceChangeFailed", "NoEffect")
    assert len(done["outcomes"]) <= 4, "tried now and then, not at each look"


SERVICE_TAG = {"Key": "endpoint-autopilot:service", "Value": "orders"}


def test_a_balancers_successor_joins_its_service_and_the_old_one_can_go(
    slow: Machine, tagged: Provider, sdk: Sdk
) -> None:
    tagged.balancing.add_tags(ResourceArns=[tagged.balancer], Tags=[SERVICE_TAG])
    slow.run()
    service = one(tagged)
    successor = another(tagged, "orders-2", TAG, SERVICE_TAG)

    slow.run(scope={"load_balancer_arns": [successor]}, expect=[successor])

    joined = one(tagged)
    assert joined["ServiceName"] == service["ServiceName"]
    assert set(joined["NetworkLoadBalancerArns"]) == {tagged.balancer, successor}

    tagged.balancing.remove_tags(ResourceArns=[tagged.balancer], TagKeys=[TAG["Key"]])
    slow.run(scope={"load_balancer_arns": [tagged.balancer]})
    assert one(tagged)["NetworkLoadBalancerArns"] == [successor]
    tagged.balancing.delete_load_balancer(LoadBalancerArn=tagged.balancer)
    assert slow.run()["items"] == [] and one(tagged)["ServiceId"] == service["ServiceId"]


def test_an_old_balancer_stays_while_somebody_is_connected(
    slow: Machine, tagged: Provider, consumer: Side, sdk: Sdk
) -> None:
    tagged.balancing.add_tags(ResourceArns=[tagged.balancer], Tags=[SERVICE_TAG])
    slow.run()
    sdk.lab.pass_time(300)
    consumer.endpoint(one(tagged)["ServiceName"], HERE)
    successor = another(tagged, "orders-2", TAG, SERVICE_TAG)
    slow.run(scope={"load_balancer_arns": [successor]}, expect=[successor])
    tagged.balancing.remove_tags(ResourceArns=[tagged.balancer], TagKeys=[TAG["Key"]])
    done = slow.run()
    assert not done["outcomes"] and not done["findings"]
    assert len(one(tagged)["NetworkLoadBalancerArns"]) == 2, "nobody is cut"


def test_two_balancers_of_one_service_get_one(slow: Machine, tagged: Provider) -> None:
    tagged.balancing.add_tags(ResourceArns=[tagged.balancer], Tags=[SERVICE_TAG])
    other = another(tagged, "orders-2", TAG, SERVICE_TAG)
    slow.run()
    assert set(one(tagged)["NetworkLoadBalancerArns"]) == {tagged.balancer, other}


def test_a_balancer_of_another_service_stays_apart(slow: Machine, tagged: Provider) -> None:
    tagged.balancing.add_tags(ResourceArns=[tagged.balancer], Tags=[SERVICE_TAG])
    another(tagged, "billing", TAG, {**SERVICE_TAG, "Value": "billing"})
    another(tagged, "plain", TAG)
    while slow.run()["more"]:
        pass
    assert [len(each["NetworkLoadBalancerArns"]) for each in services(tagged)] == [1, 1, 1]
