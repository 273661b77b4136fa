"""Every closed set that AWS's answers hold, by botocore's enums: how the code treats each value.

The tables say what is meant, the code that runs what is so. A value that AWS adds is in no table,
nor is a set that an answer begins to bear: the tests fail until somebody has decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws import (
    connections,
    endpoint_services,
    fleet_survey,
    interface_facts,
    network,
    stack_sets,
    succession,
    traffic,
    zones,
)
from autopilot.connections.facts import Connection, Member, Organization, Permission
from autopilot.connections.locks import is_permitted
from autopilot.fleet.facts import ACTIVE
from autopilot.fleet.roster import Roster, RosterTarget
from autopilot.gateway import facts as gateway
from autopilot.gateway.desired import why_not_vpc
from autopilot.interfaces import desired as wants
from autopilot.interfaces import facts as interface
from autopilot.interfaces import placement
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import WHOLE_NETWORK
from autopilot.services.facts import LoadBalancer, PrivateName
from botocore.model import ListShape, Shape, StructureShape

from infra.operations import OPERATIONS
from lab.ec2 import principals
from lab.ec2.operations import endpoint_services as lab_services
from lab.ec2.operations import endpoints, permissions
from tests.adapters.canned import answering, enum, model, output

US = StackIdentity("EndpointAutopilot", "111111111111", "us-east-1")
OWNER, NAME = "222222222222", "com.amazonaws.us-east-1.logs"
# One entry of a permission list for each type of principal (PrivateLink guide), naming OWNER.
PRINCIPALS = {
    "All": "*",
    "Service": "logs.amazonaws.com",
    "OrganizationUnit": "arn:aws:organizations::111111111111:ou/o-a1b2c3d4e5/ou-ab12-11111111",
    "Account": f"arn:aws:iam::{OWNER}:root",
    "User": f"arn:aws:iam::{OWNER}:user/ann",
    "Role": f"arn:aws:iam::{OWNER}:role/app",
}
Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Read:
    """A set that the code tells apart: by value what comes of it, and the code that says so."""

    service: str
    name: str
    meant: Mapping[str, Any]
    by: Callable[[str, Patch], Any]


FLEET = Roster("o-a1b2c3d4e5", "9" * 12, "us-east-1", targets={"t": RosterTarget("ou-1", "S", ())})


def _instance(status: str, detail: str, patch: Patch) -> tuple[bool, bool]:
    """Whether a stack instance has failed, and whether its stack stands."""
    of = {"Account": OWNER, "Region": "us-east-1", "Status": status}
    said = {"Summaries": [{**of, "StackInstanceStatus": {"DetailedStatus": detail}}]}
    answering(patch, {"ListStackInstances": said})
    [found] = fleet_survey._instances(FLEET)
    return found.failed, found.stands


def by_instance_status(status: str, patch: Patch) -> tuple[bool, bool]:
    return _instance(status, "SUCCEEDED", patch)


def by_detailed_status(detail: str, patch: Patch) -> tuple[bool, bool]:
    return _instance("CURRENT", detail, patch)


def _serves(patch: Patch, **said: str) -> bool:
    """Whether an account of the fleet's unit is to be served."""
    account = {"Id": OWNER, "Arn": "arn:aws:organizations::1:account/o-a/2", "Name": "n", **said}
    none: dict[str, list[object]] = {"OrganizationalUnits": []}
    accounts = {"Accounts": [account]}
    answers = {"ListAccounts": accounts, "ListAccountsForParent": accounts}
    answering(patch, {**answers, "ListOrganizationalUnitsForParent": none})
    [found] = fleet_survey._members(FLEET)
    return found.target == "t" and found.state == ACTIVE


def by_account_state(state: str, patch: Patch) -> bool:
    return _serves(patch, State=state)


def by_stack_status(status: str, patch: Patch) -> bool:
    """Whether a stack is taken to be going back."""
    answering(patch, {"DescribeStacks": {"Stacks": [{"StackStatus": status}]}})
    return stack_sets.rolls_back("arn:stack")


def by_state(state: str, _: Patch) -> tuple[str, str, str]:
    """An endpoint for tables, one in subnets, somebody's connection."""
    return (
        gateway.Endpoint("vpce-1", "vpc-1", NAME, state).standing,
        interface.Endpoint("vpce-1", "vpc-1", NAME, state).standing,
        Connection("vpce-1", "vpce-svc-1", OWNER, state).stage,
    )


def by_address_type(kind: str, _: Patch) -> set[str]:
    """The families that a gateway endpoint of the type routes."""
    return set(gateway.Endpoint("vpce-1", "vpc-1", NAME, address_type=kind).families)


def by_connectivity(kind: str, _: Patch) -> set[str]:
    """The families of a service that lists this one."""
    described = {"ServiceName": NAME, "SupportedIpAddressTypes": [kind]}
    return set(interface_facts._offer(described, US.region, US.region, ()).families)


def by_subnet_block(state: str, _: Patch) -> bool:
    """Whether a subnet counts as having IPv6."""
    block = {"Ipv6CidrBlock": "2600::/64", "Ipv6CidrBlockState": {"State": state}}
    return bool(interface_facts._blocks({"Ipv6CidrBlockAssociationSet": [block]}))


def by_endpoint_type(kind: str, patch: Patch) -> set[str]:
    """Who takes up an endpoint of a type that a describe shows whatever its filter asks for."""
    found = {"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "State": "available"}
    found |= {"VpcEndpointType": kind, "ServiceName": NAME}
    answering(patch, {"DescribeVpcEndpoints": {"VpcEndpoints": [found]}})
    described = [found]
    side = zones.consumer_sides({US.account: ["vpce-1"]}, US)["vpce-1"]
    says = {
        "served": [*interface_facts._of_type("Interface", described)],
        "counted": interface_facts.with_endpoints(described).counted_too,
        "in one zone": not isinstance(side, str) and side.single,
    }
    return {what for what, so in says.items() if so}


def by_service_type(kind: str, patch: Patch) -> set[str]:
    described = {"ServiceName": NAME, "ServiceType": [{"ServiceType": kind}]}
    ours = {"ServiceId": "vpce-svc-1", **described}
    zoned = {**described, "AvailabilityZoneIds": ["use1-az1"]}
    answering(
        patch,
        {
            "DescribeVpcEndpointServices": {"ServiceDetails": [zoned]},
            "DescribeVpcEndpointServiceConfigurations": {"ServiceConfigurations": [ours]},
        },
    )
    says = {
        "wanted by profiles": interface_facts.offered({NAME: [US.region]}, US.region),
        "has zones": zones.zone_ids_of(NAME),
        "notified of": [each for each in connections.services(None) if each.interface],
    }
    return {what for what, so in says.items() if so}


def by_service_state(state: str, patch: Patch) -> tuple[bool, bool]:
    found = {"ServiceId": "vpce-svc-1", "ServiceState": state}
    answer = {"ServiceConfigurations": [found]}
    answering(patch, {"DescribeVpcEndpointServiceConfigurations": answer})
    return bool([*connections.services(None)]), bool([*endpoint_services.services()])


def by_principal_type(kind: str, _: Patch) -> bool | None:
    entry = Permission(PRINCIPALS[kind], kind, "vpc-endpoint")
    unit = Member(frozenset({"o-a1b2c3d4e5", "ou-ab12-11111111"}), True)
    return is_permitted([entry], OWNER, US.account, Organization({OWNER: unit}))


def by_permission_type(kind: str, _: Patch) -> bool:
    return Permission("*", "All", kind).for_endpoints


def by_name_state(state: str, patch: Patch) -> tuple[bool, bool]:
    """Our own service's name, and another's whose service we would reach."""
    described = {"ServiceName": NAME, "ServiceType": [{"ServiceType": "Interface"}]}
    described |= {"PrivateDnsName": "x.example", "PrivateDnsNameVerificationState": state}
    answering(patch, {"DescribeVpcEndpointServices": {"ServiceDetails": [described]}})
    return PrivateName("x.example", state).verified, interface_facts.offered(
        {NAME: ["us-east-1"]}, "us-east-1"
    )[NAME].verified


def by_balancer_type(kind: str, patch: Patch) -> bool:
    found = {"LoadBalancerArn": "arn", "LoadBalancerName": "b", "Type": kind}
    answering(patch, {"DescribeLoadBalancers": {"LoadBalancers": [found]}})
    return bool([*endpoint_services.network_balancers()])


def by_balancer_scheme(scheme: str, patch: Patch) -> bool:
    found = {"LoadBalancerArn": "arn", "LoadBalancerName": "b", "Type": "network", "Scheme": scheme}
    answering(patch, {"DescribeLoadBalancers": {"LoadBalancers": [found]}})
    return next(endpoint_services.network_balancers()).internal


def by_balancer_state(state: str, _: Patch) -> tuple[bool, bool]:
    found = LoadBalancer("arn", "b", state=state)
    return found.active, found.settling


def by_association_state(state: str, patch: Patch) -> bool:
    bound = {"Main": True, "AssociationState": {"State": state}}
    table = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [bound]}
    answering(patch, {"DescribeRouteTables": {"RouteTables": [table]}})
    return network.survey(WHOLE_NETWORK).route_tables[0].main


def by_interface_type(kind: str, patch: Patch) -> bool:
    found = {"VpcId": "vpc-1", "SubnetId": "subnet-1", "InterfaceType": kind}
    answering(patch, {"DescribeNetworkInterfaces": {"NetworkInterfaces": [found]}})
    return bool(network.busy_subnets(["vpc-1"])["vpc-1"])


def by_block_state(state: str, patch: Patch) -> bool:
    block = {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": state}}
    found = {"VpcId": "vpc-1", "OwnerId": US.account, "State": "available"}
    answer = {"Vpcs": [{**found, "CidrBlockAssociationSet": [block]}]}
    answering(patch, {"DescribeVpcs": answer})
    return bool(next(interface_facts.vpcs([])).cidrs)


def by_subnet_state(state: str, _: Patch) -> bool:
    subnet = interface.Subnet("subnet-1", "vpc-1", "use1-az1", state=state)
    return bool(placement.choose([subnet], {}, interface.Offer(NAME, US.region), US.region).wanted)


def by_vpc_state(state: str, _: Patch) -> tuple[str | None, str | None]:
    return (
        why_not_vpc(gateway.Vpc("vpc-1", US.account, state), Policy(), US),
        wants.why_not(interface.Vpc("vpc-1", US.account, state), Policy(), US, ()),
    )


def by_table_status(status: str, patch: Patch) -> bool:
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    schema = [{"AttributeName": name, "KeyType": kind} for name, kind in keys]
    table = {
        "TableName": "ours-1",
        "TableStatus": status,
        "CreationDateTime": 0,
        "KeySchema": schema,
    }
    answering(patch, {"ListTables": {"TableNames": ["ours-1"]}, "DescribeTable": {"Table": table}})
    return bool([*succession.youngest_first("ours-", "ours-2")])


def by_status(status: str, patch: Patch) -> bool:
    """Whether what a metric's answer says is all."""
    metric = traffic.Metric(traffic.NAT, "Bytes", frozenset({("NatGatewayId", "nat-1")}))
    answer = {"MetricDataResults": [{"Id": "m0", "StatusCode": status}]}
    answering(patch, {"GetMetricData": answer})
    now = datetime(2026, 11, 30, tzinfo=UTC)
    return traffic.read([metric], now, now)[metric].complete


BUSY_INTERFACES = (
    "interface",
    "natGateway",
    "efa",
    "efa-only",
    "trunk",
    "load_balancer",
    "network_load_balancer",
    "branch",
    "transit_gateway",
    "lambda",
    "quicksight",
    "global_accelerator_managed",
    "api_gateway_managed",
    "gateway_load_balancer",
    "gateway_load_balancer_endpoint",
    "iot_rules_managed",
    "aws_codestar_connections_managed",
)
READ = (
    Read(
        "ec2",
        "State",
        {
            "PendingAcceptance": ("coming", "coming", "asking"),
            "Pending": ("coming", "coming", "live"),
            "Available": ("available", "available", "live"),
            "Deleting": ("going", "going", "over"),
            "Deleted": ("going", "going", "over"),
            "Rejected": ("broken", "broken", "over"),
            "Failed": ("broken", "broken", "over"),
            "Expired": ("broken", "broken", "over"),
            "Partial": ("available", "available", "live"),
        },
        by_state,
    ),
    Read(
        "ec2",
        "VpcEndpointType",
        {
            "Interface": {"served"},
            "Gateway": set(),  # the network's look asks for these alone
            "GatewayLoadBalancer": {"counted", "in one zone"},
            "Resource": set(),
            "ServiceNetwork": set(),
            "Tunnel": set(),
        },
        by_endpoint_type,
    ),
    Read(
        "ec2",
        "ServiceType",
        {
            "Interface": {"wanted by profiles", "has zones", "notified of"},
            "Gateway": {"notified of"},  # of our own there are none
            "GatewayLoadBalancer": {"has zones"},
        },
        by_service_type,
    ),
    Read(
        "ec2",
        "ServiceState",
        {
            "Pending": (True, True),
            "Available": (True, True),
            "Deleting": (False, False),
            "Deleted": (False, False),
            "Failed": (True, True),
        },
        by_service_state,
    ),
    Read(
        "ec2",
        "PrincipalType",
        {**dict.fromkeys(PRINCIPALS, True), "Service": False},
        by_principal_type,
    ),
    Read(
        "ec2",
        "PermissionType",
        {"vpc-endpoint": True, "transit-gateway-attachment": False},
        by_permission_type,
    ),
    Read(
        "ec2",
        "DnsNameState",
        {
            "pendingVerification": (False, False),
            "verified": (True, True),
            "failed": (False, False),
        },
        by_name_state,
    ),
    Read(
        "ec2",
        "RouteTableAssociationStateCode",
        {
            "associating": True,
            "associated": True,
            "disassociating": True,
            "disassociated": False,
            "failed": False,
        },
        by_association_state,
    ),
    Read(
        "ec2",
        "NetworkInterfaceType",
        {**dict.fromkeys(BUSY_INTERFACES, True), "vpc_endpoint": False},
        by_interface_type,
    ),
    Read(
        "ec2",
        "VpcCidrBlockStateCode",
        {
            "associating": False,
            "associated": True,
            "disassociating": False,
            "disassociated": False,
            "failing": False,
            "failed": False,
        },
        by_block_state,
    ),
    Read(
        "ec2",
        "SubnetState",
        {
            "pending": False,
            "available": True,
            "unavailable": False,
            "failed": False,
            "failed-insufficient-capacity": False,
        },
        by_subnet_state,
    ),
    Read(
        "ec2",
        "VpcState",
        {
            "pending": (None, None),
            "available": (None, None),
            "deleting": ("VPC being deleted", "VPC being deleted"),
        },
        by_vpc_state,
    ),
    Read(
        "dynamodb",
        "TableStatus",
        {
            "CREATING": False,
            "UPDATING": True,
            "DELETING": False,
            "ACTIVE": True,
            "INACCESSIBLE_ENCRYPTION_CREDENTIALS": False,
            "ARCHIVING": False,
            "ARCHIVED": False,
            "REPLICATION_NOT_AUTHORIZED": False,
        },
        by_table_status,
    ),
    Read(
        "elbv2",
        "LoadBalancerTypeEnum",
        {"application": False, "network": True, "gateway": False},
        by_balancer_type,
    ),
    Read(
        "elbv2",
        "LoadBalancerSchemeEnum",
        {"internet-facing": False, "internal": True},
        by_balancer_scheme,
    ),
    Read(
        "elbv2",
        "LoadBalancerStateEnum",
        {
            "active": (True, False),
            "provisioning": (False, True),
            "active_impaired": (True, False),
            "failed": (False, False),
        },
        by_balancer_state,
    ),
    Read(
        "ec2",
        "IpAddressType",
        {"ipv4": {"ipv4"}, "dualstack": {"ipv4", "ipv6"}, "ipv6": {"ipv6"}},
        by_address_type,
    ),
    Read(
        "ec2",
        "ServiceConnectivityType",
        {"ipv4": {"ipv4"}, "ipv6": {"ipv6"}},
        by_connectivity,
    ),
    Read(
        "ec2",
        "SubnetCidrBlockStateCode",
        {
            "associating": False,
            "associated": True,
            "disassociating": False,
            "disassociated": False,
            "failing": False,
            "failed": False,
        },
        by_subnet_block,
    ),
    Read(
        "cloudwatch",
        "StatusCode",
        {"Complete": True, "InternalError": False, "PartialData": False, "Forbidden": False},
        by_status,
    ),
    Read(
        "cloudformation",
        "StackInstanceStatus",
        {"CURRENT": (False, True), "OUTDATED": (False, False), "INOPERABLE": (True, False)},
        by_instance_status,
    ),
    Read(
        "cloudformation",
        "StackInstanceDetailedStatus",
        {
            "PENDING": (False, False),
            "RUNNING": (False, False),
            "SUCCEEDED": (False, True),
            "FAILED": (True, False),
            "CANCELLED": (True, False),
            "INOPERABLE": (True, False),
            "SKIPPED_SUSPENDED_ACCOUNT": (False, True),
            "FAILED_IMPORT": (True, False),
        },
        by_detailed_status,
    ),
    Read(
        "cloudformation",
        "StackStatus",
        {
            **dict.fromkeys(
                (
                    "CREATE_IN_PROGRESS",
                    "CREATE_FAILED",
                    "CREATE_COMPLETE",
                    "DELETE_IN_PROGRESS",
                    "DELETE_FAILED",
                    "DELETE_COMPLETE",
                    "UPDATE_IN_PROGRESS",
                    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                    "UPDATE_COMPLETE",
                    "UPDATE_FAILED",
                    "REVIEW_IN_PROGRESS",
                    "IMPORT_IN_PROGRESS",
                    "IMPORT_COMPLETE",
                ),
                False,
            ),
            **dict.fromkeys(
                (
                    "ROLLBACK_IN_PROGRESS",
                    "ROLLBACK_FAILED",
                    "ROLLBACK_COMPLETE",
                    "UPDATE_ROLLBACK_IN_PROGRESS",
                    "UPDATE_ROLLBACK_FAILED",
                    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
                    "UPDATE_ROLLBACK_COMPLETE",
                    "IMPORT_ROLLBACK_IN_PROGRESS",
                    "IMPORT_ROLLBACK_FAILED",
                    "IMPORT_ROLLBACK_COMPLETE",
                ),
                True,
            ),
        },
        by_stack_status,
    ),
    Read(
        "organizations",
        "AccountState",
        {
            "PENDING_ACTIVATION": False,
            "ACTIVE": True,
            "SUSPENDED": False,
            "PENDING_CLOSURE": False,
            "CLOSED": False,
        },
        by_account_state,
    ),
)
OF_TABLES = (
    "BillingMode",
    "GlobalTableSettingsReplicationMode",
    "IndexStatus",
    "KeyType",
    "MultiRegionConsistency",
    "ProjectionType",
    "ReplicaStatus",
    "SSEStatus",
    "SSEType",
    "ScalarAttributeType",
    "SearchSchemaElementType",
    "StreamViewType",
    "TableClass",
    "VectorDistanceFunction",
    "WitnessStatus",
)
# Members whose names say too little: sets that are read stand in members of these names, too.
SHARED = {
    "DetailedStatus",
    "ErrorCode",
    "IpAddressType",
    "Mode",
    "Scope",
    "State",
    "Status",
    "Type",
}
ADAPTERS = Path(network.__file__).parent
# Sets that our answers bear and none of our code tells apart, with the reason.
UNREAD = {
    "cloudformation": {
        "StackDriftStatus": "nobody has had drift detected",
        **dict.fromkeys(
            (
                "Capability",
                "DeletionMode",
                "DeploymentConfigMode",
                "DetailedStatus",
                "OperationType",
            ),
            "of a stack only its status is read",
        ),
    },
    "s3": dict.fromkeys(
        (
            "ArchiveStatus",
            "ChecksumType",
            "ObjectLockEventHold",
            "ObjectLockLegalHoldStatus",
            "ObjectLockMode",
            "ReplicationStatus",
            "RequestCharged",
            "ServerSideEncryption",
            "StorageClass",
        ),
        "of an object only whether it is there is asked",
    ),
    "dynamodb": dict.fromkeys(OF_TABLES, "of a table only its status is read"),
    "stepfunctions": {"ExecutionStatus": "those that run are asked for, and all others left alone"},
    "ec2": {
        "DnsRecordIpType": "the records follow the endpoint's address type",
        "PayerResponsibility": "who pays is its owner's business",
        "PayerResponsibilityScope": "the same",
        "PayerResponsibilityType": "the same",
        "ConnectionNotificationType": "notifications are known by their topic's ARN",
        "ConnectionNotificationState": "AWS disables one whose topic it can't reach; we can't help",
        "AttachmentStatus": "an interface counts wherever it is",
        "NetworkInterfaceStatus": "the same",
        "RouteState": "routes are AWS's own for our endpoints",
        "RouteOrigin": "the same",
        **dict.fromkeys(
            (
                "FirewallOnboardingStatus",
                "Ipv6AddressAttribute",
                "IpSource",
                "HostnameType",
                "BlockPublicAccessMode",
                "NetworkFirewallConnectivityType",
                "Tenancy",
                "VpcEncryptionControlMode",
                "VpcEncryptionControlState",
                "VpcEncryptionControlExclusionState",
                "FirewallMode",
            ),
            "says nothing of endpoints",
        ),
    },
    "elbv2": {
        "IpAddressType": "families aren't told apart here",
        "EnablePrefixForIpv6SourceNatEnum": "says nothing of endpoints",
    },
    "organizations": {
        "AccountStatus": "retired since September 2026: State is read",
        "AccountJoinedMethod": "who is in the organization is in it",
        "ParentType": "a root is known by its id",
    },
    "service-quotas": {
        name: "the quota's value is all that is read"
        for name in (
            "PeriodUnit",
            "ErrorCode",
            "AppliedLevelEnum",
            "QuotaContextScope",
            "AdjustableAtLevelEnum",
        )
    },
    "ssm": {
        "ParameterType": "names and values are all that is read",
        "ParameterTier": "the same",
    },
}


@pytest.mark.parametrize("read", READ, ids=lambda read: read.name)
def test_each_value_that_aws_knows_is_treated_as_meant(read: Read, monkeypatch: Patch) -> None:
    assert treated(read, enum(read.service, read.name), monkeypatch) == dict(read.meant)


def test_a_value_that_aws_adds_is_seen(monkeypatch: Patch) -> None:
    for read in READ:
        if read.name != "PrincipalType":  # of which an example must be written first
            planted = treated(read, (*enum(read.service, read.name), "brand-new"), monkeypatch)
            assert planted.keys() - read.meant.keys() == {"brand-new"}


def test_a_new_value_does_no_harm(monkeypatch: Patch) -> None:
    """What nobody knows is taken for neither gone, nor ours, nor quiet, nor verified."""
    unknown = {read.name: read.by("brand-new", monkeypatch) for read in READ[:4]}
    assert unknown == {
        "State": ("available", "available", "unknown"),
        "VpcEndpointType": set(),
        "ServiceType": {"has zones", "notified of"},
        "ServiceState": (True, True),
    }
    assert by_interface_type("brand-new", monkeypatch)
    assert not by_permission_type("brand-new", monkeypatch)
    assert by_name_state("brand-new", monkeypatch) == (False, False)
    assert not by_balancer_type("brand-new", monkeypatch)
    assert by_association_state("brand-new", monkeypatch)


@pytest.mark.parametrize("service", OPERATIONS)
def test_each_set_that_our_answers_bear_is_in_a_table(service: str) -> None:
    found = {name for each in OPERATIONS[service] for name in enums_of(service, each)}
    known = {read.name for read in READ if read.service == service}
    assert found == known | UNREAD.get(service, {}).keys()
    assert not known & UNREAD.get(service, {}).keys()


@pytest.mark.parametrize("service", UNREAD)
def test_what_is_said_to_be_unread_is_in_no_adapter(service: str) -> None:
    """By the members that bear a set, but those whose names others share, such as State."""
    code = "".join(path.read_text(encoding="utf-8") for path in ADAPTERS.glob("*.py"))
    members = {
        member
        for each in OPERATIONS[service]
        for member, name in members_of(service, each)
        if name in UNREAD[service] and member not in SHARED
    }
    assert [member for member in sorted(members) if f'"{member}"' in code] == []


def test_the_lab_knows_every_type_of_endpoint_service_principal_and_permission() -> None:
    for name, known in (
        ("VpcEndpointType", endpoints._MAKES),
        ("PrincipalType", principals._MATCHES),
        ("PermissionType", permissions._SCOPES),
    ):
        assert {*known} == {*enum("ec2", name)}
    # A service of one's own is never a gateway's.
    assert {*lab_services.BALANCERS} == {*enum("ec2", "ServiceType")} - {"Gateway"}


def treated(read: Read, values: tuple[str, ...], patch: Patch) -> dict[str, Any]:
    return {value: read.by(value, patch) for value in values}


def enums_of(service: str, operation: str) -> set[str]:
    if model(service).operation_model(operation).output_shape is None:
        return set()
    return set(_enums(output(service, operation), set()))


def members_of(service: str, operation: str) -> set[tuple[str, str]]:
    """The members of an answer that are, or list, a closed set: member and set."""
    if model(service).operation_model(operation).output_shape is None:
        return set()
    found, seen, ahead = set[tuple[str, str]](), set[str](), [output(service, operation)]
    while ahead:
        shape = ahead.pop()
        for member, each in shape.members.items():
            inner = each.member if isinstance(each, ListShape) else each
            if getattr(inner, "enum", None):
                found.add((member, inner.name))
            elif isinstance(inner, StructureShape) and inner.name not in seen:
                seen.add(inner.name)
                ahead.append(inner)
    return found


def _enums(shape: Shape, seen: set[str]) -> Iterator[str]:
    if shape.name in seen:
        return
    seen.add(shape.name)
    if getattr(shape, "enum", None):
        yield shape.name
    for inner in _inside(shape):
        yield from _enums(inner, seen)


def _inside(shape: Shape) -> list[Shape]:
    if isinstance(shape, StructureShape):
        return [*shape.members.values()]
    return [shape.member] if isinstance(shape, ListShape) else []
