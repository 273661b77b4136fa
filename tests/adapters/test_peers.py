"""Other accounts and the organization: roles, zones of peers, members; what can't be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from autopilot.aws import organizations, roles, zones
from autopilot.aws.errors import AccessDenied
from autopilot.connections.facts import Member
from autopilot.connections.zones import ConsumerSide
from autopilot.policy.model import OrganizationPolicy
from autopilot.reconcile.identity import StackIdentity
from botocore.stub import Stubber

Stub = Callable[[str], Stubber]
US = StackIdentity("Stack", "111111111111", "us-east-1")
PEER, ROLE = "222222222222", "arn:aws:iam::222222222222:role/EndpointAutopilotZoneReader-us-east-1"
ENDS = datetime(2026, 11, 24, 13, tzinfo=UTC)
POLICY = OrganizationPolicy("o-a1b2c3d4e5")


@pytest.fixture(autouse=True)
def _no_sessions() -> Iterator[None]:
    roles._sessions.clear()
    yield
    roles._sessions.clear()


def session(stub: Stub, role: str = ROLE) -> None:
    stub("sts").add_response(
        "assume_role",
        {
            "Credentials": {
                "AccessKeyId": "ASIAEXAMPLEEXAMPLE",
                "SecretAccessKey": "secret",
                "SessionToken": "token",
                "Expiration": ENDS,
            }
        },
        {"RoleArn": role, "RoleSessionName": "endpoint-autopilot"},
    )


def test_acts_as_a_role_until_its_credentials_end(stub: Stub) -> None:
    session(stub)
    early = ENDS - timedelta(minutes=6)
    made = roles.acting_as(ROLE, "ec2", now=lambda: early)
    assert made._request_signer._credentials.token == "token"
    assert roles.acting_as(ROLE, "ec2", now=lambda: early) is made

    session(stub)
    assert roles.acting_as(ROLE, "ec2", now=lambda: ENDS - timedelta(minutes=4)) is not made


def test_acts_as_nobody_in_particular_never() -> None:
    with pytest.raises(ValueError, match="no role"):
        roles.acting_as("", "ec2")


def test_a_role_that_is_not_there_is_named(stub: Stub) -> None:
    stub("sts").add_client_error("assume_role", "AccessDenied", "not authorized")
    with pytest.raises(AccessDenied, match=r"^sts:AssumeRole"):
        roles.acting_as(ROLE, "ec2")


ENDPOINTS = {
    "VpcEndpoints": [
        {
            "VpcEndpointId": "vpce-01",
            "VpcId": "vpc-1",
            "VpcEndpointType": "Interface",
            "SubnetIds": ["subnet-2", "subnet-1"],
        }
    ]
}
SUBNETS = {
    "Subnets": [
        {"SubnetId": "subnet-1", "VpcId": "vpc-1", "AvailabilityZoneId": "use1-az1"},
        {"SubnetId": "subnet-2", "VpcId": "vpc-1", "AvailabilityZoneId": "use1-az2"},
    ]
}


def answers(ec2: Stubber, *ids: str, endpoints: Any = None) -> None:
    ec2.add_response(
        "describe_vpc_endpoints",
        ENDPOINTS if endpoints is None else endpoints,
        {"Filters": [{"Name": "vpc-endpoint-id", "Values": list(ids)}], "MaxResults": 1000},
    )
    if endpoints is None:
        ec2.add_response(
            "describe_subnets",
            SUBNETS,
            {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}], "MaxResults": 1000},
        )


SIDE = ConsumerSide(
    ("subnet-1", "subnet-2"), {"subnet-1": "use1-az1", "subnet-2": "use1-az2"}, False
)


def test_reads_our_own_endpoints_directly(stub: Stub) -> None:
    answers(stub("ec2"), "vpce-01", "vpce-02")

    found = zones.consumer_sides({US.account: ["vpce-02", "vpce-01"]}, US)

    assert found == {
        "vpce-01": SIDE,
        "vpce-02": "account 111111111111 doesn't show the endpoint",
    }


def test_reads_a_peers_by_its_role(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    acted: list[tuple[str, str]] = []

    def acting_as(role: str, service: str) -> Any:
        acted.append((role, service))
        return stub("ec2").client

    monkeypatch.setattr(zones, "acting_as", acting_as)
    answers(stub("ec2"), "vpce-01")

    assert zones.consumer_sides({PEER: ["vpce-01"]}, US) == {"vpce-01": SIDE}
    assert acted == [(ROLE, "ec2")]


def test_a_peer_without_the_role_is_unknown_and_keeps_nobody_back(stub: Stub) -> None:
    answers(stub("ec2"), "vpce-01")
    stub("sts").add_client_error("assume_role", "AccessDenied", "no such role")

    found = zones.consumer_sides({PEER: ["vpce-03"], US.account: ["vpce-01"]}, US)

    assert found["vpce-01"] == SIDE
    assert found["vpce-03"] == (
        "account 222222222222 can't be read: sts:AssumeRole: AccessDenied: no such role"
    )


def test_our_own_account_must_be_readable(stub: Stub) -> None:
    stub("ec2").add_client_error("describe_vpc_endpoints", "UnauthorizedOperation")
    with pytest.raises(AccessDenied):
        zones.consumer_sides({US.account: ["vpce-01"]}, US)


def test_asks_for_no_subnets_of_no_vpc(stub: Stub) -> None:
    answers(stub("ec2"), "vpce-09", endpoints={"VpcEndpoints": []})
    assert "doesn't show" in str(zones.consumer_sides({US.account: ["vpce-09"]}, US)["vpce-09"])


def test_reads_a_services_zones_of_its_interface_kind(stub: Stub) -> None:
    stub("ec2").add_response(
        "describe_vpc_endpoint_services",
        {
            "ServiceDetails": [
                {"ServiceType": [{"ServiceType": "Gateway"}], "AvailabilityZoneIds": ["use1-az6"]},
                {
                    "ServiceType": [{"ServiceType": "Interface"}],
                    "AvailabilityZoneIds": ["use1-az2", "use1-az1"],
                },
            ]
        },
        {"ServiceNames": ["name"]},
    )
    assert zones.zone_ids_of("name") == ("use1-az1", "use1-az2")
    with pytest.raises(ValueError, match="no service name"):
        zones.zone_ids_of("")


def account(owner: str, organization: str = POLICY.id) -> dict[str, Any]:
    arn = f"arn:aws:organizations::999999999999:account/{organization}/{owner}"
    return {"Account": {"Id": owner, "Arn": arn, "State": "ACTIVE"}}


def test_asks_who_is_in_the_organization(stub: Stub) -> None:
    ask = stub("organizations")
    ask.add_response("describe_account", account("222222222222"), {"AccountId": "222222222222"})
    ask.add_client_error("describe_account", "AccountNotFoundException")

    found = organizations.look_up(["333333333333", "222222222222"], False, POLICY)

    assert found.members == {
        "222222222222": Member(frozenset({POLICY.id}), units=False),
        "333333333333": Member(),
    }
    assert found.holds("222222222222", POLICY.id) is True
    assert found.holds("222222222222", "ou-ab12-11111111") is None
    assert found.holds("333333333333", POLICY.id) is False
    assert found.holds("333333333333", "ou-ab12-11111111") is False


def test_asks_for_the_units_above_once_each_through_empty_pages(stub: Stub) -> None:
    ask = stub("organizations")

    def parent(child: str, *answers: Any) -> None:
        token: dict[str, str] = {}
        for answer in answers:
            ask.add_response("list_parents", answer, {"ChildId": child, **token})
            token = {"NextToken": str(answer.get("NextToken"))}

    unit = {"Parents": [{"Id": "ou-ab12-11111111", "Type": "ORGANIZATIONAL_UNIT"}]}
    ask.add_response("describe_account", account("222222222222"))
    parent("222222222222", {"Parents": [], "NextToken": "t"}, unit)
    parent("ou-ab12-11111111", {"Parents": [{"Id": "r-ab12", "Type": "ROOT"}]})
    ask.add_response("describe_account", account("333333333333"))
    parent("333333333333", unit)

    found = organizations.look_up(["222222222222", "333333333333"], True, POLICY)

    for owner in ("222222222222", "333333333333"):
        assert found.members[owner].ids == {POLICY.id, "ou-ab12-11111111", "r-ab12"}


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "AWSOrganizationsNotInUseException", "ServiceException"]
)
def test_an_organization_that_cannot_be_asked_is_unknown_and_why(stub: Stub, code: str) -> None:
    ask = stub("organizations")
    ask.add_response("describe_account", account("222222222222"))
    ask.add_client_error("describe_account", code, "no")

    found = organizations.look_up(["222222222222", "333333333333", "444444444444"], False, POLICY)

    assert set(found.members) == {"222222222222"}
    assert found.why.startswith("the organization can't be asked: organizations:DescribeAccount")
    assert found.holds("333333333333", POLICY.id) is None


def test_asks_as_the_role_that_the_policy_names(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, role = stub("organizations"), "arn:aws:iam::999999999999:role/Reader"
    ask.add_response("describe_account", account("222222222222"))
    acted: list[str] = []

    def acting_as(role: str, _service: str) -> Any:
        acted.append(role)
        return ask.client

    monkeypatch.setattr(organizations, "acting_as", acting_as)
    organizations.look_up(["222222222222"], False, OrganizationPolicy(POLICY.id, role))
    assert acted == [role]


def test_a_role_that_cannot_be_assumed_leaves_all_unknown(stub: Stub) -> None:
    stub("sts").add_client_error("assume_role", "AccessDenied", "no")
    found = organizations.look_up(["222222222222"], True, OrganizationPolicy(POLICY.id, ROLE))
    assert found.members == {}
    assert "sts:AssumeRole" in found.why
