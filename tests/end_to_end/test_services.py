"""Published services: a tagged load balancer becomes one, is kept as wanted, and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo import scenes
from demo.privatelink import ZONES, Service, connect, network
from lab.client import Lab
from tests.end_to_end.owned import OURS
from tests.end_to_end.published import ROOT, TAG
from tests.end_to_end.stage import Stage

PROVIDER, CONSUMER = "111111111111", "222222222222"
POLICY = f"""
endpoint_services:
  publish_load_balancers: {{tags: {{endpoint-autopilot: publish}}}}
  allowed_principals: ["{CONSUMER}"]
  private_dns_names: {{named: api.example.com}}
"""


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A lab of its own, with a policy that publishes."""
    policy = tmp_path_factory.mktemp("policy") / "autopilot.yaml"
    policy.write_text(POLICY)
    with Lab.start(accounts=(PROVIDER,), policy=policy) as lab:
        stage = Stage(lab, PROVIDER)
        sweep(stage)
        yield stage
        assert lab.denials() == []


@pytest.fixture(autouse=True)
def _calm(provider: Stage) -> Iterator[None]:
    provider.begin()
    yield
    provider.lab.delivery()
    provider.lab.clear_faults()


def run(stage: Stage, output: str, trigger: dict[str, Any]) -> None:
    """Start a workflow by hand and wait for its good end."""
    machine = stage.lab.outputs(PROVIDER)[output]
    arn = stage.states.start_execution(stateMachineArn=machine, input=json.dumps(trigger))
    ended = scenes.wait_until(
        lambda: stage.states.describe_execution(executionArn=arn["executionArn"]),
        lambda e: e["status"] != "RUNNING",
        "the execution ends",
        seconds=120,
    )
    assert ended["status"] == "SUCCEEDED"


def sweep(stage: Stage) -> None:
    run(stage, "ServicesWorkflowArn", {"trigger": "sweep"})


class Balancer:
    """An internal network load balancer of the provider, in the first two zones."""

    def __init__(
        self, stage: Stage, name: str, *, tags: tuple[dict[str, str], ...] = (TAG,)
    ) -> None:
        self.stage = stage
        self.elb = stage.lab.client("elbv2", PROVIDER)
        _, self.subnets = network(stage.lab, PROVIDER, name)
        self.arn = self.elb.create_load_balancer(
            Name=name,
            Type="network",
            Scheme="internal",
            Subnets=self.subnets[:2],
            **({"Tags": list(tags)} if tags else {}),
        )["LoadBalancers"][0]["LoadBalancerArn"]

    def services(self) -> list[dict[str, Any]]:
        found = self.stage.ec2.describe_vpc_endpoint_service_configurations()
        return [
            each
            for each in found["ServiceConfigurations"]
            if self.arn in each["NetworkLoadBalancerArns"]
        ]

    def published(self) -> Service:
        (made,) = scenes.wait_until(self.services, bool, "a service stands", seconds=45)
        return Service(self.stage.lab, PROVIDER, made["ServiceId"], made["ServiceName"])

    def tag(self) -> None:
        self.elb.add_tags(ResourceArns=[self.arn], Tags=[TAG])

    def untag(self) -> None:
        self.elb.remove_tags(ResourceArns=[self.arn], TagKeys=[TAG["Key"]])


def listed(service: Service) -> set[str]:
    found = service.ec2.describe_vpc_endpoint_service_permissions(ServiceId=service.id)
    return {each["Principal"] for each in found["AllowedPrincipals"]}


def until_listed(service: Service, *who: str) -> None:
    scenes.wait_until(lambda: listed(service), lambda s: s == set(who), f"{who} listed", seconds=45)


def stands(service: Service, endpoint: str, state: str) -> None:
    scenes.wait_until(
        service.states, lambda s: s.get(endpoint) == state, f"{endpoint} {state}", seconds=45
    )


def test_a_tagged_balancer_is_published_and_its_consumer_gets_in(provider: Stage) -> None:
    balancer = Balancer(provider, "orders")
    service = balancer.published()
    until_listed(service, ROOT)
    scenes.wait_until(service.notified, bool, "our notification is registered", seconds=45)
    (made,) = balancer.services()
    assert made["AcceptanceRequired"] is True
    assert OURS in made["Tags"]
    told = provider.told("ServicesPublished", service.id)
    assert told["severity"] == "info"
    permitted = provider.told("PrincipalsChanged", ROOT)
    assert permitted["id"] == told["id"], "one publication is one message"

    endpoint = connect(service, CONSUMER, ZONES[:2])
    stands(service, endpoint, "available")

    provider.begin()
    sweep(provider)
    assert provider.changes_of(service.id, balancer.arn) == []
    provider.of_kind("")
    assert [m for m in provider.heard if service.id in json.dumps(m)] == []


def test_what_people_change_is_put_right_and_a_new_zone_joins(provider: Stage) -> None:
    balancer = Balancer(provider, "billing", tags=())
    provider.settle()
    assert balancer.services() == []
    balancer.tag()
    service = balancer.published()
    until_listed(service, ROOT)
    provider.settle()

    service.allow("*")
    service.revoke(CONSUMER)
    until_listed(service, ROOT)
    balancer.elb.set_subnets(LoadBalancerArn=balancer.arn, Subnets=balancer.subnets)
    scenes.wait_until(
        balancer.services,
        lambda s: len(s[0]["AvailabilityZoneIds"]) == 3,
        "the service has the zone",
        seconds=45,
    )
    provider.told("ServicesChanged", service.id)


def test_it_is_taken_back_with_its_last_connection(provider: Stage) -> None:
    balancer = Balancer(provider, "short")
    service = balancer.published()
    until_listed(service, ROOT)
    scenes.wait_until(service.notified, bool, "our notification is registered", seconds=45)
    endpoint = connect(service, CONSUMER, ZONES[:2])
    stands(service, endpoint, "available")

    balancer.untag()
    told = provider.told("ServiceUnwanted", service.id)
    assert told["data"]["subjects"][service.id]["connected"] == 1
    assert service.states()[endpoint] == "available"

    provider.lab.client("ec2", CONSUMER).delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    scenes.wait_until(
        service.states, lambda s: s.get(endpoint) != "available", "it is gone", seconds=45
    )
    sweep(provider)
    assert balancer.services() == []
    provider.told("ServicesRetired", service.id)
    balancer.elb.delete_load_balancer(LoadBalancerArn=balancer.arn)


def test_a_private_name_waits_for_its_record(provider: Stage) -> None:
    provider.lab.world({"private_dns_verifies": False})
    balancer = Balancer(provider, "named")
    service = balancer.published()
    told = provider.told("PrivateNameNotVerified", service.id)
    (made,) = balancer.services()
    proof = made["PrivateDnsNameConfiguration"]
    assert proof["Value"] in json.dumps(told)
    provider.lab.world({"private_dns_verifies": True})
    sweep(provider)
    scenes.wait_until(
        balancer.services,
        lambda s: s[0]["PrivateDnsNameConfiguration"]["State"] == "verified",
        "the name is proven",
    )
    sweep(provider)
    resolved = [m for m in provider.of_kind("PrivateNameNotVerified") if m["change"] == "resolved"]
    assert len(resolved) == 1


def test_what_others_published_is_left_alone(provider: Stage) -> None:
    balancer = Balancer(provider, "theirs", tags=())
    theirs = provider.ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer.arn], AcceptanceRequired=False
    )["ServiceConfiguration"]["ServiceId"]
    balancer.tag()
    told = provider.told("AlreadyPublished", "load balancer theirs")
    assert theirs in json.dumps(told)
    provider.settle()
    (made,) = balancer.services()
    assert (made["ServiceId"], made["AcceptanceRequired"]) == (theirs, False)


def test_events_told_three_times_and_shuffled_make_one_service(provider: Stage) -> None:
    provider.lab.delivery(duplicates=2, shuffle=True)
    balancer = Balancer(provider, "replayed")
    balancer.untag()
    balancer.tag()
    service = balancer.published()
    until_listed(service, ROOT)
    provider.settle()
    assert len(balancer.services()) == 1
    provider.told("ServicesPublished", service.id)
    assert len(provider.of_kind("ServicesPublished", "replayed")) == 1


@pytest.mark.parametrize(
    "call",
    ["CreateVpcEndpointServiceConfiguration", "ModifyVpcEndpointServicePermissions"],
)
def test_a_lost_answer_makes_no_second_one(provider: Stage, call: str) -> None:
    provider.lab.fault(call, kind="reset", carried_out=True, principal="ApplyServices")
    balancer = Balancer(provider, f"lost-{len(call)}")
    service = balancer.published()
    until_listed(service, ROOT)
    provider.settle()
    assert len(balancer.services()) == 1
    assert provider.of_kind("ServiceChangeFailed", balancer.arn) == []
    assert provider.of_kind("ServiceChangeFailed", service.id) == []
