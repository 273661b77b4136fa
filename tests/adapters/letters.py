"""A queue of letters that hides what it has handed out."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Letters:
    """By receipts, as SQS does."""

    bodies: list[str] = field(default_factory=list)
    in_hand: dict[str, str] = field(default_factory=dict)
    handed: int = 0

    def waiting(self) -> int:
        return len(self.bodies) + len(self.in_hand)

    def some(self) -> list[tuple[str, str]]:
        found, self.bodies = self.bodies[:10], self.bodies[10:]
        handed = [(f"receipt {self.handed + n}", body) for n, body in enumerate(found)]
        self.handed += len(found)
        self.in_hand |= dict(handed)
        return handed

    def forget(self, receipt: str) -> None:
        del self.in_hand[receipt]
