"""What a person can put right: said in one line, with the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from cli.output import clean


class Problem(click.ClickException):
    """Raised when a command can't do what is asked; the message says why, and what to do."""

    def __init__(self, message: str) -> None:
        """What AWS, tags or another account say in it must not steer the terminal."""
        super().__init__("\n".join(map(clean, message.split("\n"))))


@contextmanager
def one_line() -> Iterator[None]:
    """Turn what AWS refuses inside into a Problem. Any other exception is a defect, and shows."""
    from autopilot.aws.errors import AwsError

    try:
        yield
    except AwsError as error:
        raise Problem(said(error)) from error


def said(error: Exception) -> str:
    """A named error of AWS's, with what to do."""
    from autopilot.aws.errors import (
        AccessDenied,
        ServiceUnavailable,
        Throttled,
        action_of,
        words_of,
    )

    match error:
        case AccessDenied():
            return (
                f"Your credentials lack the permission {action_of(error)}: have it granted, or use"
                f" others (--profile). AWS's words: {words_of(error)}"
            )
        case Throttled():
            return f"AWS asks for fewer calls: try again in a minute. AWS's words: {error}"
        case ServiceUnavailable():
            return f"AWS didn't answer: check the network and the Region, try again. {error}"
        case _:
            return f"AWS refused: {error}"
