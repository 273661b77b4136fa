"""CloudTrail events, in the styles and shapes that public data sets show."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lab.client import Lab

from .conftest import HERE, THERE, Net, Provider, Side, Trail
from .sdk import OTHER, OWNER, REGION, S3, Sdk, code, crooked, fresh

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _shape(value: Any) -> Any:
    """The structure of an event: members and lists, with the kinds of the values."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value]
    return type(value)


def test_the_envelope(net: Net, sdk: Sdk, trail: Trail) -> None:
    net.owner.create_tags(Resources=[net.vpc], Tags=[{"Key": "a", "Value": "b"}])
    event = trail.event()
    detail = event.pop("detail")
    assert event.pop("id") != detail["eventID"]
    assert TIME.fullmatch(event.pop("time"))
    assert event == {
        "version": "0",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ec2",
        "account": OWNER,
        "region": REGION,
        "resources": [],
    }
    for member in ("userIdentity", "requestParameters", "responseElements", "eventID"):
        assert detail.pop(member)
    assert TIME.fullmatch(detail.pop("eventTime"))
    assert detail.pop("userAgent").startswith("Boto3/")
    assert detail == {
        "eventVersion": "1.10",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "CreateTags",
        "awsRegion": REGION,
        "sourceIPAddress": "127.0.0.1",
        "requestID": sdk.last.request_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": OWNER,
        "eventCategory": "Management",
    }


def test_an_assumed_role_is_known_by_its_role(net: Net, sdk: Sdk, trail: Trail) -> None:
    role = fresh("NetworkTeam")
    sdk.session(role).create_route_table(VpcId=net.vpc)
    identity = trail.detail()["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{OWNER}:assumed-role/{role}/session"
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert issuer["arn"] == f"arn:aws:iam::{OWNER}:role/{role}"
    assert issuer["userName"] == role
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


def test_other_callers(net: Net, sdk: Sdk, trail: Trail) -> None:
    net.owner.create_route_table(VpcId=net.vpc)
    identity = trail.detail()["userIdentity"]
    assert (identity["type"], identity["arn"]) == ("Root", f"arn:aws:iam::{OWNER}:root")
    name = fresh("jo")
    sdk.user(name, path="/ops/").create_route_table(VpcId=net.vpc)
    identity = trail.detail()["userIdentity"]
    assert (identity["type"], identity["userName"]) == ("IAMUser", name)
    assert identity["arn"] == f"arn:aws:iam::{OWNER}:user/ops/{name}"


def test_create_vpc_is_style_a(owner: Any, trail: Trail) -> None:
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "orders"}]}]
    vpc = owner.create_vpc(
        CidrBlock="10.20.0.0/16", InstanceTenancy="default", TagSpecifications=tags
    )
    detail = trail.detail()
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


def test_create_vpc_tells_nothing_of_its_main_table(owner: Any, trail: Trail) -> None:
    owner.create_vpc(CidrBlock="10.20.0.0/16")
    assert [event["detail"]["eventName"] for event in trail.told()] == ["CreateVpc"]


def test_create_route_table_is_style_a(net: Net, sdk: Sdk, trail: Trail) -> None:
    table = net.owner.create_route_table(VpcId=net.vpc, ClientToken="t")["RouteTable"]
    detail = trail.detail()
    assert detail["requestParameters"] == {"vpcId": net.vpc, "clientToken": "t"}
    assert detail["responseElements"] == {
        "requestId": sdk.last.request_id,
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


def test_create_subnet_is_style_a(net: Net, trail: Trail) -> None:
    zone = {"AvailabilityZone": "us-east-1b"}
    net.owner.create_subnet(VpcId=net.vpc, CidrBlock="10.20.2.0/24", **zone)
    detail = trail.detail()
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
            "ipv6Native": bool,
            "enableDns64": bool,
            "mapCustomerOwnedIpOnLaunch": bool,
            "privateDnsNameOptionsOnLaunch": {
                "hostnameType": str,
                "enableResourceNameDnsARecord": bool,
                "enableResourceNameDnsAAAARecord": bool,
            },
            "tagSet": {},
        },
    }


def test_associate_route_table_names_no_vpc(net: Net, sdk: Sdk, trail: Trail) -> None:
    made = net.owner.associate_route_table(RouteTableId=net.table, SubnetId=net.subnet)
    detail = trail.detail()
    assert detail["requestParameters"] == {"routeTableId": net.table, "subnetId": net.subnet}
    assert detail["responseElements"] == {
        "requestId": sdk.last.request_id,
        "associationId": made["AssociationId"],
        "associationState": {"state": "associated"},
    }


def test_create_tags_is_style_a(net: Net, sdk: Sdk, trail: Trail) -> None:
    tags = [{"Key": "endpoint-autopilot", "Value": "off"}]
    net.owner.create_tags(Resources=[net.vpc], Tags=tags)
    detail = trail.detail()
    assert detail["requestParameters"] == {
        "resourcesSet": {"items": [{"resourceId": net.vpc}]},
        "tagSet": {"items": [{"key": "endpoint-autopilot", "value": "off"}]},
    }
    assert detail["responseElements"] == {"requestId": sdk.last.request_id, "_return": True}


def test_deletions_are_style_a(net: Net, sdk: Sdk, trail: Trail) -> None:
    net.owner.delete_route_table(RouteTableId=net.table)
    detail = trail.detail()
    assert detail["requestParameters"] == {"routeTableId": net.table}
    assert detail["responseElements"] == {"requestId": sdk.last.request_id, "_return": True}


def test_rules_of_groups_are_style_a(net: Net, trail: Trail) -> None:
    make = {"VpcId": net.vpc, "GroupName": "g", "Description": "mine"}
    group = net.owner.create_security_group(**make)["GroupId"]
    assert trail.detail()["requestParameters"] == {
        "vpcId": net.vpc,
        "groupName": "g",
        "groupDescription": "mine",
    }
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    pairs = [{"GroupId": group}]
    net.owner.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**https, "UserIdGroupPairs": pairs}]
    )
    assert trail.detail()["requestParameters"] == {
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


def test_an_interface_names_its_groups_in_style_a(net: Net, trail: Trail) -> None:
    found = net.owner.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    net.owner.create_network_interface(SubnetId=net.subnet, Groups=[found], ClientToken="t")
    assert trail.detail()["requestParameters"] == {
        "subnetId": net.subnet,
        "groupSet": {"items": [{"groupId": found}]},
        "clientToken": "t",
    }


def test_a_failed_call_is_told_with_its_error(net: Net, trail: Trail) -> None:
    code(net.owner.delete_vpc, VpcId=net.vpc)
    detail = trail.detail()
    assert detail["requestParameters"] == {"vpcId": net.vpc}
    assert detail["responseElements"] is None
    assert detail["errorCode"] == "Client.DependencyViolation"
    assert detail["errorMessage"] == (
        f"The vpc '{net.vpc}' has dependencies and cannot be deleted."
    )


def test_a_success_has_no_error(net: Net, trail: Trail) -> None:
    net.endpoint(net.table)
    assert "errorCode" not in trail.detail()


def test_create_vpc_endpoint_is_style_b(net: Net, sdk: Sdk, trail: Trail) -> None:
    endpoint = net.endpoint(net.table, VpcEndpointType="Gateway")
    detail = trail.detail()
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
    assert answer["requestId"] == sdk.last.request_id
    shown = answer["vpcEndpoint"]
    assert shown.pop("policyDocument").startswith('{"Version":"2008-10-17"')
    assert shown.pop("creationTimestamp").endswith("Z")
    assert shown == {
        "vpcEndpointId": endpoint,
        "vpcEndpointType": "Gateway",
        "ipAddressType": "ipv4",
        "dnsOptions": {"dnsRecordIpType": "ipv4"},
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


def test_several_members_are_a_list_in_style_b(net: Net, trail: Trail) -> None:
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "a", "Value": "1"}]}]
    tables = [net.main, net.table]
    net.endpoint(*tables, TagSpecifications=tags)
    detail = trail.detail()
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


def test_an_owner_loses_its_leading_zeros_in_style_b(sdk: Sdk, trail: Trail) -> None:
    account = "000000000042"
    trail.listen(account)
    early = sdk.client(account)
    vpc = early.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    early.create_vpc_endpoint(VpcId=vpc, ServiceName=S3)
    detail = trail.detail(account)
    answer = detail["responseElements"]["CreateVpcEndpointResponse"]
    assert answer["vpcEndpoint"]["ownerId"] == 42
    assert detail["recipientAccountId"] == account


def test_a_refused_endpoint_is_told_in_style_b(net: Net, trail: Trail) -> None:
    net.endpoint(net.table)
    create = net.owner.create_vpc_endpoint
    code(create, VpcId=net.vpc, ServiceName=S3, RouteTableIds=[net.table])
    detail = trail.detail()
    assert detail["errorCode"] == "Client.RouteAlreadyExists"
    assert detail["responseElements"] is None
    assert list(detail["requestParameters"]) == ["CreateVpcEndpointRequest"]


def test_modify_and_delete_are_style_b(net: Net, sdk: Sdk, trail: Trail) -> None:
    endpoint = net.endpoint()
    net.owner.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[net.table])
    head = {"xmlns": "http://ec2.amazonaws.com/doc/2016-11-15/", "requestId": sdk.last.request_id}
    detail = trail.detail()
    assert detail["requestParameters"] == {
        "ModifyVpcEndpointRequest": {
            "VpcEndpointId": endpoint,
            "AddRouteTableId": {"tag": 1, "content": net.table},
        }
    }
    assert detail["responseElements"] == {"ModifyVpcEndpointResponse": {**head, "return": True}}

    net.owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    head["requestId"] = sdk.last.request_id
    detail = trail.detail()
    assert detail["requestParameters"] == {
        "DeleteVpcEndpointsRequest": {"VpcEndpointId": {"tag": 1, "content": endpoint}}
    }
    assert detail["responseElements"] == {
        "DeleteVpcEndpointsResponse": {**head, "unsuccessful": ""}
    }


def test_what_could_not_be_deleted_is_told(net: Net, trail: Trail) -> None:
    missing = ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"]
    net.owner.delete_vpc_endpoints(VpcEndpointIds=missing)
    detail = trail.detail()
    assert detail["requestParameters"]["DeleteVpcEndpointsRequest"]["VpcEndpointId"] == [
        {"tag": 1, "content": missing[0]},
        {"tag": 2, "content": missing[1]},
    ]
    failed = detail["responseElements"]["DeleteVpcEndpointsResponse"]["unsuccessful"]["item"]
    assert [each["resourceId"] for each in failed] == missing
    assert failed[0]["error"]["code"] == "InvalidVpcEndpoint.NotFound"


def test_a_default_vpc_is_style_b(owner: Any, trail: Trail) -> None:
    vpc = owner.create_default_vpc()["Vpc"]["VpcId"]
    detail = trail.detail()
    assert detail["requestParameters"] == {"CreateDefaultVpcRequest": ""}
    answer = detail["responseElements"]["CreateDefaultVpcResponse"]
    assert answer["vpc"]["vpcId"] == vpc


def test_a_balancers_subnets_are_told_in_plain_lists(
    net: Net, balancing: Any, trail: Trail
) -> None:
    made = balancing.create_load_balancer(
        Name="orders", Type="network", Subnets=[net.subnet], Scheme="internal"
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    balancing.set_subnets(LoadBalancerArn=arn, Subnets=[net.subnet])
    event = trail.event()
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
    assert trail.detail()["responseElements"] is None


ENVELOPE = {"xmlns": "http://ec2.amazonaws.com/doc/2016-11-15/"}


def test_an_interface_endpoint_is_told_to_its_consumer_only(
    consumer: Side, service: dict[str, Any], trail: Trail
) -> None:
    made = consumer.endpoint(service["ServiceName"], HERE, THERE)
    event = trail.event(OTHER)
    assert "CreateVpcEndpoint" not in {each["detail"]["eventName"] for each in trail.told()}
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
    consumer: Side, service: dict[str, Any], trail: Trail
) -> None:
    subnets = list(consumer.subnets.values())
    create = consumer.sdk.create_vpc_endpoint
    asked = {"VpcId": consumer.vpc, "VpcEndpointType": "Interface", "SubnetIds": subnets}
    assert code(create, ServiceName=service["ServiceName"], **asked) == "InvalidParameter"
    detail = trail.detail(OTHER)
    assert detail["errorCode"] == "Client.InvalidParameter"
    assert "does not support the availability zone" in detail["errorMessage"]
    assert detail["responseElements"] is None
    assert detail["requestParameters"]["CreateVpcEndpointRequest"]["SubnetId"][2] == {
        "tag": 3,
        "content": subnets[2],
    }


@pytest.mark.parametrize("how", ["Accept", "Reject"])
def test_answers_are_style_b(
    provider: Provider, consumer: Side, service: dict[str, Any], how: str, sdk: Sdk, trail: Trail
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    provider.answer(how.lower(), service, endpoint)
    name, detail = f"{how}VpcEndpointConnections", trail.detail()
    assert detail["eventName"] == name
    assert detail["recipientAccountId"] == OWNER
    assert detail["requestParameters"] == {
        f"{name}Request": {
            "ServiceId": service["ServiceId"],
            "VpcEndpointId": {"tag": 1, "content": endpoint},
        }
    }
    assert detail["responseElements"] == {
        f"{name}Response": {**ENVELOPE, "requestId": sdk.last.request_id, "unsuccessful": ""}
    }


def test_what_failed_of_an_answer_is_told(
    provider: Provider, service: dict[str, Any], trail: Trail
) -> None:
    missing = "vpce-0123456789abcdef0"
    provider.answer("accept", service, missing)
    answer = trail.detail()["responseElements"]["AcceptVpcEndpointConnectionsResponse"]
    item = answer["unsuccessful"]["item"]
    assert item["resourceId"] == missing
    assert item["error"]["code"] == "InvalidVpcEndpointId.NotFound"


def test_services_permissions_and_notifications_are_style_b(
    provider: Provider, trail: Trail
) -> None:
    made = provider.publish()
    detail = trail.detail()
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
    detail = trail.detail()
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
    asked = trail.detail()["requestParameters"]["CreateVpcEndpointConnectionNotificationRequest"]
    assert asked["ConnectionEvents"] == {"tag": 1, "content": "Connect"}

    provider.sdk.delete_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])
    assert trail.detail()["requestParameters"] == {
        "DeleteVpcEndpointServiceConfigurationsRequest": {
            "ServiceId": {"tag": 1, "content": made["ServiceId"]}
        }
    }


def test_reads_leave_no_event(net: Net, trail: Trail) -> None:
    before = trail.told()
    net.owner.describe_vpcs()
    code(net.owner.describe_vpcs, VpcIds=["vpc-0123456789abcdef0"])
    assert trail.told() == before


def test_what_only_the_lab_refuses_leaves_no_event(owner: Any, sdk: Sdk, trail: Trail) -> None:
    assert code(crooked, owner, "RunInstances") == "InvalidAction"
    assert trail.told() == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("Throttling", "Client.Throttling"),
        ("RequestLimitExceeded", "Client.RequestLimitExceeded"),
        ("InternalError", "Server.InternalError"),
        ("Unavailable", "Server.Unavailable"),
    ],
)
def test_faults_made_elsewhere_are_told_too(
    net: Net, lab: Lab, trail: Trail, error: str, told: str
) -> None:
    lab.fault("DeleteVpc", error=error)
    assert code(net.owner.delete_vpc, VpcId=net.vpc) == error
    detail = trail.detail()
    assert detail["errorCode"] == told
    assert detail["requestParameters"] == {"vpcId": net.vpc}


def test_a_request_that_was_never_understood_has_no_parameters(owner: Any, trail: Trail) -> None:
    assert code(crooked, owner, "DeleteVpc") == "MissingParameter"
    detail = trail.detail()
    assert detail["errorCode"] == "Client.MissingParameter"
    assert detail["requestParameters"] is None
