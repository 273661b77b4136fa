"""Whom the hub's look tells, in process, and what Lambda tells its functions of a call."""

from __future__ import annotations

from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

from autopilot.aws.errors import AccessDenied
from autopilot.aws.outlets import Publishes
from autopilot.notify.render import Message

HERE = "arn:aws:lambda:eu-central-1:999999999999:function:Hub"


class Ops:
    """A topic; `fails`: how many publishes fail yet."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.fails = 0
        self.listening = True

    def listens(self) -> bool:
        return self.listening

    def heard_partly_by(self, _addresses: Collection[str]) -> Publishes:
        return self

    def publish(self, message: Message) -> None:
        if self.fails:
            self.fails -= 1
            raise AccessDenied("sns:Publish: no")
        self.sent.append(message)

    @property
    def subjects(self) -> list[str]:
        return [each.subject for each in self.sent]


def context(call: str) -> Any:
    return SimpleNamespace(
        function_name="f", memory_limit_in_mb=1, invoked_function_arn=HERE, aws_request_id=call
    )
