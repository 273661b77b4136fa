"""A table as the ledger is, in process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from botocore.session import Session
from moto import mock_aws

TABLE = "ledger"


@cache
def made_of() -> Session:
    """What tests make clients of: AWS's service models are read once, not for each test."""
    session = Session()
    session.set_credentials("testing", "testing")
    return session


@contextmanager
def table() -> Iterator[Any]:
    """The client of a DynamoDB that holds it, empty."""
    with mock_aws():
        client: Any = made_of().create_client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        yield client
