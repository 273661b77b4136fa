"""From one stack of the account to the next: earlier ledgers, and what is taken over from them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from autopilot.aws.clients import client
from autopilot.aws.errors import AccessDenied, AwsError, NotFound, aws_errors
from autopilot.aws.pages import call
from autopilot.connections.inherited import EVER, begun, copied_since, inherited
from autopilot.connections.remembered import CONNECTIONS
from autopilot.notify.ledger import Key, Row, Rows, Write
from autopilot.policy.tags import matches
from autopilot.reconcile import beside
from autopilot.reconcile.beside import SUCCESSION, Stack

logger = Logger()

_KEYS = ["pk", "sk"]
_MOST_GONE = 3
# Of so many ledgers it is asked whether their stacks stand; each deleted stack leaves one.
_MOST_ASKED = 30


def youngest_first(prefixes: str, own: str) -> Iterator[str]:
    """The names of all tables that begin so but one's own, the youngest first.

    `prefixes`: separated by spaces; a * stands for anything. Only tables with the ledger's own
    keys: another product's may happen to be called alike.
    """
    for table in _youngest(name for name in _named(prefixes) if name != own):
        yield table["TableName"]


def _named(prefixes: str) -> list[str]:
    if not prefixes:
        raise ValueError("without a prefix every table would be an earlier one")
    named = [f"{prefix}*" for prefix in prefixes.split()]
    return [name for name in _tables() if any(matches(name, each) for each in named)]


def _youngest(names: Iterable[str]) -> list[dict[str, Any]]:
    tables = [table for table in map(_described, names) if table]
    return sorted(tables, key=lambda each: each["CreationDateTime"], reverse=True)


def _tables() -> Iterator[str]:
    with aws_errors("dynamodb", "ListTables"):
        for page in client("dynamodb").get_paginator("list_tables").paginate():
            yield from page["TableNames"]


def _described(name: str) -> dict[str, Any] | None:
    """What AWS says of a ledger that can be read, None for others: somebody deletes it."""
    try:
        table: dict[str, Any] = call("dynamodb", "DescribeTable", TableName=name)["Table"]
    except NotFound:
        return None
    if [each["AttributeName"] for each in table["KeySchema"]] != _KEYS:
        return None
    return table if table["TableStatus"] in ("ACTIVE", "UPDATING") else None


# Seconds. The role is as new as the stack: what it is allowed is not known everywhere at once (IAM
# guide, "Changes that I make are not always immediately visible").
_PATIENCE = (5, 10, 20, 40)


def take_over(
    partition: str, to: Rows, earlier: Callable[[], Iterable[Rows]], pause: Callable[[float], None]
) -> None:
    """Copy a partition from the first of the earlier ledgers that has any of it.

    Each took over its predecessor's. It may be done twice; what is denied at first may be allowed
    in a moment. Raises AwsErrors.
    """
    for seconds in _PATIENCE:
        try:
            return _take_over(partition, to, earlier())
        except AccessDenied as error:
            logger.warning("denied so far", error=str(error))
            pause(seconds)
    return _take_over(partition, to, earlier())


def _take_over(partition: str, to: Rows, earlier: Iterable[Rows]) -> None:
    for ledger in earlier:
        if rows := ledger.rows(partition):
            there = to.write([Write(row.key, row, None) for row in rows])
            logger.info("memory recalled", rows=len(rows), there=len(there))
            return


def stacks_like(prefixes: str, own: str) -> list[Stack]:
    """All stacks whose ledgers' names begin so, the youngest first, and our own.

    A stack that was deleted and made again has several ledgers, of which the youngest is its own.
    A ledger that no stack has made, such as one restored from a backup, is like a gone stack's.
    Whether we stand ourselves isn't asked. Raises AwsErrors.
    """
    ids = {each.rstrip("-").rpartition("-")[2] for each in prefixes.split()}
    found: list[Stack] = []
    for table in _youngest(dict.fromkeys((*_named(prefixes), own))):
        ledger, made = table["TableName"], table["CreationDateTime"]
        # CloudFormation calls it by the stack, its id there, and letters that it makes up.
        name, id_, _ = ledger.rsplit("-", 2)
        known = ledger == own or any(each.name == name for each in found)
        asked = id_ in ids and not known and len(found) < _MOST_ASKED
        status = _status(name) if asked else ""
        found.append(Stack(name, ledger, made.astimezone(UTC).isoformat(), status))
    return found


def _status(stack: str) -> str:
    """CloudFormation's word on a stack, "" if there is none of that name.

    Of one that isn't there IAM asks for `stack/<name>/*` (refused first deployments: serverless
    #4845, #8509), which is allowed as that of one that is.
    """
    try:
        (found,) = call("cloudformation", "DescribeStacks", StackName=stack)["Stacks"]
    except AwsError as error:
        # It has no code of its own for it (API reference, DescribeStacks).
        if "does not exist" in str(error):
            return ""
        raise
    return str(found["StackStatus"])


@dataclass(frozen=True)
class Account:
    """The stacks of an account as a fleet's stack knows them: `own` is its ledger's name."""

    own: str
    stacks: Sequence[Stack]
    ledger: Callable[[str], Rows]
    now: datetime

    def begin(self) -> None:
        """Note since when we remember by ourselves, tell who stands that it is followed, note who
        stands, and take over all that any of them remembers.

        In this order: what they were in the middle of is copied within the hour. Raises AwsErrors.
        """
        ours = self.ledger(self.own)
        ours.write([begun(self.now)])
        for ledger in map(self.ledger, self._others(gone=0)):
            ledger.write([beside.successor(self.own, ledger.rows(SUCCESSION), self.now)])
        self._note(ours)
        self._copy(ours, lambda _: EVER)

    def look_about(self) -> None:
        """Copy what others have noted, then note which of them stand: who is to act again has to
        know first whom they let in. Raises AwsErrors; nothing is lost by repeating."""
        ours = self.ledger(self.own)
        known = ours.rows(SUCCESSION)
        self._copy(ours, lambda other: copied_since(known, other.rows(SUCCESSION), self.now))
        self._note(ours)
        ours.write(beside.over(known, self.stacks))

    def _others(self, gone: int) -> list[str]:
        """The ledgers of all that stand, and the youngest of so many that are gone."""
        others = [each for each in self.stacks if each.table != self.own]
        left = [each for each in others if not each.stands][:gone]
        return [each.table for each in others if each.stands or each in left]

    def _note(self, ours: Rows) -> None:
        rows = ours.rows(SUCCESSION)
        others = self._others(gone=0)
        aware = {n for n in others if beside.is_aware(self.ledger(n).rows(SUCCESSION), self.now)}
        seen = beside.beside(self.own, self.stacks, aware, beside.beside_in(rows), self.now)
        ours.write([beside.note(seen, rows, self.now)])
        if seen.others:
            logger.warning("not alone", others=[each.stack for each in seen.others])

    def _copy(self, ours: Rows, since: Callable[[Rows], datetime]) -> None:
        """The youngest first: what we have then is copied from an older one only where that has
        noted something later."""
        copied = 0
        for ledger in map(self.ledger, self._others(gone=_MOST_GONE)):
            known: dict[str, Row] = {row.key.sk: row for row in ours.rows(CONNECTIONS)}
            writes = inherited(ledger.rows(CONNECTIONS), known, since(ledger))
            refused: Collection[Key] = ours.write(writes)
            copied += len(writes) - len(refused)
        logger.info("copied from others", copied=copied)
