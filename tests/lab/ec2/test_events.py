"""CloudTrail events, in the styles and shapes that public data sets show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lab.ec2 import Caller, Ec2, Reply
from lab.ec2.events import cloudtrail

from .conftest import HERE, THERE, Net, Provider, Side
from .sdk import OTHER, OWNER, REGION, S3, WIRE, client, code

ROLE = Caller(OWNER, REGION, f"arn:aws:sts::{OWNER}:assumed-role/NetworkTeam/session")
WHEN = datetime(2026, 11, 20, 10, 15, 30, tzinfo=UTC)


def _event(reply: Reply, caller: Caller = ROLE, **named: Any) -> dict[str, Any] | None:
    service, operation = WIRE.replies[-1][:2]
    return cloudtrail(
        named.get("service", service),
        named.get("operation", operation),
        reply,
        caller,
        event_id="0b8c5e1e-2a66-4b5c-8f0e-1a2b3c4d5e6f",
        when=WHEN,
        user_agent="APN/1.0 HashiCorp/1.0 Terraform/1.9",
        source_ip="203.0.113.10",
    )


def _detail() -> dict[str, Any]:
    event = _event(WIRE.last)
    assert event is not None
    return dict(event["detail"])


def _shape(value: Any) -> Any:
    """The structure of an event: members and lists, with the kinds of the values."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value]
    return type(value)


def test_the_envelope(net: Net) -> None:
    net.owner.create_tags(Resources=[net.vpc], Tags=[{"Key": "a", "Value": "b"}])
    event = _event(WIRE.last)
    assert event is not None
    detail = event.pop("detail")
    assert event.pop("id") != detail["eventID"]
    assert event == {
        "version": "0",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ec2",
        "account": OWNER,
        "time": "2026-11-20T10:15:30Z",
        "region": REGION,
        "resources": [],
    }
    for member in ("userIdentity", "requestParameters", "responseElements"):
        assert detail.pop(member)
    assert detail == {
        "eventVersion": "1.10",
        "eventTime": "2026-11-20T10:15:30Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "CreateTags",
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.10",
        "userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.9",
        "requestID": WIRE.last.request_id,
        "eventID": "0b8c5e1e-2a66-4b5c-8f0e-1a2b3c4d5e6f",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": OWNER,
        "eventCategory": "Management",
    }


def test_times_are_told_in_utc(net: Net) -> None:
    net.owner.create_tags(Resources=[net.vpc], Tags=[{"Key": "a", "Value": "b"}])
    there = WHEN.astimezone(timezone(timedelta(hours=5)))
    told = cloudtrail(
        "ec2", "CreateTags", WIRE.last, ROLE, event_id="e", when=there, user_agent="", source_ip=""
    )
    assert told is not None
    assert told["time"] == "2026-11-20T10:15:30Z"


def test_an_assumed_role_is_known_by_its_role(net: Net) -> None:
    net.owner.create_route_table(VpcId=net.vpc)
    identity = _detail()["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == ROLE.arn
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert issuer["arn"] == f"arn:aws:iam::{OWNER}:role/NetworkTeam"
    assert issuer["userName"] == "NetworkTeam"
    assert identity["principalId"] == f"{issuer['principalId']}:session"
    assert _shape(identity) == {
        "type": str,
        "principalId": str,
        "arn": str,
        "accountId": str,
        "accessKeyId": str,
        "sessionContext": {
            "sessionIssuer": {
                "type": str,
                "principalId": str,
                "arn": str,
                "accountId": str,
                "userName": str,
            },
            "attributes": {"creationDate": str, "mfaAuthenticated": str},
        },
    }


@pytest.mark.parametrize(
    ("arn", "kind", "name"),
    [
        (f"arn:aws:iam::{OWNER}:root", "Root", None),
        (f"arn:aws:iam::{OWNER}:user/ops/jo", "IAMUser", "jo"),
    ],
)
def test_other_callers(net: Net, arn: str, kind: str, name: str | None) -> None:
    net.owner.create_route_table(VpcId=net.vpc)
    event = _event(WIRE.last, Caller(OWNER, REGION, arn))
    assert event is not None
    identity = event["detail"]["userIdentity"]
    assert (identity["type"], identity.get("userName")) == (kind, name)


def test_create_vpc_is_style_a(owner: Any) -> None:
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "orders"}]}]
    vpc = owner.create_vpc(
        CidrBlock="10.20.0.0/16", InstanceTenancy="default", TagSpecifications=tags
    )
    detail = _detail()
    assert detail["requestParameters"] == {
        "cidrBlock": "10.20.0.0/16",
        "instanceTenancy": "default",
        "tagSpecificationSet": {
            "items": [{"resourceType": "vpc", "tags": [{"key": "Name", "value": "orders"}]}]
        },
    }
    answer = detail["responseElements"]
    assert answer["vpc"]["vpcId"] == vpc["Vpc"]["VpcId"]
    assert answer["vpc"]["tagSet"] == {"items": [{"key": "Name", "value": "orders"}]}
    assert _shape(answer) == {
        "requestId": str,
        "vpc": {
            "vpcId": str,
            "state": str,
            "ownerId": str,
            "cidrBlock": str,
            "cidrBlockAssociationSet": {
                "items": [
                    {"cidrBlock": str, "associationId": str, "cidrBlockState": {"state": str}}
                ]
            },
            "ipv6CidrBlockAssociationSet": {},
            "dhcpOptionsId": str,
            "instanceTenancy": str,
            "tagSet": {"items": [{"key": str, "value": str}]},
            "isDefault": bool,
        },
    }


def test_create_vpc_tells_nothing_of_its_main_table(owner: Any) -> None:
    owner.create_vpc(CidrBlock="10.20.0.0/16")
    assert [operation for _, operation, _, _ in WIRE.replies] == ["CreateVpc"]


def test_create_route_table_is_style_a(net: Net) -> None:
    table = net.owner.create_route_table(VpcId=net.vpc, ClientToken="t")["RouteTable"]
    detail = _detail()
    assert detail["requestParameters"] == {"vpcId": net.vpc, "clientToken": "t"}
    assert detail["responseElements"] == {
        "requestId": WIRE.last.request_id,
        "clientToken": "t",
        "routeTable": {
            "routeTableId": table["RouteTableId"],
            "vpcId": net.vpc,
            "ownerId": OWNER,
            "routeSet": {
                "items": [
                    {
                        "destinationCidrBlock": "10.20.0.0/16",
                        "gatewayId": "local",
                        "state": "active",
                        "origin": "CreateRouteTable",
                    }
                ]
            },
            "associationSet": {},
            "propagatingVgwSet": {},
            "tagSet": {},
        },
    }


def test_create_subnet_is_style_a(net: Net) -> None:
    zone = {"AvailabilityZone": "us-east-1b"}
    net.owner.create_subnet(VpcId=net.vpc, CidrBlock="10.20.2.0/24", **zone)
    detail = _detail()
    assert detail["requestParameters"] == {
        "vpcId": net.vpc,
        "cidrBlock": "10.20.2.0/24",
        "availabilityZone": "us-east-1b",
    }
    assert _shape(detail["responseElements"]) == {
        "requestId": str,
        "subnet": {
            "subnetId": str,
            "subnetArn": str,
            "state": str,
            "vpcId": str,
            "cidrBlock": str,
            "availabilityZone": str,
            "availabilityZoneId": str,
            "ownerId": str,
            "availableIpAddressCount": int,
            "defaultForAz": bool,
            "mapPublicIpOnLaunch": bool,
            "assignIpv6AddressOnCreation": bool,
            "ipv6CidrBlockAssociationSet": {},
            "tagSet": {},
        },
    }


def test_associate_route_table_names_no_vpc(net: Net) -> None:
    made = net.owner.associate_route_table(RouteTableId=net.table, SubnetId=net.subnet)
    detail = _detail()
    assert detail["requestParameters"] == {"routeTableId": net.table, "subnetId": net.subnet}
    assert detail["responseElements"] == {
        "requestId": WIRE.last.request_id,
        "associationId": made["AssociationId"],
        "associationState": {"state": "associated"},
    }


def test_create_tags_is_style_a(net: Net) -> None:
    tags = [{"Key": "endpoint-autopilot", "Value": "off"}]
    net.owner.create_tags(Resources=[net.vpc], Tags=tags)
    detail = _detail()
    assert detail["requestParameters"] == {
        "resourcesSet": {"items": [{"resourceId": net.vpc}]},
        "tagSet": {"items": [{"key": "endpoint-autopilot", "value": "off"}]},
    }
    assert detail["responseElements"] == {"requestId": WIRE.last.request_id, "_return": True}


def test_deletions_are_style_a(net: Net) -> None:
    net.owner.delete_route_table(RouteTableId=net.table)
    detail = _detail()
    assert detail["requestParameters"] == {"routeTableId": net.table}
    assert detail["responseElements"] == {"requestId": WIRE.last.request_id, "_return": True}


def test_rules_of_groups_are_style_a(net: Net) -> None:
    make = {"VpcId": net.vpc, "GroupName": "g", "Description": "mine"}
    group = net.owner.create_security_group(**make)["GroupId"]
    assert _detail()["requestParameters"] == {
        "vpcId": net.vpc,
        "groupName": "g",
        "groupDescription": "mine",
    }
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    pairs = [{"GroupId": group}]
    net.owner.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**https, "UserIdGroupPairs": pairs}]
    )
    assert _detail()["requestParameters"] == {
        "groupId": group,
        "ipPermissions": {
            "items": [
                {
                    "ipProtocol": "tcp",
                    "fromPort": 443,
                    "toPort": 443,
                    "groups": {"items": [{"groupId": group}]},
                }
            ]
        },
    }


def test_an_interface_names_its_groups_in_style_a(net: Net) -> None:
    found = net.owner.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    net.owner.create_network_interface(SubnetId=net.subnet, Groups=[found], ClientToken="t")
    assert _detail()["requestParameters"] == {
        "subnetId": net.subnet,
        "groupSet": {"items": [{"groupId": found}]},
        "clientToken": "t",
    }


def test_a_failed_call_is_told_with_its_error(net: Net) -> None:
    code(net.owner.delete_vpc, VpcId=net.vpc)
    detail = _detail()
    assert detail["requestParameters"] == {"vpcId": net.vpc}
    assert detail["responseElements"] is None
    assert detail["errorCode"] == "Client.DependencyViolation"
    assert detail["errorMessage"] == (
        f"The vpc '{net.vpc}' has dependencies and cannot be deleted."
    )


def test_a_success_has_no_error(net: Net) -> None:
    net.endpoint(net.table)
    assert "errorCode" not in _detail()


def test_create_vpc_endpoint_is_style_b(net: Net) -> None:
    endpoint = net.endpoint(net.table, VpcEndpointType="Gateway")
    detail = _detail()
    assert detail["requestParameters"] == {
        "CreateVpcEndpointRequest": {
            "VpcId": net.vpc,
            "ServiceName": S3,
            "VpcEndpointType": "Gateway",
            "RouteTableId": {"tag": 1, "content": net.table},
        }
    }
    answer = detail["responseElements"]["CreateVpcEndpointResponse"]
    assert answer["xmlns"] == "http://ec2.amazonaws.com/doc/2016-11-15/"
    assert answer["requestId"] == WIRE.last.request_id
    shown = answer["vpcEndpoint"]
    assert shown.pop("policyDocument").startswith('{"Version":"2008-10-17"')
    assert shown.pop("creationTimestamp").endswith("Z")
    assert shown == {
        "vpcEndpointId": endpoint,
        "vpcEndpointType": "Gateway",
        "vpcId": net.vpc,
        "serviceName": S3,
        "state": "available",
        "ownerId": int(OWNER),
        "routeTableIdSet": {"item": net.table},
        "subnetIdSet": "",
        "networkInterfaceIdSet": "",
        "groupSet": "",
        "dnsEntrySet": "",
        "tagSet": "",
        "privateDnsEnabled": False,
        "requesterManaged": False,
    }


def test_several_members_are_a_list_in_style_b(net: Net) -> None:
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "a", "Value": "1"}]}]
    tables = [net.main, net.table]
    net.endpoint(*tables, TagSpecifications=tags)
    detail = _detail()
    request = detail["requestParameters"]["CreateVpcEndpointRequest"]
    assert request["RouteTableId"] == [
        {"tag": 1, "content": tables[0]},
        {"tag": 2, "content": tables[1]},
    ]
    # XML has no types: a value of digits becomes a number.
    assert request["TagSpecification"] == {
        "tag": 1,
        "ResourceType": "vpc-endpoint",
        "Tag": {"tag": 1, "Key": "a", "Value": 1},
    }
    shown = detail["responseElements"]["CreateVpcEndpointResponse"]["vpcEndpoint"]
    assert shown["routeTableIdSet"] == {"item": tables}
    assert shown["tagSet"] == {"item": {"key": "a", "value": 1}}


def test_an_owner_loses_its_leading_zeros_in_style_b(ec2: Ec2) -> None:
    early = client("000000000042")
    vpc = early.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    early.create_vpc_endpoint(VpcId=vpc, ServiceName=S3)
    event = _event(WIRE.last, Caller("000000000042", REGION, "arn:aws:iam::000000000042:root"))
    assert event is not None
    answer = event["detail"]["responseElements"]["CreateVpcEndpointResponse"]
    assert answer["vpcEndpoint"]["ownerId"] == 42
    assert event["detail"]["recipientAccountId"] == "000000000042"


def test_a_refused_endpoint_is_told_in_style_b(net: Net) -> None:
    net.endpoint(net.table)
    create = net.owner.create_vpc_endpoint
    code(create, VpcId=net.vpc, ServiceName=S3, RouteTableIds=[net.table])
    detail = _detail()
    assert detail["errorCode"] == "Client.RouteAlreadyExists"
    assert detail["responseElements"] is None
    assert list(detail["requestParameters"]) == ["CreateVpcEndpointRequest"]


def test_modify_and_delete_are_style_b(net: Net) -> None:
    endpoint = net.endpoint()
    net.owner.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[net.table])
    head = {"xmlns": "http://ec2.amazonaws.com/doc/2016-11-15/", "requestId": WIRE.last.request_id}
    detail = _detail()
    assert detail["requestParameters"] == {
        "ModifyVpcEndpointRequest": {
            "VpcEndpointId": endpoint,
            "AddRouteTableId": {"tag": 1, "content": net.table},
        }
    }
    assert detail["responseElements"] == {"ModifyVpcEndpointResponse": {**head, "return": True}}

    net.owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    head["requestId"] = WIRE.last.request_id
    detail = _detail()
    assert detail["requestParameters"] == {
        "DeleteVpcEndpointsRequest": {"VpcEndpointId": {"tag": 1, "content": endpoint}}
    }
    assert detail["responseElements"] == {
        "DeleteVpcEndpointsResponse": {**head, "unsuccessful": ""}
    }


def test_what_could_not_be_deleted_is_told(net: Net) -> None:
    missing = ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"]
    net.owner.delete_vpc_endpoints(VpcEndpointIds=missing)
    detail = _detail()
    assert detail["requestParameters"]["DeleteVpcEndpointsRequest"]["VpcEndpointId"] == [
        {"tag": 1, "content": missing[0]},
        {"tag": 2, "content": missing[1]},
    ]
    failed = detail["responseElements"]["DeleteVpcEndpointsResponse"]["unsuccessful"]["item"]
    assert [each["resourceId"] for each in failed] == missing
    assert failed[0]["error"]["code"] == "InvalidVpcEndpoint.NotFound"


def test_a_default_vpc_is_style_b(owner: Any) -> None:
    vpc = owner.create_default_vpc()["Vpc"]["VpcId"]
    detail = _detail()
    assert detail["requestParameters"] == {"CreateDefaultVpcRequest": ""}
    answer = detail["responseElements"]["CreateDefaultVpcResponse"]
    assert answer["vpc"]["vpcId"] == vpc


def test_a_balancers_subnets_are_told_in_plain_lists(net: Net, balancing: Any) -> None:
    made = balancing.create_load_balancer(
        Name="orders", Type="network", Subnets=[net.subnet], Scheme="internal"
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    balancing.set_subnets(LoadBalancerArn=arn, Subnets=[net.subnet])
    event = _event(WIRE.last)
    assert event is not None
    assert event["source"] == "aws.elasticloadbalancing"
    detail = event["detail"]
    assert detail["eventSource"] == "elasticloadbalancing.amazonaws.com"
    assert detail["requestParameters"] == {"loadBalancerArn": arn, "subnets": [net.subnet]}
    zone = made["LoadBalancers"][0]["AvailabilityZones"][0]["ZoneName"]
    assert detail["responseElements"] == {
        "availabilityZones": [
            {"zoneName": zone, "subnetId": net.subnet, "loadBalancerAddresses": []}
        ]
    }
    balancing.delete_load_balancer(LoadBalancerArn=arn)
    assert _detail()["responseElements"] is None


ENVELOPE = {"xmlns": "http://ec2.amazonaws.com/doc/2016-11-15/"}


def test_an_interface_endpoint_is_told_to_its_consumer_only(
    consumer: Side, service: dict[str, Any]
) -> None:
    made = consumer.endpoint(service["ServiceName"], HERE, THERE)
    event = _event(WIRE.last, WIRE.replies[-1][2])
    assert event is not None
    assert (event["account"], event["detail"]["recipientAccountId"]) == (OTHER, OTHER)
    asked = event["detail"]["requestParameters"]["CreateVpcEndpointRequest"]
    assert asked["SubnetId"] == [
        {"tag": 1, "content": consumer.subnets[HERE]},
        {"tag": 2, "content": consumer.subnets[THERE]},
    ]
    told = event["detail"]["responseElements"]["CreateVpcEndpointResponse"]["vpcEndpoint"]
    assert told["state"] == "pendingAcceptance"
    assert told["vpcEndpointId"] == made["VpcEndpointId"]
    assert told["groupSet"]["item"]["groupName"] == "default"
    assert len(told["networkInterfaceIdSet"]["item"]) == 2


def test_a_refused_zone_is_told_with_the_subnets_asked_for(
    consumer: Side, service: dict[str, Any]
) -> None:
    subnets = list(consumer.subnets.values())
    create = consumer.sdk.create_vpc_endpoint
    asked = {"VpcId": consumer.vpc, "VpcEndpointType": "Interface", "SubnetIds": subnets}
    assert code(create, ServiceName=service["ServiceName"], **asked) == "InvalidParameter"
    detail = _detail()
    assert detail["errorCode"] == "Client.InvalidParameter"
    assert "does not support the availability zone" in detail["errorMessage"]
    assert detail["responseElements"] is None
    assert detail["requestParameters"]["CreateVpcEndpointRequest"]["SubnetId"][2] == {
        "tag": 3,
        "content": subnets[2],
    }


@pytest.mark.parametrize("how", ["Accept", "Reject"])
def test_answers_are_style_b(
    provider: Provider, consumer: Side, service: dict[str, Any], how: str
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    provider.answer(how.lower(), service, endpoint)
    name, detail = f"{how}VpcEndpointConnections", _detail()
    assert detail["eventName"] == name
    assert detail["recipientAccountId"] == OWNER
    assert detail["requestParameters"] == {
        f"{name}Request": {
            "ServiceId": service["ServiceId"],
            "VpcEndpointId": {"tag": 1, "content": endpoint},
        }
    }
    assert detail["responseElements"] == {
        f"{name}Response": {**ENVELOPE, "requestId": WIRE.last.request_id, "unsuccessful": ""}
    }


def test_what_failed_of_an_answer_is_told(provider: Provider, service: dict[str, Any]) -> None:
    missing = "vpce-0123456789abcdef0"
    provider.answer("accept", service, missing)
    answer = _detail()["responseElements"]["AcceptVpcEndpointConnectionsResponse"]
    item = answer["unsuccessful"]["item"]
    assert item["resourceId"] == missing
    assert item["error"]["code"] == "InvalidVpcEndpointId.NotFound"


def test_services_permissions_and_notifications_are_style_b(provider: Provider) -> None:
    made = provider.publish()
    detail = _detail()
    arns = {"tag": 1, "content": provider.balancer}
    assert detail["requestParameters"] == {
        "CreateVpcEndpointServiceConfigurationRequest": {"NetworkLoadBalancerArn": arns}
    }
    answer = detail["responseElements"]["CreateVpcEndpointServiceConfigurationResponse"]
    told = answer["serviceConfiguration"]
    assert (told["serviceId"], told["serviceState"]) == (made["ServiceId"], "Available")
    assert told["availabilityZoneSet"]["item"] == made["AvailabilityZones"]

    root = f"arn:aws:iam::{OTHER}:root"
    provider.allow(made, root)
    detail = _detail()
    assert detail["requestParameters"] == {
        "ModifyVpcEndpointServicePermissionsRequest": {
            "ServiceId": made["ServiceId"],
            "AddAllowedPrincipals": {"tag": 1, "content": root},
        }
    }
    answer = detail["responseElements"]["ModifyVpcEndpointServicePermissionsResponse"]
    assert answer["return"] is True
    assert answer["addedPrincipalSet"]["item"]["principal"] == root

    topic = f"arn:aws:sns:{REGION}:{OWNER}:t"
    provider.sdk.create_vpc_endpoint_connection_notification(
        ServiceId=made["ServiceId"], ConnectionNotificationArn=topic, ConnectionEvents=["Connect"]
    )
    asked = _detail()["requestParameters"]["CreateVpcEndpointConnectionNotificationRequest"]
    assert asked["ConnectionEvents"] == {"tag": 1, "content": "Connect"}

    provider.sdk.delete_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])
    assert _detail()["requestParameters"] == {
        "DeleteVpcEndpointServiceConfigurationsRequest": {
            "ServiceId": {"tag": 1, "content": made["ServiceId"]}
        }
    }


def test_reads_leave_no_event(net: Net) -> None:
    net.owner.describe_vpcs()
    assert _event(WIRE.last) is None


def test_what_only_the_lab_refuses_leaves_no_event(ec2: Ec2) -> None:
    reply = ec2.serve("ec2", "RunInstances", b"", ROLE)
    assert reply.error == "InvalidAction"
    told = cloudtrail(
        "ec2", "RunInstances", reply, ROLE, event_id="e", when=WHEN, user_agent="", source_ip=""
    )
    assert told is None


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (400, "Throttling", "Client.Throttling"),
        (503, "RequestLimitExceeded", "Client.RequestLimitExceeded"),
        (500, "InternalError", "Server.InternalError"),
        (503, "Unavailable", "Server.Unavailable"),
    ],
)
def test_faults_made_elsewhere_are_told_too(net: Net, status: int, error: str, told: str) -> None:
    reply = Reply(status, {}, b"", {"VpcId": net.vpc}, None, error, "no", mutating=True)
    event = _event(reply, service="ec2", operation="DeleteVpc")
    assert event is not None
    assert event["detail"]["errorCode"] == told
    assert event["detail"]["requestParameters"] == {"vpcId": net.vpc}


def test_a_request_that_was_never_understood_has_no_parameters(ec2: Ec2) -> None:
    reply = ec2.serve("ec2", "DeleteVpc", b"", ROLE)
    told = cloudtrail(
        "ec2", "DeleteVpc", reply, ROLE, event_id="e", when=WHEN, user_agent="", source_ip=""
    )
    assert told is not None
    assert told["detail"]["errorCode"] == "Client.MissingParameter"
    assert told["detail"]["requestParameters"] is None
