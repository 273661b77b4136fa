"""Chapter 2: CloudWatch Logs without the Internet, through an interface endpoint."""

from __future__ import annotations

import json
from typing import Any

from demo.scenes import Network
from demo.stage import Stage
from demo.telling import chapter, expect, say, show_messages, show_rows

LOGS = "com.amazonaws.us-east-1.logs"


def logs_are_reached(stage: Stage, network: Network) -> None:
    """Chapter 2: the tag on the VPC was all it took."""
    chapter("2. Its apps write to CloudWatch Logs, still with no NAT")
    say("   a profile of the policy wants logs in VPCs that are tagged network: private,")
    say("   in their subnets named private-*; 443 from the VPC, and write-logs to limit it")
    endpoint = stage.wait_for(
        lambda: _serving(stage, network.vpc_id), bool, "an interface endpoint that works"
    )
    _shows_where_it_stands(stage, network, endpoint)
    _shows_who_may_reach_it(stage, endpoint)
    _shows_what_it_lets_through(endpoint)
    show_messages(stage.await_told("InterfaceEndpointsChanged", about=network.vpc_id))


def _serving(stage: Stage, vpc: str) -> dict[str, Any]:
    """The VPC's endpoint for CloudWatch Logs as EC2 shows it, once it works."""
    of = {"vpc-id": vpc, "service-name": LOGS, "vpc-endpoint-state": "available"}
    filters = [{"Name": name, "Values": [value]} for name, value in of.items()]
    found = stage.ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]
    return dict(found[0]) if found else {}


def _shows_where_it_stands(stage: Stage, network: Network, endpoint: dict[str, Any]) -> None:
    of = [{"Name": "vpc-id", "Values": [network.vpc_id]}]
    rows = []
    for subnet in stage.ec2.describe_subnets(Filters=of)["Subnets"]:
        stands = subnet["SubnetId"] in endpoint["SubnetIds"]
        zone, (name,) = subnet["AvailabilityZoneId"], [t["Value"] for t in subnet["Tags"]]
        rows.append((subnet["SubnetId"], zone, name, endpoint["VpcEndpointId"] if stands else "-"))
    show_rows(("subnet", "zone ID", "name", "endpoint"), *sorted(rows, key=lambda row: row[2]))
    expect(
        sorted(endpoint["SubnetIds"]) == sorted(network.subnet_ids),
        "it stands in the private subnets, one in each zone, and not in the public one",
    )
    expect(endpoint["PrivateDnsEnabled"], "the service's own DNS name leads to it: no app changes")


def _shows_who_may_reach_it(stage: Stage, endpoint: dict[str, Any]) -> None:
    ids = [group["GroupId"] for group in endpoint["Groups"]]
    (group,) = stage.ec2.describe_security_groups(GroupIds=ids)["SecurityGroups"]
    rules = [
        (way, rule["IpProtocol"], f"{rule['FromPort']}-{rule['ToPort']}", block["CidrIp"])
        for way, found in (("in", "IpPermissions"), ("out", "IpPermissionsEgress"))
        for rule in group[found]
        for block in rule["IpRanges"]
    ]
    say(f"   security group {group['GroupId']} ({group['GroupName']}):")
    show_rows(("way", "protocol", "ports", "from"), *rules)
    expect(
        rules == [("in", "tcp", "443-443", "10.20.0.0/16")]
        and not group["IpPermissionsEgress"]
        and not group["IpPermissions"][0]["UserIdGroupPairs"],
        "443 from the VPC gets in; nothing else, and nothing out",
    )


def _shows_what_it_lets_through(endpoint: dict[str, Any]) -> None:
    (statement,) = json.loads(endpoint["PolicyDocument"])["Statement"]
    accounts = statement["Condition"]["StringEquals"]["aws:PrincipalAccount"]
    say("   its endpoint policy, by name in the policy file (demo/policy/write-logs.json):")
    show_rows(("allows", "to"), *((action, ", ".join(accounts)) for action in statement["Action"]))
    expect(
        "logs:DeleteLogGroup" not in statement["Action"] and statement["Effect"] == "Allow",
        "our accounts may write logs through it; nobody else, and nothing else",
    )
