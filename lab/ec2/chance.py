"""Where ids come from: one stream of chance for each kind of id, all of them from one seed.

Kinds have streams of their own so that what one caller makes doesn't move the ids of another's.
"""

from __future__ import annotations

import uuid
from base64 import urlsafe_b64encode
from random import Random

from moto.moto_api._internal import mock_random

_streams: dict[str, Random] = {}
_seed: list[int | None] = [None]


def seed(number: int | None) -> None:
    """Has all ids come from `number` from now on, moto's too; None: from the system's chance."""
    _seed[0] = number
    _streams.clear()
    mock_random.seed(number)


def _of(kind: str) -> Random:
    number = _seed[0]
    if kind not in _streams:
        begin = None if number is None else f"{number}/{kind}"
        _streams.setdefault(kind, Random(begin))  # noqa: S311 - ids are no secrets
    return _streams[kind]


def token_hex(kind: str, size: int) -> str:
    """The next `size` bytes of a kind as hexadecimal digits."""
    return _of(kind).randbytes(size).hex()


def token_urlsafe(kind: str, size: int) -> str:
    """The next `size` bytes of a kind in the letters of URLs."""
    return urlsafe_b64encode(_of(kind).randbytes(size)).rstrip(b"=").decode()


def between(kind: str, low: float, high: float) -> float:
    """The next number of a kind from `low` to `high`."""
    return _of(kind).uniform(low, high)


def uuid4(kind: str) -> str:
    """The next UUID of a kind."""
    return str(uuid.UUID(bytes=_of(kind).randbytes(16), version=4))
