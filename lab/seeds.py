"""The one number by which ids, losses, copies and shuffles of a lab repeat."""

from __future__ import annotations

from typing import Any

from lab.checks import BadInputError, checked, whole
from lab.delivery import Post
from lab.ec2 import chance

_RULES = {"seed": ("a whole number", whole(-(2**63), 2**63))}


def parse(data: Any) -> int:
    """Return the posted seed; raises BadInputError."""
    said = checked(data, _RULES)
    if "seed" not in said:
        raise BadInputError('seed: missing, send {"seed": 1}')
    return int(said["seed"])


class Seed:
    """The seed that things go by now; `number` is None as long as nobody planted one."""

    def __init__(self, post: Post, number: int | None) -> None:
        self._post = post
        self.number = number
        if number is not None:
            self.plant(number)

    def plant(self, number: int) -> None:
        """Begin every stream of chance anew."""
        self.number = number
        chance.seed(number)
        self._post.seed(number)
