"""What ops read of gateway endpoints."""

from __future__ import annotations

from tests.stories.account import Account
from tests.stories.said import Says


def test_a_new_vpc_gets_its_endpoints(account: Account, says: Says) -> None:
    vpc = account.ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    account.ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "payments"}])

    account.run("network", trigger="event", scope={"vpc_ids": [vpc]})

    says("GatewayEndpointsChanged")
