"""AWS's partitions: which Regions belong to each, and how its services' names begin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Partition:
    """Regions that begin with `regions`. `main`: the Region of its global services.

    `services`: how the names of some interface services begin there, others' with "com.amazonaws".
    """

    id: str
    regions: str
    services: str
    main: str


# Ids and prefixes: botocore's partitions.json. The beginnings are its DNS suffixes backwards
# (aws-cdk-lib, InterfaceVpcEndpointAwsService; aws-cdk #36471, #37596); main Regions: IAM's in
# botocore's endpoints.json. A test compares all of them. The last one holds all other Regions.
PARTITIONS = (
    Partition("aws-cn", "cn-", "cn.com.amazonaws", "cn-north-1"),
    Partition("aws-us-gov", "us-gov-", "com.amazonaws", "us-gov-west-1"),
    Partition("aws-iso", "us-iso-", "gov.ic.c2s", "us-iso-east-1"),
    Partition("aws-iso-b", "us-isob-", "gov.sgov.sc2s", "us-isob-east-1"),
    Partition("aws-iso-e", "eu-isoe-", "uk.adc-e.cloud", "eu-isoe-west-1"),
    Partition("aws-iso-f", "us-isof-", "gov.ic.hci.csp", "us-isof-south-1"),
    Partition("aws-eusc", "eusc-", "eu.amazonaws", "eusc-de-east-1"),
    Partition("aws", "", "com.amazonaws", "us-east-1"),
)


def partition_of(region: str) -> Partition:
    """The partition of `region`."""
    return next(p for p in PARTITIONS if region.startswith(p.regions))


def partition(region: str) -> str:
    """The partition's id: "aws", "aws-cn", "aws-us-gov", ..."""
    return partition_of(region).id
