"""Invokes a widget's function as the console does: by Lambda's API, as the one who looks."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lab.dashboard.custom import Shown, failed, shown
from lab.settings import SECRET

_PATIENCE = Config(read_timeout=900, retries={"max_attempts": 0})


@cache
def _lambda(url: str, account: str, region: str) -> Any:
    return botocore.session.get_session().create_client(
        "lambda",
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=account,
        aws_secret_access_key=SECRET,
        config=_PATIENCE,
    )


def invoke(url: str, account: str, endpoint: str, event: dict[str, Any]) -> Shown:
    """Return what the function at `endpoint` (its ARN) answers, or why there is no answer."""
    parts = endpoint.split(":")
    if parts[:1] != ["arn"] or parts[2:3] != ["lambda"] or len(parts) < 7:
        return failed("No function", f"{endpoint!r} is not the ARN of a function")
    try:
        answer = _lambda(url, account, parts[3]).invoke(
            FunctionName=endpoint, Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read())
    except ClientError as refused:
        error: dict[str, Any] = dict(refused.response["Error"])
        return failed(str(error["Code"]), str(error["Message"]))
    except (BotoCoreError, ValueError) as broken:
        return failed(type(broken).__name__, str(broken))
    if answer.get("FunctionError"):
        said = payload if isinstance(payload, dict) else {}
        kind, words = said.get("errorType", "Error"), said.get("errorMessage", payload)
        return failed(str(kind), str(words))
    return shown(payload)
