"""Lists of the EC2 API, every page of them, and filters that can't come out empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autopilot.aws.clients import client
from autopilot.aws.errors import aws_errors

MOST_FILTER_VALUES = 200
"""Values that one filter takes (EC2 API reference, "FilterLimitExceeded")."""


def pages(
    operation: str, method: str, key: str, *, ec2: Any = None, **request: Any
) -> Iterator[Any]:
    """The elements under `key` in every page of `ec2:operation`. `ec2`: another account's client.

    By hand, not by botocore's paginator: that needs one more model file at a cold start. Endpoints
    that are deleted are left out: AWS lists them for a while (openshift/hypershift #9517).
    Raises AwsError's subclasses.
    """
    token: str | None = None
    while True:
        more = {"NextToken": token} if token else {}
        with aws_errors("ec2", operation):
            answer = getattr(ec2 or client("ec2"), method)(**request, **more)
        yield from (each for each in answer.get(key, ()) if not _is_gone(key, each))
        token = answer.get("NextToken")
        if not token:
            return


def _is_gone(key: str, answer: Mapping[str, Any]) -> bool:
    return key == "VpcEndpoints" and answer.get("State", "").lower() == "deleted"


def filters(name: str, values: Iterable[str]) -> Iterator[list[dict[str, Any]]]:
    """Filters for all `values`, as many as one call takes at a time.

    Raises ValueError if there is no value or an empty one: AWS would answer with everything.
    """
    every = sorted(set(values))
    if not all(every) or not every:
        raise ValueError(f"no values, or an empty one, for the filter {name}")
    for start in range(0, len(every), MOST_FILTER_VALUES):
        yield [{"Name": name, "Values": every[start : start + MOST_FILTER_VALUES]}]
