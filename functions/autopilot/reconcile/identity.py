"""Who we are: the stack, its account and its Region."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StackIdentity:
    """`owner` is the stack's name, the owner tag's value on what it makes."""

    owner: str
    account: str
    region: str
