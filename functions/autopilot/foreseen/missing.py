"""Permissions that are missing, found in what adapters say instead of raising."""

from __future__ import annotations

import re

from autopilot.aws.errors import AccessDenied, action_of, words_of
from autopilot.foreseen.model import Unseen

# "organizations:DescribeAccount: AccessDeniedException: words", as `autopilot.aws.errors` puts it.
_DENIED = re.compile(
    r"\b([a-z0-9-]+:[A-Z]\w+): ((?:AccessDenied|UnauthorizedOperation|AuthorizationError)\w*: .*)",
    re.DOTALL,
)


def missing_in(what: str, words: str | None) -> tuple[Unseen, ...]:
    """`what` as unseen, if the words on why it isn't known are those of a refusal."""
    found = _DENIED.search(words or "")
    return (Unseen(what, found[1], found[2]),) if found else ()


def refused(what: str, error: AccessDenied) -> Unseen:
    """`what` as unseen, for an error that stopped the look."""
    return Unseen(what, action_of(error), words_of(error))
