"""The services that stories of interface endpoints ask for, and the tags of their VPCs."""

from __future__ import annotations

from random import Random
from typing import Any

SEED = 6
# The lab's first endpoint service under this seed: the policy has to name it before it is there.
SERVICE = f"vpce-svc-0{Random(f'{SEED}/vpce-svc').randbytes(8).hex()}"
NAME = f"com.amazonaws.vpce.us-east-1.{SERVICE}"
LOGS = "com.amazonaws.us-east-1.logs"
LOGS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "logs:PutLogEvents", "Resource": "*"}
    ],
}


def tags(kind: str, **given: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in given.items()]}]
