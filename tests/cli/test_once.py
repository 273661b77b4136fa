"""Reads that go out once, by botocore's own client and an AWS that counts what reaches it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from autopilot.aws import clients
from autopilot.aws.once import asked_once
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.session import Session

XML = """<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcSet><item>
<vpcId>vpc-{}</vpcId></item></vpcSet></DescribeVpcsResponse>"""
REFUSAL = """<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message>
</Error></Errors><RequestID>1</RequestID></Response>"""


class Body:
    """An answer's body, as urllib3 has it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._text.encode()


class Ec2:
    """A client of EC2 whose calls end here; `got`: how many came, by their body."""

    def __init__(self) -> None:
        self.got: Counter[bytes] = Counter()
        self.refuses = False
        self.client: Any = Session().create_client(
            "ec2", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        self.client.meta.events.register("before-send.ec2", self._answer)

    def _answer(self, request: Any, **_: Any) -> Any:
        self.got[request.body] += 1
        status, text = (403, REFUSAL) if self.refuses else (200, XML.format(self.got.total()))
        return AWSResponse(request.url, status, HTTPHeaders(), Body(text))

    def vpc(self, **request: Any) -> str:
        return str(self.client.describe_vpcs(**request)["Vpcs"][0]["VpcId"])


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Ec2:
    made = Ec2()
    clients.client.cache_clear()
    monkeypatch.setattr(clients, "make", lambda *_: made.client)
    return made


def test_the_same_read_goes_out_once_and_another_one_by_itself(ec2: Ec2) -> None:
    with asked_once("ec2"):
        first = [ec2.vpc(MaxResults=5), ec2.vpc(MaxResults=5)]
        other = ec2.vpc(MaxResults=6)
    assert (first, other) == (["vpc-1", "vpc-1"], "vpc-2")
    assert ec2.got.total() == 2


def test_afterwards_everything_is_asked_anew(ec2: Ec2) -> None:
    for _ in range(2):
        with asked_once("ec2"):
            ec2.vpc()
    ec2.vpc()
    assert ec2.got.total() == 3


def test_a_change_always_goes_out(ec2: Ec2) -> None:
    with asked_once("ec2"):
        for _ in range(2):
            ec2.client.delete_vpc(VpcId="vpc-1")
    assert ec2.got.total() == 2


def test_a_refusal_is_no_answer_to_keep(ec2: Ec2) -> None:
    ec2.refuses = True
    with asked_once("ec2"):
        with pytest.raises(ClientError):
            ec2.vpc()
        ec2.refuses = False
        assert ec2.vpc() == "vpc-2"
