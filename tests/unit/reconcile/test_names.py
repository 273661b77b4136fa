"""Names by Region and partition, tags and tokens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore
import pytest
from autopilot.policy.names import full_names, label, region_in, regions_of, service_name
from autopilot.policy.partitions import PARTITIONS, partition, partition_of
from autopilot.reconcile.identity import client_token
from autopilot.reconcile.tags import endpoint_tags, owned_by


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("us-east-1", "aws"),
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_partition(region: str, name: str) -> None:
    assert partition(region) == name


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_gateway_services_have_one_prefix_in_every_partition(region: str) -> None:
    assert service_name(region, "s3") == f"com.amazonaws.{region}.s3"


def of_botocore(name: str) -> dict[str, Any]:
    path = Path(botocore.__file__).parent / "data" / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_partitions_are_those_that_botocore_knows() -> None:
    found = of_botocore("partitions")["partitions"]
    assert {each["id"] for each in found} == {each.id for each in PARTITIONS}
    for each in found:
        for region in (name for name in each["regions"] if not name.endswith("-global")):
            known = partition_of(region)
            assert known.id == each["id"]
            backwards = ".".join(reversed(each["outputs"]["dnsSuffix"].split(".")))
            assert known.services == backwards


def test_main_regions_are_where_botocore_finds_the_global_services() -> None:
    for each in of_botocore("endpoints")["partitions"]:
        iam = each["services"].get("iam", {})
        if place := iam.get("partitionEndpoint"):
            region = iam["endpoints"][place]["credentialScope"]["region"]
            assert region == partition_of(region).main


@pytest.mark.parametrize(
    ("service", "region", "names"),
    [
        ("logs", "us-east-1", ["com.amazonaws.us-east-1.logs"]),
        (
            "ecr.api",
            "cn-north-1",
            ["cn.com.amazonaws.cn-north-1.ecr.api", "com.amazonaws.cn-north-1.ecr.api"],
        ),
        (
            "ecr.api",
            "eusc-de-east-1",
            ["eu.amazonaws.eusc-de-east-1.ecr.api", "com.amazonaws.eusc-de-east-1.ecr.api"],
        ),
        (
            "ecr.dkr",
            "eu-isoe-west-1",
            ["uk.adc-e.cloud.eu-isoe-west-1.ecr.dkr", "com.amazonaws.eu-isoe-west-1.ecr.dkr"],
        ),
        ("iam", "eu-central-1", ["com.amazonaws.iam"]),
        ("s3-global.accesspoint", "us-east-1", ["com.amazonaws.s3-global.accesspoint"]),
        ("com.amazonaws.iam", "us-east-1", ["com.amazonaws.iam"]),
        ("eu.amazonaws.eusc-de-east-1.ecr.api", "x", ["eu.amazonaws.eusc-de-east-1.ecr.api"]),
        ("aws.api.us-east-1.freetier", "us-east-1", ["aws.api.us-east-1.freetier"]),
    ],
)
def test_under_which_names_a_service_may_be_offered(
    service: str, region: str, names: list[str]
) -> None:
    assert list(full_names(service, region)) == names


SVC = "vpce-svc-0123456789abcdef0"


@pytest.mark.parametrize(
    ("name", "region", "short"),
    [
        ("com.amazonaws.us-east-1.ecr.api", "us-east-1", "ecr.api"),
        ("com.amazonaws.us-west-2.s3", "us-west-2", "com.amazonaws.us-west-2.s3"),
        (f"com.amazonaws.vpce.us-west-2.{SVC}", "us-west-2", SVC),
        (f"com.amazonaws.vpce.eusc-de-east-1.{SVC}", "eusc-de-east-1", SVC),
        ("eu.amazonaws.eusc-de-east-1.ecr.api", "eusc-de-east-1",
         "eu.amazonaws.eusc-de-east-1.ecr.api"),
        ("com.amazonaws.iam", None, "iam"),
        ("com.amazonaws.s3-global.accesspoint", None, "s3-global.accesspoint"),
        ("aws.sagemaker.us-east-1.notebook", "us-east-1", "aws.sagemaker.us-east-1.notebook"),
        ("aws.api.global.codecatalyst", None, "aws.api.global.codecatalyst"),
    ],
)  # fmt: skip
def test_what_a_name_says_of_its_region(name: str, region: str | None, short: str) -> None:
    assert region_in(name) == region
    assert label(name, "us-east-1") == short


@pytest.mark.parametrize(
    ("name", "written", "home", "places"),
    [
        ("com.amazonaws.us-west-2.s3", None, "us-east-1", ["us-west-2"]),
        ("com.amazonaws.iam", None, "eu-west-1", ["eu-west-1", "us-east-1"]),
        ("com.amazonaws.iam", None, "us-east-1", ["us-east-1"]),
        ("com.amazonaws.iam", None, "cn-northwest-1", ["cn-northwest-1", "cn-north-1"]),
        ("com.amazonaws.iam", "us-west-2", "eu-west-1", ["us-west-2"]),
    ],
)
def test_where_a_service_is_looked_for(
    name: str, written: str | None, home: str, places: list[str]
) -> None:
    assert list(regions_of(name, written, home)) == places


def test_tags_name_the_owner_and_the_service() -> None:
    assert endpoint_tags("Stack", "s3") == {
        "endpoint-autopilot:owner": "Stack",
        "Name": "endpoint-autopilot-s3",
    }
    assert owned_by(endpoint_tags("Stack", "s3"), "Stack")


@pytest.mark.parametrize(
    ("tags", "owner"),
    [({}, "Stack"), ({"endpoint-autopilot:owner": "Other"}, "Stack"),
     ({"endpoint-autopilot:owner": ""}, ""), ({}, "")],
)  # fmt: skip
def test_what_lacks_the_tag_is_not_ours(tags: dict[str, str], owner: str) -> None:
    assert not owned_by(tags, owner)


def test_a_token_is_the_same_for_the_same_parts_only() -> None:
    token = client_token("execution-1", "vpc-1", "s3", "rtb-1", "rtb-2")

    assert token == client_token("execution-1", "vpc-1", "s3", "rtb-1", "rtb-2")
    assert len(token) == 32
    others = {
        client_token("execution-2", "vpc-1", "s3", "rtb-1", "rtb-2"),
        client_token("execution-1", "vpc-1", "dynamodb", "rtb-1", "rtb-2"),
        client_token("execution-1", "vpc-1", "s3", "rtb-1"),
        client_token("execution-1", "vpc-1", "s3", "rtb-1rtb-2"),
    }
    assert len(others) == 4
    assert token not in others
