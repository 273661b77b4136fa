"""Filters of describe calls: which ones an operation knows, and whether an item passes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import AwsError, missing_parameter

#: Where a filter's value stands in an item: members from the outside in, lists walked through.
Path = tuple[str, ...]
#: EC2 user guide, "filter resources": 200 values a call; ansible amazon.aws #2393: 255 characters.
MOST_VALUES = 200
LONGEST_VALUE = 255


@dataclass(frozen=True)
class Filter:
    """One filter of a call: the values are alternatives."""

    name: str
    values: tuple[str, ...]

    @property
    def exact(self) -> frozenset[str] | None:
        """The values, if none of them is a pattern."""
        if any(sign in value for value in self.values for sign in "*?\\"):
            return None
        return frozenset(self.values)


def read(
    parameters: Mapping[str, Any], known: Mapping[str, Path], operation: str = ""
) -> list[Filter]:
    """The call's filters.

    PrivateLink's describes have a code of their own for unknown ones (mondoohq/mql #4454).

    Raises:
        AwsError: a filter that the operation does not know, or too much of them.
    """
    found = []
    for entry in parameters.get("Filters", []):
        name = entry.get("Name")
        if name is None:
            raise missing_parameter("Filter.Name")
        if name not in known and not ("tag-key" in known and name.startswith("tag:")):
            private = "VpcEndpoint" in operation
            code = "InvalidFilter" if private else "InvalidParameterValue"
            raise AwsError(code, f"The filter '{name}' is invalid")
        values = tuple(entry.get("Values", []))
        if not values:
            raise AwsError("InvalidParameterValue", "The filter 'null' is invalid")
        found.append(Filter(name, values))
    _check_size(found)
    return found


def _check_size(found: list[Filter]) -> None:
    values = [value for each in found for value in each.values]
    if len(values) > MOST_VALUES:
        text = "The maximum number of filter values specified on a single call is 200"
        raise AwsError("FilterLimitExceeded", text)
    if any(len(value) > LONGEST_VALUE for value in values):
        text = "The maximum length for a filter value is 255 characters"
        raise AwsError("FilterLimitExceeded", text)


def passes(item: dict[str, Any], filters: list[Filter], known: Mapping[str, Path]) -> bool:
    """Whether an item meets every filter."""
    return all(_meets(item, each, known) for each in filters)


def _meets(item: dict[str, Any], wanted: Filter, known: Mapping[str, Path]) -> bool:
    if wanted.name.startswith("tag:"):
        key = wanted.name.removeprefix("tag:")
        tags = item.get("Tags", item.get("TagSet", []))
        return _any((tag["Value"] for tag in tags if tag["Key"] == key), wanted)
    return _any(_at(item, known[wanted.name]), wanted)


def _any(found: Iterator[Any], wanted: Filter) -> bool:
    exact = wanted.exact
    if exact is not None:
        return any(_text(value) in exact for value in found)
    patterns = [_pattern(value) for value in wanted.values]
    return any(pattern.fullmatch(_text(value)) for value in found for pattern in patterns)


def _at(value: Any, path: Path) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif not path:
        yield value
    elif path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _pattern(value: str) -> re.Pattern[str]:
    signs = {"*": ".*", "?": "."}
    parts = re.findall(r"\\.|.", value, re.DOTALL)
    text = "".join(
        re.escape(part[1]) if len(part) == 2 else signs.get(part, re.escape(part)) for part in parts
    )
    return re.compile(text, re.DOTALL)
