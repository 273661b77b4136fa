"""Names and descriptions of security groups: what EC2 takes for one."""

from __future__ import annotations

import re

from ..errors import AwsError, invalid_value

#: The letters of names and descriptions (EC2 API reference, CreateSecurityGroup).
_WORDS = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}")


def checked(name: str) -> str:
    """A group's name: trailing spaces go, case tells no two apart (VPC guide).

    Raises:
        AwsError: it is reserved, or holds what a name doesn't.
    """
    name = name.rstrip(" ")
    if name.casefold() == "default":
        raise AwsError("InvalidGroup.Reserved", "Cannot use reserved security group name: default")
    if name.startswith("sg-"):
        text = "Group names may not be in the format sg-*."
        raise invalid_value(name, "GroupName", text)
    check_words("GroupName", name)
    return name


def check_words(member: str, words: str) -> None:
    """Refuses a name or description that holds what it can't.

    Raises:
        AwsError: InvalidParameterValue.
    """
    if not words.isascii():
        raise invalid_value(words, member, "Character sets beyond ASCII are not supported.")
    if not _WORDS.fullmatch(words):
        what = "name" if member == "GroupName" else "description"
        text = (
            f"Invalid security group {what}. Valid {what}s are non-empty strings less than 256"
            " characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
        )
        raise AwsError("InvalidParameterValue", text)
