"""What EC2 takes for a tag."""

from __future__ import annotations

from contextvars import ContextVar

from .errors import AwsError

#: EC2 user guide, "tag restrictions".
LONGEST_KEY, LONGEST_VALUE, MOST_TAGS = 128, 256, 50


#: Whether CloudFormation makes the call, which alone may give tags that begin with `aws:`.
by_cloudformation: ContextVar[bool] = ContextVar("by_cloudformation", default=False)


def check_tag(key: str, value: str) -> None:
    """Refuses a key or value outside EC2's limits, and keys that belong to AWS.

    Raises:
        AwsError: InvalidParameterValue.
    """
    if key.lower().startswith("aws:") and not by_cloudformation.get():
        raise AwsError(
            "InvalidParameterValue",
            f"Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are"
            " reserved for internal use",
        )
    if not key or len(key) > LONGEST_KEY or len(value) > LONGEST_VALUE:
        raise AwsError(
            "InvalidParameterValue",
            "Tag key or value is too long or empty: keys have 1 to 128 characters, values at"
            " most 256.",
        )


def check_count(tags: dict[str, str]) -> None:
    """Refuses more tags than a resource bears.

    Raises:
        AwsError: TagLimitExceeded.
    """
    if len(tags) > MOST_TAGS:
        raise AwsError(
            "TagLimitExceeded", "The maximum number of Tags for a resource has been reached."
        )
