"""Names by Region and partition, tags and tokens."""

from __future__ import annotations

import pytest
from autopilot.core.names import client_token, endpoint_tags, partition, service_name
from autopilot.core.tags import opted_out, owned_by


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


@pytest.mark.parametrize(
    ("tags", "skip", "out"),
    [
        ({"a": "off"}, {"a": "off"}, True),
        ({"a": "on"}, {"a": "off"}, False),
        ({}, {"a": "off"}, False),
        ({"a": "anything"}, {"a": "*"}, True),
        ({"a": ""}, {"a": "*"}, True),
        ({}, {"a": "*"}, False),
        ({"b": "2"}, {"a": "1", "b": "2"}, True),
        ({"a": "1"}, {}, False),
    ],
)
def test_opted_out(tags: dict[str, str], skip: dict[str, str], out: bool) -> None:
    assert opted_out(tags, skip) is out


def test_a_token_is_the_same_for_the_same_change_of_an_execution_only() -> None:
    token = client_token("execution-1", "vpc-1", "s3", ("rtb-1", "rtb-2"))

    assert token == client_token("execution-1", "vpc-1", "s3", ("rtb-2", "rtb-1"))
    assert len(token) == 32
    others = {
        client_token("execution-2", "vpc-1", "s3", ("rtb-1", "rtb-2")),
        client_token("execution-1", "vpc-2", "s3", ("rtb-1", "rtb-2")),
        client_token("execution-1", "vpc-1", "dynamodb", ("rtb-1", "rtb-2")),
        client_token("execution-1", "vpc-1", "s3", ("rtb-1",)),
    }
    assert len(others) == 4
    assert token not in others
