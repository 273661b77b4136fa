"""The hub: where it is, what its table holds, and what it asks of spokes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from autopilot.aws import clients
from autopilot.aws.errors import aws_errors
from autopilot.aws.ledger import Ledger
from autopilot.fleet.asking import Told
from autopilot.fleet.heard import SPOKES, Heard, heard_of
from autopilot.fleet.wire import Held, OpenFinding, Spoke
from autopilot.notify.ledger import FINDINGS, Row
from autopilot.notify.notice import URGENCY
from autopilot.reconcile.codec import decode

from cli.options import STACK, Asked
from cli.problem import Problem
from cli.session import Here

HUB = "EndpointAutopilotHub"
_SILENT_AFTER = 3 * 3600
# A spoke's own answer may take two minutes, asked for twice.
_PATIENCE = 320


@dataclass(frozen=True)
class Hub:
    """The hub's stack in the operator's account and Region."""

    here: Here

    @property
    def table(self) -> Ledger:
        """What it has heard."""
        return Ledger(self.here.output("HubTableName"))

    @property
    def release(self) -> str:
        """What its spokes should run, "" for not known."""
        return self.here.outputs.get("RunningRelease", "")

    @property
    def silent_after_seconds(self) -> int:
        """How long a spoke may be silent."""
        minutes = self.here.outputs.get("SilentAfterMinutes", "")
        return int(minutes) * 60 if minutes.isdecimal() else _SILENT_AFTER

    def spokes(self, account: str = "") -> list[Heard]:
        """All spokes as they spoke last, or those of an account. Raises Problem, AwsErrors."""
        rows = self.table.rows(SPOKES, f"{account}/") if account else _all(self.table)
        return [heard_of(row) for row in rows]

    def findings(self, account: str = "") -> list[OpenFinding]:
        """What the hub itself found, of an account or of all, the most urgent first."""
        rows = self.table.rows(FINDINGS)
        found = [_finding(row) for row in rows if account in str(row.body["subject"])]
        return sorted(found, key=lambda each: (_urgency(each), each.since, each.id))

    def ask(self, spoke: Spoke, what: str, payload: Mapping[str, Any]) -> Told:
        """What the spoke answers. Raises Problem if nobody could be asked, AwsErrors."""
        given = {"spoke": str(spoke), "ask": what, "payload": payload}
        asked = clients.make("lambda", patience=_PATIENCE)
        with aws_errors("lambda", "Invoke"):
            answered = asked.invoke(
                FunctionName=self.here.output("HubAskFunctionName"),
                Payload=json.dumps(given).encode(),
            )
            document = json.loads(answered["Payload"].read() or "{}")
        if answered.get("FunctionError"):
            raise Problem(f"The hub couldn't ask: {document.get('errorMessage', document)}.")
        return decode(Told, document)

    def name(self) -> str:
        """Who the operator is: the session's or the user's name."""
        return self.here.caller.rpartition("/")[2] or self.here.caller


def _finding(row: Row) -> OpenFinding:
    kind, subject = str(row.body["kind"]), str(row.body["subject"])
    severity, since = str(row.body["severity"]), str(row.body["first_seen"])
    return OpenFinding(row.key.sk, kind, severity, f"{kind}: {subject}", since)


def _urgency(each: OpenFinding) -> int:
    return URGENCY.index(each.severity) if each.severity in URGENCY else len(URGENCY)


def connect(asked: Asked) -> Hub:
    """The hub. Raises Problem where there is none, AwsErrors."""
    here = replace(asked, stack=HUB if asked.stack == STACK else asked.stack).connect()
    if not here.outputs:
        us = here.us
        raise Problem(
            f"There is no hub (stack {us.owner}) in account {us.account}, {us.region}: --fleet"
            " takes credentials of the hub's account and its Region, which fleet.yaml names;"
            " choose them with --profile and --region."
        )
    return Hub(here)


def _all(table: Ledger) -> Iterable[Row]:
    """Side by side: a page is a megabyte, and a large fleet has several."""
    with ThreadPoolExecutor(10) as pool:
        found = pool.map(partial(table.rows, SPOKES), "0123456789")
        return [row for rows in found for row in rows]


def held(hub: Hub, endpoint_id: str, account: str, region: str) -> tuple[Spoke, Held]:
    """The request of an endpoint, and in which spoke it waits. Raises Problem, AwsErrors."""
    from autopilot.fleet.standing import unnamed, waiting

    known = [each for each in hub.spokes(account) if region in ("", each.spoke.region)]
    found = [each for each in waiting(known) if each.held.endpoint_id == endpoint_id]
    if len(found) == 1:
        return found[0].spoke, found[0].held
    if found:
        where = ", ".join(str(each.spoke) for each in found)
        raise Problem(f"{endpoint_id} waits in {where}: name one with --account or --in.")
    more = ", ".join(map(str, unnamed(known)))
    unseen = f" Not all that waits is known of {more}: answer there." if more else ""
    raise Problem(
        f"No request of {endpoint_id} waits, as far as the hub has heard. ./autopilot --fleet"
        f" requests lists those that do.{unseen}"
    )
