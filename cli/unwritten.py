"""The ledger as commands know it: nothing is written to it, a look from here leaves no trace."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autopilot.notify.ledger import Key, Row, Rows, Write


class ReadOnly:
    """The rows of another ledger, none for None. A write is refused by nobody, kept by nobody."""

    def __init__(self, ledger: Rows | None) -> None:
        self._ledger = ledger

    def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
        """All rows under `pk` whose sort key begins with `prefix`. Raises what reading raises."""
        return self._ledger.rows(pk, prefix) if self._ledger else ()

    def write(self, writes: Sequence[Write]) -> Collection[Key]:  # noqa: ARG002 nobody keeps them
        """Keep nothing; () as if all of them had been written."""
        return ()


NOTHING: Rows = ReadOnly(None)
"""The ledger where nothing is deployed."""
