"""Tags of load balancers, listeners and target groups, which are load balancing's own."""

from __future__ import annotations

from typing import Any

from ..balancers import Balancers
from ..call import Call, Operations
from ..errors import AwsError
from ..tagging import LONGEST_KEY, LONGEST_VALUE, MOST_TAGS

Item = dict[str, Any]


def checked(tags: list[Item]) -> dict[str, str]:
    """The tags of a request.

    Raises:
        AwsError: a key twice, a tag that is too long, or one that belongs to AWS.
    """
    found: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key", ""), tag.get("Value", "")
        if key in found:
            raise AwsError("DuplicateTagKeys", f"The tag key '{key}' is specified twice")
        if not 0 < len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            raise AwsError("ValidationError", f"The tag '{key}' is too long or has no key")
        if key.lower().startswith("aws:"):
            raise AwsError("ValidationError", f"The tag key '{key}' is reserved")
        found[key] = value
    return found


def _labels(call: Call) -> list[dict[str, str]]:
    """The tags of each resource named.

    Raises:
        AwsError: there is no such resource.
    """
    held: Balancers | None = call.world.balancers.get((call.caller.account, call.caller.region))
    return [_of(held, arn) for arn in call.get("ResourceArns")]


def _of(held: Balancers | None, arn: str) -> dict[str, str]:
    if held is None or arn not in held.labels:
        kinds = {"targetgroup": "TargetGroup", "listener": "Listener"}
        kind = kinds.get(arn.rpartition(":")[2].partition("/")[0], "LoadBalancer")
        raise AwsError(f"{kind}NotFound", f"One or more resources not found: '{arn}'")
    return held.labels[arn]


def _add(call: Call) -> Item:
    added = checked(call.get("Tags"))
    labels = _labels(call)
    if any(len({**each, **added}) > MOST_TAGS for each in labels):
        raise AwsError("TooManyTags", "The limit on the number of tags has been reached")
    for each in labels:
        each.update(added)
    return {}


def _remove(call: Call) -> Item:
    for each in _labels(call):
        for key in call.get("TagKeys"):
            each.pop(key, None)
    return {}


def _describe(call: Call) -> Item:
    """Tags of up to 20 resources (API reference)."""
    arns = call.get("ResourceArns")
    if len(arns) > 20:
        raise AwsError("ValidationError", "At most 20 resources can be described at once")
    return {
        "TagDescriptions": [
            {"ResourceArn": arn, "Tags": [{"Key": k, "Value": v} for k, v in each.items()]}
            for arn, each in zip(arns, _labels(call), strict=True)
        ]
    }


OPERATIONS: Operations = {"AddTags": _add, "DescribeTags": _describe, "RemoveTags": _remove}
