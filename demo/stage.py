"""What the chapters play on: accounts in a lab, what they watch and what their ops hear."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from demo import scenes
from demo.pace import QUICK, Pace
from demo.scenes import Look, Network
from demo.telling import progress, say
from lab.client import Lab

PROVIDER = "111111111111"
"""Its network is built, its service is asked for, its ops are told."""
CONSUMER = "222222222222"
"""Runs the autopilot too, under the same policy until it adds what its own service needs."""
STRANGER = "333333333333"
"""An account that nobody knows."""
T = TypeVar("T")
Message = dict[str, Any]


@dataclass
class Stage:
    """A lab, an account in it, and what its ops hear; `names` are tables' names by id.

    `unread` is mail that no chapter has asked for yet.
    """

    lab: Lab
    ops: Any
    ec2: Any
    pace: Pace = QUICK
    names: dict[str, str] = field(default_factory=dict)
    unread: list[Message] = field(default_factory=list)

    @classmethod
    def of(cls, lab: Lab, account: str, pace: Pace = QUICK) -> Stage:
        """An account's."""
        return cls(lab, lab.ops(account), lab.client("ec2", account), pace)

    def wait_for(self, read: Callable[[], T], good: Callable[[T], bool], what: str) -> T:
        """Read until `good`, with signs of life; the reading."""
        sys.stdout.write(f"   waiting: {what} ")
        started = time.monotonic()
        patience, every = self.pace.patience, self.pace.every
        reading = scenes.wait_until(
            read, good, what, seconds=patience, every=every, progress=progress
        )
        say(f" {time.monotonic() - started:.1f} s")
        return reading

    def await_look(self, network: Network, good: Callable[[Look], bool], what: str) -> Look:
        """Watch the VPC until `good`."""
        return self.wait_for(lambda: scenes.look(self.ec2, network.vpc_id), good, what)

    def await_told(self, *kinds: str, about: str) -> list[Message]:
        """Read ops' mail until there is one of each kind that mentions `about`; all of those."""

        def read() -> list[Message]:
            for message in self.ops.read():
                self.unread.extend(scenes.parts_of(message.body))
            return [m for m in self.unread if m.get("kind") in kinds and about in json.dumps(m)]

        def all_of_them(found: list[Message]) -> bool:
            return {mail["kind"] for mail in found} == set(kinds)

        found = self.wait_for(read, all_of_them, f"mail for ops ({', '.join(kinds)})")
        self.unread = [mail for mail in self.unread if mail not in found]
        return found

    def sweep_connections(self) -> str:
        """Look at all connections, as the schedule does; how the execution ended."""
        states = self.lab.client("stepfunctions", PROVIDER)
        arn = states.start_execution(
            stateMachineArn=self.lab.outputs(PROVIDER)["ConnectionsWorkflowArn"],
            input=json.dumps({"trigger": "sweep"}),
        )["executionArn"]
        ended = self.wait_for(
            lambda: states.describe_execution(executionArn=arn),
            lambda execution: bool(execution["status"] != "RUNNING"),
            "a sweep looks at every connection",
        )
        return str(ended["status"])
