"""The SDK's clients, each made once, when it is first needed.

botocore, not boto3: boto3 imports s3transfer and its resource layer, 60 to 70 ms of a cold start,
and the functions need neither.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

from autopilot.aws.settings import TASK_ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Seconds. A describe of a full page takes two or three; the functions' own timeouts are above.
_CONNECT_TIMEOUT = 3
_READ_TIMEOUT = 20
# The workflow retries what these services refuse, with waits that Lambda isn't billed for. Outside
# of Lambda, as on the command line, nobody else does.
_RETRIED_BY_THE_WORKFLOW = frozenset({"ec2"})
# What it refuses counts as not known, and nobody asks again soon.
_ATTEMPTS = {"organizations": 4}


def models_beside(session: Session, root: Path = TASK_ROOT) -> Session:
    """Let `session` find the bundle's service models.

    botocore itself reads AWS_DATA_PATH, which names /var/task; where the bundle lies elsewhere, as
    on a developer's machine, that path leads nowhere.
    """
    models = root / "models"
    if models.is_dir():
        session.get_component("data_loader").search_paths.insert(0, str(models))
    return session


@cache
def _session() -> Session:
    return models_beside(Session())


@cache
def client(service: str) -> Any:
    """The client of `service` ("ec2", "sqs", ...) in the function's own Region."""
    return make(service)


def make(
    service: str,
    credentials: Mapping[str, Any] | None = None,
    *,
    region: str = "",
    patience: int = _READ_TIMEOUT,
) -> Any:
    """A new client of `service`; `credentials` as STS gives them, None: the function's own.

    `region` "": its own, too. `patience`: how many seconds an answer may take.
    """
    given = credentials or {}
    in_lambda = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
    once = in_lambda and service in _RETRIED_BY_THE_WORKFLOW
    attempts = 1 if once else _ATTEMPTS.get(service, 2 if in_lambda else 5)
    return _session().create_client(
        service,
        region_name=region or os.environ.get("AWS_REGION"),
        config=Config(
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=patience,
            retries={"mode": "standard", "total_max_attempts": attempts},
        ),
        aws_access_key_id=given.get("AccessKeyId"),
        aws_secret_access_key=given.get("SecretAccessKey"),
        aws_session_token=given.get("SessionToken"),
    )
