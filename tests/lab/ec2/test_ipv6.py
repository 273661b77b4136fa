"""Blocks of VPCs and subnets, and the address families that endpoints have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from lab.client import Lab
from tests.lab.ec2.pieces import LOGS, RDS, give_six

from .conftest import HERE, THERE, Net, Provider, Side, Trail
from .sdk import DYNAMODB, OTHER, S3, code


@dataclass
class Six:
    """The consumer's VPC with an IPv6 block, and three subnets: IPv4, both, IPv6 only."""

    side: Side
    four: str
    both: str
    six: str

    def endpoint(self, service: str, *subnets: str, **more: Any) -> dict[str, Any]:
        asked = {"VpcEndpointType": "Interface", "ServiceName": service, "SubnetIds": [*subnets]}
        made = self.side.sdk.create_vpc_endpoint(
            VpcId=self.side.vpc, PrivateDnsEnabled=False, **asked, **more
        )
        return dict(made["VpcEndpoint"])

    def refused(self, service: str, *subnets: str, **more: Any) -> bool:
        with pytest.raises(self.side.sdk.exceptions.ClientError) as raised:
            self.endpoint(service, *subnets, **more)
        assert raised.value.response["Error"]["Code"] == "InvalidParameter"
        return True


@pytest.fixture
def six(consumer: Side) -> Six:
    client, vpc = consumer.sdk, consumer.vpc
    blocks = give_six(client, vpc)
    client.associate_subnet_cidr_block(SubnetId=consumer.subnets[THERE], Ipv6CidrBlock=blocks[0])
    only = client.create_subnet(
        VpcId=vpc, Ipv6CidrBlock=blocks[1], Ipv6Native=True, AvailabilityZoneId=HERE
    )["Subnet"]
    return Six(consumer, consumer.subnets[HERE], consumer.subnets[THERE], only["SubnetId"])


def test_a_vpc_gets_and_loses_further_blocks(net: Net, lab: Lab) -> None:
    lab.world({"settle_seconds": 5})
    answer = net.owner.associate_vpc_cidr_block(VpcId=net.vpc, CidrBlock="10.21.0.0/16")
    made = answer["CidrBlockAssociation"]
    assert made["CidrBlockState"]["State"] == "associating"

    def states() -> dict[str, str]:
        (shown,) = net.owner.describe_vpcs(VpcIds=[net.vpc])["Vpcs"]
        return {
            e["CidrBlock"]: e["CidrBlockState"]["State"] for e in shown["CidrBlockAssociationSet"]
        }

    assert states() == {"10.20.0.0/16": "associated", "10.21.0.0/16": "associating"}
    lab.pass_time(5)
    assert states()["10.21.0.0/16"] == "associated"
    inside = net.owner.create_subnet(VpcId=net.vpc, CidrBlock="10.21.1.0/24")["Subnet"]
    ask = {"AssociationId": made["AssociationId"]}
    assert code(net.owner.disassociate_vpc_cidr_block, **ask) == "DependencyViolation"
    net.owner.delete_subnet(SubnetId=inside["SubnetId"])
    gone = net.owner.disassociate_vpc_cidr_block(**ask)
    assert gone["VpcId"] == net.vpc
    assert states()["10.21.0.0/16"] == "disassociating"
    lab.pass_time(5)
    assert states() == {"10.20.0.0/16": "associated"}
    routes = net.owner.describe_route_tables(RouteTableIds=[net.table])["RouteTables"][0]["Routes"]
    assert [each["DestinationCidrBlock"] for each in routes] == ["10.20.0.0/16"]


def test_blocks_that_do_not_fit_are_refused(net: Net) -> None:
    associate = net.owner.associate_vpc_cidr_block
    assert code(associate, VpcId=net.vpc) == "MissingParameter"
    assert code(associate, VpcId=net.vpc, CidrBlock="10.20.8.0/24") == "CidrConflict"
    assert code(associate, VpcId=net.vpc, CidrBlock="10.0.0.0/8") == "InvalidVpc.Range"
    (shown,) = net.owner.describe_vpcs(VpcIds=[net.vpc])["Vpcs"]
    primary = shown["CidrBlockAssociationSet"][0]["AssociationId"]
    take = net.owner.disassociate_vpc_cidr_block
    assert code(take, AssociationId=primary) == "OperationNotPermitted"
    missing = code(take, AssociationId="vpc-cidr-assoc-0123456789abcdef0")
    assert missing == "InvalidVpcCidrBlockAssociationID.NotFound"
    for number in range(1, 5):
        associate(VpcId=net.vpc, CidrBlock=f"10.{100 + number}.0.0/16")
    assert code(associate, VpcId=net.vpc, CidrBlock="10.99.0.0/16") == "CidrLimitExceeded"


def test_a_vpc_has_its_ipv6_block_from_the_start(owner: Any) -> None:
    made = owner.create_vpc(CidrBlock="10.9.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    (held,) = made["Ipv6CidrBlockAssociationSet"]
    wanted = [
        {"Name": "ipv6-cidr-block-association.ipv6-cidr-block", "Values": [held["Ipv6CidrBlock"]]}
    ]
    assert [v["VpcId"] for v in owner.describe_vpcs(Filters=wanted)["Vpcs"]] == [made["VpcId"]]


def test_blocks_are_told_with_their_vpc(net: Net, trail: Trail) -> None:
    made = net.owner.associate_vpc_cidr_block(VpcId=net.vpc, CidrBlock="10.21.0.0/16")
    identifier = made["CidrBlockAssociation"]["AssociationId"]
    told = trail.detail()
    assert told["requestParameters"]["AssociateVpcCidrBlockRequest"]["VpcId"] == net.vpc
    answer = told["responseElements"]["AssociateVpcCidrBlockResponse"]
    assert answer["cidrBlockAssociation"]["associationId"] == identifier
    net.owner.disassociate_vpc_cidr_block(AssociationId=identifier)
    told = trail.detail()
    request = told["requestParameters"]["DisassociateVpcCidrBlockRequest"]
    assert request == {"AssociationId": identifier}
    assert told["responseElements"]["DisassociateVpcCidrBlockResponse"]["vpcId"] == net.vpc


def test_subnets_have_both_families_or_one(six: Six) -> None:
    client = six.side.sdk
    ids = [six.four, six.both, six.six]
    shown = {s["SubnetId"]: s for s in client.describe_subnets(SubnetIds=ids)["Subnets"]}
    assert not shown[six.four]["Ipv6CidrBlockAssociationSet"]
    (held,) = shown[six.both]["Ipv6CidrBlockAssociationSet"]
    assert "CidrBlock" in shown[six.both] and not shown[six.both]["Ipv6Native"]
    only = shown[six.six]
    assert only["Ipv6Native"] and "CidrBlock" not in only
    assert only["AvailableIpAddressCount"] == 0
    client.disassociate_subnet_cidr_block(AssociationId=held["AssociationId"])
    back = {"SubnetId": six.both, "Ipv6CidrBlock": held["Ipv6CidrBlock"]}
    client.associate_subnet_cidr_block(**back)
    assert code(client.associate_subnet_cidr_block, **back) == "CidrLimitExceeded"
    create = client.create_subnet
    outside = {"VpcId": six.side.vpc, "Ipv6CidrBlock": "2001:db8::/64", "Ipv6Native": True}
    assert code(create, **outside) == "InvalidSubnet.Range"
    taken = {**outside, "Ipv6CidrBlock": held["Ipv6CidrBlock"]}
    assert code(create, **taken) == "InvalidSubnet.Conflict"
    assert code(create, VpcId=six.side.vpc, Ipv6Native=True) == "MissingParameter"


def test_an_endpoint_is_of_a_type_that_subnets_and_service_have(six: Six) -> None:
    made = six.endpoint(RDS, six.four)
    assert (made["IpAddressType"], made["DnsOptions"]["DnsRecordIpType"]) == ("ipv4", "ipv4")
    assert six.refused(RDS, six.six), "IPv4 is the default"
    assert six.refused(RDS, six.four, IpAddressType="dualstack")
    assert six.refused(RDS, six.both, IpAddressType="ipv6")
    assert six.refused(LOGS, six.both, IpAddressType="dualstack"), "a service of IPv4 only"
    made = six.endpoint(RDS, six.both, IpAddressType="dualstack")
    assert made["DnsOptions"]["DnsRecordIpType"] == "dualstack"
    interfaces = six.side.sdk.describe_network_interfaces(
        NetworkInterfaceIds=made["NetworkInterfaceIds"]
    )["NetworkInterfaces"]
    assert [(len(e["Ipv6Addresses"]), "PrivateIpAddress" in e) for e in interfaces] == [(1, True)]
    made = six.endpoint(RDS, six.six, IpAddressType="ipv6")
    interfaces = six.side.sdk.describe_network_interfaces(
        NetworkInterfaceIds=made["NetworkInterfaceIds"]
    )["NetworkInterfaces"]
    assert [(len(e["Ipv6Addresses"]), "PrivateIpAddress" in e) for e in interfaces] == [(1, False)]


def test_an_endpoints_type_changes(six: Six) -> None:
    modify = six.side.sdk.modify_vpc_endpoint
    mixed = six.endpoint(RDS, six.four, six.both)["VpcEndpointId"]
    assert code(modify, VpcEndpointId=mixed, IpAddressType="dualstack") == "InvalidParameter"
    modify(VpcEndpointId=mixed, IpAddressType="dualstack", RemoveSubnetIds=[six.four])
    shown = six.side.shown(mixed)
    assert (shown["IpAddressType"], shown["SubnetIds"]) == ("dualstack", [six.both])
    modify(VpcEndpointId=mixed, DnsOptions={"DnsRecordIpType": "ipv6"})
    modify(VpcEndpointId=mixed, IpAddressType="ipv4")
    assert six.side.shown(mixed)["DnsOptions"]["DnsRecordIpType"] == "ipv4"


def test_a_gateway_endpoint_routes_the_families_of_its_type(net: Net) -> None:
    lists = {
        each["PrefixListId"]: each["AddressFamily"]
        for each in net.owner.describe_managed_prefix_lists()["PrefixLists"]
    }

    def families(table: str) -> list[str]:
        return sorted(lists[each] for each in net.routes(table))

    plain = net.endpoint(net.main)
    (shown,) = net.owner.describe_vpc_endpoints(VpcEndpointIds=[plain])["VpcEndpoints"]
    assert (shown["IpAddressType"], families(net.main)) == ("ipv4", ["IPv4"])
    six = net.endpoint(net.main, IpAddressType="ipv6")
    assert families(net.main) == ["IPv4", "IPv6"], "two endpoints, a family each"
    both = {"VpcEndpointId": plain, "IpAddressType": "dualstack"}
    assert code(net.owner.modify_vpc_endpoint, **both) == "RouteAlreadyExists"
    net.owner.delete_vpc_endpoints(VpcEndpointIds=[six])
    net.owner.modify_vpc_endpoint(**both)
    assert families(net.main) == ["IPv4", "IPv6"] and set(net.routes(net.main).values()) == {plain}
    with pytest.raises(net.owner.exceptions.ClientError, match="InvalidParameter"):
        net.endpoint(net.table, service=DYNAMODB, IpAddressType="dualstack")
    asked = {"VpcId": net.vpc, "ServiceName": S3, "IpAddressType": "ipv5"}
    assert code(net.owner.create_vpc_endpoint, **asked) == "InvalidParameterValue"


def test_a_service_takes_ipv6_behind_balancers_of_both_families(
    provider: Provider, six: Six
) -> None:
    with pytest.raises(provider.sdk.exceptions.ClientError, match="InvalidParameter"):
        provider.publish(SupportedIpAddressTypes=["ipv4", "ipv6"])
    arn = provider.balancing.create_load_balancer(
        Name="both",
        Type="network",
        Scheme="internal",
        IpAddressType="dualstack",
        Subnets=[provider.subnets[HERE], provider.subnets[THERE]],
    )["LoadBalancers"][0]["LoadBalancerArn"]
    made = provider.publish(NetworkLoadBalancerArns=[arn], AcceptanceRequired=False)
    assert made["SupportedIpAddressTypes"] == ["ipv4"]
    provider.allow(made, f"arn:aws:iam::{OTHER}:root")
    assert six.refused(made["ServiceName"], six.both, IpAddressType="dualstack")
    provider.sdk.modify_vpc_endpoint_service_configuration(
        ServiceId=made["ServiceId"], AddSupportedIpAddressTypes=["ipv6"]
    )
    offered = six.side.sdk.describe_vpc_endpoint_services(ServiceNames=[made["ServiceName"]])
    assert offered["ServiceDetails"][0]["SupportedIpAddressTypes"] == ["ipv4", "ipv6"]
    assert six.endpoint(made["ServiceName"], six.both, IpAddressType="dualstack")
    (connection,) = provider.connections()
    assert connection["IpAddressType"] == "dualstack"
