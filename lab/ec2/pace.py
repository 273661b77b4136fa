"""How long AWS takes for what goes on by itself: no time to speak of, or as long as on AWS."""

from __future__ import annotations

from typing import Literal

from . import chance

Takes = Literal[
    "gateway endpoint made",
    "gateway endpoint changed",
    "gateway endpoint gone",
    "interface endpoint made",  # accepted ones too
    "interface endpoint changed",
    "interface endpoint gone",
    "interfaces linger",  # after their endpoint is gone
    "gone endpoint listed",
    "gone connection listed",
    "block changed",  # of a VPC: associated or taken away
    "balancer made",
    "balancer zone",  # until an endpoint service can have it
    "service ready",  # until endpoints can ask for it
    "private name checked",
]
Pace = Literal["quick", "aws"]
PACES: tuple[Pace, ...] = ("quick", "aws")

#: Seconds, from and to, as AWS is seen to take; each time drawn anew. BEHAVIOURS.md, "Pace", says
#: how each is known.
AWS: dict[Takes, tuple[float, float]] = {
    "gateway endpoint made": (1, 10),
    "gateway endpoint changed": (1, 10),
    "gateway endpoint gone": (2, 20),
    "interface endpoint made": (60, 180),
    "interface endpoint changed": (20, 120),
    "interface endpoint gone": (60, 420),
    "interfaces linger": (0, 60),
    "gone endpoint listed": (60, 600),
    "gone connection listed": (300, 900),
    "block changed": (1, 20),
    "balancer made": (120, 240),
    "balancer zone": (60, 240),
    "service ready": (30, 180),
    "private name checked": (30, 300),
}
#: Seconds by which describes trail the writes.
AWS_LAG = (1.0, 3.0)

#: The quick pace, where it isn't `settle_seconds`.
_QUICK: dict[Takes, float] = {
    "interfaces linger": 0.0,
    "gone endpoint listed": 2.0,
    "gone connection listed": 600.0,
    "balancer made": 0.0,
    "balancer zone": 0.0,
    "service ready": 0.0,
}


def seconds(pace: Pace, speed: float, settle: float, what: Takes) -> float:
    """How long `what` takes this time. `settle` is the world's `settle_seconds`."""
    if pace == "quick":
        return _QUICK.get(what, settle)
    return chance.between(f"pace/{what}", *AWS[what]) / speed


def lag(pace: Pace, speed: float) -> float:
    """How far describes trail the writes, in seconds."""
    return 0.0 if pace == "quick" else chance.between("pace/lag", *AWS_LAG) / speed
