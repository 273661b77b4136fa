"""The pace of the demo's world: quick, or (`make demo WORLD=aws`) as slow as AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from lab.client import Lab


@dataclass(frozen=True)
class Pace:
    """`speed`: how many times as fast as on AWS things go, where `world` is "aws"."""

    world: str = "quick"
    speed: float = 1.0

    @property
    def patience(self) -> float:
        """For how many seconds an outcome is waited for: the slowest takes AWS a dozen minutes."""
        return 90.0 if self.world == "quick" else 90.0 + 1200.0 / self.speed

    @property
    def every(self) -> float:
        """After how many seconds it is looked at again."""
        return 0.5 if self.world == "quick" else max(0.5, 5.0 / self.speed)

    @property
    def env(self) -> dict[str, str]:
        """What makes a lab's state machines wait at this pace."""
        return {} if self.speed == 1 else {"SFN_WAIT_SCALE": str(1 / self.speed)}

    def set(self, lab: Lab) -> None:
        """Has the lab's EC2 go at this pace from now on."""
        lab.world({"world": self.world, "speed": self.speed})

    def __str__(self) -> str:
        """For whoever watches."""
        if self.world == "quick":
            return "things take no time to speak of; `make demo WORLD=aws` shows AWS's own pace"
        fast = "" if self.speed == 1 else f", {self.speed:g} times as fast"
        return f"endpoints, load balancers and services take minutes, as on AWS{fast}"


QUICK = Pace()


def chosen(env: Mapping[str, str] = os.environ) -> Pace:
    """What `WORLD` and `SPEED` ask for. Raises ValueError for a speed that is no number."""
    return Pace(env.get("WORLD") or "quick", float(env.get("SPEED") or 1))
