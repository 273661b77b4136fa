"""The ledger for who only looks: read, never written, so that looking leaves no trace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from autopilot.notify.ledger import Key, Row, Rows, Write


@dataclass(frozen=True)
class Unwritten:
    """The rows of another ledger, which `read` gives by partition and prefix.

    A write is kept by nobody and answered as if it had been kept: so a look goes on as it does
    where it may write, and comes to the same plan.
    """

    read: Callable[[str, str], Sequence[Row]]

    def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
        """All rows under `pk` whose sort key begins with `prefix`. Raises what reading raises."""
        return self.read(pk, prefix)

    def write(self, writes: Sequence[Write]) -> Collection[Key]:  # noqa: ARG002 nobody keeps them
        """Keep nothing, refuse nothing."""
        return ()


def snapshot(partitions: Mapping[str, Sequence[Row]]) -> Rows:
    """The ledger of rows that were read before; {}: an empty one."""

    def read(pk: str, prefix: str) -> Sequence[Row]:
        return [row for row in partitions.get(pk, ()) if row.key.sk.startswith(prefix)]

    return Unwritten(read)


def unwritten(ledger: Rows | None) -> Rows:
    """Another ledger, not to be written; an empty one for None."""
    return Unwritten(ledger.rows) if ledger else snapshot({})
