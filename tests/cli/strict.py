"""An account of the lab's EC2 in this process: the SDK's own calls, answered as AWS does.

Small enough to be copied: what is planned for an account, and what each workflow then does to it,
begin at the very same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl

from autopilot.aws import clients
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import Session

from lab.ec2 import Caller, Ec2, chance
from tests.adapters.interface_machine import Store

US, CONSUMER, STRANGER = "111111111111", "222222222222", "333333333333"
REGION = "us-east-1"
# What a client's service is called where it is served; the last one speaks JSON.
_SERVED = {
    "ec2": "ec2",
    "elbv2": "elasticloadbalancing",
    "service-quotas": "servicequotas",
}


class _Alone:
    """Nobody is in an organization, nobody listens."""

    def membership(self, _account: str) -> None:
        return None

    def publish(self, *_: str) -> None:
        return


class _Body:
    """What urllib3 gives for a body."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.content


class Aws:
    """EC2, load balancing, quotas and parameters. Time stands unless it is made to pass."""

    def __init__(self) -> None:
        alone = _Alone()
        self._ec2, self.store = Ec2(directory=alone, notifier=alone), Store()
        self._made: dict[tuple[str, str], Any] = {}
        self._session = Session()
        self.begin(0)

    def begin(self, seed: int) -> None:
        """An empty account, whose ids come from `seed`."""
        chance.seed(seed)
        self._ec2.forget()
        self._ec2.world({"settle_seconds": 0, "time_stands": True})
        self.store = Store()

    def pass_time(self, seconds: float) -> None:
        self._ec2.world({"pass_seconds": seconds})

    def client(self, service: str, account: str = US) -> Any:
        """The SDK's client of an account; making one is slow, so each is made once."""
        if service == "ssm":
            return self.store
        if (service, account) not in self._made:
            self._made[service, account] = self._make(service, account)
        return self._made[service, account]

    @contextmanager
    def copied(self) -> Iterator[None]:
        """What is done within it is undone at its end."""
        self.pass_time(1)  # nothing is under way, which no copy could hold
        kept, store = self._ec2._world, self.store
        assert not kept.agenda._entries
        self._ec2._world, self.store = deepcopy(kept), deepcopy(store)
        try:
            yield
        finally:
            self._ec2._world, self.store = kept, store

    def _make(self, service: str, account: str) -> Any:
        made = self._session.create_client(
            service,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        caller = Caller(account, REGION, f"arn:aws:iam::{account}:root")

        def send(request: AWSPreparedRequest, **_: Any) -> Any:
            body: Any = request.body or b""
            raw = body.encode() if isinstance(body, str) else bytes(body)
            target = request.headers.get("X-Amz-Target")
            asked: Any = raw if target else parse_qsl(raw.decode(), keep_blank_values=True)
            name = target.decode() if isinstance(target, bytes) else target
            operation = name.rpartition(".")[2] if name else dict(asked)["Action"]
            reply = self._ec2.serve(_SERVED[service], operation, asked, caller)
            headers = HTTPHeaders.from_dict(reply.headers)
            return AWSResponse(request.url, reply.status, headers, _Body(reply.body))

        made.meta.events.register("before-send", send)
        return made


@contextmanager
def answering(aws: Aws) -> Iterator[None]:
    """The product's adapters ask this AWS."""
    with patch.object(clients, "make", lambda service, *_: aws.client(service)):
        clients.client.cache_clear()
        yield
    clients.client.cache_clear()


def through_json(value: Any) -> Any:
    """What is left of it on the way from one step to the next."""
    return json.loads(json.dumps(value))
