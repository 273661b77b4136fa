"""Connections between a consumer's endpoint and a provider's service, through all their states."""

from __future__ import annotations

from typing import Any

import pytest

from lab.client import Lab, LabError

from .conftest import HERE, Provider, Side
from .sdk import OTHER, OWNER, Sdk, code

ROOT = f"arn:aws:iam::{OTHER}:root"
MISSING = "vpce-0123456789abcdef0"


def _state(provider: Provider, endpoint: str) -> str:
    (found,) = provider.connections(vpc_endpoint_id=[endpoint])
    return str(found["VpcEndpointState"])


def test_a_consumer_connects_is_accepted_and_is_cut(
    provider: Provider, consumer: Side, lab: Lab
) -> None:
    lab.world({"settle_seconds": 5})
    service = provider.publish()
    create = consumer.sdk.create_vpc_endpoint
    name = service["ServiceName"]
    asked = {"VpcId": consumer.vpc, "VpcEndpointType": "Interface", "ServiceName": name}
    assert code(create, **asked) == "InvalidServiceName"

    provider.allow(service, ROOT)
    made = consumer.endpoint(name, HERE)
    endpoint = made["VpcEndpointId"]
    assert made["State"] == "pendingAcceptance"
    lab.pass_time(60)
    assert consumer.states() == ["pendingAcceptance"]

    (connection,) = provider.connections()
    assert connection["VpcEndpointOwner"] == OTHER
    assert connection["VpcEndpointState"] == "pendingAcceptance"
    assert connection["ServiceId"] == service["ServiceId"]
    assert connection["NetworkLoadBalancerArns"] == [provider.balancer]
    assert [entry["DnsName"] for entry in connection["DnsEntries"]] == [
        made["DnsEntries"][0]["DnsName"]
    ]

    assert provider.answer("accept", service, endpoint) == []
    assert (_state(provider, endpoint), consumer.states()) == ("pending", ["pending"])
    lab.pass_time(5)
    assert (_state(provider, endpoint), consumer.states()) == ("available", ["available"])

    provider.sdk.modify_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"], RemoveAllowedPrincipals=[ROOT]
    )
    assert consumer.states() == ["available"]
    assert provider.answer("reject", service, endpoint) == []
    assert (_state(provider, endpoint), consumer.states()) == ("rejected", ["rejected"])


def test_without_acceptance_a_connection_settles_by_itself(
    provider: Provider, consumer: Side, lab: Lab
) -> None:
    lab.world({"settle_seconds": 5})
    service = provider.publish(AcceptanceRequired=False)
    provider.allow(service, ROOT)
    made = consumer.endpoint(service["ServiceName"], HERE)
    assert made["State"] == "pending"
    lab.pass_time(5)
    assert _state(provider, made["VpcEndpointId"]) == "available"


def test_accepting_and_rejecting_twice_changes_nothing(
    provider: Provider, consumer: Side, service: dict[str, Any]
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    for _ in range(2):
        assert provider.answer("accept", service, endpoint) == []
        assert _state(provider, endpoint) == "available"
    for _ in range(2):
        assert provider.answer("reject", service, endpoint) == []
        assert _state(provider, endpoint) == "rejected"


@pytest.mark.parametrize(("possible", "state"), [(True, "available"), (False, "rejected")])
def test_whether_a_rejected_one_can_be_accepted_is_a_setting(
    provider: Provider,
    consumer: Side,
    service: dict[str, Any],
    lab: Lab,
    possible: bool,
    state: str,
) -> None:
    lab.world({"accept_rejected": possible})
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    provider.answer("reject", service, endpoint)
    assert bool(provider.answer("accept", service, endpoint)) is not possible
    assert _state(provider, endpoint) == state


@pytest.mark.parametrize("possible", [True, False])
def test_whether_connections_take_tags_is_a_setting(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab, possible: bool
) -> None:
    lab.world({"connection_tags": possible})
    consumer.endpoint(service["ServiceName"], HERE)
    ec2 = provider.sdk
    (found,) = ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    tag = {"Key": "team", "Value": "network"}
    request = {"Resources": [found["VpcEndpointConnectionId"]], "Tags": [tag]}
    if possible:
        ec2.create_tags(**request)
    else:
        with pytest.raises(ec2.exceptions.ClientError, match="InvalidID"):
            ec2.create_tags(**request)
    (found,) = ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert found["Tags"] == ([tag] if possible else [])


def test_a_settling_that_was_cut_short_does_not_come_back(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab
) -> None:
    lab.world({"settle_seconds": 10})
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    provider.answer("accept", service, endpoint)
    lab.pass_time(6)
    provider.answer("reject", service, endpoint)
    provider.answer("accept", service, endpoint)
    lab.pass_time(6)
    assert _state(provider, endpoint) == "pending"
    lab.pass_time(4)
    assert _state(provider, endpoint) == "available"
    provider.answer("reject", service, endpoint)
    lab.pass_time(20)
    assert _state(provider, endpoint) == "rejected"


def test_some_of_several_fail_and_the_call_succeeds(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab
) -> None:
    good = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    late = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    other = consumer.endpoint("com.amazonaws.us-east-1.logs", HERE)["VpcEndpointId"]
    lab.world({"expire": late})
    failed = provider.answer("accept", service, MISSING, good, late, other)
    assert [(each["ResourceId"], each["Error"]["Code"]) for each in failed] == [
        (MISSING, "InvalidVpcEndpointId.NotFound"),
        (late, "InvalidState"),
        (other, "InvalidVpcEndpointId.NotFound"),
    ]
    assert _state(provider, good) == "available"
    assert _state(provider, late) == "expired"
    failed = provider.answer("reject", service, late, good)
    assert [each["ResourceId"] for each in failed] == [late]
    assert _state(provider, good) == "rejected"


def test_answers_are_the_service_owners(
    provider: Provider, consumer: Side, service: dict[str, Any], sdk: Sdk
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    for account in (OTHER, "333333333333"):
        for how in ("accept", "reject"):
            call = getattr(sdk.client(account), f"{how}_vpc_endpoint_connections")
            named = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [endpoint]}
            assert code(call, **named) == "InvalidVpcEndpointServiceId.NotFound"
    assert sdk.client(OTHER).describe_vpc_endpoint_connections()["VpcEndpointConnections"] == []
    second = provider.publish()
    failed = provider.answer("accept", second, endpoint)
    assert [each["Error"]["Code"] for each in failed] == ["InvalidVpcEndpointId.NotFound"]
    malformed = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [endpoint, "vpce"]}
    assert code(provider.sdk.accept_vpc_endpoint_connections, **malformed) == (
        "InvalidVpcEndpointId.Malformed"
    )
    assert _state(provider, endpoint) == "pendingAcceptance"


def test_a_consumer_deletes_and_the_provider_sees_it_for_a_while(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab
) -> None:
    lab.world({"settle_seconds": 5})
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert (_state(provider, endpoint), consumer.states()) == ("deleting", ["deleting"])
    failed = provider.answer("accept", service, endpoint)
    assert [each["Error"]["Code"] for each in failed] == ["InvalidState"]
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    lab.pass_time(5)
    assert (_state(provider, endpoint), consumer.states()) == ("deleted", ["deleted"])
    lab.pass_time(2)
    assert (_state(provider, endpoint), consumer.states()) == ("deleted", [])
    lab.pass_time(600)
    assert provider.connections() == []


def test_an_account_connects_to_itself(provider: Provider) -> None:
    service = provider.publish()
    endpoint = provider.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    (connection,) = provider.connections()
    assert connection["VpcEndpointOwner"] == OWNER
    provider.answer("accept", service, endpoint)
    assert provider.states() == ["available"]


def test_attachments_are_listed_without_an_endpoint(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab
) -> None:
    lab.world(
        {
            "transit_gateway_attachment": {
                "service_id": service["ServiceId"],
                "owner": OTHER,
                "state": "pendingAcceptance",
            }
        }
    )
    (found,) = provider.connections(vpc_endpoint_state=["pendingAcceptance"])
    assert "VpcEndpointId" not in found
    assert "VpcEndpointOwner" not in found
    assert found["TransitGatewayAttachmentId"].startswith("tgw-attach-")
    assert found["TransitGatewayAttachmentOwner"] == OTHER
    assert provider.connections(vpc_endpoint_owner=[OTHER]) == []


def test_connections_are_found_by_filter_and_page(
    provider: Provider, consumer: Side, service: dict[str, Any]
) -> None:
    second = provider.publish(AcceptanceRequired=False)
    provider.allow(second, ROOT)
    made = [consumer.endpoint(service["ServiceName"])["VpcEndpointId"] for _ in range(5)]
    own = provider.endpoint(second["ServiceName"])["VpcEndpointId"]

    def ids(**narrower: list[str]) -> list[str]:
        return [each["VpcEndpointId"] for each in provider.connections(**narrower)]

    assert ids(service_id=[second["ServiceId"]]) == [own]
    assert ids(vpc_endpoint_owner=[OTHER]) == made
    assert ids(vpc_endpoint_state=["available"]) == [own]
    assert ids(vpc_endpoint_id=[made[2], own]) == [made[2], own]
    assert ids(vpc_endpoint_region=["eu-west-1"]) == []
    describe = provider.sdk.describe_vpc_endpoint_connections
    page = describe(MaxResults=5)
    rest = describe(MaxResults=5, NextToken=page["NextToken"])
    every = page["VpcEndpointConnections"] + rest["VpcEndpointConnections"]
    assert [each["VpcEndpointId"] for each in every] == [*made, own]
    for size in (4, 0):
        assert code(describe, MaxResults=size) == "InvalidParameterValue"
    unknown = [{"Name": "vpc-id", "Values": ["vpc-1"]}]
    assert code(describe, Filters=unknown) == "InvalidFilter"


def test_connections_bear_tags(provider: Provider, consumer: Side, service: dict[str, Any]) -> None:
    consumer.endpoint(service["ServiceName"])
    identifier = provider.connections()[0]["VpcEndpointConnectionId"]
    provider.sdk.create_tags(Resources=[identifier], Tags=[{"Key": "a", "Value": "b"}])
    assert provider.connections()[0]["Tags"] == [{"Key": "a", "Value": "b"}]


def test_both_sides_trail_the_others_writes(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab
) -> None:
    lab.world({"lag_seconds": 10})
    lab.pass_time(100)
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    assert provider.connections() == []
    lab.pass_time(10)
    assert _state(provider, endpoint) == "pendingAcceptance"
    provider.answer("accept", service, endpoint)
    assert _state(provider, endpoint) == "pendingAcceptance"
    assert consumer.states() == ["pendingAcceptance"]
    lab.pass_time(10)
    assert (_state(provider, endpoint), consumer.states()) == ("available", ["available"])
    provider.answer("reject", service, endpoint)
    assert consumer.states() == ["available"]
    lab.pass_time(10)
    assert (_state(provider, endpoint), consumer.states()) == ("rejected", ["rejected"])


def test_only_a_request_can_expire(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    provider.answer("accept", service, endpoint)
    with pytest.raises(LabError, match="available"):
        lab.world({"expire": endpoint})


def test_many_connections_come_in_pages(
    provider: Provider, consumer: Side, service: dict[str, Any]
) -> None:
    made = [consumer.endpoint(service["ServiceName"])["VpcEndpointId"] for _ in range(50)]
    paginator = provider.sdk.get_paginator("describe_vpc_endpoint_connections")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 20}))
    assert [len(page["VpcEndpointConnections"]) for page in pages] == [20, 20, 10]
    listed = [each["VpcEndpointId"] for page in pages for each in page["VpcEndpointConnections"]]
    assert listed == made
