"""Pages of a describe call: how many items, from where, and the token for the next."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from .call import Call
from .errors import AwsError
from .models import operation_model


@dataclass(frozen=True)
class Page:
    """A page asked for. `size` None means everything: EC2 pages only when asked (dev guide)."""

    size: int | None
    after: str | None
    offset: int
    asked: str

    def start(self, identifiers: list[str]) -> int:
        """Where the page begins: behind the last id of the page before, if it still exists."""
        if self.after is None:
            return 0
        try:
            return identifiers.index(self.after) + 1
        except ValueError:
            # It is gone, so what followed it has moved up by one at least.
            return min(max(self.offset - 1, 0), len(identifiers))

    def token(self, last: str, offset: int) -> str:
        """The token for the page that begins behind `last`."""
        text = json.dumps([self.asked, last, offset])
        return base64.urlsafe_b64encode(text.encode()).decode()


def read(call: Call) -> Page:
    """The page that a call asks for.

    Raises:
        AwsError: MaxResults out of range, or a token that belongs to another question.
    """
    size = _size(call)
    token = call.get("NextToken")
    asked = _fingerprint(call)
    if not token:
        return Page(size, None, 0, asked)
    try:
        of, after, offset = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, RecursionError):
        of = None
    if of != asked:
        text = "The specified pagination token is not valid or is expired."
        raise AwsError("InvalidPaginationToken", text)
    return Page(size, after, offset, asked)


def _fingerprint(call: Call) -> str:
    asked = {k: v for k, v in call.parameters.items() if k not in ("NextToken", "MaxResults")}
    text = json.dumps([call.operation, asked], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _size(call: Call) -> int | None:
    size: int | None = call.get("MaxResults")
    if size is None:
        return None
    lowest, highest = _limits(call.operation)
    text = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value"
    if size < lowest:
        raise AwsError("InvalidParameterValue", f"{text} greater than or equal to {lowest}.")
    if highest is not None and size > highest:
        raise AwsError("InvalidParameterValue", f"{text} less than or equal to {highest}.")
    return min(size, 1000)


#: Ranges that only the API reference states; more than 1,000 is cut down silently there.
_DOCUMENTED: dict[str, tuple[int, int | None]] = {
    "DescribeVpcEndpointConnections": (5, None),
    "DescribeVpcEndpointServiceConfigurations": (5, None),
    "DescribeVpcEndpointServicePermissions": (5, None),
}


def _limits(operation: str) -> tuple[int, int | None]:
    """The range that the model states; without one, 1,000 is a cap that AWS applies silently."""
    if operation in _DOCUMENTED:
        return _DOCUMENTED[operation]
    model = operation_model("ec2", operation)
    shape: Any = model.input_shape if model else None
    metadata = shape.members["MaxResults"].metadata
    return metadata.get("min", 1), metadata.get("max")
