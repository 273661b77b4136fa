"""Who we are: the stack, its account and its Region."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class StackIdentity:
    """`owner` is the stack's name, the owner tag's value on what it makes."""

    owner: str
    account: str
    region: str


def client_token(*parts: str) -> str:
    """The token that makes a creation repeatable: 32 characters, the same for the same parts.

    The execution is one of them: the token of an endpoint that has been deleted since must not
    come again.
    """
    return sha256("\n".join(parts).encode()).hexdigest()[:32]
