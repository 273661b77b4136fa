"""Pieces that several tests of the lab's EC2 are made of."""

from __future__ import annotations

import ipaddress
from typing import Any

from lab.ec2.served import OPERATIONS
from tests.lab.ec2.sdk import OTHER, OWNER, REGION

CONFIGURATION = f"arn:aws:vpc-lattice:{REGION}:{OTHER}:resourceconfiguration/rcfg-0123abcde98765432"
NETWORK = f"arn:aws:vpc-lattice:{REGION}:{OTHER}:servicenetwork/sn-0101abcd5432abcd0"
#: By type what it is made with beside a VPC and subnets.
LATTICE = {
    "Resource": {"ResourceConfigurationArn": CONFIGURATION},
    "ServiceNetwork": {"ServiceNetworkArn": NETWORK},
    "Tunnel": {"ResourceConfigurationArn": CONFIGURATION},
}

TOPIC = f"arn:aws:sns:{REGION}:{OWNER}:connections"

LOGS, RDS = f"com.amazonaws.{REGION}.logs", f"com.amazonaws.{REGION}.rds"


def give_six(client: Any, vpc: str) -> list[str]:
    """Has the VPC get a block of Amazon's; the blocks of its first subnets."""
    client.associate_vpc_cidr_block(VpcId=vpc, AmazonProvidedIpv6CidrBlock=True)
    (shown,) = client.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    (held,) = shown["Ipv6CidrBlockAssociationSet"]
    block = ipaddress.IPv6Network(held["Ipv6CidrBlock"])
    subnets = block.subnets(new_prefix=64)
    return [str(next(subnets)) for _ in range(8)]


ONLY = "PrivateDnsOnlyForInboundResolverEndpoint"

SERVED = {(service, name) for service, each in OPERATIONS.items() for name in each}
