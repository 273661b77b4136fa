"""What comes back of a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    """An answer: the bytes for the wire, and the same in members for whoever looks on.

    `parameters` is the request along botocore's model, `response` a change's answer as botocore's
    parser reads it (None for an error or a read), `error` and `message` AWS's code and words.
    `mutating` says whether CloudTrail records the call as a write.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    parameters: dict[str, Any]
    response: dict[str, Any] | None
    error: str | None
    message: str | None
    mutating: bool

    @property
    def request_id(self) -> str:
        """The request's id, as in the header."""
        return self.headers.get("x-amzn-RequestId", "")
