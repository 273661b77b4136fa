"""Who signed a request, and for what."""

from __future__ import annotations

import pytest

from lab.signature import Scope, scope_of

CREDENTIAL = "111111111111/20261124/eu-central-1/ec2/aws4_request"


def test_reads_the_authorization_header() -> None:
    header = f"AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=host, Signature=0"
    assert scope_of({"authorization": header}, {}) == Scope("111111111111", "eu-central-1", "ec2")


def test_reads_a_presigned_query() -> None:
    found = scope_of({}, {"X-Amz-Credential": [CREDENTIAL]})
    assert found == Scope("111111111111", "eu-central-1", "ec2")


@pytest.mark.parametrize(
    "header", ["", "Bearer abc", "AWS4-HMAC-SHA256 Credential=abc", "AWS4-HMAC-SHA256 Credential="]
)
def test_finds_nothing_in_what_is_not_signed(header: str) -> None:
    assert scope_of({"authorization": header}, {}) is None
