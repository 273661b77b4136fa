"""VPCs, subnets, route tables and what hangs on them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Net
from .sdk import S3, code, refusal

VPC, SUBNET, TABLE = "vpc-0123456789abcdef0", "subnet-0123456789abcdef0", "rtb-0123456789abcdef0"
BUSY = "DependencyViolation"


def test_a_vpc_comes_with_a_main_table_and_a_default_group(owner: Any) -> None:
    vpc = owner.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]
    assert vpc["State"] == "pending"
    mine = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    tables = owner.describe_route_tables(Filters=mine)["RouteTables"]
    assert [[a["Main"] for a in table["Associations"]] for table in tables] == [[True]]
    groups = owner.describe_security_groups(Filters=mine)["SecurityGroups"]
    assert [group["GroupName"] for group in groups] == ["default"]
    assert owner.describe_vpcs(VpcIds=[vpc["VpcId"]])["Vpcs"][0]["State"] == "available"


def test_an_account_starts_without_vpcs(owner: Any) -> None:
    assert owner.describe_vpcs()["Vpcs"] == []


def test_a_default_vpc_has_a_subnet_a_zone_and_the_internet(owner: Any) -> None:
    vpc = owner.create_default_vpc()["Vpc"]
    assert vpc["IsDefault"] is True
    zones = owner.describe_availability_zones()["AvailabilityZones"]
    subnets = owner.describe_subnets()["Subnets"]
    assert {s["AvailabilityZoneId"] for s in subnets} == {z["ZoneId"] for z in zones}
    assert all(s["DefaultForAz"] and s["MapPublicIpOnLaunch"] for s in subnets)
    routes = owner.describe_route_tables()["RouteTables"][0]["Routes"]
    assert any(r["GatewayId"].startswith("igw-") for r in routes)
    assert code(owner.create_default_vpc) == "DefaultVpcAlreadyExists"


@pytest.mark.parametrize(
    ("block", "refused"),
    [
        ("10.0.0.0/8", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("nonsense", "InvalidParameterValue"),
    ],
)
def test_a_bad_vpc_block_is_refused(owner: Any, block: str, refused: str) -> None:
    assert code(owner.create_vpc, CidrBlock=block) == refused
    assert owner.describe_vpcs()["Vpcs"] == []


def test_a_block_loses_its_host_bits(owner: Any) -> None:
    assert owner.create_vpc(CidrBlock="10.1.2.3/16")["Vpc"]["CidrBlock"] == "10.1.0.0/16"


def test_a_vpc_without_a_block_is_refused(owner: Any) -> None:
    assert refusal(owner.create_vpc) == (
        "MissingParameter",
        "The request must contain the parameter CidrBlock",
    )


def _bare(owner: Any) -> str:
    return str(owner.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"])


def test_a_bare_vpc_is_deleted_with_what_it_came_with(owner: Any) -> None:
    vpc = _bare(owner)
    owner.delete_vpc(VpcId=vpc)
    assert owner.describe_vpcs()["Vpcs"] == []
    assert owner.describe_route_tables()["RouteTables"] == []
    assert owner.describe_security_groups()["SecurityGroups"] == []
    assert owner.describe_tags()["Tags"] == []


def _with_subnet(owner: Any, vpc: str) -> None:
    owner.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")


def _with_table(owner: Any, vpc: str) -> None:
    owner.create_route_table(VpcId=vpc)


def _with_endpoint(owner: Any, vpc: str) -> None:
    owner.create_vpc_endpoint(VpcId=vpc, ServiceName=S3)


def _with_group(owner: Any, vpc: str) -> None:
    owner.create_security_group(VpcId=vpc, GroupName="mine", Description="mine")


def _with_internet(owner: Any, vpc: str) -> None:
    gateway = owner.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    owner.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


@pytest.mark.parametrize(
    "add", [_with_subnet, _with_table, _with_endpoint, _with_group, _with_internet]
)
def test_whatever_hangs_on_a_vpc_keeps_it(owner: Any, add: Any) -> None:
    vpc = _bare(owner)
    add(owner, vpc)
    assert refusal(owner.delete_vpc, VpcId=vpc) == (
        BUSY,
        f"The vpc '{vpc}' has dependencies and cannot be deleted.",
    )


def test_an_interface_keeps_its_subnet(net: Net) -> None:
    interface = net.owner.create_network_interface(SubnetId=net.subnet)["NetworkInterface"]
    assert code(net.owner.delete_subnet, SubnetId=net.subnet) == BUSY
    net.owner.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    net.owner.delete_subnet(SubnetId=net.subnet)


def test_an_association_keeps_its_table_and_goes_with_its_subnet(net: Net) -> None:
    net.owner.associate_route_table(RouteTableId=net.table, SubnetId=net.subnet)
    assert code(net.owner.delete_route_table, RouteTableId=net.table) == BUSY
    net.owner.delete_subnet(SubnetId=net.subnet)
    net.owner.delete_route_table(RouteTableId=net.table)


def test_the_main_table_stays(net: Net) -> None:
    assert code(net.owner.delete_route_table, RouteTableId=net.main) == BUSY


def test_a_subnet_must_fit_its_vpc_and_its_neighbours(net: Net) -> None:
    create = net.owner.create_subnet
    assert code(create, VpcId=net.vpc, CidrBlock="10.99.0.0/24") == "InvalidSubnet.Range"
    assert code(create, VpcId=net.vpc, CidrBlock="10.20.1.0/25") == "InvalidSubnet.Conflict"
    assert code(create, VpcId=net.vpc, CidrBlock="10.20.2.0/29") == "InvalidSubnet.Range"
    zone = "us-east-1z"
    assert (
        code(create, VpcId=net.vpc, CidrBlock="10.20.2.0/24", AvailabilityZone=zone)
        == "InvalidParameterValue"
    )


def test_a_subnet_lands_in_the_zone_asked_for(net: Net) -> None:
    create = net.owner.create_subnet
    by_id = create(VpcId=net.vpc, CidrBlock="10.20.2.0/24", AvailabilityZoneId="use1-az4")
    name = by_id["Subnet"]["AvailabilityZone"]
    by_name = create(VpcId=net.vpc, CidrBlock="10.20.3.0/24", AvailabilityZone=name)
    assert by_name["Subnet"]["AvailabilityZoneId"] == "use1-az4"
    assert by_name["Subnet"]["DefaultForAz"] is False


def test_zone_names_differ_between_accounts_and_ids_do_not(owner: Any, other: Any) -> None:
    def zones(client: Any) -> dict[str, str]:
        found = client.describe_availability_zones()["AvailabilityZones"]
        return {zone["ZoneName"]: zone["ZoneId"] for zone in found}

    mine, theirs = zones(owner), zones(other)
    assert mine == zones(owner)
    assert mine != theirs
    assert set(mine) == set(theirs)
    assert sorted(mine.values()) == sorted(theirs.values())


def test_addresses_in_a_subnet_are_counted(net: Net) -> None:
    def free() -> int:
        found = net.owner.describe_subnets(SubnetIds=[net.subnet])["Subnets"][0]
        return int(found["AvailableIpAddressCount"])

    assert free() == 251
    made = net.owner.create_network_interface(SubnetId=net.subnet)["NetworkInterface"]
    assert made["PrivateIpAddress"] == "10.20.1.4"
    assert free() == 250
    assert (
        code(net.owner.create_network_interface, SubnetId=net.subnet, PrivateIpAddress="10.20.1.4")
        == "InvalidIPAddress.InUse"
    )


def test_an_interface_bears_the_default_group_unless_told_otherwise(net: Net) -> None:
    made = net.owner.create_network_interface(SubnetId=net.subnet)["NetworkInterface"]
    assert [group["GroupName"] for group in made["Groups"]] == ["default"]
    group = net.owner.create_security_group(VpcId=net.vpc, GroupName="mine", Description="mine")
    made = net.owner.create_network_interface(SubnetId=net.subnet, Groups=[group["GroupId"]])
    assert made["NetworkInterface"]["Groups"][0]["GroupName"] == "mine"
    assert code(net.owner.delete_security_group, GroupId=group["GroupId"]) == BUSY


def test_interfaces_are_found_by_subnet_and_vpc(net: Net) -> None:
    made = net.owner.create_network_interface(SubnetId=net.subnet)["NetworkInterface"]
    for name, value in (("subnet-id", net.subnet), ("vpc-id", net.vpc), ("subnet-id", SUBNET)):
        filters = [{"Name": name, "Values": [value]}]
        found = net.owner.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
        wanted = [made["NetworkInterfaceId"]] if value != SUBNET else []
        assert [each["NetworkInterfaceId"] for each in found] == wanted


def _subnets_of(net: Net, table: str) -> list[str]:
    found = net.owner.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    return [each.get("SubnetId", "main") for each in found["Associations"]]


def test_associations_are_made_moved_and_ended(net: Net) -> None:
    owner = net.owner
    associate = owner.associate_route_table
    made = associate(RouteTableId=net.table, SubnetId=net.subnet)
    assert made["AssociationState"]["State"] == "associated"
    again = associate(RouteTableId=net.table, SubnetId=net.subnet)
    assert again["AssociationId"] == made["AssociationId"]

    third = owner.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    assert code(associate, RouteTableId=third, SubnetId=net.subnet) == "Resource.AlreadyAssociated"
    moved = owner.replace_route_table_association(
        AssociationId=made["AssociationId"], RouteTableId=third
    )
    assert _subnets_of(net, net.table) == []
    assert _subnets_of(net, third) == [net.subnet]
    owner.disassociate_route_table(AssociationId=moved["NewAssociationId"])
    assert _subnets_of(net, third) == []
    assert code(owner.disassociate_route_table, AssociationId=moved["NewAssociationId"]) == (
        "InvalidAssociationID.NotFound"
    )


def test_another_table_can_become_the_main_one(net: Net) -> None:
    old = net.tables(Name="association.main", Values=["true"])[0]
    association = old["Associations"][0]["RouteTableAssociationId"]
    assert refusal(net.owner.disassociate_route_table, AssociationId=association) == (
        "InvalidParameterValue",
        f"cannot disassociate the main route table association {association}",
    )
    net.owner.replace_route_table_association(AssociationId=association, RouteTableId=net.table)
    assert net.main == net.table
    net.owner.delete_route_table(RouteTableId=old["RouteTableId"])


def test_a_subnet_of_another_vpc_is_not_associated(net: Net) -> None:
    vpc = _bare(net.owner)
    table = net.owner.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    assert (
        code(net.owner.associate_route_table, RouteTableId=table, SubnetId=net.subnet)
        == "InvalidParameterValue"
    )


def _internet(net: Net) -> str:
    gateway = net.owner.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    net.owner.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    return str(gateway)


def test_routes_are_made_replaced_and_deleted(net: Net) -> None:
    owner, first = net.owner, _internet(net)
    nowhere = {"RouteTableId": net.table, "DestinationCidrBlock": "0.0.0.0/0"}
    owner.create_route(**nowhere, GatewayId=first)
    assert code(owner.create_route, **nowhere, GatewayId=first) == "RouteAlreadyExists"
    interface = owner.create_network_interface(SubnetId=net.subnet)["NetworkInterface"]
    owner.replace_route(**nowhere, NetworkInterfaceId=interface["NetworkInterfaceId"])
    found = net.tables(Name="route.destination-cidr-block", Values=["0.0.0.0/0"])[0]["Routes"]
    assert found[-1]["NetworkInterfaceId"] == interface["NetworkInterfaceId"]
    owner.delete_route(**nowhere)
    assert code(owner.delete_route, **nowhere) == "InvalidRoute.NotFound"


def test_a_route_is_canonical_and_its_prefix_list_exists(net: Net) -> None:
    gateway = net.owner.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    net.owner.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    route = {"RouteTableId": net.table, "GatewayId": gateway}
    net.owner.create_route(**route, DestinationCidrBlock="100.68.0.18/18")
    (shown,) = net.tables(Name="route.destination-cidr-block", Values=["100.68.0.0/18"])
    assert shown["RouteTableId"] == net.table
    again = {**route, "DestinationCidrBlock": "100.68.0.1/18"}
    assert code(net.owner.create_route, **again) == "RouteAlreadyExists"
    unknown = {**route, "DestinationPrefixListId": "pl-0123456789abcdef0"}
    assert code(net.owner.create_route, **unknown) == "InvalidPrefixListID.NotFound"
    malformed = {**route, "DestinationCidrBlock": "anywhere"}
    assert code(net.owner.create_route, **malformed) == "InvalidParameterValue"


def test_routes_of_endpoints_and_local_ones_are_out_of_reach(net: Net) -> None:
    endpoint, gateway = net.endpoint(net.table), _internet(net)
    listed = {"RouteTableId": net.table, "DestinationPrefixListId": "pl-63a5400a"}
    local = {"RouteTableId": net.table, "DestinationCidrBlock": "10.20.0.0/16"}
    assert code(net.owner.delete_route, **listed) == "InvalidParameterValue"
    assert code(net.owner.delete_route, **local) == "InvalidParameterValue"
    assert code(net.owner.replace_route, **listed, GatewayId=gateway) == "InvalidParameterValue"
    other = {"RouteTableId": net.main, "DestinationPrefixListId": "pl-63a5400a"}
    assert code(net.owner.create_route, **other, GatewayId=endpoint) == "InvalidParameterValue"


def test_a_nat_gateway_holds_an_interface_and_its_address(net: Net) -> None:
    owner = net.owner
    address = owner.allocate_address(Domain="vpc")["AllocationId"]
    make = owner.create_nat_gateway
    assert code(make, SubnetId=net.subnet) == "MissingParameter"
    gateway = make(SubnetId=net.subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    shown = owner.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"][0]
    assert shown["State"] == "available"
    interfaces = owner.describe_network_interfaces()["NetworkInterfaces"]
    assert [each["InterfaceType"] for each in interfaces] == ["nat_gateway"]
    mine = {"NetworkInterfaceId": interfaces[0]["NetworkInterfaceId"]}
    assert code(owner.delete_network_interface, **mine) == "OperationNotPermitted"
    assert code(owner.release_address, AllocationId=address) == "InvalidIPAddress.InUse"
    assert code(owner.delete_subnet, SubnetId=net.subnet) == BUSY
    owner.delete_nat_gateway(NatGatewayId=gateway)
    owner.release_address(AllocationId=address)
    owner.delete_subnet(SubnetId=net.subnet)


def test_rules_of_groups(net: Net) -> None:
    owner = net.owner
    make = {"VpcId": net.vpc, "GroupName": "mine", "Description": "mine"}
    group = owner.create_security_group(**make)["GroupId"]
    assert code(owner.create_security_group, **make) == "InvalidGroup.Duplicate"
    ranges = [{"CidrIp": "10.0.0.0/8", "Description": "inside"}]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}
    wanted = {"GroupId": group, "IpPermissions": [https]}
    made = owner.authorize_security_group_ingress(**wanted)["SecurityGroupRules"]
    assert [(rule["CidrIpv4"], rule["IsEgress"]) for rule in made] == [("10.0.0.0/8", False)]
    assert code(owner.authorize_security_group_ingress, **wanted) == "InvalidPermission.Duplicate"
    shown = owner.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert shown["IpPermissions"][0]["IpRanges"] == ranges
    assert shown["IpPermissionsEgress"][0]["IpProtocol"] == "-1"
    owner.revoke_security_group_ingress(**wanted)
    assert code(owner.revoke_security_group_ingress, **wanted) == "InvalidPermission.NotFound"
    owner.delete_security_group(GroupId=group)


def test_a_group_call_with_one_bad_rule_changes_nothing(net: Net) -> None:
    owner = net.owner
    make = {"VpcId": net.vpc, "GroupName": "mine", "Description": "mine"}
    group = owner.create_security_group(**make)["GroupId"]
    rules = [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": block}]}
        for block in ("10.0.0.0/8", "nonsense")
    ]
    assert code(owner.authorize_security_group_ingress, GroupId=group, IpPermissions=rules)
    shown = owner.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert shown["IpPermissions"] == []


def test_groups_that_others_name_or_that_are_default_stay(net: Net) -> None:
    owner = net.owner
    make = {"VpcId": net.vpc, "Description": "mine"}
    first = owner.create_security_group(**make, GroupName="first")["GroupId"]
    second = owner.create_security_group(**make, GroupName="second")["GroupId"]
    rule = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": first}]}
    owner.authorize_security_group_ingress(GroupId=second, IpPermissions=[rule])
    assert code(owner.delete_security_group, GroupId=first) == BUSY
    default = owner.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"][0]["GroupId"]
    assert code(owner.delete_security_group, GroupId=default) == "CannotDelete"


def test_vpc_attributes(net: Net) -> None:
    read, write = net.owner.describe_vpc_attribute, net.owner.modify_vpc_attribute
    names = {"VpcId": net.vpc, "Attribute": "enableDnsHostnames"}
    assert read(**names)["EnableDnsHostnames"]["Value"] is False
    write(VpcId=net.vpc, EnableDnsHostnames={"Value": True})
    assert read(**names)["EnableDnsHostnames"]["Value"] is True


def test_a_table_made_twice_under_one_token_is_one(net: Net) -> None:
    create = net.owner.create_route_table
    first = create(VpcId=net.vpc, ClientToken="once")["RouteTable"]["RouteTableId"]
    assert create(VpcId=net.vpc, ClientToken="once")["RouteTable"]["RouteTableId"] == first


BOSTON = {"zone": "us-east-1-bos-1a", "id": "use1-bos1-az1", "group": "us-east-1-bos-1"}


def _zones(client: Any, **more: Any) -> dict[str, dict[str, Any]]:
    found = client.describe_availability_zones(**more)["AvailabilityZones"]
    return {zone["ZoneName"]: zone for zone in found}


def test_local_zones_show_only_when_all_are_asked_for_or_once_opted_in(
    owner: Any, other: Any
) -> None:
    name = BOSTON["zone"]
    assert name not in _zones(owner)
    shown = _zones(owner, AllAvailabilityZones=True)
    assert (shown[name]["OptInStatus"], shown[name]["ZoneType"]) == ("not-opted-in", "local-zone")
    assert shown[name]["ZoneId"] == BOSTON["id"]
    assert _zones(owner)[shown[name]["ParentZoneName"]]["ZoneId"] == "use1-az4"
    assert {zone["ZoneType"] for zone in shown.values()} == {
        "availability-zone",
        "local-zone",
        "wavelength-zone",
    }
    owner.modify_availability_zone_group(GroupName=BOSTON["group"], OptInStatus="opted-in")
    assert _zones(owner)[name]["OptInStatus"] == "opted-in"
    assert name not in _zones(other)
    regular = [{"Name": "zone-type", "Values": ["availability-zone"]}]
    assert name not in _zones(owner, Filters=regular)


def test_a_subnet_stands_in_a_local_zone_once_its_owner_opted_in(net: Net) -> None:
    create = net.owner.create_subnet
    asked = {"VpcId": net.vpc, "CidrBlock": "10.20.7.0/24", "AvailabilityZone": BOSTON["zone"]}
    assert code(create, **asked) == "InvalidParameterValue"
    net.owner.modify_availability_zone_group(GroupName=BOSTON["group"], OptInStatus="opted-in")
    made = create(**asked)["Subnet"]
    assert (made["AvailabilityZone"], made["AvailabilityZoneId"]) == (BOSTON["zone"], BOSTON["id"])
    endpoint = net.owner.create_vpc_endpoint
    asked = {"VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.us-east-1.logs"}
    refused = code(endpoint, VpcId=net.vpc, SubnetIds=[made["SubnetId"]], **asked)
    assert refused == "InvalidParameter"


def test_groups_of_zones_are_opted_in_to_and_not_out_of(owner: Any) -> None:
    modify = owner.modify_availability_zone_group
    assert code(modify, GroupName="nowhere", OptInStatus="opted-in") == "InvalidParameterValue"
    out = {"GroupName": BOSTON["group"], "OptInStatus": "not-opted-in"}
    assert code(modify, **out) == "InvalidParameterValue"
