"""Security groups as strict as AWS: names, rules made canonical, duplicates, limits."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import HERE, Net, Side
from .sdk import code, refusal

LOGS = "com.amazonaws.us-east-1.logs"
HEX = "0123456789abcdef0"


@pytest.fixture
def group(net: Net) -> str:
    made = net.owner.create_security_group(VpcId=net.vpc, GroupName="Endpoints", Description="x")
    return str(made["GroupId"])


def _tcp(cidr: str = "10.0.0.0/16", first: int = 443, last: int = 443) -> dict[str, Any]:
    ports = {"FromPort": first, "ToPort": last}
    return {"IpProtocol": "tcp", **ports, "IpRanges": [{"CidrIp": cidr}]}


def _shown(net: Net, group: str) -> dict[str, Any]:
    return dict(net.owner.describe_security_groups(GroupIds=[group])["SecurityGroups"][0])


def test_a_block_in_a_rule_loses_its_host_bits(net: Net, group: str) -> None:
    allow = net.owner.authorize_security_group_ingress
    allow(GroupId=group, IpPermissions=[_tcp("10.0.0.5/16")])
    assert _shown(net, group)["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "10.0.0.0/16"}]
    long = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "2001:0DB8:0::1/32"}]}
    allow(GroupId=group, IpPermissions=[long])
    shown = _shown(net, group)["IpPermissions"][1]["Ipv6Ranges"]
    assert shown == [{"CidrIpv6": "2001:db8::/32"}]


def test_a_rule_twice_is_refused_whatever_its_form_and_description(net: Net, group: str) -> None:
    allow = net.owner.authorize_security_group_ingress
    allow(GroupId=group, IpPermissions=[_tcp()])
    same = {**_tcp(), "IpProtocol": "6", "IpRanges": [{"CidrIp": "10.0.9.9/16"}]}
    assert code(allow, GroupId=group, IpPermissions=[same]) == "InvalidPermission.Duplicate"
    pair = {"GroupId": group}
    allow(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [pair]}])
    said = {"IpProtocol": "all", "UserIdGroupPairs": [{**pair, "Description": "again"}]}
    assert code(allow, GroupId=group, IpPermissions=[said]) == "InvalidPermission.Duplicate"
    twice = [_tcp("10.9.0.1/16"), _tcp("10.9.0.2/16")]
    assert code(allow, GroupId=group, IpPermissions=twice) == "InvalidPermission.Duplicate"
    assert len(_shown(net, group)["IpPermissions"]) == 2


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"FromPort": 443, "ToPort": 80}, "InvalidParameterValue"),
        ({"FromPort": -1, "ToPort": 443}, "InvalidPermission.Malformed"),
        ({"FromPort": 443, "ToPort": 70_000}, "InvalidPermission.Malformed"),
        ({"IpProtocol": "tcpp"}, "InvalidParameterValue"),
        ({"IpProtocol": "256"}, "InvalidParameterValue"),
        ({"IpProtocol": "icmp", "FromPort": 300, "ToPort": -1}, "InvalidPermission.Malformed"),
        ({"IpRanges": []}, "InvalidParameterValue"),
        ({"IpRanges": [{"CidrIp": "10.0.0.0"}]}, "InvalidParameterValue"),
        ({"IpRanges": [{"CidrIp": "10.0.0.0/33"}]}, "InvalidParameterValue"),
        ({"IpRanges": [{"CidrIp": "::/0"}]}, "InvalidParameterValue"),
        ({"Ipv6Ranges": [{"CidrIpv6": "10.0.0.0/8"}]}, "InvalidParameterValue"),
        ({"PrefixListIds": [{"PrefixListId": f"pl-{HEX}"}]}, "InvalidPrefixListID.NotFound"),
        ({"PrefixListIds": [{"PrefixListId": "nope"}]}, "InvalidPrefixListID.Malformed"),
        ({"UserIdGroupPairs": [{"GroupId": f"sg-{HEX}"}]}, "InvalidGroup.NotFound"),
        ({"UserIdGroupPairs": [{"GroupName": "nobody"}]}, "InvalidGroup.NotFound"),
    ],
)
def test_a_wrong_rule_is_refused(
    net: Net, group: str, changed: dict[str, Any], refused: str
) -> None:
    for way in ("ingress", "egress"):
        allow = getattr(net.owner, f"authorize_security_group_{way}")
        assert code(allow, GroupId=group, IpPermissions=[{**_tcp(), **changed}]) == refused


def test_a_call_without_a_rule_or_without_ports_is_refused(net: Net, group: str) -> None:
    allow = net.owner.authorize_security_group_ingress
    assert code(allow, GroupId=group) == "MissingParameter"
    assert code(allow, GroupId=group, IpPermissions=[]) == "MissingParameter"
    portless = {"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    assert refusal(allow, GroupId=group, IpPermissions=[portless]) == (
        "InvalidParameterValue",
        "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    )


def test_protocols_are_shown_by_name_and_others_have_no_ports(net: Net, group: str) -> None:
    allow = net.owner.authorize_security_group_ingress
    peers = {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ports = {"FromPort": 53, "ToPort": 53}
    allow(GroupId=group, IpPermissions=[{"IpProtocol": "17", **ports, **peers}])
    allow(GroupId=group, IpPermissions=[{"IpProtocol": "50", **ports, **peers}])
    shown = _shown(net, group)["IpPermissions"]
    assert [(each["IpProtocol"], each.get("FromPort")) for each in shown] == [
        ("udp", 53),
        ("50", -1),
    ]


@pytest.mark.parametrize(
    "name", ["sg-mine", "x" * 256, "a?b", "", "größe", "default", "ENDPOINTS", "Endpoints "]
)
def test_a_wrong_group_name_is_refused(net: Net, group: str, name: str) -> None:
    create = net.owner.create_security_group
    assert code(create, VpcId=net.vpc, GroupName=name, Description="x") in {
        "default": ["InvalidGroup.Reserved"],
        "ENDPOINTS": ["InvalidGroup.Duplicate"],
        "Endpoints ": ["InvalidGroup.Duplicate"],
        "": ["MissingParameter"],
    }.get(name, ["InvalidParameterValue"])
    bad = {"VpcId": net.vpc, "GroupName": "other", "Description": "<script>"}
    assert code(create, **bad) == "InvalidParameterValue"


def test_sixty_rules_a_group_and_direction(net: Net, group: str) -> None:
    allow = net.owner.authorize_security_group_ingress
    rules = [_tcp(f"10.{number}.0.0/16") for number in range(60)]
    allow(GroupId=group, IpPermissions=rules)
    limit = "RulesPerSecurityGroupLimitExceeded"
    assert code(allow, GroupId=group, IpPermissions=[_tcp("10.99.0.0/16")]) == limit
    allow(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}])


def test_five_groups_an_interface(net: Net, consumer: Side) -> None:
    def six(owner: Any, vpc: str) -> list[str]:
        return [
            owner.create_security_group(VpcId=vpc, GroupName=f"g{number}", Description="x")[
                "GroupId"
            ]
            for number in range(6)
        ]

    limit = "SecurityGroupsPerInterfaceLimitExceeded"
    groups = six(net.owner, net.vpc)
    create = net.owner.create_network_interface
    assert code(create, SubnetId=net.subnet, Groups=groups) == limit
    create(SubnetId=net.subnet, Groups=groups[:5])
    groups = six(consumer.sdk, consumer.vpc)
    made = consumer.endpoint(LOGS, HERE, SecurityGroupIds=groups[:5])
    change = {"VpcEndpointId": made["VpcEndpointId"], "AddSecurityGroupIds": groups[5:]}
    assert code(consumer.sdk.modify_vpc_endpoint, **change) == limit
    asked = {"VpcId": consumer.vpc, "VpcEndpointType": "Interface", "ServiceName": LOGS}
    assert code(consumer.sdk.create_vpc_endpoint, **asked, SecurityGroupIds=groups) == limit


def test_rules_have_ids_and_tags_and_are_revoked_by_id(net: Net, group: str) -> None:
    tags = [{"Key": "team", "Value": "net"}]
    made = net.owner.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[_tcp(), _tcp("10.1.0.0/16")],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": tags}],
    )["SecurityGroupRules"]
    describe = net.owner.describe_security_group_rules
    by_group = [{"Name": "group-id", "Values": [group]}]
    assert len(describe(Filters=by_group)["SecurityGroupRules"]) == 3
    first, second = (rule["SecurityGroupRuleId"] for rule in made)
    assert describe(SecurityGroupRuleIds=[first])["SecurityGroupRules"] == [made[0]]
    by_tag = [*by_group, {"Name": "tag:team", "Values": ["net"]}]
    assert len(describe(Filters=by_tag)["SecurityGroupRules"]) == 2
    revoke = net.owner.revoke_security_group_ingress
    gone = revoke(GroupId=group, SecurityGroupRuleIds=[first])["RevokedSecurityGroupRules"]
    assert [rule["SecurityGroupRuleId"] for rule in gone] == [first]
    missing = "InvalidSecurityGroupRuleId.NotFound"
    assert code(revoke, GroupId=group, SecurityGroupRuleIds=[first]) == missing
    revoke(GroupId=group, IpPermissions=[_tcp("10.1.2.3/16")])
    assert code(describe, SecurityGroupRuleIds=[second]) == missing
    absent = {"GroupId": group, "IpPermissions": [_tcp()]}
    assert code(revoke, **absent) == "InvalidPermission.NotFound"


def test_rules_are_changed_in_place_and_described_anew(net: Net, group: str) -> None:
    made = net.owner.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[_tcp(), _tcp("10.1.0.0/16")]
    )["SecurityGroupRules"]
    first, second = (rule["SecurityGroupRuleId"] for rule in made)
    modify = net.owner.modify_security_group_rules

    def changed(identifier: str, **terms: Any) -> dict[str, Any]:
        rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **terms}
        update = {"SecurityGroupRuleId": identifier, "SecurityGroupRule": rule}
        return {"GroupId": group, "SecurityGroupRules": [update]}

    twice = changed(first, CidrIpv4="10.1.0.9/16")
    assert code(modify, **twice) == "InvalidPermission.Duplicate"
    assert code(modify, **changed(first)) == "MissingParameter"
    both = changed(first, CidrIpv4="10.9.0.0/16", CidrIpv6="::/0")
    assert code(modify, **both) == "InvalidParameterCombination"
    protocol = changed(first, CidrIpv4="10.9.0.0/16", IpProtocol="")
    assert code(modify, **protocol) == "InvalidParameterValue"
    malformed = [{"Name": "group-id", "Values": ["foobar"]}]
    rules = net.owner.describe_security_group_rules
    assert refusal(rules, Filters=malformed) == (
        "InvalidGroupId.Malformed",
        "The security group ID 'foobar' is malformed",
    )
    modify(**changed(first, CidrIpv4="10.2.0.0/16", Description="ours"))
    (shown,) = net.owner.describe_security_group_rules(SecurityGroupRuleIds=[first])[
        "SecurityGroupRules"
    ]
    assert (shown["CidrIpv4"], shown["Description"]) == ("10.2.0.0/16", "ours")
    anew = net.owner.update_security_group_rule_descriptions_ingress
    said = {"CidrIp": "10.1.0.0/16", "Description": "theirs"}
    anew(GroupId=group, IpPermissions=[{**_tcp(), "IpRanges": [said]}])
    assert said in _shown(net, group)["IpPermissions"][0]["IpRanges"]
    anew(
        GroupId=group,
        SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": second, "Description": "mine"}],
    )
    assert "mine" in str(_shown(net, group)["IpPermissions"])


def test_groups_of_the_default_vpc_go_by_their_names(owner: Any) -> None:
    create = owner.create_security_group
    assert code(create, GroupName="mine", Description="x") == "VPCIdNotSpecified"
    vpc = owner.create_default_vpc()["Vpc"]["VpcId"]
    made = create(GroupName="mine", Description="x")["GroupId"]
    found = owner.describe_security_groups(GroupNames=["mine"])["SecurityGroups"]
    assert [(each["GroupId"], each["VpcId"]) for each in found] == [(made, vpc)]
    assert code(owner.describe_security_groups, GroupNames=["other"]) == "InvalidGroup.NotFound"
    owner.authorize_security_group_ingress(GroupName="mine", IpPermissions=[_tcp()])
    assert owner.delete_security_group(GroupName="mine")["GroupId"] == made


def test_groups_are_found_by_their_egress_rules(net: Net, group: str) -> None:
    wanted = [
        {"Name": "egress.ip-permission.cidr", "Values": ["0.0.0.0/0"]},
        {"Name": "group-id", "Values": [group]},
    ]
    assert len(net.owner.describe_security_groups(Filters=wanted)["SecurityGroups"]) == 1
