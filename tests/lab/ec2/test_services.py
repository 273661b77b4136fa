"""Endpoint services: published, changed, found by those who are admitted, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from lab.client import Lab

from .conftest import ELSEWHERE, HERE, THERE, Provider, Side
from .sdk import OTHER, OWNER, REGION, Sdk, code, fresh, refusal

MISSING = "vpce-svc-0123456789abcdef0"
GONE = f"The VpcEndpointService Id '{MISSING}' does not exist"
ROOT = f"arn:aws:iam::{OTHER}:root"


def _shown(provider: Provider, service: dict[str, Any]) -> dict[str, Any]:
    answer = provider.sdk.describe_vpc_endpoint_service_configurations(
        ServiceIds=[service["ServiceId"]]
    )
    return dict(answer["ServiceConfigurations"][0])


def _modify(provider: Provider, service: dict[str, Any], **how: Any) -> None:
    provider.sdk.modify_vpc_endpoint_service_configuration(ServiceId=service["ServiceId"], **how)


def _seen(side: Side, *names: str, **more: Any) -> list[dict[str, Any]]:
    answer = side.sdk.describe_vpc_endpoint_services(ServiceNames=list(names), **more)
    return list(answer["ServiceDetails"])


def test_a_service_stands_in_its_balancers_zones(provider: Provider) -> None:
    made = provider.publish()
    identifier = made["ServiceId"]
    assert made["ServiceName"] == f"com.amazonaws.vpce.{REGION}.{identifier}"
    assert made["AvailabilityZoneIds"] == [HERE, THERE]
    zones = provider.sdk.describe_availability_zones(ZoneIds=[HERE, THERE])["AvailabilityZones"]
    assert made["AvailabilityZones"] == sorted(zone["ZoneName"] for zone in zones)
    assert made["BaseEndpointDnsNames"] == [f"{identifier}.{REGION}.vpce.amazonaws.com"]
    assert made["AcceptanceRequired"] is True
    assert made["SupportedRegions"] == [{"Region": REGION, "ServiceState": "Available"}]
    assert _shown(provider, made) == made


def test_a_service_needs_a_network_balancer(provider: Provider, sdk: Sdk) -> None:
    create = provider.sdk.create_vpc_endpoint_service_configuration
    assert refusal(create) == (
        "InvalidParameter",
        "exactly one of network_load_balancer_arn or gateway_load_balancer_arn is a required"
        " member",
    )
    missing = provider.balancer[:-1] + "x"
    assert code(create, NetworkLoadBalancerArns=[missing]) == (
        "InvalidNetworkLoadBalancerArn.NotFound"
    )
    application = provider.balancing.create_load_balancer(
        Name="web", Scheme="internal", Subnets=[provider.subnets[HERE], provider.subnets[THERE]]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    assert code(create, NetworkLoadBalancerArns=[application]) == "InvalidParameter"
    theirs = sdk.client(OTHER).create_vpc_endpoint_service_configuration
    assert code(theirs, NetworkLoadBalancerArns=[provider.balancer]) == (
        "InvalidNetworkLoadBalancerArn.NotFound"
    )


def test_a_balancers_new_zone_is_the_services_only_once_it_is_modified(provider: Provider) -> None:
    made = provider.publish()
    provider.balancing.set_subnets(
        LoadBalancerArn=provider.balancer,
        Subnets=[provider.subnets[HERE], provider.subnets[THERE], provider.subnets[ELSEWHERE]],
    )
    assert _shown(provider, made)["AvailabilityZoneIds"] == [HERE, THERE]
    _modify(provider, made)
    assert _shown(provider, made)["AvailabilityZoneIds"] == [HERE, THERE, ELSEWHERE]


def test_a_zone_that_a_balancer_loses_is_lost_at_once(provider: Provider) -> None:
    made = provider.publish()
    provider.balancing.set_subnets(
        LoadBalancerArn=provider.balancer, Subnets=[provider.subnets[HERE]]
    )
    assert _shown(provider, made)["AvailabilityZoneIds"] == [HERE]


def test_a_balancer_of_a_service_stays(provider: Provider) -> None:
    made = provider.publish()
    delete = provider.balancing.delete_load_balancer
    assert refusal(delete, LoadBalancerArn=provider.balancer) == (
        "ResourceInUse",
        f"Load balancer '{provider.balancer}' cannot be deleted because it is currently associated"
        " with another service",
    )
    provider.sdk.delete_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])
    delete(LoadBalancerArn=provider.balancer)


def test_balancers_are_added_and_removed(provider: Provider) -> None:
    made = provider.publish()
    second = provider.balancing.create_load_balancer(
        Name="more", Type="network", Scheme="internal", Subnets=[provider.subnets[ELSEWHERE]]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    _modify(provider, made, AddNetworkLoadBalancerArns=[second])
    assert _shown(provider, made)["AvailabilityZoneIds"] == [HERE, THERE, ELSEWHERE]
    _modify(provider, made, RemoveNetworkLoadBalancerArns=[provider.balancer])
    assert _shown(provider, made)["NetworkLoadBalancerArns"] == [second]
    modify = provider.sdk.modify_vpc_endpoint_service_configuration
    only = {"ServiceId": made["ServiceId"], "RemoveNetworkLoadBalancerArns": [second]}
    assert code(modify, **only) == "InvalidParameter"


def test_a_connected_service_keeps_its_balancers_and_itself(
    provider: Provider, consumer: Side, service: dict[str, Any]
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    modify = provider.sdk.modify_vpc_endpoint_service_configuration
    only = {
        "ServiceId": service["ServiceId"],
        "RemoveNetworkLoadBalancerArns": [provider.balancer],
    }
    existing = "Service has existing active VPC Endpoint connections!"
    assert refusal(modify, **only) == ("ExistingVpcEndpointConnections", existing)
    delete = provider.sdk.delete_vpc_endpoint_service_configurations
    answer = delete(ServiceIds=[service["ServiceId"], MISSING])
    assert answer["Unsuccessful"] == [
        {
            "ResourceId": service["ServiceId"],
            "Error": {"Code": "ExistingVpcEndpointConnections", "Message": existing},
        },
        {
            "ResourceId": MISSING,
            "Error": {"Code": "InvalidVpcEndpointService.NotFound", "Message": GONE},
        },
    ]
    provider.answer("reject", service, endpoint)
    assert delete(ServiceIds=[service["ServiceId"]])["Unsuccessful"] == []


def test_rejected_connections_outlive_their_service(
    provider: Provider, consumer: Side, service: dict[str, Any]
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    provider.answer("reject", service, endpoint)
    provider.sdk.delete_vpc_endpoint_service_configurations(ServiceIds=[service["ServiceId"]])
    assert [each["VpcEndpointState"] for each in provider.connections()] == ["rejected"]
    reject = provider.sdk.reject_vpc_endpoint_connections
    gone = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [endpoint]}
    assert code(reject, **gone) == "InvalidVpcEndpointServiceId.NotFound"


def test_unknown_services(provider: Provider) -> None:
    sdk = provider.sdk
    for call, named in (
        (sdk.describe_vpc_endpoint_service_configurations, {"ServiceIds": [MISSING]}),
        (sdk.describe_vpc_endpoint_service_permissions, {"ServiceId": MISSING}),
        (sdk.modify_vpc_endpoint_service_configuration, {"ServiceId": MISSING}),
        (sdk.modify_vpc_endpoint_service_permissions, {"ServiceId": MISSING}),
    ):
        assert refusal(call, **named) == ("InvalidVpcEndpointServiceId.NotFound", GONE)
    assert code(sdk.modify_vpc_endpoint_service_configuration, ServiceId="svc") == (
        "InvalidVpcEndpointServiceId.Malformed"
    )


def test_services_are_found_by_filter_and_page(provider: Provider) -> None:
    tags = [{"ResourceType": "vpc-endpoint-service", "Tags": [{"Key": "tier", "Value": "shared"}]}]
    first = provider.publish(TagSpecifications=tags)
    for _ in range(6):
        provider.publish()
    describe = provider.sdk.describe_vpc_endpoint_service_configurations
    found = describe(Filters=[{"Name": "tag:tier", "Values": ["shared"]}])["ServiceConfigurations"]
    assert [each["ServiceId"] for each in found] == [first["ServiceId"]]
    assert found[0]["Tags"] == [{"Key": "tier", "Value": "shared"}]
    page = describe(MaxResults=5)
    rest = describe(MaxResults=5, NextToken=page["NextToken"])
    every = page["ServiceConfigurations"] + rest["ServiceConfigurations"]
    assert len({each["ServiceId"] for each in every}) == 7
    assert "NextToken" not in rest


def test_a_token_makes_one_service(provider: Provider) -> None:
    first = provider.publish(ClientToken="once")
    assert provider.publish(ClientToken="once")["ServiceId"] == first["ServiceId"]
    create = provider.sdk.create_vpc_endpoint_service_configuration
    other = {"NetworkLoadBalancerArns": [provider.balancer], "AcceptanceRequired": False}
    assert code(create, ClientToken="once", **other) == "IdempotentParameterMismatch"


@pytest.mark.parametrize(("found", "state"), [(True, "verified"), (False, "failed")])
def test_a_private_name_is_proven_by_its_record(
    provider: Provider, lab: Lab, found: bool, state: str
) -> None:
    lab.world({"private_dns_verifies": found, "settle_seconds": 5})
    made = provider.publish(PrivateDnsName="orders.example.com")
    record = made["PrivateDnsNameConfiguration"]
    assert record["State"] == "pendingVerification"
    assert record["Type"] == "TXT"
    assert record["Value"].startswith("vpce:")
    assert record["Name"].startswith("_")
    start = provider.sdk.start_vpc_endpoint_service_private_dns_verification
    assert start(ServiceId=made["ServiceId"])["ReturnValue"] is True
    assert _shown(provider, made)["PrivateDnsNameConfiguration"]["State"] == "pendingVerification"
    lab.pass_time(5)
    assert _shown(provider, made)["PrivateDnsNameConfiguration"]["State"] == state
    _modify(provider, made, PrivateDnsName="orders.example.com", AcceptanceRequired=False)
    assert _shown(provider, made)["PrivateDnsNameConfiguration"] == {**record, "State": state}
    _modify(provider, made, PrivateDnsName="other.example.com")
    assert _shown(provider, made)["PrivateDnsNameConfiguration"]["State"] == "pendingVerification"
    _modify(provider, made, RemovePrivateDnsName=True)
    assert "PrivateDnsName" not in _shown(provider, made)
    assert code(start, ServiceId=made["ServiceId"]) == "InvalidParameter"


@pytest.mark.parametrize("name", ["Orders.example.com", "example", "-a.com", "a..com"])
def test_a_private_name_is_a_domain_in_lower_case(provider: Provider, name: str) -> None:
    create = provider.sdk.create_vpc_endpoint_service_configuration
    wanted = {"NetworkLoadBalancerArns": [provider.balancer], "PrivateDnsName": name}
    assert code(create, **wanted) == "InvalidParameter"


def test_supported_regions_are_changed_but_for_the_home(provider: Provider) -> None:
    made = provider.publish(SupportedRegions=["us-west-2"])
    assert made["RemoteAccessEnabled"] is True
    modify = provider.sdk.modify_vpc_endpoint_service_configuration
    home = {"ServiceId": made["ServiceId"], "RemoveSupportedRegions": [REGION]}
    assert code(modify, **home) == "InvalidParameter"
    unknown = {"ServiceId": made["ServiceId"], "AddSupportedRegions": ["nowhere-1"]}
    assert code(modify, **unknown) == "InvalidParameter"
    _modify(provider, made, RemoveSupportedRegions=["us-west-2"], AddSupportedRegions=["eu-west-1"])
    regions = [each["Region"] for each in _shown(provider, made)["SupportedRegions"]]
    assert regions == [REGION, "eu-west-1"]


PRINCIPALS = [
    ("*", "All"),
    (ROOT, "Account"),
    (f"arn:aws:iam::{OTHER}:user/jo", "User"),
    (f"arn:aws:iam::{OTHER}:role/Deploy", "Role"),
    (f"arn:aws:organizations::{OWNER}:organization/o-a1b2c3d4e5", "OrganizationUnit"),
    (f"arn:aws:organizations::{OWNER}:ou/o-a1b2c3d4e5/ou-ab12-11111111", "OrganizationUnit"),
    ("cloudfront.amazonaws.com", "Service"),
]


@pytest.mark.parametrize(("principal", "kind"), PRINCIPALS)
def test_a_permission_says_its_principals_type(
    provider: Provider, principal: str, kind: str
) -> None:
    made = provider.publish()
    (added,) = provider.allow(made, principal)
    assert added["ServicePermissionId"].startswith("vpce-svc-perm-")
    assert added["PermissionType"] == "vpc-endpoint"
    listed = provider.sdk.describe_vpc_endpoint_service_permissions(ServiceId=made["ServiceId"])
    assert listed["AllowedPrincipals"] == [{**added, "Tags": []}]
    assert (added["Principal"], added["PrincipalType"]) == (principal, kind)


@pytest.mark.parametrize(
    "principal",
    [
        "jo",
        "22222222222",
        f"arn:aws:sts::{OTHER}:assumed-role/Deploy/session",
        f"arn:aws:iam::{OTHER}:role/teams/Deploy",
        f"arn:aws:iam::{OTHER}:group/all",
        f"arn:aws:organizations::{OWNER}:root/o-a1b2c3d4e5/r-ab12",
        "",
    ],
)
def test_a_malformed_principal_is_refused(provider: Provider, principal: str) -> None:
    made = provider.publish()
    modify = provider.sdk.modify_vpc_endpoint_service_permissions
    both = {"ServiceId": made["ServiceId"], "AddAllowedPrincipals": [ROOT, principal]}
    assert refusal(modify, **both) == ("InvalidPrincipal", f"Invalid Principal: '{principal}'")
    assert provider.allow(made) == []
    listed = provider.sdk.describe_vpc_endpoint_service_permissions(ServiceId=made["ServiceId"])
    assert listed["AllowedPrincipals"] == []


def test_whether_organizations_are_taken_is_a_setting(provider: Provider, lab: Lab) -> None:
    lab.world({"organization_principals": False})
    made, of = provider.publish(), dict(PRINCIPALS[4:6])
    modify = provider.sdk.modify_vpc_endpoint_service_permissions
    for principal in of:
        both = {"ServiceId": made["ServiceId"], "AddAllowedPrincipals": [ROOT, principal]}
        assert code(modify, **both) == "InvalidPrincipal"
    assert provider.allow(made, OTHER)[0]["Principal"] == ROOT


def test_whether_an_entry_says_its_type_is_a_setting(provider: Provider, lab: Lab) -> None:
    made = provider.publish()
    provider.allow(made, ROOT)
    lab.world({"transit_gateway_permission": {"service_id": made["ServiceId"], "principal": "*"}})
    lab.world({"permission_types": False})
    describe = provider.sdk.describe_vpc_endpoint_service_permissions
    found = describe(ServiceId=made["ServiceId"])["AllowedPrincipals"]
    said = {each["Principal"]: each.get("PermissionType") for each in found}
    assert said == {ROOT: None, "*": "transit-gateway-attachment"}


def test_an_accounts_bare_id_is_its_root(provider: Provider) -> None:
    made = provider.publish()
    assert provider.allow(made, OTHER)[0]["Principal"] == ROOT
    assert provider.allow(made, ROOT) == []


def test_permissions_are_removed_filtered_and_paged(provider: Provider, lab: Lab) -> None:
    made = provider.publish()
    roots = [f"arn:aws:iam::{number:012}:root" for number in range(1, 8)]
    provider.allow(made, "*", *roots)
    lab.world({"transit_gateway_permission": {"service_id": made["ServiceId"], "principal": ROOT}})
    describe = provider.sdk.describe_vpc_endpoint_service_permissions

    def principals(**narrower: str) -> list[str]:
        filters = [{"Name": k.replace("_", "-"), "Values": [v]} for k, v in narrower.items()]
        found = describe(ServiceId=made["ServiceId"], Filters=filters)["AllowedPrincipals"]
        return [each["Principal"] for each in found]

    assert principals(principal_type="All") == ["*"]
    assert principals(principal=roots[2]) == [roots[2]]
    assert principals(permission_type="transit-gateway-attachment") == [ROOT]
    assert (
        code(
            describe, ServiceId=made["ServiceId"], Filters=[{"Name": "service-id", "Values": ["x"]}]
        )
        == "InvalidFilter"
    )
    page = describe(ServiceId=made["ServiceId"], MaxResults=5)
    rest = describe(ServiceId=made["ServiceId"], MaxResults=5, NextToken=page["NextToken"])
    assert len(page["AllowedPrincipals"] + rest["AllowedPrincipals"]) == 9
    provider.sdk.modify_vpc_endpoint_service_permissions(
        ServiceId=made["ServiceId"], RemoveAllowedPrincipals=[ROOT, *roots]
    )
    assert principals(permission_type="vpc-endpoint") == ["*"]
    assert principals() == ["*", ROOT]


def test_permissions_for_attachments_are_for_gateway_balancers(provider: Provider) -> None:
    made = provider.publish()
    modify = provider.sdk.modify_vpc_endpoint_service_permissions
    asked = {"ServiceId": made["ServiceId"], "AddAllowedPrincipals": [ROOT]}
    for kind in ("transit-gateway-attachment", "nonsense"):
        assert code(modify, PermissionType=kind, **asked) == "InvalidParameter"


def test_services_and_permissions_bear_tags(provider: Provider) -> None:
    made = provider.publish()
    (added,) = provider.allow(made, ROOT)
    both = [made["ServiceId"], added["ServicePermissionId"]]
    provider.sdk.create_tags(Resources=both, Tags=[{"Key": "a", "Value": "b"}])
    tags = provider.sdk.describe_tags()["Tags"]
    assert {(each["ResourceId"], each["ResourceType"]) for each in tags} == {
        (both[0], "vpc-endpoint-service"),
        (both[1], "vpc-endpoint-service-permission"),
    }
    provider.sdk.delete_vpc_endpoint_service_configurations(ServiceIds=[both[0]])
    assert provider.sdk.describe_tags()["Tags"] == []


def test_a_service_is_seen_by_those_it_admits_in_their_own_zone_names(
    provider: Provider, consumer: Side
) -> None:
    made = provider.publish()
    name = made["ServiceName"]
    describe = consumer.sdk.describe_vpc_endpoint_services
    unknown = ("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    assert refusal(describe, ServiceNames=[name]) == unknown
    ask = {"VpcId": consumer.vpc, "VpcEndpointType": "Interface", "ServiceName": name}
    assert refusal(consumer.sdk.create_vpc_endpoint, **ask) == unknown
    provider.allow(made, ROOT)
    (detail,) = _seen(consumer, name)
    assert detail["Owner"] == OWNER
    assert detail["AvailabilityZoneIds"] == [HERE, THERE]
    zones = consumer.sdk.describe_availability_zones(ZoneIds=[HERE, THERE])["AvailabilityZones"]
    assert detail["AvailabilityZones"] == sorted(zone["ZoneName"] for zone in zones)
    assert detail["AvailabilityZones"] != made["AvailabilityZones"]
    assert (detail["AcceptanceRequired"], detail["VpcEndpointPolicySupported"]) == (True, False)
    assert name in describe()["ServiceNames"]


def test_a_public_service_is_found_by_its_name_only(provider: Provider, consumer: Side) -> None:
    made = provider.publish()
    provider.allow(made, "*")
    assert len(_seen(consumer, made["ServiceName"])) == 1
    assert made["ServiceName"] not in consumer.sdk.describe_vpc_endpoint_services()["ServiceNames"]


def test_the_owner_needs_no_permission(provider: Provider) -> None:
    made = provider.publish()
    assert len(_seen(provider, made["ServiceName"])) == 1
    assert provider.endpoint(made["ServiceName"], HERE)["State"] == "pendingAcceptance"


def test_a_role_stands_for_its_sessions_and_for_nobody_else(provider: Provider, sdk: Sdk) -> None:
    made = provider.publish()
    role, user = fresh("Deploy"), fresh("jo")
    provider.allow(
        made, *(f"arn:aws:iam::{OTHER}:{who}" for who in (f"role/{role}", f"user/{user}"))
    )
    name = {"ServiceNames": [made["ServiceName"]]}
    for let_in in (sdk.session(role, OTHER), sdk.user(user, OTHER)):
        assert let_in.describe_vpc_endpoint_services(**name)["ServiceDetails"]
    for stranger in (
        sdk.session(f"{role}er", OTHER),
        sdk.session(f"Another{role}", OTHER, name=role),
        sdk.user(f"{user}e", OTHER),
        sdk.client(OTHER),
    ):
        assert code(stranger.describe_vpc_endpoint_services, **name) == "InvalidServiceName"


class Organization:
    """OWNER's organization, with an account of its own for each test."""

    def __init__(self, sdk: Sdk) -> None:
        self._api = sdk.client(service="organizations")
        self.id = self._api.describe_organization()["Organization"]["Id"]
        self._root = self._api.list_roots()["Roots"][0]["Id"]
        asked = self._api.create_account(Email="a@example.com", AccountName=fresh("a"))
        self.account = str(asked["CreateAccountStatus"]["AccountId"])

    def unit(self, within: str = "") -> str:
        made = self._api.create_organizational_unit(
            ParentId=within or self._root, Name=fresh("unit")
        )
        return str(made["OrganizationalUnit"]["Id"])

    def move(self, unit: str) -> None:
        self._api.move_account(
            AccountId=self.account, SourceParentId=self._root, DestinationParentId=unit
        )


@pytest.fixture
def organization(sdk: Sdk) -> Organization:
    return Organization(sdk)


def test_organizations_and_units_admit_their_accounts(
    provider: Provider, sdk: Sdk, organization: Organization
) -> None:
    whole, upper, beside = (provider.publish() for _ in range(3))
    outer, other = organization.unit(), organization.unit()
    arn = f"arn:aws:organizations::{OWNER}"
    provider.allow(whole, f"{arn}:organization/{organization.id}")
    provider.allow(upper, f"{arn}:ou/{organization.id}/{outer}")
    provider.allow(beside, f"{arn}:ou/{organization.id}/{other}")

    def sees(account: str) -> list[bool]:
        names = sdk.client(account).describe_vpc_endpoint_services()["ServiceNames"]
        return [each["ServiceName"] in names for each in (whole, upper, beside)]

    assert sees("444444444444") == [False, False, False]
    assert sees(organization.account) == [True, False, False]
    organization.move(organization.unit(within=outer))
    assert sees(organization.account) == [True, True, False]
    theirs = sdk.client("555555555555", service="organizations").describe_organization()
    assert theirs["Organization"]["Id"] != organization.id
    assert sees("555555555555") == [False, False, False]


def test_a_permission_for_attachments_lets_no_endpoint_in(
    provider: Provider, consumer: Side, lab: Lab
) -> None:
    made = provider.publish()
    lab.world({"transit_gateway_permission": {"service_id": made["ServiceId"], "principal": ROOT}})
    describe = consumer.sdk.describe_vpc_endpoint_services
    assert code(describe, ServiceNames=[made["ServiceName"]]) == "InvalidServiceName"
    ask = {"VpcId": consumer.vpc, "VpcEndpointType": "Interface"}
    create = consumer.sdk.create_vpc_endpoint
    assert code(create, ServiceName=made["ServiceName"], **ask) == "InvalidServiceName"


def test_a_service_is_seen_from_the_regions_that_it_supports_without_zones(
    provider: Provider, far: Side
) -> None:
    made = provider.publish()
    provider.allow(made, ROOT)
    name, there = made["ServiceName"], {"ServiceRegions": [REGION]}
    describe = far.sdk.describe_vpc_endpoint_services
    assert code(describe, ServiceNames=[name], **there) == "InvalidServiceName"
    ask = {"VpcId": far.vpc, "VpcEndpointType": "Interface", "ServiceRegion": REGION}
    assert code(far.sdk.create_vpc_endpoint, ServiceName=name, **ask) == "InvalidServiceName"
    _modify(provider, made, AddSupportedRegions=["us-west-2"])
    assert code(describe, ServiceNames=[name]) == "InvalidServiceName"
    (detail,) = _seen(far, name, **there)
    assert (detail["AvailabilityZones"], detail["AvailabilityZoneIds"]) == ([], [])
    assert detail["ServiceRegion"] == REGION


def test_some_of_amazons_services_are_seen_from_other_regions_without_zones(far: Side) -> None:
    describe, there = far.sdk.describe_vpc_endpoint_services, {"ServiceRegions": [REGION]}
    seen = {each["ServiceName"]: each for each in _seen(far, **there)}
    assert {"com.amazonaws.iam", f"com.amazonaws.{REGION}.s3"} <= seen.keys()
    assert f"com.amazonaws.{REGION}.logs" not in seen
    assert {each["ServiceRegion"] for each in seen.values()} == {REGION}
    assert all(not each["AvailabilityZoneIds"] for each in seen.values())
    assert code(describe, ServiceNames=["com.amazonaws.iam"]) == "InvalidServiceName"
    everywhere = "com.amazonaws.s3-global.accesspoint"
    assert _seen(far, everywhere)[0]["ServiceRegion"] == "us-west-2"
    china = {"ServiceRegions": ["cn-north-1"]}
    assert code(describe, ServiceNames=["com.amazonaws.iam"], **china) == "InvalidServiceName"


def test_describes_of_services_trail_the_writes(
    provider: Provider, consumer: Side, lab: Lab
) -> None:
    lab.world({"lag_seconds": 10})
    lab.pass_time(100)
    made = provider.publish()
    provider.allow(made, ROOT)
    describe = provider.sdk.describe_vpc_endpoint_service_configurations
    permissions = provider.sdk.describe_vpc_endpoint_service_permissions
    assert describe()["ServiceConfigurations"] == []
    assert permissions(ServiceId=made["ServiceId"])["AllowedPrincipals"] == []
    see = consumer.sdk.describe_vpc_endpoint_services
    assert code(see, ServiceNames=[made["ServiceName"]]) == "InvalidServiceName"
    lab.pass_time(10)
    assert len(describe()["ServiceConfigurations"]) == 1
    assert len(permissions(ServiceId=made["ServiceId"])["AllowedPrincipals"]) == 1
    assert len(_seen(consumer, made["ServiceName"])) == 1


def test_amazons_services_say_what_they_take(consumer: Side) -> None:
    logs = f"com.amazonaws.{REGION}.logs"
    (detail,) = _seen(consumer, logs)
    assert detail["Owner"] == "amazon"
    assert detail["PrivateDnsName"] == f"logs.{REGION}.amazonaws.com"
    assert detail["BaseEndpointDnsNames"] == [f"logs.{REGION}.vpce.amazonaws.com"]
    assert len(detail["AvailabilityZoneIds"]) == 6
    names = {each["PrivateDnsName"] for each in _seen(consumer, f"com.amazonaws.{REGION}.ecr.dkr")}
    assert names == {f"dkr.ecr.{REGION}.amazonaws.com"}
    fewer = _seen(consumer, f"com.amazonaws.{REGION}.cognito-idp")[0]
    assert len(fewer["AvailabilityZoneIds"]) == 4
    mail = _seen(consumer, f"com.amazonaws.{REGION}.email-smtp")[0]
    assert mail["VpcEndpointPolicySupported"] is False
    interfaces = [{"Name": "service-type", "Values": ["Interface"]}]
    assert len(_seen(consumer, Filters=interfaces)) > 40


def test_one_bad_name_fails_the_whole_call(consumer: Side) -> None:
    good = f"com.amazonaws.{REGION}.logs"
    describe = consumer.sdk.describe_vpc_endpoint_services
    assert code(describe, ServiceNames=[good, good + "x"]) == "InvalidServiceName"
