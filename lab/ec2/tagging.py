"""What EC2 takes for a tag."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from .errors import AwsError, missing_parameter

#: EC2 user guide, "tag restrictions".
LONGEST_KEY, LONGEST_VALUE, MOST_TAGS = 128, 256, 50


#: Whether CloudFormation makes the call, which alone may give tags that begin with `aws:`.
by_cloudformation: ContextVar[bool] = ContextVar("by_cloudformation", default=False)


def check_tag(key: str, value: str, reserved: str = "InvalidParameterValue") -> None:
    """Refuses a key or value outside EC2's limits, and keys that belong to AWS.

    `reserved` is the code for those (elastic-ci-stack-for-aws #856: another one at creation).

    Raises:
        AwsError: InvalidParameterValue, or `reserved`.
    """
    if key.lower().startswith("aws:") and not by_cloudformation.get():
        raise AwsError(
            reserved,
            f"Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are"
            " reserved for internal use",
        )
    if not key or len(key) > LONGEST_KEY or len(value) > LONGEST_VALUE:
        raise AwsError(
            "InvalidParameterValue",
            "Tag key or value is too long or empty: keys have 1 to 128 characters, values at"
            " most 256.",
        )


def read_tags(
    given: list[dict[str, str]], reserved: str = "InvalidParameterValue"
) -> dict[str, str]:
    """The tags of a request; `reserved` is the code for a key of AWS's own.

    Raises:
        AwsError: a key is missing, there twice (cloud-custodian #3792), or not to be had.
    """
    tags: dict[str, str] = {}
    for tag in given:
        if "Key" not in tag:
            raise missing_parameter("Tag.Key")
        key, value = tag["Key"], tag.get("Value", "")
        if key in tags:
            raise AwsError("InvalidParameterValue", f"Duplicate tag key '{key}' specified.")
        check_tag(key, value, reserved)
        tags[key] = value
    return tags


def check_specification(specification: dict[str, Any], resource_type: str) -> None:
    """Refuses a TagSpecification of no type, of another type, or without tags.

    packer-plugin-amazon #141 has the words for the last.

    Raises:
        AwsError: any of these.
    """
    named = specification.get("ResourceType")
    if not named:
        raise AwsError("InvalidParameterValue", "Tag specification resource type must have a value")
    if named != resource_type:
        raise AwsError(
            "InvalidParameterValue",
            f"'{named}' is not a valid taggable resource type for this operation.",
        )
    if not specification.get("Tags"):
        raise AwsError("InvalidTagKey.Malformed", "Tag specification must have at least one tag")


def check_count(tags: dict[str, str]) -> None:
    """Refuses more tags than a resource bears.

    Raises:
        AwsError: TagLimitExceeded.
    """
    if len(tags) > MOST_TAGS:
        raise AwsError(
            "TagLimitExceeded", "The maximum number of Tags for a resource has been reached."
        )
